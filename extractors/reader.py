"""PDF → pages. The way in: everything else in this package is called from here or from `pixels`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from extractors.backend import READERS, find_reader
from extractors.document import open_document
from extractors.errors import DamagedDocument
from extractors.ocr import BUNDLED
from extractors.page_reading import read_page
from extractors.raster import render_page
from extractors.records import DocumentInfo, Dropped, Page
from extractors.stand_in import Readers

__all__ = ["READERS", "ReadSettings", "find_reader", "open_document", "read_pages", "render_page"]


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How pages are read; all but `megapixels` is part of what a stored page is keyed by.

    `ocr` is an engine of `ocr.load_engine`; `scan_dpi` is the resolution at which scanned pages are read. A
    page with an image of more than `megapixels` is not read; what is read does not depend on it.
    """

    reader: str = "pymupdf"
    ocr: str = BUNDLED
    scan_dpi: int = 200
    megapixels: float = inf


def read_pages(
    path: Path, info: DocumentInfo, numbers: Sequence[int], settings: ReadSettings, password: str = ""
) -> Iterator[Page]:
    """Reads the pages `numbers` (1-based), in that order.

    Where the chosen reader fails on a page, the other stands in, if it is installed: `Page.reader` names who
    read it. A page that neither can read has `error` set, and the others go on; DocumentError where the file
    as a whole cannot be opened, OcrError where a page needs OCR and the engine cannot be used, OverLimit
    where a page has too large an image.
    """
    with Readers(path, password, settings.reader) as readers:
        for number in numbers:
            yield _read_page(readers, info, number, settings)


def _read_page(readers: Readers, info: DocumentInfo, number: int, settings: ReadSettings) -> Page:
    """By the first reader that can; the chosen reader's error where none can."""
    failed: Page | None = None
    for document in readers.list_documents():
        page = read_page(document, info, number, settings.ocr, settings.scan_dpi, settings.megapixels)
        if not page.error and failed is not None:
            reason = f"{failed.reader} failed on it ({failed.error}), {page.reader} read it"
            return replace(page, dropped=(*page.dropped, Dropped(number, "page", reason)))
        if not page.error:
            return page
        failed = failed or page
    if failed is None:
        raise DamagedDocument(f"{info.name}: cannot be opened")
    return failed
