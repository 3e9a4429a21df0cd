# ruff: noqa: RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Vector shapes of a motif and the canvas that paints them.

A motif is a tuple of shapes in its own box, x and y in -1..1 with y downwards. Shapes name inks (roles), not
colours, so that one motif can be painted in any scheme, mirrored, turned and repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Rgb = tuple[int, int, int]
XY = Sequence[tuple[float, float]]

_SHIFT = 4  # sub-pixel bits of cv2's fixed-point coordinates


@dataclass(frozen=True, slots=True)
class Shape:
    """One polygon or line: points (n, 2) in the motif's box, inks by role, line width in the same unit."""

    points: Points
    fill: str = ""
    line: str = ""
    width: float = 0.02
    closed: bool = True


Motif = tuple[Shape, ...]


def smooth(points: XY | Points, *, closed: bool = True, steps: int = 8) -> Points:
    """Return a Catmull-Rom curve (m, 2) through `points`; an open curve keeps its two ends."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        before, after, last = np.roll(p, 1, axis=0), np.roll(p, -1, axis=0), np.roll(p, -2, axis=0)
        start = p
    else:
        padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        before, start, after, last = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    b, s, a, e = (v[:, None, :] for v in (before, start, after, last))
    curve = 0.5 * (2 * s + (a - b) * t + (2 * b - 5 * s + 4 * a - e) * t**2 + (3 * s - b - 3 * a + e) * t**3)
    flat = curve.reshape(-1, 2)
    return flat if closed else np.vstack([flat, p[-1:]])


def ribbon(points: XY | Points, widths: Sequence[float], *, steps: int = 8) -> Points:
    """Return the outline of a curve through `points` whose full width runs through `widths`."""
    spine = smooth(points, closed=False, steps=steps)
    half = np.interp(np.linspace(0, 1, len(spine)), np.linspace(0, 1, len(widths)), widths) / 2
    along = np.gradient(spine, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * half[:, None]
    return np.vstack([spine + normal, (spine - normal)[::-1]])


def ellipse(x: float, y: float, rx: float, ry: float = 0.0, *, n: int = 28, turn: float = 0.0) -> Points:
    """Return an ellipse; `ry` 0 makes a circle; `turn` in degrees."""
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    points = np.stack([rx * np.cos(a), (ry or rx) * np.sin(a)], axis=1)
    return turned(points, turn) + (x, y)


def petal(length: float, width: float, *, tip: float = 0.0, base: float = 0.15) -> Points:
    """Return a petal that stands on the origin and points up; `tip` > 0 draws its end out to a point."""
    right = [(base * width, -0.02 * length), (0.5 * width, -0.45 * length), (0.42 * width, -0.75 * length)]
    top = [(0.2 * width * (1 - tip), -0.96 * length), (0.0, -length * (1 + 0.06 * tip))]
    left = [(-x, y) for x, y in reversed(right + top[:1])]
    return smooth([(0.0, 0.0), *right, *top, *left], steps=6)


def leaf(length: float, width: float, bend: float = 0.2) -> Points:
    """Return a leaf from the origin upwards, its tip bent to the right by `bend` of the length."""
    spine = [(0, 0), (bend * 0.1 * length, -0.4 * length), (bend * 0.4 * length, -0.75 * length),
             (bend * length, -length)]  # fmt: skip
    return ribbon(spine, [0.02 * length, width * 0.8, width, width * 0.7, 0.0], steps=7)


def spiral(x: float, y: float, radius: float, turns: float, *, start: float = 0.0, sign: int = 1) -> Points:
    """Return a spiral from the rim at angle `start` (degrees) inwards to near (x, y)."""
    t = np.linspace(0, 1, max(12, int(turns * 26)))
    a = np.deg2rad(start) + sign * 2 * np.pi * turns * t
    r = radius * (1 - 0.88 * t)
    return np.stack([x + r * np.cos(a), y + r * np.sin(a)], axis=1)


def turned(points: Points, degrees: float) -> Points:
    """Return the points turned clockwise about the origin."""
    a = np.deg2rad(degrees)
    c, s = np.cos(a), np.sin(a)
    result: Points = points @ np.array([[c, s], [-s, c]])
    return result


def moved(
    motif: Iterable[Shape],
    x: float = 0,
    y: float = 0,
    scale: float = 1,
    turn: float = 0,
    mirror: bool = False,
) -> Motif:
    """Return the motif mirrored, scaled, turned and then set at (x, y)."""
    flip = np.array([-scale if mirror else scale, scale])
    return tuple(
        replace(s, points=turned(s.points * flip, turn) + (x, y), width=s.width * scale) for s in motif
    )


def recoloured(motif: Iterable[Shape], inks: Mapping[str, str]) -> Motif:
    """Return the motif with some ink roles exchanged for others."""
    return tuple(replace(s, fill=inks.get(s.fill, s.fill), line=inks.get(s.line, s.line)) for s in motif)


@dataclass(slots=True)
class Canvas:
    """Paints motifs on an RGB array (h, w, 3), in its own unit of which `unit` pixels make one."""

    pixels: NDArray[np.uint8]
    inks: Mapping[str, Rgb]
    unit: float
    origin: tuple[float, float] = (0.0, 0.0)  # canvas units at the array's upper left corner

    def draw(
        self, motif: Iterable[Shape], x: float = 0, y: float = 0, scale: float = 1, turn: float = 0,
        mirror: bool = False,
    ) -> None:  # fmt: skip
        """Paint a motif with its centre at (x, y), half its box being `scale` units."""
        size = scale * self.unit
        left, top = ((v - o) * self.unit - 0.5 for v, o in zip((x, y), self.origin, strict=True))
        if scale > 1 and self._outside(left, top, 1.8 * size):
            return
        matrix = turned(np.array([(-size if mirror else size, 0.0), (0.0, size)]), turn) * (1 << _SHIFT)
        offset = np.array([left, top]) * (1 << _SHIFT)
        for shape in motif:
            fixed = np.rint(shape.points @ matrix + offset).astype(np.int32)
            if shape.fill:
                cv2.fillPoly(self.pixels, [fixed], self.inks[shape.fill], cv2.LINE_AA, _SHIFT)
            if shape.line:
                width = max(1, round(shape.width * size))
                colour = self.inks[shape.line]
                cv2.polylines(self.pixels, [fixed], shape.closed, colour, width, cv2.LINE_AA, _SHIFT)

    def _outside(self, left: float, top: float, reach: float) -> bool:
        """Tell whether a motif that reaches so far around (left, top), in pixels, misses the array."""
        height, width = self.pixels.shape[:2]
        return not (-reach < left < width + reach and -reach < top < height + reach)
