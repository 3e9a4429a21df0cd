"""Lists keyed to pictures, parts of a row, tables of contents, plates over two pages, prose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from alignment.records import BookAlignment, MachinePair
from extractors.records import Picture, Tones

BODY = "此件织物地色沉着，花纹以浅色线勾边，枝叶相连，布局匀称，为同类中少见的一例。" * 3


def at(found: BookAlignment, x: float, y: float, page: int = 1) -> MachinePair:
    """The figure whose top left corner is there."""
    (pair,) = [p for p in found.pairs if p.page == page and abs(p.box[0] - x) < 1 and abs(p.box[1] - y) < 1]
    return pair


def make_grid(top: float) -> list[Picture]:
    """Two by two pictures of 100 points."""
    return [picture(x, y, x + 100, y + 100) for y in (top, top + 110) for x in (60, 170)]


def make_list(top: float, *names: str):
    return [text_line(f"{n}. {name}", 290, top + 16 * n, 9) for n, name in enumerate(names, 1)]


def badge(number: int, x: float, y: float):
    return text_line(str(number), x, y, 7)


def test_list_beside_a_grid_counts_its_rows():
    found = align_book([make_page(1, make_list(100, "甲纹", "乙纹", "丙纹", "丁纹"), make_grid(100))])
    assert [at(found, x, y).title for y in (100, 210) for x in (60, 170)] == ["甲纹", "乙纹", "丙纹", "丁纹"]


def test_list_at_the_head_of_a_tall_group_keys_its_last_row_too():
    grid = [picture(x, y, x + 145, y + 145) for y in (100, 250, 400) for x in (60, 210)]
    names = ["甲纹", "乙纹", "丙纹", "丁纹", "戊纹", "己纹"]
    lines = [text_line(f"{n}、{name}", 370, 90 + 14 * n, 9) for n, name in enumerate(names, 1)]
    # Without a long text on the page this could be a caption of its own.
    lines.append(text_line("各部轮廓皆以深褐细线勾勒", 60, 552, 9))
    found = align_book([make_page(1, lines, grid)])
    assert [at(found, x, y).title for y in (100, 250, 400) for x in (60, 210)] == names


def test_badges_of_two_lists_on_a_page_keep_to_their_own():
    lines = [
        *make_list(100, "甲纹", "乙纹", "丙纹", "丁纹"),
        *make_list(450, "子纹", "丑纹", "寅纹", "卯纹"),
        # The badges run against the order of the pictures.
        *(
            badge(4 - k, x + 4, y + 90)
            for k, (x, y) in enumerate([(60, 100), (170, 100), (60, 210), (170, 210)])
        ),
        *(
            badge(4 - k, x + 4, y + 90)
            for k, (x, y) in enumerate([(60, 450), (170, 450), (60, 560), (170, 560)])
        ),
    ]
    found = align_book([make_page(1, lines, [*make_grid(100), *make_grid(450)])])
    assert [at(found, x, y).title for y in (100, 210) for x in (60, 170)] == ["丁纹", "丙纹", "乙纹", "甲纹"]
    assert [at(found, x, y).title for y in (450, 560) for x in (60, 170)] == ["卯纹", "寅纹", "丑纹", "子纹"]


def test_where_badges_are_missed_the_rest_goes_in_order():
    lines = [*make_list(100, "甲纹", "乙纹", "丙纹", "丁纹"), badge(2, 174, 190), badge(4, 174, 300)]
    found = align_book([make_page(1, lines, make_grid(100))])
    assert [at(found, x, y).title for y in (100, 210) for x in (60, 170)] == ["甲纹", "乙纹", "丙纹", "丁纹"]


def test_numbers_of_a_chart_are_no_badges():
    chart = picture(60, 100, 280, 300)
    ticks = [badge(n, 64, 290 - 18 * n) for n in range(1, 8)]
    lines = [*ticks, text_line("图3　年代与件数", 120, 310, 9), *make_list(400, "第一步", "第二步", "第三步")]
    found = align_book([make_page(1, lines, [chart])])
    assert at(found, 60, 100).caption == "图3　年代与件数"


def test_a_row_named_left_and_right_is_two_figures_of_one_entry():
    lines = [text_line("左：对鹤纹锦；右：对鹤纹锦袍", 140, 290, 9)]
    found = align_book([make_page(1, lines, [picture(60, 80, 250, 280), picture(262, 80, 450, 280)])])
    left, right = at(found, 60, 80), at(found, 262, 80)
    assert (left.description, right.description) == ("对鹤纹锦", "对鹤纹锦袍")
    assert left.entry_id == right.entry_id


def test_panels_after_a_common_head_have_their_own_words():
    lines = [
        text_line("图7　纹样与细节：(a) 缠枝莲；(b) 莲花；(c) 卷叶", 120, 300, 9),
        text_line("(a)", 100, 285, 8),
        text_line("(b)", 245, 285, 8),
        text_line("(c)", 390, 285, 8),
    ]
    pictures = [picture(x, 140, x + 134, 280) for x in (54, 198, 342)]
    found = align_book([make_page(1, lines, pictures)])
    assert [at(found, x, 140).description for x in (54, 198, 342)] == ["缠枝莲", "莲花", "卷叶"]


def test_prose_that_cites_a_figure_is_no_caption():
    lines = [
        text_line("第六节　间饰", 60, 60, 14),
        text_line("本节所谈见图1-6，其设色可与前页相参照，余不赘述。", 80, 95, 10),
        text_line("左：菊花；右：菊花残片", 190, 320, 9),
    ]
    found = align_book([make_page(1, lines, [picture(60, 120, 250, 310), picture(262, 120, 450, 310)])])
    assert {p.caption for p in found.pairs} == {"左：菊花", "右：菊花残片"}


def test_contents_are_neither_captions_nor_notes():
    contents = [
        text_line(f"{n}　鹤纹{'…' * 20}{k}", 70, 100 + 20 * k, 10) for k, n in enumerate("一二三四", 1)
    ]
    plates = [
        make_page(k + 1, [text_line(f"{n}　鹤纹　北魏", 200, 700, 10)], [picture(100, 100, 500, 680)])
        for k, n in enumerate("一二三四", 1)
    ]
    notes = [
        line
        for k, n in enumerate("一二三四")
        for line in (
            text_line(f"{n}　鹤纹", 70, 100 + 150 * k, 10),
            *paragraph(f"第{n}件的说明。" + BODY, 70, 120 + 150 * k, 220),
        )
    ]
    found = align_book([make_page(1, contents), *plates, make_page(6, notes)], "dunhuang")
    assert len(found.pairs) == 4
    for pair, n in zip(found.pairs, "一二三四", strict=True):
        assert pair.description.startswith(f"第{n}件的说明")
        assert 1 not in {region.page for region in pair.texts}


def test_halves_of_a_plate_share_caption_and_entry():
    pages = [
        make_page(1, [text_line("三三　千佛　元　第九窟", 40, 420, 10)], [picture(40, 60, 595, 410)]),
        make_page(2, [], [picture(0, 60, 555, 410)]),
    ]
    left, right = align_book(pages, "dunhuang").pairs
    assert left.caption == right.caption == "三三　千佛　元　第九窟"
    assert left.entry_id == right.entry_id
    assert left.pair_id != right.pair_id


def test_pictures_that_stop_short_of_the_gutter_share_nothing():
    pages = [
        make_page(1, [text_line("三三　千佛　元　第九窟", 40, 420, 10)], [picture(40, 60, 540, 410)]),
        make_page(2, [], [picture(40, 60, 555, 410)]),
    ]
    _, right = align_book(pages, "dunhuang").pairs
    assert right.caption == ""


def test_paragraph_whose_second_line_ends_under_the_indent_stays_whole():
    lines = [
        text_line("1　缠枝莲纹", 52, 60, 16),
        text_line("袍为玄色地，通体饰缠枝莲纹，圆领大襟，两袖平展，领袖与下摆镶豆", 72, 420, 10),
        text_line("绿。", 52, 436, 10),
        text_line("2　团窠对鹤纹", 52, 500, 16),
        *paragraph(BODY, 52, 720, 400),
    ]
    found = align_book([make_page(1, lines, [picture(60, 90, 380, 400), picture(60, 530, 250, 710)])], "silk")
    assert "镶豆绿。" in at(found, 60, 90).description


WHITE, BLUE = Tones((255, 255, 255), (255, 255, 255), 0.9), Tones((40, 60, 150), (40, 60, 150), 0.5)


@pytest.mark.parametrize(
    ("odd", "is_kept"),
    [
        (Picture((60, 600, 120, 660), "drawing", "v", 0.01, BLUE), False),
        (Picture((60, 600, 120, 660), "image", "emblem", 0.01, WHITE), False),
        (Picture((60, 600, 120, 660), "image", "portrait", 0.01, BLUE), True),
    ],
    ids=["vignette", "emblem", "portrait"],
)
@pytest.mark.parametrize("mark", ["图{n}　", "▲"])
def test_vignettes_and_emblems_are_dropped_where_captions_are_marked(odd, is_kept, mark):
    pages = [
        make_page(
            n,
            [text_line(mark.format(n=n) + f"第{n}式", 200, 410, 9), *paragraph(BODY, 60, 450, 400)],
            [
                picture(100, 100, 400, 400),
                *([odd] if n == 2 else []),
            ],
        )
        for n in range(1, 5)
    ]
    found = align_book(pages)
    assert len(found.pairs) == 4 + is_kept
    assert any("where captions are marked" in d.reason for d in found.dropped) != is_kept


def test_the_photograph_of_an_entry_is_the_one_before_a_backdrop():
    """Place says nothing here: the garment stands left of the detail in one entry, right in the other."""
    grey, red, white = (190, 190, 190), (160, 30, 30), (240, 230, 210)
    cut, backdrop = Tones(main=red, border=red, plain=0.5), Tones(main=red, border=grey, plain=0.98)

    def page(number: int, first: Tones, second: Tones):
        return make_page(
            number,
            [
                text_line(f"{number}　折枝牡丹纹", 60, 60, 16),
                text_line("图：红地折枝牡丹纹锦袍", 60, 620, 10),
                text_line("私人收藏", 60, 636, 9),
                *paragraph(BODY, 60, 660, 400),
            ],
            [
                replace(picture(100, 90, 480, 460), tones=Tones(main=red, border=white, plain=0.9)),
                replace(picture(100, 480, 230, 600), tones=first),
                replace(picture(250, 480, 380, 600), tones=second),
            ],
        )

    found = align_book([page(1, backdrop, cut), page(2, cut, backdrop)], "silk")
    assert at(found, 100, 480, 1).kind == at(found, 250, 480, 2).kind == "textile"
    assert at(found, 250, 480, 1).kind == at(found, 100, 480, 2).kind == "cropped_pattern"


@pytest.mark.parametrize("blank", [" ", "", "."])
def test_places_are_read_behind_a_number_whose_blank_ocr_dropped(blank):
    lines = [text_line(f"图1.2{blank}左图：对鸟纹锦，右图：联珠纹锦", 60, 310)]
    found = align_book([make_page(1, lines, [picture(60, 100, 200, 300), picture(210, 100, 350, 300)])])
    assert [at(found, x, 100).title for x in (60, 210)] == ["对鸟纹锦", "联珠纹锦"]


def test_a_list_set_as_one_text_names_all_pictures_of_the_page():
    boxes = [
        (60, 90, 280, 230),
        (300, 90, 520, 230),
        (60, 250, 200, 400),
        (220, 250, 360, 400),
        (380, 250, 520, 400),
    ]
    names = ["莲花纹锦，明代", "对鸟纹绫，唐代", "云气纹罗，汉代", "龟背纹绢，宋代", "方胜纹纱，清代"]
    lines = [text_line(str(n), box[0] + 4, box[1] + 4, 8) for n, box in enumerate(boxes, 1)]
    lines += [text_line("一　重复", 60, 60, 15)]
    words = "　".join(f"{n} {name}" for n, name in enumerate(names, 1))
    lines += [
        text_line(words[:48], 60, 410, 9),
        text_line(words[48:], 60, 424, 9),
        *paragraph(BODY * 8, 60, 470, 460),
    ]
    pairs = align_book([make_page(1, lines, [picture(*box) for box in boxes])]).pairs
    assert [p.description for p in pairs] == names


def test_captions_of_two_places_stand_beside_the_lower_picture():
    pictures = [picture(60, 60, 270, 240), picture(290, 60, 520, 240)]
    pictures += [picture(60, 370, 370, 520), picture(60, 530, 370, 680)]
    lines = [
        text_line("（左）莲花纹锦，明代　（右）对鸟纹绫，唐代", 60, 250, 9),
        text_line("上图：六臂观音，北魏第二七五", 384, 590, 9),
        text_line("窟正壁", 384, 603, 9),
        text_line("下图：散花飞天，盛唐第三〇三", 384, 617, 9),
        text_line("窟西壁", 384, 630, 9),
    ]
    pairs = align_book([make_page(1, lines, pictures)]).pairs
    assert [p.title for p in pairs] == ["莲花纹锦", "对鸟纹绫", "六臂观音", "散花飞天"]


def test_a_caption_in_two_languages_is_one():
    lines = [
        text_line("图三　束综", 60, 410, 8),
        text_line("Fig. 3　Reconstructed figure harness", 60, 421, 8),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(60, 200, 300, 404)])]).pairs
    assert pair.title == "束综" and "harness" in pair.caption


def test_a_list_with_badges_on_the_facing_page_is_not_the_entrys():
    """Silk on a sheet of two pages: the pattern and its text at the left, a keyed group at the right."""
    pages = []
    for n, title in enumerate(("翼马狮子纹", "对鸟团窠纹", "缠枝莲花纹"), 11):
        lines = [text_line(f"{n}  {title}", 80, 500, 15), *paragraph(BODY * 2, 60, 560, 460)]
        pictures = [picture(60, 68, 560, 488)]
        if n == 12:
            boxes = [(640, 68, 880, 268), (895, 68, 1165, 268), (640, 280, 1165, 440)]
            pictures += [picture(*box) for box in boxes]
            # At the edge of the page, where folios stand.
            lines += [
                text_line(str(k), box[2] - 10, box[3] - 14, 8)
                for k, box in zip((2, 1, 3), boxes, strict=True)
            ]
            names = ("鸟兽纹毯", "平纹经锦", "灯树纹锦")
            lines += [text_line(f"{k}. {name}，唐", 620, 600 + 13 * k, 8) for k, name in enumerate(names, 1)]
        pages.append(make_page(n, lines, pictures, size=(1190, 808)))
    pairs = [p for p in align_book(pages, "silk").pairs if p.page == 12]
    assert [p.title for p in pairs] == ["对鸟团窠纹", "平纹经锦", "鸟兽纹毯", "灯树纹锦"]


def test_details_have_the_sentences_beside_them_each_its_own():
    entries = []
    for n, title in enumerate(("梅瓶", "圆盒", "带钩"), 1):
        lines = [text_line(f"{n} 青花{title}", 62, 71, 15), *paragraph(BODY * 2, 310, 172, 240, 9.5)]
        lines += [text_line("肩部云纹局部", 70, 576, 8), text_line("底足局部图", 312, 576, 8)]
        pictures = [picture(62, 118, 292, 448), picture(132, 473, 282, 583), picture(362, 473, 512, 583)]
        entries.append(make_page(n, lines, pictures))
    pairs = align_book(entries, "silk").pairs
    assert [p.title for p in pairs[:3]] == ["青花梅瓶", "肩部云纹局部", "底足局部图"]


def test_the_third_picture_of_a_row_joins_though_a_running_head_is_near():
    caption = text_line("图3　演变：（a）对鸭纹；（b）对鹿纹；（c）立凤纹", 160, 237, 8)
    row = [picture(62, 77, 212, 227), picture(223, 77, 373, 227), picture(383, 77, 533, 227)]
    lines = [text_line("第三期", 440, 66, 8), caption, *paragraph(BODY * 6, 62, 270, 470)]
    assert [p.title for p in align_book([make_page(1, lines, row)]).pairs] == ["对鸭纹", "对鹿纹", "立凤纹"]
