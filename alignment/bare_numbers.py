"""Plates at which no more than a number is printed: a list of plates or their notes say what they show.

A number alone may be a folio, a scale or a part of the picture. It is a plate's where others of the book have
theirs too and most of them are told elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from alignment.layout import PageLayout
from alignment.marks import Mark, read_mark, strip_leaders
from alignment.matches import Match
from alignment.notes import find_notes
from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from alignment.page_lists import find_shift
from alignment.regions import Block, make_block
from extractors.geometry import centre, gap, overlap_share, overlap_y
from extractors.records import Box, TextLine

MIN_PLATES, LEAST_TOLD = 3, 0.6
MIN_ITEMS, MAX_ITEM, MAX_STEP, MIN_TEXT = 3, 60, 4, 12
MAX_GAP_EM = 3.0
RULE, SCORE, COST = "caption:plate:number", 0.8, 1.0
_AROUND = " \u3000[]（）()［］【】〔〕.．-—·"
_LONE = re.compile(
    rf"^[(（\[【〔［\-—·]?\s?(?:[0-9０-９]{{1,3}}|[{NUMERAL_CHARACTERS}]{{1,6}})\s?[)）\]】〕］\-—·.．]?$"
)
_KEYED = ("plate", "outline", "list", "heading", "figure")


def match_bare_numbers(layouts: Sequence[PageLayout], matches: Sequence[list[Match]]) -> list[list[Match]]:
    """The matches, figures without a caption with the number at them, if it is one of a row of plates of
    which a list or notes tell elsewhere."""
    shift = find_shift(layouts)
    found = [
        [_find_number(layout, m, shift) for m in page] for layout, page in zip(layouts, matches, strict=True)
    ]
    numbers = [b.mark.number for page in found for b in page if b and b.mark and b.mark.number is not None]
    told = find_list_items(layouts).keys() | find_notes(layouts, set(numbers)).keys()
    is_row = len(numbers) >= MIN_PLATES and all(a < b for a, b in pairwise(numbers))
    if not is_row or sum(n in told for n in numbers) < LEAST_TOLD * len(numbers):
        return [list(page) for page in matches]
    return [
        [
            replace(m, block=block, score=SCORE, rule=RULE, cost=COST) if block else m
            for m, block in zip(page, blocks, strict=True)
        ]
        for page, blocks in zip(matches, found, strict=True)
    ]


def _find_number(layout: PageLayout, match: Match, shift: int | None) -> Block | None:
    """The number alone that stands at a figure, or at its rim; a folio does so too."""
    if match.block is not None:
        return None
    lone = [line for line in layout.page.lines if _LONE.match(line.text.strip())]
    near = sorted((_measure_gap(line, match.box), k) for k, line in enumerate(lone))
    if not near or near[0][0] > MAX_GAP_EM * lone[near[0][1]].size:
        return None
    line = lone[near[0][1]]
    number = parse_number(line.text.strip(_AROUND))
    if number is None or (len(lone) == 1 and number - layout.page.number == shift):
        return None
    block = make_block(layout.page.number, [line])
    return replace(block, mark=Mark("plate", line.text.strip(), number, ""))


def _measure_gap(line: TextLine, picture: Box) -> float:
    """The gap (points) between a figure and a number in its row or column, or at its rim; else infinite."""
    x, y = centre(line.box)
    if overlap_share(line.box, picture) > 0.6:
        rim = min(x - picture[0], picture[2] - x, y - picture[1], picture[3] - y)
        return 0.0 if rim <= MAX_GAP_EM * line.size else float("inf")
    is_level = picture[0] <= x <= picture[2] or picture[1] <= y <= picture[3]
    return gap(line.box, picture) if is_level else float("inf")


def find_list_items(layouts: Sequence[PageLayout]) -> dict[int, Block]:
    """The items of lists of plates by number: on pages without pictures, rising, a line or two each, with the
    numbers of their pages perhaps. What has a text under it is a note's heading."""
    found: dict[int, Block] = {}
    for layout in layouts:
        if layout.pictures:
            continue
        items = _read_items(layout)
        short = {n: b for n, b in items.items() if b and len(b.text) <= MAX_ITEM and "。" not in b.text}
        if len(short) >= max(MIN_ITEMS, LEAST_TOLD * len(items)):
            found = {**short, **found}
    return found


def _read_items(layout: PageLayout) -> dict[int, Block | None]:
    """Number → the lines of its item, None for one with a text under it."""
    items: list[tuple[int, list[TextLine]]] = []
    headings: set[int] = set()
    for block, role in zip(layout.blocks, layout.roles, strict=True):
        if role in ("running_head", "folio"):
            continue
        for k, line in enumerate(block.lines):
            plain = replace(line, text=strip_leaders(line.text))
            mark = read_mark(plain.text)
            number = mark.number if mark and mark.style in _KEYED and mark.rest else None
            if number is not None and (not items or items[-1][0] < number <= items[-1][0] + MAX_STEP):
                items.append((number, [plain]))
            elif items and (k > 0 or overlap_y(line.box, items[-1][1][-1].box) > 0):
                items[-1][1].append(plain)
            elif items and len(line.text) >= MIN_TEXT:
                headings.add(items[-1][0])
    return {n: None if n in headings else make_block(layout.page.number, lines) for n, lines in items}


def complete(caption: Block, items: Mapping[int, Block]) -> Block | None:
    """The item of a list of plates for a caption that has no words; None for any other."""
    mark = caption.mark
    if mark is None or mark.number is None or mark.rest or mark.style not in ("plate", "figure"):
        return None
    return items.get(mark.number)
