"""Backdrops hardly darker than the paper: the grounds of redrawn patterns and of photographed objects."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import area, intersection, overlap_share
from extractors.light import measure_strength
from extractors.paper import Paper
from extractors.records import Box
from extractors.regions import CORE_MM, Mask

# A backdrop hardly darker than paper shows when it is averaged over this many millimetres.
_MM = 2.5
_STEPS = (4.0, 2.8, 2.0)
_EDGE = 1.0
# Print for sure, in thresholds; and the share of its box that a rectangle, a little worn, fills.
_PRINT, _RECTANGLE = 1.6, 0.88
# Share of a rectangle that those found at a greater depth take up.
_SETTLED = 0.8


def add_backdrops(paper: Paper, ink: Mask, text: Sequence[Box], covered: Mask, unit: float) -> Mask:
    """`ink` with the pale backdrops of pictures: even rectangles hardly darker than the paper.

    A backdrop has a picture in it, and no line of text runs over its edge: under text it is the next page
    that shows through. `covered` masks the lines `text`, `unit` is pixels per millimetre. Light and shade of
    the sheet run into a pale backdrop and join two strong ones: what is found at a great depth is not sought
    at a lesser one.
    """
    side = round(_MM * unit) | 1
    # What is hardly print may be the backdrop itself, whose grain crosses the threshold.
    print_ = (ink & (paper.distance > _PRINT * paper.threshold)) | covered
    # Print is blurred into its surroundings, which must not count as backdrop.
    plain = cv2.dilate(print_.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    weight = cv2.blur(plain.astype(np.float32), (side, side))
    bare = cv2.copyTo(paper.excess, plain.astype(np.uint8))
    strength = measure_strength(cv2.blur(bare, (side, side), dst=bare)) / np.maximum(weight, 1e-3)
    # Between the motifs of a dense pattern there is no room to average over.
    near = measure_strength(cv2.blur(paper.excess, (3, 3), dst=bare))
    is_bare = (weight > 0.15) & ~covered
    ground, gaps = is_bare & ~ink, ~plain & ~covered
    out = ink.copy()
    settled: list[Box] = []
    for step in _STEPS:
        weak = (strength > step) & ground
        solid = weak | ((near > step) & gaps) | ink
        opened = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
        known = tuple(settled)
        for k in range(1, len(stats)):
            x, y, w, h, count = stats[k].tolist()
            if min(w, h) < 1.5 * CORE_MM * unit or count <= _RECTANGLE * w * h:
                continue
            box = (x, y, x + w, y + h)
            if sum(area(intersection(box, other)) for other in known) > _SETTLED * w * h:
                continue
            if not _has_edges(box, strength, weak, is_bare, unit):
                continue
            if any(0.1 < overlap_share(line, box) < 0.9 for line in text):
                continue
            settled.append(box)
            if 0.05 < float(ink[y : y + h, x : x + w].mean()) < 0.9:
                out[y : y + h, x : x + w] |= labels[y : y + h, x : x + w] == k
    return out


def _has_edges(
    box: tuple[int, int, int, int], strength: NDArray[np.float32], weak: Mask, plain: Mask, unit: float
) -> bool:
    """Whether the ground steps down to paper on each side within the page.

    Light and shade do not, nor does what shows through from the next page where text runs over it.
    """
    near, far = round(_MM * unit / 2), round(1.5 * _MM * unit)
    x0, y0, x1, y1 = box
    height, width = weak.shape
    # The left and right side are looked at as top and bottom of the turned page.
    sides = [
        (strength, weak, plain, y0, 1, slice(x0, x1), y0 >= far),
        (strength, weak, plain, y1 - 1, -1, slice(x0, x1), y1 <= height - far),
        (strength.T, weak.T, plain.T, x0, 1, slice(y0, y1), x0 >= far),
        (strength.T, weak.T, plain.T, x1 - 1, -1, slice(y0, y1), x1 <= width - far),
    ]
    return all(
        _steps_down(values[:, along], ground[:, along], bare[:, along], edge, inwards, near, far)
        for values, ground, bare, edge, inwards, along, is_within in sides
        if is_within
    )


def _steps_down(
    strength: NDArray[np.float32],
    weak: Mask,
    plain: Mask,
    edge: int,
    inwards: int,
    near: int,
    far: int,
) -> bool:
    """Whether ground at the row `edge` is weaker beyond it; only columns that show ground can tell."""
    inner = [edge + inwards * k for k in range(near, far)]
    outer = [edge - inwards * k for k in range(near, far)]
    ground = weak[inner]
    beyond = plain[outer] & ground.any(axis=0)
    if not beyond.any():
        return True
    return float(np.median(strength[inner][ground])) >= (float(np.median(strength[outer][beyond])) + _EDGE)
