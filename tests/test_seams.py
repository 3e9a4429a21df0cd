"""Images that touch: tiles of one picture, or photographs set edge to edge."""

from __future__ import annotations

import pytest
from pdf_making import FONT, encode, make_photo, new_page, save
from PIL import Image

from extractors.reader import READERS, ReadSettings, open_document, read_pages

LEFT, RIGHT, UNDER = (60, 100, 200, 200), (200, 100, 340, 200), (60, 200, 200, 300)


def read_boxes(tmp_path, placed, names=(), reader: str = READERS[0]) -> list[tuple[float, ...]]:
    """The boxes of the pictures of a page with images (box, image) and names (x, y, text)."""
    document, page = new_page()
    for box, image in placed:
        page.insert_image(box, stream=encode(image, quality=85), keep_proportion=False)
    page.insert_text((60, 500), "织物上的鸟兽纹样，唐代以来多见于丝路沿线。", fontname=FONT, fontsize=10)
    page.insert_text((60, 520), "下面的文字与图无关，只为使这一页有文字层。", fontname=FONT, fontsize=10)
    for x, y, text in names:
        page.insert_text((x, y), text, fontname=FONT, fontsize=10)
    path = save(document, tmp_path)
    info = open_document(path)
    (read,) = read_pages(path, info, [1], ReadSettings(reader=reader))
    return sorted(tuple(round(v) for v in p.box) for p in read.pictures)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("second", [RIGHT, UNDER])
def test_photographs_that_touch_are_pictures_each(tmp_path, reader, second):
    placed = [(LEFT, make_photo(560, 400, 1)), (second, make_photo(560, 400, 2))]
    assert read_boxes(tmp_path, placed, reader=reader) == sorted([LEFT, second])


@pytest.mark.parametrize("reader", READERS)
def test_tiles_of_one_photograph_are_one_picture(tmp_path, reader):
    whole = make_photo(1120, 400, 3)
    placed = [(LEFT, whole.crop((0, 0, 560, 400))), (RIGHT, whole.crop((560, 0, 1120, 400)))]
    assert read_boxes(tmp_path, placed, reader=reader) == [(60, 100, 340, 200)]


def make_object(seed: int) -> Image.Image:
    """A photograph on white: nothing shows where it ends."""
    ground = Image.new("RGB", (560, 400), "white")
    ground.paste(make_photo(300, 200, seed), (130, 100))
    return ground


@pytest.mark.parametrize(
    ("names", "count"),
    [
        ([], 1),
        ([(115, 216, "玉璧"), (255, 216, "玉琮")], 2),
        # One name is that of the whole, and so is one line under both.
        ([(255, 216, "玉琮")], 1),
        ([(190, 216, "玉器")], 1),
        ([(60, 216, "玉璧与玉琮都是祭祀用的礼器，出土于同一座墓葬。")], 1),
    ],
)
def test_what_shows_no_edge_is_parted_by_a_name_under_each(tmp_path, names, count):
    placed = [(LEFT, make_object(4)), (RIGHT, make_object(5))]
    assert len(read_boxes(tmp_path, placed, names)) == count


def test_low_strips_are_one_picture_whatever_is_on_them(tmp_path):
    """A band of ornament under a picture is a strip of it."""
    band = (60, 200, 200, 230)
    placed = [(LEFT, make_photo(560, 400, 6)), (band, make_photo(560, 120, 7))]
    assert read_boxes(tmp_path, placed) == [(60, 100, 200, 230)]
