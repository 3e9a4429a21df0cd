"""Characters as a PDF library finds them, before they are lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from extractors.records import Box


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
