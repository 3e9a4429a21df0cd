"""The same pages by both readers: texts, boxes and pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest
from pdf_making import (
    FONT,
    PLAIN_LINES,
    encode,
    make_photo,
    make_plain_page,
    new_page,
    place_image,
    save,
    write_lines,
)
from PIL import Image

from extractors.backend import hold_document
from extractors.errors import CultiError, DamagedDocument, PasswordNeeded
from extractors.pixels import cut_figures
from extractors.reader import READERS, ReadSettings, open_document, read_pages, render_page
from extractors.records import Box, Cut, FigureImage, Page
from extractors.text_layer import read_layer


def read_both(path: Path, password: str = "") -> tuple[Page, Page]:
    """Page 1 by each reader, and both by the reader that was asked."""
    pages = []
    for reader in READERS:
        info = open_document(path, password, reader)
        (page,) = read_pages(path, info, [1], ReadSettings(reader=reader), password)
        assert not page.error and page.reader == reader
        pages.append(page)
    return pages[0], pages[1]


def assert_same(ours: Page, theirs: Page, *, pictures: int, lines: int) -> None:
    """The same texts and boxes, those within a point."""
    assert (round(ours.width), round(ours.height)) == (round(theirs.width), round(theirs.height))
    assert len(ours.pictures) == len(theirs.pictures) == pictures
    assert len(ours.lines) == len(theirs.lines) == lines
    for a, b in zip(
        sorted(ours.lines, key=lambda x: x.text), sorted(theirs.lines, key=lambda x: x.text), strict=True
    ):
        assert (a.text, a.direction, a.bold) == (b.text, b.direction, b.bold)
        assert a.size == pytest.approx(b.size, abs=0.1)
        # Across a column the fonts' own widths count, and they are not the same for both libraries.
        assert a.box[:4:2] == pytest.approx(b.box[:4:2], abs=1 if a.direction == "horizontal" else 3)
        assert a.box[1::2] == pytest.approx(b.box[1::2], abs=1)
    for p, q in zip(
        sorted(ours.pictures, key=lambda x: x.box), sorted(theirs.pictures, key=lambda x: x.box), strict=True
    ):
        assert p.kind == q.kind and p.box == pytest.approx(q.box, abs=1)
        assert p.coverage == pytest.approx(q.coverage, abs=0.01)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_reads_the_same_however_it_is_turned(tmp_path, rotation):
    document, page = make_plain_page()
    page.set_rotation(rotation)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=len(ours.lines))
    assert ours.lines and len({line.text for line in theirs.lines}) == len(theirs.lines)


def test_the_crop_box_is_the_page(tmp_path):
    document, page = make_plain_page()
    page.set_cropbox(pymupdf.Rect(40, 60, 380, 560))
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=3)
    assert theirs.pictures[0].box == pytest.approx((40, 40, 280, 220), abs=1)


@pytest.mark.parametrize(
    ("operators", "box"),
    [
        ("q 100 300 120 90 re W n q 200 0 0 150 60 280 cm /Im Do Q Q", (100, 210, 220, 300)),
        ("q 100 300 m 220 300 l 160 390 l h W* n 200 0 0 150 60 280 cm /Im Do Q", (100, 210, 220, 300)),
        # The clip ends with Q, and the second image is whole.
        ("q 0 0 9 9 re W n Q 200 0 0 150 60 280 cm /Im Do", (60, 170, 260, 320)),
    ],
)
def test_a_clip_hides_what_lies_outside(tmp_path, operators, box):
    document, page = new_page()
    place_image(page, encode(make_photo()), operators)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=0)
    assert theirs.pictures[0].box == pytest.approx(box, abs=1)


def test_a_form_is_drawn_with_the_state_and_the_box_it_is_placed_with(tmp_path):
    inner, _ = make_plain_page()
    document, outer = new_page(600, 800)
    outer.show_pdf_page(pymupdf.Rect(100, 100, 300, 400), inner, 0, clip=pymupdf.Rect(80, 100, 320, 460))
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=len(ours.lines))


def test_drawings_are_found_and_white_ones_are_paper(tmp_path):
    document, page = new_page()
    page.draw_rect(pymupdf.Rect(0, 0, 400, 600), color=None, fill=(1, 1, 1))
    for k in range(12):
        page.draw_circle((200, 200), 10 + 6 * k, color=(0.1 * (k % 5), 0.2, 0.5), width=1.5)
    page.draw_line((40, 450), (360, 450), width=0.5)
    write_lines(page, 60, 480, PLAIN_LINES)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=3)
    assert theirs.pictures[0].kind == "drawing"
    assert [tuple(map(round, r)) for r in theirs.rules] == [tuple(map(round, r)) for r in ours.rules]


def test_an_invisible_layer_over_a_plate_is_no_text(tmp_path):
    document, page = new_page()
    page.insert_image(page.rect, stream=encode(make_photo(400, 600)), keep_proportion=False)
    page.insert_text((60, 100), "看不见的文字层，由扫描程序写入", fontname=FONT, fontsize=12, render_mode=3)
    ours, theirs = read_both(save(document, tmp_path))
    assert not ours.lines and not theirs.lines
    assert len(ours.pictures) == len(theirs.pictures) == 1


def test_text_under_a_later_image_is_hidden(tmp_path):
    document, page = new_page()
    write_lines(page, 100, 150, ["盖住的一行字", "盖住的又一行"])
    page.insert_image(pymupdf.Rect(80, 100, 320, 280), stream=encode(make_photo(240, 180)))
    write_lines(page, 60, 320, PLAIN_LINES)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=3)


def test_a_column_is_read_downwards_and_a_watermark_is_left_out(tmp_path):
    document, page = new_page()
    for row, char in enumerate("敦煌莫高窟第二二〇窟"):
        page.insert_text((350, 80 + 14 * row), char, fontname=FONT, fontsize=12)
    write_lines(page, 60, 320, PLAIN_LINES)
    turn = pymupdf.Matrix(35)
    page.insert_text(
        (100, 200), "样书样书样书", fontname=FONT, fontsize=20, morph=(pymupdf.Point(100, 200), turn)
    )
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=0, lines=4)
    assert [line.text for line in theirs.lines if line.direction == "vertical"] == ["敦煌莫高窟第二二〇窟"]
    assert any("slanted" in d.reason for d in theirs.dropped)


def test_a_soft_mask_shows_only_what_it_lets_through(tmp_path):
    photo = make_photo(200, 200).convert("RGBA")
    photo.putalpha(0)
    photo.paste(make_photo(100, 120, seed=3), (50, 40))
    document, page = new_page()
    page.insert_image(pymupdf.Rect(100, 100, 300, 300), stream=encode(photo, "PNG"))
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=0)
    assert theirs.pictures[0].box == pytest.approx((150, 140, 250, 260), abs=1.5)


def test_a_layer_that_is_off_is_not_seen(tmp_path):
    document, page = make_plain_page()
    off = document.add_ocg("draft", on=False)
    page.insert_image(pymupdf.Rect(80, 420, 320, 580), stream=encode(make_photo(240, 160, seed=4)), oc=off)
    on = document.add_ocg("print", on=True)
    page.insert_image(pymupdf.Rect(80, 10, 320, 90), stream=encode(make_photo(240, 80, seed=5)), oc=on)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=2, lines=3)


def test_an_image_that_lies_in_the_contents_is_seen(tmp_path):
    document, page = new_page()
    write_lines(page, 60, 320, PLAIN_LINES)
    pixels = np.asarray(make_photo(40, 30)).tobytes().hex().encode()
    image = b"q 200 0 0 150 60 400 cm BI /W 40 /H 30 /BPC 8 /CS /RGB /F /AHx ID " + pixels + b"> EI Q"
    page.clean_contents()
    xref = page.get_contents()[0]
    document.update_stream(xref, document.xref_stream(xref) + b"\n" + image)
    ours, theirs = read_both(save(document, tmp_path))
    assert_same(ours, theirs, pictures=1, lines=3)


def test_a_pattern_laid_once_is_what_it_holds_and_laid_often_it_is_a_pattern(tmp_path):
    traces = []
    for step in (400, 20):
        document, page = new_page()
        place_image(page, encode(make_photo()), "/Pattern cs /P scn 60 280 200 150 re f")
        (name,) = [i[7] for i in page.get_images()]
        cell = document.get_new_xref()
        resources = document.xref_get_key(page.xref, "Resources/XObject")[1]
        document.update_object(
            cell,
            f"<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 {step} {step}]/XStep {step}"
            f"/YStep {step}/Resources<</XObject {resources}>>/Matrix[1 0 0 1 60 280]>>",
        )
        document.update_stream(cell, f"q 200 0 0 150 0 0 cm /{name} Do Q".encode())
        found = document.xref_get_key(page.xref, "Resources")
        owner = (int(found[1].split()[0]), "") if found[0] == "xref" else (page.xref, "Resources/")
        document.xref_set_key(owner[0], f"{owner[1]}Pattern", f"<</P {cell} 0 R>>")
        path = save(document, tmp_path, f"{step}.pdf")
        for reader in READERS:
            with hold_document(path, "", reader) as held:
                trace = held.load(1).trace()
            traces.append(
                ([tuple(map(round, i.visible)) for i in trace.images], [p.shape for p in trace.paths])
            )
    assert traces[0] == traces[1] == ([(60, 170, 260, 320)], [])
    assert traces[2] == traces[3] == ([], ["pattern"])


def test_a_password_opens_the_book_for_both(tmp_path):
    document, _ = make_plain_page()
    options = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "silk", "owner_pw": "o"}
    path = save(document, tmp_path, **options)
    ours, theirs = read_both(path, "silk")
    assert_same(ours, theirs, pictures=1, lines=3)
    for wrong in ("", "wool"):
        with pytest.raises(PasswordNeeded, match="password"):
            open_document(path, wrong, "pdfplumber")


def test_what_no_reader_can_open_is_said_in_one_line(tmp_path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 40)
    for reader in READERS:
        with pytest.raises(DamagedDocument, match=r"^broken\.pdf: [^\n]+$"):
            open_document(path, "", reader)
    with pytest.raises(CultiError, match="--reader acrobat: unknown"):
        open_document(path, "", "acrobat")


def test_text_whose_codes_cannot_be_mapped_goes_to_ocr(tmp_path):
    """A font with a map of codes of its own in the file, which pdfminer does not read."""
    document, page = new_page()
    page.insert_text((60, 100), "图版一　团窠联珠纹", fontname=FONT, fontsize=14)
    path = save(document, tmp_path)
    with pymupdf.open(path) as again:
        (font,) = [f[0] for f in again[0].get_fonts() if f[2] == "Type0"]
        stream = again.get_new_xref()
        again.update_object(
            stream, "<</Type/CMap/CMapName/Own/CIDSystemInfo<</Registry(A)/Ordering(B)/Supplement 0>>>>"
        )
        again.update_stream(
            stream, b"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange endcmap"
        )
        again.xref_set_key(font, "Encoding", f"{stream} 0 R")
        again.save(tmp_path / "own.pdf")
    with hold_document(tmp_path / "own.pdf", "", "pdfplumber") as held:
        page = held.load(1)
        layer = read_layer(page, page.trace())
    assert not layer.lines and len(layer.illegible) == 1


# Pixels


def cut_both(path: Path, folder: Path, box: Box) -> list[FigureImage]:
    found = []
    for reader in READERS:
        (result,) = cut_figures(path, [Cut(1, box, (box,), "born-digital", reader=reader)], folder)
        assert isinstance(result, FigureImage), result
        found.append(result)
    return found


BOX = (100.0, 120.0, 300.0, 270.0)


def test_a_jpeg_that_fills_the_box_is_handed_on_byte_for_byte(tmp_path):
    data = encode(make_photo(), quality=93)
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=data, keep_proportion=False)
    ours, theirs = cut_both(save(document, tmp_path), tmp_path, BOX)
    assert ours.origin == theirs.origin == "embedded"
    assert (tmp_path / theirs.file).read_bytes() == data


def test_stored_pixels_are_the_same_and_in_the_same_colours(tmp_path):
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=encode(make_photo(), "PNG"), keep_proportion=False)
    ours, theirs = cut_both(save(document, tmp_path), tmp_path, BOX)
    assert ours.origin == theirs.origin == "embedded" and theirs.file.endswith("png")
    pixels, others = (np.asarray(Image.open(tmp_path / found.file), int) for found in (ours, theirs))
    # MuPDF goes by the colour profile, PDFium does not.
    assert abs(pixels - others).max() <= 1


def test_what_is_drawn_over_is_rendered_at_the_same_size(tmp_path):
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=encode(make_photo()), keep_proportion=False)
    page.draw_line((110, 130), (290, 260), color=(1, 0, 0), width=3)
    ours, theirs = cut_both(save(document, tmp_path), tmp_path, BOX)
    assert ours.origin == theirs.origin == "rendered" and ours.dpi == theirs.dpi
    assert (ours.width_px, ours.height_px) == (theirs.width_px, theirs.height_px)
    assert bin(int(ours.phash, 16) ^ int(theirs.phash, 16)).count("1") <= 4


@pytest.mark.parametrize("rotation", [0, 90])
def test_pages_are_drawn_alike(tmp_path, rotation):
    document, page = make_plain_page()
    page.set_cropbox(pymupdf.Rect(40, 60, 380, 560))
    page.set_rotation(rotation)
    path = save(document, tmp_path)
    ours, theirs = (render_page(path, 1, 100, reader=reader) for reader in READERS)
    assert ours.shape == theirs.shape
    # Edges are smoothed in different ways, and no more.
    assert abs(ours.astype(int) - theirs).mean() < 2


def test_hairlines_are_drawn_as_thin_as_they_are(tmp_path):
    """PDFium by itself draws them a pixel wide, and a drawing of hundreds turns black."""
    document, page = new_page()
    for k in range(80):
        page.draw_line((100, 100 + 2 * k), (300, 100 + 2 * k), width=0.1)
    path = save(document, tmp_path)
    ours, theirs = (render_page(path, 1, 100, reader=reader)[150:350, 150:400].mean() for reader in READERS)
    # A pixel wide they would make it 163.
    assert theirs == pytest.approx(ours, abs=20)


def test_a_caption_set_on_its_side_is_read_upward(tmp_path):
    """A plate in landscape on an upright page has its caption along the page's edge."""
    document, page = new_page()
    page.insert_text((350, 500), "图1　海东青逐兔纹", fontname="china-s", fontsize=10, rotate=90)
    for found in read_both(save(document, tmp_path)):
        assert [(line.text, line.direction) for line in found.lines] == [("图1　海东青逐兔纹", "vertical")]
