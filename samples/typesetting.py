"""Chinese text set in lines: justified, indented, without forbidden line starts; and in vertical columns."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

import pymupdf

Ink = tuple[float, float, float]
BLACK: Ink = (0.13, 0.12, 0.12)
GREY: Ink = (0.42, 0.40, 0.38)

# What may not stand at the start, or at the end, of a line (GB/T 15834 and common practice).
NO_START = frozenset("。，、；：！？）〕】》〉」』”’…—·％%")
NO_END = frozenset("（〔【《〈「『“‘")
# By how much of its width a line may be tightened; glyphs have that much air about them.
MAX_TIGHTENING = 0.03
TOKEN = re.compile(r"[A-Za-z0-9.\-]+|\[\d+\]|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: `size` in points, `leading` and `indent` in em."""

    size: float
    leading: float = 1.7
    indent: int = 0
    ink: Ink = BLACK
    bold: bool = False
    align: Literal["justify", "left", "centre", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its tokens, how far its start and its tokens are moved right, in points."""

    tokens: tuple[str, ...]
    offset: float
    gap: float = 0.0


@functools.cache
def load_font() -> pymupdf.Font:
    """Droid Sans Fallback, which PyMuPDF carries: the one font of all sample books."""
    return pymupdf.Font("cjk")


def measure(text: str, size: float) -> float:
    """Width of `text` in points."""
    font = load_font()
    return size * sum(float(font.glyph_advance(ord(char))) for char in text)


def break_lines(text: str, width: float, style: Style) -> list[Line]:
    """Break a paragraph into lines of at most `width` points."""
    rows = _avoid_widow(TOKEN.findall(text), width, style)
    lines = []
    for number, row in enumerate(rows):
        start = style.indent * style.size if number == 0 else 0.0
        slack = width - start - measure("".join(row), style.size)
        gap = 0.0
        if style.align == "justify" and (number < len(rows) - 1 or slack < 0) and len(row) > 1:
            gap = slack / (len(row) - 1)
        offset = start + {"centre": slack / 2, "right": slack}.get(style.align, 0.0)
        lines.append(Line(tuple(row), offset, gap))
    return lines


def _avoid_widow(tokens: list[str], width: float, style: Style) -> list[list[str]]:
    """Fill rows; set them a little tighter where that saves a last row of one character and its stop."""
    rows = _fill_rows(tokens, width, style)
    if style.align == "justify" and len(rows) > 1 and len(rows[-1]) <= 2:
        tighter = _fill_rows(tokens, width * (1 + MAX_TIGHTENING), style)
        if len(tighter) < len(rows):
            return tighter
    return rows


def _fill_rows(tokens: list[str], width: float, style: Style) -> list[list[str]]:
    """Fill rows greedily; tokens that may not part from their neighbours move to the next row."""
    rows: list[list[str]] = [[]]
    room = width - style.indent * style.size
    for token in tokens:
        advance = measure(token, style.size)
        if advance > room + 0.01 and rows[-1]:
            carried = _carry(rows[-1], token)
            rows.append(carried)
            room = width - measure("".join(carried), style.size)
        if rows[-1] or token.strip():
            rows[-1].append(token)
            room -= advance
    return rows


def _carry(row: list[str], following: str) -> list[str]:
    """Take off `row` what must stand with `following` on the next row."""
    carried: list[str] = []
    first = following
    while len(row) > 2 and (first[0] in NO_START or row[-1][-1] in NO_END):
        first = row.pop()
        carried.insert(0, first)
    return carried


def height_of(lines: int, style: Style) -> float:
    """Height in points that so many lines take."""
    return lines * style.size * style.leading


def column_height(text: str, style: Style) -> float:
    """Height in points of `text` set as one vertical column."""
    return len(text) * style.size * style.leading
