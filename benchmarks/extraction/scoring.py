"""Figure F1 and pair F1 of rows of figures against a truth drawn by hand or by the typesetter.

A figure is found where a row of the same file and page has a box that overlaps it by IoU >= 0.7. Its text is
right where the row's title, caption and description hold each of its printed texts and none of another
figure's, and are not far longer than its own. A figure without a printed text is right once it is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from rapidfuzz import fuzz

Box = tuple[float, float, float, float]

_IOU = 0.7
_LIKE = 90.0
# Of a text that was cut off, so much has to be there before it can count as held.
_PRESENT = 0.9
# Words shorter than this stand in other figures' texts by chance.
_TELLING = 6
# A pair may hold so many times its own text and a little more; beyond that it swallowed the page.
_TIMES, _SLACK = 2.5, 150
_COLUMNS = ("document", "page", "figure_bbox", "title", "caption", "description")
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class TrueFigure:
    """A figure of the truth, its box in points from the top left, and its texts as printed."""

    page: int
    box: Box
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrueBook:
    """`pages` are those that are labelled, None where all are."""

    stem: str
    figures: tuple[TrueFigure, ...]
    pages: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class FoundFigure:
    """A figure of a release or of a peer, with all of its words."""

    document: str
    page: int
    box: Box | None
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """How many figures there are, how many were found, and how many of those with the right text."""

    figures: int = 0
    found: int = 0
    extra: int = 0
    right: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.figures + other.figures,
            self.found + other.found,
            self.extra + other.extra,
            self.right + other.right,
        )

    @property
    def figure_f1(self) -> float:
        """Harmonic mean of precision and recall of boxes, 0–1."""
        return self._f1(self.found)

    @property
    def pair_f1(self) -> float:
        """The same, counting only figures whose text is right too."""
        return self._f1(self.right)

    def _f1(self, hits: int) -> float:
        return 2 * hits / max(1, self.figures + self.found + self.extra)


def read_truth(path: Path) -> list[TrueBook]:
    """Reads gt.json: rows `{pdf, page, bbox or null, texts}`, where a row with null marks a labelled page."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    books = []
    for name in sorted({row["pdf"] for row in rows}):
        own = [row for row in rows if row["pdf"] == name]
        figures = tuple(
            TrueFigure(row["page"], tuple(row["bbox"]), tuple(row["texts"])) for row in own if row["bbox"]
        )
        pages = frozenset(row["page"] for row in own) if len(figures) < len(own) else None
        books.append(TrueBook(Path(name).stem, figures, pages))
    return books


def read_found(folder: Path) -> list[FoundFigure]:
    """Reads all Parquet files below `folder`; details cut out of another row's figure are left out."""
    found = []
    for path in sorted(folder.rglob("*.parquet")):
        names = set(pq.read_schema(path).names)
        columns = [name for name in (*_COLUMNS, "parent_pair_id") if name in names]
        for row in pq.read_table(path, columns=columns).to_pylist():
            if not row.get("parent_pair_id"):
                text = " ".join(row.get(name) or "" for name in _COLUMNS[3:])
                box = row["figure_bbox"]
                found.append(
                    FoundFigure(Path(row["document"]).stem, row["page"], tuple(box) if box else None, text)
                )
    return found


def score_books(books: Iterable[TrueBook], found: Sequence[FoundFigure]) -> Score:
    """The sum over all books."""
    total = Score()
    for book in books:
        total += score_book(book, [f for f in found if f.document == book.stem])
    return total


def score_book(book: TrueBook, found: Sequence[FoundFigure]) -> Score:
    """Figures in the order of the truth take the free row that overlaps them most."""
    rows = [f for f in found if book.pages is None or f.page in book.pages]
    texts = {text for figure in book.figures for text in figure.texts}
    taken: set[int] = set()
    right = 0
    for figure in book.figures:
        free = [
            (measure_iou(figure.box, row.box), i)
            for i, row in enumerate(rows)
            if row.page == figure.page and i not in taken
        ]
        overlap, best = max(free, default=(0.0, -1))
        if overlap < _IOU:
            continue
        taken.add(best)
        right += is_right(strip_text(rows[best].text), figure.texts, texts)
    return Score(len(book.figures), len(taken), len(rows) - len(taken), right)


def is_right(text: str, own: Sequence[str], of_book: Iterable[str]) -> bool:
    """Whether a stripped text holds all of `own`, no other text of the book, and not much besides."""
    if not own:
        return True
    if any(_likeness(text, t) < _LIKE for t in own):
        return False
    if len(text) > _TIMES * sum(len(strip_text(t)) for t in own) + _SLACK:
        return False
    return not any(_is_foreign(text, t, own) for t in of_book if t not in own)


def strip_text(text: str) -> str:
    """Letters and digits only: how spaces and punctuation are set is no mistake."""
    return _NOISE.sub("", text)


def measure_iou(one: Box, other: Box | None) -> float:
    """Intersection over union, 0–1; 0 for no box."""
    if not other:
        return 0.0
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_measure_area(one) + _measure_area(other) - shared)


def _measure_area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _likeness(text: str, part: str) -> float:
    """How well `text` holds `part`, 0–100."""
    wanted = strip_text(part)
    return fuzz.partial_ratio(wanted, text) if len(text) >= _PRESENT * len(wanted) else 0.0


def _is_foreign(text: str, part: str, own: Sequence[str]) -> bool:
    """Whether another figure's words are held; of two texts that resemble each other, the better match is."""
    wanted = strip_text(part)
    if not _TELLING <= len(wanted) <= len(text) or _likeness(text, part) < _LIKE:
        return False
    for mine in own:
        stripped = strip_text(mine)
        if wanted in stripped:
            return False
        if _likeness(stripped, part) >= _LIKE and _likeness(text, mine) > _likeness(text, part):
            return False
    return True
