# ruff: noqa: E501 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Patterned walls: a caisson ceiling, rows of lotuses, borders; drawn and described from the same numbers."""

from collections.abc import Callable

import numpy as np

from samples.bands import BANDS
from samples.flowers import draw_baoxiang, draw_lotus
from samples.scenery import (
    frame_band,
    rotated_square,
)  # fmt: skip
from samples.strokes import Shape, ellipse, recoloured, turned
from samples.walls import Wall
from samples.words import count, number

Words = tuple[str, str]  # title, note


def _caisson(wall: Wall) -> Words:
    """A caisson ceiling: nested squares around a lotus with three hares, triangles of cloth at its edge."""
    canvas, middle = wall.canvas, wall.height / 2
    kinds = wall.rng.sample(sorted(BANDS), 3)
    half = 490.0
    for kind, width in zip(kinds, (62.0, 54.0, 48.0), strict=True):
        frame_band(canvas, kind, 500, middle, half, width)
        half -= width + 4
    for x in (-1, 1):
        for y in (-1, 1):
            canvas.draw(draw_baoxiang(), 500 + x * half * 0.74, middle + y * half * 0.74, half * 0.22)
    rotated_square(canvas, 500, middle, half)
    canvas.draw((Shape(ellipse(0, 0, 1, n=90), "a", "line", 0.015),), 500, middle, half * 0.64)
    petals = draw_baoxiang()[:24]
    canvas.draw(petals, 500, middle, half * 0.66)
    canvas.draw((Shape(ellipse(0, 0, 1, n=90), "pale", "line", 0.02),), 500, middle, half * 0.42)
    creature = wall.rng.choice(("兔", "鹤", "蝴蝶"))
    for k in range(3):
        x, y = turned(np.array([0.0, -half * 0.25]), 120 * k)
        wall.put(creature, 500 + x, middle + y, half * 0.17, turn=120 * k)
    _valance(wall, middle - 500)
    _valance(wall, middle + 500)
    return f"三{creature}莲花藻井", (
        f"藻井方形，井心莲花八瓣，中绘{creature}三只，{'头皆向外，' if creature == '蝴蝶' else '首尾相逐，'}旋转排列；"
        f"外套斜置方格，四隅各一朵宝相花；边饰三重，自外而内为{'、'.join(kinds)}；上下垂三角幔帷。"
    )


def _valance(wall: Wall, edge: float) -> None:
    """Hang a row of cloth triangles from the caisson's upper or lower edge, points outwards."""
    down = edge > wall.height / 2
    reach = 110 if down else -110
    for row, (depth, ink) in enumerate(((1.0, "b"), (0.62, "L"))):
        for k in range(10 - row):
            x = 100 * k + 50 * (1 + row)
            points = np.array([(x - 50, edge), (x + 50, edge), (x, edge + reach * depth)], dtype=float)
            wall.canvas.draw((Shape(points, ink, "line", 3.5),))
            wall.canvas.draw((Shape(ellipse(x, edge + reach * depth, 9, n=12), "pale", "line", 2.5),))


def _thousand(wall: Wall) -> Words:
    """Rows of equal lotuses in halos, their colours shifting along diagonals."""
    columns = wall.rng.choice((4, 5, 6) if wall.share == 1 else (6, 7, 8))
    step = 1000 / columns
    rows = int(wall.height / step)
    shift = (wall.height - rows * step) / 2
    turns: tuple[dict[str, str], ...] = ({}, {"a": "b", "A": "B"}, {"a": "l", "A": "L"})
    for row in range(rows):
        for column in range(columns):
            x, y = step * (column + 0.5), shift + step * (row + 0.5)
            inks = turns[(row + column) % 3]
            disc = (
                Shape(ellipse(0, 0, 0.94, n=60), "pale", "line", 0.03),
                Shape(ellipse(0, 0, 0.8, n=60), "shade", "line", 0.02),
            )
            wall.canvas.draw(disc, x, y, step * 0.48)
            wall.canvas.draw(recoloured(draw_lotus(), inks), x, y, step * 0.33)
    return "千莲", (
        f"壁面满绘莲花，横{number(columns)}列，纵{number(rows)}行，每朵皆在圆光之内，大小相等；"
        f"花色三种依次更替，沿斜向成行，排列整齐而富于节奏。"
    )


def _borders(wall: Wall) -> Words:
    """Broad bands of ornament one above another, a row of one motif in the middle."""
    kinds = wall.rng.sample(sorted(BANDS), 4)
    creature, n = (
        wall.rng.choice(("凤", "鹤", "兔", "鹿")),
        wall.rng.choice((2, 3) if wall.share == 1 else (4, 5)),
    )
    heights = (0.1, 0.16, 0.48, 0.16, 0.1)
    y = 0.0
    order = (kinds[0], kinds[1], "", kinds[2], kinds[3])
    for kind, share in zip(order, heights, strict=True):
        tall = wall.height * share
        if kind:
            _broad_band(wall, kind, y, tall)
        else:
            for row in range(2):
                for k in range(n):
                    wall.put(
                        creature,
                        1000 * (k + 0.5) / n,
                        y + tall * (0.26 + 0.48 * row),
                        min(tall * 0.23, 440 / n) / wall.share,
                        mirror=row == 1,
                    )
        y += tall
    return f"{creature}纹边饰", (
        f"边饰横列五重，自上而下为{kinds[0]}、{kinds[1]}、{creature}、{kinds[2]}、{kinds[3]}；"
        f"居中一重最宽，绘{creature}两行，每行{count(n, creature)}，上行向右，下行向左。"
    )


def _broad_band(wall: Wall, kind: str, y: float, tall: float) -> None:
    box = np.array([(-5, y), (1005, y), (1005, y + tall), (-5, y + tall)])
    wall.canvas.draw((Shape(box, "shade", "line", 5),))
    n = round(1000 / tall)
    for k in range(n):
        wall.canvas.draw(BANDS[kind](), 1000 * (k + 0.5) / n, y + tall / 2, tall * 0.44)


PATTERNED: tuple[Callable[[Wall], Words], ...] = (_caisson, _thousand, _borders)
WIDE_PATTERNED = (_thousand, _borders)  # those that also fill a wall wider than high
