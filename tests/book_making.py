"""Small illustrated books, and the command run on them as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pymupdf
from pdf_making import FONT, encode, make_photo

BODY = "此件织物地色沉着，花纹以浅色线勾边，枝叶相连，布局匀称，为同类中少见的一例。"


def write_book(path: Path, pages: int = 3, seed: int = 0, **options) -> Path:
    """A book with one captioned picture on each page."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=400, height=560)
        page.insert_text((50, 60), f"第{number}节　纹样", fontname=FONT, fontsize=15)
        photo = encode(make_photo(240, 180, seed=100 * seed + number), quality=85)
        page.insert_image(pymupdf.Rect(80, 100, 320, 280), stream=photo)
        page.insert_text(
            (120, 300),
            f"图{number}　缠枝莲纹锦之{'甲乙丙丁戊己庚辛壬癸'[number % 10]}",
            fontname=FONT,
            fontsize=9,
        )
        for row in range(6):
            page.insert_text((50, 350 + 16 * row), BODY[5 * row % 9 :], fontname=FONT, fontsize=10)
        page.insert_text((195, 545), str(number), fontname=FONT, fontsize=8)
    document.save(path, **options)
    document.close()
    return path


def write_sources(folder: Path, *books: str, extra: str = "") -> Path:
    """Two books and their sources file, or a sources file for `books`."""
    if not books:
        write_book(folder / "甲.pdf", 3, 1)
        write_book(folder / "乙.pdf", 2, 2)
        books = ("甲.pdf", "乙.pdf")
    text = 'name = "样书"\nversion = "0.9.1"\n' + extra
    for book in books:
        file = json.dumps(book, ensure_ascii=False)
        text += f'\n[[book]]\nfile = {file}\nseries = "silk"\nrights = "CC0-1.0"\n'
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run_culti(
    *arguments, timeout: float = 900, cwd: Path | None = None, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; `path` goes before all that it imports from."""
    return subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=cwd,
        env=make_environment(path),
    )


def start_culti(*arguments) -> subprocess.Popen[str]:
    """The command in a process group of its own, to be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=make_environment(),
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """As the system kills: no one is asked."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)


def make_environment(path: Path | None = None) -> dict[str, str]:
    root = str(Path(__file__).parent.parent)
    places = os.pathsep.join([str(path), root]) if path else root
    return {**os.environ, "PYTHONPATH": places, "PYTHONHASHSEED": "random"}


def read_report(work: Path) -> dict:
    return json.loads((work / "build_report.json").read_text(encoding="utf-8"))


def list_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
