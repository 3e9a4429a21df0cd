"""What a PDF library must do for a reader, and the choice between the two there are.

PyMuPDF is AGPL-3.0. The other backend is pdfplumber with pypdfium2, both of which may be used freely, and no
module of one backend is imported with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from PIL import Image

from extractors.errors import CultiError
from extractors.glyphs import GlyphRun
from extractors.ocr import Raster
from extractors.page_trace import PlacedImage, Trace
from extractors.records import Box

READERS = ("pymupdf", "pdfplumber")
# What a reader imports, and what to install for it.
PACKAGES = {"pymupdf": ("pymupdf",), "pdfplumber": ("pdfplumber", "pypdfium2")}


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

    def forget_images(self) -> None:
        """Forgets the images that were decoded: what is drawn next does not hang on what was before."""

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


def check_reader(reader: str) -> None:
    """CultiError in one line where a reader is unknown or its package is not installed."""
    if reader not in READERS:
        raise CultiError(f"--reader {reader}: unknown; there is {', '.join(READERS)}")
    missing = [name for name in PACKAGES[reader] if find_spec(name) is None]
    if missing:
        other = " or ".join(f"--reader {r}" for r in READERS if r != reader and is_installed(r))
        instead = f", or use {other}" if other else ""
        names = " ".join(missing)
        raise CultiError(f"--reader {reader}: {names} not installed; pip install {names}{instead}")


def is_installed(reader: str) -> bool:
    """Whether all that a reader imports is there."""
    return all(find_spec(name) is not None for name in PACKAGES[reader])


def order_readers(reader: str) -> tuple[str, ...]:
    """The reader and those that may stand in for it. CultiError where it cannot be used itself."""
    check_reader(reader)
    return (reader, *(r for r in READERS if r != reader and is_installed(r)))


def find_reader() -> str:
    """The first reader that is installed, for where nobody has chosen one."""
    return next((r for r in READERS if is_installed(r)), READERS[0])


@contextmanager
def hold_document(path: Path, password: str = "", reader: str = READERS[0]) -> Iterator[OpenDocument]:
    """An open and unlocked document.

    DocumentError where it cannot be opened, CultiError where the reader is not installed.
    """
    check_reader(reader)
    with _choose(path, password, reader) as document:
        yield document


def _choose(path: Path, password: str, reader: str) -> AbstractContextManager[OpenDocument]:
    if reader == "pymupdf":
        from extractors.mupdf_document import hold_mupdf

        return hold_mupdf(path, password)
    from extractors.plumber_document import hold_plumber

    return hold_plumber(path, password)
