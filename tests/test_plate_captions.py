"""Plates' captions in forms of their own: numerals glued to titles, in boxes, over the plate with words under
it; notes on the other half of a sheet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.data_lines import is_data
from alignment.glued_numbers import part_glued
from alignment.marks import read_mark
from alignment.pairing import align_book
from extractors.records import Dropped, Page

TITLES = ("供养人行列", "伎乐", "坐佛", "五台山图", "三兔藻井", "鹿王本生")
PLACES = (
    "北魏　第二八八窟",
    "北周　第二九〇窟",
    "西魏　第二四七窟",
    "五代　第六一窟",
    "隋　第四〇七窟",
    "北魏　第二五七窟",
)
NUMERALS = ("三五", "三六", "三七", "三八", "三九", "四〇")
SAID = (
    "画面现存八身，原应为十身以上。",
    "琵琶横抱，与西域式相同，旁有箜篌。",
    "佛着双领下垂式袈裟，内束带，衣褶平直。",
    "山间寺院六十余处，榜题尚存百余条。",
    "方井中心三兔首尾相逐，共用三耳。",
    "故事自两端起笔，在画面中央会合。",
)


def make_plates(numerals: tuple[str, ...], titles: tuple[str, ...] = TITLES) -> list[Page]:
    """A plate on each page, its numeral right before its title."""
    return [
        make_page(n, [text_line(f"{key}{title}　{place}", 100, 500, 8)], [picture(80, 100, 500, 480)])
        for n, (key, title, place) in enumerate(zip(numerals, titles, PLACES, strict=True), 1)
    ]


def test_numerals_glued_to_titles_key_the_notes():
    notes = [text_line(f"{35 + n}　{said * 2}", 80, 100 + 40 * n, 9) for n, said in enumerate(SAID)]
    found = align_book([*make_plates(NUMERALS), make_page(7, notes)], "dunhuang").pairs
    assert [p.title for p in found] == list(TITLES)
    assert [p.description for p in found] == [said * 2 for said in SAID]


@pytest.mark.parametrize(
    "titles",
    [("三兔藻井", "九色鹿", "一佛二菩萨", "五台山图", "四天王", "千佛"), ("伎乐",) * 6],
    ids=["do not count on", "have none"],
)
def test_numerals_of_the_titles_themselves_stay(titles: tuple[str, ...]):
    pages = make_plates(("",) * 6, titles)
    assert part_glued(pages) == pages


def test_a_caption_in_a_box_on_the_picture_is_its_own_with_the_line_that_hangs_over():
    words = ("夜色般的地子上，花朵用了四种", "深浅不同的线，烛光下会亮起来。")
    lines = [text_line(words[0], 48, 301, 8), text_line(words[1], 48, 318, 8)]
    text = paragraph("唐人把这样的料子叫瑞锦，造样的人姓窦，封陵阳公。" * 3, 51, 379, 280)
    field = Dropped(1, "picture", "frame or colour field", (40.0, 292.0, 266.0, 332.0))
    page = replace(make_page(1, [lines, text], [picture(0, 0, 476, 315)], (476.0, 652.0)), dropped=(field,))
    (pair,) = align_book([page]).pairs
    assert pair.caption == "".join(words) and "+box" in pair.rule


def test_a_large_field_of_text_on_a_picture_is_no_caption():
    text = paragraph("唐人把这样的料子叫瑞锦，造样的人姓窦，封陵阳公，流行了一百多年。" * 6, 60, 100, 300)
    field = Dropped(1, "picture", "frame or colour field", (50.0, 90.0, 380.0, 300.0))
    page = replace(make_page(1, [text], [picture(0, 0, 476, 652)], (476.0, 652.0)), dropped=(field,))
    (pair,) = align_book([page]).pairs
    assert "+box" not in pair.rule


def make_headed(count: int, *, words: bool = True, stray: str = "") -> list[Page]:
    """Plates with the caption over each, and under each a paragraph in the page's measure."""
    pages = []
    for n in range(count):
        lines = [text_line(f"图版{n + 1}　{TITLES[n]}　{PLACES[n]}", 180, 80, 9.5)]
        if words:
            lines.append(text_line(SAID[n] + "设色沉厚，线描劲健。", 48, 409, 9.5))
        if stray:
            lines += paragraph(stray * 8, 48, 460, 440, 9.5)
        pages.append(make_page(n + 1, lines, [picture(150, 96, 390, 400)]))
    return pages


def test_paragraphs_under_plates_whose_captions_stand_over_them_are_of_these():
    found = align_book(make_headed(5), "dunhuang").pairs
    assert [p.description for p in found] == [said + "设色沉厚，线描劲健。" for said in SAID[:5]]


def test_where_other_text_goes_on_below_they_are_the_pages():
    found = align_book(
        make_headed(5, stray="织造的方法在前一章里已经说过，这里只说各地的产量和用途。"), "other"
    ).pairs
    assert not any("设色沉厚" in p.description for p in found)


def test_notes_on_the_other_half_of_a_sheet_are_of_its_plates():
    pages = []
    for n in (0, 2):
        plates = [picture(80, 60 + 360 * k, 560, 360 + 360 * k) for k in (0, 1)]
        lines = []
        for k in (0, 1):
            numeral = "一二三四"[n + k]
            lines += [
                text_line(f"{numeral}　{TITLES[n + k]}　{PLACES[n + k]}", 200, 366 + 360 * k, 9),
                text_line(numeral, 760, 140 + 300 * k, 10),
                *paragraph(SAID[n + k] * 3, 760, 166 + 300 * k, 420),
            ]
        pages.append(make_page(n // 2 + 1, lines, plates, (1308.0, 873.0)))
    found = align_book(pages, "dunhuang").pairs
    assert [p.description for p in found] == [said * 3 for said in SAID[:4]]


@pytest.mark.parametrize("text", ["第172窟北壁　盛唐", "莫高窟第45窟西龛", "第三二〇窟南壁"])
def test_a_cave_is_a_line_of_data(text: str):
    assert is_data(text)


@pytest.mark.parametrize("text", ["第172窟的壁画，多为盛唐所绘", "窟内无题记"])
def test_a_sentence_on_a_cave_is_none(text: str):
    assert not is_data(text)


def test_a_pointer_to_the_page_beside_names_that_page():
    mark = read_mark("◀ 左页图　沙海中的商队")
    assert mark is not None and (mark.style, mark.label, mark.rest) == ("page", "左页", "沙海中的商队")


def test_rows_of_a_table_are_no_caption_of_what_stands_below_it():
    rows = [
        text_line(word, 180 + 60 * k, 300 + 20 * n, 8)
        for n in range(4)
        for k, word in enumerate(("衣长", "130"))
    ]
    table = Dropped(1, "picture", "table", (160.0, 290.0, 365.0, 380.0))
    caption = text_line("图5 左：袖口缘边；中：杂宝绫；右：细棉布", 110, 540, 8)
    pictures = [picture(61 + 145 * k, 406, 190 + 145 * k, 532) for k in range(3)]
    page = replace(make_page(1, [rows, caption], pictures), dropped=(table,))
    found = sorted(align_book([page]).pairs, key=lambda p: p.box[0])
    assert [p.description for p in found] == ["袖口缘边", "杂宝绫", "细棉布"]


def test_small_type_centred_under_a_caption_is_of_it_on_a_page_set_in_columns():
    lines = [
        text_line("图八　山中行旅", 211, 580, 8.6),
        text_line("晚唐。马七匹，中有一匹为后人所添。", 176, 595, 7.6),
    ]
    text = paragraph("山水至唐始成专科，而窟中山水仍不出故事之外。" * 4, 60, 76, 340, 12.4)
    (pair,) = align_book([make_page(1, [lines, text], [picture(68, 346, 414, 572)], (482.0, 680.0))]).pairs
    assert "马七匹" in pair.description
