"""What decides between captions and pictures where distance alone would decide wrongly."""

from __future__ import annotations

from dataclasses import replace

from page_making import column, make_page, paragraph, picture, text_line

from alignment.costs import MAX_COST, Habits, cost
from alignment.evidence import Evidence
from alignment.pairing import align_book
from extractors.records import Dropped

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"


def captions(pages, series="other"):
    return [(pair.page, pair.caption) for pair in align_book(pages, series).pairs]


def test_a_place_said_at_the_head_decides_between_neighbours():
    lines = [text_line("图1（左）莲花平棋", 100, 310, 8), text_line("图2（右）繁花", 100, 322, 8)]
    pictures = [picture(100, 100, 280, 300), picture(300, 100, 480, 300)]
    assert captions([make_page(1, lines, pictures)]) == [(1, "图1（左）莲花平棋"), (1, "图2（右）繁花")]


def test_upper_and_lower_text_beside_two_pictures():
    lines = [text_line("上图：六臂观音", 420, 400, 8), text_line("下图：散花飞天", 420, 425, 8)]
    pictures = [picture(60, 100, 400, 300), picture(60, 320, 400, 520)]
    assert [text for _, text in captions([make_page(1, lines, pictures)])] == [
        "上图：六臂观音",
        "下图：散花飞天",
    ]


def test_captions_that_are_left_over_speak_for_the_other_side():
    """Below in most of the book, above on one page: a caption between two pictures is not the upper one's."""
    pages = [
        make_page(n, [text_line(f"{n}. 织机之{n}", 100, 405, 9)], [picture(100, 100, 480, 400)])
        for n in (1, 2, 3)
    ]
    lines = [text_line("4. 摇纡", 100, 85, 9), text_line("5. 调色", 100, 425, 9)]
    pages.append(make_page(4, lines, [picture(100, 100, 480, 400), picture(100, 440, 480, 740)]))
    assert captions(pages)[3:] == [(4, "4. 摇纡"), (4, "5. 调色")]


def test_a_number_over_its_title_on_the_facing_page():
    lines = [
        text_line("图版十九", 70, 110, 11),
        text_line("持莲童子", 70, 140, 18),
        text_line("北周　第一六九窟", 70, 180, 10),
        paragraph(BODY * 4, 70, 212, 390),
    ]
    pages = [make_page(1, lines), make_page(2, [], [picture(30, 30, 560, 800)])]
    (pair,) = align_book(pages, "dunhuang").pairs
    assert (pair.title, pair.rule) == ("持莲童子", "caption:facing-page")
    assert pair.caption == "图版十九　持莲童子　北周　第一六九窟" and pair.description == BODY * 4


def test_a_number_parted_from_its_words_in_a_column():
    lines = [column("图版一", 60, 80), column("香色地莲瓣纹锦裙", 60, 135)]
    (pair,) = align_book([make_page(1, lines, [picture(100, 70, 400, 500)])]).pairs
    assert pair.caption == "图版一　香色地莲瓣纹锦裙"


def test_the_caption_under_a_frame_makes_it_a_figure():
    lines = [text_line("图5　单元素提取", 220, 508, 8), text_line("桥长", 250, 420, 8)]
    page = make_page(1, [*lines, paragraph(BODY * 5, 60, 560, 470)])
    frame = Dropped(1, "picture", "frame or colour field", (150.0, 380.0, 400.0, 500.0))
    (pair,) = align_book([replace(page, dropped=(frame,))]).pairs
    assert pair.figure_bbox == frame.box and pair.rule == "caption:figure:below+frame"


def test_a_frame_with_paragraphs_is_no_figure():
    lines = [text_line("图5　单元素提取", 220, 508, 8), paragraph(BODY * 2, 160, 400, 230)]
    frame = Dropped(1, "picture", "frame or colour field", (150.0, 380.0, 400.0, 500.0))
    assert align_book([replace(make_page(1, lines), dropped=(frame,))]).pairs == ()


def test_the_words_of_a_table_row_are_its_pictures():
    rules = tuple((60.0, y, 540.0, y + 0.5) for y in (80.0, 170.0, 260.0, 350.0))
    pictures = [picture(100, y, 180, y + 70) for y in (90, 180, 270)]
    lines = [text_line(f"名称之{k}", 300, y, 8) for k, y in (("甲", 120), ("乙", 210), ("丙", 300))]
    pages = [replace(make_page(1, lines, pictures), rules=rules)]
    for n in (2, 3, 4):
        shown = [text_line(f"图{n}　织机", 200, 405, 8), paragraph(BODY * 3, 60, 450, 470)]
        pages.append(make_page(n, shown, [picture(150, 100, 450, 395)]))
    assert captions(pages)[:3] == [(1, "名称之甲"), (1, "名称之乙"), (1, "名称之丙")]


def test_entries_below_each_other_have_their_own_pictures():
    lines = []
    for number, y in ((41, 60), (42, 400)):
        lines += [text_line(f"{number}　葡萄卷草纹", 300, y, 15), *paragraph(BODY * 3, 300, y + 40, 230)]
    pages = [make_page(1, lines, [picture(60, 60, 270, 280), picture(60, 400, 270, 620)])]
    assert [p.caption for p in align_book(pages, "silk").pairs] == ["41　葡萄卷草纹", "42　葡萄卷草纹"]


def test_the_picture_on_a_sheets_left_page_is_of_the_entry_on_its_right():
    pages = []
    for n in (1, 2):
        lines = [text_line(f"{n + 20}　盘绦纹", 640, 60, 20), *paragraph(BODY * 3, 640, 110, 440)]
        lines += [text_line("图：锦裙", 640, 450), *paragraph(BODY * 2, 640, 480, 440)]
        shown = [picture(60, 60, 500, 660), picture(640, 220, 1080, 430)]
        pages.append(make_page(n, lines, shown, size=(1140.0, 720.0)))
    kinds = [(p.page, p.kind, p.caption[:2]) for p in align_book(pages, "silk").pairs]
    assert kinds == [
        (1, "pattern", "21"),
        (1, "textile", "图："),
        (2, "pattern", "22"),
        (2, "textile", "图："),
    ]


def test_a_run_in_list_splits_the_group():
    text = "1 曲水纹香囊，晚唐　2 摩羯纹帷幔，金代　3 对鸟纹裙，元代"
    pictures = [picture(60, 100, 210, 300), picture(220, 100, 370, 300), picture(380, 100, 530, 300)]
    found = align_book([make_page(1, [text_line(text, 60, 312, 8)], pictures)]).pairs
    assert [p.title for p in found] == ["曲水纹香囊", "摩羯纹帷幔", "对鸟纹裙"]


def test_a_place_that_is_said_is_believed_where_the_picture_can_be_seen_from_there():
    told = Evidence("below", 30.0, 1.0, 1, "panel", *[False] * 5, place="this")
    none = Habits({}, False, False)
    assert cost(told, none) < MAX_COST < cost(replace(told, blocked=4), none)


def test_words_for_another_page_find_their_picture_there():
    """左页：… is not of the picture beside it, and the text behind it is of neither."""
    lines = [
        text_line("上图：织机", 60, 310, 8),
        text_line("左页：花楼机，明", 60, 326, 8),
        paragraph(BODY * 3, 60, 400, 470),
    ]
    pages = [
        make_page(1, [], [picture(0, 0, 595, 842)]),
        make_page(2, lines, [picture(60, 100, 400, 300)]),
    ]
    assert captions(pages) == [(1, "左页：花楼机，明"), (2, "上图：织机")]
    assert align_book(pages).pairs[0].description == "花楼机，明"


def test_text_behind_a_list_of_captions_is_of_none_of_them():
    lines = [
        text_line("图1　织机，清代", 60, 80, 8),
        text_line("图2　花楼，明代", 60, 94, 8),
        paragraph(BODY * 3, 60, 150, 470),
    ]
    pages = [
        make_page(1, [], [picture(60, 60, 535, 400), picture(60, 420, 535, 780)]),
        make_page(2, lines),
    ]
    assert [pair.description for pair in align_book(pages).pairs] == ["织机，清代", "花楼，明代"]


def test_a_paragraph_between_a_caption_and_the_next_picture_describes_the_one_beside_it():
    lines, pictures = [], []
    for k, name in enumerate(("织机", "花楼机", "摇纡车")):
        top = 60 + 220 * k
        lines += [text_line(f"{k + 1}　{name}", 240, top, 10), *paragraph(BODY * 2, 240, top + 20, 290)]
        pictures.append(picture(60, top, 220, top + 180))
    found = align_book([make_page(1, lines, pictures)]).pairs
    assert [p.title for p in found] == ["织机", "花楼机", "摇纡车"]
    assert {p.description for p in found} == {BODY * 2}


def test_words_set_into_a_picture_are_its_own_where_nothing_else_is():
    lines = [
        text_line("花楼机　明代", 70, 380, 9),
        text_line("织机", 65, 600, 9),
        text_line("卷轴", 200, 520, 9),
    ]
    pictures = [picture(60, 100, 400, 400), picture(60, 420, 400, 620)]
    # A picture with words in two places is a diagram.
    assert captions([make_page(1, lines, pictures)]) == [(1, "花楼机　明代"), (1, "")]


def test_a_title_that_ends_in_a_picture_and_a_dynasty_cites_none():
    pair = align_book(
        [make_page(1, [text_line("药师经变图　五代", 60, 304, 9)], [picture(60, 100, 260, 300)])]
    ).pairs[0]
    assert (pair.title, pair.caption) == ("药师经变图", "药师经变图　五代")


def test_a_number_behind_the_words():
    line = text_line("药师经变（图3）", 60, 304, 9)
    pair = align_book([make_page(1, [line], [picture(60, 100, 260, 300)])]).pairs[0]
    assert (pair.title, pair.caption, pair.description) == ("药师经变", "药师经变（图3）", "药师经变")


def test_a_pointer_points_past_a_column_of_text():
    """◀ stands in the third column, the picture in the first: the text between is the page's."""
    lines = [paragraph(BODY * 3, 250, 90, 160), text_line("◀ 《溪山春晓》团扇", 430, 90, 8)]
    lines += [text_line("▲ 引首题字", 60, 610, 8), text_line("莲塘", 260, 610, 8)]
    pictures = [picture(60, 80, 230, 250), picture(60, 420, 230, 600), picture(250, 420, 400, 600)]
    pair = align_book([make_page(1, lines, pictures)]).pairs[0]
    assert (pair.caption, pair.rule) == ("◀ 《溪山春晓》团扇", "caption:quoted:right")


def test_a_pointer_in_a_picture_is_its_caption_in_a_book_of_pointers():
    pages = [
        make_page(n, [text_line(f"▲ 织机之{n}", 100, 405, 9)], [picture(100, 100, 480, 400)])
        for n in (1, 2, 3)
    ]
    pages.append(make_page(4, [text_line("▲ 村口的茶园", 40, 780, 8)], [picture(0, 200, 595, 800)]))
    assert captions(pages)[3] == (4, "▲ 村口的茶园")
