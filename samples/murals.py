"""Mural plates: a scene on a wall, aged, with its title and note."""

import random

import numpy as np
from numpy.typing import NDArray

from samples.ceilings import PATTERNED, WIDE_PATTERNED
from samples.scenes import SCENES, WIDE_SCENES
from samples.strokes import Canvas, Rgb
from samples.walls import PIGMENTS, WALLS, Wall, age_wall


def draw_mural(seed: int, width_px: int, height_px: int) -> tuple[NDArray[np.uint8], str, str]:
    """Return the mural (height, width, 3), its title and its note."""
    rng = random.Random(f"mural {seed}")
    ground = rng.choice(sorted(WALLS))
    lead, second = rng.sample(
        [name for name in ("石青", "石绿", "土红", "赭黄") if name != WALLS[ground].near], 2
    )
    pixels = np.full((height_px, width_px, 3), WALLS[ground].colour, np.uint8)
    unit = width_px / 1000
    canvas = Canvas(pixels, _inks(ground, lead, second), unit)
    wall = Wall(canvas, rng, height_px / unit, ground, lead, second)
    high = wall.height > 1240
    scenes = SCENES + PATTERNED if high else WIDE_SCENES + WIDE_PATTERNED
    title, note = rng.choice(scenes)(wall)
    return (
        age_wall(canvas.pixels, seed),
        title,
        f"{note}壁面为{ground}地，以{lead}、{second}为主，{_ageing(rng)}。",
    )


def _ageing(rng: random.Random) -> str:
    return rng.choice(("壁面有裂纹，局部颜料剥落", "颜料多处剥落，露出泥层", "裂纹数道，色泽古旧"))


def _inks(ground: str, lead: str, second: str) -> dict[str, Rgb]:
    """Return the wall's pigments by the ink roles that motifs use."""
    a, b, leaf = PIGMENTS[lead], PIGMENTS[second], PIGMENTS["石绿"]
    wall = WALLS[ground]
    return {
        "a": a[0], "A": a[1], "b": b[0], "B": b[1], "l": leaf[0], "L": leaf[1], "gold": (196, 152, 84),
        "cap": (156, 62, 46),
        "line": wall.line, "ground": wall.colour, "shade": wall.shade, "pale": (232, 222, 200),
        "dark": (52, 42, 38),
    }  # fmt: skip
