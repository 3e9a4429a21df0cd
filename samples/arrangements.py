# ruff: noqa: E501 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Where the motifs of a pattern stand; each arrangement fills the canvas of 1000 by 1000 units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samples.bands import BANDS, draw_ring, draw_sea
from samples.flowers import draw_floret
from samples.spec import MOTIFS, Spec
from samples.strokes import Canvas, Motif, Shape, leaf, moved, recoloured, smooth, spiral, turned

BORDER = 58.0  # width of a border in canvas units
_OTHER_COLOUR = {"a": "b", "A": "B", "b": "a", "B": "A"}


Place = tuple[float, float, float]  # centre and half size in canvas units
Placed = dict[str, list[Place]]  # main, second, corner -> where they stand


@dataclass
class Scene:
    """A pattern on its canvas while it is drawn; motifs are built once and painted many times."""

    spec: Spec
    canvas: Canvas
    placed: Placed = field(default_factory=dict)

    def put(
        self, part: str, x: float, y: float, size: float, mirror: bool = False, swap: bool = False
    ) -> None:
        """Paint the `part` (main, second or corner) at (x, y) and note where it stands."""
        motif: Motif = getattr(self, part)
        self.canvas.draw(recoloured(motif, _OTHER_COLOUR) if swap else motif, x, y, size, 0, mirror)
        self.placed.setdefault(part, []).append((x, y, size))

    @cached_property
    def main(self) -> Motif:
        """The main motif, or two of it face to face with a floret between."""
        one = MOTIFS[self.spec.main]()
        if not self.spec.paired:
            return one
        facing = (*moved(one, -0.56, 0, 0.6), *moved(one, 0.56, 0, 0.6, mirror=True))
        return (*facing, *moved(draw_floret(), 0, -0.62, 0.2), *moved(draw_floret(), 0, 0.6, 0.2))

    @cached_property
    def second(self) -> Motif:
        """The small motif between the main ones, in the other colour."""
        return recoloured(MOTIFS[self.spec.second](), _OTHER_COLOUR)

    @cached_property
    def corner(self) -> Motif:
        """The motif of the corners."""
        return recoloured(MOTIFS[self.spec.corner](), _OTHER_COLOUR)

    @property
    def edge(self) -> float:
        """Where the field begins: behind the border, if there is one."""
        return BORDER if self.spec.border else 0.0


def _roundel(scene: Scene) -> None:
    """One large roundel; small motifs around the main one inside it, a motif in every corner."""
    radius, canvas = 395 - scene.edge * 0.5, scene.canvas
    draw_ring(canvas, scene.spec.ring, 500, 500, radius, 62)
    inner = radius - 62
    scene.put("main", 500, 500, inner * (0.8 if scene.spec.paired else 0.68))
    for k in range(8):
        turn = 45 * k + 22.5
        if scene.spec.paired and k in (1, 2, 5, 6):
            continue
        x, y = turned(np.array([0.0, -inner * 0.82]), turn)
        scene.put("second", 500 + x, 500 + y, inner * (0.17 if scene.spec.paired else 0.14))
    _corners(scene, 120 + scene.edge * 0.75, 88)


def _corners(scene: Scene, inset: float, size: float) -> None:
    for x, y, mirror in ((inset, inset, False), (1000 - inset, inset, True), (inset, 1000 - inset, False), (1000 - inset, 1000 - inset, True)):  # fmt: skip
        scene.put("corner", x, y, size, mirror)


def _roundels(scene: Scene) -> None:
    """Rows of equal roundels, a small motif wherever four of them meet."""
    n = scene.spec.columns
    step = (1000 - 2 * scene.edge) / n
    for row in range(n):
        for column in range(n):
            x, y = scene.edge + step * (column + 0.5), scene.edge + step * (row + 0.5)
            radius = step * 0.45
            draw_ring(scene.canvas, scene.spec.ring, x, y, radius, radius * 0.2)
            size = radius * (0.66 if scene.spec.paired else 0.6)
            scene.put("main", x, y, size, (row + column) % 2 == 1)
    for row in range(n + 1):
        for column in range(n + 1):
            scene.put("second", scene.edge + step * column, scene.edge + step * row, step * 0.155)


def _scattered(scene: Scene) -> None:
    """Main and small motifs by turns, every row shifted by one place."""
    n = scene.spec.columns
    step = (1000 - 2 * scene.edge) / n
    for row in range(n):
        for column in range(n):
            x, y = scene.edge + step * (column + 0.5), scene.edge + step * (row + 0.5)
            if (row + column) % 2 == 0:
                scene.put("main", x, y, step * 0.52, row % 2 == 1)
            else:
                scene.put("second", x, y, step * 0.3)


def _stem(canvas: Canvas, points: NDArray[np.float64], width: float = 9) -> None:
    canvas.draw(
        (Shape(points, "", "line", width, closed=False), Shape(points, "", "L", width * 0.55, closed=False))
    )


def _scrolling(scene: Scene) -> None:
    """Waving stems; a flower in every bend, leaves and tendrils on the way, small motifs between the rows."""
    rows, n = scene.spec.columns, scene.spec.columns + 1
    height, period = (1000 - 2 * scene.edge) / rows, 2000 / n
    for row in range(rows):
        middle, lift, down = scene.edge + height * (row + 0.5), height * 0.31, 1 if row % 2 == 0 else -1
        x = np.linspace(-40, 1040, 90)
        _stem(scene.canvas, np.stack([x, middle + lift * down * np.sin(2 * np.pi * x / period)], axis=1))
        for k in range(2 * n + 2):
            at = period * (k / 4 + 0.125)
            sway = down * np.sin(2 * np.pi * at / period)
            _foliage(scene.canvas, at, middle + lift * sway, period, 1 if sway > 0 else -1)
    for row in range(rows):
        middle, lift, down = scene.edge + height * (row + 0.5), height * 0.31, 1 if row % 2 == 0 else -1
        for k in range(n + 1):
            sign = down if k % 2 == 0 else -down
            at = period * (k / 2 + 0.25)
            scene.put(
                "main", at, middle - sign * lift * 0.14, min(height * 0.34, period * 0.21), swap=sign < 0
            )
            if sign > 0 and row < rows - 1:
                scene.put("second", at, scene.edge + height * (row + 1), height * 0.13)


def _foliage(canvas: Canvas, x: float, y: float, period: float, sign: int) -> None:
    """Draw three leaves and a tendril that grow from the stem at (x, y)."""
    green = leaf(period * 0.2, period * 0.085, 0.3)
    for turn, ink in ((30.0, "l"), (150.0, "L"), (-60.0, "L")):
        canvas.draw((Shape(turned(green, turn if sign > 0 else 180 - turn), ink, "line", 2.6),), x, y)
    curl = spiral(0, 0, period * 0.07, 1.4, start=90 * sign)
    canvas.draw((Shape(curl, "", "L", 4.5, closed=False),), x + period * 0.06, y + sign * period * 0.1)


def _ogival(scene: Scene) -> None:
    """Pairs of waving stems that part and meet; in the openings the main and the small motif by columns."""
    canvas, n = scene.canvas, scene.spec.columns
    width = (1000 - 2 * scene.edge) / n
    height = width * 2.3
    rows = int(1000 / height) + 2
    y = np.linspace(-0.1, 1.1, 140) * 1000
    for k in range(n + 1):
        x = scene.edge + k * width
        sway = (1 if k % 2 == 0 else -1) * width * 0.4 * np.cos(2 * np.pi * y / height)
        _stem(canvas, np.stack([x + sway, y], axis=1), 14)
        for j in range(2 * rows):
            for side in (-1, 1):
                green = turned(leaf(width * 0.3, width * 0.13, 0.3 * side), side * 40)
                canvas.draw((Shape(green, "l", "line", 2.6),), x, height * (j / 2 + 0.25))
            canvas.draw(draw_floret(), x, height * (j / 2 + 0.25), width * 0.1)
    for k in range(-1, n + 1):
        for j in range(rows):
            part, size = ("main", 0.66) if k % 2 == 0 else ("second", 0.4)
            scene.put(
                part,
                scene.edge + (k + 0.5) * width,
                height * (j + (0.5 if k % 2 == 0 else 0.0)),
                width * size,
            )


def _badge(scene: Scene) -> None:
    """The main creature over waves and rocks, clouds around it, a treasure on the water at either side."""
    canvas, edge = scene.canvas, scene.edge
    for x, y, size in ((190, 190, 78), (400, 150, 60), (640, 165, 64), (160, 400, 66), (840, 420, 70), (150, 590, 58), (850, 610, 60)):  # fmt: skip
        scene.put("second", x, y, size, x > 500)
    canvas.draw((Shape(turned(np.zeros((1, 2)), 0) + _circle(835, 190, 72), "cap", "line", 5),))
    draw_sea(canvas, edge, 1000 - edge, 1000 - edge, 185)
    for x in (215, 785):
        scene.put("corner", x, 1000 - edge - 190, 74, x > 500)
    scene.put("main", 500, 440, 275)


def _circle(x: float, y: float, radius: float) -> NDArray[np.float64]:
    a = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], axis=1)


def _calyx(scene: Scene) -> None:
    """A medallion of four lobes: main motif in the middle, a small one in every lobe, corners outside."""
    canvas, reach = scene.canvas, 445 - scene.edge
    quarter = [(0.0, -1.0), (0.2, -0.84), (0.44, -0.74), (0.5, -0.56)]
    mirrored = [(-y, -x) for x, y in reversed(quarter[1:])]
    one = np.array([*quarter, (0.47, -0.47), *mirrored])
    whole = smooth(np.vstack([turned(one, 90 * k) for k in range(4)]), steps=5)
    for scale, fill, width in ((1.0, "b", 5), (0.95, "shade", 3), (0.88, "ground", 4)):
        canvas.draw((Shape(whole * reach * scale, fill, "line", width),), 500, 500)
    scene.put("main", 500, 500, reach * (0.48 if scene.spec.paired else 0.5))
    for k in range(4):
        x, y = turned(np.array([0.0, -reach * 0.73]), 90 * k)
        scene.put("second", 500 + x, 500 + y, reach * 0.12)
    _corners(scene, 150 + scene.edge * 0.8, 100)


def _striped(scene: Scene) -> None:
    """Stripes across the width: a row of the main motif, a band, a row of the small one, a band."""
    n, edge, count = scene.spec.columns, scene.edge, 3 if scene.spec.columns > 4 else 2
    span = 1000 - 2 * edge
    period = span / (count + 0.52)
    for k in range(count + 1):
        y = edge + period * k
        _row(scene, "main", y + period * 0.26, min(period * 0.235, span * 0.46 / n), n)
        if k < count:
            _band(scene, y + period * 0.52, period * 0.1)
            _row(scene, "second", y + period * 0.76, period * 0.11, n + 2)
            _band(scene, y + period * 0.9, period * 0.1)


def _row(scene: Scene, part: str, y: float, size: float, n: int) -> None:
    for k in range(n):
        scene.put(part, scene.edge + (1000 - 2 * scene.edge) * (k + 0.5) / n, y, size, k % 2 == 1)


def _band(scene: Scene, y: float, height: float) -> None:
    box = np.array([(-5, y), (1005, y), (1005, y + height), (-5, y + height)], dtype=float)
    scene.canvas.draw((Shape(box, "shade", "line", 3),))
    motif, n = BANDS[scene.spec.ring](), round(1000 / height)
    for k in range(n):
        scene.canvas.draw(motif, 1000 * (k + 0.5) / n, y + height / 2, height * 0.46)


ARRANGE: Mapping[str, Callable[[Scene], None]] = {
    "团窠": _roundel,
    "团窠列": _roundels,
    "散点": _scattered,
    "缠枝": _scrolling,
    "对波": _ogival,
    "补子": _badge,
    "柿蒂窠": _calyx,
    "横条": _striped,
}
