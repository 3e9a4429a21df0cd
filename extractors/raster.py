"""Pages as pixels, within bounds that a hostile file cannot push."""

from __future__ import annotations

from pathlib import Path

from extractors.backend import READERS
from extractors.deskew import turn_upright
from extractors.errors import PageError
from extractors.ocr import Raster
from extractors.stand_in import Readers

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
    failure: Exception | None = None
    with Readers(path, password, reader) as readers:
        for document in readers.list_documents():
            try:
                page = document.load(number)
                image = page.draw(limit_dpi(page.width, page.height, dpi))
            except MemoryError:
                raise
            except Exception as error:
                failure = failure or error
                continue
            return turn_upright(image, skew) if skew else image
    reason = _first_line(failure) if failure else "no reader can open it"
    raise PageError(f"{path.name} page {number}: cannot be drawn ({reason})") from failure


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
