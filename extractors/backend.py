"""What a PDF library must do for a reader, and the choice between the two there are.

PyMuPDF is AGPL-3.0. The other backend is pdfplumber with pypdfium2, both of which may be used freely, and no
module of one backend is imported with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from PIL import Image

from extractors.errors import CultiError
from extractors.glyphs import GlyphRun
from extractors.ocr import Raster
from extractors.page_trace import PlacedImage, Trace
from extractors.records import Box

READERS = ("pymupdf", "pdfplumber")


class StoredImage(Protocol):
    """An image as it lies in the file, whatever the page makes of it."""

    def find_jpeg(self) -> bytes | None:
        """Its JPEG stream; None where it is none, or where a mask or decode array changes its colours."""

    def decode(self) -> Image.Image:
        """Its pixels in RGB, not resampled."""


class OpenPage(Protocol):
    """One page of an open document, rotation applied, the crop box's corner at (0, 0), y downwards.

    Any method may raise whatever the library raises on damage.
    """

    @property
    def width(self) -> float:
        """In points."""

    @property
    def height(self) -> float:
        """In points."""

    def trace(self) -> Trace:
        """All that the page draws; damage half-way is noted in it."""

    def read_runs(self) -> Iterable[GlyphRun]:
        """The characters of the page's own text."""

    def draw(self, dpi: float, clip: Box | None = None) -> Raster:
        """The page (or the part in `clip`) on white, shape (h, w, 3), without annotations."""

    def find_stored(self, placed: PlacedImage) -> StoredImage | None:
        """The stored image behind one of the trace; None where it cannot be had."""


class OpenDocument(Protocol):
    """An open and unlocked document."""

    @property
    def reader(self) -> str:
        """The backend's name, as in `Page.reader`."""

    def count_pages(self) -> int:
        """How many pages it has; DamagedDocument where that cannot be told."""

    def load(self, number: int) -> OpenPage:
        """Page `number` (1-based)."""


@contextmanager
def hold_document(path: Path, password: str = "", reader: str = READERS[0]) -> Iterator[OpenDocument]:
    """An open and unlocked document. Raises a DocumentError where it cannot be opened."""
    with _choose(path, password, reader) as document:
        yield document


def _choose(path: Path, password: str, reader: str) -> AbstractContextManager[OpenDocument]:
    if reader == "pymupdf":
        from extractors.mupdf_document import hold_mupdf

        return hold_mupdf(path, password)
    if reader == "pdfplumber":
        from extractors.plumber_document import hold_plumber

        return hold_plumber(path, password)
    raise CultiError(f"--reader {reader}: unknown; there is {', '.join(READERS)}")
