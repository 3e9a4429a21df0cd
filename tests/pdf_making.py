"""Small PDFs made on the spot, operator by operator where that is what is tested."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image

FONT = "china-s"
PLAIN_LINES = [
    "团窠联珠对鸟纹锦，唐代，都兰出土。",
    "经线显花，黄地，以红、白、蓝三色",
    "显出对鸟与联珠。Width 27.5 cm",
]


def make_photo(width: int = 200, height: int = 150, seed: int = 0) -> Image.Image:
    """A picture with structure at all scales, so that JPEG and hashes have something to hold."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (12, 16, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def encode(image: Image.Image, kind: str = "JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def new_page(width: float = 400, height: float = 600) -> tuple[pymupdf.Document, pymupdf.Page]:
    document = pymupdf.open()
    return document, document.new_page(width=width, height=height)


def save(document: pymupdf.Document, folder: Path, name: str = "book.pdf", **options) -> Path:
    path = folder / name
    document.save(path, **options)
    document.close()
    return path


def place_image(page: pymupdf.Page, data: bytes, operators: str) -> None:
    """Puts an image into the page's resources as /Im and draws the operators given."""
    outside = pymupdf.Rect(0, 0, 1, 1)
    page.insert_image(outside, stream=data)
    name = page.get_images()[-1][7]
    xref = page.get_contents()[-1]
    page.parent.update_stream(xref, operators.replace("/Im", f"/{name}").encode())


def write_lines(page: pymupdf.Page, x: float, y: float, lines: list[str], size: float = 10) -> None:
    for index, line in enumerate(lines):
        page.insert_text((x, y + 1.6 * size * index), line, fontname=FONT, fontsize=size)


def make_plain_page() -> tuple[pymupdf.Document, pymupdf.Page]:
    """A photograph and three lines."""
    document, page = new_page()
    page.insert_image(pymupdf.Rect(80, 100, 320, 280), stream=encode(make_photo(240, 180)))
    write_lines(page, 60, 320, PLAIN_LINES)
    return document, page
