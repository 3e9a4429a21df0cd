"""This project: extraction and alignment, without pixels and without Prefect."""

from __future__ import annotations

from typing import cast

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "culti"


def read_book(book: Book) -> list[Row]:
    """Figures with their title, caption and description."""
    from alignment.pairing import align_book
    from alignment.records import Series
    from extractors.reader import ReadSettings, open_document, read_pages

    pages = list(read_pages(book.path, open_document(book.path), book.pages, ReadSettings()))
    pairs = align_book(pages, cast(Series, book.series)).pairs
    return [row(book, p.page, p.figure_bbox, p.caption, p.title, p.description) for p in pairs]
