"""Tiny pure functions on boxes (points, origin top left)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from extractors.records import Box


def width(box: Box) -> float:
    """Width in points."""
    return box[2] - box[0]


def height(box: Box) -> float:
    """Height in points."""
    return box[3] - box[1]


def area(box: Box) -> float:
    """Area in square points; 0 for an empty box."""
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0) if x1 > x0 and y1 > y0 else 0.0


def centre(box: Box) -> tuple[float, float]:
    """Centre point (x, y)."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; ValueError without any."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return min(x0s), min(y0s), max(x1s), max(y1s)


def intersection(a: Box, b: Box) -> Box:
    """The common part; its area is 0 where the boxes do not meet."""
    x0, y0 = max(a[0], b[0]), max(a[1], b[1])
    return (x0, y0, max(x0, min(a[2], b[2])), max(y0, min(a[3], b[3])))


def shared_area(a: Box, b: Box) -> float:
    """Area of the common part in square points. Called for every two things on a page: no min, no max."""
    ax0, ay0, ax1, ay1 = a
    bx0, by0, bx1, by1 = b
    across = (ax1 if ax1 < bx1 else bx1) - (ax0 if ax0 > bx0 else bx0)
    if across <= 0:
        return 0.0
    down = (ay1 if ay1 < by1 else by1) - (ay0 if ay0 > by0 else by0)
    return across * down if down > 0 else 0.0


def overlap_share(a: Box, b: Box) -> float:
    """Share of `a` (0–1) that lies in `b`."""
    whole = area(a)
    return shared_area(a, b) / whole if whole > 0 else 0.0


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0–1."""
    common = shared_area(a, b)
    whole = area(a) + area(b) - common
    return common / whole if whole > 0 else 0.0


def overlap_x(a: Box, b: Box) -> float:
    """Length in points shared on the x axis; negative is the gap."""
    ax0, _, ax1, _ = a
    bx0, _, bx1, _ = b
    return (ax1 if ax1 < bx1 else bx1) - (ax0 if ax0 > bx0 else bx0)


def overlap_y(a: Box, b: Box) -> float:
    """Length in points shared on the y axis; negative is the gap."""
    _, ay0, _, ay1 = a
    _, by0, _, by1 = b
    return (ay1 if ay1 < by1 else by1) - (ay0 if ay0 > by0 else by0)


def expand(box: Box, margin: float) -> Box:
    """The box grown by `margin` points on each side."""
    return (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)


def scale(box: Box, factor: float) -> Box:
    """The box with all coordinates multiplied: points to pixels, or back."""
    return box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor


def gap(a: Box, b: Box) -> float:
    """Distance in points between the nearest edges; 0 where they touch or overlap."""
    return math.hypot(max(0.0, -overlap_x(a, b)), max(0.0, -overlap_y(a, b)))


def to_page_frame(box: Box, skew: float, page_width: float, page_height: float) -> Box:
    """The box around an upright `box` on the page as it lies in the file, clipped to the page.

    `skew` is `Page.skew`: the upright page was made by turning the page counter-clockwise by that angle
    (degrees) about its centre, so the way back turns clockwise.
    """
    if not skew:
        return box
    cx, cy = page_width / 2, page_height / 2
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    # With y downwards, (x, y) -> (x cos - y sin, x sin + y cos) turns clockwise as seen.
    corners = [(x - cx, y - cy) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [cx + x * cos - y * sin for x, y in corners]
    ys = [cy + x * sin + y * cos for x, y in corners]
    return (
        max(0.0, min(xs)),
        max(0.0, min(ys)),
        min(page_width, max(xs)),
        min(page_height, max(ys)),
    )


def to_upright_frame(box: Box, skew: float, page_width: float, page_height: float) -> Box:
    """The upright box of which `to_page_frame` makes `box`, where it was not clipped: for boxes that people
    draw on the page as it lies in the file.

    What is long and narrow cannot be the box around anything turned by `skew`; then half of it is left.
    """
    if not skew:
        return box
    cx, cy = page_width / 2, page_height / 2
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    x, y = centre(box)
    x, y = cx + (x - cx) * cos + (y - cy) * sin, cy - (x - cx) * sin + (y - cy) * cos
    wide, high, turn = width(box), height(box), cos * cos - sin * sin
    half_width = max(wide * cos - high * abs(sin), wide * turn / 2) / turn / 2
    half_height = max(high * cos - wide * abs(sin), high * turn / 2) / turn / 2
    return x - half_width, y - half_height, x + half_width, y + half_height
