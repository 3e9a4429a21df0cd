"""Strings of text as pdfminer's operators give them → characters with their places → runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFTextState
from pdfminer.utils import apply_matrix_pt, mult_matrix

from extractors.glyphs import USUAL_SIGNS, Glyph, GlyphRun
from extractors.page_trace import Matrix
from extractors.plumber_values import Point, bound, map_corners

# Han fill their em; fonts' own heights vary wildly.
_ASCENT, _DESCENT = 0.88, -0.12
# As MuPDF has them, in ems: a word's gap, a gap that ends a line, a sign's way off the baseline.
_WORD_GAP, _LINE_GAP, _OFF_BASE = 0.15, 0.8, 0.8
_FORCE_BOLD = 1 << 18
_UNKNOWN, _NO_CODE = "\ufffd", -1
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))


class SetGlyph(NamedTuple):
    """A character where the pen set it: `start` and `end` are the pen's places, (across, down) its way."""

    glyph: Glyph
    start: Point
    end: Point
    across: float
    down: float
    is_vertical: bool


def set_string(text: PDFTextState, seq: Iterable[object], ctm: Matrix) -> list[SetGlyph]:
    """Sets one string (operand of TJ) and moves the pen of `text` on. ISO 32000-1, 9.4.4.

    Not pdfminer's own loop: that leaves out the character space at the end of each string.
    """
    font = text.font
    if font is None:
        return []
    across = text.scaling * 0.01
    matrix = mult_matrix(text.matrix, ctm)
    is_vertical, is_multibyte = font.is_vertical(), font.is_multibyte()
    name, bold = _name_of(font)
    x, y = text.linematrix
    found: list[SetGlyph] = []
    for item in seq:
        if isinstance(item, int | float):
            shift = -item * 0.001 * text.fontsize
            x, y = (x, y + shift) if is_vertical else (x + shift * across, y)
            continue
        if not isinstance(item, bytes):
            continue
        for code in _decode(font, item):
            advance = font.char_width(code)
            glyph_space = (text.fontsize * across, 0.0, 0.0, text.fontsize, x, y + text.rise)
            trm = mult_matrix(glyph_space, matrix)
            found += _place(_find_unicode(font, code), trm, advance, is_vertical, name, bold)
            space = text.charspace + (text.wordspace if code == 32 and not is_multibyte else 0.0)
            if is_vertical:
                y += advance * text.fontsize + space
            else:
                x += (advance * text.fontsize + space) * across
    text.linematrix = (x, y)
    return found


def _place(
    char: str, trm: Matrix, advance: float, is_vertical: bool, name: str, bold: bool
) -> Iterator[SetGlyph]:
    size = math.sqrt(abs(trm[0] * trm[3] - trm[1] * trm[2]))
    if not char or size <= 0:
        return
    # The em of a vertical column's character hangs below the pen.
    cell = (-0.5, advance, 0.5, 0.0) if is_vertical else (0.0, _DESCENT, advance, _ASCENT)
    way = (-trm[2], -trm[3]) if is_vertical else (trm[0], trm[1])
    length = math.hypot(*way)
    if length <= 0:
        return
    start = (trm[4], trm[5])
    end = apply_matrix_pt(trm, (0.0, advance) if is_vertical else (advance, 0.0))
    glyph = Glyph(char, bound(map_corners(cell, trm)), start[1], size, name, bold)
    yield SetGlyph(glyph, start, end, way[0] / length, way[1] / length, is_vertical)


def _decode(font: PDFFont, data: bytes) -> list[int]:
    """The codes of a string. pdfminer reads no maps of codes that lie in the file, and then finds none.

    What is printed there must not vanish: it is unreadable, and goes to OCR.
    """
    found = list(font.decode(data))
    return found if found or not font.is_multibyte() else [_NO_CODE] * (len(data) // 2)


def _find_unicode(font: PDFFont, code: int) -> str:
    try:
        char = font.to_unichr(code)
    except PDFUnicodeNotDefined:
        # Maps leave out the space of one-byte fonts, which all encodings have at 32.
        return " " if code == 32 and not font.is_multibyte() else _UNKNOWN
    if not isinstance(char, str):
        return _UNKNOWN
    # Glyphs of a ligature stand for letters.
    return _LIGATURES.get(char) or USUAL_SIGNS.get(char, char)


def _name_of(font: PDFFont) -> tuple[str, bool]:
    name = font.fontname if isinstance(font.fontname, str) else str(getattr(font, "basefont", ""))
    name = name[7:] if name[6:7] == "+" else name
    return name, "bold" in name.lower() or bool(font.flags & _FORCE_BOLD)


def make_runs(glyphs: Sequence[SetGlyph]) -> Iterator[GlyphRun]:
    """Characters in the order in which they are set → runs, with the spaces that only gaps tell of."""
    run: list[Glyph] = []
    last: SetGlyph | None = None
    for each in glyphs:
        gap = _measure_gap(last, each) if last is not None else None
        if last is not None and gap is None:
            yield _finish(run, last)
            run = []
        elif gap is not None and last is not None and gap > _WORD_GAP and _may_be_spaced(last, each):
            run.append(_make_space(last.glyph, each.glyph))
        run.append(each.glyph)
        last = each
    if last is not None:
        yield _finish(run, last)


def _measure_gap(last: SetGlyph, each: SetGlyph) -> float | None:
    """White between two characters in ems; None where the second begins another run."""
    if last.is_vertical != each.is_vertical or last.across * each.across + last.down * each.down < 0.99:
        return None
    size = each.glyph.size
    dx, dy = each.start[0] - last.end[0], each.start[1] - last.end[1]
    along = (dx * each.across + dy * each.down) / size
    aside = (dy * each.across - dx * each.down) / size
    return along if abs(aside) < _OFF_BASE and -_WORD_GAP < along < _LINE_GAP else None


def _may_be_spaced(last: SetGlyph, each: SetGlyph) -> bool:
    """Han are set with air between them; words of other scripts are parted by it."""
    before = last.glyph.text[-1]
    is_word = ord(before) < 0x700 or 0x2000 <= ord(before) <= 0x20CF
    return is_word and not before.isspace() and not each.glyph.text.isspace()


def _make_space(last: Glyph, following: Glyph) -> Glyph:
    box = (min(last.box[2], following.box[0]), last.box[1], following.box[0], last.box[3])
    return last._replace(text=" ", box=box)


def _finish(run: list[Glyph], last: SetGlyph) -> GlyphRun:
    is_vertical = last.is_vertical or abs(last.down) > 0.7
    return GlyphRun(iter(run), is_vertical, min(abs(last.across), abs(last.down)) > 0.1)
