"""Groups of pictures: what is printed for all of them in one place, or for each with less than its number."""

from __future__ import annotations

from page_making import boxes_close, make_page, paragraph, picture, text_line

from alignment.pairing import align_book

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"
NAMES = ("莲花纹锦", "对鸟纹绫", "菱格纹罗", "云气纹锦")


def pair_page(lines, pictures):
    return align_book([make_page(1, lines, pictures)]).pairs


def test_numbered_captions_pooled_at_the_foot_go_in_order():
    """图12 to 图15 stand one under the other, far from the pictures and nearest to the last."""
    grid = [
        picture(60 + 240 * (k % 2), 60 + 240 * (k // 2), 290 + 240 * (k % 2), 290 + 240 * (k // 2))
        for k in range(4)
    ]
    captions = [text_line(f"图{12 + k}　{name}", 60, 570 + 14 * k, 8) for k, name in enumerate(NAMES)]
    found = pair_page(captions, grid)
    assert [p.title for p in found] == list(NAMES)
    assert all(boxes_close(p.box, q.box) for p, q in zip(found, grid, strict=True))


def test_one_text_without_a_mark_under_a_row_is_of_the_row():
    row = [picture(60 + 120 * k, 100, 170 + 120 * k, 220) for k in range(4)]
    lines = [text_line("各式织锦数种，唐代", 240, 226, 8), paragraph(BODY * 3, 60, 300, 470)]
    (pair,) = pair_page(lines, row)
    assert boxes_close(pair.box, (60, 100, 530, 220))


def test_a_text_under_one_picture_of_a_row_is_its_own():
    row = [picture(60 + 120 * k, 100, 170 + 120 * k, 220) for k in range(4)]
    lines = [text_line("织锦，唐代", 75, 226, 8), paragraph(BODY * 3, 60, 300, 470)]
    assert [bool(p.caption) for p in pair_page(lines, row)] == [True, False, False, False]


def test_rows_of_other_numbers_are_of_one_figure():
    """Two over three, with digits under each and words for each in the caption."""
    upper = [picture(120 + 140 * k, 100, 250 + 140 * k, 200) for k in range(2)]
    lower = [picture(50 + 140 * k, 220, 180 + 140 * k, 300) for k in range(3)]
    digits = [
        text_line(str(k + 1), (p.box[0] + p.box[2]) / 2, p.box[3] + 2, 8)
        for k, p in enumerate([*upper, *lower])
    ]
    words = "　".join(f"{k}. {name}" for k, name in enumerate([*NAMES, "方胜纹纱"], 1))
    lines = [*digits, text_line("图6　织物纹样", 230, 316, 9), text_line(words, 80, 330, 8)]
    assert [p.title for p in pair_page(lines, [*upper, *lower])] == [*NAMES, "方胜纹纱"]


def test_a_plates_own_number_is_of_none_of_its_pictures():
    """图版二十一 stands at the first picture, which has 1. under it as the second has 2."""
    pages = [
        make_page(
            n,
            [
                text_line(f"图版二十{'一二三'[n - 1]}", 420, 44, 10),
                text_line(f"1. {NAMES[n]}", 200, 324, 9),
                text_line(f"2. {NAMES[n - 1]}", 200, 624, 9),
            ],
            [picture(70, 60, 470, 320), picture(70, 360, 470, 620)],
        )
        for n in (1, 2, 3)
    ]
    titles = [p.title for p in align_book(pages).pairs]
    assert titles == [NAMES[1], NAMES[0], NAMES[2], NAMES[1], NAMES[3], NAMES[2]]


def test_a_list_in_two_columns_under_its_pictures():
    """1 to 3 stand beside 4 to 6; the plate's number stands nearer to the pictures than either."""
    grid = [
        picture(60 + 226 * (k % 2), 60 + 156 * (k // 2), 280 + 226 * (k % 2), 210 + 156 * (k // 2))
        for k in range(6)
    ]
    names = [*NAMES, "方胜纹纱", "龟背纹绢"]
    lines = [text_line("图版三　出土织物", 250, 530, 10)]
    lines += [
        text_line(f"{k + 1}. {name}", 60 + 226 * (k // 3), 550 + 13 * (k % 3), 8)
        for k, name in enumerate(names)
    ]
    assert [p.title for p in pair_page(lines, grid)] == names


def test_a_place_is_said_among_the_pictures_of_its_group():
    """上 and 下 beside two pictures that stand close; a third, far below them, is no lower one."""
    lines = [
        text_line("上：莲花纹锦", 312, 190, 8),
        text_line("下：对鸟纹绫", 312, 220, 8),
        text_line("▲菱格纹罗", 60, 604, 8),
    ]
    pictures = [picture(42, 64, 300, 206), picture(42, 214, 300, 356), picture(42, 430, 300, 597)]
    assert [p.title for p in pair_page(lines, pictures)] == list(NAMES[:3])


def test_numbers_at_the_edges_of_pictures_key_a_list_elsewhere():
    """Digits under three pictures in no order, labels with the numbers in the outer column."""
    pictures = [picture(50, 60, 280, 360), picture(300, 60, 450, 280), picture(120, 400, 400, 660)]
    numbers = (2, 3, 1)
    lines = [text_line(str(n), p.box[0], p.box[3] + 3, 7) for n, p in zip(numbers, pictures, strict=True)]
    for n in (1, 2, 3):
        top = 60 + 80 * n
        lines += [text_line(f"{n}　{NAMES[n]}", 470, top, 8), text_line("唐代", 470, top + 13, 8)]
    found = {p.box[:2]: p.title for p in pair_page(lines, pictures)}
    assert found == {p.box[:2]: NAMES[n] for n, p in zip(numbers, pictures, strict=True)}


def test_a_row_of_picture_name_and_words_without_rules():
    pictures = [picture(60, 80 + 130 * k, 170, 180 + 130 * k) for k in range(4)]
    lines = []
    for k, name in enumerate(NAMES):
        top = 82 + 130 * k
        lines += [text_line(name, 190, top, 9), *paragraph(BODY[k:], 300, top, 220, 9)]
    found = pair_page(lines, pictures)
    assert [p.title for p in found] == list(NAMES)
    assert [p.description for p in found] == [BODY[k:] for k in range(4)]


def test_a_list_by_page_numbers():
    """Pictures fill their pages; on the last stands what is on page 11, 12 … as the book counts them."""
    pages = [
        make_page(n, [text_line(str(n + 10), 290, 800, 9)], [picture(60, 60, 535, 780)]) for n in range(1, 5)
    ]
    items = [text_line(f"第{k + 11}页　{name}", 60, 80 + 16 * k, 10) for k, name in enumerate(NAMES)]
    found = align_book([*pages, make_page(5, [text_line("图片说明", 60, 50, 15), *items])]).pairs
    assert [(p.page, p.title) for p in found] == [(k + 1, name) for k, name in enumerate(NAMES)]
    assert {p.rule for p in found} == {"caption:page-list"}


def test_a_figure_ends_at_its_caption_and_a_section_is_no_label_of_one():
    """Two pictures over 图7, three over 图8, and beside them the next section, lines like a label's."""
    upper = [picture(62, 132, 145, 196), picture(155, 132, 238, 196)]
    lower = [picture(62, 240, 150, 430), picture(160, 240, 248, 430), picture(258, 240, 346, 430)]
    lines = [
        text_line("图7　菱格纹绮残片", 90, 202, 9),
        text_line("图8　陶俑　（左）女侍俑　（中）文吏俑　（右）男侍俑", 62, 436, 9),
        text_line("三、残锦与袍服", 380, 250, 13, bold=True),
        text_line("唐代　高三十一厘米", 380, 274, 9),
        *paragraph("锦片出于铜镜之下，展开后宽约三十一厘米，残存上下两列联珠圈。", 380, 290, 160),
    ]
    pages = [make_page(1, lines, [*upper, *lower])]
    for n in range(2, 7):
        own = [text_line(f"图{n + 7}　铜镜", 60, 405, 9)]
        pages.append(make_page(n, own, [picture(60, 60, 350, 400)]))
    told = {p.caption: p for p in align_book(pages).pairs if p.page == 1}
    assert [w for w in told if "残锦" in w] == []
    assert sorted(told) == ["中：文吏俑", "右：男侍俑", "图7　菱格纹绮残片", "左：女侍俑"]
    assert told["图7　菱格纹绮残片"].box == (62, 132, 238, 196)
