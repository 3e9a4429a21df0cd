"""A large release of few images, and the books that its pages are drawn from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pymupdf

from alignment.records import make_pair_id
from benchmarks.release.drawing import INDEX, ROWS_A_BOOK, IndexedRows, draw_image, list_books
from export.feature_bank import pack_features
from export.info import BuildReport, ReleaseInfo
from export.local_features import NOTHING
from export.release import write_release
from export.rows import Row

_PAGE_PT = (595.28, 841.89)
_ROWS_A_PAGE = 2


class RepeatedRows:
    """`count` rows of the images of a few: each has a place, an entry and a score of its own."""

    def __init__(self, rows: Sequence[Row], count: int) -> None:
        self._rows, self._count = rows, count
        self._books = list_books(count)

    def __iter__(self) -> Iterator[Row]:
        rng = np.random.default_rng(3)
        for number in range(self._count):
            row = self._rows[number % len(self._rows)]
            book, in_book = divmod(number, ROWS_A_BOOK)
            source = self._books[book].source
            page = in_book // _ROWS_A_PAGE + 1
            box = row.figure_bbox or (0.0, 0.0, 1.0, 1.0)
            yield replace(
                row,
                pair_id=make_pair_id(source.sha256, page, [round(v) for v in box] + [number]),
                document=source.file,
                document_sha256=source.sha256,
                page=page,
                text_pages=(page,) * len(row.text_pages or ()),
                pair_score=float(np.float32(rng.uniform())),
                entry_id=f"{source.sha256[:12]}-{page}",
                rights=source.rights,
            )


def write_release_of(images: Path, drawn: int, pairs: int, release: Path) -> None:
    """The release, and beside it a work directory as a build leaves it."""
    books = list_books(pairs)
    info = ReleaseInfo("drawn", "1.0.0", {}, tuple(book.source for book in books))
    packed = pack_features(NOTHING)
    rows = RepeatedRows(list(IndexedRows(images / INDEX, drawn)), pairs)
    write_release(release, rows, info, BuildReport(books), describe=lambda _: packed)
    work = release.with_name(f"{release.name}.work")
    work.mkdir(exist_ok=True)
    book = write_book(work / "book.pdf")
    listed = [
        {
            "document": b.source.file,
            "document_sha256": b.source.sha256,
            "path": str(book),
            "reader": "pymupdf",
            "align_key": "",
            "read_keys": [],
        }
        for b in books
    ]
    about = {"format": 1, "decisions": str(work / "decisions.jsonl"), "books": listed}
    (work / "review.json").write_text(json.dumps(about), encoding="utf-8")


def write_book(path: Path) -> Path:
    """A page for every two rows of a book, with a picture at each of the places."""
    document = pymupdf.open()
    for number in range(ROWS_A_BOOK // _ROWS_A_PAGE):
        page = document.new_page(width=_PAGE_PT[0], height=_PAGE_PT[1])
        for top in (60.0, 440.0):
            pixels = draw_image(np.random.default_rng((29, number, int(top))))
            stream = cv2.imencode(".jpg", pixels)[1].tobytes()
            page.insert_image(pymupdf.Rect(60, top, 360, top + 225), stream=stream)
    document.save(path)
    document.close()
    return path
