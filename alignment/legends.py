"""Legends of one picture: numbers are set into a map or a view, and a list says what each of them is.

Where the numbers of a list are just those that stand in one picture, the list is of that picture, whatever
caption it has besides; a chart has more. Numbers that stand in several pictures key these
(`alignment.badges`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.badges import read_badge
from alignment.composition import Draft
from alignment.keyed_items import cut_items
from alignment.layout import PageLayout
from alignment.pools import find_pools, is_list
from alignment.regions import Block
from extractors.geometry import overlap_share, union
from extractors.records import Box

# Two numbers may stand in a picture of two pieces.
MIN_KEYS = 3
SCORE, RULE = 0.75, "caption:list:legend"


def add_legends(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    """The drafts, each with the list whose numbers are in its picture and in no other's."""
    told = {id(line) for draft in drafts for block, _ in draft.texts for line in block.lines}
    found = list(drafts)
    for layout in layouts:
        number = layout.page.number
        for keys, blocks in _list_legends(layout):
            if any(id(line) in told for block in blocks for line in block.lines):
                continue
            bearers = [
                k
                for k, draft in enumerate(found)
                if draft.page == number and keys == _read_numbers(layout, union(draft.parts))
            ]
            if len(bearers) == 1:
                found[bearers[0]] = _add(found[bearers[0]], blocks)
    return found


def _list_legends(layout: PageLayout) -> list[tuple[frozenset[int], list[Block]]]:
    """Each list of the page that counts from 1: its numbers, and the blocks of which it consists."""
    captions = layout.with_role("caption")
    found: list[tuple[frozenset[int], list[Block]]] = []
    for pool in find_pools(captions):
        numbers = [b.mark.number for b in pool if b.mark and b.mark.number]
        if is_list(pool) and numbers == list(range(1, len(pool) + 1)):
            found.append((frozenset(numbers), pool))
    for block in captions:
        keys = frozenset(number for item in cut_items(block) for number in item.numbers)
        if block.mark and block.mark.style == "list" and keys:
            found.append((keys, [block]))
    return [(keys, blocks) for keys, blocks in found if len(keys) >= MIN_KEYS]


def _read_numbers(layout: PageLayout, box: Box) -> set[int]:
    inside = (line for line in layout.page.lines if overlap_share(line.box, box) > 0.6)
    return {number for line in inside if (number := read_badge(line.text)) is not None}


def _add(draft: Draft, blocks: Sequence[Block]) -> Draft:
    added = tuple((block, "caption") for block in blocks)
    if not draft.texts:
        return replace(draft, texts=added, score=SCORE, rule=RULE)
    return replace(draft, texts=(*draft.texts, *added), rule=f"{draft.rule}+legend")
