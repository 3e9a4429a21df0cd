"""A plate without a word on its page: in a book of scans its image is of a sheet, else of the plate."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from pdf_making import FONT
from PIL import Image
from scan_making import Sheet, make_photo

from extractors.geometry import iou
from extractors.reader import READERS, ReadSettings, open_document, read_pages
from extractors.records import Page, Picture

SIZE = (300.0, 420.0)
PLATE, SHEET = (60.0, 80.0, 240.0, 300.0), (0.0, 0.0, *SIZE)
WORDS = "唐代织物多用联珠团窠纹样"


def draw_plate(box: tuple[float, float, float, float] = PLATE) -> bytes:
    """A scan of a sheet with a photograph on it, and no word."""
    photo = make_photo(box[2] - box[0], box[3] - box[1])
    return encode(Sheet(*SIZE).paste(photo, *box[:2]))


def draw_text() -> bytes:
    """A scan of a page of text."""
    return encode(Sheet(*SIZE).write_body(6, 40, 60, 220))


def encode(sheet: Sheet) -> bytes:
    stream = BytesIO()
    Image.fromarray(sheet.scan(noise=3)).save(stream, "JPEG", quality=80)
    return stream.getvalue()


def write_book(path: Path, plate: bytes, others: list[str]) -> Path:
    """A plate, and behind it pages that are `scanned`, `searchable` (with hidden text too), `printed`,
    or printed on an image (`ground`)."""
    scan = draw_text()
    with pymupdf.open() as document:
        first = document.new_page(width=SIZE[0], height=SIZE[1])
        first.insert_image(first.rect, stream=plate)
        for kind in others:
            page = document.new_page(width=SIZE[0], height=SIZE[1])
            if kind != "printed":
                page.insert_image(page.rect, stream=scan)
            if kind != "scanned":
                hidden = 3 if kind == "searchable" else 0
                page.insert_text((40, 70), WORDS, fontname=FONT, fontsize=11, render_mode=hidden)
        document.save(path)
    return path


def read_plate(path: Path, reader: str = READERS[0]) -> tuple[Page, Picture]:
    """The first page, and the one picture on it."""
    info = open_document(path, "", reader)
    (page,) = read_pages(path, info, [1], ReadSettings(reader=reader))
    assert not page.error and page.reader == reader
    (found,) = page.pictures
    return page, found


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["scanned", "searchable"])
def test_in_a_book_of_scans_the_plate_is_on_its_sheet(tmp_path: Path, kind: str, reader: str) -> None:
    page, found = read_plate(write_book(tmp_path / "scans.pdf", draw_plate(), [kind] * 2), reader)
    assert (page.source, page.lines, found.kind) == ("scan", (), "scan")
    assert iou(found.box, PLATE) > 0.95


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("others", [["printed"] * 2, ["ground"] * 2, ["scanned", "printed"], []])
def test_in_any_other_book_the_plate_is_the_image(tmp_path: Path, others: list[str], reader: str) -> None:
    """A single page does not tell."""
    page, found = read_plate(write_book(tmp_path / "printed.pdf", draw_plate(), others), reader)
    assert (page.source, found.kind) == ("born-digital", "image")
    assert iou(found.box, SHEET) > 0.99


def test_a_page_or_two_that_are_printed_do_not_make_a_book_of_scans_another(tmp_path: Path) -> None:
    """A shop's note at the end, a title page that was set anew."""
    book = write_book(tmp_path / "most.pdf", draw_plate(), ["scanned"] * 5 + ["printed"])
    assert iou(read_plate(book)[1].box, PLATE) > 0.95
    book = write_book(tmp_path / "some.pdf", draw_plate(), ["scanned"] * 4 + ["printed"] * 2)
    assert iou(read_plate(book)[1].box, SHEET) > 0.99


def test_a_plate_that_fills_its_sheet_keeps_its_own_pixels(tmp_path: Path) -> None:
    page, found = read_plate(write_book(tmp_path / "full.pdf", draw_plate(SHEET), ["scanned"] * 2))
    assert (page.source, found.kind) == ("born-digital", "image")


@pytest.mark.parametrize(
    "others",
    [
        [(20, 20, 280, 400)],
        [(20, 20, 280, 400), (20, 20, 280, 400)],
        [(0, 0, 300, 150), (0, 270, 300, 420)],
    ],
    ids=["margin", "one over the other", "apart"],
)
def test_images_that_leave_paper_are_no_scan_of_a_sheet(
    tmp_path: Path, others: list[tuple[float, float, float, float]]
) -> None:
    """Plates set with paper around them or between, in a book without words."""
    path = tmp_path / "margins.pdf"
    with pymupdf.open() as document:
        for boxes in ([SHEET], others, others):
            page = document.new_page(width=SIZE[0], height=SIZE[1])
            for box in boxes:
                page.insert_image(box, stream=draw_plate(), keep_proportion=False)
        document.save(path)
    assert iou(read_plate(path)[1].box, SHEET) > 0.99
