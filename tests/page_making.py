"""Pages made by hand for alignment tests: text lines and pictures at stated places, in points."""

from __future__ import annotations

from itertools import count

from extractors.records import Box, Page, Picture, TextLine

A4 = (595.0, 842.0)
_serial = count()


def text_line(text: str, x: float, y: float, size: float = 10.0, *, bold: bool = False) -> TextLine:
    """A horizontal line of full-width type whose top left corner is (x, y)."""
    width = sum(size if ord(c) > 0x2E80 else size / 2 for c in text)
    return TextLine(text, (x, y, x + width, y + size), size, bold=bold)


def column(text: str, x: float, y: float, size: float = 10.0) -> TextLine:
    """A vertical column whose top left corner is (x, y)."""
    return TextLine(text, (x, y, x + size, y + size * len(text)), size, "vertical")


def paragraph(text: str, x: float, y: float, width: float, size: float = 10.0) -> list[TextLine]:
    """Text set in lines of `width` with an indent of two em and 1.6 em from line to line."""
    per_line = int(width / size)
    full = "　　" + text
    rows = [full[i : i + per_line] for i in range(0, len(full), per_line)]
    lines = []
    for n, row in enumerate(rows):
        indent = 2 * size if n == 0 else 0.0
        lines.append(text_line(row.strip("　"), x + indent, y + n * 1.6 * size, size))
    return lines


def picture(*box: float, name: str = "") -> Picture:
    """A raster picture; `name` makes it the same picture as another of that name."""
    x0, y0, x1, y1 = box
    return Picture((x0, y0, x1, y1), "image", name or f"unique {next(_serial)}", 0.1)


def make_page(number: int, lines=(), pictures=(), size: tuple[float, float] = A4) -> Page:
    """A born-digital page."""
    flat: list[TextLine] = []
    for item in lines:
        flat += [item] if isinstance(item, TextLine) else list(item)
    return Page(
        "book.pdf",
        "ab" * 32,
        number,
        size[0],
        size[1],
        "pymupdf",
        lines=tuple(flat),
        pictures=tuple(pictures),
    )


def boxes_close(a: Box, b: Box) -> bool:
    """Equal within half a point."""
    return all(abs(p - q) < 0.5 for p, q in zip(a, b, strict=True))
