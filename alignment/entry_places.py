"""Entries that share a page: which picture stands at which heading and its text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set

import numpy as np

from alignment.layout import PageLayout
from alignment.least_cost import assign
from alignment.regions import Block
from extractors.geometry import gap, overlap_x, overlap_y, union
from extractors.records import Box

# What is neither level nor in one column stands farther off than it is.
DIAGONAL = 2.0
MIN_PLACED, MOST, AT_HEADING_EM = 3, 0.7, 2.0


def place_pictures(
    layouts: Sequence[PageLayout], heading_ids: Set[int], known: Mapping[tuple[int, Box], int]
) -> dict[tuple[int, Box], int]:
    """The ids of the headings at the pictures, by page and box of these: those that are `known`, and on pages
    with as many other headings as other pictures the nearest to all of them together."""
    placed = dict(known)
    for layout in layouts:
        number = layout.page.number
        taken = {known[number, p.box] for p in layout.pictures if (number, p.box) in known}
        heads = [b for b in layout.blocks if id(b) in heading_ids - taken]
        boxes = [p.box for p in layout.pictures if (number, p.box) not in known]
        if len(heads) + len(taken) < 2 or len(heads) != len(boxes) or not heads:
            continue
        stacks = [_find_stack(layout, head, heading_ids) for head in heads]
        costs = np.array([[_measure(box, stack) for stack in stacks] for box in boxes])
        for i, k in assign(costs):
            placed[number, boxes[i]] = id(heads[k])
    return _place_rest(layouts, heading_ids, placed)


def _place_rest(
    layouts: Sequence[PageLayout], heading_ids: Set[int], placed: Mapping[tuple[int, Box], int]
) -> dict[tuple[int, Box], int]:
    """Where nearly all entries have a picture at their heading, so have the others: the one right at it."""
    added = dict(placed)
    having = set(placed.values())
    if len(having) < max(MIN_PLACED, MOST * len(heading_ids)):
        return added
    for layout in layouts:
        free = [p.box for p in layout.pictures if (layout.page.number, p.box) not in placed]
        for head in layout.blocks:
            if id(head) not in heading_ids - having or not free:
                continue
            nearest = min(free, key=lambda box: gap(box, head.box))
            if gap(nearest, head.box) <= AT_HEADING_EM * head.size:
                added[layout.page.number, nearest] = id(head)
    return added


def _find_stack(layout: PageLayout, heading: Block, heading_ids: Collection[int]) -> Box:
    """The box of a heading with the texts behind it that stand under it."""
    index = next(i for i, b in enumerate(layout.blocks) if b is heading)
    stack = heading.box
    for block, role in zip(layout.blocks[index + 1 :], layout.roles[index + 1 :], strict=True):
        is_under = block.box[1] >= stack[3] - block.size and overlap_x(block.box, stack) > 0
        if id(block) in heading_ids or role in ("label", "running_head", "folio") or not is_under:
            break
        if any(gap(p.box, union((stack, block.box))) <= 0 < gap(p.box, stack) for p in layout.pictures):
            break
        stack = union((stack, block.box))
    return stack


def _measure(picture: Box, stack: Box) -> float:
    is_diagonal = overlap_x(picture, stack) <= 0 and overlap_y(picture, stack) <= 0
    return gap(picture, stack) * (DIAGONAL if is_diagonal else 1.0)
