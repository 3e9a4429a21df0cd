"""Lists and legends: in letters, in rows, counting on, of one picture, with a translation under each item."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.data_lines import is_collection
from alignment.layout import find_body_size
from alignment.legend_rows import join_legend_rows
from alignment.pairing import align_book
from alignment.regions import find_blocks
from extractors.records import Dropped, Page, Picture, TextLine

PLACES = [(60.0, 80.0), (220.0, 80.0), (380.0, 80.0)]
NAMES = ("青釉贴花瓶，口沿缺一角", "联珠团花锦，出自佛像腹中", "唐代残壁，厚仅三厘米")
BODY = (
    "这座窟只有半间教室大，却画满了三百多个人物，进门先向左，沿顺时针方向走一圈，正好是古人绕行礼拜的路线。"
)


def show(page: Page) -> list[tuple[str, str]]:
    """Caption and rule of each figure, row by row."""
    pairs = sorted(align_book([page]).pairs, key=lambda p: (round(p.box[1]), p.box[0]))
    return [(p.caption, p.rule) for p in pairs]


def make_row(keys: str) -> tuple[list[TextLine], list[Picture]]:
    """Three pictures with a badge in each."""
    badges = [text_line(key, x + 110, y + 110, 9) for key, (x, y) in zip(keys, PLACES, strict=True)]
    return badges, [picture(x, y, x + 130, y + 130) for x, y in PLACES]


@pytest.mark.parametrize("joined", [(), (1, 2), (0, 2)], ids=["all apart", "the first apart", "one apart"])
@pytest.mark.parametrize("keys", ["ABC", "123"])
def test_an_item_whose_key_stands_apart_is_one_with_those_that_are_lines(keys: str, joined: tuple[int, ...]):
    badges, pictures = make_row(keys)
    lines = []
    for n, (key, name) in enumerate(zip(keys, NAMES, strict=True)):
        y = 300 + 16 * n
        whole = text_line(f"{key} {name}", 60, y, 9)
        lines += [whole] if n in joined else [text_line(key, 60, y, 9), text_line(name, 74, y, 9)]
    captions = [caption for caption, _ in show(make_page(1, [badges, lines], pictures))]
    assert [caption[1:].strip() for caption in captions] == list(NAMES)


def test_an_item_without_a_comma_begins_anew_though_it_looks_like_a_heading():
    lines = [
        text_line("2　抬头看，飞天的飘带比身体长", 60, 300, 9),
        text_line("3　门边一排是出钱修窟的那一家", 60, 316, 9),
    ]
    assert [len(b.lines) for b in find_blocks(make_page(1, lines))] == [1, 1]


def test_rows_of_a_table_in_capitals_are_not_of_panels_in_small_letters():
    rows = [text_line(f"{'ABC'[n]}　{name}", 60, 600 + 16 * n, 9) for n, name in enumerate(NAMES)]
    badges, pictures = make_row("abc")
    caption = text_line("图2　病害：(a) 水渍；(b) 褪色；(c) 经线缺失", 150, 225, 9)
    found = align_book([make_page(1, [badges, caption, rows], pictures)]).pairs
    assert not any(name in p.caption for p in found for name in NAMES)


def test_a_list_set_as_one_text_may_count_on_from_the_page_before():
    _, pictures = make_row("   ")
    numbers = [text_line(str(n), x, y + 134, 9) for n, (x, y) in zip((6, 7, 8), PLACES, strict=True)]
    items = "　".join(f"{n} {name}。" for n, name in zip((6, 7, 8), NAMES, strict=True))
    found = show(make_page(1, [numbers, text_line(items, 60, 320, 7)], pictures))
    assert [caption.rstrip("。")[2:] for caption, _ in found] == list(NAMES)


def test_the_numbers_of_one_picture_are_told_by_the_list_beside_its_caption():
    view = picture(70, 80, 330, 300)
    numbers = [text_line(str(n), 100 + 50 * n, 120 + 30 * n, 9) for n in (1, 2, 3)]
    legend = [text_line(f"{n}　{name}", 70, 330 + 16 * n, 8) for n, name in enumerate(NAMES, 1)]
    caption = text_line("木塔外观，清代重修", 150, 306, 8)
    page = make_page(1, [numbers, caption, legend, paragraph(BODY, 60, 440, 400)], [view])
    ((found, rule),) = show(page)
    assert found.startswith("木塔外观") and all(name in found for name in NAMES) and "legend" in rule


def test_a_picture_with_more_numbers_than_the_list_keeps_its_caption_alone():
    view = picture(70, 80, 330, 300)
    numbers = [text_line(str(n), 100 + 20 * n, 120 + 20 * n, 9) for n in range(1, 8)]
    legend = [text_line(f"{n}　{name}", 70, 330 + 16 * n, 8) for n, name in enumerate(NAMES, 1)]
    ((found, _),) = show(make_page(1, [numbers, text_line("年代与件数", 150, 306, 8), legend], [view]))
    assert found == "年代与件数"


def test_a_translation_under_an_item_is_its_own():
    words = ("Glazed vase", "Silk with roundels", "Wall of the Tang")
    lines = []
    for n, (name, told) in enumerate(zip(NAMES, words, strict=True), 1):
        y = 280 + 32 * n
        lines += [text_line(f"{n}. {name}", 60, y, 9), text_line(told, 60, y + 11, 7.5)]
    badges, pictures = make_row("123")
    found = [caption for caption, _ in show(make_page(1, [badges, lines], pictures))]
    assert all(
        name in caption and told in caption for caption, name, told in zip(found, NAMES, words, strict=True)
    )


def make_legend(*rows: tuple[str, ...]) -> list[TextLine]:
    """A figure's caption, and under it items that wide blanks part."""
    lines = [text_line("图四　墓葬出土陶器", 220, 540, 9)]
    for n, row in enumerate(rows):
        lines += [text_line(item, 140 + 100 * k, 552 + 12 * n, 8) for k, item in enumerate(row)]
    return lines


def test_items_in_rows_under_a_caption_are_one_legend():
    lines = make_legend(("1.高领罐", "2.鼓腹罐", "3.细颈壶"), ("4.陶盒", "5.陶盆", "6.陶豆"))
    (block,) = find_blocks(make_page(1, lines))
    assert block.raw == "图四　墓葬出土陶器\n1.高领罐　2.鼓腹罐　3.细颈壶\n4.陶盒　5.陶盆　6.陶豆"


@pytest.mark.parametrize(
    "rows",
    [(("1.高领罐", "4.陶盒"), ("2.鼓腹罐", "5.陶盆")), (("1.高领罐",), ("2.鼓腹罐",)), (("罐", "壶"),)],
    ids=["in columns", "one a line", "without numbers"],
)
def test_other_lists_under_a_caption_keep_their_lines(rows: tuple[tuple[str, ...], ...]):
    lines = make_legend(*rows)
    assert join_legend_rows(lines) == lines


def draw_report(*narrow: Dropped, numbers: tuple[str, ...]) -> list[Page]:
    """A scanned page of two rows of drawings far apart, counted by the caption's legend, and another page."""
    pots = [
        Picture((80 + 130 * k, y, 160 + 130 * k, y + 90), "scan", "") for y in (100, 330) for k in range(3)
    ]
    pots = [p for p in pots if not any(d.box == p.box for d in narrow)]
    labels = [
        text_line(n, 116 + 130 * (k % 3), (100, 330)[k // 3] + 104, 7) for k, n in enumerate(numbers) if n
    ]
    legend = make_legend(("1.高领罐", "2.鼓腹罐", "3.细颈壶"), ("4.陶盒", "5.陶盆", "6.陶豆"))
    page = replace(make_page(1, [labels, legend], pots), source="scan", dropped=narrow)
    other = make_page(2, [text_line("图五　墓室", 250, 400, 9)], [Picture((150, 100, 420, 390), "scan", "")])
    return [page, replace(other, source="scan")]


@pytest.mark.parametrize("numbers", ["123456", (*"123", "", *"56")], ids=["all read", "one not read"])
def test_drawings_of_a_scan_in_rows_far_apart_have_each_their_item(numbers):
    found = [p for p in align_book(draw_report(numbers=tuple(numbers))).pairs if p.page == 1]
    assert [p.title for p in found] == ["高领罐", "鼓腹罐", "细颈壶", "陶盒", "陶盆", "陶豆"]


def test_a_needle_among_vessels_is_a_figure_where_the_list_counts_it():
    needle = Dropped(1, "picture", "too small for a figure", (210.0, 100.0, 226.0, 190.0))
    pages = draw_report(needle, numbers=tuple("123456"))
    pictures = tuple(p for p in pages[0].pictures if p.box[:2] != (210, 100))
    found = align_book([replace(pages[0], pictures=pictures), pages[1]])
    assert [p.title for p in found.pairs if p.box == needle.box] == ["鼓腹罐"]
    assert needle not in found.dropped


def test_the_size_of_the_text_is_that_of_paragraphs_though_each_is_a_line():
    lines = [
        text_line(BODY, 40, 500, 9),
        text_line("[1] 《江南织造旧档》卷三。", 40, 600, 6.4),
        text_line("[2] 《纹样笔记》，页五七。", 40, 609, 6.4),
    ]
    assert find_body_size(find_blocks(make_page(1, lines))) == 9


@pytest.mark.parametrize(
    ("text", "is_keeper"),
    [
        ("西北民族服饰馆藏（编号 X-0187）", True),
        ("江南博物院藏（12:34）", True),
        ("民间收藏（旧影）中的袍服", False),
    ],
)
def test_a_keeper_may_be_told_with_the_number_of_the_piece(text: str, is_keeper: bool):
    assert is_collection(text) is is_keeper
