"""Museum labels: a title, lines of data and a paragraph are one text of one figure."""

from __future__ import annotations

import pytest
from page_making import column, make_page, paragraph, picture, text_line

from alignment.data_lines import is_data, is_measured
from alignment.pairing import align_book

BODY = "器形规整，胎质细腻，釉层匀净，转折处釉色略浅。"


def label(x: float, y: float, title: str = "青釉莲花尊"):
    return [
        text_line(title, x, y, 13, bold=True),
        text_line("北齐", x, y + 22, 9),
        text_line("高67.2厘米　口径18厘米", x, y + 37, 9),
        text_line("河北省博物院藏", x, y + 52, 9),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "北齐",
        "唐代　绢本设色",
        "高19.1厘米　口径10.9厘米",
        "纵76、横103厘米",
        "1956年福建福州出土",
        "私人收藏",
        "清华大学艺术博物馆",
        "纸本彩墨　1948年　私人藏",
    ],
)
def test_lines_of_data(line):
    assert is_data(line)


@pytest.mark.parametrize(
    "line",
    [
        "金代这里曾有一座规模宏大的寺院，今已不存",
        "元宵灯会上的人们提着灯笼沿着街道缓缓走来，孩子们在前面跑",
        "青釉莲花尊",
        "距约26厘米。设计者将团窠宝花与龟背瑞花组合在一个",
        "于日本正仓院所藏的同类遗物。",
    ],
)
def test_lines_that_only_look_like_data(line):
    assert not is_data(line)


def test_what_is_measured():
    assert is_measured("高19.1厘米") and not is_measured("北齐") and not is_measured("私人收藏")


def test_a_label_beside_a_picture_is_one_text():
    lines = [*label(380, 200), *paragraph(BODY, 380, 272, 180, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(60, 60, 350, 500)])]).pairs
    assert pair.rule == "caption:label:right"
    assert pair.title == "青釉莲花尊"
    assert pair.caption == "青釉莲花尊　北齐　高67.2厘米　口径18厘米　河北省博物院藏"
    assert pair.description == BODY
    assert [r.role for r in pair.texts] == ["title", "caption", "caption", "collection", "body"]


def test_each_of_two_pictures_has_its_own_label():
    lines = [*label(380, 100), *label(380, 480, "白釉梅瓶")]
    pages = [make_page(1, lines, [picture(60, 60, 350, 380), picture(60, 430, 350, 750)])]
    assert [p.title for p in align_book(pages).pairs] == ["青釉莲花尊", "白釉梅瓶"]


def test_views_of_one_object_are_one_figure():
    pictures = [picture(60, 60, 290, 400), picture(298, 60, 535, 400)]
    (pair,) = align_book([make_page(1, label(60, 420), pictures)]).pairs
    assert pair.figure_bbox == (60, 60, 535, 400)


def test_a_heading_over_running_text_is_no_label():
    lines = [text_line("窑址的调查", 60, 430, 13, bold=True), *paragraph(BODY * 8, 60, 460, 470)]
    lines += [text_line("图1　青釉莲花尊", 200, 405, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(150, 100, 450, 395)])]).pairs
    assert pair.caption == "图1　青釉莲花尊"


def test_measures_within_running_text_make_no_label():
    text = "此图位于该窟西壁以土红色打底再敷青绿诸色历经千年仍鲜丽如初，画面图案单元"
    lines = [
        text_line("图3　仕女与缠枝莲", 60, 404, 10),
        text_line(text, 80, 424, 10),
        text_line(f"{text}元素", 60, 440, 10),
        text_line("高约46厘米，宽约22厘米，形成散点式构图。", 60, 456, 10),
        *paragraph(BODY * 8, 60, 490, 380),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(60, 100, 440, 395)])]).pairs
    assert pair.caption == "图3　仕女与缠枝莲"


def test_a_label_far_off_is_the_only_one_left():
    (pair,) = align_book([make_page(1, label(430, 600), [picture(60, 60, 200, 300)])]).pairs
    assert (pair.title, pair.rule) == ("青釉莲花尊", "caption:label:alone")


def test_a_paragraph_beside_the_picture_is_of_the_label_after_a_blank_line():
    lines = [*label(380, 100), *paragraph(BODY, 380, 188, 180, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(60, 60, 350, 500)])]).pairs
    assert pair.description == BODY


def test_a_label_that_heads_an_entry_has_its_paragraphs():
    """Number, title and data over the picture, the text under it."""
    pages = [
        make_page(
            n,
            [
                text_line(f"{n}. {title}", 60, 60, 14),
                text_line("北齐　高67.2厘米　河北省博物院藏", 60, 82, 9),
                *paragraph(BODY * 3, 60, 520, 470),
            ],
            [picture(60, 100, 535, 500)],
        )
        for n, title in enumerate(("青釉莲花尊", "白釉梅瓶", "青釉盘口壶"), 5)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found] == ["青釉莲花尊", "白釉梅瓶", "青釉盘口壶"]
    assert {p.description for p in found} == {BODY * 3}


def test_a_label_over_a_column_of_text_is_of_no_picture_beside_that():
    """Two pictures, each with a name under it, beside a column that begins with a heading and data."""
    lines = [
        text_line("莫高窟第45窟", 40, 60, 13),
        text_line("盛唐　覆斗顶", 40, 82, 9),
        *paragraph(BODY * 15, 40, 100, 180, 9),
        text_line("西龛菩萨", 270, 204, 8),
        text_line("南壁胡商", 270, 344, 8),
    ]
    pictures = [picture(240, 80, 400, 200), picture(240, 220, 400, 340)]
    assert [p.title for p in align_book([make_page(1, lines, pictures)]).pairs] == ["西龛菩萨", "南壁胡商"]


def test_a_card_of_fields():
    """The card's number counts up at the head of the page, as a running head with a folio does."""
    fields = ("编号：SZ-{n}", "名称：{title}", "年代：北齐", "尺寸：高67厘米", "藏地：河北省博物院")
    pages = [
        make_page(
            n,
            [text_line(f.format(n=n, title=t), 280, 60 + 15 * k, 9) for k, f in enumerate(fields)],
            [picture(60, 60, 250, 260)],
        )
        for n, t in enumerate(("青釉莲花尊", "白釉梅瓶", "青釉盘口壶"), 1)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found] == ["青釉莲花尊", "白釉梅瓶", "青釉盘口壶"]
    assert found[0].caption.startswith("编号：SZ-1　名称：青釉莲花尊　年代：北齐")


def test_a_label_in_columns():
    lines = [
        column("飛天紋錦", 500, 80, 15),
        column("唐代　新疆阿斯塔那出土", 478, 80, 9),
        column("長三十厘米　寬二十厘米", 462, 80, 9),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(60, 60, 430, 600)])]).pairs
    assert (pair.title, pair.rule) == ("飛天紋錦", "caption:label:right")
    assert "長三十厘米" in pair.caption
