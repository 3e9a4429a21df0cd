"""Panels, grounds, tables and diagrams in vectors: what is the page's and what a figure, by both readers."""

from __future__ import annotations

import pymupdf
import pytest
from pdf_making import encode, make_photo, new_page, save, write_lines

from extractors.glyphs import USUAL_SIGNS
from extractors.reader import READERS, ReadSettings, open_document, read_pages
from extractors.records import Page

both_readers = pytest.mark.parametrize("reader", READERS)
TINT = (0.93, 0.88, 0.84)


def read(path, reader: str) -> Page:
    (page,) = read_pages(path, open_document(path, "", reader), [1], ReadSettings(reader=reader))
    assert page.reader == reader
    return page


def approx(box, tolerance=1.5):
    return pytest.approx(box, abs=tolerance)


def draw_roundel(page: pymupdf.Page, x: float, y: float, radius: float) -> None:
    for step in range(1, 6):
        page.draw_circle((x, y), radius * step / 5, color=(0.5, 0.1, 0.1), width=1)


@both_readers
@pytest.mark.parametrize("rounded", [None, 0.05])
def test_photographs_on_a_tinted_panel_with_badges_are_figures(tmp_path, reader, rounded):
    document, page = new_page()
    page.draw_rect((30, 180, 370, 420), color=(0.6, 0.4, 0.3), fill=TINT, width=0.7, radius=rounded)
    places = [(45, 210, 135, 300), (155, 210, 245, 300), (265, 210, 355, 300)]
    for seed, place in enumerate(places):
        page.insert_image(place, stream=encode(make_photo(90, 90, seed)), keep_proportion=False)
        page.draw_circle((place[0] + 10, place[1] + 10), 7, color=None, fill=(0.4, 0.2, 0.1))
    write_lines(page, 45, 320, ["1　兔毫罐，建窑，釉面细纹下垂近底。", "釉下可见铁斑，胎骨深黑。"], 8)
    page_read = read(save(document, tmp_path), reader)
    assert [p.box for p in sorted(page_read.pictures, key=lambda p: p.box)] == [approx(p) for p in places]


@both_readers
def test_a_panel_of_two_columns_of_text_is_no_figure(tmp_path, reader):
    document, page = new_page()
    page.draw_rect((30, 180, 370, 320), color=None, fill=TINT, radius=0.04)
    for x in (40, 210):
        write_lines(
            page,
            x,
            210,
            [
                "釉面棕黄色细纹自口沿垂下近底处聚",
                "成泪痕胎骨铁黑叩之有金石之声以草",
                "木灰釉点洒于黑釉之上二次入窑斑块",
            ],
            8.5,
        )
    draw_roundel(page, 330, 292, 18)
    assert [p.box for p in read(save(document, tmp_path), reader).pictures] == [approx((312, 274, 348, 310))]


@both_readers
def test_a_tint_that_reaches_over_a_page_of_a_spread_is_its_ground(tmp_path, reader):
    document, page = new_page(800, 500)
    page.draw_rect((0, 0, 400, 500), color=None, fill=TINT)
    draw_roundel(page, 200, 250, 120)
    write_lines(page, 450, 100, ["宝相花纹夹缬绢", "由外而内分作三层，层层相套。"])
    assert [p.box for p in read(save(document, tmp_path), reader).pictures] == [approx((80, 130, 320, 370))]


@both_readers
def test_a_pattern_that_fills_its_page_has_its_ground(tmp_path, reader):
    document, page = new_page(800, 500)
    page.draw_rect((0, 0, 400, 500), color=None, fill=TINT)
    for x in range(0, 441, 55):
        for y in range(0, 541, 60):
            if x < 400:
                draw_roundel(page, min(x, 375), y, 25)
    write_lines(page, 450, 100, ["团窠对鹿纹锦", "环内双鹿相对立于花台之上。"])
    (found,) = read(save(document, tmp_path), reader).pictures
    assert found.box[0] < 3 and found.box[2] > 395 and found.box[1] < 3 and found.box[3] > 495


@both_readers
@pytest.mark.parametrize("margin", [0, 60])
def test_a_pattern_over_a_whole_page_is_one_figure_and_drawings_on_a_ground_are_several(
    tmp_path, reader, margin
):
    document, page = new_page(500, 500)
    page.draw_rect(page.rect, color=None, fill=(0.1, 0.2, 0.4))
    for x in range(margin, 501 - margin, 100):
        for y in range(margin, 501 - margin, 100):
            draw_roundel(page, x, y, 25)
    found = read(save(document, tmp_path), reader).pictures
    if margin:
        assert all(p.box[2] - p.box[0] < 400 for p in found)
    else:
        (picture,) = found
        assert picture.box == approx((0, 0, 500, 500))


@both_readers
def test_boxes_and_arrows_are_a_diagram_and_no_table(tmp_path, reader):
    document, page = new_page()
    for row in range(3):
        for column in range(2):
            x, y = 60 + 160 * column, 120 + 90 * row
            page.draw_rect((x, y, x + 100, y + 50), color=(0, 0, 0), fill=TINT, width=0.5)
            write_lines(page, x + 20, y + 20, ["设计阶段", "设计方法"], 9)
            if column == 0:
                page.draw_line((x + 100, y + 25), (x + 160, y + 25), width=0.8)
            if row < 2:
                page.draw_line((x + 50, y + 50), (x + 50, y + 90), width=0.8)
    (found,) = read(save(document, tmp_path), reader).pictures
    assert found.box == approx((60, 120, 320, 350))


@both_readers
def test_cells_side_by_side_are_a_table(tmp_path, reader):
    document, page = new_page()
    for row in range(4):
        for column in range(3):
            x, y = 60 + 90 * column, 120 + 24 * row
            page.draw_rect((x, y, x + 90, y + 24), color=(0, 0, 0), width=0.5)
            write_lines(page, x + 20, y + 15, [f"格{row}{column}"], 9)
    found = read(save(document, tmp_path), reader)
    assert not found.pictures and "table" in {d.reason for d in found.dropped}


@both_readers
def test_a_photograph_at_the_foot_of_the_page_keeps_its_caption_and_art_its_head(tmp_path, reader):
    document, page = new_page()
    write_lines(page, 60, 260, ["正文说的是茶园的来历与采茶的方法，", "读者由此知道它的年代。"])
    page.insert_image((0, 330, 400, 600), stream=encode(make_photo(400, 270)), keep_proportion=False)
    page.draw_rect((30, 560, 200, 580), color=None, fill=(0.2, 0.2, 0.2))
    write_lines(page, 36, 573, ["▲ 村口新辟的茶园"], 8)
    page.insert_image((0, 0, 160, 90), stream=encode(make_photo(160, 90, 3)), keep_proportion=False)
    write_lines(page, 20, 40, ["茶事"], 10)
    found = read(save(document, tmp_path), reader)
    assert [p.box for p in found.pictures] == [approx((0, 330, 400, 600))]
    assert "page decoration under text" in {d.reason for d in found.dropped}


def test_signs_that_share_a_glyph_with_a_radical_are_the_usual_ones():
    assert "".join(USUAL_SIGNS.get(c, c) for c in "图⼆\u2003剖⾯⻚\u2015") == "图二\u3000剖面页—"


@both_readers
def test_art_at_a_corner_in_tiles_of_all_sizes_is_no_part_of_the_photograph_over_it(tmp_path, reader):
    document, page = new_page(540, 740)
    art = make_photo(320, 240, 5)
    for x0, y0, x1, y1 in ((0, 0, 150, 80), (150, 0, 220, 100), (0, 80, 85, 150), (85, 80, 150, 100)):
        tile = art.crop((x0, y0, x1, y1))
        page.insert_image((x0, y0, x1, y1), stream=encode(tile, "PNG"), keep_proportion=False)
    page.insert_image((56, 99, 360, 300), stream=encode(make_photo(304, 201)), keep_proportion=False)
    write_lines(page, 60, 330, ["▲ 地面灌溉之觀葉植物"], 8)
    found = read(save(document, tmp_path), reader)
    assert [p.box for p in found.pictures] == [approx((56, 99, 360, 300))]
