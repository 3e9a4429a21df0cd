"""A page's pixels, and its images as stored, by PDFium."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from extractors.ocr import Raster
from extractors.records import Box

_MAX_DEPTH = 12
_MAX_IMAGES = 4000
_FINER, _MAX_FINER_PX = 3, 12_000_000


def draw_page(page: pdfium.PdfPage, width: float, height: float, dpi: float, clip: Box | None) -> Raster:
    """The page of `width` × `height` points (or the part in `clip`) on white, shape (h, w, 3).

    Without annotations. ValueError where PDFium has no room for it.
    """
    x0, y0, x1, y1 = clip or (0.0, 0.0, width, height)
    scale = dpi / 72
    # As MuPDF rounds: a hair over a pixel's edge is no pixel.
    left, top = math.floor(x0 * scale + 1e-3), math.floor(y0 * scale + 1e-3)
    across = max(1, math.ceil(x1 * scale - 1e-3) - left)
    down = max(1, math.ceil(y1 * scale - 1e-3) - top)
    # PDFium draws no line thinner than a pixel: hairlines of drawings come out right from smaller ones.
    finer = _FINER if across * down * _FINER**2 <= _MAX_FINER_PX else 1
    own_width, own_height = page.get_size()
    stretch = finer * scale * width / own_width, finer * scale * height / own_height
    matrix = pdfium_c.FS_MATRIX(stretch[0], 0, 0, stretch[1], -left * finer, -top * finer)
    drawn = _render(page, matrix, across * finer, down * finer)
    if finer == 1:
        return drawn
    return np.asarray(cv2.resize(drawn, (across, down), interpolation=cv2.INTER_AREA), np.uint8)


def _render(page: pdfium.PdfPage, matrix: Any, across: int, down: int) -> Raster:
    bitmap = pdfium.PdfBitmap.new_native(across, down, pdfium_c.FPDFBitmap_BGR)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, across, down)
        window = pdfium_c.FS_RECTF(0, 0, across, down)
        pdfium_c.FPDF_RenderPageBitmapWithMatrix(
            bitmap.raw, page.raw, ctypes.byref(matrix), ctypes.byref(window), 0
        )
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, ::-1])
    finally:
        bitmap.close()


def find_image(page: pdfium.PdfPage, width_px: int, height_px: int, raw: bytes) -> pdfium.PdfImage | None:
    """The image object with this size and these stored bytes; if only one has the size, that one."""
    fitting = [image for image in _list_images(page) if image.get_px_size() == (width_px, height_px)]
    same = [image for image in fitting if bytes(image.get_data()) == raw]
    if same:
        return same[0]
    return fitting[0] if len(fitting) == 1 else None


def _list_images(page: pdfium.PdfPage) -> Iterator[pdfium.PdfImage]:
    found = page.get_objects(filter=(pdfium_c.FPDF_PAGEOBJ_IMAGE,), max_depth=_MAX_DEPTH)
    for index, image in enumerate(found):
        if index >= _MAX_IMAGES:
            return
        yield image


def decode_image(image: pdfium.PdfImage) -> Image.Image:
    """Its pixels in RGB, not resampled, without masks."""
    bitmap = image.get_bitmap(render=False)
    try:
        found: Image.Image = bitmap.to_pil().convert("RGB").copy()
        return found
    finally:
        bitmap.close()
