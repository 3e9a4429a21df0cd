"""Numbers in pictures, or at their edges, that key them to a list of captions elsewhere on the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from alignment.keyed_items import match_items
from alignment.layout import PageLayout
from alignment.numerals import CIRCLED_CHARACTERS, NUMERAL_CHARACTERS, parse_number
from alignment.parts import begins_with_part
from alignment.regions import Block
from extractors.geometry import centre, gap, overlap_share

_BADGE = re.compile(
    rf"^[(（\[]?(?:(?P<number>[0-9０-９]{{1,2}}|[{CIRCLED_CHARACTERS}]|[{NUMERAL_CHARACTERS}]{{1,3}})|(?P<letter>[A-Ha-h]))[)）\].]?$"
)
# OCR drops the blank between a number and its words.
_GLUED = re.compile(r"^(?P<number>[1-9][0-9]?)(?=[\u3400-\u9fff《“])")
# Letters count apart from numbers.
LETTERS = 1000
# A chart is full of numbers; a badge stands alone, or two of them in a picture of two pieces.
_MAX_BADGES = 2
_LISTED = ("list", "heading", "label", "plate", "outline", "panel")
MIN_KEYED = 2
# A number outside stands right at its picture, and no further along its side than its ends.
MAX_GAP_EM = 2.0
# Of drawings that a list counts it stands where it finds room.
LISTED_GAP_EM = 6.0


def find_badges(layout: PageLayout) -> list[frozenset[int]]:
    """For each picture of the page the numbers that are set into it, or else the one at its edge."""
    pictures = layout.pictures
    inside: list[list[int]] = [[] for _ in pictures]
    for line in layout.page.lines:
        number = read_badge(line.text)
        for index, picture in enumerate(pictures):
            if number is not None and overlap_share(line.box, picture.box) > 0.6:
                inside[index].append(number)
    badges = [frozenset(n) if len(n) <= _MAX_BADGES else frozenset() for n in inside]
    # Letters in one picture are those of its panels.
    badges = [n if len(n) < 2 or max(n) < LETTERS else frozenset() for n in badges]
    if sum(any(k >= LETTERS for k in n) for n in badges) == 1:
        badges = [frozenset(k for k in n if k < LETTERS) for n in badges]
    if not any(badges):
        badges = _find_outside(layout)
    return badges


def read_badge(text: str) -> int | None:
    """The number of a text that is nothing else, from `LETTERS` on that of a letter; else None."""
    found = _BADGE.match(text.strip())
    if not found:
        return None
    return _count_letter(found["letter"]) if found["letter"] else parse_number(found["number"])


def _count_letter(letter: str) -> int:
    """Capitals and small letters count apart: a table's rows A to C are not panels a to c."""
    return LETTERS + ord(letter)


def _read_item(block: Block) -> int | None:
    """The number or letter by which a list counts an item."""
    mark = block.mark
    if mark is None:
        found = _GLUED.match(block.text)
        return int(found["number"]) if found else None
    if mark.style not in _LISTED:
        return None
    is_letter = mark.style == "panel" and len(mark.label) == 1 and mark.label.isascii()
    return _count_letter(mark.label) if is_letter else mark.number


def _find_outside(layout: PageLayout) -> list[frozenset[int]]:
    """Numbers that stand alone right at one picture each; none where a picture has two."""
    pictures = layout.pictures
    numbers: list[list[int]] = [[] for _ in pictures]
    for block, role in zip(layout.blocks, layout.roles, strict=True):
        number = read_badge(block.text)
        if number is None or role in ("folio", "running_head"):
            continue
        x, y = centre(block.box)
        near = [
            (gap(block.box, p.box), i)
            for i, p in enumerate(pictures)
            if p.box[0] <= x <= p.box[2] or p.box[1] <= y <= p.box[3]
        ]
        distance, i = min(near, default=(0.0, -1))
        reach = LISTED_GAP_EM if i >= 0 and pictures[i].box in layout.listed else MAX_GAP_EM
        if i >= 0 and distance <= reach * block.size:
            numbers[i].append(number)
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
    items = {
        id(b): number
        for b in captions
        if (number := _read_item(b)) is not None and not begins_with_part(b.text) and b not in legends
    }
    for number in sorted(set(items.values())):
        bearers = [i for i, numbers in enumerate(badges) if number in numbers and i not in matched]
        same = [b for b in captions if items.get(id(b)) == number]
        # Two lists on one page count from one each: the nearer pairs go first.
        for _, i, k in sorted(
            (gap(pictures[i].box, b.box), i, k) for i in bearers for k, b in enumerate(same)
        ):
            if i not in matched and all(matched[m] is not same[k] for m in matched):
                matched[i] = same[k]
        if len(bearers) > len(same):
            for i in bearers:
                matched.pop(i, None)
    # One number in one drawing may be anything, as one numbered line may head a section.
    counts = Counter(_find_style(b) for b in matched.values())
    matched = {i: b for i, b in matched.items() if counts[_find_style(b)] >= MIN_KEYED}
    return matched, [*legends, *matched.values()]


def _find_style(block: Block) -> str:
    return block.mark.style if block.mark else "bare"
