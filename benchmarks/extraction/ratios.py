"""`python -m benchmarks.extraction.ratios --envs DIR`: speeds and memory that are wanted, and what is had.

All on sample books, typeset for it. CPU seconds on one core, but for the gain of a second process, which is
wall-clock time and means something only on a machine with two cores that does nothing else.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args

from benchmarks.extraction.contestants import CONTESTANTS, CULTI, Contestant, Pages
from benchmarks.extraction.trials import Subject, Trial, examine, run_trial
from samples.books import Series, write_volume
from samples.scan import scan_volume

ROUNDS = 3
SHORT, LONG = 50, 500
SCANNED_ENTRIES = 3
UNTONED = Contestant("culti, tones apart", "culti_untoned")
# Books of about one and a half pages an entry; more entries than are needed.
LONG_ENTRIES = 400
# Enough to share out evenly.
JOBS = 4


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was measured, and what is wanted: at least, or with `is_most` at most."""

    name: str
    value: float
    wanted: float
    is_most: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it is as wanted."""
        return self.value <= self.wanted if self.is_most else self.value >= self.wanted

    def __str__(self) -> str:
        sign, verdict = "≤" if self.is_most else "≥", "yes" if self.is_met else "no"
        return f"| {self.name} | {self.value:.2f} | {sign} {self.wanted:.2f} | {verdict} |"


def main() -> int:
    """Prints the table, row by row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction.ratios", description=__doc__)
    parser.add_argument("--envs", type=Path, required=True, help="where the peers' environments are kept")
    parser.add_argument("--entries", type=int, default=24, help="of each sample book")
    parser.add_argument("--only", choices=("speed", "scans", "processes", "memory"))
    options = parser.parse_args()
    sys.stdout.write("| ratio | measured | wanted | met |\n| --- | ---: | ---: | --- |\n")
    with tempfile.TemporaryDirectory() as scratch:
        for ratio in _measure(options, Path(scratch)):
            sys.stdout.write(f"{ratio}\n")
            sys.stdout.flush()
    return 0


def _measure(options: argparse.Namespace, folder: Path) -> Iterator[Ratio]:
    parts = (options.only,) if options.only else ("speed", "scans", "processes", "memory")
    printed = _typeset(folder, options.entries) if {"speed", "processes"} & set(parts) else []
    scanned = _scan(folder) if {"scans", "processes"} & set(parts) else []
    if "speed" in parts:
        yield from compare_speeds(printed, options.envs)
    if "scans" in parts:
        yield from compare_scans(scanned, options.envs)
    if "processes" in parts:
        yield Ratio("two processes ÷ one, born-digital", measure_gain(printed[0]), 1.8)
        yield Ratio("two processes ÷ one, scanned", measure_gain(scanned[0]), 1.6)
    if "memory" in parts:
        yield compare_memory(folder, options.envs)


def compare_speeds(books: list[Subject], envs: Path) -> Iterator[Ratio]:
    """Pages with a text layer, each series for itself and all together."""
    for name, group in [*((b.series, [b]) for b in books), ("all three", books)]:
        contestants = (CULTI, UNTONED, _find("to_chunks"), _find("bare_text"))
        ours, untoned, chunks, bare = (_try(c, group, "born-digital", envs) for c in contestants)
        yield Ratio(f"{name}: pages ÷ those of `to_chunks()`", _per_page(chunks) / _per_page(ours), 5.0)
        yield Ratio(f"{name}: CPU time ÷ that of bare reading", _per_page(ours) / _per_page(bare), 3.0, True)
        share = _per_page(untoned) / _per_page(bare)
        yield Ratio(f"{name}: the same, pixels (the tones of pictures) apart", share, 3.0, True)


def compare_scans(books: list[Subject], envs: Path) -> Iterator[Ratio]:
    """Scanned pages, each series for itself and all together; both read in turn, the best of each counts."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for book in books:
            trials = (_try(c, [book], "scan", envs) for c in (CULTI, _find("bare_ocr")))
            ours, bare = (_per_page(trial) * len(book.heights) for trial in trials)
            least = best.get(book.series, (ours, bare))
            best[book.series] = min(least[0], ours), min(least[1], bare)
    for series, (ours, bare) in best.items():
        yield Ratio(f"{series}, scanned: CPU time ÷ that of OCR alone", ours / bare, 1.15, True)
    total = [sum(part) for part in zip(*best.values(), strict=True)]
    yield Ratio("scans of all three: CPU time ÷ that of OCR alone", total[0] / total[1], 1.15, True)


def measure_gain(book: Subject) -> float:
    """Wall-clock seconds with one process ÷ with two, in turn; the best of each."""
    alone, pair = [], []
    for _ in range(ROUNDS):
        alone.append(_time_pool(1, book))
        pair.append(_time_pool(2, book))
    return min(alone) / min(pair)


def compare_memory(folder: Path, envs: Path) -> Ratio:
    """Peaks of a long book and a short one of the same make."""
    path = folder / "long.pdf"
    write_volume(path, seed=301, series="silk", entries=LONG_ENTRIES, front_matter=False)
    book = examine(path, "silk")
    short, long = (run_trial(CULTI, [_cut(book, pages)], envs, once=True) for pages in (SHORT, LONG))
    return Ratio(f"peak memory of {LONG} pages ÷ of {SHORT}", _peak(long) / _peak(short), 1.3, True)


def _cut(book: Subject, pages: int) -> Subject:
    """The first pages of a book: trials read as many as there are heights."""
    if len(book.heights) < pages:
        raise ValueError(f"the sample book has only {len(book.heights)} pages")
    return replace(book, heights=book.heights[:pages])


def _peak(trial: Trial) -> int:
    if not trial.peak:
        raise RuntimeError(f"no peak memory: {trial.problem or 'no /proc here'}")
    return trial.peak


def _per_page(trial: Trial) -> float:
    if not trial.pages:
        raise RuntimeError(f"{trial.contestant.name}: {trial.problem}")
    return trial.cpu / trial.pages


def _try(contestant: Contestant, books: list[Subject], pages: Pages, envs: Path) -> Trial:
    return run_trial(replace(contestant, pages=pages), books, envs)


def _find(module: str) -> Contestant:
    return next(c for c in CONTESTANTS if c.module == module)


def _typeset(folder: Path, entries: int) -> list[Subject]:
    """A volume of each series."""
    books = []
    for number, series in enumerate(get_args(Series), 201):
        path = folder / f"{series}.pdf"
        write_volume(path, seed=number, series=series, entries=entries)
        books.append(examine(path, series))
    return books


def _scan(folder: Path) -> list[Subject]:
    """A scanned volume of each series."""
    subjects = []
    for series in get_args(Series):
        source, path = folder / f"{series}-plain.pdf", folder / f"{series}-scan.pdf"
        truth = write_volume(source, seed=211, series=series, entries=SCANNED_ENTRIES, front_matter=False)
        scan_volume(source, path, seed=211, truth=truth)
        subjects.append(examine(path, series))
    return subjects


# More processes than one


def _time_pool(workers: int, book: Subject) -> float:
    """Seconds until a book is read and aligned several times over; starting the workers is left out."""
    os.environ["OMP_NUM_THREADS"] = "1"
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=_read_first, initargs=(book,)) as pool:
        list(pool.map(time.sleep, [0.5] * workers))
        started = time.perf_counter()
        list(pool.map(_read_book, [book] * JOBS))
        return time.perf_counter() - started


def _read_first(book: Subject) -> None:
    """Loads what reading needs."""
    _read_book(replace(book, heights=book.heights[:1]))


def _read_book(book: Subject) -> int:
    from alignment.pairing import align_book
    from extractors.reader import ReadSettings, open_document, read_pages

    numbers = range(1, len(book.heights) + 1)
    pages = list(read_pages(book.path, open_document(book.path), numbers, ReadSettings()))
    return len(align_book(pages, cast(Series, book.series)).pairs)


if __name__ == "__main__":
    sys.exit(main())
