"""Characters as a PDF library finds them, before they are lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from extractors.records import Box

_SHORT = "⺟母⺠民⻁虎⻄西⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟"  # noqa: E501
# Fonts that draw two characters with one glyph may name the rarer: the radical ⾏ for 行, an em space for an
# ideographic one, the bar of quotations for the dash. Unicode knows the equals of its first radicals; of the
# second block these are common.
USUAL_SIGNS = {
    "\u2003": "\u3000",
    "\u2015": "—",
    **{chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)},
    **dict(zip(_SHORT[::2], _SHORT[1::2], strict=True)),
}


class Glyph(NamedTuple):
    """Made for every character of a book: a tuple, because a dataclass takes three times as long to make."""

    text: str
    box: Box
    baseline: float
    size: float
    font: str
    bold: bool


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """Characters set one after the other; `is_slanted` where they run aslant, as watermarks do."""

    glyphs: Iterable[Glyph]
    is_vertical: bool
    is_slanted: bool
