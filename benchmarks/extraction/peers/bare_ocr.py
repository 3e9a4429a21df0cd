"""A limit: the OCR engine alone on every page as it is drawn. Finds nothing."""

from __future__ import annotations

from benchmarks.extraction.peers.harness import Book, Row

DISTRIBUTION = "rapidocr"


def read_book(book: Book) -> list[Row]:
    """Reads and throws away."""
    from extractors.ocr import load_engine
    from extractors.reader import ReadSettings, render_page

    engine = load_engine()
    for number in book.pages:
        engine.read_lines(render_page(book.path, number, ReadSettings().scan_dpi))
    return []
