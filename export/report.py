"""report.html: one file that shows a release, for people: counts, books, what is left out, pairs, pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import pandas as pd
from markupsafe import Markup

from export.counts import count_values, cross_table, summarise
from export.info import BookReport, may_show
from export.leakage import Shown
from export.outlines import draw_outline
from export.pages import load_templates
from export.report_matter import ReportMatter
from export.report_parts import (
    BookPart,
    Budget,
    Chunk,
    add_up_books,
    choose_size,
    fill_book,
    find_lowest,
    group_dropped,
    hide_folders,
    shorten,
    spread,
)
from export.rows import Row
from export.thumbnails import Thumbnails
from extractors.errors import CultiError
from extractors.whole_files import replace_file

REPORT = "report.html"
# A release's report has at most 30 MB. What is budgeted stays below that by the tables around it.
REPORT_BYTES = 30_000_000
_TABLES_BYTES = 2_000_000
_TABLES = ("series", "kind", "origin", "review_status", "rights", "refinement")
_LOWEST = 48
_LOWEST_SHARE, _NEAREST_SHARE, _PAGES_SHARE = 0.15, 0.05, 0.35
_PAGE_PX = 700
_TILE_PX = 160
_PAGE_BYTES = 120_000
# Of a larger release so many pairs are shown in all: no one looks through more, and each costs a thumbnail.
_MOST_PAIRS = 1_500
_MOST_OUTLINES = 400


def write_report(path: Path, matter: ReportMatter, full_report: Path | None = None) -> None:
    """Writes the release's report, which obeys the books' rights, and where asked for the full one."""
    thumbnails = Thumbnails()
    _write(path, compose_report(matter, thumbnails))
    if full_report is not None:
        try:
            with replace_file(full_report) as part:
                _write(part, compose_report(matter, thumbnails, show_all=True))
        except OSError as error:
            raise CultiError(f"{full_report} cannot be written ({error.strerror or error})") from error


def _write(path: Path, html: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(html)


def render_report(
    matter: ReportMatter, thumbnails: Thumbnails, *, show_all: bool = False, limit: int = REPORT_BYTES
) -> str:
    """The whole of `compose_report`."""
    return "".join(compose_report(matter, thumbnails, show_all=show_all, limit=limit))


def compose_report(
    matter: ReportMatter, thumbnails: Thumbnails, *, show_all: bool = False, limit: int = REPORT_BYTES
) -> Iterator[str]:
    """The page as HTML, piece by piece, of at most `limit` bytes in all, as long as the tables alone have no
    more than 2 MB.

    Without `show_all`, books whose rights forbid redistribution appear without pixels: their pages as
    outlines, their pairs as text; and messages name no folder.
    """
    return _Composer(matter, thumbnails, show_all, _leave_tables(limit)).compose()


def list_shown_pages(matter: ReportMatter) -> tuple[list[tuple[str, int]], set[tuple[str, int]]]:
    """The pages (document_sha256, page) of which the release's report may show an overlay, in order, and
    those of which it does."""
    hidden = {s.sha256 for s in matter.info.sources if not may_show(s.rights)}
    return _choose_pages(matter, hidden, Budget(_PAGES_SHARE * _leave_tables(REPORT_BYTES)))


def _leave_tables(limit: int) -> int:
    return limit - min(_TABLES_BYTES, limit // 4)


def _choose_pages(
    matter: ReportMatter, hidden: set[str], budget: Budget
) -> tuple[list[tuple[str, int]], set[tuple[str, int]]]:
    order = {sha256: n for n, sha256 in enumerate(matter.titles)}
    overlays = sorted(matter.build.overlays, key=lambda k: (order.get(k[0], len(order)), k))
    open_pages = [key for key in overlays if key[0] not in hidden]
    return open_pages, set(spread(open_pages, max(1, int(budget.left / _PAGE_BYTES))))


class _Composer:
    def __init__(self, matter: ReportMatter, thumbnails: Thumbnails, show_all: bool, limit: int) -> None:
        self._matter = matter
        self._thumbnails = thumbnails
        self._show_all = show_all
        self._limit = limit
        environment = load_templates()
        environment.filters["shorten"] = shorten
        name = "import_report.html.j2" if matter.info.imported else "report.html.j2"
        self._template = environment.get_template(name)
        parts: Any = environment.get_template("report_parts.html.j2").module
        self._draw_pair = parts.pair_card
        self._draw_page = parts.page_card
        self._draw_tile, self._draw_two = parts.tile, parts.two

    def compose(self) -> Iterator[str]:
        matter, table = self._matter, self._matter.table
        # What was imported has no scores and no pages.
        lowest = [] if matter.info.imported else self._lowest(Budget(_LOWEST_SHARE * self._limit))
        nearest = self._nearest(Budget(_NEAREST_SHARE * self._limit))
        pages = self._pages(Budget(_PAGES_SHARE * self._limit))
        used = sum(len(h.encode()) for h in (*lowest, *nearest)) + sum(
            len(c.html.encode()) for part in pages for c in part.chunks
        )
        return self._template.generate(
            info=matter.info,
            show_all=self._show_all,
            counts=summarise(table),
            tables=_describe_counts(table),
            rules=_describe_rules(table),
            books=[self._describe_book(b) for b in matter.build.books],
            totals=add_up_books(matter.build.books),
            decisions=matter.build.decisions,
            dropped=group_dropped(matter.build.dropped),
            dropped_total=len(matter.build.dropped),
            leakage=matter.leakage,
            nearest=nearest,
            lowest=lowest,
            pages=pages,
            pairs=self._pairs(self._limit - used),
            hidden=[
                b.source.title or b.source.name
                for b in matter.build.books
                if b.figures and self._is_hidden(b.source.rights)
            ],
        )

    def _is_hidden(self, rights: str) -> bool:
        return not self._show_all and not may_show(rights)

    def _card(self, row: Row, size: int, text_limit: int, with_raw: bool) -> Markup:
        hidden = self._is_hidden(row.rights)
        image = "" if hidden else self._thumbnails.get(row.image_file, size)
        split = self._matter.plan.place(row)[0]
        return Markup(self._draw_pair(row, split, image, hidden, text_limit, with_raw))

    def _nearest(self, budget: Budget) -> list[Markup]:
        cards = (
            Markup(self._draw_two(pair, *(self._tile(shown) for shown in pair.shown)))
            for pair in self._matter.leakage.nearest
        )
        return [card for card in cards if budget.take(card)]

    def _tile(self, shown: Shown) -> Markup:
        hidden = self._is_hidden(shown.rights)
        image = "" if hidden else self._thumbnails.get(shown.image_file, _TILE_PX)
        return Markup(self._draw_tile(shown, image, hidden))

    def _lowest(self, budget: Budget) -> list[Markup]:
        rows = find_lowest(self._matter.rows, self._matter.plan, self._matter.table, _LOWEST)
        cards = (self._card(row, 240, 900, True) for row in rows)
        return [card for card in cards if budget.take(card)]

    def _pairs(self, limit: float) -> Iterator[BookPart]:
        """Each book gets a share of the bytes and pairs by its number of rows; what it leaves goes to the
        next. They are made one by one, as the page is written."""
        rows_left, budget_left, pairs_left = len(self._matter.table), limit, _MOST_PAIRS
        size = choose_size(rows_left, limit)
        for key, lines in self._matter.books():
            budget = Budget(granted := budget_left * len(lines) / rows_left)
            most = math.ceil(pairs_left * len(lines) / rows_left)
            first = next(self._matter.read_rows(lines.index))
            part = fill_book(
                self._matter.titles.get(key) or first.document,
                len(lines),
                self._matter.read_rows(lines.index[:most]),
                lambda r: self._card(r, size, 400, False),
                budget,
                self._is_hidden(first.rights),
            )
            yield part
            budget_left -= granted - budget.left
            pairs_left -= part.shown
            rows_left -= len(lines)

    def _pages(self, budget: Budget) -> list[BookPart]:
        """Overlays, evenly over all pages that have one; outlines for books whose pixels stay hidden."""
        hidden = {s.sha256 for s in self._matter.info.sources if self._is_hidden(s.rights)}
        open_pages, chosen = _choose_pages(self._matter, hidden, budget)
        parts = []
        for sha256, keys in groupby(open_pages, key=lambda k: k[0]):
            listed = list(keys)
            cards = [self._overlay(key) for key in listed if key in chosen]
            parts.append(self._book_pages(sha256, cards, len(listed), budget, hidden=False))
        outlined = [(key, lines) for key, lines in self._matter.books() if key in hidden]
        parts += [self._outline_book(key, lines, budget, len(outlined)) for key, lines in outlined]
        return sorted(parts, key=self._place)

    def _place(self, part: BookPart) -> int:
        titles = list(self._matter.titles.values())
        return titles.index(part.title) if part.title in titles else len(titles)

    def _overlay(self, key: tuple[str, int]) -> Markup:
        image = self._thumbnails.get(self._matter.build.overlays[key], _PAGE_PX)
        return Markup(self._draw_page(key[1], image, ""))

    def _outline_book(self, key: str, lines: pd.DataFrame, budget: Budget, books: int) -> BookPart:
        pages = lines.groupby("page", sort=False).groups
        chosen = spread([(key, cast(int, page)) for page in pages], max(1, _MOST_OUTLINES // books))
        cards = [self._outline(page, pages[page]) for _, page in chosen]
        return self._book_pages(key, cards, len(pages), budget, hidden=True)

    def _outline(self, page: int, lines: Iterable[int]) -> Markup:
        return Markup(self._draw_page(page, "", draw_outline(page, list(self._matter.read_rows(lines)))))

    def _book_pages(
        self, key: str, cards: Sequence[Markup], total: int, budget: Budget, hidden: bool
    ) -> BookPart:
        shown = [card for card in cards if budget.take(card)]
        title = self._matter.titles.get(key, "")
        return BookPart(title, total, len(shown), hidden, (Chunk("", Markup("").join(shown)),))

    def _describe_book(self, book: BookReport) -> tuple[BookReport, str, tuple[str, ...]]:
        """The book, its error and its notes, as this report may tell them."""
        if self._show_all:
            return book, book.error, book.notes
        return book, hide_folders(book.error), tuple(hide_folders(n) for n in book.notes)


def _describe_counts(table: pd.DataFrame) -> list[tuple[str, list[tuple[str, list[int]]]]]:
    """(column, its cross table); after series and kind only where there is more than one value to tell."""
    crossed = [(name, cross_table(table, name)) for name in _TABLES]
    return [(name, lines) for name, lines in crossed if len(lines) > 1 or (lines and name in _TABLES[:2])]


def _describe_rules(table: pd.DataFrame) -> list[tuple[str, int, float]]:
    """(rule, rows, share of all rows 0–1), most first."""
    return [(rule, n, n / len(table)) for rule, n in count_values(table, "pair_rule").items()]
