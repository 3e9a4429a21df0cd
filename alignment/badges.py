"""Numbers set into pictures that key them to a list of captions printed elsewhere on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alignment.numerals import CIRCLED_CHARACTERS, parse_number
from alignment.regions import Block
from extractors.geometry import overlap_share
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
    """Picture index → the caption of a list that bears the picture's number, where exactly one does."""
    badges = find_badges(page, pictures)
    matched: dict[int, Block] = {}
    for block in captions:
        mark = block.mark
        if mark is None or mark.style not in ("list", "heading") or mark.number is None:
            continue
        bearers = [i for i, numbers in enumerate(badges) if mark.number in numbers]
        same = [b for b in captions if b.mark and b.mark.number == mark.number and b.mark.style == mark.style]
        if len(bearers) == 1 and len(same) == 1 and bearers[0] not in matched:
            matched[bearers[0]] = block
    return matched
