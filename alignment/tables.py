"""Tables that are captioned as figures (图3 各式一览): the caption says what the table is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.regions import Block
from extractors.geometry import area, overlap_share, overlap_x, width
from extractors.records import Box, Picture

MAX_GAP_EM = 3.0
TABLE_SCORE = 0.8
# Rules that end at the same two places are the rows of one table; two may be a frame's.
MIN_ROW_RULES, RULE_SLACK, RULE_THICKNESS = 3, 3.0, 4.0


def match_tables(layout: PageLayout, captions: Iterable[Block], pictures: Sequence[Picture]) -> list[Match]:
    """A match for each of the unused numbered captions that stands over or under a table without pictures."""
    tables = [
        d.box
        for d in layout.dropped
        if d.reason == "table" and d.box and not any(overlap_share(p.box, d.box) > 0.5 for p in pictures)
    ]
    found = []
    for block in captions:
        if not (block.mark and block.mark.style == "figure"):
            continue
        near = [box for box in tables if _belongs(box, block)]
        if near:
            box = min(near, key=lambda b: _gap(b, block))
            tables.remove(box)
            share = area(box) / (layout.page.width * layout.page.height)
            side = "below" if block.box[1] > box[1] else "above"
            picture = Picture(box, "drawing", "", round(share, 4))
            found.append(Match((picture,), block, None, TABLE_SCORE, f"caption:figure:{side}+table"))
    return found


def find_row_rules(rules: Sequence[Box]) -> list[Box]:
    """The rules above, between and below the rows of ruled tables."""
    lying = [r for r in rules if r[3] - r[1] <= RULE_THICKNESS < width(r)]
    return [r for r in lying if sum(_end_alike(r, other) for other in lying) >= MIN_ROW_RULES]


def _end_alike(a: Box, b: Box) -> bool:
    return abs(a[0] - b[0]) <= RULE_SLACK and abs(a[2] - b[2]) <= RULE_SLACK


def _belongs(table: Box, block: Block) -> bool:
    shared = overlap_x(table, block.box)
    return _gap(table, block) < MAX_GAP_EM * block.size and shared > 0.8 * min(width(table), width(block.box))


def _gap(table: Box, block: Block) -> float:
    return max(block.box[1] - table[3], table[1] - block.box[3], 0.0)
