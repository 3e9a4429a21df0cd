"""Why a region of a page that is not paper may yet be no figure."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import area, expand, height, intersection, overlap_share, width
from extractors.paper import FloatImage, Paper
from extractors.records import Box
from extractors.regions import Region

Mask = NDArray[np.bool_]

TOO_SMALL = "too small for a figure"
STAIN = "stain or shadow"
# Millimetres: the smallest pictures in books, and ornaments below.
_MIN_SIDE_MM = 9.0
_MIN_AREA_MM2 = 150.0
_MAX_ASPECT = 14.0
# Charts and maps have labels, a page has lines.
_MANY_LINES = 40
_SEAL_REACH_MM = 3.0
# By so much (CIE Lab) light and shade change the colour of an object; a tint is lit as its paper is.
_SHADED = 15.0
# A gutter's shadow: shares of the page's height and width, and its change from head to foot (CIE Lab).
_WHOLE, _AT_FOLD, _GUTTER, _ALIKE = 0.95, 0.85, 0.3, 2.0
# A page is set straight by its text, and its fold then leans by this share of the sheet's width.
_LEAN = 0.03


def name_reason(
    region: Region,
    paper: Paper,
    ink: Mask,
    covered: Mask,
    text: Sequence[Box],
    unit: float,
    fold: int | None = None,
) -> str:
    """Why `region` is not a figure, in a few words; empty if it is one.

    `ink` is what is neither paper nor text on paper, `covered` the mask of all text and its tints, `unit`
    pixels per millimetre, `fold` the column of the fold of a sheet of two pages.
    """
    page_height, page_width = paper.distance.shape
    w, h = width(region.box), height(region.box)
    if _is_sheet_edge(region.box, page_width, page_height, unit):
        return "edge of the sheet"
    if min(w, h) < _MIN_SIDE_MM * unit or w * h < _MIN_AREA_MM2 * unit * unit:
        return TOO_SMALL
    if max(w, h) > _MAX_ASPECT * min(w, h):
        return "a band"
    if sum(overlap_share(line, region.box) > 0.9 for line in text) >= _MANY_LINES:
        return "text on dirty ground"
    part = _Part(region.box, paper, ink, covered)
    if part.is_faint():
        return STAIN
    if part.is_gutter(fold):
        return "edge of the sheet"
    if part.is_flat():
        return "flat tint"
    if part.is_seal(text, unit):
        return "seal over text"
    if part.is_text_box(text):
        return "table or box of text"
    return ""


def _is_sheet_edge(box: Box, page_width: int, page_height: int, unit: float) -> bool:
    """A strip along a side of the sheet: scanner lid, gutter, the next page."""
    reach = 1.5 * unit
    w, h = width(box), height(box)
    upright = (box[0] <= reach or box[2] >= page_width - reach) and w < 0.06 * page_width and h > 4 * w
    lying = (box[1] <= reach or box[3] >= page_height - reach) and h < 0.06 * page_height and w > 4 * h
    return upright or lying


def _is_red(excess: FloatImage) -> Mask:
    """Where the print is red, however faint: seal paste is cinnabar."""
    a, b = excess[:, :, 1], excess[:, :, 2]
    red: Mask = (a > 8) & (a > 1.2 * np.abs(b))
    return red


class _Part:
    """The pixels of one region, measured."""

    def __init__(self, box: Box, paper: Paper, ink: Mask, covered: Mask) -> None:
        self.box, self.paper = box, paper
        y, x = slice(int(box[1]), int(box[3])), slice(int(box[0]), int(box[2]))
        self.excess = paper.excess[y, x]
        self.distance, self.texture = paper.distance[y, x], paper.texture[y, x]
        self.ink, self.covered = ink[y, x], covered[y, x]

    def is_faint(self) -> bool:
        """Hardly darker than paper and without structure."""
        if not self.ink.any():
            return True
        strong = np.percentile(self.distance[self.ink], 98)
        return bool(strong < 12 and np.percentile(self.texture[self.ink], 98) < 4)

    def is_gutter(self, fold: int | None) -> bool:
        """A strip along a whole side, or the fold, that is alike from head to foot, as a shadow is and no
        picture."""
        height, width = self.paper.distance.shape
        x0, y0, x1, y1 = self.box
        lean = _LEAN * width
        at_fold = fold is not None and x0 - lean <= fold <= x1 + lean
        # Over and under the fold lies the scanner's ground.
        least = _AT_FOLD if at_fold else _WHOLE
        is_placed = at_fold or x0 <= 2 or x1 >= width - 2
        if y1 - y0 < least * height or x1 - x0 > _GUTTER * width or not is_placed:
            return False
        bare = np.where(self.covered, np.nan, self.distance)
        bare = bare[:, ~np.isnan(bare).all(axis=0)]
        apart = np.abs(bare - np.nanmedian(bare, axis=0))
        return bool(np.nanmedian(apart) < _ALIKE)

    def is_flat(self) -> bool:
        """Dense and of one colour without structure inside its outline: a bar, a coloured ground."""
        # Its own edges are no structure, nor is their blur.
        bordered = np.pad(self.ink.astype(np.uint8), 1)
        inner = cv2.erode(bordered, np.ones((11, 11), np.uint8))[1:-1, 1:-1].astype(bool)
        if inner.mean() < 0.4:
            return False
        if float((self.texture[inner] > 2.5).mean()) >= 0.01:
            return False
        # Light and shade on a smooth object change its colour all over.
        low, high = np.percentile(self.excess[inner], (5, 95), axis=0)
        return bool(np.abs(high - low).max() < _SHADED)

    def is_seal(self, text: Sequence[Box], unit: float) -> bool:
        """Red strokes across lines of text."""
        red = _is_red(self.excess) & self.ink
        if self.ink.mean() >= 0.5 or red.sum() <= 0.6 * (self.ink & ~self.covered).sum():
            return False
        # The text is no part of the region, so a seal may seem to end where a line begins.
        near = expand(self.box, _SEAL_REACH_MM * unit)
        return any(overlap_share(t, near) > 0.05 and self._is_stamped(t) for t in text)

    def _is_stamped(self, line: Box) -> bool:
        """Whether a line in another colour has red among it."""
        y, x = slice(int(line[1]), int(line[3]) + 1), slice(int(line[0]), int(line[2]) + 1)
        printed = self.paper.distance[y, x] > self.paper.threshold
        red = _is_red(self.paper.excess[y, x]) & printed
        return bool(0.05 * printed.sum() < red.sum() < 0.9 * printed.sum())

    def is_text_box(self, text: Sequence[Box]) -> bool:
        """A tinted box, frame or table: text, flat ground and straight lines, and nothing else."""
        inside = [t for t in text if overlap_share(t, self.box) > 0.6]
        share = sum(area(intersection(t, self.box)) for t in inside) / max(1.0, area(self.box))
        rest = ~self.covered
        busy = (self.texture > 5.0) & rest & ~self._lines()
        busy_share = float(busy.sum()) / max(1, int(rest.sum()))
        return busy_share < 0.03 and (share > 0.08 or len(inside) >= 4)

    def _lines(self) -> Mask:
        """Pixels near long straight lines and straight edges of tints, upright or lying."""
        edges = (self.texture > 5.0).astype(np.uint8)
        h, w = edges.shape
        long_x, long_y = max(9, w // 4), max(9, h // 4)
        lying = cv2.morphologyEx(edges, cv2.MORPH_OPEN, np.ones((1, long_x), np.uint8))
        upright = cv2.morphologyEx(edges, cv2.MORPH_OPEN, np.ones((long_y, 1), np.uint8))
        lines: Mask = cv2.dilate(lying | upright, np.ones((5, 5), np.uint8)).astype(bool)
        return lines
