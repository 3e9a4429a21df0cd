"""Print on a page grouped into regions: one region for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import (
    area,
    gap,
    height,
    intersection,
    overlap_share,
    overlap_x,
    overlap_y,
    union,
    width,
)
from extractors.records import Box

Mask = NDArray[np.bool_]

# Gaps in millimetres within one picture. Pieces of a drawing lie further apart than parts of a photograph.
_JOIN_MM = 1.6
_DRAWING_MM = 4.0
# Motifs drawn apart from each other are no larger; what is as dense and larger is a photograph.
ISLAND_MM = 20.0
# Bridges between two pictures narrower than this are noise, or shadows of their edges.
_BRIDGE_MM = 1.2
# The shorter side of the smallest picture.
CORE_MM = 8.0
_CRUMB_MM = 3.0
# Type of captions is no higher, and a few characters are longer than high; a photograph fills its box.
_LINE_MM, _LINE_RATIO, _FULL = 5.0, 3.0, 0.95
# The lines around a page's print enclose so much of it.
_BORDER = 0.4
# A picture's ink fills its outline; a drawing leaves paper in it.
SOLID = 0.6


@dataclass(frozen=True, slots=True)
class Region:
    """A box in pixels, the number of pixels within its outline and of those that are ink.

    A `core` is one piece of dense print as large as a picture. `longest` is the longer side of the largest
    piece that a region was joined from.
    """

    box: Box
    filled: float
    ink: float
    core: bool = False
    longest: float = 0.0

    @property
    def density(self) -> float:
        """Share of the outline that is ink (0–1)."""
        return self.ink / max(1.0, self.filled)

    @property
    def is_solid(self) -> bool:
        """Whether this is a photograph or a painted pattern rather than a line drawing."""
        return self.core and self.density >= SOLID

    def is_photograph(self, unit: float) -> bool:
        """Whether this is solid, and larger than a motif that is drawn by itself; `unit` is pixels per mm."""
        return self.is_solid and self.longest > ISLAND_MM * unit

    def join(self, other: Region) -> Region:
        """The region around both."""
        box = union((self.box, other.box))
        filled, ink = self.filled + other.filled, self.ink + other.ink
        return Region(box, filled, ink, self.core or other.core, max(self.longest, other.longest))


def find_regions(ink: Mask, unit: float) -> list[Region]:
    """The pieces of print: cores of dense print first, then what lies between, small gaps closed."""
    side = max(3, round(_BRIDGE_MM * unit) | 1)
    opened = cv2.morphologyEx(_padded(ink, side), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    opened = opened[side:-side, side:-side]
    cores, taken = _components(opened, ink, CORE_MM * unit, core=True)
    side = max(3, round(_JOIN_MM * unit) | 1)
    rest = ink & ~cv2.dilate(taken, np.ones((3, 3), np.uint8)).astype(bool)
    closed = cv2.morphologyEx(_padded(rest, side), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    pieces, _ = _components(closed[side:-side, side:-side], ink, 1.5 * unit, core=False)
    return cores + pieces


def _padded(mask: Mask, side: int) -> NDArray[np.uint8]:
    padded: NDArray[np.uint8] = np.pad(mask.astype(np.uint8), side)
    return padded


def _components(
    mask: NDArray[np.uint8], ink: Mask, least: float, *, core: bool
) -> tuple[list[Region], NDArray[np.uint8]]:
    """Connected regions whose longer side (cores: shorter side) is `least` or more, and their mask."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask), connectivity=8)
    regions, taken = [], np.zeros(mask.shape, np.uint8)
    for k in range(1, len(stats)):
        x, y, w, h = (int(v) for v in stats[k][:4])
        if (min(w, h) if core else max(w, h)) < least:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == k
        outline = _fill(own)
        taken[window] |= own.astype(np.uint8)
        regions.append(
            Region(
                (x, y, x + w, y + h),
                float(outline.sum()),
                float((outline & ink[window]).sum()),
                core,
                float(max(w, h)),
            )
        )
    return regions, taken


def _fill(mask: Mask) -> Mask:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    canvas = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(canvas, contours, -1, 1, cv2.FILLED)
    return canvas.astype(bool)


def group_regions(
    regions: list[Region], ink: Mask, text: Sequence[Box], unit: float, page_area: float | None = None
) -> list[Region]:
    """Joins regions that belong to one picture: one within another, overlapping, or pieces of a drawing.

    Frames around several pictures or around text are left alone. `text` are boxes of lines on paper, and
    `page_area` the pixels of one page: half the sheet where it holds a spread. If left out, all of it.
    """
    sheet = float(ink.size) if page_area is None else page_area
    frames = [r for r in regions if _is_frame(r, regions, ink, text, unit, sheet)]
    left = _attach_pieces([r for r in regions if r not in frames], ink, text, unit)
    left.sort(key=lambda r: (r.box[1], r.box[0]))
    k = 0
    while k < len(left):
        partner = next(
            (j for j in range(len(left)) if j != k and _belong(left[k], left[j], ink, text, unit)), None
        )
        if partner is None:
            k += 1
            continue
        joined = left[k].join(left[partner])
        left = [r for j, r in enumerate(left) if j not in (k, partner)]
        left.insert(0, joined)
        k = 0
    return sorted(left, key=lambda r: (r.box[1], r.box[0]))


def _attach_pieces(regions: list[Region], ink: Mask, text: Sequence[Box], unit: float) -> list[Region]:
    """Gives each loose piece to the one photograph at which it lies; chained, pieces would bridge two.

    Crumbs of noise at its rim are left out: they would take from it the straight edge that parts two.
    """
    solids = [r for r in regions if r.is_solid]
    loose = []
    for piece in sorted((r for r in regions if not r.is_solid), key=lambda r: (r.box[1], r.box[0])):
        near = [
            (-area(intersection(s.box, piece.box)), gap(s.box, piece.box), k)
            for k, s in enumerate(solids)
            if gap(s.box, piece.box) <= _JOIN_MM * unit and _belong(s, piece, ink, text, unit)
        ]
        if near and not piece.core:
            k = min(near)[2]
            if area(piece.box) > (_CRUMB_MM * unit) ** 2:
                solids[k] = solids[k].join(piece)
        else:
            loose.append(piece)
    return solids + loose


def _is_frame(
    region: Region, regions: list[Region], ink: Mask, text: Sequence[Box], unit: float, page_area: float
) -> bool:
    """A thin outline around several pictures, around text, or around all that a page holds."""
    if region.core:
        return False
    inside = [r for r in regions if r.core and overlap_share(r.box, region.box) > 0.9]
    if region.ink - sum(r.ink for r in inside) > 0.3 * area(region.box):
        return False
    words = sum(area(intersection(t, region.box)) for t in text) / max(1.0, area(region.box))
    is_border = area(region.box) > _BORDER * page_area and (words > 0 or bool(inside))
    if len(inside) < 2 and words < 0.2 and not is_border:
        return False
    x0, y0, x1, y1 = (int(v) for v in region.box)
    rim = int(2 * unit)
    hollow = ink[y0 + rim : y1 - rim, x0 + rim : x1 - rim].copy()
    for r in regions:
        if r is not region:
            a, b, c, d = (int(v) for v in r.box)
            hollow[
                max(0, b - y0 - rim) : max(0, d - y0 - rim), max(0, a - x0 - rim) : max(0, c - x0 - rim)
            ] = False
    return hollow.size > 0 and float(hollow.mean()) < 0.01


def _belong(a: Region, b: Region, ink: Mask, text: Sequence[Box], unit: float) -> bool:
    common = area(intersection(a.box, b.box))
    photographs = [r.is_photograph(unit) for r in (a, b)]
    if common > 0:
        smaller = min(area(a.box), area(b.box))
        return common >= 0.5 * smaller or not all(photographs)
    if gap(a.box, b.box) > (_JOIN_MM if any(photographs) else _DRAWING_MM) * unit:
        return False
    # Of four photographs set close, two meet at their corners alone.
    if all(photographs) and overlap_x(a.box, b.box) <= 0 and overlap_y(a.box, b.box) <= 0:
        return False
    if a.core and b.core and _is_gutter(a.box, b.box, ink):
        return False
    if any(_is_line_at(*pair, unit) for pair in ((a, b), (b, a))):
        return False
    both = union((a.box, b.box))
    between = [t for t in text if area(intersection(t, both)) > 0.5 * area(t)]
    # Two drawings with a line of text between them are two.
    return all(area(intersection(t, a.box)) + area(intersection(t, b.box)) > 0.5 * area(t) for t in between)


def _is_line_at(photograph: Region, piece: Region, unit: float) -> bool:
    """Whether a loose piece above or below a rectangular photograph is as low and long as a line of print.

    A photograph ends at its edge, so it is a caption that was overlooked.
    """
    w, h = width(piece.box), height(piece.box)
    is_rectangle = photograph.is_photograph(unit) and photograph.filled > _FULL * area(photograph.box)
    return is_rectangle and not piece.core and h < _LINE_MM * unit and w > _LINE_RATIO * h


def _is_gutter(a: Box, b: Box, ink: Mask) -> bool:
    """Whether both pieces end at the gap between them in a straight edge, as two pictures do."""
    if overlap_x(a, b) > overlap_y(a, b):
        upper, lower = sorted((a, b), key=lambda box: box[1])
        x = slice(int(max(a[0], b[0])), int(min(a[2], b[2])))
        edges = ink[int(upper[3]) - 3 : int(upper[3]), x].T, ink[int(lower[1]) : int(lower[1]) + 3, x].T
    else:
        left, right = sorted((a, b), key=lambda box: box[0])
        y = slice(int(max(a[1], b[1])), int(min(a[3], b[3])))
        edges = ink[y, int(left[2]) - 3 : int(left[2])], ink[y, int(right[0]) : int(right[0]) + 3]
    # Of an edge that is a little skewed, the outermost pixels are few.
    return all(edge.size > 0 and float(edge.any(axis=1).mean()) > 0.8 for edge in edges)
