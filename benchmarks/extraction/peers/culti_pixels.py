"""This project with the figures' pixels cut and encoded too."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "culti"


def read_book(book: Book) -> list[Row]:
    """The same rows as without pixels; the images go to a temporary folder."""
    from alignment.pairing import align_book
    from alignment.records import Series
    from extractors.pixels import cut_figures
    from extractors.reader import ReadSettings, open_document, read_pages
    from extractors.records import Cut

    pages = list(read_pages(book.path, open_document(book.path), book.pages, ReadSettings()))
    pairs = align_book(pages, cast(Series, book.series)).pairs
    cuts = [Cut(p.page, p.box, p.parts, p.page_source, p.skew) for p in pairs]
    with tempfile.TemporaryDirectory() as folder:
        for _ in cut_figures(book.path, cuts, Path(folder)):
            pass
    return [row(book, p.page, p.figure_bbox, p.caption, p.title, p.description) for p in pairs]
