"""Figures on the raster of a page: what is neither paper nor text, grouped into boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.figure_checks import Region, name_reason
from extractors.geometry import area, gap, intersection, union
from extractors.ocr import Raster
from extractors.paper import Paper, measure_paper
from extractors.records import Box

WORKING_DPI = 100.0
Mask = NDArray[np.bool_]

# Gaps in millimetres. Printed pictures stand 3 mm and more apart; what is nearer is one picture with light
# parts. Pieces of a drawing may lie further apart than pictures do.
_JOIN_MM = 1.6
_DRAWING_MM = 4.0
# A picture fills its box; a drawing leaves paper in it.
_SOLID = 0.72


@dataclass(frozen=True, slots=True)
class Found:
    """A figure's box in pixels of the page given, or why a region is none."""

    box: Box
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The figures of a page, the regions dropped with a reason, and thin straight rules (pixel boxes)."""

    figures: tuple[Found, ...]
    dropped: tuple[Found, ...]
    rules: tuple[Box, ...]


def find_figures(image: Raster, dpi: float, text: Sequence[Box]) -> Segmentation:
    """Finds the figures on an upright RGB page at `dpi`; `text` are boxes of lines found on it, in pixels."""
    scale = min(1.0, WORKING_DPI / dpi)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = measure_paper(small)
    boxes = [(b[0] * scale, b[1] * scale, b[2] * scale, b[3] * scale) for b in text]
    unit = WORKING_DPI / 25.4 if scale < 1 else dpi / 25.4
    found = segment(paper, boxes, unit)
    back = [
        tuple(
            Found((f.box[0] / scale, f.box[1] / scale, f.box[2] / scale, f.box[3] / scale), f.reason)
            for f in part
        )
        for part in (found.figures, found.dropped)
    ]
    rules = tuple((r[0] / scale, r[1] / scale, r[2] / scale, r[3] / scale) for r in found.rules)
    return Segmentation(back[0], back[1], rules)


def segment(paper: Paper, text: Sequence[Box], unit: float) -> Segmentation:
    """The same on a measured page; `unit` is pixels per millimetre."""
    height, width = paper.distance.shape
    if paper.share < 0.04:
        return Segmentation((Found((0.0, 0.0, float(width), float(height))),), (), ())
    ink = paper.distance > paper.threshold
    on_paper = [box for box in text if _stands_on_paper(ink, box)]
    covered = _paint(on_paper, ink.shape, 1)
    ink &= ~covered
    ink, rules = _take_rules(ink, unit)
    regions = _group(_label(ink, unit), on_paper, unit)
    figures, dropped = [], []
    for region in regions:
        reason = name_reason(region, paper, ink, covered, on_paper, unit)
        (dropped if reason else figures).append(Found(region.box, reason))
    return Segmentation(tuple(figures), tuple(dropped), tuple(rules))


def _stands_on_paper(ink: Mask, box: Box) -> bool:
    """Whether a text box has paper around it: what a detector reads into a picture has picture around it."""
    x0, y0, x1, y1 = (round(v) for v in box)
    outer = ink[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3]
    inner = ink[max(0, y0) : y1, max(0, x0) : x1]
    ring = outer.size - inner.size
    return ring > 0 and (outer.sum() - inner.sum()) / ring < 0.35 and inner.mean() < 0.75


def _paint(boxes: Sequence[Box], shape: tuple[int, ...], margin: int) -> Mask:
    mask = np.zeros(shape, bool)
    for x0, y0, x1, y1 in boxes:
        mask[
            max(0, round(y0) - margin) : round(y1) + margin, max(0, round(x0) - margin) : round(x1) + margin
        ] = True
    return mask


def _take_rules(ink: Mask, unit: float) -> tuple[Mask, list[Box]]:
    """Takes lone straight lines out of the ink: underlines, separators, but not lines that join others."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    thin, length = max(3.0, 1.3 * unit), 8 * unit
    w, h, count = stats[:, 2], stats[:, 3], stats[:, 4]
    flat = ((h <= thin) & (w >= length)) | ((w <= thin) & (h >= length))
    flat &= count >= 0.6 * np.maximum(w, h)
    flat[0] = False
    rules = [tuple(float(v) for v in (x, y, x + a, y + b)) for x, y, a, b, _ in stats[flat]]
    return ink & ~flat[labels], rules  # type: ignore[return-value]


def _label(ink: Mask, unit: float) -> list[Region]:
    """Connected regions of ink, with gaps narrower than pictures keep between them closed."""
    side = max(3, round(_JOIN_MM * unit) | 1)
    kernel = np.ones((side, side), np.uint8)
    padded = cv2.copyMakeBorder(ink.astype(np.uint8), side, side, side, side, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)[side:-side, side:-side]
    # Specks and bridges of noise between pictures go.
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    regions = []
    for k in range(1, len(stats)):
        x, y, w, h, count = (int(v) for v in stats[k])
        if max(w, h) < 1.5 * unit:
            continue
        own = labels[y : y + h, x : x + w] == k
        filled = _fill(own)
        regions.append(Region((x, y, x + w, y + h), float(filled.sum()), count))
    return regions


def _fill(mask: Mask) -> Mask:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    canvas = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(canvas, contours, -1, 1, cv2.FILLED)
    return canvas.astype(bool)


def _group(regions: list[Region], text: Sequence[Box], unit: float) -> list[Region]:
    """Joins regions that belong to one picture: one within another, overlapping, or pieces of a drawing."""
    left = sorted(regions, key=lambda r: (r.box[1], r.box[0]))
    joined = True
    while joined:
        joined = False
        for i, a in enumerate(left):
            for j in range(i + 1, len(left)):
                if _belong(a, left[j], text, unit):
                    left[i] = a.join(left[j])
                    del left[j]
                    joined = True
                    break
            if joined:
                break
    return left


def _belong(a: Region, b: Region, text: Sequence[Box], unit: float) -> bool:
    small, large = sorted((a, b), key=lambda r: area(r.box))
    common = area(intersection(a.box, b.box))
    if common > 0:
        return common >= 0.5 * area(small.box) or not (a.fill >= _SOLID and b.fill >= _SOLID)
    solid = a.fill >= _SOLID and min(_sides(a)) > 8 * unit, b.fill >= _SOLID and min(_sides(b)) > 8 * unit
    reach = 0.0 if all(solid) else _DRAWING_MM * unit
    if gap(a.box, b.box) > reach:
        return False
    both = union((a.box, b.box))
    crossed = [t for t in text if area(intersection(t, both)) > 0.5 * area(t)]
    # Two drawings with a line of text between them are two.
    return all(area(intersection(t, a.box)) + area(intersection(t, b.box)) > 0.5 * area(t) for t in crossed)


def _sides(region: Region) -> tuple[float, float]:
    return region.box[2] - region.box[0], region.box[3] - region.box[1]
