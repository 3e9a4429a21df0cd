"""Figures on the raster of a page: what is neither paper nor text, grouped into boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.backdrops import add_backdrops
from extractors.bridges import clear_bridges
from extractors.figure_checks import STAIN, name_reason
from extractors.geometry import area, expand, gap, intersection
from extractors.light import find_fold
from extractors.ocr import Raster
from extractors.pale_marks import clear_marks
from extractors.panels import find_panels, pad_line, paint_lines
from extractors.paper import Paper, measure_paper
from extractors.records import Box
from extractors.regions import Region, find_regions, group_regions
from extractors.ruled_tables import find_tables
from extractors.sheet import clear_sheet_edges

WORKING_DPI = 100.0
# Strips narrower than this (mm) that differ so little from paper (CIE Lab) are shadows.
_SHADOW_MM, _SHADOW_STRENGTH, _SHADOW_TEXTURE = 4.0, 16.0, 4.0
_LINE_MM = 1.8
# Pixels over which the edge of a picture is blurred into the paper.
_BLUR = 4
# How near a stain is to a photograph, and how pale, in thresholds of print.
_STAIN_MM, _STAIN = 12.0, 1.6
# Least share of a line's surroundings that shows its ground, and the share of ink that print stays below.
_RING, _FULL = 0.25, 0.9
# Titles on tints are set larger than the text beside them, but hardly so much larger.
_WRITTEN, _COLUMN = 2.5, 3.0
# The rim of a panel, where it is blurred into the paper.
_RIM_MM = 1.5
# Lone lines (mm, blur included): thin ones, and bars at headings, so many times longer than wide and nowhere
# much narrower: between characters, a line of type is.
_THIN_MM, _BAR_MM, _BAR, _EVENLY = 1.7, 3.2, 3.0, 0.75
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


def find_figures(
    image: Raster, dpi: float, text: Sequence[Box], confidences: Sequence[float] = ()
) -> Segmentation:
    """Finds the figures on an upright RGB page at `dpi`.

    `text` are boxes of lines found on it, in pixels, and `confidences` (0–1) how sure what they say is:
    if left out, 1 each.
    """
    scale = min(1.0, WORKING_DPI / dpi)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    boxes = [(b[0] * scale, b[1] * scale, b[2] * scale, b[3] * scale) for b in text]
    paper = measure_paper(small, boxes)
    unit = WORKING_DPI / 25.4 if scale < 1 else dpi / 25.4
    found = segment(paper, boxes, confidences or [1.0] * len(boxes), unit)
    back = [
        tuple(
            Found((f.box[0] / scale, f.box[1] / scale, f.box[2] / scale, f.box[3] / scale), f.reason)
            for f in part
        )
        for part in (found.figures, found.dropped)
    ]
    rules = tuple((r[0] / scale, r[1] / scale, r[2] / scale, r[3] / scale) for r in found.rules)
    return Segmentation(back[0], back[1], rules)


def segment(paper: Paper, boxes: Sequence[Box], confidences: Sequence[float], unit: float) -> Segmentation:
    """The same on a measured page, with the `boxes` of its lines; `unit` is pixels per millimetre."""
    text = list(boxes)
    height, width = paper.distance.shape
    if paper.share < 0.04:
        return Segmentation((Found((0.0, 0.0, float(width), float(height))),), (), ())
    ink = paper.distance > paper.threshold
    # Each page of a spread goes into the fold as at the side of a sheet.
    fold = find_fold(paper.lab)
    for page in [slice(None)] if fold is None else [slice(0, fold), slice(fold, None)]:
        ink[:, page] = clear_sheet_edges(ink[:, page], paper.lab[:, page], unit)
    ink, rules = _take_rules(ink, unit)
    grids, tables = find_tables(ink, text, unit)
    ink &= ~cv2.dilate(grids.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    lines = paint_lines(text, ink.shape)
    on_paper = [box for box in text if _stands_on_paper(ink, lines, box)]
    covered = paint_lines(on_paper, ink.shape)
    ink = add_backdrops(paper, ink & ~covered, on_paper, covered, unit)
    written = _find_written(text, on_paper)
    text = [box for box in text if box not in written]
    confidences = [sure for box, sure in zip(boxes, confidences, strict=True) if box not in written]
    unsettled = [(box, sure) for box, sure in zip(text, confidences, strict=True) if box not in on_paper]
    tinted = [box for box, _ in unsettled]
    panels = find_panels(paper, ink, paint_lines(tinted, ink.shape), tinted, [sure for _, sure in unsettled])
    covered |= panels
    ink, more = _take_rules(_take_panels(ink, panels, unit), unit)
    ink = clear_marks(paper, _drop_shadows(paper, ink, unit), on_paper, unit)
    ink = clear_bridges(ink, paper, unit)
    lettered = covered | paint_lines(tinted, ink.shape)
    figures: list[Found] = []
    dropped = [Found(box, "table") for box in tables]
    found = find_regions(ink, unit)
    stains = [r for r in found if _is_stain(r, found, paper, ink, unit)]
    dropped += [Found(r.box, STAIN) for r in stains]
    page_area = ink.size / (1 if fold is None else 2)
    regions = group_regions([r for r in found if r not in stains], ink, on_paper, unit, page_area)
    for region in regions:
        reason = name_reason(region, paper, _leave_own(ink, region, regions), lettered, text, unit, fold)
        (dropped if reason else figures).append(Found(region.box, reason))
    return Segmentation(tuple(figures), tuple(dropped), tuple(rules + more))


def _find_written(text: Sequence[Box], on_paper: Sequence[Box]) -> list[Box]:
    """Columns on a ground of their own, far larger than the page's print: calligraphy, inscriptions.

    Titles on art are set as large, but in rows.
    """
    sizes = [min(x1 - x0, y1 - y0) for x0, y0, x1, y1 in on_paper or text]
    usual = float(np.median(sizes)) if sizes else 0.0
    others = (box for box in text if box not in on_paper)
    return [b for b in others if _WRITTEN * usual < b[2] - b[0] < (b[3] - b[1]) / _COLUMN]


def _stands_on_paper(ink: Mask, lines: Mask, box: Box) -> bool:
    """Whether a text box has paper around it: what a detector reads into a picture has picture around it.

    Where other lines are all around it, or a picture on one side, the ground between its own strokes tells.
    """
    pad = pad_line(box)
    x0, y0, x1, y1 = round(box[0] - pad), round(box[1] - pad), round(box[2] + pad), round(box[3] + pad)
    around = (slice(max(0, y0 - 3), y1 + 3), slice(max(0, x0 - 3), x1 + 3))
    bare = ~lines[around]
    ring = bare.size - lines[max(0, y0) : y1, max(0, x0) : x1].size
    printed = float((ink[around] & bare).sum()) / max(1.0, float(bare.sum()))
    if bare.sum() >= _RING * ring and not 0.35 <= printed < 0.7:
        return printed < 0.35
    inner = ink[max(0, round(box[1])) : round(box[3]), max(0, round(box[0])) : round(box[2])]
    return inner.size > 0 and float(inner.mean()) < _FULL


def _take_panels(ink: Mask, panels: Mask, unit: float) -> Mask:
    """`ink` without the panels and their rims, thin strips that would join one to the picture beside it."""
    rest = ink & ~panels
    reach = 2 * round(_RIM_MM * unit) + 1
    near = cv2.dilate(panels.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(bool)
    taken: Mask = rest & (_open(rest, _RIM_MM * unit) | ~near)
    return taken


def _drop_shadows(paper: Paper, ink: Mask, unit: float) -> Mask:
    """`ink` without the soft shadows that are set under pictures, and join one to the next.

    A shadow is a narrow strip, pale and without structure; a line of a drawing is narrower still.
    """
    faint = (paper.distance < _SHADOW_STRENGTH) & (paper.texture < _SHADOW_TEXTURE)
    narrow = ink & faint & ~_open(ink, _SHADOW_MM * unit)
    dropped: Mask = ink & ~(narrow & _open(narrow, _LINE_MM * unit))
    return dropped


def _is_stain(region: Region, regions: Sequence[Region], paper: Paper, ink: Mask, unit: float) -> bool:
    """Whether a loose piece at a photograph is too pale to be of it: the next page that shows through."""
    photographs = (r for r in regions if r.is_photograph(unit))
    if region.core or all(gap(r.box, region.box) > _STAIN_MM * unit for r in photographs):
        return False
    x0, y0, x1, y1 = (round(v) for v in region.box)
    own = paper.distance[y0:y1, x0:x1][ink[y0:y1, x0:x1]]
    return own.size > 0 and float(np.percentile(own, 90)) < _STAIN * paper.threshold


def _leave_own(ink: Mask, region: Region, regions: Sequence[Region]) -> Mask:
    """`ink` without that of the photographs into which the region's box reaches: shade ends at one."""
    own = ink
    for other in regions:
        common = area(intersection(other.box, region.box))
        if other is region or not other.is_solid or not 0 < common < area(region.box):
            continue
        x0, y0, x1, y1 = (max(0, round(v)) for v in expand(other.box, _BLUR))
        own = own.copy() if own is ink else own
        own[y0:y1, x0:x1] = False
    return own


def _open(mask: Mask, size: float) -> Mask:
    """What of a mask is as wide as `size` pixels, up to the page's edge."""
    side = round(size) | 1
    padded = np.pad(mask.astype(np.uint8), side, mode="edge")
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    wide: Mask = opened[side:-side, side:-side].astype(bool)
    return wide


def _take_rules(ink: Mask, unit: float) -> tuple[Mask, list[Box]]:
    """Takes lone straight lines and bars out of the ink: underlines, separators, not lines joining others."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    w, h, count = stats[:, 2], stats[:, 3], stats[:, 4]
    thickness, length = np.minimum(w, h), np.maximum(w, h)
    flat = (length >= 8 * unit) & (thickness <= max(3.0, _THIN_MM * unit)) & (count >= 0.6 * length)
    may_be_bar = (length >= 8 * unit) & (thickness <= _BAR_MM * unit) & (length >= _BAR * thickness)
    for k in np.flatnonzero(may_be_bar & ~flat & (count >= _EVENLY * w * h)):
        x, y = stats[k, :2]
        flat[k] = _is_bar(labels[y : y + h[k], x : x + w[k]] == k)
    flat[0] = False
    rules = [tuple(float(v) for v in (x, y, x + a, y + b)) for x, y, a, b, _ in stats[flat]]
    left = ink & ~flat[labels] if rules else ink
    return left, rules  # type: ignore[return-value]


def _is_bar(mask: Mask) -> bool:
    """Whether a narrow piece is about as wide all along; its blurred ends aside."""
    across = mask.sum(axis=int(mask.shape[1] < mask.shape[0]))
    return bool(across[2:-2].min(initial=0 if across.size < 5 else across.max()) >= _EVENLY * min(mask.shape))
