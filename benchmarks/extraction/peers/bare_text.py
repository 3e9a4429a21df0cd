"""A limit: what PyMuPDF alone says of text, image positions and drawings, and no more. Finds nothing."""

from __future__ import annotations

import pymupdf

from benchmarks.extraction.peers.harness import Book, Row

DISTRIBUTION = "pymupdf"


def read_book(book: Book) -> list[Row]:
    """Reads and throws away."""
    with pymupdf.open(book.path) as document:
        for number in book.pages:
            page = document[number - 1]
            page.get_text("rawdict")
            page.get_image_info()
            page.get_cdrawings()
    return []
