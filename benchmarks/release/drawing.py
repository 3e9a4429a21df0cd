"""Rows of a large release without books: JPEGs of the size and weight of figures, and an index on disk.

An image is a crop of one of a few textures, in other colours and with shapes of its own, so that it costs
little to draw, weighs what a figure of a book weighs (about 60–150 KB) and is like no other.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from alignment.records import Kind, make_pair_id
from alignment.text.trail import FIELDS, Edit, find_changes, make_edits
from export.info import NO_REDISTRIBUTION, BookReport, Source
from export.rows import Row, to_single
from extractors.records import Cut

Pixels = NDArray[np.uint8]
INDEX = "rows.pickle"
ROWS_A_BOOK, _ROWS_A_PAGE = 240, 2
_KINDS: tuple[Kind, Kind] = ("pattern", "textile")
_PAGE_PT = (to_single(595.28), to_single(841.89))
_BATCH = 500
_TEXTURES, _TEXTURE_PX = 16, (1100, 1400)
_WIDTHS_PX, _HEIGHTS_PX = (640, 1000), (480, 800)
_SHAPES = 14
_QUALITY = 88
# As many characters as a book of this kind uses often; some are in every sentence and most are rare.
_CHARACTERS = "".join(chr(0x4E00 + 11 * n) for n in range(1_500))


def draw_rows(folder: Path, count: int, processes: int) -> None:
    """Puts `count` images and the index of their rows into `folder`."""
    (folder / "figures").mkdir(parents=True)
    starts = range(0, count, _BATCH)
    with ProcessPoolExecutor(processes) as pool, (folder / INDEX).open("wb") as index:
        ends = [min(count, start + _BATCH) for start in starts]
        for rows in pool.map(_draw_batch, [folder / "figures"] * len(starts), starts, ends):
            for row in rows:
                pickle.dump(row, index, pickle.HIGHEST_PROTOCOL)


@dataclass(frozen=True, slots=True)
class IndexedRows:
    """The first `count` rows of an index, read from disk anew each time."""

    index: Path
    count: int

    def __iter__(self) -> Iterator[Row]:
        with self.index.open("rb") as file:
            for _ in range(self.count):
                row: Row = pickle.load(file)
                yield row


def list_books(count: int) -> tuple[BookReport, ...]:
    """The books of the first `count` rows. Every second may be shown."""
    books = []
    for number in range(-(-count // ROWS_A_BOOK)):
        rows = min(ROWS_A_BOOK, count - number * ROWS_A_BOOK)
        document, sha256, rights = _name_book(number)
        source = Source(document, sha256, "silk", f"第{number}卷", rights, ROWS_A_BOOK)
        books.append(BookReport(source, "done", ROWS_A_BOOK, figures=rows, pairs=rows))
    return tuple(books)


def _name_book(number: int) -> tuple[str, str, str]:
    document = f"volume-{number:04d}.pdf"
    rights = NO_REDISTRIBUTION if number % 2 else "CC-BY-4.0"
    return document, hashlib.sha256(document.encode()).hexdigest(), rights


def _draw_batch(folder: Path, start: int, end: int) -> list[Row]:
    cv2.setNumThreads(1)
    return [_draw_row(folder, number) for number in range(start, end)]


def _draw_row(folder: Path, number: int) -> Row:
    rng = np.random.default_rng((17, number))
    pixels = draw_image(rng)
    content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    image_sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{image_sha256}.jpg"
    path.write_bytes(content)
    with Image.open(path) as picture:
        phash = str(imagehash.phash(picture.convert("L")))
    return _make_row(rng, number, path, (pixels.shape[1], pixels.shape[0]), image_sha256, phash)


def draw_image(rng: np.random.Generator) -> Pixels:
    """One image, (height, width, 3)."""
    texture = _make_texture(int(rng.integers(_TEXTURES)))
    wide, high = int(rng.integers(*_WIDTHS_PX)), int(rng.integers(*_HEIGHTS_PX))
    x, y = int(rng.integers(texture.shape[1] - wide)), int(rng.integers(texture.shape[0] - high))
    gains = np.diag(rng.uniform(0.55, 1.1, 3)).astype(np.float32)
    pixels: Pixels = cv2.transform(np.ascontiguousarray(texture[y : y + high, x : x + wide]), gains)
    for _ in range(_SHAPES):
        centre = int(rng.integers(wide)), int(rng.integers(high))
        axes = int(rng.integers(10, wide // 4)), int(rng.integers(10, high // 4))
        colour = tuple(int(v) for v in rng.integers(256, size=3))
        width = -1 if rng.random() < 0.5 else int(rng.integers(2, 12))
        cv2.ellipse(pixels, centre, axes, float(rng.integers(180)), 0, 360, colour, width)
    return pixels


@cache
def _make_texture(number: int) -> Pixels:
    """Noise of many sizes, as of a woven or painted ground."""
    rng = np.random.default_rng((5, number))
    high, wide = _TEXTURE_PX
    real = np.full((high, wide, 3), 128, np.float32)
    for step, strength in ((300, 50), (80, 34), (20, 24), (5, 18), (2, 8)):
        coarse = rng.normal(0, strength, (-(-high // step), -(-wide // step), 3)).astype(np.float32)
        real += cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.clip(real, 0, 255).astype(np.uint8)


def _make_row(
    rng: np.random.Generator, number: int, path: Path, size: tuple[int, int], image_sha256: str, phash: str
) -> Row:
    book, in_book = divmod(number, ROWS_A_BOOK)
    page, on_page = in_book // _ROWS_A_PAGE + 1, in_book % _ROWS_A_PAGE
    document, sha256, rights = _name_book(book)
    title, body = _write_text(rng, 5, 9), _write_text(rng, 20, 180)
    top = 60.0 + 380.0 * on_page
    box = (60.0, top, 360.0, top + 225.0)
    text_raw = f"{title}\n\n{body}"
    places = ((60.0, top + 235.0, 200.0, top + 247.0), (60.0, top + 255.0, 500.0, top + 340.0))
    return Row(
        pair_id=make_pair_id(sha256, page, [round(v) for v in box]),
        image_file=path,
        title=title,
        caption=title,
        description=body,
        text_raw=text_raw,
        series="silk",
        kind=_KINDS[on_page],
        document=document,
        document_sha256=sha256,
        page=page,
        page_width=_PAGE_PT[0],
        page_height=_PAGE_PT[1],
        figure_bbox=box,
        text_pages=(page, page),
        text_roles=("caption", "body"),
        text_bboxes=places,
        origin="embedded",
        dpi=None,
        ocr_confidence=None,
        pair_score=to_single(float(rng.uniform(0.5, 1))),
        pair_rule="entry:image",
        entry_id=f"{sha256[:12]}-{page}",
        parent_pair_id=None,
        width=size[0],
        height=size[1],
        image_sha256=image_sha256,
        phash=phash,
        review_status="unreviewed",
        reviewer=None,
        rights=rights,
        cut=Cut(page, box, (box,), "born-digital"),
        trail=make_trail(text_raw, title, body),
    )


def make_trail(text_raw: str, title: str, body: str) -> tuple[Edit, ...]:
    """What title, caption and description leave out of the text."""
    parts = zip(FIELDS, (title, title, body), strict=True)
    changes = [(name, find_changes(text_raw, part)) for name, part in parts]
    return tuple(e for name, some in changes for e in make_edits(name, "regions", "regions", text_raw, some))


def _write_text(rng: np.random.Generator, least: int, most: int) -> str:
    """Characters by Zipf's law."""
    count = int(rng.integers(least, most))
    ranks = np.exp(rng.uniform(0, np.log(len(_CHARACTERS)), count)).astype(np.int64) - 1
    return "".join(_CHARACTERS[n] for n in ranks)
