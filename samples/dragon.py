# ruff: noqa: RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""The dragon: a coiled body of scales around its own head, in a box of -1..1."""

import numpy as np
from numpy.typing import NDArray

from samples.strokes import XY, Motif, Points, Shape, ellipse, moved, petal, ribbon, smooth, turned

_W = 0.016


def draw_dragon() -> Motif:
    """A coiled dragon around its own head: scales, back fins, four clawed feet, horns, whiskers, a pearl."""
    spine: XY = [
        (0.0, 0.02), (-0.3, 0.2), (-0.62, 0.02), (-0.6, -0.42), (-0.2, -0.72), (0.34, -0.68), (0.72, -0.32),
        (0.74, 0.2), (0.4, 0.6), (-0.1, 0.72), (-0.52, 0.62), (-0.74, 0.4),
    ]  # fmt: skip
    widths = [0.17, 0.24, 0.27, 0.28, 0.28, 0.27, 0.25, 0.22, 0.18, 0.13, 0.08, 0.03]
    curve = smooth(spine, closed=False, steps=10)
    half = np.interp(np.linspace(0, 1, len(curve)), np.linspace(0, 1, len(widths)), widths) / 2
    legs = tuple(
        part
        for x, y, turn in ((-0.66, -0.46, -95), (0.5, -0.64, -5), (0.68, 0.38, 80), (-0.7, 0.06, -155))
        for part in _leg(x, y, turn)
    )
    whole = (
        *_fins(curve, half), *legs, Shape(ribbon(spine, widths, steps=10), "A", "line", _W),
        *_scales(curve, half), *_tail_tuft(), *moved(_dragon_head(), 0.13, -0.1, 0.42), *_pearl(0.42, 0.22),
    )  # fmt: skip
    return moved(whole, scale=0.9)


def _fins(curve: Points, half: NDArray[np.float64]) -> Motif:
    """Return the flame-like fins along the outer side of the back."""
    shapes = []
    for k in range(4, len(curve) - 3, 2):
        along = curve[k + 1] - curve[k - 1]
        angle = float(np.degrees(np.arctan2(along[0], -along[1])))
        out = np.array([-along[1], along[0]]) / np.hypot(*along)
        root = curve[k] - out * half[k] * -0.86
        shapes.append(Shape(turned(petal(0.13, 0.11, tip=0.8), angle + 128) + root, "b", "line", _W * 0.7))
    return tuple(shapes)


def _scales(curve: Points, half: NDArray[np.float64]) -> Motif:
    """Return rows of scale arcs across the body."""
    shapes = []
    arc = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 7)
    for k in range(5, len(curve) - 4, 2):
        along = (curve[k + 1] - curve[k - 1]) / np.hypot(*(curve[k + 1] - curve[k - 1]))
        across = np.array([-along[1], along[0]])
        n = 3 if (k // 2) % 2 else 2
        for j in range(n):
            centre = curve[k] + across * half[k] * (j - (n - 1) / 2) * 0.62
            r = half[k] * 0.33
            points = centre + r * (np.cos(arc)[:, None] * along * 1.2 + np.sin(arc)[:, None] * across)
            shapes.append(Shape(points, "a", "line", _W * 0.5))
    return tuple(shapes)


def _leg(x: float, y: float, turn: float) -> Motif:
    """Return a bent leg with elbow flames and four claws that starts at (x, y)."""
    thigh = ribbon([(0, 0), (0.02, -0.14), (0.12, -0.22), (0.22, -0.2)], [0.17, 0.14, 0.1, 0.09])
    claws = tuple(
        Shape(turned(petal(0.13, 0.05, tip=1), angle) + (0.24, -0.2), "gold", "line", _W * 0.6)
        for angle in (20, 62, 104, 150)
    )
    flame = tuple(
        Shape(turned(petal(0.17, 0.06, tip=1), angle) + (0.03, -0.15), "b", "line", _W * 0.6)
        for angle in (-66, -34)
    )
    return moved((*flame, *claws, Shape(thigh, "a", "line", _W)), x, y, 1.3, turn)


def _tail_tuft() -> Motif:
    return tuple(
        Shape(turned(petal(0.24, 0.09, tip=0.9), angle) + (-0.72, 0.42), "b", "line", _W * 0.7)
        for angle in (-70, 30, -38, 0)
    )


def _pearl(x: float, y: float) -> Motif:
    flames = tuple(
        Shape(turned(petal(0.22, 0.09, tip=1), angle) + (x, y), "b", "line", _W * 0.7)
        for angle in (-50, 50, 0)
    )
    return (
        *flames,
        Shape(ellipse(x, y, 0.1, n=20), "pale", "line", _W),
        Shape(ellipse(x, y, 0.05, n=14), "gold"),
    )


def _dragon_head() -> Motif:
    """Return the head in its own box: open jaws to the right, horns and mane to the left."""
    mane = tuple(
        Shape(
            ribbon([(-0.3, 0.1), (-0.62, y * 0.6), (-0.86, y), (-1.0, y - 0.14)], [0.2, 0.2, 0.12, 0]),
            "b",
            "line",
            0.03,
        )
        for y in (-0.3, 0.5, 0.14)
    )
    horns = tuple(
        Shape(
            ribbon(
                [(-0.1 + d, -0.35), (-0.3 + d, -0.62), (-0.62 + d, -0.78), (-0.76 + d, -0.98)],
                [0.15, 0.11, 0.08, 0.0],
            ),
            "gold",
            "line",
            0.03,
        )
        for d in (0.0, 0.22)
    )
    skull = smooth(
        [
            (-0.42, 0.2),
            (-0.4, -0.2),
            (-0.12, -0.44),
            (0.2, -0.38),
            (0.36, -0.2),
            (0.66, -0.26),
            (0.88, -0.44),
            (1.0, -0.28),
            (0.98, -0.04),
            (0.66, 0.06),
            (0.3, 0.1),
            (0.1, 0.34),
            (-0.2, 0.4),
        ]
    )
    jaw = smooth(
        [
            (-0.1, 0.26),
            (0.2, 0.16),
            (0.46, 0.3),
            (0.74, 0.24),
            (0.84, 0.3),
            (0.66, 0.46),
            (0.26, 0.52),
            (0.0, 0.48),
        ]
    )
    tongue = ribbon([(0.14, 0.24), (0.44, 0.18), (0.72, 0.12), (0.86, 0.2)], [0.12, 0.12, 0.08, 0])
    teeth = tuple(
        Shape(np.array([(x, 0.04), (x + 0.09, 0.04), (x + 0.05, 0.18)]), "pale", "line", 0.02)
        for x in (0.4, 0.58, 0.82)
    )
    whiskers = (
        Shape(
            smooth([(0.9, -0.2), (1.2, -0.4), (1.1, -0.75), (1.3, -0.9)], closed=False),
            "",
            "line",
            0.05,
            closed=False,
        ),
        Shape(
            smooth([(0.84, -0.02), (1.2, 0.1), (1.25, 0.45), (1.05, 0.62)], closed=False),
            "",
            "line",
            0.05,
            closed=False,
        ),
    )
    beard = tuple(
        Shape(ribbon([(x, 0.44), (x - 0.02, 0.62), (x - 0.14, 0.78)], [0.13, 0.12, 0]), "b", "line", 0.03)
        for x in (0.1, 0.3, 0.5)
    )
    eye = (
        Shape(ellipse(0.1, -0.16, 0.14, 0.12, n=18), "pale", "line", 0.035),
        Shape(ellipse(0.14, -0.15, 0.055, n=10), "dark"),
    )
    brow = Shape(
        ribbon([(-0.14, -0.24), (0.06, -0.42), (0.28, -0.32)], [0.04, 0.14, 0.02]), "b", "line", 0.03
    )
    nose = Shape(ellipse(0.86, -0.26, 0.06, n=12), "line")
    return (
        *mane,
        *horns,
        Shape(tongue, "cap", "line", 0.025),
        Shape(jaw, "A", "line", 0.04),
        *beard,
        *teeth,
        Shape(skull, "A", "line", 0.04),
        *eye,
        brow,
        nose,
        *whiskers,
    )
