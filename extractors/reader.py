"""PDF → pages. The way in: everything else in this package is called from here or from `pixels`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.backend import READERS, hold_document
from extractors.document import open_document
from extractors.ocr import BUNDLED
from extractors.page_reading import read_page
from extractors.raster import render_page
from extractors.records import DocumentInfo, Page

__all__ = ["READERS", "ReadSettings", "open_document", "read_pages", "render_page"]


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How pages are read; all of it is part of what a stored page is keyed by.

    `ocr` is an engine of `ocr.load_engine`; `scan_dpi` is the resolution at which scanned pages are read.
    """

    reader: str = "pymupdf"
    ocr: str = BUNDLED
    scan_dpi: int = 200


def read_pages(
    path: Path, info: DocumentInfo, numbers: Sequence[int], settings: ReadSettings, password: str = ""
) -> Iterator[Page]:
    """Reads the pages `numbers` (1-based), in that order.

    A page that cannot be read has `error` set, and the others go on; DocumentError where the file as a whole
    cannot be opened, OcrError where a page needs OCR and the engine cannot be used.
    """
    with hold_document(path, password, settings.reader) as document:
        for number in numbers:
            yield read_page(document, info, number, settings.ocr, settings.scan_dpi)
