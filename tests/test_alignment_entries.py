"""Entries of a catalogue as books set them: on facing pages, sheets of two, side by side, without numbers."""

import pytest
from page_making import column, make_page, paragraph, picture, text_line

from alignment.pairing import align_book

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"


@pytest.mark.parametrize("number", ["", "{}  "])
@pytest.mark.parametrize("order", ["plate first", "text first", "one page", "one sheet"])
def test_entries_of_one_plate_and_its_description(order: str, number: str):
    titles, pages = ["双鹿山林", "飞天伎乐", "三兔藻井", "莲花化生"], []
    for n, title in enumerate(titles, 1):
        left = 640 if order == "one sheet" else 60
        head = text_line(number.format(n) + title, left, 60, 16)
        text = [head, *paragraph(BODY[n:] * 2, left, 90, 470)]
        plate = picture(60, 300, 535, 780)
        if order in ("one page", "one sheet"):
            size = (1190, 842) if order == "one sheet" else (595, 842)
            pages.append(make_page(n, text, [plate], size=size))
            continue
        both = [make_page(2 * n, [], [plate]), make_page(2 * n + 1, text)]
        if order == "text first":
            both = [make_page(2 * n, text), make_page(2 * n + 1, [], [plate])]
        pages += both
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs] == titles
    assert [p.description[:5] for p in pairs] == [BODY[n : n + 5] for n in range(1, 5)]
    assert {p.rule for p in pairs} == {"entry:single-figure"}


def test_a_title_that_comes_again_at_the_same_place_heads_an_entry_of_its_own():
    """Silk patterns share their names."""
    titles, pages = ["双鹿山林", "折枝牡丹", "折枝牡丹", "莲花化生"], []
    for n, title in enumerate(titles, 1):
        text = [text_line(title, 60, 60, 16), *paragraph(BODY[n:] * 2, 60, 90, 470)]
        pages.append(make_page(n, text, [picture(60, 300, 535, 780)]))
    pairs = align_book(pages).pairs
    assert [(p.page, p.title) for p in pairs] == list(enumerate(titles, 1))
    assert [p.description[:5] for p in pairs] == [BODY[n : n + 5] for n in range(1, 5)]


def test_entries_in_columns_on_sheets_of_two_pages():
    titles = ["双鹿山林", "飞天伎乐", "三兔藻井"]
    pages = []
    for n, title in enumerate(titles, 1):
        text = [column(title, 1110, 80, 18)]
        text += [column(BODY[k * 9 :], 1070 - 20 * k, 80, 11) for k in range(3)]
        pages.append(make_page(n, text, [picture(60, 60, 535, 780)], size=(1190, 842)))
    assert [(p.page, p.title) for p in align_book(pages).pairs] == list(enumerate(titles, 1))


def test_titles_of_chapters_head_no_entries():
    pages = []
    for n, title in enumerate(("窟龛形制", "壁画题材", "装饰纹样"), 1):
        text = [text_line(title, 60, 60, 16), *paragraph(BODY * 6, 60, 420, 470)]
        text.append(text_line(f"图{n}　莲花", 60, 304, 9))
        pages.append(make_page(n, text, [picture(60, 100, 520, 300)]))
    assert [(p.title, p.rule) for p in align_book(pages).pairs] == [("莲花", "caption:figure:below")] * 3


def test_chapters_whose_pictures_are_captioned_in_any_way_are_no_entries():
    pages = []
    for n, title in enumerate(("窟龛形制", "壁画题材", "装饰纹样"), 1):
        text = [text_line(title, 60, 60, 16), *paragraph(BODY * 6, 60, 420, 470)]
        text.append(text_line(f"{'①②③'[n - 1]} 莲花纹锦", 60, 304, 9))
        pages.append(make_page(n, text, [picture(60, 100, 520, 300)]))
    assert [p.title for p in align_book(pages).pairs] == ["莲花纹锦"] * 3


@pytest.mark.parametrize("number", ["", "{}  "])
@pytest.mark.parametrize("is_beside", [True, False])
def test_two_entries_of_a_page(is_beside: bool, number: str):
    """Side by side under their pictures, or one under the other beside them."""
    titles = ["双鹿山林", "飞天伎乐", "三兔藻井", "莲花化生", "龟背纹绢", "方胜纹纱"]
    pages = []
    for first in (0, 2, 4):
        lines, pictures = [], []
        for k in (0, 1):
            x, y = (60 + 260 * k, 330) if is_beside else (320, 60 + 360 * k)
            lines.append(text_line(number.format(first + k + 1) + titles[first + k], x, y, 14))
            lines += paragraph(BODY[first + k :] + BODY, x, y + 26, 220)
            pictures.append(picture(x, 60, x + 220, 310) if is_beside else picture(60, y, 300, y + 300))
        pages.append(make_page(first // 2 + 1, lines, pictures))
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs] == titles
    assert [p.description for p in pairs] == [BODY[n:] + BODY for n in range(6)]


def test_two_views_of_an_entry_are_one_figure():
    """Pictures set as one row, where no 图： line tells them apart, show one object."""
    pages = [
        make_page(
            n,
            [text_line(f"{n}  {title}", 60, 60, 15), *paragraph(BODY * 3, 60, 420, 470)],
            [picture(60, 100, 295, 380), picture(303, 100, 535, 380)],
        )
        for n, title in enumerate(("白玉带钩", "青玉螭纹佩", "墨玉圭"), 1)
    ]
    found = align_book(pages).pairs
    assert [(p.title, p.figure_bbox) for p in found] == [
        (title, (60, 100, 535, 380)) for title in ("白玉带钩", "青玉螭纹佩", "墨玉圭")
    ]


def test_a_title_down_the_side_heads_its_page():
    pages = [
        make_page(
            n,
            [column(title, 520, 60, 16), *paragraph(BODY * 4, 60, 480, 430)],
            [picture(60, 60, 490, 460)],
        )
        for n, title in enumerate(("缠枝莲纹锦", "团窠对鹿", "菱格纹罗"), 1)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found] == ["缠枝莲纹锦", "团窠对鹿", "菱格纹罗"]
    assert {p.description for p in found} == {BODY * 4}


@pytest.mark.parametrize("bold", [True, False])
def test_titles_hardly_larger_than_the_text_on_either_side_of_their_pictures(bold: bool):
    """Pictures left and right in turn, a title and a paragraph beside each; bold type may be of one size."""
    titles = iter(("缠枝莲纹锦", "团窠对鹿", "菱格纹罗", "云气纹锦", "狩猎纹锦", "方胜纹纱"))
    pages, names = [], []
    for n in (1, 2):
        lines, pictures = [], []
        for k in range(3):
            names.append(next(titles))
            x, top = (330, 60) if k % 2 else (60, 330)
            y = 60 + 240 * k
            pictures.append(picture(x, y, x + 205, y + 200))
            size = 9 if bold else 10.5
            lines += [
                text_line(names[-1], top, y, size, bold=bold),
                *paragraph(BODY * 2, top, y + 20, 200, 9),
            ]
        pages.append(make_page(n, lines, pictures))
    found = align_book(pages).pairs
    assert [p.title for p in found] == names
    assert {p.description for p in found} == {BODY * 2}


def test_entries_with_other_figures_in_their_text():
    """Each heading has its picture right under it; 图1, 图2 … within the text have captions of their own."""
    pages = [
        make_page(
            n,
            [
                text_line(f"{n}  {title}", 60, 60, 15),
                *paragraph(BODY * 3, 60, 400, 470),
                text_line(f"图{n}　花楼机之{n}", 60, 684, 8),
            ],
            [picture(60, 100, 535, 380), picture(60, 520, 260, 680)],
        )
        for n, title in enumerate(("缠枝莲纹锦", "团窠对鹿", "菱格纹罗"), 1)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found[::2]] == ["缠枝莲纹锦", "团窠对鹿", "菱格纹罗"]
    assert [p.caption for p in found[1::2]] == [f"图{n}　花楼机之{n}" for n in (1, 2, 3)]


def test_a_note_right_of_the_plates_caption():
    pages = [
        make_page(
            n,
            [
                text_line(f"{n + 30}　{title}", 60, 560, 9),
                text_line(f"盛唐　莫高窟第{n}窟", 60, 574, 9),
                *paragraph(BODY * 3, 220, 560, 310, 9),
            ],
            [picture(60, 60, 535, 550)],
        )
        for n, title in enumerate(("雨中耕作图", "树下说法图", "药师经变"), 1)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found] == ["雨中耕作图", "树下说法图", "药师经变"]
    assert {p.description for p in found} == {BODY * 3}
