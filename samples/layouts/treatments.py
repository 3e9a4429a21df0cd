"""Cases of how a file is made: pages imposed, turned, cropped, cut to strips, or with spoilt text."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image

from samples.books import write_volume
from samples.layouts.grounds import as_stream
from samples.layouts.plates import write_facing
from samples.layouts.single import write_above, write_below
from samples.layouts.stage import Stage
from samples.scan import scan_volume
from samples.truth import Figure, Row, make_rows, read_figures

Treat = Callable[[pymupdf.Document, pymupdf.Document, list[Figure]], list[Figure]]
"""Fills the second document from the pages of the first; returns where the figures stand on it."""
JUNK = "的一是丨亅了我不人在他有这个口日曰囗1lI|·丶~^"


def write_spread_silk(path: Path, seed: int) -> list[Row]:
    """Silk entries over two pages, a picture left and text right, on one sheet."""
    layout = ("spread", "facing", "spread") if seed % 2 else ("facing", "spread", "facing")

    def write(clean: Path, seed: int) -> list[Row]:
        return write_volume(clean, seed=seed, series="silk", entries=3, layout=layout, front_matter=False)

    return _treat(path, seed, write, _impose)


def write_spread_album(path: Path, seed: int) -> list[Row]:
    """Two pages with captioned pictures on one sheet."""
    return _treat(path, seed, write_above if seed % 3 == 0 else write_below, _impose)


def write_spread_facing(path: Path, seed: int) -> list[Row]:
    """A plate and the page of its words on one sheet."""
    return _treat(path, seed, write_facing, _impose)


def write_rotated_right(path: Path, seed: int) -> list[Row]:
    """Pages set on their side that /Rotate 90 turns upright."""
    return _treat(path, seed, write_below, lambda *parts: _turn(*parts, angle=90))


def write_rotated_left(path: Path, seed: int) -> list[Row]:
    """Pages set on their side that /Rotate 270 turns upright."""
    return _treat(path, seed, write_below, lambda *parts: _turn(*parts, angle=270))


def write_cropped(path: Path, seed: int) -> list[Row]:
    """Pages within crop boxes, with a printer's marks outside them."""
    margin = random.Random(f"cropped {seed}").uniform(18, 60)
    return _treat(path, seed, write_below, lambda *parts: _crop(*parts, margin=margin))


def write_strips(path: Path, seed: int) -> list[Row]:
    """Text alone, every line or two of it an image: nothing is a figure."""
    return _treat(path, seed, _write_prose, lambda *parts: _cut_strips(*parts, seed=seed))


def write_mojibake(path: Path, seed: int) -> list[Row]:
    """A text layer whose fonts map their glyphs to wrong characters or to private use."""
    rows = write_below(path, seed)
    private = seed % 2 == 1
    with pymupdf.open(path) as document:
        for xref in range(1, document.xref_length()):
            if document.xref_is_stream(xref) and b"beginbf" in document.xref_stream(xref):
                document.update_stream(xref, _spoil_map(document.xref_stream(xref), private=private))
        spoilt = document.tobytes(garbage=3, deflate=True, no_new_id=True)
    path.write_bytes(spoilt)
    return rows


def write_wrong_layer(path: Path, seed: int) -> list[Row]:
    """A scan with a hidden text layer that another OCR got wrong."""
    rng = random.Random(f"wrong_layer {seed}")
    with tempfile.TemporaryDirectory() as scratch:
        clean, scan = Path(scratch) / "clean.pdf", Path(scratch) / "scan.pdf"
        rows = scan_volume(clean, scan, seed=seed, truth=write_below(clean, seed), pages=[1, 2])
        with pymupdf.open(clean) as source, pymupdf.open(scan) as out:
            for page, printed in zip(out, source, strict=False):
                _hide_text(page, printed, rng)
            out.save(path, garbage=3, deflate=True, no_new_id=True)
    return [{**row, "pdf": path.name} for row in rows]


def _write_prose(path: Path, seed: int) -> list[Row]:
    stage = Stage("strips", seed)
    for _ in range(stage.rng.randint(2, 3)):
        stage.fill()
        stage.start_page()
    return stage.save(path)


def _treat(path: Path, seed: int, write: Callable[[Path, int], list[Row]], treat: Treat) -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        clean = Path(scratch) / "clean.pdf"
        figures = read_figures(write(clean, seed))
        with pymupdf.open(clean) as source, pymupdf.open() as out:
            moved = treat(source, out, figures)
            path.parent.mkdir(parents=True, exist_ok=True)
            out.set_metadata({"producer": "samples", "creator": "samples"})
            out.save(path, garbage=3, deflate=True, no_new_id=True)
            return make_rows(path.name, out.page_count, moved)


def _impose(source: pymupdf.Document, out: pymupdf.Document, figures: list[Figure]) -> list[Figure]:
    """Left-hand and right-hand pages side by side; the first page is a right-hand one."""
    wide, high = source[0].rect.width, source[0].rect.height
    for number in range(source.page_count // 2 + 1):
        sheet = out.new_page(width=2 * wide, height=high)
        for side in (0, 1):
            if 0 <= (old := 2 * number - 1 + side) < source.page_count:
                sheet.show_pdf_page(pymupdf.Rect(side * wide, 0, (side + 1) * wide, high), source, old)
    return [
        replace(_shift(figure, wide * (figure.page % 2), 0.0), page=figure.page // 2 + 1)
        for figure in figures
    ]


def _turn(
    source: pymupdf.Document, out: pymupdf.Document, figures: list[Figure], *, angle: int
) -> list[Figure]:
    for old in source:
        page = out.new_page(width=old.rect.height, height=old.rect.width)
        page.show_pdf_page(page.rect, source, old.number, rotate=angle)
        page.set_rotation(angle)
    return figures


def _crop(
    source: pymupdf.Document, out: pymupdf.Document, figures: list[Figure], *, margin: float
) -> list[Figure]:
    for old in source:
        wide, high = old.rect.width, old.rect.height
        page = out.new_page(width=wide + 2 * margin, height=high + 2 * margin)
        inner = pymupdf.Rect(margin, margin, margin + wide, margin + high)
        page.show_pdf_page(inner, source, old.number)
        for x, y in ((inner.x0, 2), (inner.x1, 2), (inner.x0, inner.y1 + 4), (inner.x1, inner.y1 + 4)):
            page.draw_line((x, y), (x, y + 10), width=0.4)
        page.insert_text((inner.x0 + 30, 10), f"samples {old.number + 1} CMYK", fontsize=6)
        page.draw_rect(pymupdf.Rect(inner.x1 - 90, 3, inner.x1 - 20, 13), fill=(0, 0.6, 0.7), color=None)
        page.set_cropbox(inner)
    return figures


def _cut_strips(
    source: pymupdf.Document, out: pymupdf.Document, _figures: list[Figure], *, seed: int
) -> list[Figure]:
    rng = random.Random(f"strips {seed}")
    dpi, per_strip = rng.choice((150, 200, 300)), rng.choice((1, 1, 2, 3))
    for old in source:
        page = out.new_page(width=old.rect.width, height=old.rect.height)
        pixmap = old.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        whole = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
        tops = sorted({round(line["bbox"][1], 1) for line in _lines_of(old)})[::per_strip]
        for top, bottom in zip(tops, [*tops[1:], old.rect.height], strict=True):
            strip = pymupdf.Rect(0.06 * old.rect.width, top, 0.94 * old.rect.width, bottom)
            scaled = tuple(round(value * dpi / 72) for value in strip)
            page.insert_image(strip, stream=as_stream(whole.crop(scaled)), keep_proportion=False)
    return []


def _lines_of(page: pymupdf.Page) -> list[dict[str, Any]]:
    return [line for block in page.get_text("dict")["blocks"] for line in block.get("lines", ())]


def _spoil_map(cmap: bytes, *, private: bool) -> bytes:
    """Have a ToUnicode map give private-use characters, or ones of Latin-1, for what it knew."""

    def spoil(match: re.Match[bytes]) -> bytes:
        code = int(match[2], 16)
        wrong = 0xE000 + code % 0x1800 if private else 0xA1 + code % 0x5E
        return match[1] + b"<%04X>" % wrong

    return re.sub(
        rb"(<[0-9A-Fa-f]{4}>\s*(?:<[0-9A-Fa-f]{4}>\s*)?)<([0-9A-Fa-f]{4})>(?=\s*[\r\n])", spoil, cmap
    )


def _hide_text(page: pymupdf.Page, printed: pymupdf.Page, rng: random.Random) -> None:
    """Lay invisible lines over the page, three characters of five wrong."""
    for line in _lines_of(printed):
        text = "".join(span["text"] for span in line["spans"])
        wrong = "".join(rng.choice(JUNK) if rng.random() < 0.6 else char for char in text)
        at = (line["bbox"][0], line["bbox"][3] - 2)
        page.insert_text(at, wrong, fontname="china-s", fontsize=line["spans"][0]["size"], render_mode=3)


def _shift(figure: Figure, right: float, down: float) -> Figure:
    x0, y0, x1, y1 = figure.box
    return replace(figure, box=(x0 + right, y0 + down, x1 + right, y1 + down))
