"""How right released texts and kinds are: error rate of `description`, precision and recall of each field,
accuracy of `kind` and what its score is worth.

    python -m benchmarks.text [--seeds N …] [--wrong] [--damaged]

Sample books are typeset, born-digital and scanned, and taken the whole way from page to pair. The typesetter
knows what it printed, figure by figure. Figures that were not found count as texts that were not read.

Kinds are judged in three groups: all books as what they are; albums read as books of silk, whose figures
stand outside of catalogue entries; and, where asked for, silk on pages damaged as confidence is tested on.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from alignment.pairing import align_book
from benchmarks.confidence.damage import Rates, damage_pages
from benchmarks.text.kinds import (
    KindVerdict,
    judge_kinds,
    list_calibration,
    list_confusion,
    measure_accuracy,
)
from benchmarks.text.scoring import Judged, match_figures, tally_description, tally_fields
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Page
from flows.console import say
from samples.books import Series, write_volume
from samples.layouts.registry import CASES
from samples.scan import scan_volume
from samples.truth import Row

# (series, entries, layout) of each volume; scanned ones have few pages, for OCR takes seconds a page.
PRINTED: tuple[tuple[Series, int, str | tuple[str, ...]], ...] = (
    ("silk", 24, "mixed"),
    ("dunhuang", 24, "back"),
    ("dunhuang", 16, "beside"),
    ("other", 20, "mixed"),
)
SCANNED: tuple[tuple[Series, int, str | tuple[str, ...]], ...] = (
    ("silk", 5, ("shared", "own", "long", "single", "facing")),
    ("dunhuang", 6, ("foot", "vertical", "note")),
    ("other", 10, "mixed"),
)
GALLERY = ("lines", "facing", "notes_digits", "notes_words", "notes_short", "notes_mixed")
SCANNED_GALLERY = ("lines", "notes_digits")


def typeset(folder: Path, seed: int, *, scanned: bool) -> Iterator[tuple[Path, Series, list[Row]]]:
    """Path, series and truth of each book."""
    for number, (series, entries, layout) in enumerate(SCANNED if scanned else PRINTED):
        path = folder / f"{series}-{number}-{seed}-{scanned}.pdf"
        rows = write_volume(
            path,
            seed=seed + number,
            series=series,
            entries=entries,
            layout=layout,
            front_matter=not scanned,
        )
        yield _scan(path, series, rows, seed) if scanned else (path, series, rows)
    for name in SCANNED_GALLERY if scanned else GALLERY:
        case = CASES[name]
        path = folder / f"{name}-{seed}-{scanned}.pdf"
        rows = case.write(path, seed)
        yield _scan(path, case.series, rows, seed) if scanned else (path, case.series, rows)


def _scan(path: Path, series: Series, rows: list[Row], seed: int) -> tuple[Path, Series, list[Row]]:
    scan = path.with_stem(f"{path.stem}-scan")
    return scan, series, scan_volume(path, scan, seed=seed, truth=rows)


def judge_book(path: Path, series: Series, rows: list[Row]) -> list[Judged]:
    """The figures of a book whose fields are known, each with its pair."""
    return match_figures(rows, align_book(read_book(path), series).pairs)


def read_book(path: Path) -> list[Page]:
    """All pages of a book."""
    info = open_document(path)
    return list(read_pages(path, info, range(1, info.page_count + 1), ReadSettings()))


AS_THEY_ARE, LOOSE, DAMAGED = "as they are", "albums as books of silk", "silk, pages damaged"


def judge_book_kinds(
    pages: list[Page], series: Series, rows: list[Row], seed: int, *, damaged: bool
) -> Mapping[str, list[KindVerdict]]:
    """Verdicts on the kinds of a book's figures, by group."""
    found = {AS_THEY_ARE: judge_kinds(rows, align_book(pages, series).pairs, series)}
    if series == "other":
        found[LOOSE] = judge_kinds(rows, align_book(pages, "silk").pairs, "silk")
    if series == "silk" and damaged:
        worse = damage_pages(pages, random.Random(seed), Rates())
        found[DAMAGED] = judge_kinds(rows, align_book(worse, series).pairs, series)
    return found


def print_kinds(group: str, verdicts: Sequence[KindVerdict]) -> None:
    """Accuracy, and two tables in Markdown."""
    say(f"\nkinds, {group}: {measure_accuracy(verdicts):.3f} right of the {len(verdicts)} figures\n")
    for table in (list_confusion(verdicts), list_calibration(verdicts)):
        for line in table:
            say(line)
        say("")


def print_tables(name: str, judged: list[Judged], *, wrong: bool) -> None:
    """Two tables in Markdown, and where wanted what differs."""
    say(f"\n{name}: {len(judged)} figures whose texts are known\n")
    say("| figures of | descriptions | characters | error rate | exactly right |")
    say("| --- | ---: | ---: | ---: | ---: |")
    for series in (*sorted({j.series for j in judged}), "all"):
        sums = tally_description([j for j in judged if series in (j.series, "all")])
        rate, exact = f"{sums.edits / max(1, sums.characters):.2%}", f"{sums.exact} of {sums.texts}"
        say(f"| {series} | {sums.texts} | {sums.characters} | {rate} | {exact} |")
    say("\n| field | printed | read | right | precision | recall | F1 |")
    say("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for field, tally in tally_fields(judged).items():
        told = (f"{value:.3f}" for value in (tally.precision, tally.recall, tally.f1))
        say(f"| {field} | {tally.printed} | {tally.read} | {tally.right} | {' | '.join(told)} |")
    for one in judged if wrong else ():
        for line in one.differences():
            say(f"    {line}")


def main() -> None:
    """Both kinds of books, on the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[501, 502])
    parser.add_argument("--wrong", action="store_true", help="list what differs from what was printed")
    parser.add_argument("--damaged", action="store_true", help="kinds on damaged pages too")
    parser.add_argument("--only", choices=("born-digital", "scanned"), help="one kind of books")
    call = parser.parse_args()
    for name in ("born-digital", "scanned"):
        if call.only not in (None, name):
            continue
        started = time.perf_counter()
        judged: list[Judged] = []
        kinds: dict[str, list[KindVerdict]] = {}
        with tempfile.TemporaryDirectory() as place:
            for seed in call.seeds:
                for path, series, rows in typeset(Path(place), seed, scanned=name == "scanned"):
                    pages = read_book(path)
                    judged += match_figures(rows, align_book(pages, series).pairs)
                    found = judge_book_kinds(pages, series, rows, seed, damaged=call.damaged)
                    for group, verdicts in found.items():
                        kinds.setdefault(group, []).extend(verdicts)
        print_tables(name, judged, wrong=call.wrong)
        for group, verdicts in kinds.items():
            print_kinds(group, verdicts)
        say(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
