# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Running bands of a border, rings around a roundel, and the waves at the foot of a badge."""

from collections.abc import Callable, Mapping

import numpy as np

from samples.emblems import draw_ruyi_cloud
from samples.flowers import draw_floret
from samples.strokes import Canvas, Motif, Shape, ellipse, moved, petal, ribbon, smooth, spiral, turned

_W = 0.05


def _fret() -> Motif:
    """A square spiral, one to the left and one to the right."""
    half = np.array([(-1.0, 0.8), (-1.0, -0.72), (-0.16, -0.72), (-0.16, 0.36), (-0.66, 0.36), (-0.66, -0.24), (-0.42, -0.24)])  # fmt: skip
    foot = np.array([(-1.0, 0.8), (1.0, 0.8)])
    return tuple(Shape(p, "", "line", 0.14, closed=False) for p in (half, half * (-1, 1), foot))


def _pearls() -> Motif:
    return (Shape(ellipse(0, 0, 0.66, n=24), "pale", "line", 0.08), Shape(ellipse(0, 0, 0.3, n=14), "b"))


def _scroll() -> Motif:
    """A wave of stem with a curl and leaves on either side, one period wide."""
    x = np.linspace(-1, 1, 25)
    stem = Shape(np.stack([x, 0.5 * np.sin(np.pi * x)], axis=1), "", "L", 0.2, closed=False)
    curls = (
        Shape(spiral(-0.5, 0.2, 0.44, 1.2, start=-90), "", "L", 0.16, closed=False),
        Shape(spiral(0.5, -0.2, 0.44, 1.2, start=90), "", "L", 0.16, closed=False),
    )
    leaves = tuple(
        Shape(turned(petal(0.8, 0.44, tip=0.6), angle) + xy, "B", "line", 0.05)
        for angle, xy in ((34, (-0.1, -0.1)), (214, (0.1, 0.1)))
    )
    return (stem, *curls, *leaves)


def _lotus_petals() -> Motif:
    outer = petal(1.7, 1.9, tip=0.5) + (0, 0.85)
    return (Shape(outer, "B", "line", 0.07), Shape(outer * (0.62, 0.72) + (0, 0.24), "b", "line", 0.05))


def _florets() -> Motif:
    return moved(draw_floret(), scale=0.8)


def _ruyi_heads() -> Motif:
    return moved(draw_ruyi_cloud()[1:3], 0, 0.2, 0.95)


BANDS: Mapping[str, Callable[[], Motif]] = {
    "回纹": _fret,
    "联珠": _pearls,
    "卷草": _scroll,
    "莲瓣": _lotus_petals,
    "小花": _florets,
    "如意头": _ruyi_heads,
}


def draw_border(canvas: Canvas, kind: str, width: float) -> None:
    """Draw a band of `width` units along the four sides of the canvas, florets in its corners."""
    _frame(canvas, width)
    cells = round((1000 - 2 * width) / (width * 0.86))
    step = (1000 - 2 * width) / cells
    motif = BANDS[kind]()
    for k in range(cells):
        at = width + step * (k + 0.5)
        for x, y, turn in ((at, width / 2, 0), (1000 - at, 1000 - width / 2, 180), (width / 2, 1000 - at, -90), (1000 - width / 2, at, 90)):  # fmt: skip
            canvas.draw(motif, x, y, step / 2, turn)
    for x in (width / 2, 1000 - width / 2):
        for y in (width / 2, 1000 - width / 2):
            canvas.draw(draw_floret(), x, y, width * 0.36)


def _frame(canvas: Canvas, width: float) -> None:
    """Fill the four sides with the shade of the ground and rule them with two lines."""
    for x0, y0, x1, y1 in ((0, 0, 1000, width), (0, 1000 - width, 1000, 1000), (0, 0, width, 1000), (1000 - width, 0, 1000, 1000)):  # fmt: skip
        canvas.draw((Shape(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=float), "shade"),))
    for inset in (4.0, width):
        box = np.array(
            [(inset, inset), (1000 - inset, inset), (1000 - inset, 1000 - inset), (inset, 1000 - inset)]
        )
        canvas.draw((Shape(box, "", "line", 4),))


def draw_ring(canvas: Canvas, kind: str, x: float, y: float, radius: float, width: float) -> None:
    """Draw a roundel's disc and its ring of `width` units between two circles; `radius` is the outer one."""
    disc = (
        Shape(ellipse(x, y, radius, n=120), "shade", "line", 4),
        Shape(ellipse(x, y, radius - width, n=120), "ground", "line", 4),
    )
    canvas.draw(disc)
    middle = radius - width / 2
    cells = max(10, round(2 * np.pi * middle / (width * 0.94)))
    scale = np.pi * middle / cells
    motif, size = BANDS[kind](), min(scale, width * 0.47)
    for k in range(cells):
        angle = 2 * np.pi * k / cells
        canvas.draw(motif, x + middle * np.sin(angle), y - middle * np.cos(angle), size, 360 * k / cells)


def draw_sea(canvas: Canvas, x0: float, x1: float, foot: float, height: float) -> None:
    """Draw standing waves, rocks and spray between x0 and x1 above the line `foot`."""
    middle = (x0 + x1) / 2
    for x, h in ((middle - height * 0.5, 0.9), (middle + height * 0.5, 0.9), (middle, 1.35)):
        rock = smooth(
            [(-0.5, 0.2), (-0.3, -0.5), (-0.12, -0.84), (0.0, -1.0), (0.12, -0.84), (0.3, -0.5), (0.5, 0.2)]
        )
        for s, ink in ((1.0, "l"), (0.72, "L"), (0.44, "l")):
            part = rock * s * height * h + (x, foot - height * 0.1)
            part[:, 1] = np.minimum(part[:, 1], foot)
            canvas.draw((Shape(part, ink, "line", 3),))
    a = np.linspace(np.pi, 2 * np.pi, 20)
    step = (x1 - x0) / round((x1 - x0) / (height * 0.42))
    for row in range(4):
        y = foot - height * (0.42 - 0.16 * row)
        count = round((x1 - x0) / step) + (row % 2)
        for k in range(count):
            x = x0 + step * (k + (0.5 if row % 2 == 0 else 0.0))
            for r, ink, line in ((0.56, "b", "line"), (0.44, "B", ""), (0.3, "b", ""), (0.16, "B", "")):
                arc = np.stack([x + r * step * np.cos(a), y + r * step * np.sin(a)], axis=1)
                arc = np.clip(arc, (x0, 0), (x1, foot))
                below = np.array([(arc[-1, 0], foot), (arc[0, 0], foot)])
                canvas.draw((Shape(np.vstack([arc, below]) if line else arc, ink, line, 2),))
    for k in range(-2, 3):
        if k:
            x = middle + k * height * 0.66
            for s in (-1, 1):
                curl = ribbon(
                    [(0, 0), (s * 0.1, -0.3), (s * 0.3, -0.4), (s * 0.34, -0.2)], [0.2, 0.16, 0.1, 0.05]
                )
                canvas.draw((Shape(curl, "pale", "line", 0.03),), x, foot - height * 0.48, height * 0.5)
