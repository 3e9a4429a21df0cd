"""Values of a PDF as pdfminer gives them → numbers, matrices, boxes; paths → their points on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdfminer.pdftypes import resolve1
from pdfminer.utils import apply_matrix_pt

from extractors.page_trace import Matrix
from extractors.records import Box

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
Point = tuple[float, float]
Path = Sequence[tuple[Any, ...]]
"""pdfminer's: ("m", x, y), ("l", x, y), ("c", x1, y1, x2, y2, x3, y3), ("v", …), ("y", …), ("h",)."""

_SAME_PT = 0.01


def as_number(value: Any, otherwise: float) -> float:
    """A number of the file, or `otherwise`."""
    found = resolve1(value)
    return float(found) if isinstance(found, int | float) else otherwise


def as_numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """A list of `count` numbers, or None."""
    found = resolve1(value)
    if not isinstance(found, list) or len(found) != count:
        return None
    values = [resolve1(v) for v in found]
    return tuple(float(v) for v in values) if all(isinstance(v, int | float) for v in values) else None


def as_matrix(value: Any) -> Matrix:
    """A matrix of the file; the identity where there is none."""
    found = as_numbers(value, 6)
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if found else IDENTITY


def as_box(value: Any) -> Box | None:
    """A rectangle of the file, its corners in order, or None."""
    found = as_numbers(value, 4)
    if found is None:
        return None
    (x0, x1), (y0, y1) = sorted((found[0], found[2])), sorted((found[1], found[3]))
    return x0, y0, x1, y1


def map_corners(box: Box, matrix: Matrix) -> list[Point]:
    """A box's corners under a matrix."""
    x0, y0, x1, y1 = box
    return [apply_matrix_pt(matrix, point) for point in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]


def bound(points: Sequence[Point]) -> Box:
    """The box around points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def is_straight(m: Matrix) -> bool:
    """Whether a matrix maps upright boxes to upright boxes."""
    scale = max(abs(v) for v in m[:4]) or 1.0
    return max(abs(m[1]), abs(m[2])) < 1e-4 * scale or max(abs(m[0]), abs(m[3])) < 1e-4 * scale


def map_path(path: Path, matrix: Matrix) -> tuple[list[Point], bool]:
    """A path's points, control points too, and whether it is one upright rectangle or line."""
    points = [
        apply_matrix_pt(matrix, (step[i], step[i + 1]))
        for step in path
        for i in range(1, len(step) - 1, 2)
        if all(isinstance(v, int | float) for v in step[1:])
    ]
    return points, _is_rectangle("".join(str(step[0]) for step in path), points)


def _is_rectangle(shape: str, points: Sequence[Point]) -> bool:
    ring = list(points)
    if shape.rstrip("h") == "ml":
        return min(abs(ring[0][0] - ring[1][0]), abs(ring[0][1] - ring[1][1])) < _SAME_PT
    if shape.rstrip("h") == "mllll" and _is_near(ring[0], ring[4]):
        ring.pop()
    elif shape.rstrip("h") != "mlll":
        return False
    x0, y0, x1, y1 = bound(ring)
    on_corners = all(
        min(abs(x - x0), abs(x - x1)) < _SAME_PT and min(abs(y - y0), abs(y - y1)) < _SAME_PT for x, y in ring
    )
    return on_corners and _is_near(_middle(ring[0], ring[2]), _middle(ring[1], ring[3]))


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _is_near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < _SAME_PT and abs(a[1] - b[1]) < _SAME_PT
