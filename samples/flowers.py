# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Flowers, leaves and fruit, drawn from curves in a box of -1..1."""

import math
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from samples.strokes import Motif, Shape, ellipse, moved, petal, ribbon, smooth, turned

_W = 0.017  # outline width of a motif, in its own unit


def _ring(
    n: int, radius: float, length: float, width: float, fill: str, *, turn: float = 0, tip: float = 0
) -> Motif:
    """Return `n` petals around the centre that start at `radius`."""
    one = petal(length, width, tip=tip) + (0, -radius)
    return tuple(Shape(turned(one, turn + 360 * k / n), fill, "line", _W) for k in range(n))


def _veins(n: int, radius: float, length: float, ink: str, turn: float = 0) -> Motif:
    """Return short strokes along the middle of `n` petals."""
    one = np.array([(0.0, -radius), (0.0, -radius - length)])
    return tuple(Shape(turned(one, turn + 360 * k / n), "", ink, _W, closed=False) for k in range(n))


@cache
def draw_floret() -> Motif:
    """A five-petalled small flower."""
    return (*_ring(5, 0.12, 0.82, 0.98, "A"), *_ring(5, 0.1, 0.45, 0.42, "a"), _disc(0.22, "gold"))


def draw_plum() -> Motif:
    """Plum blossom: five round petals, long stamens with dots."""
    petals = tuple(
        Shape(turned(ellipse(0, -0.58, 0.4, 0.38, n=32), 72 * k), "A", "line", _W) for k in range(5)
    )
    stamens = _veins(15, 0.12, 0.34, "a")
    dots = tuple(Shape(turned(ellipse(0, -0.5, 0.045, n=8), 24 * k), "gold") for k in range(15))
    return (*petals, *stamens, *dots, _disc(0.15, "gold"))


def draw_chrysanthemum() -> Motif:
    """Chrysanthemum: three rings of narrow petals."""
    outer = _ring(20, 0.3, 0.68, 0.25, "A", tip=0.1)
    middle = _ring(16, 0.2, 0.52, 0.22, "a", turn=9)
    inner = _ring(12, 0.1, 0.36, 0.18, "A")
    return (*outer, *middle, *inner, _disc(0.17, "gold"))


def _disc(radius: float, fill: str) -> Shape:
    return Shape(ellipse(0, 0, radius, n=16), fill, "line", _W)


def draw_lotus() -> Motif:
    """Lotus from the side: pointed petals in three rows around the seed pod, the outer ones falling."""
    shapes: list[Shape] = []
    for fill, length, width, angles, y in (
        ("a", 1.1, 0.5, (-70, 70, -42, 42), 0.34),
        ("A", 1.2, 0.52, (-22, 22, 0), 0.36),
    ):
        for angle in angles:
            shapes.append(Shape(turned(petal(length, width, tip=0.8), angle) + (0, y), fill, "line", _W))
    pod = smooth([(-0.3, -0.12), (0, -0.2), (0.3, -0.12), (0.2, 0.2), (0, 0.3), (-0.2, 0.2)])
    shapes.append(Shape(pod, "gold", "line", _W))
    shapes += [Shape(ellipse(x, -0.06 + abs(x) * 0.1, 0.045, n=10), "dark") for x in (-0.16, 0, 0.16)]
    for angle in (-100, 100, -62, 62, -30, 30):
        length = 0.98 if abs(angle) > 90 else 0.72
        shapes.append(
            Shape(
                turned(petal(length, 0.42, tip=0.9), angle) + (0, 0.42),
                "A" if abs(angle) != 62 else "a",
                "line",
                _W,
            )
        )
    shapes.append(Shape(turned(petal(0.6, 0.46, tip=0.7), 0) + (0, 0.5), "A", "line", _W))
    for side in (-1, 1):
        drop = ribbon(
            [(0, 0.42), (side * 0.3, 0.62), (side * 0.66, 0.64), (side * 0.9, 0.5)], [0.1, 0.24, 0.2, 0]
        )
        shapes.append(Shape(drop, "a", "line", _W))
    return moved(shapes, 0, 0.12, 0.95)


def draw_peony() -> Motif:
    """Peony: lobed petals in rings that close around a small heart."""
    shapes: list[Shape] = []
    for n, reach, size, fill, turn in (
        (7, 0.6, 0.4, "a", 0), (6, 0.42, 0.36, "A", 26), (5, 0.24, 0.3, "a", 8), (3, 0.1, 0.22, "A", 40),
    ):  # fmt: skip
        lobes = _lobed(size)
        shapes += [Shape(turned(lobes + (0, -reach), turn + 360 * k / n), fill, "line", _W) for k in range(n)]
    return (*shapes, _disc(0.1, "gold"))


def _lobed(size: float) -> np.ndarray:
    """Return one peony petal: a fan with three waves at its rim."""
    rim = []
    for k in range(37):
        a = math.radians(-200 + 220 * k / 36)
        r = size * (1 + 0.11 * math.cos(3 * (a + math.pi / 2) * 1.6))
        rim.append((r * 1.12 * math.cos(a), r * math.sin(a)))
    return np.array([*rim, (0.0, size * 0.9)])


def draw_baoxiang() -> Motif:
    """The composite flower 宝相花: rings of pointed and lobed petals around a rosette."""
    lobes = _lobed(0.3)
    outer = tuple(Shape(turned(lobes + (0, -0.66), 22.5 + 45 * k), "b", "line", _W) for k in range(8))
    return (
        *outer, *_ring(8, 0.3, 0.64, 0.5, "A", tip=0.8), *_ring(8, 0.3, 0.4, 0.26, "a", tip=0.8),
        *_ring(8, 0.16, 0.32, 0.26, "B", turn=22.5, tip=0.4), *_ring(8, 0.05, 0.24, 0.18, "a"), _disc(0.11, "gold"),
    )  # fmt: skip


FLOWERS: Mapping[str, Callable[[], Motif]] = {
    "莲花": draw_lotus,
    "牡丹": draw_peony,
    "菊花": draw_chrysanthemum,
    "梅花": draw_plum,
    "宝相花": draw_baoxiang,
    "小朵花": draw_floret,
}
