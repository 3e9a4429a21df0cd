"""Pages as pixels, within bounds that a hostile file cannot push."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
from pymupdf import mupdf

from extractors.deskew import turn_upright
from extractors.document import hold_document
from extractors.errors import PageError
from extractors.ocr import Raster

MAX_PIXELS = 40_000_000


def limit_dpi(width: float, height: float, dpi: float, max_pixels: int = MAX_PIXELS) -> float:
    """The resolution at which `width` × `height` points are at most `max_pixels`: `dpi` or less."""
    pixels = width * height * (dpi / 72) ** 2
    return dpi if pixels <= max_pixels else dpi * (max_pixels / pixels) ** 0.5


def draw_page(page: pymupdf.Page, dpi: float, clip: pymupdf.Rect | None = None) -> Raster:
    """The page (or the part in `clip`) on white, shape (h, w, 3), no annotations. MuPDF's errors pass."""
    area = (clip or page.rect) * pymupdf.Matrix(dpi / 72, dpi / 72)
    bounds = mupdf.FzIrect(*area.irect)
    drawn = mupdf.fz_new_pixmap_with_bbox(mupdf.fz_device_rgb(), bounds, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(drawn, 255)
    # Not Page.get_pixmap: it goes by way of a display list, which for some pages is never finished (2.0).
    scale = mupdf.FzMatrix(dpi / 72, 0, 0, dpi / 72, 0, 0)
    device = mupdf.fz_new_draw_device(scale, drawn)
    mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    pixmap = pymupdf.Pixmap("raw", drawn)
    flat = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return flat[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3).copy()


def render_page(path: Path, number: int, dpi: float, password: str = "", skew: float = 0.0) -> Raster:
    """Page `number` (1-based) as uint8 RGB, shape (h, w, 3), turned upright by `skew` degrees.

    The resolution is lowered where the page would have more than 40 megapixels. Raises a DocumentError or
    PageError.
    """
    with hold_document(path, password) as document:
        try:
            page = document.load_page(number - 1)
            limited = limit_dpi(page.rect.width, page.rect.height, dpi)
            image = draw_page(page, limited)
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            raise PageError(f"{path.name} page {number}: cannot be drawn ({_first_line(error)})") from error
    return turn_upright(image, skew) if skew else image


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
