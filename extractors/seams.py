"""Pictures set edge to edge: what touches is a tile of one picture if the picture goes on across the seam.

Programs cut an image into tiles anywhere, so what is on one side of a cut is on the other. Photographs that a
word processor sets into a grid touch as well, and at their edges everything changes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import area, height, overlap_x, overlap_y, union, width
from extractors.names import find_name
from extractors.ocr import Raster
from extractors.page_trace import PlacedImage
from extractors.records import Box, TextLine

Draw = Callable[[float, Box], Raster]
"""Draws the part of a page in a box (points) at a resolution (dpi)."""

# A postage stamp's side: what is less is a strip or a tile, whatever is on it.
_MIN_SIDE = 54.0
_MOST_IMAGES, _FULL_PAGE_SHARE = 24, 0.8
_DPI = 144.0
# Pixels off a seam at which it is judged: right at it the drawing blends both sides with the paper.
_NEAR, _BAND = 1, 2
# Of 255: across its edge a photograph differs from the next by many times what it differs from itself.
_MIN_STEP, _STEP_RATIO = 12.0, 2.5
_TOUCHING = 1.5
_WEIGHTS = np.array([1.0, 0.25, 0.25], np.float32)


def part_pictures(
    images: Sequence[PlacedImage], lines: Sequence[TextLine], page: Box, draw: Draw
) -> list[list[PlacedImage]]:
    """Images that touch, as groups of tiles of one picture each."""
    boxes = [i.visible for i in images]
    around = union(boxes)
    can_be_pictures = all(min(width(b), height(b)) >= _MIN_SIDE for b in boxes)
    # What fills the page is its ground, in however many pieces.
    is_ground = area(around) > _FULL_PAGE_SHARE * area(page)
    if not 1 < len(images) <= _MOST_IMAGES or not can_be_pictures or is_ground:
        return [list(images)]
    if _have_names(boxes, lines):
        return [[image] for image in images]
    lab = cv2.cvtColor(draw(_DPI, around), cv2.COLOR_RGB2LAB).astype(np.float32)
    groups = [[image] for image in images]
    for a, b in combinations(images, 2):
        first, second = (next(g for g in groups if any(i is own for own in g)) for i in (a, b))
        if first is not second and _goes_on(lab, around, a.visible, b.visible):
            groups = [g for g in groups if g is not second]
            first += second
    return groups


def _have_names(boxes: Sequence[Box], lines: Sequence[TextLine]) -> bool:
    """Whether each of the boxes has a name of its own under it."""
    names = [find_name(box, lines) for box in boxes]
    return all(names) and len({id(name) for name in names}) == len(boxes)


def _goes_on(lab: NDArray[np.float32], around: Box, a: Box, b: Box) -> bool:
    """Whether two boxes have a seam, and what is seen goes on across it."""
    beside = abs(overlap_x(a, b)) <= _TOUCHING and overlap_y(a, b) > _MIN_SIDE / 2
    above = abs(overlap_y(a, b)) <= _TOUCHING and overlap_x(a, b) > _MIN_SIDE / 2
    if not (beside or above):
        return False
    if above:
        lab = lab.transpose(1, 0, 2)
        around, a, b = (_turn(box) for box in (around, a, b))
    factor = _DPI / 72
    seam = round(((min(a[2], b[2]) + max(a[0], b[0])) / 2 - around[0]) * factor)
    start = round((max(a[1], b[1]) - around[1]) * factor) + 1
    end = round((min(a[3], b[3]) - around[1]) * factor) - 1

    def band(offset: int) -> NDArray[np.float32]:
        """The mean of some columns to the left (−) or right of the seam, smoothed along it."""
        first = seam + offset if offset > 0 else seam + offset - _BAND
        mean = lab[start:end, max(0, first) : first + _BAND].mean(axis=1)
        smooth: NDArray[np.float32] = cv2.blur(mean, (1, 5))
        return smooth

    def step(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        # JPEG stores colour at half the resolution, so that of tiles differs at their edges; light does not.
        return float((np.abs(one - other) * _WEIGHTS).sum(axis=1).mean())

    # Equal distances, so that a gradient makes as much of a step on either side as across.
    far = _NEAR + _BAND + _NEAR * 2
    left, right = band(-_NEAR), band(_NEAR)
    across = step(left, right)
    within = max(step(left, band(-far)), step(right, band(far)))
    return across <= max(_MIN_STEP, _STEP_RATIO * within)


def _turn(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]
