# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Hills, ponds, trees, halos, canopies and ribbons of the murals, painted straight on a wall's canvas."""

import random

import numpy as np

from samples.bands import BANDS
from samples.flowers import draw_lotus
from samples.strokes import Canvas, Shape, ellipse, petal, ribbon, smooth, turned


def draw_hills(canvas: Canvas, foot: float, n: int, height: float, rng: random.Random) -> None:
    """Draw a row of `n` layered peaks across the width that end at the line `foot`."""
    families = (("l", "L"), ("b", "B"), ("a", "A"))
    order = [*range(0, n + 1, 2), *range(1, n + 1, 2)]
    for k in order:
        x, tall = 1000 * k / n, height * rng.uniform(0.75, 1.25)
        wide = 1000 / n * rng.uniform(0.7, 0.9)
        peak = smooth([(-1, 0), (-0.72, -0.4), (-0.42, -0.62), (-0.2, -0.94), (0.06, -1), (0.26, -0.76), (0.5, -0.6), (0.74, -0.3), (1, 0)], closed=False)  # fmt: skip
        deep, light = families[k % 3]
        for s, ink in ((1.0, deep), (0.78, light), (0.5, deep)):
            canvas.draw((Shape(peak * (wide * s, tall * s) + (x, foot), ink, "line" if s == 1 else "", 4),))


def draw_pond(canvas: Canvas, top: float, foot: float, flowers: int) -> None:
    """Draw water from `top` to `foot` with `flowers` lotuses above it and their leaves."""
    box = np.array([(0, top), (1000, top), (1000, foot), (0, foot)], dtype=float)
    canvas.draw((Shape(box, "L", "line", 5),))
    x = np.linspace(-20, 1020, 80)
    for k in range(int((foot - top) / 34)):
        y = top + 24 + 34 * k + 7 * np.sin(x / 26 + (k % 2) * np.pi)
        canvas.draw((Shape(np.stack([x, y], axis=1), "", "l", 4, closed=False),))
    for k in range(flowers):
        at = 1000 * (k + 0.5) / flowers
        deep = k % 2 * (foot - top) * 0.26
        _lily(canvas, at, top + 40 + deep, min(115.0, 420 / flowers))


def _lily(canvas: Canvas, x: float, y: float, size: float) -> None:
    for s in (-1, 1):
        pad = smooth(
            [(-1, 0), (-0.6, -0.3), (0, -0.4), (0.6, -0.3), (1, 0), (0.6, 0.3), (0, 0.38), (-0.6, 0.3)]
        )
        at = (x + s * size * 0.95, y + size * 1.5)
        canvas.draw((Shape(pad, "l", "line", 0.05), Shape(pad * 0.6, "L", "", 0)), *at, size * 0.8)
        stalk = ribbon([(x, y + size * 0.4), (x + s * 8, y + size), (x, y + size * 1.7)], [9, 9, 9])
        canvas.draw((Shape(stalk, "l", "line", 3),))
    canvas.draw(draw_lotus(), x, y, size)


def draw_tree(canvas: Canvas, x: float, foot: float, height: float, kind: int) -> None:
    """Draw a tree of rounded crowns, or of feathered leaves where `kind` is odd."""
    trunk = ribbon(
        [(x, foot), (x + height * 0.06, foot - height * 0.5), (x - height * 0.04, foot - height)],
        [0.07 * height + 6, 0.05 * height + 4, 0.03 * height + 2],
    )
    canvas.draw((Shape(trunk, "b", "line", 3),))
    if kind % 2:
        for k in range(9):
            frond = ribbon([(0, 0), (0.1, -0.4), (0.32, -0.7), (0.6, -0.8)], [0.06, 0.2, 0.16, 0])
            canvas.draw(
                (Shape(frond, "l" if k % 2 else "L", "line", 0.03),),
                x,
                foot - height * 0.85,
                height * 0.6,
                40 * k - 200,
            )
        return
    for dx, dy, r in (
        (-0.3, 0.7, 0.26),
        (0.3, 0.75, 0.26),
        (0, 1.05, 0.34),
        (-0.24, 1.25, 0.2),
        (0.24, 1.3, 0.2),
    ):
        crown = tuple(
            Shape(turned(petal(1.0, 0.5), 30 * k), "l" if k % 2 else "L", "line", 0.03) for k in range(12)
        )
        canvas.draw(crown, x + dx * height, foot - dy * height, r * height)


def draw_halo(canvas: Canvas, x: float, y: float, radius: float, rings: int) -> None:
    """Draw `rings` concentric rings of light, the outermost with flame tips."""
    for k in range(36):
        flame = petal(0.2, 0.16, tip=1) + (0, -0.94)
        canvas.draw((Shape(turned(flame, 10 * k), "b" if k % 2 else "B", "line", 0.01),), x, y, radius)
    inks = ("a", "pale", "L", "B", "A")
    for k in range(rings):
        canvas.draw((Shape(ellipse(x, y, radius * (1 - k * 0.72 / rings), n=90), inks[k % 5], "line", 4),))
    canvas.draw((Shape(ellipse(x, y, radius * 0.26, n=60), "ground", "line", 4),))


def draw_lotus_seat(canvas: Canvas, x: float, y: float, reach: float) -> None:
    """Draw a seat of two rows of lotus petals, the upper turned up and the lower turned down."""
    for turn, ink, light, lift in ((180, "a", "A", 0.14), (0, "b", "B", 0.0)):
        for k in (-4, 4, -3, 3, -2, 2, -1, 1, 0):
            one = petal(0.5, 0.36, tip=0.5)
            lean = k * 9 * (1 if turn == 0 else -1)
            at = (x + k * reach * 0.21, y + reach * lift)
            canvas.draw((Shape(one, ink, "line", 0.02), Shape(one * 0.62, light)), *at, reach, turn + lean)
    canvas.draw((Shape(ellipse(x, y + reach * 0.06, reach * 0.95, reach * 0.1, n=60), "gold", "line", 4),))


def draw_canopy(canvas: Canvas, x: float, y: float, reach: float) -> None:
    """Draw a canopy: a domed top with a pearl, a band, tassels and a scalloped valance."""
    dome = smooth(
        [(-0.8, 0), (-0.6, -0.24), (-0.2, -0.4), (0, -0.52), (0.2, -0.4), (0.6, -0.24), (0.8, 0)],
        closed=False,
    )
    for k in range(9):
        at = (k - 4) * 0.22
        cloth = np.array(
            [(at - 0.12, 0.1), (at + 0.12, 0.1), (at + 0.06, 0.36), (at, 0.42), (at - 0.06, 0.36)]
        )
        canvas.draw(
            (
                Shape(cloth, "b" if k % 2 else "L", "line", 0.012),
                Shape(ellipse(at, 0.44, 0.024, n=12), "pale", "line", 0.01),
            ),
            x,
            y,
            reach,
        )
    band = np.array([(-1, -0.02), (1, -0.02), (0.98, 0.14), (-0.98, 0.14)])
    canvas.draw(
        (Shape(dome, "a", "line", 0.014), Shape(dome * 0.7, "A"), Shape(band, "b", "line", 0.014)),
        x,
        y,
        reach,
    )
    for k in range(13):
        canvas.draw(BANDS["联珠"](), x + (k - 6) * reach * 0.15, y + reach * 0.06, reach * 0.05)
    canvas.draw((Shape(ellipse(0, -0.56, 0.09, n=24), "gold", "line", 0.014),), x, y, reach)


def draw_ribbon(canvas: Canvas, x: float, y: float, side: int, scale: float) -> None:
    """Draw a fluttering ribbon that falls from (x, y) and swings to one side."""
    for spine, ink in (
        ([(0, 0), (70, 60), (20, 140), (100, 210), (60, 300), (120, 360)], "a"),
        ([(0, 0), (110, 30), (90, 120), (170, 170), (140, 260)], "b"),
    ):
        path = np.array(spine, dtype=float) * (side * scale, scale) + (x, y)
        canvas.draw((Shape(ribbon(path, [10, 26, 22, 26, 20, 2]), ink, "line", 3),))


def frame_band(canvas: Canvas, kind: str, x: float, y: float, half: float, width: float) -> None:
    """Draw a square frame of a band around (x, y), `half` being half its outer side."""
    for h, ink in ((half, "shade"), (half - width, "ground")):
        box = np.array([(-h, -h), (h, -h), (h, h), (-h, h)]) + (x, y)
        canvas.draw((Shape(box, ink, "line", 5),))
    inner, motif = half - width, BANDS[kind]()
    n = round(2 * inner / (width * 0.9))
    for k in range(n):
        at = -inner + 2 * inner * (k + 0.5) / n
        for turn in (0, 90, 180, 270):
            dx, dy = turned(np.array([at, -half + width / 2]), turn)
            canvas.draw(motif, x + dx, y + dy, inner / n, turn)
    for dx in (-1, 1):
        for dy in (-1, 1):
            canvas.draw(
                (Shape(ellipse(0, 0, 0.34, n=24), "b", "line", 0.05),),
                x + dx * (half - width / 2),
                y + dy * (half - width / 2),
                width,
            )


def rotated_square(canvas: Canvas, x: float, y: float, half: float) -> None:
    """Draw the square set on its corner inside the frame."""
    for s, ink in ((1.0, "B"), (0.92, "ground")):
        box = np.array([(0, -half), (half, 0), (0, half), (-half, 0)]) * s + (x, y)
        canvas.draw((Shape(box, ink, "line", 4),))
