"""This project without the tones of pictures: what extraction and alignment cost, drawing of pixels apart."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

from benchmarks.extraction.peers import culti
from benchmarks.extraction.peers.harness import Book, Row
from extractors.backend import OpenPage
from extractors.records import Picture

DISTRIBUTION = "culti"


def read_book(book: Book) -> list[Row]:
    """As `culti`; photographs are told from redrawn patterns by their size and place alone."""
    with mock.patch("extractors.page_reading.add_tones", _leave):
        return culti.read_book(book)


def _leave(_: OpenPage, pictures: Sequence[Picture]) -> list[Picture]:
    return list(pictures)
