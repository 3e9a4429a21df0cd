"""Figures on the raster of a page: what is neither paper nor text, grouped into boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.figure_checks import name_reason
from extractors.ocr import Raster
from extractors.panels import find_panels, pad_line, paint_lines
from extractors.paper import Paper, measure_paper
from extractors.records import Box
from extractors.regions import add_backdrops, find_regions, group_regions
from extractors.sheet import clear_sheet_edges

WORKING_DPI = 100.0
# Strips narrower than this (mm) that differ so little from paper (CIE Lab) are shadows.
_SHADOW_MM, _SHADOW_STRENGTH, _SHADOW_TEXTURE = 4.0, 16.0, 4.0
# The rim of a panel, where it is blurred into the paper.
_RIM_MM = 1.5
Mask = NDArray[np.bool_]


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
    boxes = [(b[0] * scale, b[1] * scale, b[2] * scale, b[3] * scale) for b in text]
    paper = measure_paper(small, boxes)
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
    ink = clear_sheet_edges(paper.distance > paper.threshold, paper.lab, unit)
    ink, rules = _take_rules(ink, unit)
    beside_text = ink & ~paint_lines(text, ink.shape)
    on_paper = [box for box in text if _stands_on_paper(beside_text, box)]
    covered = paint_lines(on_paper, ink.shape)
    ink = add_backdrops(paper, ink & ~covered, covered, unit)
    tinted = [box for box in text if box not in on_paper]
    panels = find_panels(paper, ink, paint_lines(tinted, ink.shape), tinted)
    covered |= panels
    ink, more = _take_rules(_take_panels(ink, panels, unit), unit)
    ink = _drop_shadows(paper, ink, unit)
    lettered = covered | paint_lines(tinted, ink.shape)
    figures: list[Found] = []
    dropped: list[Found] = []
    for region in group_regions(find_regions(ink, unit), ink, on_paper, unit):
        reason = name_reason(region, paper, ink, lettered, text, unit)
        (dropped if reason else figures).append(Found(region.box, reason))
    return Segmentation(tuple(figures), tuple(dropped), tuple(rules + more))


def _stands_on_paper(beside_text: Mask, box: Box) -> bool:
    """Whether a text box has paper around it: what a detector reads into a picture has picture around it."""
    pad = pad_line(box)
    x0, y0, x1, y1 = round(box[0] - pad), round(box[1] - pad), round(box[2] + pad), round(box[3] + pad)
    around = beside_text[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3]
    inner = beside_text[max(0, y0) : y1, max(0, x0) : x1]
    ring = around.size - inner.size
    return ring > 0 and float(around.sum() - inner.sum()) / ring < 0.35


def _take_panels(ink: Mask, panels: Mask, unit: float) -> Mask:
    """`ink` without the panels and their rims, thin strips that would join one to the picture beside it."""
    rest = ink & ~panels
    side, reach = round(_RIM_MM * unit) | 1, 2 * round(_RIM_MM * unit) + 1
    opened = cv2.morphologyEx(rest.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    near = cv2.dilate(panels.astype(np.uint8), np.ones((reach, reach), np.uint8))
    taken: Mask = rest & ~((opened == 0) & (near > 0))
    return taken


def _drop_shadows(paper: Paper, ink: Mask, unit: float) -> Mask:
    """`ink` without the soft shadows that are set under pictures, and join one to the next.

    A shadow is a narrow strip, pale and without structure.
    """
    side = round(_SHADOW_MM * unit) | 1
    padded = np.pad(ink.astype(np.uint8), side)
    wide = cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))[side:-side, side:-side]
    faint = (paper.distance < _SHADOW_STRENGTH) & (paper.texture < _SHADOW_TEXTURE)
    dropped: Mask = ink & ~(faint & (wide == 0))
    return dropped


def _take_rules(ink: Mask, unit: float) -> tuple[Mask, list[Box]]:
    """Takes lone straight lines out of the ink: underlines, separators, but not lines that join others."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    thin, length = max(3.0, 1.7 * unit), 8 * unit
    w, h, count = stats[:, 2], stats[:, 3], stats[:, 4]
    flat = ((h <= thin) & (w >= length)) | ((w <= thin) & (h >= length))
    flat &= count >= 0.6 * np.maximum(w, h)
    flat[0] = False
    rules = [tuple(float(v) for v in (x, y, x + a, y + b)) for x, y, a, b, _ in stats[flat]]
    return ink & ~flat[labels], rules  # type: ignore[return-value]
