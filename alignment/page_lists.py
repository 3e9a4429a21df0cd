"""Lists of captions by page (P13 …, 第13页 …) for pictures that fill their pages without a word.

A page's printed number differs from its place in the file by as much as on the pages that have one printed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alignment.layout import PageLayout
from alignment.marks import read_mark
from alignment.matches import Match
from alignment.places import find_page_number
from alignment.reading_order import order_pictures
from alignment.regions import Block, make_block

MIN_ITEMS, MIN_FOLIOS = 3, 2
RULE, SCORE, COST = "caption:page-list", 0.85, 1.0
_FOLIO = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class _Item:
    """A caption with the number of the page that it is for."""

    number: int
    block: Block


def match_page_lists(layouts: Sequence[PageLayout], matches: Sequence[list[Match]]) -> list[list[Match]]:
    """The matches, pictures without a caption with the item that names their page: where a page has as many
    of these as the list has items for it, in their order."""
    items = [item for layout in layouts for item in _list_items(layout)]
    shift = find_shift(layouts)
    if len(items) < MIN_ITEMS or shift is None:
        return list(matches)
    by_page: dict[int, list[Block]] = defaultdict(list)
    for item in items:
        by_page[item.number - shift].append(item.block)
    return [
        _take_items(page, by_page[layout.page.number]) if layout.page.number in by_page else page
        for layout, page in zip(layouts, matches, strict=True)
    ]


def _list_items(layout: PageLayout) -> list[_Item]:
    """The items of a page's list; each goes on to the next, or to where its text ends."""
    found: list[_Item] = []
    for block in layout.blocks:
        starts = [k for k, line in enumerate(block.lines) if _read_page(line.text) is not None]
        for start, end in pairwise([*starts, len(block.lines)]):
            lines = block.lines[start:end]
            number = _read_page(lines[0].text)
            if number is not None:
                found.append(_Item(number, make_block(block.page, lines)))
    return found


def _read_page(text: str) -> int | None:
    mark = read_mark(text)
    return find_page_number(mark.label) if mark and mark.style == "page" else None


def find_shift(layouts: Sequence[PageLayout]) -> int | None:
    """By how much printed page numbers are greater than those in the file."""
    shifts: Counter[int] = Counter()
    for layout in layouts:
        for block in layout.with_role("folio"):
            if found := _FOLIO.search(block.text):
                shifts[int(found[0]) - layout.page.number] += 1
    usual = shifts.most_common(1)
    return usual[0][0] if usual and usual[0][1] >= MIN_FOLIOS else None


def _take_items(page: list[Match], blocks: Sequence[Block]) -> list[Match]:
    free = order_pictures([(m.box, m) for m in page if m.block is None])
    if len(free) != len(blocks):
        return page
    given: Mapping[int, Block] = {id(m): block for m, block in zip(free, blocks, strict=True)}
    return [
        replace(m, block=given[id(m)], score=SCORE, rule=RULE, cost=COST) if id(m) in given else m
        for m in page
    ]
