"""Designs of whole books: columns side by side, bound on the right, captions over the page, parts behind."""

from dataclasses import replace

import pytest
from page_making import A4, column, make_page, paragraph, picture, text_line

from alignment.folds import find_folds
from alignment.pairing import align_book
from extractors.records import TextLine

PATTERN = "此纹样以缠枝为骨架枝叶舒展花头饱满，配色沉稳而富于变化，是当时织造技艺的代表作品之一。"
PIECE = "裙作百褶，腰头绿绢，系带已失。腰内残存纸质衬样一角，上面墨书尺寸，是裁缝留下的底单。"
NOTE = "窟内此铺保存较好，设色以石绿与土红为主，线条细劲，是这一时期的代表，近年重新清洗过。"
SQUARE = (630.0, 630.0)
LANDSCAPE = (842.0, 595.0)


def entry(number: int, title: str, x: float, y: float) -> list[TextLine]:
    """The number in large type with the title under it."""
    return [text_line(f"{number:02d}", x, y, 38), text_line(title, x, y + 44, 16, bold=True)]


def photo_lines(name: str, x: float, y: float) -> list[TextLine]:
    return [
        text_line(f"图：{name}", x, y, 10.5, bold=True),
        text_line("明　长 112 厘米　民俗博物馆", x, y + 18, 8.6),
        *paragraph(PIECE, x, y + 34, 240),
    ]


def test_the_first_entrys_plate_left_of_its_text_is_none_of_the_preface():
    preface = [text_line("序", 68, 60, 20), *paragraph(PATTERN * 4, 68, 110, 480)]
    pages = [make_page(1, preface, size=SQUARE)]
    for n, title in enumerate(("团窠蛱蝶纹", "缠枝榴花纹"), 1):
        lines = [*entry(n, title, 342, 47), *paragraph(PATTERN, 342, 130, 250)]
        lines += photo_lines(f"{title}锦裙", 342, 424)
        pages.append(
            make_page(n + 1, lines, [picture(0, 0, 315, 630), picture(342, 248, 567, 412)], size=SQUARE)
        )
    pairs = align_book(pages, "silk").pairs
    assert [(p.page, p.kind) for p in pairs] == [(n, k) for n in (2, 3) for k in ("pattern", "textile")]
    assert [p.description for p in pairs if p.kind == "pattern"] == [PATTERN] * 2
    assert all(PIECE in p.description for p in pairs if p.kind == "textile")


def test_pieces_shown_by_themselves_behind_an_entry_leave_it_its_pictures():
    """They have labels; so has a chapter behind the last entry its heading, and both end the entry."""
    pages = []
    for n, title in enumerate(("团窠蛱蝶纹", "缠枝榴花纹"), 1):
        lines = [*entry(n, title, 342, 47), *paragraph(PATTERN, 342, 130, 250)]
        lines += photo_lines(f"{title}锦裙", 342, 424)
        pages.append(
            make_page(2 * n - 1, lines, [picture(20, 40, 315, 600), picture(342, 248, 567, 412)], size=SQUARE)
        )
        label = [
            text_line(f"彩绘漆奁{'甲乙'[n - 1]}", 285, 64, 13),
            text_line("西汉　高 21 厘米", 285, 85, 8.6),
            *paragraph(NOTE, 285, 110, 290),
        ]
        pages.append(make_page(2 * n, label, [picture(52, 52, 214, 278)], size=SQUARE))
    pages.append(
        make_page(5, [text_line("修复手记", 68, 60, 20), *paragraph(PATTERN * 5, 68, 110, 480)], size=SQUARE)
    )
    pairs = align_book(pages, "silk").pairs
    assert [p.kind for p in pairs if p.page in (1, 3)] == ["pattern", "textile"] * 2
    assert [p.title for p in pairs if p.page in (2, 4)] == ["彩绘漆奁甲", "彩绘漆奁乙"]
    assert not any("修复手记" in p.description or "修复手记" in p.title for p in pairs)


def test_a_column_of_pictures_before_the_headings_column_is_the_headings():
    """Details with their sentences stand left, the heading level with the pattern over them."""
    details = ["鸾首：长眉下垂，喙作钩形。", "花心：蕊分九点。", "尾羽与云气交接的地方。"]
    pages = []
    for n, title in enumerate(("落花流水纹", "鸾鸟穿花纹"), 1):
        lines = [*entry(n, title, 450, 49), *paragraph(PATTERN, 450, 132, 190)]
        pictures = [picture(50, 60, 420, 445)]
        if n == 2:
            lines += photo_lines("黄地鸾鸟纹织金绢", 450, 332)
            pictures.append(picture(450, 191, 640, 316))
            for k, words in enumerate(details):
                pictures.append(picture(50 + 130 * k, 480, 160 + 130 * k, 590))
                lines.append(text_line(words, 50 + 130 * k, 597, 8.5))
        pages.append(make_page(n, lines, pictures, size=(690.0, 690.0)))
    pairs = align_book(pages, "silk").pairs
    (pattern,) = (p for p in pairs if p.page == 2 and p.kind == "pattern")
    assert pattern.box == (50, 60, 420, 445) and pattern.title == "鸾鸟穿花纹"
    assert [p.description for p in pairs if p.kind == "cropped_pattern"] == details


def test_a_paragraph_that_measures_something_is_no_label():
    lines = [
        *paragraph(PATTERN, 398, 147, 180),
        text_line("复原取自裙身整幅，循环宽约九厘米。", 398, 208, 10),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(45, 142, 375, 390)])], "silk").pairs
    assert not pair.rule.startswith("caption:label")


def test_a_plate_with_a_mere_number_is_captioned_as_its_note_is_headed():
    pages = [
        make_page(n, [text_line(f"图版{'一二三'[n - 1]}", 250, 700, 9)], [picture(60, 60, 530, 680)])
        for n in (1, 2, 3)
    ]
    titles = ("团窠莲花纹对襟长衣", "联珠对鸟纹锦袍", "缠枝牡丹纹织金裙")
    notes = [
        [
            text_line(f"图版{'一二三'[n]}　{title}", 60, 80 + 110 * n, 11),
            *paragraph(NOTE, 60, 100 + 110 * n, 470),
        ]
        for n, title in enumerate(titles)
    ]
    pages.append(make_page(4, [line for note in notes for line in note]))
    assert [p.caption for p in align_book(pages).pairs] == [
        f"图版{n}　{title}" for n, title in zip("一二三", titles, strict=True)
    ]


@pytest.mark.parametrize("parted", [False, True])
def test_a_caption_that_names_the_page_before_has_the_plates_note(parted: bool):
    """前页图： may stand on a line of its own, over the plate's number and title."""
    pages, notes = [], []
    for n, title in enumerate(("弥勒三会", "地藏菩萨", "散花飞天")):
        number = "一二三"[n]
        pages.append(make_page(2 * n + 1, [], [picture(0, 0, *LANDSCAPE)], size=LANDSCAPE))
        words = f"{number}　{title}　中唐　第二五窟"
        head = [text_line("前页图：", 60, 513, 8), text_line(words, 60, 527, 10)]
        shown = head if parted else [text_line(f"（前页）{words}", 60, 527, 10)]
        pages.append(
            make_page(
                2 * n + 2,
                [
                    *shown,
                    text_line(f"{'四五六'[n]}　立像　中唐", 440, 545, 10),
                    text_line(str(2 * n + 54), 30, 571, 8),
                ],
                [picture(440, 40, 744, 530)],
                size=LANDSCAPE,
            )
        )
        notes += [
            text_line(f"{number}　{title}", 60, 60 + 90 * n, 10, bold=True),
            *paragraph(NOTE[n:], 60, 78 + 90 * n, 330),
        ]
    pages.append(make_page(7, notes, size=LANDSCAPE))
    plates = [p for p in align_book(pages, "dunhuang").pairs if p.page % 2]
    assert [p.title for p in plates] == ["弥勒三会", "地藏菩萨", "散花飞天"]
    assert [p.description for p in plates] == [NOTE[n:] for n in range(3)]
    assert all("第二五窟" in p.caption for p in plates)


def test_digits_that_stand_one_below_the_other_are_a_folio():
    """Of vertical running heads, two digits turned upright come as pieces."""
    pages = [
        make_page(
            n,
            [column("壁上千年", 23, 22, 8), text_line(" ".join(str(n)), 23, 77, 8)],
            [picture(112, 75, 650, 495)],
            size=LANDSCAPE,
        )
        for n in range(9, 13)
    ]
    assert all(p.caption == "" for p in align_book(pages, "dunhuang").pairs)


@pytest.mark.parametrize("step", [1, 2])
def test_folios_tell_wide_pages_from_sheets_of_two(step: int):
    pages = [
        make_page(n, [text_line(f"壁画集　{10 + step * n}", 700, 570, 8)], size=LANDSCAPE)
        for n in range(1, 6)
    ]
    assert {fold is None for fold in find_folds(pages)} == {step == 1}
    upright = [replace(page, width=A4[0], height=A4[1]) for page in pages]
    assert set(find_folds(upright)) == {None}
