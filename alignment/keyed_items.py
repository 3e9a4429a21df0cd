"""Legends set as one text whose items are of pictures that have their numbers: each picture has its own item.

Reports number the drawings of a figure below, beside or in them, and say what they are in one text under the
figure's caption. Where the numbers key pictures, the item is a caption and the figure's title is of none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alignment.list_keys import ListKey, find_keys
from alignment.marks import Mark
from alignment.numerals import NUMERAL_CHARACTERS
from alignment.regions import Block, make_block
from extractors.geometry import height, overlap_x, overlap_y
from extractors.records import Box, Picture, TextLine

MIN_ITEMS = 2
# A drawing that was not found leaves its number without a picture.
LEAST_KEYED = 0.6
# 1、2、4. 1/4，余1/6: scales in brackets behind the last item are of all.
_SCALES = re.compile(r"[（(][0-9、,，.．~～－—\-余其为均約约/／∶:：比例\s\u3000]+[)）]$")
# 图1 …　图2 …, with a blank before each: a citation has none.
_FIGURE = re.compile(
    rf"(?:^|(?<=[\s\u3000；;]))[彩插]?[图圖]版?[\s\u3000]?(?:[0-9]{{1,3}}|[{NUMERAL_CHARACTERS}]{{1,5}})(?=[\s\u3000：:.．])"
)


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """An item of a legend as a text of its own, with the numbers of its pictures."""

    numbers: tuple[int, ...]
    block: Block


def cut_items(block: Block, first: int = 1) -> list[KeyedItem]:
    """The items of a list that is set as one text and counts from `first`, in printed order; none for any
    other text."""
    text = "\n".join(line.text for line in block.lines)
    keys = find_keys(text, first)
    if sum(len(key.numbers) for key in keys) < MIN_ITEMS or len(keys) < MIN_ITEMS:
        return []
    ends = [*(key.start for key in keys[1:]), len(text)]
    return [KeyedItem(key.numbers, _cut(block, text, key, end)) for key, end in zip(keys, ends, strict=True)]


def cut_captions(block: Block) -> list[Block]:
    """The captions 图1 …　图2 … that are set as one text, in their order; none for any other text."""
    text = "\n".join(line.text for line in block.lines)
    starts = [found.start() for found in _FIGURE.finditer(text)]
    if len(starts) < MIN_ITEMS or starts[0] > 0:
        return []
    cut = [
        make_block(block.page, _cut_lines(block.lines, start, end))
        for start, end in pairwise([*starts, len(text)])
    ]
    numbers = [
        b.mark.number for b in cut if b.mark and b.mark.style == "figure" and b.mark.rest and b.mark.number
    ]
    counts_up = len(numbers) == len(cut) and all(b == a + 1 for a, b in pairwise(numbers))
    return cut if counts_up else []


def _cut(block: Block, text: str, key: ListKey, end: int) -> Block:
    lines = _cut_lines(block.lines, key.start, end)
    if end == len(text) and (scales := _SCALES.search(lines[-1].text)) and scales.start():
        lines[-1] = replace(lines[-1], text=lines[-1].text[: scales.start()])
    label = text[key.start : key.end].strip(" \u3000\n.．:：、")
    own = make_block(block.page, lines)
    rest = own.text[len(label) :].lstrip(" \u3000.．:：、")
    return replace(own, mark=Mark("list", label, key.numbers[0], rest))


def _cut_lines(lines: Sequence[TextLine], start: int, end: int) -> list[TextLine]:
    """What stands from `start` to `end` in the lines' text, as pieces of lines; a character is as wide as any
    other."""
    found, at = [], 0
    for line in lines:
        first, last = max(start - at, 0), min(end - at, len(line.text))
        words = line.text[first:last].strip() if last > first else ""
        if words:
            found.append(replace(line, text=words, box=_cut_box(line, first, last)))
        at += len(line.text) + 1
    return found


def _cut_box(line: TextLine, first: int, last: int) -> Box:
    x0, y0, x1, y1 = line.box
    a, b = first / len(line.text), last / len(line.text)
    if line.direction == "vertical":
        return (x0, y0 + a * (y1 - y0), x1, y0 + b * (y1 - y0))
    return (x0 + a * (x1 - x0), y0, x0 + b * (x1 - x0), y1)


def match_items(
    captions: Sequence[Block], pictures: Sequence[Picture], badges: Sequence[frozenset[int]]
) -> tuple[dict[int, Block], list[Block]]:
    """Picture index → the item that has its number, and the legends that these are cut from.

    `badges` are each picture's numbers. Where several legends count from 1, each is of the pictures between
    it and the next: above it, or else below it.
    """
    # An atlas counts its pictures on from page to page, and so do its lists.
    least = min((n for own in badges for n in own), default=1)
    legends = [(block, items) for block in captions if (items := cut_items(block) or cut_items(block, least))]
    boxes = {i: p.box for i, p in enumerate(pictures) if len(badges[i]) == 1}
    matched: dict[int, Block] = {}
    used: list[Block] = []
    for block, items in legends:
        others = [other.box for other, _ in legends if other is not block]
        free = {i: box for i, box in boxes.items() if i not in matched}
        options = [_key_items(items, group, badges) for group in _list_groups(block.box, others, free)]
        best = max(options, key=len, default={})
        count = sum(len(item.numbers) for item in items)
        if len(best) >= max(MIN_ITEMS, LEAST_KEYED * count):
            matched |= best
            rows = [pictures[i].box for i in best]
            bare = [i for i, p in enumerate(pictures) if not badges[i] and _stands_among(p.box, rows)]
            matched |= _key_last(items, best, bare)
            used.append(block)
    return matched, used


def _key_last(
    items: Sequence[KeyedItem], keyed: Mapping[int, Block], bare: Sequence[int]
) -> dict[int, Block]:
    """The only picture among these without a number, which was not read, with the only item left."""
    left = [item for item in items if all(item.block is not own for own in keyed.values())]
    is_clear = len(bare) == 1 and len(left) == 1 and len(left[0].numbers) == 1
    return {bare[0]: left[0].block} if is_clear else {}


def _stands_among(box: Box, keyed: Sequence[Box]) -> bool:
    """Whether a picture stands in a row of pictures that have their numbers."""
    return any(overlap_y(box, other) > 0.5 * min(height(box), height(other)) for other in keyed)


def _list_groups(legend: Box, others: Sequence[Box], boxes: Mapping[int, Box]) -> list[list[int]]:
    """The pictures that a legend may be of: those between it and the one above it, below it, and all."""
    column = [o for o in others if overlap_x(o, legend) > 0]
    ceiling = max((o[3] for o in column if o[3] <= legend[1]), default=float("-inf"))
    floor = min((o[1] for o in column if o[1] >= legend[3]), default=float("inf"))
    middle = {i: (box[1] + box[3]) / 2 for i, box in boxes.items()}
    above = [i for i, y in middle.items() if ceiling <= y <= legend[1]]
    below = [i for i, y in middle.items() if legend[3] <= y <= floor]
    return [above, below, *([] if others else [list(boxes)])]


def _key_items(
    items: Sequence[KeyedItem], group: Sequence[int], badges: Sequence[frozenset[int]]
) -> dict[int, Block]:
    """The group's pictures with their items; none where two pictures have one number."""
    by_number = {number: item.block for item in items for number in item.numbers}
    numbers = [number for i in group for number in badges[i] if number in by_number]
    if len(set(numbers)) < len(numbers):
        return {}
    return {i: by_number[n] for i in group for n in badges[i] if n in by_number}
