# ruff: noqa: RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Deer, rabbit and fish, facing right, in a box of -1..1."""

from collections.abc import Callable, Mapping

import numpy as np

from samples.dragon import draw_dragon
from samples.strokes import XY, Motif, Shape, ellipse, petal, ribbon, smooth, turned

_W = 0.016


def draw_deer() -> Motif:
    """A spotted stag in a walk, antlers branched, head raised."""
    far = tuple(
        _limb(path)
        for path in (
            [(-0.4, 0.2), (-0.5, 0.48), (-0.62, 0.64), (-0.6, 0.94)],
            [(0.22, 0.26), (0.36, 0.46), (0.3, 0.66), (0.44, 0.84)],
        )
    )
    near = tuple(
        _limb(path)
        for path in (
            [(-0.5, 0.14), (-0.36, 0.46), (-0.44, 0.66), (-0.36, 0.95)],
            [(0.18, 0.26), (0.16, 0.54), (0.14, 0.74), (0.12, 0.95)],
        )
    )
    body = smooth(
        [
            (-0.66, 0.02),
            (-0.6, -0.14),
            (-0.3, -0.2),
            (0.04, -0.14),
            (0.28, -0.24),
            (0.4, -0.5),
            (0.52, -0.54),
            (0.56, -0.3),
            (0.46, 0.0),
            (0.32, 0.26),
            (0.0, 0.28),
            (-0.32, 0.26),
            (-0.56, 0.28),
        ]
    )
    head = smooth(
        [
            (0.4, -0.56),
            (0.5, -0.72),
            (0.62, -0.7),
            (0.84, -0.56),
            (0.9, -0.48),
            (0.82, -0.42),
            (0.62, -0.44),
            (0.5, -0.4),
        ]
    )
    ear = turned(petal(0.24, 0.1, tip=0.5), -62) + (0.48, -0.62)
    tail = turned(petal(0.2, 0.12, tip=0.4), -52) + (-0.62, -0.04)
    spots = tuple(
        Shape(ellipse(x, y, 0.034, n=10), "pale")
        for x, y in (
            (-0.5, -0.02),
            (-0.34, -0.08),
            (-0.16, -0.06),
            (0.02, -0.03),
            (0.2, -0.08),
            (-0.42, 0.12),
            (-0.24, 0.07),
            (-0.06, 0.1),
            (0.12, 0.1),
            (0.3, 0.06),
            (0.4, -0.2),
        )
    )
    antlers = (*_antler(0.52, -0.7, 0.0), *_antler(0.58, -0.7, 0.14))
    return (
        *far,
        Shape(tail, "A", "line", _W),
        *antlers,
        Shape(body, "a", "line", _W),
        *near,
        *spots,
        Shape(ear, "A", "line", _W),
        Shape(head, "a", "line", _W),
        Shape(ellipse(0.62, -0.6, 0.024, n=8), "dark"),
        Shape(ellipse(0.85, -0.49, 0.022, n=8), "dark"),
    )


def _limb(path: XY) -> Shape:
    return Shape(ribbon(path, [0.26, 0.12, 0.08, 0.07]), "a", "line", _W)


def _antler(x: float, y: float, lean: float) -> Motif:
    """Return one antler of three tines."""
    beam = Shape(
        ribbon([(x, y), (x - 0.1 + lean, y - 0.1), (x - 0.12 + lean * 2, y - 0.26)], [0.05, 0.045, 0.02]),
        "gold",
        "line",
        _W * 0.5,
    )
    tine = Shape(
        ribbon(
            [(x - 0.09 + lean, y - 0.08), (x + lean * 1.4, y - 0.14), (x + 0.02 + lean * 1.8, y - 0.24)],
            [0.04, 0.035, 0.02],
        ),
        "gold",
        "line",
        _W * 0.5,
    )
    return (beam, tine)


def draw_rabbit() -> Motif:
    """A running rabbit that looks ahead, ears laid back."""
    legs = tuple(
        Shape(ribbon(p, [0.22, 0.13, 0.09]), "a", "line", _W)
        for p in (
            [(0.3, 0.2), (0.56, 0.42), (0.86, 0.44)],
            [(0.2, 0.24), (0.4, 0.5), (0.66, 0.58)],
            [(-0.4, 0.24), (-0.62, 0.46), (-0.94, 0.5)],
        )
    )
    body = smooth(
        [
            (-0.72, 0.1),
            (-0.6, -0.2),
            (-0.2, -0.32),
            (0.2, -0.2),
            (0.44, -0.16),
            (0.5, 0.1),
            (0.3, 0.28),
            (-0.1, 0.3),
            (-0.5, 0.34),
        ]
    )
    haunch = smooth(
        [
            (-0.56, 0.28),
            (-0.6, -0.04),
            (-0.34, -0.12),
            (-0.12, 0.1),
            (-0.3, 0.36),
            (-0.56, 0.52),
            (-0.7, 0.46),
        ]
    )
    head = smooth(
        [(0.36, -0.1), (0.44, -0.32), (0.62, -0.36), (0.84, -0.2), (0.86, -0.08), (0.7, 0.0), (0.5, 0.04)]
    )
    ears = tuple(
        Shape(turned(petal(0.56, 0.18, tip=0.3), a) + (0.54, -0.3), c, "line", _W)
        for a, c in ((-44, "a"), (-64, "A"))
    )
    return (
        *legs,
        Shape(ellipse(-0.74, -0.02, 0.12, n=16), "pale", "line", _W),
        Shape(body, "A", "line", _W),
        Shape(haunch, "A", "line", _W),
        *ears,
        Shape(head, "A", "line", _W),
        Shape(ellipse(0.66, -0.2, 0.035, n=10), "cap"),
        Shape(ellipse(0.85, -0.12, 0.02, n=8), "dark"),
    )


def draw_fish() -> Motif:
    """A carp that swims to the right with scales, fan tail and barbels."""
    tail = tuple(
        Shape(turned(petal(0.52, 0.26, tip=0.6), a) + (-0.48, 0.02), "b", "line", _W)
        for a in (-128, -52, -104, -76)
    )
    fins = (
        Shape(
            smooth([(-0.2, -0.24), (-0.12, -0.52), (0.14, -0.56), (0.34, -0.3), (0.1, -0.2)]), "b", "line", _W
        ),
        Shape(turned(petal(0.36, 0.2, tip=0.4), 222) + (0.2, 0.26), "b", "line", _W),
        Shape(turned(petal(0.28, 0.16, tip=0.4), 228) + (-0.24, 0.2), "b", "line", _W),
    )
    body = smooth(
        [
            (-0.56, 0.02),
            (-0.3, -0.2),
            (0.1, -0.34),
            (0.5, -0.28),
            (0.82, -0.04),
            (0.88, 0.06),
            (0.78, 0.12),
            (0.5, 0.28),
            (0.1, 0.34),
            (-0.3, 0.22),
        ]
    )
    arc = np.linspace(0.5 * np.pi, 1.5 * np.pi, 8)
    scales = []
    for column in range(8):
        x = 0.34 - 0.115 * column
        reach = 0.28 - 0.026 * column
        rows = 4 if column % 2 else 3
        scales += [
            Shape(
                np.stack(
                    [
                        x + 0.09 * np.cos(arc),
                        (j - (rows - 1) / 2) * reach * 0.5 + 0.085 * reach / 0.28 * np.sin(arc),
                    ],
                    axis=1,
                ),
                "a",
                "line",
                _W * 0.6,
            )
            for j in range(rows)
        ]
    gill = smooth([(0.44, -0.29), (0.54, 0.0), (0.44, 0.28)], closed=False)
    barbels = tuple(
        Shape(
            smooth([(0.84, 0.1), (0.92, 0.18 + d), (0.9, 0.3 + d)], closed=False),
            "",
            "line",
            _W * 1.2,
            closed=False,
        )
        for d in (0, 0.06)
    )
    return (
        *tail,
        *fins,
        Shape(body, "A", "line", _W),
        *scales,
        Shape(gill, "", "line", _W * 1.3, closed=False),
        *barbels,
        Shape(ellipse(0.66, -0.06, 0.07, n=14), "pale", "line", _W),
        Shape(ellipse(0.67, -0.06, 0.035, n=10), "dark"),
    )


BEASTS: Mapping[str, Callable[[], Motif]] = {
    "龙": draw_dragon,
    "鹿": draw_deer,
    "兔": draw_rabbit,
    "鱼": draw_fish,
}
