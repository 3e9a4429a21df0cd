"""How the pages of a sample volume look, drawn from its seed."""

from __future__ import annotations

import random

from samples.art import draw_ornament
from samples.furniture import Look

SILK_SIZES = ((540.0, 760.0), (567.0, 794.0), (520.0, 737.0))
MURAL_SIZES = ((595.0, 808.0), (567.0, 794.0), (612.0, 822.0))
TINTS = ((0.985, 0.972, 0.94), (0.975, 0.97, 0.955), (0.97, 0.96, 0.925))
ACCENTS = ((0.45, 0.16, 0.12), (0.15, 0.28, 0.33), (0.36, 0.27, 0.12))
NAMES = {"silk": "织绣纹样样书", "dunhuang": "壁画图版样书", "other": "图文样书"}
NUMERALS = "一二三四五六七八九"


def choose_look(seed: int, series: str, title: str = "") -> Look:
    """Choose size, margins, tint and ornament; a mural volume has an ornament on every page."""
    rng = random.Random(f"look {series} {seed}")
    width, height = rng.choice(SILK_SIZES if series != "dunhuang" else MURAL_SIZES)
    ornament = None
    if series == "dunhuang" or rng.random() < 0.3:
        ornament = draw_ornament(rng.getrandbits(30), width_px=420, height_px=60)
    return Look(
        title=title or f"{NAMES[series]}　第{NUMERALS[rng.randrange(9)]}册",
        width=width,
        height=height,
        inner=width * 0.12,
        outer=width * 0.1,
        top=height * 0.095,
        bottom=height * 0.085,
        tint=rng.choice(TINTS) if rng.random() < 0.35 else None,
        ornament=ornament,
        accent=rng.choice(ACCENTS),
        folio_centred=rng.random() < 0.4,
    )
