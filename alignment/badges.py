"""Numbers set into pictures that key them to a list of captions printed elsewhere on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alignment.numerals import CIRCLED_CHARACTERS, parse_number
from alignment.parts import begins_with_part
from alignment.regions import Block
from extractors.geometry import gap, overlap_share
from extractors.records import Page, Picture

_BADGE = re.compile(rf"^[(（\[]?(?P<number>[0-9０-９]{{1,2}}|[{CIRCLED_CHARACTERS}])[)）\].]?$")
# A chart is full of numbers; a badge stands alone, or two of them in a picture of two pieces.
_MAX_BADGES = 2


def find_badges(page: Page, pictures: Sequence[Picture]) -> list[frozenset[int]]:
    """For each picture the numbers that are set into it."""
    numbers: list[list[int]] = [[] for _ in pictures]
    for line in page.lines:
        found = _BADGE.match(line.text.strip())
        number = parse_number(found["number"]) if found else None
        if number is None:
            continue
        for index, picture in enumerate(pictures):
            if overlap_share(line.box, picture.box) > 0.6:
                numbers[index].append(number)
    return [frozenset(n) if len(n) <= _MAX_BADGES else frozenset() for n in numbers]


def match_badges(page: Page, pictures: Sequence[Picture], captions: Sequence[Block]) -> dict[int, Block]:
    """Picture index → the item of a list that has the picture's number, as many items as pictures."""
    badges = find_badges(page, pictures)
    # A list set as one text names them all, in their order.
    listed = [
        b for b in captions if b.mark and b.mark.style in ("list", "heading") and not begins_with_part(b.text)
    ]
    matched: dict[int, Block] = {}
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
    return matched
