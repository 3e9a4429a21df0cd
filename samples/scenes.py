# ruff: noqa: E501 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Scenes of the murals: what stands on the wall, and the words for it, come from the same numbers."""

from collections.abc import Callable

import numpy as np

from samples.bands import BANDS
from samples.emblems import draw_long_cloud, draw_pearl, draw_ruyi_cloud
from samples.flowers import draw_baoxiang, draw_floret, draw_lotus
from samples.scenery import (
    draw_canopy,
    draw_halo,
    draw_hills,
    draw_lotus_seat,
    draw_pond,
    draw_ribbon,
    draw_tree,
)  # fmt: skip
from samples.strokes import Shape, moved, recoloured
from samples.walls import Wall
from samples.words import count, number

Words = tuple[str, str]  # title, note


def _pond(wall: Wall) -> Words:
    """Cranes over a lotus pond, clouds above."""
    cranes, flowers = wall.rng.choice((2, 3, 4)), wall.rng.choice((3, 5, 7))
    top = wall.height * 0.62
    draw_pond(wall.canvas, top, wall.height, flowers)
    clouds = _clouds(wall, 4, 0.05, 0.2)
    spots = ((300, 0.28), (700, 0.38), (270, 0.5), (720, 0.2))[:cranes]
    for k, (x, y) in enumerate(spots):
        wall.put("鹤", x, wall.height * y, 165, mirror=k % 2 == 1)
    title = f"{'双' if cranes == 2 else number(cranes)}鹤莲池"
    return title, (
        f"画面下部为莲池，水波起伏，出水莲花{count(flowers, '莲花')}，荷叶相间；上部绘飞鹤{count(cranes, '鹤')}，"
        f"展翅曲颈，左右相向；顶端饰流云{count(clouds, '流云')}。"
    )


def _clouds(wall: Wall, n: int, low: float, high: float) -> int:
    """Paint `n` clouds across the wall between two shares of its height and return their number."""
    for k in range(n):
        x = 1000 * (k + 0.5) / n + wall.rng.uniform(-40, 40)
        y = wall.height * (low + (high - low) * (k % 2 * 0.6 + wall.rng.random() * 0.3))
        wall.put("流云", x, y, wall.rng.uniform(90, 115), mirror=k % 2 == 1)
    return n


def _forest(wall: Wall) -> Words:
    """Deer between rows of hills and trees."""
    deer, rows, trees = wall.rng.choice((2, 3, 4)), wall.rng.choice((2, 3)), wall.rng.choice((3, 4, 5))
    _clouds(wall, 3, 0.04, 0.07)
    draw_hills(wall.canvas, wall.height * 0.25, 5, 150 * wall.share, wall.rng)
    for k in range(trees):
        draw_tree(wall.canvas, 1000 * (k + 0.5) / trees, wall.height * 0.455, 170 * wall.share, k)
    for row in range(1, rows):
        draw_hills(wall.canvas, wall.height * (0.25 + 0.29 * row), 6, 110 * wall.share, wall.rng)
    draw_hills(wall.canvas, wall.height * 1.02, 6, 150 * wall.share, wall.rng)
    spots = ((280, 0.7), (720, 0.74), (250, 0.46), (740, 0.48))[:deer]
    for k, (x, y) in enumerate(spots):
        wall.put("鹿", x, wall.height * y, 150, mirror=k % 2 == 1)
    return f"{'双' if deer == 2 else number(deer)}鹿山林", (
        f"画面以山峦分隔上下，山头青绿赭色相间，共{number(rows + 1)}重；山前立树{number(trees)}株，"
        f"绘鹿{count(deer, '鹿')}，昂首缓行，身有白斑；上方流云三朵。"
    )


def _shrine(wall: Wall) -> Words:
    """A flaming pearl on a lotus seat before a halo, under a canopy, birds or ribbons at its sides."""
    canvas, h = wall.canvas, wall.height
    rings = wall.rng.choice((3, 4, 5))
    side = wall.rng.choice(("鹤", "凤"))
    draw_halo(canvas, 500, h * 0.5, 290, rings)
    draw_lotus_seat(canvas, 500, h * 0.72, 250)
    canvas.draw(recoloured(draw_pearl(), {"b": "cap", "B": "gold"}), 500, h * 0.52, 190)
    draw_canopy(canvas, 500, h * 0.17, 330)
    for s in (-1, 1):
        wall.put(side, 500 + s * 385, h * 0.52, 108, mirror=s > 0)
        draw_ribbon(canvas, 500 + s * 330, h * 0.16, s, 1.0)
        wall.put("莲花", 500 + s * 370, h * 0.86, 105)
        wall.put("如意云", 500 + s * 385, h * 0.68, 72, mirror=s > 0)
    return f"莲座宝珠与双{side}", (
        f"画面正中莲座之上置火珠，后有圆光{number(rings)}重，上悬华盖，两侧飘带下垂；"
        f"左右各绘{side}一只，相对飞翔，其下如意云各一朵；底部两侧各有莲花一朵。"
    )


def _heaven(wall: Wall) -> Words:
    """A pair of birds around a great flower, falling florets, ribbons and clouds."""
    h, side = wall.height, wall.rng.choice(("凤", "鹤"))
    florets = wall.rng.choice((9, 12, 15))
    wall.canvas.draw(draw_baoxiang(), 500, h * 0.5, 200)
    for s, y in ((-1, 0.24), (1, 0.76)):
        wall.put(side, 500, h * y, 240, mirror=s > 0)
    for k in range(florets):
        wall.canvas.draw(draw_floret(), (66, 934)[k % 2], h * (0.08 + 0.84 * k / (florets - 1)), 34)
    for x, y in ((205, 0.42), (795, 0.42), (205, 0.6), (795, 0.6)):
        wall.canvas.draw(draw_ruyi_cloud(), x, h * y, 88, 0, x > 500)
    for y in (0.02, 0.98):
        _edge_band(wall, h * y)
    return f"双{side}宝相花", (
        f"画面中央绘宝相花一朵，花瓣八出，层层相套；上下各一{side}，一向右，一向左，振翅飞翔；"
        f"两侧如意云四朵，小花{number(florets)}朵散布其间；上下边缘饰联珠。"
    )


def _edge_band(wall: Wall, y: float) -> None:
    box = np.array([(0, y - 30), (1000, y - 30), (1000, y + 30), (0, y + 30)], dtype=float)
    wall.canvas.draw((Shape(box, "shade", "line", 4),))
    for k in range(20):
        wall.canvas.draw(BANDS["联珠"](), 50 * k + 25, y, 25)


def _offering(wall: Wall) -> Words:
    """Birds fly to a single great lotus on a tall stem, clouds at the top, water at the foot."""
    h, birds = wall.height, wall.rng.choice((2, 4))
    draw_pond(wall.canvas, h * 0.82, h, 0)
    stem = np.array([(492, h * 0.9), (496, h * 0.7), (504, h * 0.7), (508, h * 0.9)])
    wall.canvas.draw((Shape(stem, "l", "line", 4),))
    draw_halo(wall.canvas, 500, h * 0.52, 230, 2)
    wall.canvas.draw(moved(draw_lotus(), 0, 0, 1), 500, h * 0.56, 250)
    spots = ((210, 0.34), (790, 0.34), (210, 0.7), (790, 0.7))[:birds]
    for k, (x, y) in enumerate(spots):
        wall.put("鹤", x, h * y, 150, mirror=k % 2 == 1)
    for x, s in ((300, -1), (700, 1)):
        draw_ribbon(wall.canvas, x, h * 0.08, s, 0.6)
    wall.canvas.draw(draw_long_cloud(), 500, h * 0.12, 130)
    return "飞鹤供养莲花", (
        f"画面中央一茎莲花自水中升起，尖瓣层叠，后有圆光两重；{'左右' if birds == 2 else '四面'}飞鹤{count(birds, '鹤')}，"
        f"两两相向，曲颈展翅；上方流云一朵，两侧飘带垂落，下部水波层层。"
    )


def _sacred_tree(wall: Wall) -> Words:
    """One great tree between a pair of beasts, birds in the sky."""
    h, beast = wall.height, wall.rng.choice(("鹿", "兔"))
    birds = wall.rng.choice((2, 3))
    draw_tree(wall.canvas, 500, h * 0.84, h * 0.42, 0)
    draw_hills(wall.canvas, h * 1.01, 6, 190, wall.rng)
    for s in (-1, 1):
        wall.put(beast, 500 + s * 280, h * 0.76, 175, mirror=s > 0)
        wall.put("火珠", 500 + s * 330, h * 0.585, 62)
    for k in range(birds):
        wall.put("鹤", 1000 * (k + 0.5) / birds, h * (0.13 if k % 2 == 0 else 0.08), 115, mirror=k % 2 == 1)
    return f"宝树对{beast}", (
        f"画面正中立宝树一株，枝叶团簇成冠；树下左右各一{beast}，两两相望，其上各悬火珠一颗；"
        f"天际飞鹤{count(birds, '鹤')}；底部山峦连绵，层层设色。"
    )


def _sky(wall: Wall) -> Words:
    """Creatures of one kind among many clouds."""
    creature, n = wall.rng.choice(("凤", "鹤", "龙", "蝙蝠")), wall.rng.choice((3, 4, 5))
    clouds = 2 * n
    step = wall.height / n
    for k in range(n):
        left = k % 2 == 0
        wall.put(creature, 300 if left else 700, step * (k + 0.5), min(220.0, step * 0.5), mirror=not left)
        for x, y in ((760, 0.32), (880, 0.72)):
            cloud = "流云" if k % 2 else "如意云"
            wall.put(cloud, x if left else 1000 - x, step * (k + y), min(90.0, step * 0.26), mirror=left)
    return f"祥云{number(n)}{creature}", (
        f"画面满布祥云，绘{creature}{count(n, creature)}，自上而下左右错落；"
        f"云朵共{number(clouds)}朵，流云与如意云相间，衬于{creature}之侧；构图饱满，气势流动。"
    )


SCENES: tuple[Callable[[Wall], Words], ...] = (
    _pond,
    _forest,
    _shrine,
    _heaven,
    _offering,
    _sacred_tree,
    _sky,
)
WIDE_SCENES = (_pond, _forest)  # those that also fill a wall wider than high
