"""Pages as pixels, within bounds that a hostile file cannot push."""

from __future__ import annotations

from pathlib import Path

from extractors.backend import READERS, hold_document
from extractors.deskew import turn_upright
from extractors.errors import PageError
from extractors.ocr import Raster

MAX_PIXELS = 40_000_000


def limit_dpi(width: float, height: float, dpi: float, max_pixels: int = MAX_PIXELS) -> float:
    """The resolution at which `width` × `height` points are at most `max_pixels`: `dpi` or less."""
    pixels = width * height * (dpi / 72) ** 2
    return dpi if pixels <= max_pixels else dpi * (max_pixels / pixels) ** 0.5


def render_page(
    path: Path, number: int, dpi: float, password: str = "", skew: float = 0.0, reader: str = READERS[0]
) -> Raster:
    """Page `number` (1-based) as uint8 RGB, shape (h, w, 3), turned upright by `skew` degrees.

    The resolution is lowered where the page would have more than 40 megapixels. Raises a DocumentError or
    PageError.
    """
    with hold_document(path, password, reader) as document:
        try:
            page = document.load(number)
            image = page.draw(limit_dpi(page.width, page.height, dpi))
        except MemoryError:
            raise
        except Exception as error:
            raise PageError(f"{path.name} page {number}: cannot be drawn ({_first_line(error)})") from error
    return turn_upright(image, skew) if skew else image


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
