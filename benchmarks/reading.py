"""How fast pages are read on one process, beside the bare libraries on the same pages in the same session.

    python benchmarks/reading.py [PDF …]

Without arguments, sample books are typeset in a temporary folder. The limit of a born-digital book is MuPDF's
own text and list of images; that of a scan is the bare OCR engine on the drawn page. Each measure has a
process of its own, starts when libraries and models are loaded, and is the best of several rounds in turn.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

ROUNDS = 3
MOST_PAGES = 40
SCAN_DPI = 200


@dataclass(frozen=True, slots=True)
class Measure:
    """`seconds` for all pages, and the most memory that the process ever held, in bytes."""

    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Result:
    """One book, read by culti and by the bare library."""

    name: str
    pages: int
    scanned: bool
    read: Measure
    limit: Measure


def read_with_culti(path: Path, numbers: list[int]) -> int:
    """All pages as the build reads them; how many of them were scanned."""
    from extractors.reader import ReadSettings, open_document, read_pages

    settings = ReadSettings(scan_dpi=SCAN_DPI)
    return sum(page.source == "scan" for page in read_pages(path, open_document(path), numbers, settings))


def read_bare_text(path: Path, numbers: list[int]) -> int:
    """What MuPDF says of text and images, and no more."""
    import pymupdf

    with pymupdf.open(path) as document:
        for number in numbers:
            page = document[number - 1]
            page.get_text("rawdict")
            page.get_image_info()
    return 0


def read_bare_ocr(path: Path, numbers: list[int]) -> int:
    """Every page drawn and given to the OCR engine as it is."""
    from extractors.ocr import load_engine
    from extractors.reader import render_page

    engine = load_engine()
    return sum(len(engine.read_lines(render_page(path, number, SCAN_DPI))) for number in numbers)


def take_time(work: Callable[[Path, list[int]], int], path: Path, numbers: list[int]) -> tuple[Measure, int]:
    """Runs in a process of its own. All is read once before, so that everything it needs is loaded."""
    work(path, numbers)
    started = time.perf_counter()
    answer = work(path, numbers)
    seconds = time.perf_counter() - started
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Measure(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit), answer


def measure_apart(
    work: Callable[[Path, list[int]], int], path: Path, numbers: list[int]
) -> tuple[Measure, int]:
    """`take_time` in a fresh process."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(take_time, work, path, numbers).result()


def measure_book(path: Path) -> Result:
    """The best of all rounds, each way to read in turn, so that a busy machine is busy for both."""
    from extractors.reader import open_document

    numbers = list(range(1, min(open_document(path).page_count, MOST_PAGES) + 1))
    first, scans = measure_apart(read_with_culti, path, numbers)
    scanned = 2 * scans > len(numbers)
    bare = read_bare_ocr if scanned else read_bare_text
    reads, limits = [first], [measure_apart(bare, path, numbers)[0]]
    for _ in range(ROUNDS - 1):
        reads.append(measure_apart(read_with_culti, path, numbers)[0])
        limits.append(measure_apart(bare, path, numbers)[0])
    return Result(path.name, len(numbers), scanned, choose_best(reads), choose_best(limits))


def choose_best(measures: list[Measure]) -> Measure:
    """The shortest time, and the largest memory."""
    return Measure(min(m.seconds for m in measures), max(m.peak for m in measures))


def typeset_samples(folder: Path) -> Iterator[Path]:
    """A silk volume, a mural volume and a scan of three silk entries."""
    from samples.books import write_volume
    from samples.scan import scan_volume

    silk, murals, plain = folder / "silk.pdf", folder / "murals.pdf", folder / "plain.pdf"
    write_volume(silk, seed=101, series="silk", entries=20)
    yield silk
    write_volume(murals, seed=102, series="dunhuang", entries=30)
    yield murals
    truth = write_volume(plain, seed=103, series="silk", entries=3, front_matter=False)
    scan_volume(plain, folder / "scan.pdf", seed=103, truth=truth)
    yield folder / "scan.pdf"


def format_result(result: Result) -> str:
    """One row of a Markdown table."""
    read, limit = result.pages / result.read.seconds, result.pages / result.limit.seconds
    against = "OCR engine alone" if result.scanned else "MuPDF alone"
    return (
        f"| {result.name} | {result.pages} | {read:.2f} | {limit:.2f} ({against}) | {limit / read:.2f} "
        f"| {result.read.peak / 2**20:.0f} | {result.limit.peak / 2**20:.0f} |"
    )


def main() -> None:
    """Prints the table, row by row."""
    from flows.console import say

    say("| book | pages | pages/s | limit, pages/s | time ÷ limit | peak, MiB | limit's peak, MiB |")
    say("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for path in map(Path, sys.argv[1:]) if sys.argv[1:] else typeset_samples(Path(folder)):
            say(format_result(measure_book(path)))


if __name__ == "__main__":
    main()
