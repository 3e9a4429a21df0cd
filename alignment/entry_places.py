"""Entries that share a page: which picture stands at which heading and its text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from alignment.layout import PageLayout
from alignment.regions import Block
from extractors.geometry import gap, overlap_x, overlap_y, union
from extractors.records import Box

# What is neither level nor in one column stands farther off than it is.
DIAGONAL = 2.0


def place_pictures(
    layouts: Sequence[PageLayout], heading_ids: Collection[int], known: Mapping[tuple[int, Box], int]
) -> dict[tuple[int, Box], int]:
    """The ids of the headings at the pictures, by page and box of these: those that are `known`, and on pages
    with as many headings as pictures the nearest to all of them together."""
    placed = dict(known)
    for layout in layouts:
        heads = [b for b in layout.blocks if id(b) in heading_ids]
        boxes = [p.box for p in layout.pictures]
        number = layout.page.number
        if len(heads) < 2 or len(heads) != len(boxes) or any((number, box) in known for box in boxes):
            continue
        stacks = [_find_stack(layout, head, heading_ids) for head in heads]
        costs = np.array([[_measure(box, stack) for stack in stacks] for box in boxes])
        for i, k in zip(*(axis.tolist() for axis in linear_sum_assignment(costs)), strict=True):
            placed[number, boxes[i]] = id(heads[k])
    return placed


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
