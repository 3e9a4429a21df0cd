"""PyMuPDF's `to_chunks()`: its layout model's figures and the captions that it links to them."""

from __future__ import annotations

import pymupdf

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "pymupdf"


def read_book(book: Book) -> list[Row]:
    """Pages without usable text go to RapidOCR, as its makers advise."""
    with pymupdf.open(book.path) as document:
        figures = document.to_chunks(pages=[number - 1 for number in book.pages]).figures
    return [row(book, f.page, f.bbox, f.caption or "") for f in figures if f.bbox]
