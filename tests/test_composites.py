"""Charts, plans and rows of drawings: what is one figure under a numbered caption, and what is several."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import boxes_close, column, make_page, paragraph, text_line

from alignment.item_lists import count_list
from alignment.pairing import align_book
from extractors.records import Dropped, Page, Picture

BODY = "纹样的来历与织造的方法在前一章里已经说过，这里只说各地的产量和用途，以及后来的变化。" * 2


def drawing(*box: float, name: str = "") -> Picture:
    x0, y0, x1, y1 = box
    return Picture((x0, y0, x1, y1), "drawing", name or f"drawn {box}", 0.02)


def read_boxes(pages: list[Page]) -> list[tuple[int, tuple[float, ...], str]]:
    return [(p.page, p.box, p.caption) for p in align_book(pages).pairs]


def make_chart(number: int, top: float = 300.0) -> list:
    """Labels of a chart of two panels whose axes end at `top` + 100, in small type."""
    return [
        *(text_line(f"{20 * k}", 118, top + 100 - 22 * k, 7) for k in range(5)),
        *(text_line(f"{k}", 140 + 30 * k, top + 103, 7) for k in range(5)),
        column("产量", 104, top + 40, 7),
        text_line("年份", 190, top + 113, 7),
        text_line("年份", 390, top + 113, 7),
        text_line(f"图{number}　各地丝织品的产量", 220, top + 130, 9),
    ]


def make_chart_page(number: int, top: float = 300.0) -> Page:
    bars = [drawing(140 + 30 * k, top + 20 * k, 160 + 30 * k, top + 100) for k in range(3)]
    curve = drawing(340, top, 470, top + 100)
    page = make_page(
        number,
        [paragraph(BODY, 100, 100, 400), *make_chart(number, top), paragraph(BODY, 100, top + 170, 400)],
        [*bars, curve],
    )
    axes = ((130.0, top, 130.5, top + 100), (130.0, top + 100, 280.0, top + 100.5))
    swatch = Dropped(number, "picture", "frame or colour field", (300.0, top + 110, 315.0, top + 115))
    return replace(page, rules=axes, dropped=(swatch,))


def test_pieces_axes_and_labels_of_a_chart_are_one_figure():
    pairs = read_boxes([make_chart_page(1), make_chart_page(2)])
    assert [caption for _, _, caption in pairs] == ["图1　各地丝织品的产量", "图2　各地丝织品的产量"]
    assert all(boxes_close(box, (104, 300, 470, 420)) for _, box, _ in pairs)


def test_charts_under_each_other_are_two():
    page = make_chart_page(1, 250)
    below = make_chart_page(2, 500)
    lines = [ln for ln in below.lines if ln.box[1] > 495]
    both = replace(
        page,
        lines=(*(ln for ln in page.lines if ln.box[1] < 400), *lines),
        pictures=page.pictures + below.pictures,
        rules=page.rules + below.rules,
    )
    first, second = read_boxes([both])
    assert first[1][3] < 380 < second[1][1]
    assert [first[2][:2], second[2][:2]] == ["图1", "图2"]


def test_captions_side_by_side_part_the_drawings():
    pieces = [drawing(100, 200, 190, 260), drawing(110, 262, 180, 340), drawing(330, 210, 480, 340)]
    lines = [
        paragraph(BODY, 100, 100, 400),
        text_line("图1　平面", 120, 350, 9),
        text_line("图2　剖面", 380, 350, 9),
    ]
    pairs = read_boxes([make_page(1, lines, pieces)])
    assert [box for _, box, _ in pairs] == [(100, 200, 190, 340), (330, 210, 480, 340)]
    assert [caption[:2] for _, _, caption in pairs] == ["图1", "图2"]


def test_a_caption_under_one_of_two_drawings_is_of_that():
    pieces = [drawing(100, 200, 220, 340), drawing(330, 210, 480, 340)]
    lines = [
        paragraph(BODY, 100, 100, 400),
        text_line("图1　平面", 140, 350, 9),
        text_line("图2", 300, 700, 9),
    ]
    (first, *_) = read_boxes([make_page(1, lines, [*pieces, drawing(200, 500, 400, 690)])])
    assert first[1] == (100, 200, 220, 340)


def test_where_captions_stand_above_the_drawings_below_are_theirs():
    pages = []
    for number in (1, 2, 3):
        lines = [
            text_line(f"图{number}　器物的出土位置", 200, 100, 9),
            paragraph(BODY, 100, 400, 400),
        ]
        pages.append(make_page(number, lines, [drawing(120, 115, 260, 250), drawing(300, 115, 470, 330)]))
    assert all(boxes_close(box, (120, 115, 470, 330)) for _, box, _ in read_boxes(pages))


def make_pots(count: int, listed: str) -> Page:
    """A row of drawings with numbers under them, a caption and its list."""
    pots = [drawing(80 + 110 * k, 100, 150 + 110 * k, 190) for k in range(count)]
    lines = [
        *(text_line(str(k + 1), 112 + 110 * k, 196, 7) for k in range(count)),
        text_line("图3　墓中出土的陶器", 200, 230, 9),
        text_line(listed, 100, 246, 7),
        paragraph(BODY, 80, 300, 430),
        text_line("图4　墓室", 200, 600, 9),
    ]
    return make_page(1, lines, [*pots, drawing(150, 440, 420, 590)])


def test_drawings_that_a_list_counts_are_figures_of_their_own():
    page = make_pots(4, "1.小口罐　2.双系罐　3.盘口壶　4.折肩瓮")
    boxes = [box for _, box, _ in read_boxes([page])]
    assert len(boxes) == 5
    assert all(any(boxes_close(p.box, b) for b in boxes) for p in page.pictures)


def test_a_thin_drawing_that_a_list_counts_is_a_figure():
    page = make_pots(3, "1.铁剑　2.石钺　3.骨铲")
    thin = drawing(205, 100, 222, 190)
    pictures = (page.pictures[0], thin, *page.pictures[2:])
    assert thin.box in [box for _, box, _ in read_boxes([replace(page, pictures=pictures)])]


def test_plan_and_section_with_a_legend_are_one_figure():
    lines = [
        paragraph(BODY, 100, 60, 400),
        *(text_line(str(k), 120 + 50 * k, 200, 7) for k in range(1, 6)),
        text_line("0　　50厘米", 120, 302, 7),
        text_line("图1　墓葬平、剖面图", 220, 420, 9),
        text_line("1、2.陶罐　3.陶壶　4.铜镜　5.铁剑", 190, 436, 7),
        text_line("图2　墓葬的位置", 220, 760, 9),
    ]
    pieces = [drawing(110, 140, 450, 290), drawing(120, 296, 170, 300), drawing(110, 320, 450, 405)]
    found = read_boxes([make_page(1, lines, [*pieces, drawing(110, 500, 450, 750)])])
    assert [
        boxes_close(box, want)
        for (_, box, _), want in zip(found, [(110, 140, 450, 405), (110, 500, 450, 750)], strict=True)
    ] == [True, True]


@pytest.mark.parametrize(
    "between", ["这一段说的是另一件事，与下面的图没有关系，只是排在两图之间。", "二　墓葬的位置"]
)
def test_what_stands_over_text_is_of_another(between):
    size = 10 if between.endswith("。") else 14
    lines = [
        text_line("图1　墓葬平面", 220, 230, 9),
        text_line(between, 100, 262, size),
        text_line("图2　墓葬的位置", 220, 420, 9),
        paragraph(BODY, 100, 500, 400),
    ]
    pieces = [drawing(110, 100, 450, 220), drawing(110, 290, 250, 410), drawing(300, 290, 450, 410)]
    found = read_boxes([make_page(1, lines, pieces)])
    assert [box for _, box, _ in found] == [(110, 100, 450, 220), (110, 290, 450, 410)]


def test_panels_with_words_of_their_own_stay_apart():
    lines = [
        text_line("（a）平纹组织", 120, 215, 8),
        text_line("（b）斜纹组织", 340, 215, 8),
        text_line("图1　织物的组织", 230, 235, 9),
        text_line("图2　织机", 240, 520, 9),
        paragraph(BODY, 100, 560, 400),
    ]
    pieces = [drawing(100, 100, 220, 210), drawing(320, 100, 440, 210), drawing(150, 300, 400, 510)]
    boxes = [box for _, box, _ in read_boxes([make_page(1, lines, pieces)])]
    assert boxes == [p.box for p in pieces]


@pytest.mark.parametrize(
    "listed",
    [
        "1.小口罐（M17:1）　2.双系罐（M17:2）　3.盘口壶（M17:3）　4.折肩瓮",
        "1、2.小口罐；3、4.盘口壶",
        "1～3.小口罐　4.折肩瓮（M17：4）",
        "①小口罐②双系罐③盘口壶④折肩瓮",
        "1小口罐2双系罐3盘口壶4折肩瓮",
        "（1）小口罐，（2）双系罐，（3）盘口壶，（4）折肩瓮",
    ],
)
def test_lists_are_counted_in_all_forms(listed):
    assert count_list(listed) == 4
    page = make_pots(4, listed)
    boxes = [box for _, box, _ in read_boxes([page])]
    assert all(any(boxes_close(p.box, b) for b in boxes) for p in page.pictures)


@pytest.mark.parametrize(
    "words", ["墓中出土的陶器", "M17平面图", "1970～1990年的产量", "第2次发掘所见", "高5厘米的罐"]
)
def test_numbers_in_a_caption_are_no_list(words):
    assert count_list(words) < 2


def test_a_drawing_in_two_pieces_has_one_number():
    page = make_pots(3, "1.小口罐　2.双系罐　3.盘口壶")
    x0, y0, x1, y1 = page.pictures[1].box
    halves = (drawing(x0, y0, x0 + 30, y1), drawing(x0 + 40, y0, x1, y1))
    pieced = replace(page, pictures=(page.pictures[0], *halves, *page.pictures[2:]))
    boxes = [box for _, box, _ in read_boxes([pieced])]
    assert all(any(boxes_close(p.box, b) for b in boxes) for p in page.pictures)


def test_drawings_with_a_name_under_each_are_figures_of_their_own():
    names = ("莲花纹", "忍冬纹", "联珠纹")
    lines = [
        *(text_line(name, 100 + 130 * k, 205, 8) for k, name in enumerate(names)),
        text_line("图1　各种纹样", 230, 235, 9),
        text_line("图2　织机", 240, 520, 9),
        paragraph(BODY, 100, 560, 400),
    ]
    pieces = [drawing(80 + 130 * k, 100, 160 + 130 * k, 200) for k in range(3)]
    found = read_boxes([make_page(1, lines, [*pieces, drawing(150, 300, 400, 510)])])
    assert [box for _, box, _ in found] == [*(p.box for p in pieces), (150, 300, 400, 510)]


def test_charts_under_pointers_are_put_together():
    pages = []
    for number in (1, 2):
        page = make_chart_page(number)
        lines = (replace(ln, text=ln.text.replace("图", "▲ ")) for ln in page.lines)
        pages.append(replace(page, lines=tuple(lines)))
    pairs = read_boxes(pages)
    assert all(boxes_close(box, (104, 300, 470, 420)) for _, box, _ in pairs) and len(pairs) == 2


def test_a_list_between_drawings_and_caption_parts_them_from_nothing():
    listed = "1.小口罐　2.双系罐　3.盘口壶　4.折肩瓮　5.三足炉"
    pots = [drawing(60 + 100 * k, 100, 120 + 100 * k, 190) for k in range(5)]
    lines = [
        *(text_line(str(k + 1), 88 + 100 * k, 196, 7) for k in range(5)),
        text_line(listed, 120, 216, 10),
        text_line("图3　墓中出土的陶器", 220, 234, 9),
        paragraph(BODY, 80, 300, 430),
        text_line("图4　墓室", 200, 600, 9),
    ]
    found = read_boxes([make_page(1, lines, [*pots, drawing(150, 440, 420, 590)])])
    assert [box for _, box, _ in found] == [*(p.box for p in pots), (150, 440, 420, 590)]


def test_bars_that_are_fields_of_colour_are_a_chart_with_their_axes():
    bars = [(140.0 + 45 * k, 110.0 + 12 * k, 166.0 + 45 * k, 190.0) for k in range(4)]
    dropped = tuple(Dropped(1, "picture", "frame or colour field", bar) for bar in bars)
    axes = ((120.0, 100.0, 120.5, 190.0), (120.0, 190.0, 330.0, 190.5))
    names = [text_line(name, 144 + 45 * k, 194, 6) for k, name in enumerate(("东门", "水巷", "北坡", "对照"))]
    lines = [names, text_line("图4　丝线的投影宽度", 170, 206, 8), paragraph(BODY, 100, 240, 400)]
    chart = replace(make_page(1, lines), dropped=dropped, rules=axes)
    other = make_page(2, [text_line("图5　织机", 240, 420, 9)], [drawing(150, 200, 420, 410)])
    third = make_page(3, [text_line("图6　踏板", 240, 420, 9)], [drawing(150, 200, 420, 410)])
    found = [box for page, box, _ in read_boxes([chart, other, third]) if page == 1]
    assert len(found) == 1 and boxes_close(found[0], (120, 100, 330, 190.5))


def test_of_two_photographs_on_a_scan_a_caption_flush_with_one_is_of_that():
    photos = [Picture((100, 200, 240, 340), "scan", ""), Picture((330, 200, 480, 340), "scan", "")]
    captions = [text_line("图1　平面", 100, 350, 9), text_line("图2　织机", 240, 700, 9)]
    below = Picture((200, 500, 400, 690), "scan", "")
    page = make_page(1, [paragraph(BODY, 100, 100, 400), *captions], [*photos, below])
    boxes = [box for _, box, _ in read_boxes([replace(page, source="scan")])]
    assert boxes == [(100, 200, 240, 340), (330, 200, 480, 340), (200, 500, 400, 690)]
