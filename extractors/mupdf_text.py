"""A page's own text by MuPDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymupdf

from extractors.glyphs import USUAL_SIGNS, Glyph, GlyphRun

# What is printed, not what replaces it for reading aloud: Word replaces Chinese by nothing.
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_IGNORE_ACTUALTEXT
_BOLD = pymupdf.TEXT_FONT_BOLD


def read_runs(page: pymupdf.Page) -> Iterator[GlyphRun]:
    """MuPDF's lines. Its errors are passed on."""
    # Text is given unturned unless the page's rotation is asked for, and clipped by the unturned page then.
    turned = page.get_textpage(pymupdf.INFINITE_RECT(), _FLAGS, page.rotation_matrix)
    for block in page.get_text("rawdict", flags=_FLAGS, textpage=turned)["blocks"]:
        for line in block.get("lines", ()):
            across, down = line["dir"]
            is_vertical = line["wmode"] == 1 or abs(down) > 0.7
            yield GlyphRun(_list_glyphs(line), is_vertical, min(abs(across), abs(down)) > 0.1)


def _list_glyphs(line: dict[str, Any]) -> list[Glyph]:
    glyphs: list[Glyph] = []
    for span in line["spans"]:
        size, font, bold = span["size"], span["font"], bool(span["flags"] & _BOLD)
        for c in span["chars"]:
            text = USUAL_SIGNS.get(c["c"], c["c"])
            glyphs.append(Glyph(text, c["bbox"], c["origin"][1], size, font, bold))
    return glyphs
