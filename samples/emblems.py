# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Clouds, treasures, fruit and sprigs that fill the space between main motifs, in a box of -1..1."""

from collections.abc import Callable, Mapping

import numpy as np

from samples.flowers import draw_lotus, draw_peony
from samples.strokes import Motif, Shape, ellipse, leaf, moved, petal, ribbon, smooth, spiral, turned

_W = 0.02


def draw_ruyi_cloud() -> Motif:
    """A cloud of the ruyi head: two curls and a crown above a tapering tail."""
    tail = ribbon([(0.0, 0.2), (0.06, 0.5), (-0.18, 0.74), (-0.62, 0.86)], [0.36, 0.3, 0.2, 0.0])
    head = smooth([(0, 0.34), (-0.5, 0.42), (-0.92, 0.16), (-0.84, -0.26), (-0.5, -0.36), (-0.4, -0.66), (0, -0.86), (0.4, -0.66), (0.5, -0.36), (0.84, -0.26), (0.92, 0.16), (0.5, 0.42)])  # fmt: skip
    inner = smooth([(0, 0.16), (-0.36, 0.2), (-0.62, 0.06), (-0.54, -0.12), (-0.3, -0.18), (-0.24, -0.46), (0, -0.6), (0.24, -0.46), (0.3, -0.18), (0.54, -0.12), (0.62, 0.06), (0.36, 0.2)])  # fmt: skip
    curls = tuple(
        Shape(spiral(s * 0.52, 0.04, 0.25, 1.4, start=90, sign=-s), "", "line", _W, closed=False)
        for s in (-1, 1)
    )
    return (Shape(tail, "b", "line", _W), Shape(head, "B", "line", _W), Shape(inner, "b"), *curls)


def draw_long_cloud() -> Motif:
    """A cloud drawn out sideways: three rolling heads on a streaming tail."""
    tails = tuple(
        Shape(ribbon([(x, y), (x + s * 0.3, y + 0.1), (x + s * 0.56, y - 0.02), (x + s * 0.8, y + 0.06)], [0.2, 0.15, 0.1, 0.0]), "b", "line", _W)
        for x, y, s in ((-0.2, 0.2, -1), (0.2, 0.24, 1))
    )  # fmt: skip
    heads = tuple(
        part
        for x, y, r, s in ((-0.36, 0.08, 0.3, 1), (0.36, 0.1, 0.3, -1), (0.0, -0.14, 0.36, 1))
        for part in (
            Shape(ellipse(x, y, r, r * 0.9), "B", "line", _W),
            Shape(spiral(x, y, r * 0.72, 1.5, start=70, sign=s), "", "line", _W, closed=False),
        )
    )
    return (*tails, *heads)


def draw_coin() -> Motif:
    """A round coin with a square hole and a ribbon."""
    ribbons = tuple(
        Shape(ribbon([(0, 0), (s * 0.6, -0.66), (s * 0.86, -0.2), (s * 0.96, -0.74)], [0.06, 0.16, 0.16, 0.04]), "b", "line", _W)
        for s in (-1, 1)
    )  # fmt: skip
    hole = np.array([(-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2)])
    rings = tuple(
        Shape(ellipse(0, 0.08, r, n=36), fill, "line", _W) for r, fill in ((0.74, "gold"), (0.6, "A"))
    )
    return (
        *ribbons,
        *rings,
        Shape(hole * 1.2 + (0, 0.08), "gold", "line", _W),
        Shape(hole + (0, 0.08), "ground", "line", _W),
    )


def draw_ingot() -> Motif:
    """A boat-shaped ingot."""
    boat = smooth([(-0.92, -0.42), (-0.6, -0.12), (0, -0.04), (0.6, -0.12), (0.92, -0.42), (0.8, 0.16), (0.5, 0.56), (0, 0.62), (-0.5, 0.56), (-0.8, 0.16)])  # fmt: skip
    lip = smooth([(-0.92, -0.42), (-0.5, -0.3), (0, -0.26), (0.5, -0.3), (0.92, -0.42), (0.56, -0.02), (0, 0.08), (-0.56, -0.02)])  # fmt: skip
    dome = smooth([(-0.44, -0.12), (-0.34, -0.52), (0, -0.7), (0.34, -0.52), (0.44, -0.12), (0, 0.0)])
    return (
        Shape(dome, "A", "line", _W),
        Shape(boat, "gold", "line", _W),
        Shape(lip, "", "line", _W),
        Shape(dome, "A", "line", _W),
    )


def draw_coral() -> Motif:
    """A branch of coral on a small rock."""
    paths = (
        [(0.0, 0.7), (-0.04, 0.2), (0.06, -0.3), (-0.06, -0.9)],
        [(0.0, 0.4), (0.36, 0.1), (0.44, -0.3), (0.66, -0.6)],
        [(0.38, 0.0), (0.64, -0.06), (0.86, -0.26)],
        [(-0.02, 0.2), (-0.4, -0.06), (-0.46, -0.42), (-0.7, -0.62)],
        [(-0.44, -0.2), (-0.7, -0.2), (-0.9, -0.06)],
        [(0.02, -0.3), (0.24, -0.56), (0.28, -0.84)],
    )
    outline = tuple(Shape(ribbon(p, [0.24, 0.19, 0.14]), "", "line", _W * 2) for p in paths)
    branches = tuple(Shape(ribbon(p, [0.24, 0.19, 0.14]), "a") for p in paths)
    tips = tuple(Shape(ellipse(*p[-1], 0.08, n=12), "a", "line", _W) for p in paths)
    rock = smooth([(-0.5, 0.9), (-0.4, 0.66), (-0.14, 0.56), (0.16, 0.6), (0.4, 0.7), (0.5, 0.9)])
    return (*outline, *tips, *branches, Shape(rock, "b", "line", _W))


def draw_pearl() -> Motif:
    """A flaming pearl."""
    flames = tuple(
        Shape(turned(petal(length, 0.5, tip=1), angle) + (0, 0.3), ink, "line", _W)
        for angle, length, ink in (
            (-58, 1.0, "b"),
            (58, 1.0, "b"),
            (-30, 1.12, "B"),
            (30, 1.12, "B"),
            (0, 1.22, "b"),
        )
    )
    return (
        *flames,
        Shape(ellipse(0, 0.3, 0.46, n=30), "pale", "line", _W),
        Shape(spiral(0, 0.3, 0.3, 1.3), "", "a", _W * 1.6, closed=False),
    )


def draw_vase() -> Motif:
    """A vase with a peony and two leaves in it."""
    stalks = tuple(
        Shape(turned(leaf(0.66, 0.24, 0.3 * s), 38 * s) + (0, -0.1), "l", "line", _W) for s in (-1, 1)
    )
    flower = moved(draw_peony(), 0, -0.52, 0.42)
    right = [(0.17, -0.12), (0.13, 0.06), (0.4, 0.28), (0.38, 0.56), (0.18, 0.8), (0.24, 0.94)]
    body = smooth([*right, *[(-x, y) for x, y in reversed(right)]], steps=5)
    band = smooth([(0.4, 0.34), (0, 0.42), (-0.4, 0.34), (-0.4, 0.5), (0, 0.58), (0.4, 0.5)])
    return (*stalks, *flower, Shape(body, "B", "line", _W), Shape(band, "b", "line", _W * 0.7))


def draw_pomegranate() -> Motif:
    """A pomegranate split open on its seeds, with leaves."""
    leaves = tuple(
        Shape(turned(leaf(0.8, 0.3, 0.2 * s), 118 * s) + (0, 0.5), "l", "line", _W) for s in (-1, 1)
    )
    fruit = smooth(
        [
            (0, -0.56),
            (0.42, -0.42),
            (0.66, 0.0),
            (0.5, 0.48),
            (0, 0.66),
            (-0.5, 0.48),
            (-0.66, 0.0),
            (-0.42, -0.42),
        ]
    )
    split = smooth([(0, -0.34), (0.3, -0.1), (0.32, 0.22), (0, 0.46), (-0.32, 0.22), (-0.3, -0.1)])
    crown = tuple(
        Shape(turned(petal(0.4, 0.2, tip=0.8), a) + (0, -0.5), "A", "line", _W) for a in (-40, 40, 0)
    )
    seeds = tuple(
        Shape(ellipse(x * 0.15, -0.14 + y * 0.15, 0.075, n=12), "cap", "line", _W * 0.6)
        for y, xs in enumerate(((-0.5, 0.5), (-1, 0, 1), (-1, 0, 1), (-0.5, 0.5)))
        for x in xs
    )
    return (*leaves, *crown, Shape(fruit, "A", "line", _W), Shape(split, "pale", "line", _W), *seeds)


def draw_peach() -> Motif:
    """A peach of long life with its leaves."""
    fruit = smooth(
        [
            (0, -0.84),
            (0.3, -0.5),
            (0.64, -0.1),
            (0.56, 0.4),
            (0, 0.6),
            (-0.56, 0.4),
            (-0.64, -0.1),
            (-0.3, -0.5),
        ]
    )
    blush = smooth([(0, -0.8), (0.24, -0.42), (0.28, -0.1), (0.06, 0.1), (-0.12, -0.2)])
    seam = smooth([(0.0, -0.82), (0.16, -0.3), (0.14, 0.2), (0, 0.56)], closed=False)
    leaves = tuple(
        Shape(turned(leaf(0.84, 0.3, 0.2 * s), a * s) + (0, 0.56), "l", "line", _W)
        for s in (-1, 1)
        for a in (64, 112)
    )
    return (
        *leaves,
        Shape(fruit, "A", "line", _W),
        Shape(blush, "a"),
        Shape(seam, "", "line", _W, closed=False),
    )


def draw_gourd() -> Motif:
    """A double gourd with a tendril and leaves."""
    leaves = tuple(
        Shape(turned(leaf(0.6, 0.28, 0.2 * s), 60 * s) + (0, -0.62), "l", "line", _W) for s in (-1, 1)
    )
    right = [(0.1, -0.7), (0.3, -0.46), (0.26, -0.2), (0.14, -0.04), (0.44, 0.2), (0.54, 0.5), (0.3, 0.86)]
    body = smooth([(0, -0.78), *right, (0, 0.92), *[(-x, y) for x, y in reversed(right)]])
    belt = ribbon([(-0.2, -0.04), (0, 0.0), (0.2, -0.04)], [0.12, 0.12])
    curls = tuple(
        Shape(spiral(s * 0.72, 0.1, 0.2, 1.5, start=90 + 90 * s, sign=s), "", "l", _W * 1.6, closed=False)
        for s in (-1, 1)
    )
    return (*leaves, *curls, Shape(body, "A", "line", _W), Shape(belt, "b", "line", _W))


def draw_lingzhi() -> Motif:
    """A lingzhi fungus: ruyi-shaped cap on a curved stalk."""
    stalk = ribbon([(0, 0.0), (-0.1, 0.4), (0.1, 0.7), (0.3, 0.92)], [0.2, 0.18, 0.15, 0.1])
    cap = smooth(
        [
            (0, 0.2),
            (-0.4, 0.34),
            (-0.86, 0.12),
            (-0.78, -0.36),
            (-0.4, -0.7),
            (0, -0.82),
            (0.4, -0.7),
            (0.78, -0.36),
            (0.86, 0.12),
            (0.4, 0.34),
        ]
    )
    rings = tuple(
        Shape(cap * s + (0, d), fill, "line", _W) for s, d, fill in ((0.7, 0.02, "A"), (0.4, 0.04, "a"))
    )
    return (Shape(stalk, "b", "line", _W), Shape(cap, "a", "line", _W), *rings)


def draw_sprig() -> Motif:
    """A sprig: a peony bud seen from the side on a bent stem with leaves."""
    stem = ribbon([(0.0, -0.2), (0.1, 0.2), (-0.04, 0.6), (-0.3, 0.92)], [0.05, 0.06, 0.06, 0.04])
    leaves = tuple(
        Shape(turned(leaf(length, 0.26, 0.3 * s), a) + (x, y), ink, "line", _W)
        for x, y, a, length, s, ink in (
            (0.08, 0.16, 62, 0.8, 1, "l"), (0.04, 0.26, -70, 0.84, -1, "L"), (-0.04, 0.6, 84, 0.66, 1, "L"), (-0.1, 0.7, -60, 0.5, -1, "l"),
        )
    )  # fmt: skip
    return (Shape(stem, "l", "line", _W), *leaves, *moved(draw_lotus(), 0, -0.44, 0.52))


EMBLEMS: Mapping[str, Callable[[], Motif]] = {
    "如意云": draw_ruyi_cloud,
    "流云": draw_long_cloud,
    "铜钱": draw_coin,
    "银锭": draw_ingot,
    "珊瑚": draw_coral,
    "火珠": draw_pearl,
    "瓶花": draw_vase,
    "石榴": draw_pomegranate,
    "寿桃": draw_peach,
    "葫芦": draw_gourd,
    "灵芝": draw_lingzhi,
    "折枝莲": draw_sprig,
}
