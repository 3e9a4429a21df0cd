"""How much of the print on scanned pages is read wrongly: character error rates, rows and columns apart.

    python -m benchmarks.recognition [--seeds N …] [--confusions N]

Sample books are typeset, scanned and read by the whole path (page → OCR → lines). The truth is the text layer
of the same page before it was scanned; lines are matched by where they stand. Of both, nothing but white is
left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from rapidfuzz.distance import Levenshtein

from extractors.geometry import area, intersection
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Direction, Page, TextLine
from flows.console import say
from samples.books import Series, write_volume
from samples.layouts.registry import CASES
from samples.scan import scan_volume

# Of the smaller of two lines, the share that makes them the same print.
_SAME_PRINT = 0.5
# Pages of text, pages of pictures, columns beside plates; entries are so few that all take some minutes.
VOLUMES: tuple[tuple[Series, int, str | tuple[str, ...]], ...] = (
    ("silk", 3, ("shared", "own", "long")),
    ("dunhuang", 3, ("foot", "vertical")),
    ("dunhuang", 6, "vertical"),
    ("other", 4, "mixed"),
)
LAYOUTS = ("vertical", "traditional")
WIDTHS = str.maketrans(
    {"，": ",", "：": ":", "；": ";", "（": "(", "）": ")", "！": "!", "？": "?", "．": "."}
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Print that belongs together: what it says and what was read of it, without white."""

    direction: Direction
    truth: str
    read: str

    def count_edits(self) -> int:
        """Characters to be put in, taken out or changed."""
        return Levenshtein.distance(self.truth, self.read)


@dataclass(frozen=True, slots=True)
class Tally:
    """Characters in print, edits, edits but for the width of punctuation, characters of unread passages."""

    passages: int
    characters: int
    edits: int
    edits_folded: int
    missed: int


def match_lines(truth: Sequence[TextLine], read: Sequence[TextLine]) -> Iterator[Passage]:
    """Groups lines that cover one another: a reading may split a line or join two.

    Readings where nothing is printed are passages without truth, counted as errors.
    """
    groups: list[tuple[list[TextLine], list[TextLine]]] = [([line], []) for line in truth]
    for line in read:
        met = [g for g in groups if any(_is_same_print(line, other) for other in (*g[0], *g[1]))]
        groups = [g for g in groups if not any(g is m for m in met)]
        groups.append(([t for m in met for t in m[0]], [r for m in met for r in m[1]] + [line]))
    for printed, seen in groups:
        direction = _tell_direction(printed or seen)
        yield Passage(direction, _join(printed, direction), _join(seen, direction))


def _is_same_print(a: TextLine, b: TextLine) -> bool:
    least = min(area(a.box), area(b.box))
    return area(intersection(a.box, b.box)) > _SAME_PRINT * least


def _tell_direction(lines: Sequence[TextLine]) -> Direction:
    return "vertical" if any(line.direction == "vertical" for line in lines) else "horizontal"


def _join(lines: Iterable[TextLine], direction: Direction) -> str:
    """In reading order, without white: rows from the top, columns from the right."""
    if direction == "vertical":
        ordered = sorted(lines, key=lambda t: (-round(t.box[2] / max(t.size, 1)), t.box[1]))
    else:
        ordered = sorted(lines, key=lambda t: (round(t.box[3] / max(t.size, 1)), t.box[0]))
    return "".join("".join(line.text.split()) for line in ordered)


def tally(passages: Sequence[Passage]) -> Tally:
    """Sums over passages."""
    folded = [Passage(p.direction, p.truth.translate(WIDTHS), p.read.translate(WIDTHS)) for p in passages]
    return Tally(
        sum(bool(p.truth) for p in passages),
        sum(len(p.truth) for p in passages),
        sum(p.count_edits() for p in passages),
        sum(p.count_edits() for p in folded),
        sum(len(p.truth) for p in passages if not p.read),
    )


def list_confusions(passages: Iterable[Passage]) -> Counter[tuple[str, str]]:
    """How often what was printed was read as what; one of the two is empty where it was lost or invented."""
    found: Counter[tuple[str, str]] = Counter()
    for p in passages:
        for step in Levenshtein.opcodes(p.truth, p.read):
            if step.tag != "equal":
                part = p.truth[step.src_start : step.src_end], p.read[step.dest_start : step.dest_end]
                found[part] += 1
    return found


def read_book(path: Path) -> list[Page]:
    """Every page, as a build reads it."""
    info = open_document(path)
    return list(read_pages(path, info, range(1, info.page_count + 1), ReadSettings()))


def typeset(folder: Path, seed: int) -> Iterator[tuple[str, Path, Path]]:
    """Name, book and scan of each volume."""
    for number, (series, entries, layout) in enumerate(VOLUMES):
        name = f"{series}-{number}-{seed}"
        plain, scan = folder / f"{name}.pdf", folder / f"{name}-scan.pdf"
        truth = write_volume(
            plain, seed=seed, series=series, entries=entries, layout=layout, front_matter=False
        )
        scan_volume(plain, scan, seed=seed, truth=truth)
        yield name, plain, scan
    for layout in LAYOUTS:
        name = f"{layout}-{seed}"
        plain, scan = folder / f"{name}.pdf", folder / f"{name}-scan.pdf"
        scan_volume(plain, scan, seed=seed, truth=CASES[layout].write(plain, seed))
        yield name, plain, scan


def compare(plain: Path, scan: Path) -> tuple[list[Passage], int]:
    """The passages of a book, and how many pages of it were read by OCR."""
    passages: list[Passage] = []
    pages = 0
    for printed, read in zip(read_book(plain), read_book(scan), strict=True):
        pages += read.source == "scan"
        passages += match_lines(
            [t for t in printed.lines if t.text.strip()], [t for t in read.lines if t.text.strip()]
        )
    return passages, pages


def write_row(name: str, passages: Sequence[Passage]) -> str:
    """A row of the table."""
    sums = tally(passages)
    whole = max(1, sums.characters)
    return (
        f"| {name} | {sums.passages} | {sums.characters} | {sums.edits / whole:.2%} "
        f"| {sums.edits_folded / whole:.2%} | {sums.missed / whole:.2%} |"
    )


def main() -> None:
    """The table, on the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[401, 402, 403])
    parser.add_argument("--confusions", type=int, default=0, help="list so many of the commonest")
    call = parser.parse_args()
    passages: list[Passage] = []
    pages, started = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        for seed in call.seeds:
            for _, plain, scan in typeset(Path(place), seed):
                found, by_ocr = compare(plain, scan)
                passages += found
                pages += by_ocr
    say(f"{pages} scanned pages, {time.perf_counter() - started:.0f} s in all\n")
    say("| text | lines | characters | error rate | but for width of punctuation | of it in unread lines |")
    say("| --- | ---: | ---: | ---: | ---: | ---: |")
    for direction in ("horizontal", "vertical"):
        chosen = [p for p in passages if p.direction == direction]
        say(write_row(direction, chosen))
        for (truth, read), n in list_confusions(chosen).most_common(call.confusions):
            say(f"    {n} × {truth or '∅'} → {read or '∅'}")


if __name__ == "__main__":
    main()
