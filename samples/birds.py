# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Birds, butterfly and bat: creatures with wings, facing right, in a box of -1..1."""

from collections.abc import Callable, Mapping

import numpy as np

from samples.strokes import Motif, Points, Shape, ellipse, moved, petal, ribbon, smooth, turned

_W = 0.016


def _fan(
    x: float,
    y: float,
    first: float,
    last: float,
    n: int,
    length: tuple[float, float],
    width: float,
    fill: str,
) -> Motif:
    """Return `n` feathers from (x, y), angles in degrees from upwards, length running from first to last."""
    shapes = []
    for k in range(n):
        f = k / max(1, n - 1)
        feather = petal(length[0] + (length[1] - length[0]) * f, width, tip=0.2)
        shapes.append(Shape(turned(feather, first + (last - first) * f) + (x, y), fill, "line", _W))
    return tuple(shapes)


def _wing(x: float, y: float, first: float, last: float, reach: float, tip: str, coat: str) -> Motif:
    """Return a spread wing: flight feathers, a second row, and the shoulder."""
    span = last - first
    return (
        *_fan(x, y, first, last, 9, (reach, reach * 0.62), reach * 0.17, tip),
        *_fan(x, y, first + span * 0.04, last - span * 0.06, 7, (reach * 0.62, reach * 0.42), reach * 0.17, coat),
        *_fan(x, y, first + span * 0.1, last - span * 0.1, 5, (reach * 0.34, reach * 0.26), reach * 0.16, tip),
    )  # fmt: skip


def draw_crane() -> Motif:
    """A crane in flight: neck stretched in an S, red-capped head, wings raised, legs trailing."""
    legs = tuple(
        Shape(ribbon([(-0.35, 0.2), (-0.66, 0.34 + d), (-0.98, 0.36 + d)], [0.07, 0.05, 0.04]), "line")
        for d in (0.0, 0.09)
    )
    tail = _fan(-0.22, 0.16, -112, -78, 5, (0.46, 0.4), 0.15, "a")
    body = smooth(
        [(-0.42, 0.14), (-0.2, 0.3), (0.1, 0.32), (0.34, 0.16), (0.4, 0.0), (0.2, -0.1), (-0.12, -0.02)]
    )
    neck = ribbon(
        [(0.22, 0.1), (0.46, 0.06), (0.54, -0.12), (0.5, -0.3), (0.6, -0.46), (0.72, -0.46)],
        [0.26, 0.17, 0.12, 0.1, 0.1, 0.1],
    )
    beak = np.array([(0.78, -0.5), (1.02, -0.43), (0.78, -0.42)])
    return (
        *_wing(0.02, 0.02, 28, -26, 0.98, "a", "A"),
        *legs, *tail,
        Shape(body, "A", "line", _W), Shape(neck, "A", "line", _W),
        Shape(ellipse(0.74, -0.46, 0.085, 0.075, n=16), "A", "line", _W),
        Shape(smooth([(0.66, -0.5), (0.72, -0.56), (0.8, -0.52), (0.74, -0.5)]), "cap", "line", _W * 0.6),
        Shape(beak, "gold", "line", _W * 0.7), Shape(ellipse(0.76, -0.46, 0.018, n=8), "dark"),
        *_wing(0.06, 0.14, -38, -88, 0.98, "a", "A"),
    )  # fmt: skip


def _plume(spine: list[tuple[float, float]], fill: str, eye: str) -> Motif:
    """Return one streaming tail plume of a phoenix with barbs along it and an eye at its end."""
    curve = smooth(spine, closed=False, steps=7)
    barbs = []
    for k in range(5, len(curve) - 2, 2):
        along = curve[k] - curve[k - 1]
        angle = float(np.degrees(np.arctan2(along[0], -along[1])))
        barbs += [
            Shape(turned(petal(0.17, 0.07, tip=0.6), angle + s * 42) + curve[k], fill, "line", _W * 0.6)
            for s in (-1, 1)
        ]
    stem = Shape(ribbon(spine, [0.09, 0.07, 0.05]), fill, "line", _W * 0.8)
    end = curve[-1]
    return (
        *barbs, stem, Shape(ellipse(end[0], end[1], 0.1, n=18), fill, "line", _W),
        Shape(ellipse(end[0], end[1], 0.055, n=14), eye, "line", _W * 0.6),
    )  # fmt: skip


def draw_phoenix() -> Motif:
    """A phoenix in flight: crest, hooked beak, raised wings and three long plumes."""
    plumes = (
        *_plume([(-0.2, 0.2), (-0.5, 0.16), (-0.74, -0.06), (-0.88, -0.3)], "b", "gold"),
        *_plume([(-0.2, 0.26), (-0.5, 0.4), (-0.74, 0.34), (-0.9, 0.16)], "a", "gold"),
        *_plume([(-0.16, 0.3), (-0.38, 0.62), (-0.62, 0.74), (-0.86, 0.66)], "b", "gold"),
    )
    body = smooth([(-0.3, 0.22), (-0.08, 0.4), (0.22, 0.38), (0.42, 0.18), (0.42, 0.02), (0.1, 0.06)])
    neck = ribbon(
        [(0.24, 0.24), (0.46, 0.12), (0.5, -0.08), (0.56, -0.26), (0.72, -0.32)],
        [0.34, 0.24, 0.16, 0.14, 0.16],
    )
    crest = tuple(
        part
        for x, y in ((0.42, -0.46), (0.46, -0.66), (0.64, -0.8))
        for part in (
            Shape(
                ribbon([(0.72, -0.38), (0.4 * x + 0.42, 0.6 * y - 0.2), (x, y)], [0.05, 0.05, 0.05]),
                "b",
                "line",
                _W * 0.8,
            ),
            Shape(ellipse(x, y, 0.06, n=16), "b", "line", _W * 0.8),
        )
    )
    beak = smooth([(0.8, -0.42), (0.94, -0.39), (1.0, -0.26), (0.9, -0.31), (0.8, -0.28)], steps=3)
    hackles = tuple(
        Shape(turned(petal(0.15, 0.1, tip=0.5), 216 - 4 * k) + (0.5 - 0.01 * k + d, -0.12 + 0.08 * k), "b", "line", _W * 0.6)
        for k in range(3)
        for d in (0.03, -0.05)
    )  # fmt: skip
    return (
        *_wing(0.0, 0.14, 8, -46, 1.06, "b", "A"), *plumes,
        Shape(body, "A", "line", _W), *crest, Shape(neck, "A", "line", _W), *hackles,
        Shape(ellipse(0.76, -0.34, 0.1, 0.09, n=22), "A", "line", _W),
        Shape(beak, "gold", "line", _W * 0.8), Shape(ellipse(0.78, -0.36, 0.024, n=10), "dark"),
        Shape(smooth([(0.78, -0.27), (0.84, -0.18), (0.78, -0.12), (0.74, -0.2)]), "cap", "line", _W * 0.6),
        *_wing(0.14, 0.22, -36, -84, 0.84, "a", "A"),
    )  # fmt: skip


def draw_butterfly() -> Motif:
    """A butterfly from above, its four wings open."""
    half = (
        Shape(smooth([(0.04, -0.06), (0.24, -0.62), (0.66, -0.86), (0.94, -0.72), (0.84, -0.3), (0.42, 0.0)]), "A", "line", _W * 1.3),
        Shape(smooth([(0.1, -0.1), (0.3, -0.5), (0.62, -0.68), (0.76, -0.56), (0.64, -0.28), (0.36, -0.08)]), "a"),
        Shape(ellipse(0.58, -0.46, 0.13, n=16), "b", "line", _W), Shape(ellipse(0.58, -0.46, 0.05, n=12), "gold"),
        Shape(smooth([(0.04, 0.04), (0.4, 0.02), (0.74, 0.14), (0.72, 0.46), (0.56, 0.56), (0.6, 0.9), (0.4, 0.8), (0.3, 0.56), (0.1, 0.34)]), "A", "line", _W * 1.3),
        Shape(ellipse(0.46, 0.3, 0.16, n=18), "b", "line", _W), Shape(ellipse(0.46, 0.3, 0.07, n=12), "gold"),
        Shape(smooth([(0.03, -0.4), (0.12, -0.66), (0.3, -0.86), (0.38, -0.8)], closed=False), "", "line", _W * 1.4, closed=False),
    )  # fmt: skip
    body = ribbon([(0, -0.46), (0, -0.2), (0, 0.2), (0, 0.52)], [0.1, 0.15, 0.13, 0.03])
    return (
        *half,
        *moved(half, mirror=True),
        Shape(body, "gold", "line", _W),
        Shape(ellipse(0, -0.44, 0.075, n=14), "gold", "line", _W),
    )


def draw_bat() -> Motif:
    """A bat as silk draws it: scalloped wings that end in curls, a small eared head below."""
    half = (
        Shape(smooth([(0.06, 0.1), (0.3, -0.3), (0.62, -0.42), (0.96, -0.2), (0.94, 0.16), (0.8, 0.0), (0.7, 0.24), (0.56, 0.06), (0.44, 0.3), (0.3, 0.14), (0.16, 0.34)]), "A", "line", _W * 1.3),
        Shape(smooth([(0.1, 0.06), (0.34, -0.2), (0.6, -0.3), (0.84, -0.16), (0.6, -0.12), (0.3, 0.04)]), "a"),
        Shape(_curl(0.84, -0.24), "", "line", _W * 1.3, closed=False),
    )  # fmt: skip
    head = smooth(
        [(-0.13, 0.3), (-0.18, 0.1), (-0.06, 0.2), (0.06, 0.2), (0.18, 0.1), (0.13, 0.3), (0.0, 0.46)]
    )
    body = smooth([(0, -0.16), (0.13, 0.02), (0.1, 0.26), (-0.1, 0.26), (-0.13, 0.02)])
    eyes = tuple(Shape(ellipse(x, 0.3, 0.024, n=8), "dark") for x in (-0.06, 0.06))
    return (
        *half,
        *moved(half, mirror=True),
        Shape(body, "b", "line", _W),
        Shape(head, "A", "line", _W),
        *eyes,
    )


def _curl(x: float, y: float) -> Points:
    """Return the curl at a bat's wing tip."""
    a = np.linspace(0, 2.4 * np.pi, 30)
    r = np.linspace(0.16, 0.04, 30)
    return np.stack([x + r * np.cos(a), y + r * np.sin(a)], axis=1)


BIRDS: Mapping[str, Callable[[], Motif]] = {
    "鹤": draw_crane,
    "凤": draw_phoenix,
    "蝴蝶": draw_butterfly,
    "蝙蝠": draw_bat,
}
