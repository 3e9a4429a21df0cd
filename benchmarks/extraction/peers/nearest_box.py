"""The baseline: lines that begin with 图N or Fig. N go to the nearest figure box of a layout model.

RapidLayout's bundled Chinese model (CDLA) finds the boxes. The lines are those of the PDF's text where it has
enough of it, else RapidOCR's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import pymupdf
from rapid_layout import ModelType, RapidLayout
from rapidocr import RapidOCR

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "rapid-layout"
DPI = 144
# Fewer letters than this on a page are a folio or a stamp: OCR reads it.
ENOUGH_TEXT = 40
_CAPTION = re.compile(
    r"\s*(?:图\s*版?|圖\s*版?|Fig(?:ure|\.)?)\s*[\d一二三四五六七八九十〇百]", re.IGNORECASE
)

_layout = RapidLayout(model_type=ModelType.PP_LAYOUT_CDLA)
_ocr = RapidOCR()
Box = tuple[float, float, float, float]


def read_book(book: Book) -> list[Row]:
    """Every figure box of the model, with all captions that are nearest to it."""
    rows = []
    with pymupdf.open(book.path) as document:
        for number in book.pages:
            page = document[number - 1]
            pixmap = page.get_pixmap(dpi=DPI, alpha=False)
            raster = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
            # Both models take pictures as OpenCV reads them.
            raster = np.ascontiguousarray(raster[:, :, ::-1])
            figures = _find_figures(raster)
            words = [""] * len(figures)
            if figures:
                for text, box in _read_lines(page, raster):
                    if _CAPTION.match(text):
                        nearest = min(range(len(figures)), key=lambda i: _distance(box, figures[i]))
                        words[nearest] += text
            rows += [row(book, number, box, text) for box, text in zip(figures, words, strict=True)]
    return rows


def _find_figures(raster: np.ndarray) -> list[Box]:
    found = _layout(raster)
    names, boxes = found.class_names or [], found.boxes if found.boxes is not None else []
    return [_to_points(box) for name, box in zip(names, boxes, strict=True) if name == "figure"]


def _read_lines(page: pymupdf.Page, raster: np.ndarray) -> list[tuple[str, Box]]:
    """Lines or, in a text layer, blocks of lines: a caption is then whole."""
    blocks = [(block[4], tuple(block[:4])) for block in page.get_text("blocks") if block[6] == 0]
    if sum(len(text) for text, _ in blocks) >= ENOUGH_TEXT:
        return blocks
    read = _ocr(raster)
    if read.txts is None:
        return []
    corners = [np.asarray(box).reshape(-1, 2) for box in read.boxes]
    return [
        (text, _to_points((*around.min(axis=0), *around.max(axis=0))))
        for text, around in zip(read.txts, corners, strict=True)
    ]


def _to_points(box: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (float(value) * 72 / DPI for value in box)
    return x0, y0, x1, y1


def _distance(one: Box, other: Box) -> float:
    """Of the nearest edges, in points; 0 where they touch."""
    across = max(0.0, other[0] - one[2], one[0] - other[2])
    down = max(0.0, other[1] - one[3], one[1] - other[3])
    return math.hypot(across, down)
