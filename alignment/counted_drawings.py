"""Drawings that a caption's list counts: 1.罐　2.壶　3.盆 under a row of vessels, each with its number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alignment.composite_pages import HAN, Sheet
from alignment.item_lists import count_list
from alignment.marks import read_mark
from alignment.numerals import CIRCLED_CHARACTERS
from alignment.parts import split_lines
from alignment.regions import Block
from extractors.geometry import gap, overlap_share, overlap_x, union
from extractors.names import find_name
from extractors.records import Box, Picture, TextLine

MAX_STEP_EM, LIST_WITHIN_EM = 6.0, 2.0
# Several numbers a panel are those of axes.
MAX_NUMBERS_EACH = 2
_LONE_NUMBER = re.compile(rf"^[(（]?([1-9][0-9]?|[{CIRCLED_CHARACTERS}])[)）.．]?$")


def list_counted(sheet: Sheet, caption: Block, members: Sequence[Picture]) -> list[list[Picture]]:
    """The members by the item of the caption's list that each is; empty where no list counts them.

    The numbers of a plan's legend stand within it, those of single drawings beside them. A drawing in pieces
    has one number.
    """
    items = _count_items(sheet, caption, union(p.box for p in members))
    if len(members) < 2 or items < 2:
        return []
    numbers = [
        line
        for line in sheet.labels
        if _LONE_NUMBER.match(line.text.strip())
        and any(gap(line.box, p.box) <= MAX_STEP_EM * caption.size for p in members)
    ]
    outside = [ln for ln in numbers if all(overlap_share(ln.box, p.box) < 0.5 for p in members)]
    if numbers and 2 * len(outside) < len(numbers):
        return []
    if len(members) == items:
        return [[p] for p in members]
    if len(members) < items or len({ln.text for ln in outside}) != items or len(outside) != items:
        return []
    return _group(members, outside)


def _group(members: Sequence[Picture], numbers: Sequence[TextLine]) -> list[list[Picture]]:
    """The members by the number that is nearest; empty where one has none."""
    groups: dict[int, list[Picture]] = {}
    for piece in members:
        nearest = min(range(len(numbers)), key=lambda k: gap(numbers[k].box, piece.box))
        groups.setdefault(nearest, []).append(piece)
    return list(groups.values()) if len(groups) == len(numbers) else []


def _count_items(sheet: Sheet, caption: Block, figure: Box) -> int:
    """How many items the list has that the caption holds or that stands over or under it, as wide as the
    figure."""
    near, above = [caption], []
    for block in sorted(sheet.blocks, key=lambda b: b.box[1]):
        if overlap_x(block.box, figure) <= 0 or block is caption:
            continue
        if 0 <= block.box[1] - near[-1].box[3] <= LIST_WITHIN_EM * caption.size:
            near.append(block)
        elif 0 <= caption.box[1] - block.box[3] <= LIST_WITHIN_EM * caption.size:
            above.append(block)
    title = caption.mark.rest if caption.mark else ""
    words = "\n".join([title, *(line.text for line in caption.lines[1:])])
    texts = [words, "\n".join(b.raw for b in near[1:]), "\n".join(b.raw for b in above)]
    return max(map(count_list, (*texts, "\n".join(texts[:2]))))


def have_words(sheet: Sheet, caption: Block, members: Sequence[Picture]) -> bool:
    """Whether panels have words of their own: lettered lines among them, a name under each, or parts in the
    caption."""
    around = union(p.box for p in members)
    labels = [ln for ln in sheet.labels if gap(ln.box, around) <= MAX_STEP_EM * caption.size]
    lettered = [
        line
        for line in labels
        if (mark := read_mark(line.text))
        and mark.style in ("panel", "list")
        and len(HAN.findall(mark.rest)) >= 2
    ]
    is_parted = len(members) > 1 and len(split_lines([ln.text for ln in caption.lines])) == len(members)
    return len(lettered) > 1 or is_parted or _are_named(labels, members)


def _are_named(labels: Sequence[TextLine], members: Sequence[Picture]) -> bool:
    """Whether each of the members has another name under it, and no axis with numbers."""
    names = [find_name(p.box, labels) for p in members]
    texts = {name.text for name in names if name and len(HAN.findall(name.text)) > 1}
    numbers = sum(line.text.strip()[:1].isdigit() for line in labels)
    return 1 < len(texts) == len(members) and numbers <= MAX_NUMBERS_EACH * len(members)
