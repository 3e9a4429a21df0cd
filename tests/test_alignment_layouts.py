"""Further layouts of art books: vertical type, sides, spreads, entries over pages, no catalogues."""

import pytest
from page_making import boxes_close, column, make_page, paragraph, picture, text_line

from alignment.pairing import align_book

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"


def by_box(alignment, *box):
    return next(p for p in alignment.pairs if boxes_close(p.box, box))


def test_vertical_caption_beside_the_plate_reads_right_to_left():
    page = make_page(
        1,
        [column("一六　伎乐　西魏", 540, 100), column("第二八五窟西壁", 522, 100)],
        [picture(60, 60, 510, 780)],
    )
    (pair,) = align_book([page], "dunhuang").pairs
    assert pair.caption == "一六　伎乐　西魏　第二八五窟西壁"
    assert pair.title == "伎乐"
    assert pair.rule == "caption:plate:right"


def test_caption_beside_the_figure():
    page = make_page(1, [text_line("图8 云肩", 330, 380, 9)], [picture(100, 150, 320, 400)])
    (pair,) = align_book([page]).pairs
    assert (pair.title, pair.rule) == ("云肩", "caption:figure:right")


def test_bare_title_in_brackets_is_a_caption():
    page = make_page(
        1,
        [text_line("《云鹤图》局部", 230, 410, 9), paragraph(BODY * 4, 70, 480, 450)],
        [picture(150, 150, 450, 400)],
    )
    (pair,) = align_book([page]).pairs
    assert pair.description == "《云鹤图》局部"


def test_pointer_chooses_the_picture_above_though_another_is_nearer():
    page = make_page(
        1, [text_line("▲ 织机全景", 230, 420, 9)], [picture(150, 150, 450, 400), picture(150, 433, 450, 700)]
    )
    found = align_book([page])
    assert by_box(found, 150, 150, 450, 400).description == "织机全景"
    assert not by_box(found, 150, 433, 450, 700).texts


def test_body_paragraph_near_a_picture_is_no_caption():
    page = make_page(1, [paragraph(BODY * 6, 70, 420, 450)], [picture(150, 150, 450, 400)])
    (pair,) = align_book([page]).pairs
    assert pair.rule.startswith("none:")


def test_entry_on_a_spread_of_one_sheet_picture_left_text_right():
    sheets = [
        make_page(
            n,
            [text_line(f"{n}  {title}", 640, 80, 16), paragraph(BODY * 4, 640, 120, 480)],
            [picture(60, 60, 540, 780)],
            size=(1190.0, 842.0),
        )
        for n, title in [(1, "云鹤纹"), (2, "团龙纹"), (3, "宝相花纹")]
    ]
    found = align_book(sheets, "silk")
    assert [(p.page, p.title) for p in found.pairs] == [(1, "云鹤纹"), (2, "团龙纹"), (3, "宝相花纹")]
    assert all(BODY in p.description for p in found.pairs)


def test_entry_over_two_pages_picture_left_text_right():
    pages = []
    for n, title in [(1, "云鹤纹"), (2, "团龙纹"), (3, "宝相花纹")]:
        pages.append(make_page(2 * n, [], [picture(60, 60, 540, 780)]))
        lines = [text_line(f"{n}  {title}", 60, 80, 16), paragraph(BODY * 4, 60, 120, 480)]
        pages.append(make_page(2 * n + 1, lines))
    found = align_book(pages, "silk")
    assert [(p.page, p.title) for p in found.pairs] == [(2, "云鹤纹"), (4, "团龙纹"), (6, "宝相花纹")]


def test_entry_goes_on_overleaf():
    first = make_page(
        1,
        [text_line("1  云鹤纹", 60, 60, 16), paragraph("甲" + BODY * 2, 60, 600, 480)],
        [picture(60, 90, 540, 580)],
    )
    second = make_page(
        2,
        [
            text_line("图：云鹤纹缎袍", 60, 420, 10),
            text_line("私人收藏", 60, 438, 10),
            paragraph("乙" + BODY * 2, 60, 470, 480),
        ],
        [picture(60, 60, 300, 400)],
    )
    third = make_page(
        3,
        [text_line("2  团龙纹", 60, 60, 16), paragraph(BODY * 3, 60, 600, 480)],
        [picture(60, 90, 540, 580)],
    )
    found = align_book([first, second, third], "silk")
    garment = by_box(found, 60, 60, 300, 400)
    assert (garment.kind, garment.caption) == ("textile", "图：云鹤纹缎袍　私人收藏")
    assert found.pairs[0].description.startswith("甲") and "乙" not in found.pairs[0].description


def test_numbered_sections_of_an_article_are_no_catalogue():
    pages = [
        make_page(
            n,
            [
                text_line(f"{n}  纹样源流", 60, 60, 16),
                paragraph(BODY * 4, 60, 100, 480),
                text_line(f"图{n} 织机", 240, 515, 9),
                paragraph(BODY * 4, 60, 550, 480),
            ],
            [picture(150, 250, 450, 500)],
        )
        for n in range(1, 4)
    ]
    found = align_book(pages)
    assert {p.rule for p in found.pairs} == {"caption:figure:below"}
    assert all(p.description == "织机" for p in found.pairs)


def test_table_of_contents_makes_no_entries():
    contents = make_page(
        1, [text_line(f"{n}  纹样之{c}", 60, 60 + 30 * n, 14) for n, c in enumerate("甲乙丙丁戊", 1)]
    )
    entries = [
        make_page(
            n + 1,
            [text_line(f"{n}  纹样之{c}", 60, 60, 16), paragraph(f"{c}" + BODY * 2, 60, 600, 480)],
            [picture(60, 90, 540, 580)],
        )
        for n, c in enumerate("甲乙丙", 1)
    ]
    found = align_book([contents, *entries], "silk")
    assert [p.title for p in found.pairs] == ["纹样之甲", "纹样之乙", "纹样之丙"]
    assert [p.description[0] for p in found.pairs] == list("甲乙丙")


def test_a_paragraph_across_the_page_does_not_go_on_with_the_caption_over_its_right_half():
    words = "图1所示为西魏时期的莲花藻井，图2为盛唐时期的团花藻井，两者的结构线都以中心为准"
    lines = [
        text_line("图1　莲花藻井", 110, 310, 9.5),
        text_line("图2　团花藻井", 370, 310, 9.5),
        text_line(f"{words}而展开，层层相套", 60, 324, 10),
        text_line(f"{words}而展开，层层相套", 60, 340, 10),
    ]
    found = align_book([make_page(1, lines, [picture(80, 160, 220, 300), picture(340, 160, 480, 300)])])
    assert [pair.title for pair in found.pairs] == ["莲花藻井", "团花藻井"]


def test_text_under_a_picture_is_no_part_of_the_caption_beside_it():
    body = "间界以如意头带，循环往复，布局匀称，图案四周不设边框，纹样直抵织物边缘，花色分深浅两晕。" * 3
    lines = [
        text_line("图1　石青地对波宝相花间绫残片，青", 60, 286, 10.6),
        text_line("禾丝绸博物馆藏", 60, 302, 10.6),
        *paragraph(body, 60, 332, 460, 11),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(270, 20, 520, 312)])]).pairs
    assert "如意头带" not in pair.description and "博物馆藏" in pair.caption


def test_a_figures_number_in_a_picture_is_that_of_a_caption_set_into_it():
    lines = [text_line("图3　说法图", 260, 470, 9), text_line("西方净土", 300, 200, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(60, 80, 535, 490)])]).pairs
    assert pair.title == "说法图" and pair.rule == "caption:figure:inside"


def test_a_plate_that_fills_its_page_has_its_caption_set_into_it():
    caption = text_line("四　降魔变　北魏　第二五四窟南壁", 300, 780, 9)
    (pair,) = align_book([make_page(1, [caption], [picture(0, 0, 595, 842)])], "dunhuang").pairs
    assert pair.title == "降魔变" and pair.rule.endswith(":inside")


@pytest.mark.parametrize(
    "caption",
    [
        [text_line("图6　左：莲花纹锦（明）；右：对鸟纹绫（唐）", 60, 304, 9)],
        [text_line("左：莲花纹锦，明", 60, 304, 9), text_line("右：对鸟纹绫，唐", 60, 320, 9)],
        [text_line("图6　从右至左：对鸟纹绫、莲花纹锦", 60, 304, 9)],
    ],
)
def test_a_caption_flush_left_names_both_pictures_of_a_row(caption):
    row = [picture(60, 100, 270, 300), picture(310, 100, 520, 300)]
    pairs = align_book([make_page(1, [*caption, paragraph(BODY * 3, 60, 420, 460)], row)]).pairs
    assert [p.title[:4] for p in pairs] == ["莲花纹锦", "对鸟纹绫"]
    assert all(p.rule.endswith("+split") for p in pairs)


def test_a_sentence_on_two_places_is_of_one_figure():
    row = [picture(60, 100, 270, 300), picture(310, 100, 520, 300)]
    caption = text_line("图6　莲花纹锦（左）与对鸟纹绫（右）", 60, 304, 9)
    (pair,) = align_book([make_page(1, [caption], row)]).pairs
    assert boxes_close(pair.box, (60, 100, 520, 300))


@pytest.mark.parametrize("legend", ["1. 莲花　2. 对鸟　3. 云气", "1.莲花；2.对鸟；3.云气"])
def test_a_legend_in_small_type_under_a_caption_is_part_of_it(legend):
    lines = [text_line("图5　隋代纹样", 255, 306, 9), text_line(legend, 236, 320, 7.5)]
    row = [picture(x, 100, x + 140, 300) for x in (60, 220, 380)]
    assert [p.title for p in align_book([make_page(1, lines, row)]).pairs] == ["莲花", "对鸟", "云气"]
    (pair,) = align_book([make_page(1, lines, [picture(60, 100, 520, 300)])]).pairs
    assert pair.title == "隋代纹样" and "云气" in pair.caption


def test_the_title_of_a_caption_in_two_languages_is_the_first():
    lines = [text_line("图8　莲花纹锦", 200, 304, 9), text_line("Fig. 8  Brocade with lotus", 173, 317, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(110, 80, 430, 300)])]).pairs
    assert pair.title == "莲花纹锦" and "Brocade" in pair.caption


def test_a_plate_under_which_stands_no_more_than_its_number():
    titles = ["伎乐天", "供养菩萨", "说法图", "藻井"]
    plates, notes = [], []
    for n, title in enumerate(titles, 1):
        plates.append(make_page(n, [text_line(f"图版{n}", 270, 800, 9)], [picture(60, 60, 535, 780)]))
        head = text_line(f"图版{n}　{title}", 60, 60 + 120 * n, 10)
        notes += [head, *paragraph(BODY, 60, 76 + 120 * n, 470)]
    pairs = align_book([*plates, make_page(5, notes)]).pairs
    assert [p.title for p in pairs] == titles
    assert all(p.description == BODY for p in pairs)


def test_a_pointer_may_stand_behind_its_words():
    lines = [text_line("◀ 莲花纹锦", 320, 120, 9), text_line("对鸟纹绫 ▶", 180, 420, 9)]
    page = make_page(1, lines, [picture(60, 100, 300, 300), picture(260, 400, 520, 600)])
    pairs = align_book([page]).pairs
    assert [p.title for p in pairs] == ["莲花纹锦", "对鸟纹绫"]
    assert [p.rule for p in pairs] == ["caption:pointer:right", "caption:pointer:left"]


@pytest.mark.parametrize("key", ["一、二", "一—二", "图版一、二"])
def test_one_note_on_two_plates(key: str):
    captions = ["一　说法图　第四五窟", "二　说法图（局部）", "三　飞天"]
    plates = [
        make_page(n, [text_line(text, 60, 790, 9)], [picture(60, 60, 535, 780)])
        for n, text in enumerate(captions, 1)
    ]
    notes = [text_line(f"{key}　说法图", 60, 100, 11), *paragraph(BODY, 60, 120, 470)]
    notes += [text_line("三　飞天", 60, 200, 11), *paragraph(BODY[8:], 60, 220, 470)]
    pairs = align_book([*plates, make_page(4, notes)], "dunhuang").pairs
    assert [BODY[8:] in p.description for p in pairs] == [True] * 3
    assert [BODY in p.description for p in pairs] == [True, True, False]


@pytest.mark.parametrize("mark", ["▲", "◎"])
def test_where_captions_are_marked_a_marked_text_in_a_picture_is_its_caption(mark):
    pages = [
        make_page(n, [text_line(f"▲ 茶园第{n}处", 100, 305, 8)], [picture(100, 100, 300, 300)])
        for n in (1, 2, 3)
    ]
    inner = text_line(f"{mark} 村口新辟的茶园", 40, 790, 8)
    pages.append(make_page(4, [paragraph(BODY * 3, 60, 60, 400), inner], [picture(0, 400, 595, 842)]))
    *_, last = align_book(pages).pairs
    assert last.title == ("村口新辟的茶园" if mark == "▲" else "")


@pytest.mark.parametrize("mark", ["▲ ", "图3　"])
def test_a_caption_that_begins_with_a_row_and_reaches_under_its_pictures_is_of_the_row(mark):
    """A short paragraph over the row is set to the measure of its pictures, and no caption of one of them."""
    columns = [30, 212, 394]
    texts = [text_line("供养人是出钱开窟的人", columns[1], 400 + 14 * k, 11) for k in range(2)]
    caption = text_line(
        f"{mark}县城集市上出售的仿古织物，花样多取自附近石窟，游客常把它们当作桌旗买走", 30, 709, 9
    )
    row = [picture(x, 555, x + 170, 698) for x in columns]
    (pair,) = align_book([make_page(1, [*texts, caption], row)]).pairs
    assert pair.box == (30, 555, 564, 698) and "仿古织物" in pair.caption


def test_pictures_in_a_row_with_captions_of_their_own_keep_them():
    """Where each has a marked caption, one that is too long reaches under its neighbour's picture."""
    captions = [text_line("图1　县城集市上出售的仿古织物，", 30, 709, 9), text_line("图2　花边", 212, 709, 9)]
    found = align_book([make_page(1, captions, [picture(30, 555, 200, 698), picture(212, 555, 382, 698)])])
    assert [p.title for p in found.pairs] == ["县城集市上出售的仿古织物", "花边"]
