"""A book being set: its sheets, what is put on them, and where its figures stand."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pymupdf
from PIL import Image

from samples.truth import Box, Figure, Row, make_rows
from samples.typesetting import Ink, Line, Style, break_lines, load_font, measure

JPEG_QUALITY = 86


class Sheet:
    """One page. `y` grows downwards; texts are kept and written when the sheet is finished."""

    def __init__(self, document: pymupdf.Document, number: int) -> None:
        self.number = number
        self._document = document
        self._writers: dict[tuple[Ink, bool], pymupdf.TextWriter] = {}

    @property
    def page(self) -> pymupdf.Page:
        """The page, loaded anew: PyMuPDF forgets loaded pages when another is added."""
        return self._document[self.number - 1]

    def write(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Set `text` from `x` on its baseline."""
        self._write_run(x, baseline, text, style)

    def set_lines(self, x: float, top: float, lines: list[Line], style: Style) -> float:
        """Set lines below `top`; return where the next would start."""
        pitch = style.size * style.leading
        for number, line in enumerate(lines):
            # The glyph's box stands in the middle of the line; its baseline lies .88 em below its top.
            baseline = top + number * pitch + (pitch - style.size) / 2 + 0.88 * style.size
            self._set_line(x + line.offset, baseline, line, style)
        return top + len(lines) * pitch

    def set_text(self, x: float, top: float, width: float, text: str, style: Style) -> float:
        """Set one paragraph into a column; return its bottom."""
        return self.set_lines(x, top, break_lines(text, width, style), style)

    def set_column(self, x: float, top: float, text: str, style: Style) -> float:
        """Set `text` glyph by glyph downwards, upright, in a column whose left is `x`; return its bottom."""
        pitch = style.size * style.leading
        for number, char in enumerate(text):
            if char.strip():
                shift = (style.size - measure(char, style.size)) / 2
                self._write_run(x + shift, top + number * pitch + 0.88 * style.size, char, style)
        return top + len(text) * pitch

    def place(self, box: Box, image: Image.Image, *, lossless: bool = False) -> Box:
        """Place an image to fill `box`; return the box."""
        stream = io.BytesIO()
        if lossless:
            image.save(stream, "PNG", optimize=False)
        else:
            image.save(stream, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        self.page.insert_image(pymupdf.Rect(box), stream=stream.getvalue(), keep_proportion=False)
        return box

    def rule(self, x0: float, x1: float, y: float, width: float = 0.5, ink: Ink = (0.2, 0.2, 0.2)) -> None:
        """Draw a horizontal line."""
        self.page.draw_line((x0, y), (x1, y), color=ink, width=width)

    def disc(self, centre: tuple[float, float], radius: float, ink: Ink) -> None:
        """Draw a filled disc."""
        self.page.draw_circle(centre, radius, color=None, fill=ink)

    def tint(self, ink: Ink) -> None:
        """Colour the whole page; call before anything else is put on it."""
        page = self.page
        page.draw_rect(page.rect, color=None, fill=ink)

    def finish(self) -> None:
        """Write the texts."""
        page = self.page
        for (ink, bold), writer in self._writers.items():
            writer.write_text(page, color=ink, render_mode=2 if bold else 0)
        self._writers.clear()

    def _set_line(self, x: float, baseline: float, line: Line, style: Style) -> None:
        if abs(line.gap) < 1e-6:
            self._write_run(x, baseline, "".join(line.tokens), style)
            return
        for token in line.tokens:
            self._write_run(x, baseline, token, style)
            x += measure(token, style.size) + line.gap

    def _write_run(self, x: float, baseline: float, text: str, style: Style) -> None:
        key = (style.ink, style.bold)
        if key not in self._writers:
            self._writers[key] = pymupdf.TextWriter(self.page.rect)
        self._writers[key].append((x, baseline), text, font=load_font(), fontsize=style.size)


class Book:
    """The sheets of one volume and the figures on them."""

    def __init__(self, width: float, height: float, tint: Ink | None = None) -> None:
        self.width = width
        self.height = height
        self._document = pymupdf.open()
        self._sheets: list[Sheet] = []
        self._figures: list[Figure] = []
        self._tint = tint

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._sheets)

    def start_sheet(self) -> Sheet:
        """Add a page. Earlier sheets may still be written on until the book is saved."""
        self._document.new_page(width=self.width, height=self.height)
        sheet = Sheet(self._document, self.pages + 1)
        self._sheets.append(sheet)
        if self._tint:
            sheet.tint(self._tint)
        return sheet

    def note_figure(
        self,
        sheet: Sheet,
        box: Box,
        *texts: str,
        description: str = "",
        fields: Mapping[str, str] | None = None,
        kind: str = "",
    ) -> None:
        """Write down that a figure with these texts of its own stands on `sheet`."""
        self._figures.append(Figure(sheet.number, box, texts, description, fields, kind))

    def note_references(self, since: int, references: Sequence[str]) -> None:
        """Write down literature as that of the described figures from number `since` on."""
        for number, figure in enumerate(self._figures):
            is_described = figure.description and figure.description not in figure.texts[:1]
            if number >= since and figure.fields is not None and is_described:
                fields = {**figure.fields, "references": "\n".join(references)}
                self._figures[number] = replace(figure, fields=fields)

    @property
    def figures(self) -> int:
        """How many figures there are."""
        return len(self._figures)

    def save(self, path: Path, title: str) -> list[Row]:
        """Write the PDF, with a subset of its font and no dates; return its truth."""
        for sheet in self._sheets:
            sheet.finish()
        self._document.subset_fonts()
        self._document.set_metadata({"title": title, "producer": "samples", "creator": "samples"})
        path.parent.mkdir(parents=True, exist_ok=True)
        self._document.save(path, garbage=3, deflate=True, no_new_id=True)
        rows = make_rows(path.name, self.pages, self._figures)
        self._document.close()
        return rows
