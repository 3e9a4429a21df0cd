"""Whose text is whose, on pages made by hand: each layout once, with the trap that goes with it."""

from dataclasses import replace

import pytest
from page_making import boxes_close, make_page, paragraph, picture, text_line

from alignment.pairing import align_book

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"


def by_box(alignment, *box):
    return next(p for p in alignment.pairs if boxes_close(p.box, box))


def test_numbered_caption_below_and_body_text_that_cites_it():
    page = make_page(
        1,
        [
            paragraph("如图1所示，" + BODY * 2, 70, 80, 450),
            text_line("图1 缠枝莲纹锦，唐代", 220, 415, 9),
            paragraph(BODY * 3, 70, 450, 450),
        ],
        [picture(150, 200, 450, 400)],
    )
    (pair,) = align_book([page]).pairs
    assert pair.caption == "图1 缠枝莲纹锦，唐代"
    assert (pair.title, pair.description) == ("缠枝莲纹锦", "缠枝莲纹锦，唐代")
    assert pair.rule == "caption:figure:below"
    assert pair.score > 0.9


def test_caption_lines_are_joined_and_body_is_left_out():
    page = make_page(
        1,
        [
            text_line("图1 缠枝莲纹锦，唐代，长三十厘米", 150, 415, 9),
            text_line("现藏于某处", 150, 428, 9),
            paragraph(BODY * 3, 70, 470, 450),
        ],
        [picture(150, 200, 450, 400)],
    )
    (pair,) = align_book([page]).pairs
    assert pair.caption == "图1 缠枝莲纹锦，唐代，长三十厘米现藏于某处"


def test_two_columns_keep_their_captions():
    page = make_page(
        1,
        [text_line("图1 甲纹样", 110, 310, 9), text_line("图2 乙纹样", 380, 310, 9)],
        [picture(60, 100, 280, 300), picture(320, 100, 540, 300)],
    )
    found = align_book([page])
    assert by_box(found, 60, 100, 280, 300).title == "甲纹样"
    assert by_box(found, 320, 100, 540, 300).title == "乙纹样"


def test_book_that_sets_captions_above_is_learned():
    pages = []
    for n in range(1, 5):
        # Between two pictures the caption is as near to the upper as to the lower one.
        lines = [text_line(f"图{2 * n - 1} 甲{n}", 200, 85, 9), text_line(f"图{2 * n} 乙{n}", 200, 405, 9)]
        pages.append(make_page(n, lines, [picture(150, 100, 450, 398), picture(150, 420, 450, 700)]))
    found = align_book(pages)
    assert {p.rule for p in found.pairs} == {"caption:figure:above"}


def test_panels_under_one_caption_are_one_figure():
    page = make_page(
        1,
        [text_line("图3 四种团窠", 250, 420, 9)],
        [
            picture(100, 100, 290, 240),
            picture(300, 100, 490, 240),
            picture(100, 250, 290, 400),
            picture(300, 250, 490, 400),
        ],
    )
    (pair,) = align_book([page]).pairs
    assert boxes_close(pair.box, (100, 100, 490, 400))
    assert len(pair.parts) == 4


def test_row_whose_caption_speaks_of_left_and_right_is_split():
    page = make_page(
        1,
        [text_line("图4 左：莲花；右：牡丹", 230, 310, 9)],
        [picture(100, 100, 290, 300), picture(300, 100, 490, 300)],
    )
    found = align_book([page])
    assert by_box(found, 100, 100, 290, 300).description == "莲花"
    assert by_box(found, 300, 100, 490, 300).description == "牡丹"
    assert len({p.entry_id for p in found.pairs}) == 1


def test_pooled_list_goes_to_the_pictures_in_order():
    page = make_page(
        1,
        [
            text_line("2 甲景", 320, 300, 8),
            text_line("3 乙景", 320, 311, 8),
            text_line("4 丙景", 320, 322, 8),
            paragraph(BODY * 4, 320, 360, 220, 10),
        ],
        [picture(60, 80, 280, 270), picture(60, 290, 280, 480), picture(320, 80, 540, 290)],
    )
    found = align_book([page])
    assert by_box(found, 60, 80, 280, 270).description == "甲景"
    assert by_box(found, 60, 290, 280, 480).description == "乙景"
    assert by_box(found, 320, 80, 540, 290).description == "丙景"


def silk_entry(number, title, page_number, *, with_own=False):
    lines = [
        text_line(f"{number}  {title}", 60, 60, 16, bold=True),
        paragraph("纹样" + BODY * 2, 60, 420, 470),
        text_line(f"图：妆金{title}袍", 60, 700, 10),
        text_line("私人收藏", 60, 718, 10),
        paragraph("袍服" + BODY * 2, 60, 740, 470),
    ]
    if with_own:
        lines.append(text_line("局部的花心", 70, 672, 8))
    pictures = [picture(100, 90, 480, 400), picture(60, 520, 200, 668), picture(260, 520, 420, 668)]
    return make_page(page_number, lines, pictures)


def test_silk_entry_gives_each_figure_its_own_texts():
    found = align_book(
        [silk_entry(10, "团窠对鹿纹", 1, with_own=True), silk_entry(11, "缠枝牡丹纹", 2)], "silk"
    )
    pattern = by_box(found, 100, 90, 480, 400)
    assert (pattern.kind, pattern.title) == ("pattern", "团窠对鹿纹")
    assert pattern.description.startswith("纹样") and "袍服" not in pattern.description
    textile = by_box(found, 260, 520, 420, 668)
    assert (textile.kind, textile.caption) == ("textile", "图：妆金团窠对鹿纹袍　私人收藏")
    assert textile.description.startswith("袍服")
    detail = by_box(found, 60, 520, 200, 668)
    assert (detail.kind, detail.description) == ("cropped_pattern", "局部的花心")
    assert len({p.entry_id for p in found.pairs if p.page == 1}) == 1


def test_single_figure_has_all_texts_of_its_entry():
    page = make_page(
        1,
        [
            text_line("7  云鹤纹", 60, 60, 16),
            text_line("图：云鹤纹缎", 60, 520, 10),
            text_line("私人收藏", 60, 538, 10),
            paragraph(BODY * 3, 60, 560, 470),
        ],
        [picture(100, 90, 480, 500)],
    )
    (pair,) = align_book([page], "silk").pairs
    assert pair.rule == "entry:single-figure"
    assert "图：云鹤纹缎" in pair.caption and "私人收藏" in pair.caption
    assert BODY in pair.description.replace("\n", "")


def test_shared_paragraphs_are_said_to_be_shared():
    lines = [
        text_line("7  云鹤纹", 60, 60, 16),
        text_line("图：云鹤纹缎", 60, 640, 10),
        paragraph(BODY * 3, 60, 670, 470),
    ]
    page = make_page(1, lines, [picture(100, 90, 480, 400), picture(100, 420, 300, 620)])
    found = align_book([page], "silk")
    assert by_box(found, 100, 90, 480, 400).rule == "entry:heading+shared-paragraphs"


def plate(number, label, title, *, caption_at_foot=True):
    lines = [text_line(f"{label}　{title}　盛唐　第四五窟北壁", 180, 770, 9)] if caption_at_foot else []
    return make_page(number, lines, [picture(60, 60, 535, 750)])


def notes_page(number, notes):
    lines = []
    for i, (label, title, text) in enumerate(notes):
        x, y = (60, 80 + 250 * i) if i < 2 else (320, 80 + 250 * (i - 2))
        lines.append(text_line(f"{label}　{title}", x, y, 9))
        lines += paragraph(text, x, y + 16, 220, 9)
    return make_page(number, lines)


def test_notes_at_the_back_join_their_plates_by_number():
    pages = [plate(1, "一", "飞天"), plate(2, "二", "说法图"), plate(3, "三", "藻井")]
    notes = [
        ("一", "飞天", "飞天二身" + BODY),
        ("二", "说法图", "佛居中" + BODY),
        ("三", "藻井", "井心" + BODY),
    ]
    found = align_book([*pages, notes_page(9, notes)], "dunhuang")
    assert [p.kind for p in found.pairs] == ["mural"] * 3
    assert [p.title for p in found.pairs] == ["飞天", "说法图", "藻井"]
    for pair, begins in zip(found.pairs, ["飞天二身", "佛居中", "井心"], strict=True):
        assert pair.description.startswith(begins)
        assert "+note" in pair.rule and 9 in {t.page for t in pair.texts}


def test_a_section_numbered_like_a_note_is_none():
    section = [text_line("三　设色", 60, 80, 16), *paragraph("此处泛论敷彩之法。" * 40, 60, 110, 460)]
    pages = [make_page(1, section), plate(2, "一", "飞天"), plate(3, "二", "说法图"), plate(4, "三", "藻井")]
    notes = [("一", "飞天", BODY), ("二", "说法图", BODY), ("三", "藻井", "井心" + BODY)]
    found = align_book([*pages, notes_page(9, notes)], "dunhuang")
    assert found.pairs[2].description.startswith("井心")
    assert "敷彩" not in "".join(p.description for p in found.pairs)


def test_broken_word_of_a_place_goes_on_in_the_next_line():
    lines = [text_line("图四　上图：缠枝莲纹　下", 320, 400, 9), text_line("图：团窠对鸟纹", 320, 414, 9)]
    page = make_page(1, lines, [picture(60, 80, 300, 240), picture(60, 250, 300, 424)])
    assert [p.caption for p in align_book([page]).pairs] == ["上：缠枝莲纹", "下：团窠对鸟纹"]


@pytest.mark.parametrize("on_one_sheet", [False, True])
def test_a_title_without_a_number_at_the_head_of_the_facing_page(on_one_sheet: bool):
    titles, pages = ("双鹿山林", "三兔藻井"), []
    for n, title in enumerate(titles):
        left = 40 + on_one_sheet * 595
        text = [text_line(title, left, 80, 16), *paragraph(BODY * 2, left, 130, 400)]
        plate = picture(60, 60, 540, 780)
        if on_one_sheet:
            pages.append(make_page(n + 1, text, [plate], size=(1190, 842)))
        else:
            pages += [make_page(2 * n + 1, [], [plate]), make_page(2 * n + 2, text)]
    found = align_book(pages).pairs
    assert [p.title for p in found] == list(titles)
    assert all(p.rule == "caption:facing-page" and BODY in p.description for p in found)


def test_a_figure_amid_text_of_its_own_page_is_no_plate_that_the_next_page_describes():
    """An article's sections have titles in large type, at the head of a page too."""
    pages = []
    for n, title in enumerate(("双鹿山林", "三兔藻井")):
        shown = make_page(2 * n + 1, paragraph(BODY * 3, 40, 520, 400), [picture(60, 60, 540, 480)])
        told = [text_line(title, 40, 80, 16), *paragraph(BODY * 2, 40, 130, 400)]
        pages += [shown, make_page(2 * n + 2, told)]
    assert [p.rule for p in align_book(pages).pairs] == ["none:no caption near"] * 2


@pytest.mark.parametrize(
    ("text", "sure", "rule"),
    [
        ("《采莲图》", 0.95, "caption:quoted:inside"),
        # Ornament is read as letters, seldom for sure and never with a caption's mark.
        ("《采莲图》", 0.6, "none"),
        ("采莲图", 0.95, "none"),
    ],
)
def test_a_caption_that_ocr_reads_in_the_pale_frame_of_a_picture(text, sure, rule):
    line = replace(text_line(text, 70, 470, 9), source="ocr", confidence=sure)
    body = [replace(b, source="ocr", confidence=0.99) for b in paragraph(BODY * 3, 60, 520, 400)]
    page = make_page(1, [line, *body], [replace(picture(60, 60, 540, 490), kind="scan")])
    (pair,) = align_book([replace(page, source="scan")]).pairs
    assert pair.rule.startswith(rule)


def test_a_word_on_the_facing_page_does_not_replace_the_note():
    pages = []
    for n, (label, title) in enumerate([("一", "飞天"), ("二", "说法图"), ("三", "藻井")]):
        pages.append(plate(2 * n + 1, label, title, caption_at_foot=False))
        lines = [text_line(f"{label}　{title}　盛唐", 80, 90, 12), text_line("（见左页）", 80, 110, 9)]
        pages.append(make_page(2 * n + 2, lines))
    notes = [
        line
        for n, label in enumerate("一二三")
        for line in paragraph(f"{label}　{BODY[n:]}", 80, 90 + 100 * n, 400)
    ]
    pairs = align_book([*pages, make_page(7, notes)], "dunhuang").pairs
    assert [BODY[n:] in p.description for n, p in enumerate(pairs)] == [True] * 3


def test_one_title_beside_a_picture_heads_a_chapter():
    pages = [
        make_page(1, [], [picture(60, 60, 540, 780)]),
        make_page(2, [text_line("概说", 40, 80, 16), *paragraph(BODY * 2, 40, 130, 400)]),
        make_page(3, paragraph(BODY * 4, 40, 80, 400)),
    ]
    (pair,) = align_book(pages).pairs
    assert pair.title == ""


def test_caption_on_the_facing_page():
    pages = []
    for n, (label, title) in enumerate([("一", "飞天"), ("二", "说法图"), ("三", "藻井")]):
        pages.append(plate(2 * n + 1, label, title, caption_at_foot=False))
        pages.append(
            make_page(
                2 * n + 2,
                [text_line(f"{label}　{title}　盛唐", 80, 90, 12), paragraph(title + BODY * 4, 80, 130, 400)],
            )
        )
    found = align_book(pages, "dunhuang")
    assert [(p.page, p.title) for p in found.pairs] == [(1, "飞天"), (3, "说法图"), (5, "藻井")]
    assert all(p.rule.startswith("caption:facing-page") and BODY in p.description for p in found.pairs)


def test_running_heads_folios_and_ornaments_are_no_texts_and_no_figures():
    pages = [
        make_page(
            n,
            [
                text_line("中国古代丝绸纹样", 250, 30, 9),
                text_line(str(n), 295, 810, 9),
                text_line(f"图{n} 纹样{'甲乙丙丁'[n - 1]}", 250, 415, 9),
            ],
            [picture(150, 100, 450, 400), picture(250, 700, 310, 740, name="vignette")],
        )
        for n in range(1, 5)
    ]
    found = align_book(pages)
    assert len(found.pairs) == 4
    assert all("丝绸" not in p.caption + p.description for p in found.pairs)
    assert len([d for d in found.dropped if "ornament" in d.reason]) == 4


def test_every_picture_is_a_pair_or_dropped_with_a_reason():
    page = make_page(1, [], [picture(100, 100, 300, 300), picture(10, 10, 30, 30)])
    found = align_book([page])
    assert len(found.pairs) + len(found.dropped) == 2
    assert found.pairs[0].rule.startswith("none:") and found.pairs[0].score == 0
    assert all(d.reason for d in found.dropped)


def test_same_pages_same_pairs_and_ids():
    pages = [silk_entry(10, "团窠对鹿纹", 1), silk_entry(11, "缠枝牡丹纹", 2)]
    once, again = align_book(pages, "silk"), align_book(pages, "silk")
    assert once == again
    assert len({p.pair_id for p in once.pairs}) == len(once.pairs)
