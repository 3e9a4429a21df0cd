"""Designs met on scanned books that the rules were not written on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import column, make_page, paragraph, picture, text_line

from alignment.data_lines import is_collection, is_data, is_painters
from alignment.pairing import align_book
from extractors.records import Page, TextLine

PATTERN = "团窠以联珠为界，珠凡二十二，窠内主纹踞中，四隅出忍冬卷草，已全然汉化。"
PIECE = "幡首作三角形，身垂四足，边缘以素绢镶滚，锦面金色大多剥落，唯折叠处保全。"
DETAIL = "细节：联珠以扁平金箔裁条织入。"


def align(*pages: Page, series: str = "other"):
    return align_book(list(pages), series).pairs


def read_anew(page: Page) -> Page:
    """The same page as OCR would have read it."""
    lines = tuple(replace(line, source="ocr") for line in page.lines)
    return replace(page, source="scan", lines=lines)


def test_a_text_beside_the_photograph_but_over_its_line_is_the_patterns():
    lines = [
        text_line("32　团窠忍冬纹", 64, 60, 18),
        text_line(DETAIL, 64, 621, 8),
        *paragraph(PATTERN, 221, 487, 160),
        text_line("图：团窠忍冬纹织金锦幡", 221, 612, 9.6),
        *paragraph(PIECE, 221, 652, 300),
    ]
    boxes = (113, 90, 479, 464), (63, 483, 203, 614), (394, 483, 529, 640)
    pattern, detail, piece = sorted(
        align(make_page(3, lines, [picture(*b) for b in boxes]), series="silk"),
        key=lambda p: boxes.index(p.box),
    )
    assert pattern.description == PATTERN
    assert detail.description == "细节：联珠以扁平金箔裁条织入。"
    assert piece.description == PIECE and piece.caption == "图：团窠忍冬纹织金锦幡"


def test_pieces_that_a_photographs_line_counts_are_one_figure():
    lines = [
        text_line("36　如意云头纹", 64, 60, 18),
        *paragraph(PATTERN, 64, 420, 460),
        text_line("图：紫地云纹绢残片两件", 64, 685, 10),
        *paragraph(PIECE, 64, 712, 460),
    ]
    boxes = (64, 90, 528, 410), (64, 474, 289, 672), (297, 474, 521, 672)
    found = align(make_page(8, lines, [picture(*b) for b in boxes]), series="silk")
    assert [p.box for p in found] == [boxes[0], (64, 474, 521, 672)]
    # Without the count the second is a detail for which nothing is printed.
    lines = [replace(line, text=line.text.replace("两件", "")) for line in lines]
    assert len(align(make_page(8, lines, [picture(*b) for b in boxes]), series="silk")) == 3


@pytest.mark.parametrize(
    "line",
    ["金陵织绣研究所旧藏，1957年捐赠", "山西大同文物商店征集，现藏地方博物馆", "浙江黄岩窖藏，考古队借展"],
)
def test_where_a_piece_is_and_how_it_came_there_is_a_collection_line(line: str):
    assert is_collection(line)


@pytest.mark.parametrize(
    "line", ["此袍藏于箱底，后来捐赠", "双鹿相对，旁有花树", "张家湾二号墓出土，形制完整"]
)
def test_a_sentence_is_no_collection_line(line: str):
    assert not is_collection(line)


def test_a_painter_and_the_mount_are_data_under_a_title_only():
    assert is_painters("赵仲穆　册页之三") and is_painters("顧雪汀　紙本淡設色　甲午冬日作")
    assert not is_painters("云山小景") and not is_painters("伎乐天　西秦　第一六九窟")
    # On a line of its own it may be a work's title and data.
    assert not is_data("墨竹　册页之三")


def test_columns_of_title_painter_and_words_are_one_label_each():
    stacks = [
        ("雲山小景", "趙仲穆　冊頁之三", "米家法也。點簇迷離，煙雨滿紙。"),
        ("雪篁", "歸昌世　冊頁之七", "竹為雪壓，葉皆下垂，留白處即是雪。"),
    ]
    lines: list[TextLine] = []
    for k, (title, painter, words) in enumerate(stacks):
        y = 67 + 368 * k
        lines += [column(title, 510, y, 14), column(painter, 491, y, 9), column(words, 469, y, 11)]
    pictures = [picture(89, 67, 429, 388), picture(89, 435, 429, 773)]
    found = align(read_anew(make_page(7, lines, pictures, (680, 907))))
    for pair, (title, painter, words) in zip(found, stacks, strict=True):
        assert pair.title == title and painter in pair.caption and words[-6:-1] in pair.text_raw


def test_a_number_alone_over_a_title_and_its_data_is_the_titles():
    lines: list[TextLine] = []
    for k, title in enumerate(("兽面纹铜鼎", "花鸟纹葵花镜")):
        y = 92 + 338 * k
        lines += [
            text_line(f"0{k + 5}", 316, y, 16.4),
            text_line(title, 316, y + 24, 12.9),
            text_line("唐　直径十五厘米　张家湾二号墓出土", 316, y + 46, 8.6),
            *paragraph(PIECE, 316, y + 68, 240, 9.6),
        ]
    boxes = (62, 90, 281, 319), (68, 427, 276, 636)
    found = align(read_anew(make_page(4, lines, [picture(*b) for b in boxes], (609, 794))))
    assert [p.title for p in found] == ["兽面纹铜鼎", "花鸟纹葵花镜"]
    assert all(p.description.endswith(PIECE[-8:]) for p in found)


def test_paragraphs_under_captions_that_numbers_at_the_plates_tell_are_theirs():
    lines: list[TextLine] = []
    for k, title in enumerate(("飞天　北魏", "山林狩猎　西魏")):
        lines += [
            text_line(f"{k + 28}　{title}", 60, 171 + 311 * k, 11),
            *paragraph((PATTERN, PIECE)[k], 60, 197 + 311 * k, 300, 10),
            text_line(str(k + 28), 420, 329 + 381 * k, 8),
        ]
    boxes = (420, 64, 800, 319), (420, 381, 800, 700)
    found = align(make_page(3, lines, [picture(*b) for b in boxes], (850, 850)))
    assert [p.description for p in found] == [PATTERN, PIECE]


def test_the_last_note_ends_where_another_text_begins():
    names = ("说法图", "伎乐飞天", "千佛", "观音菩萨")
    plates = [
        make_page(
            k, [text_line(f"四{'一二三四'[k]}　{name}　中唐", 200, 754, 10)], [picture(100, 50, 500, 740)]
        )
        for k, name in enumerate(names)
    ]
    notes = [text_line("图版说明", 56, 82, 18)]
    for k, name in enumerate(names):
        notes += [text_line(f"四{'一二三四'[k]}　{name}", 56, 146 + 90 * k, 11)]
        notes += paragraph(PIECE.replace("幡首", name), 56, 165 + 90 * k, 260, 11)
    after = [
        text_line("编后记", 62, 82, 18),
        *paragraph("印制期间，承印厂三易其稿，谨致谢忱。" * 4, 62, 138, 260, 11),
    ]
    last = align(*plates, make_page(8, notes), make_page(9, after), series="dunhuang")[-1]
    assert last.description == PIECE.replace("幡首", "观音菩萨")


def test_a_pointer_at_the_end_is_that_of_all_lines_before_it():
    lines = [
        text_line("三足炉，出自驿站遗址的灰坑，", 154, 283, 8),
        text_line("腹内还结着一层油垢，化验", 162, 295, 8),
        text_line("是羊脂。→", 218, 307, 8),
        *paragraph(PATTERN * 4, 40, 444, 400),
    ]
    (pair,) = align(make_page(8, lines, [picture(270, 253, 436, 417)], (482, 666)))
    assert pair.description == "三足炉，出自驿站遗址的灰坑，腹内还结着一层油垢，化验是羊脂。"


def test_a_column_behind_a_caption_left_of_its_picture_describes_it():
    words = "枝幹用渴筆拖出，花頭則沒骨點染，一枯一榮。"
    lines = [column("圖五　老幹新花　立軸", 168, 97, 10.5), column(words, 150, 97, 9.5)]
    (pair,) = align(make_page(7, lines, [picture(210, 80, 510, 586)], (567, 765)))
    assert pair.caption.startswith("圖五") and pair.description.startswith("枝干用渴笔拖出")
