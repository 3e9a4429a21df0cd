"""How a build grows with its pages: speed, memory, store, manifest, and what one changed book costs.

    python -m benchmarks.scale [--pages N ...] [--books N] [--workers N] [--folder DIR]

For each number of pages, BOOKS books of like size are typeset (benchmarks/scale/books.py) and built as a
user does. Then the build is run again with nothing changed, and again with one book drawn anew. At the end
one page is built in a fresh place, twice: the second is how soon the first page is there on a warm machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.scale.books import DESIGNS, SERIES, write_book
from benchmarks.scale.running import Run, build, measure_folder
from flows.console import say

_CHANGED = 1_000_000


@dataclass(frozen=True, slots=True)
class Growth:
    """The builds of one number of pages, and what they left: `store` and `release` are (bytes, files),
    `manifest` bytes."""

    pages: int
    books: int
    first: Run
    again: Run
    changed: Run
    store: tuple[int, int]
    release: tuple[int, int]
    manifest: int


def main() -> None:
    """Typesets, builds, reports."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Growth of a build.")
    parser.add_argument("--pages", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--books", type=int, default=100)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, help="keeps books and releases, some 1 MB a page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="culti-scale-") as scratch:
        folder = options.folder or Path(scratch)
        grown = []
        for pages in options.pages:
            grown.append(measure(folder / str(pages), pages, options.books, options.workers))
            say(json.dumps(asdict(grown[-1])))
        warm = start_warm(folder / "warm")
    report(grown, warm)


def measure(folder: Path, pages: int, books: int, workers: int) -> Growth:
    """Three builds of so many pages."""
    shutil.rmtree(folder, ignore_errors=True)
    sources = write_books(folder, pages, books, workers)
    release = folder / "release"
    first = build(sources, release, workers)
    again = build(sources, release, workers)
    write_book(folder / "book-0001.pdf", _CHANGED, -(-pages // books), DESIGNS[0])
    changed = build(sources, release, workers)
    store = measure_folder(folder / "release.work" / "store")
    manifest = (release / "manifest.json").stat().st_size
    return Growth(pages, books, first, again, changed, store, measure_folder(release), manifest)


def write_books(folder: Path, pages: int, books: int, processes: int) -> Path:
    """The books, their pages shared out evenly, and a sources file of them."""
    folder.mkdir(parents=True)
    text = 'name = "scale"\n'
    with ProcessPoolExecutor(processes) as pool:
        pending = []
        for number in range(1, books + 1):
            design = DESIGNS[(number - 1) % len(DESIGNS)]
            share = pages * number // books - pages * (number - 1) // books
            pending.append(pool.submit(write_book, folder / _name(number), number, share, design))
            text += f'[[book]]\nfile = "{_name(number)}"\nseries = "{SERIES[design]}"\n'
        for done in pending:
            done.result()
    sources = folder / "sources.toml"
    sources.write_text(text, encoding="utf-8")
    return sources


def _name(number: int) -> str:
    return f"book-{number:04d}.pdf"


def start_warm(folder: Path) -> float:
    """Seconds from the call of a build until its first page is read, where all files are in the cache."""
    first = None
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        first = build(write_books(folder, 1, 1, 1), folder / "release", 1).first_page
    return float("nan") if first is None else first


def report(grown: list[Growth], warm: float) -> None:
    """The tables."""
    say("\n| pages | books | seconds | pages/s | processor, ms a page | main, MiB | worker, MiB |")
    say("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for g in grown:
        say(
            f"| {g.pages} | {g.books} | {g.first.seconds:.0f} | {g.pages / g.first.seconds:.2f} "
            f"| {1000 * g.first.processor / g.pages:.0f} | {g.first.main / 2**20:.0f} "
            f"| {g.first.worker / 2**20:.0f} |"
        )
    say("\n| pages | store, KB a page | files a page | release, KB a page | manifest, bytes a book |")
    say("| ---: | ---: | ---: | ---: | ---: |")
    for g in grown:
        say(
            f"| {g.pages} | {g.store[0] / g.pages / 1000:.0f} | {g.store[1] / g.pages:.2f} "
            f"| {g.release[0] / g.pages / 1000:.0f} | {g.manifest / g.books:.0f} |"
        )
    say("\n| pages | share of a book, s | again, s | one book changed, s | beyond | ÷ share | processor |")
    say("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for g in grown:
        beyond, share = g.changed.seconds - g.again.seconds, g.first.seconds / g.books
        processor = g.changed.processor - g.again.processor
        say(
            f"| {g.pages} | {share:.1f} | {g.again.seconds:.1f} | {g.changed.seconds:.1f} | {beyond:.1f} "
            f"| {beyond / share:.2f} | {processor / (g.first.processor / g.books):.2f} |"
        )
    say(f"\nFirst page, warm: {warm:.1f} s.")


if __name__ == "__main__":
    main()
