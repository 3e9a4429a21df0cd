"""PyMuPDF as a backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pymupdf
from pymupdf import mupdf

from extractors.errors import DamagedDocument, DocumentMissing, PasswordNeeded
from extractors.glyphs import GlyphRun
from extractors.mupdf_images import MupdfImage
from extractors.mupdf_text import read_runs
from extractors.mupdf_trace import trace_page
from extractors.ocr import Raster
from extractors.page_trace import PlacedImage, Trace
from extractors.records import Box

# MuPDF writes what it repairs to stderr; what matters to the curator is in the build report.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

_BROKEN = (
    pymupdf.FileDataError,
    pymupdf.EmptyFileError,
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
)
_PAGES_KEPT = 16


@contextmanager
def hold_mupdf(path: Path, password: str) -> Iterator[MupdfDocument]:
    """An open and unlocked document. Raises a DocumentError where it cannot be opened."""
    try:
        # Named as PDF: MuPDF would otherwise open pictures and e-books as well.
        document = pymupdf.open(path, filetype="pdf")
    except _BROKEN as error:
        raise DamagedDocument(
            f"{path.name}: too damaged to open; get the file again or repair it (qpdf, mutool clean)"
        ) from error
    except OSError as error:
        raise DocumentMissing(f"{path}: cannot be opened ({error.strerror or error})") from error
    with document:
        if document.needs_pass and not document.authenticate(password):
            wrong = "the password is wrong" if password else "a password is needed"
            raise PasswordNeeded(
                f"{path.name}: encrypted, and {wrong}; give it in the sources file (inspect: --password)"
            )
        yield MupdfDocument(path, document)


class MupdfDocument:
    """See `backend.OpenDocument`."""

    reader = "pymupdf"

    def __init__(self, path: Path, document: pymupdf.Document) -> None:
        self._path = path
        self._document = document

    def count_pages(self) -> int:
        """How many pages it has; DamagedDocument where that cannot be told."""
        try:
            return int(self._document.page_count)
        except (RuntimeError, pymupdf.mupdf.FzErrorBase) as error:
            raise DamagedDocument(
                f"{self._path.name}: its list of pages is damaged; get the file again"
            ) from error

    def load(self, number: int) -> MupdfPage:
        """Page `number` (1-based)."""
        if number % _PAGES_KEPT == 0:
            # MuPDF keeps up to 256 MB of decoded images, and no page is read twice.
            pymupdf.TOOLS.store_shrink(100)
        return MupdfPage(self._document.load_page(number - 1))


class MupdfPage:
    """See `backend.OpenPage`."""

    def __init__(self, page: pymupdf.Page) -> None:
        self._page = page
        # MuPDF works it out anew each time that it is asked.
        self._rect = page.rect
        self._traced: tuple[Trace, dict[int, mupdf.FzImage]] | None = None

    @property
    def width(self) -> float:
        """In points."""
        return float(self._rect.width)

    @property
    def height(self) -> float:
        """In points."""
        return float(self._rect.height)

    def trace(self) -> Trace:
        """All that the page draws, with MuPDF's own view of clips and masks."""
        if self._traced is None:
            self._traced = trace_page(self._page)
        return self._traced[0]

    def read_runs(self) -> Iterator[GlyphRun]:
        """MuPDF's lines."""
        return read_runs(self._page)

    def draw(self, dpi: float, clip: Box | None = None) -> Raster:
        """The page (or the part in `clip`) on white, shape (h, w, 3), without annotations."""
        rect = pymupdf.Rect(clip) if clip else self._rect
        bounds = mupdf.FzIrect(*(rect * pymupdf.Matrix(dpi / 72, dpi / 72)).irect)
        drawn = mupdf.fz_new_pixmap_with_bbox(mupdf.fz_device_rgb(), bounds, mupdf.FzSeparations(), 0)
        mupdf.fz_clear_pixmap_with_value(drawn, 255)
        # Not Page.get_pixmap: it goes by way of a display list, which for some pages is never finished (2.0).
        scale = mupdf.FzMatrix(dpi / 72, 0, 0, dpi / 72, 0, 0)
        device = mupdf.fz_new_draw_device(scale, drawn)
        mupdf.fz_run_page_contents(self._page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(device)
        pixmap = pymupdf.Pixmap("raw", drawn)
        flat = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.height, pixmap.stride)
        return flat[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3).copy()

    def forget_images(self) -> None:
        """MuPDF draws an image that it has at full size otherwise than one that it decodes smaller."""
        pymupdf.TOOLS.store_shrink(100)

    def find_stored(self, placed: PlacedImage) -> MupdfImage | None:
        """The stored image behind one of the trace."""
        self.trace()
        stored = self._traced[1].get(placed.order) if self._traced else None
        return None if stored is None else MupdfImage(stored)
