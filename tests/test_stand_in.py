"""Each reader stands in where the other fails, and one is enough: all runs without PyMuPDF."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from book_making import make_environment, run_culti, write_book
from pdf_making import PLAIN_LINES, make_plain_page, save

from alignment.pairing import align_book
from extractors.pixels import cut_figures
from extractors.reader import ReadSettings, open_document, read_pages, render_page
from extractors.records import Cut, FigureImage


def spoil(path: Path, old: bytes, new: bytes) -> Path:
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new.ljust(len(old))))
    return path


@pytest.mark.parametrize(
    ("old", "new", "chosen", "other"),
    [
        # A book that says it has no pages: MuPDF believes it.
        (b"/Count 1", b"/Count 0", "pymupdf", "pdfplumber"),
        # A page without any size: MuPDF and PDFium take another, pdfminer does not.
        (b"/MediaBox[0 0 400 600]", b"/MediaBox[0 0 0 0]", "pdfplumber", "pymupdf"),
    ],
)
def test_the_other_reader_stands_in_for_a_page(tmp_path, old, new, chosen, other):
    document, _ = make_plain_page()
    path = spoil(save(document, tmp_path), old, new)
    info = open_document(path, "", chosen)
    (page,) = read_pages(path, info, [1], ReadSettings(reader=chosen))
    assert page.reader == other and not page.error
    assert [line.text for line in page.lines] == PLAIN_LINES and len(page.pictures) == 1
    (note,) = [d for d in page.dropped if d.what == "page"]
    assert note.reason.startswith(f"{chosen} failed on it") and note.reason.endswith(f"{other} read it")
    box = page.pictures[0].box
    (figure,) = cut_figures(path, [Cut(1, box, (box,), "born-digital", reader=page.reader)], tmp_path)
    assert isinstance(figure, FigureImage) and figure.origin == "embedded"
    assert render_page(path, 1, 72, reader=page.reader).std() > 10


def test_a_book_that_the_chosen_reader_cannot_open_is_read_by_the_other(tmp_path):
    document, _ = make_plain_page()
    path = spoil(save(document, tmp_path), b"startxref", b"startxxxx")
    info = open_document(path, "", "pdfplumber")
    (page,) = read_pages(path, info, [1], ReadSettings(reader="pdfplumber"))
    assert page.reader == "pymupdf" and len(page.lines) == 3


# Without PyMuPDF

# Python runs a module of this name when it starts, in the command and in each of its workers.
_WITHOUT = """\
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pymupdf", "fitz"):
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> Path:
    """A folder which, put before all others, makes PyMuPDF uninstalled."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "sitecustomize.py").write_text(_WITHOUT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import pymupdf"],
        capture_output=True,
        text=True,
        check=False,
        env=make_environment(folder),
    )
    assert "No module named 'pymupdf'" in done.stderr
    return folder


def read_rows(release: Path) -> list[dict]:
    frames = [pd.read_parquet(file) for file in sorted((release / "data").glob("*.parquet"))]
    return pd.concat(frames).sort_values("page").to_dict("records")


def test_a_release_is_built_without_pymupdf(tmp_path, without):
    book = write_book(tmp_path / "book.pdf", 3)
    call = ("build", book, "--series", "silk", "--workers", "1", "--reader", "pdfplumber")
    done = run_culti(*call, "--out", tmp_path / "free", path=without)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = read_rows(tmp_path / "free")
    pages = list(read_pages(book, open_document(book), [1, 2, 3], ReadSettings()))
    expected = align_book(pages, "silk").pairs
    cuts = [Cut(p.page, p.box, p.parts, p.page_source) for p in expected]
    assert len(rows) == len(expected) == 3
    for row, pair, image in zip(rows, expected, cut_figures(book, cuts, tmp_path), strict=True):
        assert (row["title"], row["caption"], row["description"]) == (
            (pair.title, pair.caption, pair.description)
        )
        assert (row["pair_id"], row["origin"]) == (pair.pair_id, "embedded")
        assert isinstance(image, FigureImage) and row["image_sha256"] == image.sha256
        assert list(row["figure_bbox"]) == pytest.approx(list(pair.box), abs=1)
    assert len(list((tmp_path / "free.work" / "overlays").rglob("*.png"))) == 3


def test_a_reader_that_is_not_installed_is_named(tmp_path, without):
    book = write_book(tmp_path / "book.pdf", 1)
    for command in ("build", "inspect"):
        done = run_culti(command, book, "--out", tmp_path / "out", path=without)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "pip install pymupdf" in line and "--reader pdfplumber" in line
    done = run_culti("inspect", book, "--out", tmp_path / "seen", "--reader", "pdfplumber", path=without)
    assert done.returncode == 0 and (tmp_path / "seen" / "p0001.png").exists(), done.stderr
    done = run_culti("init", book, "--out", tmp_path / "sources.toml", path=without)
    assert done.returncode == 0 and "1 pages" in (tmp_path / "sources.toml").read_text(encoding="utf-8")
    assert run_culti("doctor", path=without).returncode == 0
    done = run_culti("demo", "--out", tmp_path / "demo", path=without)
    assert done.returncode == 2 and "pip install pymupdf" in done.stderr
