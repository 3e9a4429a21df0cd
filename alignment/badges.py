"""Numbers in pictures, or at their edges, that key them to a list of captions elsewhere on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alignment.keyed_items import match_items
from alignment.layout import PageLayout
from alignment.numerals import CIRCLED_CHARACTERS, parse_number
from alignment.parts import begins_with_part
from alignment.regions import Block
from extractors.geometry import centre, gap, overlap_share

_BADGE = re.compile(rf"^[(（\[]?(?P<number>[0-9０-９]{{1,2}}|[{CIRCLED_CHARACTERS}])[)）\].]?$")
# A chart is full of numbers; a badge stands alone, or two of them in a picture of two pieces.
_MAX_BADGES = 2
_LISTED = ("list", "heading", "label")
# A number outside stands right at its picture, and no further along its side than its ends.
MAX_GAP_EM = 2.0


def find_badges(layout: PageLayout) -> list[frozenset[int]]:
    """For each picture of the page the numbers that are set into it, or else the one at its edge."""
    pictures = layout.pictures
    inside: list[list[int]] = [[] for _ in pictures]
    for line in layout.page.lines:
        number = _read_badge(line.text)
        for index, picture in enumerate(pictures):
            if number is not None and overlap_share(line.box, picture.box) > 0.6:
                inside[index].append(number)
    badges = [frozenset(n) if len(n) <= _MAX_BADGES else frozenset() for n in inside]
    if not any(badges):
        badges = _find_outside(layout)
    return badges


def _read_badge(text: str) -> int | None:
    found = _BADGE.match(text.strip())
    return parse_number(found["number"]) if found else None


def _find_outside(layout: PageLayout) -> list[frozenset[int]]:
    """Numbers that stand alone right at one picture each; none where a picture has two."""
    numbers: list[list[int]] = [[] for _ in layout.pictures]
    for block, role in zip(layout.blocks, layout.roles, strict=True):
        number = _read_badge(block.text)
        if number is None or role in ("folio", "running_head"):
            continue
        x, y = centre(block.box)
        near = [
            (gap(block.box, p.box), i)
            for i, p in enumerate(layout.pictures)
            if p.box[0] <= x <= p.box[2] or p.box[1] <= y <= p.box[3]
        ]
        if near and min(near)[0] <= MAX_GAP_EM * block.size:
            numbers[min(near)[1]].append(number)
    told = [n for own in numbers for n in own]
    is_clear = max(map(len, numbers)) == 1 and len(told) > 1
    return [frozenset(own) if is_clear else frozenset() for own in numbers]


def match_badges(layout: PageLayout, captions: Sequence[Block]) -> tuple[dict[int, Block], list[Block]]:
    """Picture index → the item of a list that has the picture's number, as many items as pictures; and the
    texts that are done with."""
    pictures = layout.pictures
    badges = find_badges(layout) if pictures else []
    matched, legends = match_items(captions, pictures, badges) if any(badges) else ({}, [])
    # A list set as one text without these names them all, in their order.
    listed = [
        b
        for b in captions
        if b.mark and b.mark.style in _LISTED and not begins_with_part(b.text) and b not in legends
    ]
    for number in sorted({b.mark.number for b in listed if b.mark and b.mark.number is not None}):
        bearers = [i for i, numbers in enumerate(badges) if number in numbers and i not in matched]
        same = [b for b in listed if b.mark and b.mark.number == number]
        # Two lists on one page count from one each: the nearer pairs go first.
        for _, i, k in sorted(
            (gap(pictures[i].box, b.box), i, k) for i in bearers for k, b in enumerate(same)
        ):
            if i not in matched and all(matched[m] is not same[k] for m in matched):
                matched[i] = same[k]
        if len(bearers) > len(same):
            for i in bearers:
                matched.pop(i, None)
    return matched, [*legends, *matched.values()]
