"""pdfplumber and pypdfium2 as a backend: what the page draws by pdfminer, its pixels by PDFium."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pdfplumber
import pypdfium2 as pdfium
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream
from PIL import Image

from extractors.errors import DamagedDocument, DocumentMissing, PasswordNeeded
from extractors.geometry import area, intersection
from extractors.glyphs import GlyphRun
from extractors.ocr import Raster
from extractors.page_trace import Matrix, PlacedImage, Trace
from extractors.pdfium_page import decode_image, draw_page, find_image
from extractors.plumber_images import find_jpeg, read_raw
from extractors.plumber_layers import Layers
from extractors.plumber_operators import Operators
from extractors.plumber_state import PatientFonts
from extractors.plumber_text import make_runs
from extractors.plumber_trace import Recorder
from extractors.plumber_values import as_box, as_number
from extractors.records import Box

# They write of every oddity; what matters to the curator is in the build report.
for _name in ("pdfminer", "pdfplumber", "pypdfium2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_PAGES_KEPT = 16
_DAMAGED = "too damaged to open; get the file again or repair it (qpdf, mutool clean)"


@contextmanager
def hold_plumber(path: Path, password: str) -> Iterator[PlumberDocument]:
    """An open and unlocked document. Raises a DocumentError where it cannot be opened."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise DocumentMissing(f"{path}: cannot be opened ({error.strerror or error})") from error
        try:
            # Not closed as such: that would first make all of its pages.
            plumbed = pdfplumber.PDF(stream, password=password)
            pages = list(PDFPage.create_pages(plumbed.doc))
            drawn = pdfium.PdfDocument(path, password=password or None)
        except MemoryError:
            raise
        except Exception as error:
            if _asks_password(error):
                wrong = "the password is wrong" if password else "a password is needed"
                raise PasswordNeeded(
                    f"{path.name}: encrypted, and {wrong}; give it in the sources file (inspect: --password)"
                ) from error
            raise DamagedDocument(f"{path.name}: {_DAMAGED}") from error
        document = PlumberDocument(path, password, plumbed, pages, drawn)
        stack.callback(document.close)
        if len(pages) != len(drawn):
            # One of the two has left out a page, and nobody knows which.
            raise DamagedDocument(f"{path.name}: its list of pages is damaged; get the file again")
        yield document


def _asks_password(error: BaseException) -> bool:
    causes = [error, error.__context__, *error.args]
    return any(isinstance(c, PDFPasswordIncorrect) for c in causes) or (
        isinstance(error, pdfium.PdfiumError) and "password" in str(error).lower()
    )


class PlumberDocument:
    """See `backend.OpenDocument`."""

    reader = "pdfplumber"

    def __init__(
        self,
        path: Path,
        password: str,
        plumbed: pdfplumber.PDF,
        pages: Sequence[PDFPage],
        drawn: pdfium.PdfDocument,
    ) -> None:
        self._path, self._password = path, password
        self._plumbed, self._pages, self._drawn = plumbed, pages, drawn
        self._loaded = 0
        self._fonts = PatientFonts()
        self._layers = Layers(plumbed.doc)

    def close(self) -> None:
        """Lets go of the file."""
        self._drawn.close()

    def count_pages(self) -> int:
        """How many pages it has."""
        return len(self._pages)

    def load(self, number: int) -> PlumberPage:
        """Page `number` (1-based). Pages loaded long before cannot be used any more."""
        self._loaded += 1
        if self._loaded % _PAGES_KEPT == 0:
            # Both keep every object that they have read, and no page is read twice.
            self._plumbed.doc._cached_objs.clear()
            self._drawn.close()
            self._drawn = pdfium.PdfDocument(self._path, password=self._password or None)
        return PlumberPage(self._pages[number - 1], self._drawn[number - 1], self._fonts, self._layers)


class PlumberPage:
    """See `backend.OpenPage`."""

    def __init__(self, page: PDFPage, drawn: pdfium.PdfPage, fonts: PatientFonts, layers: Layers) -> None:
        self._page, self._drawn, self._fonts, self._layers = page, drawn, fonts, layers
        self._box = _find_box(page)
        self._unit = as_number(page.attrs.get("UserUnit"), 1.0)
        self._recorded: tuple[Recorder, Trace] | None = None

    @property
    def width(self) -> float:
        """In points."""
        return self._sides[self._page.rotate in (90, 270)] * self._unit

    @property
    def height(self) -> float:
        """In points."""
        return self._sides[self._page.rotate not in (90, 270)] * self._unit

    @property
    def _sides(self) -> tuple[float, float]:
        return self._box[2] - self._box[0], self._box[3] - self._box[1]

    def trace(self) -> Trace:
        """All that the page draws, as far as pdfminer can follow it."""
        return self._record()[1]

    def read_runs(self) -> Iterator[GlyphRun]:
        """Characters in the order in which the page sets them."""
        return make_runs(self._record()[0].glyphs)

    def draw(self, dpi: float, clip: Box | None = None) -> Raster:
        """The page (or the part in `clip`) on white, shape (h, w, 3), without annotations."""
        return draw_page(self._drawn, self.width, self.height, dpi, clip)

    def forget_images(self) -> None:
        """PDFium decodes as it draws."""

    def find_stored(self, placed: PlacedImage) -> PlumberImage | None:
        """The stored image behind one of the trace, if PDFium has it too."""
        stream = self._record()[0].streams.get(placed.order)
        if stream is None:
            return None
        found = find_image(self._drawn, placed.width_px, placed.height_px, read_raw(stream))
        return None if found is None else PlumberImage(stream, found)

    def _record(self) -> tuple[Recorder, Trace]:
        if self._recorded is None:
            recorder = Recorder(self._fonts)
            recorder.operators = Operators(self._fonts, recorder, self._layers)
            error = ""
            try:
                around = (0.0, 0.0, self.width, self.height)
                recorder.operators.run_page(
                    self._page.resources, self._page.contents, self._find_ctm(), around
                )
            except MemoryError:
                raise
            except Exception as stopped:
                # What came before the damage is still there to see.
                error = (str(stopped).splitlines() or [""])[0] or type(stopped).__name__
            self._recorded = recorder, recorder.make_trace(error)
        return self._recorded

    def _find_ctm(self) -> Matrix:
        """From the file's space to points of the page as it is read, y downwards."""
        x0, y0, x1, y1 = self._box
        u = self._unit
        return {
            90: (0.0, u, u, 0.0, -u * y0, -u * x0),
            180: (-u, 0.0, 0.0, u, u * x1, -u * y0),
            270: (0.0, -u, -u, 0.0, u * y1, u * x1),
        }.get(self._page.rotate, (u, 0.0, 0.0, -u, -u * x0, u * y1))


class PlumberImage:
    """See `backend.StoredImage`."""

    def __init__(self, stream: PDFStream, image: pdfium.PdfImage) -> None:
        self._stream, self._image = stream, image

    def find_jpeg(self) -> bytes | None:
        """Its JPEG stream, where no decode array, colour key or stencil changes what it says."""
        return find_jpeg(self._stream)

    def decode(self) -> Image.Image:
        """Its pixels in RGB, not resampled."""
        return decode_image(self._image)


def _find_box(page: PDFPage) -> Box:
    """What is shown of the page: its crop box within its media box."""
    media = as_box(list(page.mediabox)) or (0.0, 0.0, 612.0, 792.0)
    crop = as_box(list(page.cropbox)) or media
    shown = intersection(media, crop)
    return shown if area(shown) > 0 else media
