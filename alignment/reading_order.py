"""Reading order of boxes on a page by recursive cuts along white space (XY-cut, Nagy and Seth 1984)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from extractors.geometry import height, overlap_y
from extractors.records import Box

T = TypeVar("T")

# A gutter between columns is at least about one em of body text wide.
MIN_GUTTER = 7.0
LEVEL = 0.06


def order_boxes(items: Sequence[tuple[Box, T]], vertical: bool = False) -> list[T]:
    """`items` in reading order: columns before rows wherever a gutter runs through, else rows from the top.

    `vertical` is for pages set vertically. Turned by a quarter these are pages of lines: tiers are read as
    columns are, each from its right end to its left.
    """
    if vertical:
        return order_boxes([(turn_box(box), item) for box, item in items])
    if len(items) < 2:
        return [item for _, item in items]
    columns = _cut([b for b, _ in items], axis=0, min_gap=MIN_GUTTER)
    groups = columns if len(columns) > 1 else _cut_widest_row_gap([b for b, _ in items])
    if len(groups) == 1:
        return [item for _, item in sorted(items, key=lambda it: (it[0][1], it[0][0]))]
    ordered: list[T] = []
    for group in groups:
        ordered += order_boxes([items[i] for i in group])
    return ordered


def turn_box(box: Box) -> Box:
    """A box with its right edge turned to the top."""
    return (box[1], -box[2], box[3], -box[0])


def order_pictures(items: Sequence[tuple[Box, T]]) -> list[T]:
    """`items` as a list beside them counts: a grid row by row from the top, else in reading order."""
    rows: list[list[tuple[Box, T]]] = []
    for box, item in sorted(items, key=lambda it: it[0][1]):
        row = next((r for r in rows if all(_are_level(box, other) for other, _ in r)), None)
        if row is None:
            rows.append([(box, item)])
        else:
            row.append((box, item))
    if any(overlap_y(a[0][0], b[0][0]) > 0 for a, b in pairwise(rows)):
        return order_boxes(items)
    return [item for row in rows for _, item in sorted(row, key=lambda it: it[0][0])]


def _are_level(a: Box, b: Box) -> bool:
    """Whether two pictures are set as a row: with one top and one bottom."""
    slack = LEVEL * max(height(a), height(b))
    return abs(a[1] - b[1]) <= slack and abs(a[3] - b[3]) <= slack


def _cut(boxes: Sequence[Box], axis: int, min_gap: float) -> list[list[int]]:
    """Indexes grouped by the gaps of at least `min_gap` between their projections on the axis."""
    order = sorted(range(len(boxes)), key=lambda i: (boxes[i][axis], i))
    groups: list[list[int]] = [[order[0]]]
    end = boxes[order[0]][axis + 2]
    for i in order[1:]:
        if boxes[i][axis] - end >= min_gap:
            groups.append([])
        groups[-1].append(i)
        end = max(end, boxes[i][axis + 2])
    return groups


def _cut_widest_row_gap(boxes: Sequence[Box]) -> list[list[int]]:
    rows = _cut(boxes, axis=1, min_gap=0.0)
    if len(rows) < 3:
        return rows
    edges = [(max(boxes[i][3] for i in r), min(boxes[i][1] for i in r)) for r in rows]
    gaps = [edges[k + 1][1] - edges[k][0] for k in range(len(rows) - 1)]
    cut = gaps.index(max(gaps)) + 1
    return [[i for r in rows[:cut] for i in r], [i for r in rows[cut:] for i in r]]
