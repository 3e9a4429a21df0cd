"""Watermarks, and what shows through from the next page, where they run out from under a picture.

A photograph ends at its straight edges; what goes on beyond them, paler than the print of pictures, was there
before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ocr import PixelBox
from extractors.panels import pad_line, paint_lines
from extractors.paper import Paper
from extractors.records import Box
from extractors.regions import CORE_MM, ISLAND_MM, SOLID, Mask

# Distances from the paper (CIE76) at which photographs are sought, the first being that of print. Words can
# be read on a mark, so it is no deeper than this, and than this share of the photograph's own print.
_DEPTHS = (0.0, 7.0, 9.0, 12.0, 16.0, 22.0)
_DEEPEST = 28.0
_PALE = 0.6
# Pixels above and below a line that show its ground, how many lines tell of a mark, and how much deeper
# it may be in places.
_LEADING, _FEW, _UNEVEN = 2, 3, 1.4
# Share of a drawing's print that is no paler than a mark.
_DRAWN = 0.3
# Share of its box that a photograph fills, of the box's sides, and of what is as wide that lies in the box.
_FULL, _SIDE, _WHOLE = 0.94, 0.7, 0.9
# Strokes of large letters and bridges of shade are narrower than photographs, and rims are blurred.
_STROKE_MM, _RIM_MM = 6.0, 0.8
# Pale sky and fringes are as wide as their picture, a mark only by chance.
_ALIGNED_MM = 2.0


def clear_marks(paper: Paper, ink: Mask, lines: Sequence[Box], unit: float) -> Mask:
    """`ink` without pale print outside of photographs: that connected with one, and all that is as pale as
    what stands under text.

    `lines` are boxes of lines on paper in pixels, `unit` is pixels per millimetre.
    """
    cleared = ink.copy()
    photographs = np.zeros(ink.shape, bool)
    depths = [_measure_under_text(paper, ink, lines)]
    least = 1.5 * CORE_MM * unit
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    for k in range(1, len(stats)):
        x, y, w, h, count = (int(v) for v in stats[k])
        if min(w, h) < least:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == k
        mark = _find_mark(own, paper.distance[window], unit) if count < _FULL * w * h else np.zeros_like(own)
        cleared[window] &= ~mark
        if mark.sum() > 0.5 * (_STROKE_MM * unit) ** 2:
            depths.append(float(np.percentile(paper.distance[window][mark], 75)))
        if mark.any() or count > _FULL * w * h:
            photographs[window] |= own & ~mark
    depth = max(depths)
    if depth > paper.threshold:
        strong = paper.distance > min(_DEEPEST, _UNEVEN * depth)
        cleared &= photographs | strong | _find_drawn(cleared, strong)
    return cleared


def _find_drawn(ink: Mask, strong: Mask) -> Mask:
    """Connected print that is strong in good part: of a drawing thin lines come out paler than thick ones."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    share = np.bincount(labels[strong], minlength=len(stats)) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    drawn: Mask = (share > _DRAWN)[labels] & ink
    return drawn


def _measure_under_text(paper: Paper, ink: Mask, lines: Sequence[Box]) -> float:
    """How far from paper a mark is that lies under lines of text, seen above and below them; 0 for none. What
    is no `ink` is known for something else, as the rules of a table are."""
    known = (paper.distance > paper.threshold) & ~ink
    bare = np.where(paint_lines(lines, paper.distance.shape) | known, np.nan, paper.distance)
    depths, marked = [], 0
    for box in lines:
        own = [d for cells in _cut_leading(bare, box) for d in _list_depths(cells, paper.threshold)]
        depths += own
        marked += bool(own)
    return float(np.percentile(depths, 75)) if marked >= _FEW else 0.0


def _list_depths(cells: NDArray[np.float32], threshold: float) -> list[float]:
    """How deep the pieces of leading (n, rows, columns) are that lie wholly in a mark.

    Print is blurred into the rows next to it: the palest row of a piece tells.
    """
    cells = cells[~np.isnan(cells).any(axis=(1, 2))]
    if not len(cells):
        return []
    ground, deepest = np.median(cells, axis=2).min(axis=1), cells.max(axis=(1, 2))
    return [float(d) for d in deepest[(ground > threshold) & (deepest < _DEEPEST)]]


def _cut_leading(distance: NDArray[np.float32], box: Box) -> list[NDArray[np.float32]]:
    """What stands above and below a line, or beside a column, in pieces of an em each: (n, rows, columns)."""
    if box[3] - box[1] > box[2] - box[0]:
        distance, box = distance.T, (box[1], box[0], box[3], box[2])
    near = pad_line(box) + 1
    em = max(1, round(box[3] - box[1]))
    start, end = max(0, round(box[0])), min(distance.shape[1], round(box[2]))
    count = max(0, end - start) // em
    strips = [
        distance[max(0, y) : max(0, y + _LEADING), start : start + count * em]
        for y in (round(box[1] - near) - _LEADING, round(box[3] + near))
    ]
    return [strip.reshape(len(strip), count, em).swapaxes(0, 1) for strip in strips if strip.size]


def _find_mark(own: Mask, distance: NDArray[np.float32], unit: float) -> Mask:
    """What of one connected piece of print is a mark; nothing where no photograph stands in it."""
    outside = own.copy()
    photographs: list[PixelBox] = []
    rim = max(1, round(_RIM_MM * unit))
    for depth in _DEPTHS:
        found = _find_rectangles(outside & (distance > depth), unit)
        photographs += found
        for x0, y0, x1, y1 in found:
            outside[max(0, y0 - rim) : y1 + rim, max(0, x0 - rim) : x1 + rim] = False
        left = int(outside.sum())
        if not photographs or not 0 < 2 * left < own.sum():
            continue
        limit = min(_DEEPEST, _PALE * float(np.percentile(distance[own & ~outside], 75)))
        if np.percentile(distance[outside], 95) < limit:
            return outside & (not any(_goes_on(outside, box, unit) for box in photographs))
    return np.zeros_like(own)


def _find_rectangles(strong: Mask, unit: float) -> list[PixelBox]:
    """The boxes of what fills its box as a photograph does."""
    contours, _ = cv2.findContours(strong.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    side = round(_STROKE_MM * unit) | 1
    solid = np.zeros((strong.shape[0] + 2 * side, strong.shape[1] + 2 * side), np.uint8)
    cv2.drawContours(solid, contours, -1, 1, cv2.FILLED, offset=(side, side))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid[side:-side, side:-side], connectivity=4)
    found = []
    for k, (x, y, w, h, _) in enumerate(stats.tolist()):
        if k == 0 or min(w, h) < CORE_MM * unit or max(w, h) < ISLAND_MM * unit:
            continue
        own = labels[y : y + h, x : x + w] == k
        rows = np.flatnonzero(own.mean(axis=1) > _SIDE)
        columns = np.flatnonzero(own.mean(axis=0) > _SIDE)
        if rows.size and columns.size:
            x0, y0, x1, y1 = (int(v) for v in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
            inner = own[y0:y1, x0:x1]
            is_dense = strong[y + y0 : y + y1, x + x0 : x + x1].mean() > SOLID
            if inner.mean() > _FULL and inner.sum() > _WHOLE * own.sum() and is_dense:
                found.append((x + x0, y + y0, x + x1, y + y1))
    return found


def _goes_on(outside: Mask, box: PixelBox, unit: float) -> bool:
    """Whether what lies outside of the photograph `box` is as wide or as high as it, as a pale sky is."""
    near = _ALIGNED_MM * unit
    x0, y0, x1, y1 = box
    sides = (
        (outside[:y0], x0, x1),
        (outside[y1:], x0, x1),
        (outside[:, :x0].T, y0, y1),
        (outside[:, x1:].T, y0, y1),
    )
    for part, start, end in sides:
        along = np.flatnonzero(part.any(axis=0))
        is_aligned = along.size and abs(along[0] - start) < near and abs(along[-1] + 1 - end) < near
        if is_aligned and part.any(axis=1).sum() > near:
            return True
    return False
