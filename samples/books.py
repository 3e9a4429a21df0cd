"""Typesets one volume of the sample books."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Literal

from samples.captions import Album
from samples.furniture import Contents, Press, write_colophon, write_preface, write_title_page
from samples.looks import choose_look
from samples.plates import Plates
from samples.prefaces import ALBUM_PREFACE, COLOPHON, MURAL_PREFACE, SILK_PREFACE
from samples.sheets import Book
from samples.silk import choose_silk_layout, set_silk_entry
from samples.truth import Row

Series = Literal["silk", "dunhuang", "other"]


def write_volume(
    path: Path,
    *,
    seed: int,
    series: Series,
    entries: int,
    layout: str | tuple[str, ...] = "mixed",
    title: str = "",
    front_matter: bool = True,
) -> list[Row]:
    """Typeset a volume of so many entries, plates or album sections and return its truth.

    `layout` is "mixed", one of `silk.SILK_LAYOUTS`, of `plates.MURAL_LAYOUTS` or `plates.FAMILIES`, or, in
    an album (series other), of `captions.ALBUM_LAYOUTS`; or several, taken in turn. The truth has one row
    without a box for every page and one row for every figure.
    """
    look = choose_look(seed, series, title)
    press = Press(Book(look.width, look.height, look.tint), look, [])
    contents = _write_front(press, series, entries) if front_matter else None
    layouts = (layout,) if isinstance(layout, str) else layout
    rng = random.Random(f"volume {series} {seed}")
    plates, album = Plates(press), Album(press)
    for number in range(1, entries + 1):
        asked = layouts[(number - 1) % len(layouts)]
        if series == "silk":
            chosen = choose_silk_layout(asked, rng, at_verso=press.at_verso)
            set_silk_entry(press, number, rng.getrandbits(31), chosen)
        elif series == "other":
            album.set_section(number, rng.getrandbits(31), asked)
        else:
            plates.set_plate(number, rng.getrandbits(31), asked)
    plates.set_notes()
    if contents is not None:
        contents.fill()
    return press.book.save(path, look.title)


FRONT = {
    "silk": ("纹样、织物与细节", "前言", SILK_PREFACE),
    "dunhuang": ("图版与说明", "凡例", MURAL_PREFACE),
    "other": ("图与题记", "前言", ALBUM_PREFACE),
}


def _write_front(press: Press, series: Series, entries: int) -> Contents:
    subtitle, heading, preface = FRONT[series]
    write_title_page(press, subtitle)
    write_colophon(press, COLOPHON)
    contents = Contents(press, entries + 2)
    write_preface(press, heading, preface)
    return contents
