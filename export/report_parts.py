"""What the report shows, chosen within a budget of bytes: pairs, pages, and what was dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from export.info import BookReport, DroppedItem
from export.plan import Plan
from export.rows import Row

# Bytes in base64 of a thumbnail of a painting at quality 70, by the square of its longest side in pixels.
_URI_BYTES_PER_PIXEL = 0.22
_CARD_TEXT_BYTES = 1_500
_SIZES_PX = (240, 160, 112)
_FOLDERS = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][^/\\\s:;,'\"，。；：]+)+[/\\](?=\S)")


class Budget:
    """Bytes that are left to be shown."""

    def __init__(self, limit: float) -> None:
        self.left = limit

    def take(self, html: Markup) -> bool:
        """Whether `html` still fits; if so it is paid for."""
        size = len(html.encode())
        if size > self.left:
            return False
        self.left -= size
        return True


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some pairs of a book, in order, as HTML."""

    label: str
    html: Markup


@dataclass(frozen=True, slots=True)
class BookPart:
    """What one section shows of one book: of `total` things, `shown`. `hidden`: rights forbid its pixels."""

    title: str
    total: int
    shown: int
    hidden: bool
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class DroppedGroup:
    """All that was dropped for one reason."""

    reason: str
    what: str
    count: int
    examples: tuple[str, ...]


def choose_size(pairs: int, budget: float) -> int:
    """The largest thumbnail, in pixels, at which all pairs would fit; else the smallest."""
    for size in _SIZES_PX:
        if pairs * (size * size * _URI_BYTES_PER_PIXEL + _CARD_TEXT_BYTES) <= budget:
            return size
    return _SIZES_PX[-1]


def fill_book(
    title: str,
    total: int,
    rows: Iterable[Row],
    draw: Callable[[Row], Markup],
    budget: Budget,
    hidden: bool,
    chunk_size: int = 60,
) -> BookPart:
    """The pairs of one book, `total` in all, from the first on, as far as the budget reaches."""
    shown: list[Markup] = []
    pages: list[int | None] = []
    for row in rows:
        card = draw(row)
        if not budget.take(card):
            break
        shown.append(card)
        pages.append(row.page)
    chunks = []
    for start in range(0, len(shown), chunk_size):
        end = min(start + chunk_size, len(shown))
        label = f"{start + 1}–{end}"
        if pages[start] and pages[end - 1]:
            label += f", pages {pages[start]}–{pages[end - 1]}"
        chunks.append(Chunk(label, Markup("").join(shown[start:end])))
    return BookPart(title, total, len(shown), hidden, tuple(chunks))


def find_lowest(rows: Sequence[Row], plan: Plan, table: pd.DataFrame, count: int) -> list[Row]:
    """The pairs with text that the machine was least sure of, worst first; unreviewed ones only. `table` is
    that of `export.counts.tabulate_rows`."""
    scores = table["score"].astype(float).fillna(0.0)
    open_pairs = scores[table["with_text"].astype(bool) & table["review_status"].eq("unreviewed")]
    return [rows[plan.kept[n]] for n in open_pairs.sort_values(kind="stable").index[:count]]


def spread(items: Sequence[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """At most `count` of the items, evenly over all of them."""
    if len(items) <= count:
        return list(items)
    step = len(items) / count
    return [items[int(n * step)] for n in range(count)]


def add_up_books(books: Sequence[BookReport]) -> dict[str, int]:
    """How many books and pages there are in all, and how many of them failed."""
    return {
        "books": len(books),
        "failed": sum(b.status == "failed" for b in books),
        "partly": sum(b.status == "partly" for b in books),
        "pages": sum(b.pages for b in books),
        "pages_failed": sum(b.pages_failed for b in books),
        "pages_scanned": sum(b.pages_scanned for b in books),
    }


def group_dropped(items: Iterable[DroppedItem], examples: int = 8) -> list[DroppedGroup]:
    """By what was dropped and why, most first."""
    counts: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], dict[str, list[str]]] = {}
    for item in items:
        key = (item.dropped.reason, item.dropped.what)
        counts[key] += 1
        pages = places.setdefault(key, {}).setdefault(item.document, [])
        place = item.where or (str(item.dropped.page) if item.dropped.page else "")
        if place and place not in pages and len(pages) < examples:
            pages.append(place)
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return [DroppedGroup(*key, counts[key], _name_places(places[key])) for key in ordered]


def _name_places(places: Mapping[str, Sequence[str]], books: int = 5) -> tuple[str, ...]:
    named = [f"{book} {_join(found)}" if found else book for book, found in places.items()]
    return (*named[:books], *([f"{len(named) - books} more"] if len(named) > books else []))


def _join(places: Sequence[str]) -> str:
    """Numbers are those of pages; other places say what they are."""
    return ("p. " if places[0].isdecimal() else "") + ", ".join(places)


def hide_folders(message: str) -> str:
    """A message with the folders of file names left out: a release tells nothing of the machine."""
    return _FOLDERS.sub("", message)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
