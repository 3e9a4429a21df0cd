"""Where a page has anything on it: detectors take as long over white as over print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ocr import OcrEngine, PixelBox, Raster

Mask = NDArray[np.bool_]

# A page is looked at in cells, so many along its longer side: a third of a line of small type.
_CELLS = 256
# Steps in grey from cell to cell: of faint print, of print for sure on smooth paper and on the coarsest, and
# how much they stand out against the paper's own grain, seen in the calmest fifth of the page.
_FAINT, _SURE, _GRAIN = 6.0, (8.0, 14.0), 4.0
_CALM = 20
# Blanks narrower than this (cells) may be within a line, or between two that belong together.
_BLANK = 10
# What detectors see around print (cells), and what a call costs beside its area (square cells).
_ROOM, _CALL = 4, 60
# Room around a place that is looked at again, as a share of the page's longer side.
_NEAR = 0.06
# Networks take sides in steps of so much of the page's longer side: 32 of 1280 pixels.
_GRID = 1 / 40


@dataclass(frozen=True, slots=True)
class PrintArea:
    """A part of a page, in pixels: `own` holds what is on it, `seen` also room around and parts of others."""

    own: PixelBox
    seen: PixelBox


def find_page_lines(page: Raster, engine: OcrEngine) -> list[PixelBox]:
    """The boxes of all lines and columns on a page, from top to bottom, as `engine` finds them at its size.

    Margins and large blanks are left out.
    """
    return _find_in(page, list_areas(page), engine)


def find_lines_near(page: Raster, places: Sequence[PixelBox], engine: OcrEngine) -> list[PixelBox]:
    """The same in and around `places` only; a line that runs out of sight is cut off."""
    height, width = page.shape[:2]
    room = round(_NEAR * max(height, width))
    own = [
        (max(0, a - room), max(0, b - room), min(width, c + room), min(height, d + room))
        for a, b, c, d in places
    ]
    return _find_in(page, [PrintArea(box, box) for box in _merge(own, 0, 0)], engine)


def _find_in(page: Raster, areas: Sequence[PrintArea], engine: OcrEngine) -> list[PixelBox]:
    longest = max(page.shape[:2])
    found: list[PixelBox] = []
    for area in areas:
        x0, y0, x1, y1 = area.seen
        part = np.ascontiguousarray(page[y0:y1, x0:x1])
        lines = [(a + x0, b + y0, c + x0, d + y0) for a, b, c, d in engine.find_lines(part, longest)]
        found += [line for line in lines if _is_centred_in(line, area.own)]
    return sorted(found, key=lambda b: (b[1], b[0], b[3], b[2]))


def _is_centred_in(line: PixelBox, box: PixelBox) -> bool:
    return box[0] <= (line[0] + line[2]) / 2 <= box[2] and box[1] <= (line[1] + line[3]) / 2 <= box[3]


def list_areas(page: Raster) -> list[PrintArea]:
    """The areas that hold all there is on an RGB page; none for a blank one."""
    height, width = page.shape[:2]
    side = max(1, round(max(height, width) / _CELLS))
    marked = _mark_cells(page, side)
    rows, columns = marked.shape
    room, grid = _ROOM * side, _GRID * max(height, width)
    areas = []
    for x0, y0, x1, y1 in _merge(_cut(marked, (0, 0, columns, rows)), _ROOM, _CALL):
        own = (x0 * side, y0 * side, min(width, x1 * side), min(height, y1 * side))
        left, right = _widen(own[0] - room, own[2] + room, width, grid)
        top, bottom = _widen(own[1] - room, own[3] + room, height, grid)
        areas.append(PrintArea(own, (left, top, right, bottom)))
    return areas


def _widen(start: int, end: int, limit: int, grid: float) -> tuple[int, int]:
    """A stretch of a side, as far as it lies on it, made a whole number of steps long."""
    start, end = max(0, start), min(limit, end)
    length = min(limit, round(-(-(end - start) // grid) * grid))
    start = min(max(0, (start + end - length) // 2), limit - length)
    return start, start + length


def _mark_cells(page: Raster, side: int) -> Mask:
    """The cells that are not blank: steps in grey that are connected with one that is no grain."""
    height, width = page.shape[:2]
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    size = (-(-width // side), -(-height // side))
    # To whole pixels first, by two: all other steps are slower many times over.
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    small = cv2.resize(half if side > 2 else grey, size, interpolation=cv2.INTER_AREA)
    around = np.ones((3, 3), np.uint8)
    step = cv2.subtract(cv2.dilate(small, around), cv2.erode(small, around))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((step > _FAINT).astype(np.uint8), connectivity=8)
    sure = float(np.clip(_GRAIN * np.percentile(step, _CALM), *_SURE))
    strong = np.bincount(labels[step > sure], minlength=len(stats))
    strong[0] = 0
    marked: Mask = strong[labels] > 0
    return marked


def _cut(marked: Mask, box: PixelBox) -> list[PixelBox]:
    """Parts of a box between wide blanks, each drawn in to what is marked (all in cells)."""
    x0, y0, x1, y1 = box
    part = marked[y0:y1, x0:x1]
    rows, columns = (_list_runs(np.asarray(part.any(axis=axis))) for axis in (1, 0))
    if not rows:
        return []
    if len(rows) == len(columns) == 1:
        return [(x0 + columns[0][0], y0 + rows[0][0], x0 + columns[0][1], y0 + rows[0][1])]
    if len(rows) > 1:
        parts = [(x0, y0 + start, x1, y0 + end) for start, end in rows]
    else:
        parts = [(x0 + start, y0, x0 + end, y1) for start, end in columns]
    return [piece for p in parts for piece in _cut(marked, p)]


def _list_runs(profile: Mask) -> list[tuple[int, int]]:
    """Start and end of what is marked along a side, narrow blanks included."""
    at = np.flatnonzero(profile)
    if not at.size:
        return []
    breaks = np.flatnonzero(np.diff(at) > _BLANK)
    starts, ends = np.concatenate((at[:1], at[breaks + 1])), np.concatenate((at[breaks], at[-1:])) + 1
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def _merge(boxes: Sequence[PixelBox], room: int, call: int) -> list[PixelBox]:
    """The boxes, two made one where they meet, or where that costs no more to look at, with room around."""
    left = list(boxes)
    while True:
        pairs = [(_weigh(a, b, room), a, b) for a, b in combinations(left, 2)]
        best = min(pairs, default=None)
        if best is None or best[0] > call:
            return left
        left = [box for box in left if box not in best[1:]] + [_unite(best[1], best[2])]


def _weigh(a: PixelBox, b: PixelBox, room: int) -> float:
    """What looking at two boxes as one costs, in area."""
    if max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3]):
        return -math.inf
    return _size(_unite(a, b), room) - _size(a, room) - _size(b, room)


def _size(box: PixelBox, room: int) -> int:
    return (box[2] - box[0] + 2 * room) * (box[3] - box[1] + 2 * room)


def _unite(a: PixelBox, b: PixelBox) -> PixelBox:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
