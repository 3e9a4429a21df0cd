"""Figures' pixels: passed through where they can be, drawn or cut where not."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pymupdf
import pytest
from pdf_making import encode, make_photo, new_page, place_image, save
from PIL import Image

from extractors.pixels import cut_figures
from extractors.records import Cut, Dropped

BOX = (100.0, 200.0, 300.0, 350.0)


def cut(path, folder, box=BOX, *, source="born-digital", skew=0.0, **options):
    (result,) = cut_figures(path, [Cut(1, box, (box,), source, skew)], folder, **options)
    return result


def load(folder, figure) -> Image.Image:
    data = (folder / figure.file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == figure.sha256 == figure.file.split(".")[0]
    image = Image.open(io.BytesIO(data))
    assert image.size == (figure.width_px, figure.height_px)
    return image


def test_jpeg_passes_through_byte_for_byte(tmp_path):
    data = encode(make_photo(400, 300), quality=80)
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=data, keep_proportion=False)
    figure = cut(save(document, tmp_path), tmp_path)
    assert (figure.origin, figure.dpi) == ("embedded", None)
    assert (tmp_path / figure.file).read_bytes() == data


def test_png_keeps_its_own_pixels(tmp_path):
    photo = make_photo(333, 222)
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=encode(photo, "PNG"), keep_proportion=False)
    figure = cut(save(document, tmp_path), tmp_path)
    assert figure.origin == "embedded"
    assert np.array_equal(np.asarray(load(tmp_path, figure)), np.asarray(photo))


def test_cmyk_jpeg_is_shown_in_colour_not_passed_on(tmp_path):
    document, page = new_page()
    photo = make_photo().convert("CMYK")
    page.insert_image(pymupdf.Rect(BOX), stream=encode(photo, quality=95), keep_proportion=False)
    figure = cut(save(document, tmp_path), tmp_path)
    assert load(tmp_path, figure).mode == "RGB"


@pytest.mark.parametrize("what", ["text", "line", "clip", "mirror", "turn"])
def test_what_the_page_does_to_an_image_is_drawn(tmp_path, what):
    data = encode(make_photo(400, 300))
    document, page = new_page()
    operators = {
        "clip": "q 100 250 200 150 re W n q 200 0 0 200 100 220 cm /Im Do Q Q",
        "mirror": "q -200 0 0 150 300 250 cm /Im Do Q",
        "turn": "q 0 150 -200 0 300 250 cm /Im Do Q",
    }
    if what in operators:
        place_image(page, data, operators[what])
    else:
        page.insert_image(pymupdf.Rect(BOX), stream=data, keep_proportion=False)
    if what == "text":
        page.insert_text((150, 260), "1", fontsize=20)
    if what == "line":
        page.draw_line((120, 220), (280, 330), color=(1, 0, 0), width=3)
    path = save(document, tmp_path)
    figure = cut(path, tmp_path)
    assert figure.origin == "rendered"
    assert figure.dpi is not None and 140 <= figure.dpi <= 600
    shown = np.asarray(load(tmp_path, figure).convert("RGB").resize((200, 150)), float)
    with pymupdf.open(path) as again:
        pixmap = again[0].get_pixmap(clip=pymupdf.Rect(BOX))
        page_shows = np.frombuffer(pixmap.samples, np.uint8).reshape(150, 200, 3).astype(float)
    assert np.abs(shown - page_shows).mean() < 8


def test_transparency_is_flattened_on_white(tmp_path):
    cut_out = Image.new("RGBA", (200, 150), (0, 0, 0, 0))
    cut_out.paste((200, 30, 30, 255), (50, 40, 150, 110))
    document, page = new_page()
    page.insert_image(pymupdf.Rect(BOX), stream=encode(cut_out, "PNG"), keep_proportion=False)
    image = load(tmp_path, cut(save(document, tmp_path), tmp_path)).convert("RGB")
    assert min(image.getpixel((3, 3))) > 245
    red, green, _ = image.getpixel((image.width // 2, image.height // 2))
    assert red > 180 and green < 60


def test_scan_is_cut_upright(tmp_path):
    """A frame on a page that was scanned at 3 degrees comes out with upright edges."""
    made, page = new_page(400, 600)
    page.draw_rect(pymupdf.Rect(BOX), color=(0, 0, 0), fill=(0, 0, 0))
    upright = Image.open(io.BytesIO(page.get_pixmap(dpi=150).tobytes("png"))).convert("RGB")
    made.close()
    turned = upright.rotate(-3, Image.Resampling.BICUBIC, fillcolor="white")
    document, page = new_page(400, 600)
    page.insert_image(page.rect, stream=encode(turned, quality=92))
    figure = cut(save(document, tmp_path), tmp_path, source="scan", skew=3.0)
    assert figure.origin == "scan"
    assert figure.dpi == pytest.approx(150, abs=1)
    dark = np.asarray(load(tmp_path, figure).convert("L")) < 128
    assert dark.mean() > 0.97


def test_impossible_cut_is_dropped_with_a_reason(tmp_path):
    document, _ = new_page()
    path = save(document, tmp_path)
    lost = cut(path, tmp_path, (100.0, 100.0, 100.4, 100.4))
    assert isinstance(lost, Dropped)
    assert lost.what == "figure" and lost.reason


def test_huge_figures_stay_within_bounds(tmp_path):
    document, page = new_page(9000, 9000)
    for i in range(40):
        page.draw_line((0, 200 * i), (9000, 9000 - 200 * i))
    figure = cut(save(document, tmp_path), tmp_path, (0.0, 0.0, 9000.0, 9000.0))
    assert figure.width_px * figure.height_px <= 40_100_000


def test_cuts_come_back_in_order_and_repeat_exactly(tmp_path):
    document = pymupdf.open()
    for seed in range(3):
        page = document.new_page(width=400, height=600)
        page.insert_image(pymupdf.Rect(BOX), stream=encode(make_photo(seed=seed)), keep_proportion=False)
    path = save(document, tmp_path)
    cuts = [Cut(n, BOX, (BOX,), "born-digital") for n in (3, 1, 2)]
    first, again = cut_figures(path, cuts, tmp_path), cut_figures(path, cuts, tmp_path)
    assert first == again
    straight = cut_figures(path, sorted(cuts, key=lambda c: c.page), tmp_path)
    assert [first[1], first[2], first[0]] == straight
    assert len({f.phash for f in straight}) == 3


@pytest.mark.parametrize("case", ["group", "multiply", "lab"])
def test_what_the_page_shows_is_what_is_released(tmp_path, case):
    """Fading, blending and colour spaces change what is seen; an untouched stream would not show it."""
    document, page = new_page()
    page.draw_rect(pymupdf.Rect(BOX), color=None, fill=(0.9, 0.2, 0.1))
    page.insert_image(pymupdf.Rect(BOX), stream=encode(make_photo(), quality=95), keep_proportion=False)
    image = page.get_images()[0]
    if case == "lab":
        lab = "[/Lab <</WhitePoint [0.95 1 1.09]/Range [-100 100 -100 100]>>]"
        document.xref_set_key(image[0], "ColorSpace", lab)
    else:
        state = document.get_new_xref()
        document.update_object(state, "<</Type/ExtGState/ca 0.5>>" if case == "group" else "<</BM/Multiply>>")
        resources = int(document.xref_get_key(page.xref, "Resources")[1].split()[0])
        document.xref_set_key(resources, "ExtGState", f"<</G {state} 0 R>>")
        stream = page.get_contents()[-1]
        document.update_stream(stream, b"/G gs " + document.xref_stream(stream))
    path = save(document, tmp_path)
    figure = cut(path, tmp_path)
    shown = np.asarray(load(tmp_path, figure).convert("RGB").resize((200, 150)), float)
    with pymupdf.open(path) as again:
        pixmap = again[0].get_pixmap(clip=pymupdf.Rect(BOX))
        page_shows = np.frombuffer(pixmap.samples, np.uint8).reshape(150, 200, 3).astype(float)
    assert np.abs(shown - page_shows).mean() < 8


def test_scan_placed_on_its_side_keeps_its_resolution(tmp_path):
    document, page = new_page(400, 600)
    scan = make_photo(1250, 833)
    place_image(page, encode(scan), "q 0 600 -400 0 400 0 cm /Im Do Q")
    figure = cut(save(document, tmp_path), tmp_path, source="scan")
    assert figure.dpi == pytest.approx(150, abs=1)


@pytest.mark.parametrize("reader", ["pymupdf", "pdfplumber"])
def test_a_part_of_a_picture_is_the_same_bytes_whatever_is_cut_before_it(tmp_path, reader):
    document, page = new_page()
    # MuPDF decodes only the part that is drawn, unless it has the whole.
    page.insert_image(pymupdf.Rect(100, 100, 315, 315), stream=encode(make_photo(500, 500), quality=86))
    path = save(document, tmp_path)
    boxes = ((120.0, 140.0, 200.0, 220.0), (100.0, 100.0, 315.0, 315.0))
    part, whole = (Cut(1, box, (box,), "born-digital", reader=reader) for box in boxes)
    alone, after = cut_figures(path, [part], tmp_path), cut_figures(path, [whole, part], tmp_path)
    assert (alone[0].origin, after[0].origin) == ("rendered", "embedded")
    assert alone[0].sha256 == after[1].sha256
