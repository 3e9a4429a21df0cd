"""Designs of whole books: columns side by side, bound on the right, captions over the page, parts behind."""

from dataclasses import replace

import pytest
from page_making import A4, column, make_page, paragraph, picture, text_line

from alignment.folds import find_folds
from alignment.labels import find_labels
from alignment.pairing import align_book
from alignment.regions import make_block
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
    """Its first line is full and goes on; a label's title is a line of its own."""
    paragraph_lines = [text_line(PATTERN[i : i + 18], 398, 147 + 16 * k) for k, i in enumerate((0, 18, 36))]
    title = [text_line("复原图案", 398, 179)]
    size = make_block(1, [text_line("复原取自裙身整幅，循环宽约九厘米。", 398, 205)])
    shown = [picture(45, 142, 375, 390)]
    for head, is_label in ((paragraph_lines, False), (title, True)):
        (found,) = find_labels([([make_block(1, head), size], ["body", "body"], shown, frozenset())])
        assert bool(found) == is_label


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


def test_a_typescript_set_wide_has_paragraphs_and_a_caption_with_its_legend():
    """One pitch throughout, whatever the size: a line and a half of white between the lines."""
    rows = [text_line(PATTERN[:24], 90, 420 + 23.4 * k, 10.4) for k in range(8)]
    legend = ["图1　成虫外部形态", "a.前缘；b.外缘；c.后缘；d.顶角", "1.基线；2.内横线；3.外横线"]
    lines = [text_line(words, 150, 313 + 23.4 * k, 9) for k, words in enumerate(legend)]
    (pair,) = align_book([make_page(1, [*lines, *rows], [picture(130, 77, 465, 301)])]).pairs
    assert all(words in pair.caption for words in legend)
    assert PATTERN[:24] not in pair.caption


def test_captions_below_each_other_at_a_wide_pitch_stay_apart():
    names = ["图1　莲花", "图2　飞天", "图3　藻井"]
    rows = [text_line(PATTERN[:24], 90, 520 + 23.4 * k, 10.4) for k in range(8)]
    lines = [text_line(words, 300, 80 + 120 * k, 9) for k, words in enumerate(names)]
    pictures = [picture(90, 60 + 120 * k, 280, 160 + 120 * k) for k in range(3)]
    pairs = align_book([make_page(1, [*lines, *rows], pictures)]).pairs
    assert [p.caption for p in pairs] == names


@pytest.mark.parametrize(("size", "is_figure"), [(14.0, False), (9.0, True)])
def test_a_long_low_picture_filled_by_a_heading_is_a_bar(size: float, is_figure: bool):
    """A scroll with a seal's words in it is a figure: no large type fills it."""
    lines = [text_line("欣赏与感知", 109, 117, size), *paragraph(PATTERN * 4, 65, 200, 470)]
    pairs = align_book([make_page(1, lines, [picture(68, 100, 605, 134)])]).pairs
    assert bool(pairs) == is_figure


def test_a_plates_number_over_it_and_its_words_under_it_are_one_caption():
    lines = [
        text_line("图版二", 275, 60, 13),
        text_line("三号墓封石清理后的情形（由南向北摄）", 207, 517, 10),
        *paragraph(PATTERN * 3, 60, 600, 470),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(92, 94, 503, 505)])]).pairs
    assert pair.caption == "图版二　三号墓封石清理后的情形（由南向北摄）"


@pytest.mark.parametrize("is_column", [False, True])
def test_a_blank_that_ocr_reads_as_the_lines_end_parts_fields_but_no_columns(is_column: bool):
    def read(text: str, x: float, y: float) -> TextLine:
        return replace(text_line(text, x, y, 11), source="ocr", confidence=0.97)

    lines = [read("8　乱针绣《大丽花》", 150, 422), read("常州工艺研究所", 270, 422)]
    if is_column:
        lines += [read("针法细密，色彩绚丽", 270, 440), read("丝理随花瓣转折", 270, 458)]
    page = replace(make_page(1, lines, [picture(80, 109, 430, 401)]), source="scan")
    (pair,) = align_book([page]).pairs
    assert ("8　乱针绣《大丽花》　常州工艺研究所" in pair.caption) != is_column


def test_notes_under_bare_numerals_are_those_of_the_plates_on_the_facing_page():
    """廿六 alone, in large type; numerals may be written in another way than in the captions."""
    captions = [("廿八", "飞天与流云"), ("廿九", "说法图"), ("三〇", "莲花藻井"), ("卅一", "山林鹿群")]
    headings = ("廿八", "二九", "卅", "三一")
    pages = []
    for k in (0, 2):
        notes, shown, pictures = [], [], []
        for row in (0, 1):
            number, title = captions[k + row]
            notes += [
                text_line(headings[k + row], 90, 86 + 140 * row, 25),
                *paragraph(NOTE[k + row :], 90, 125 + 140 * row, 460, 12),
            ]
            shown.append(text_line(f"{number}　{title}　北周　第一一七窟", 82, 71 + 398 * row, 11))
            pictures.append(picture(82, 92 + 398 * row, 520, 400 + 398 * row))
        pages += [make_page(k + 1, notes), make_page(k + 2, shown, pictures)]
    pairs = align_book(pages, "dunhuang").pairs
    assert [p.title for p in pairs] == [title for _, title in captions]
    assert [p.description for p in pairs] == [NOTE[k:] for k in range(4)]


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_list_that_tells_of_each_numbered_picture_needs_no_titles(is_whole: bool):
    """One that leaves pictures out counts something else."""
    names = ("团窠鸟", "菱格团花", "龟背石榴", "连环小蝶")
    places = [(96, 94), (294, 94), (96, 315), (294, 315)]
    grid = [
        text_line(f"{n} {name}", x + 60, y + 185, 9.8)
        for n, (name, (x, y)) in enumerate(zip(names, places, strict=True), 1)
    ]
    pictures = [picture(x, y, x + 177, y + 178) for x, y in places]
    told = [
        line
        for n in range(1, 5 if is_whole else 4)
        for line in paragraph(f"{n} {NOTE[n:]}", 96, 60 + 50 * n, 390)
    ]
    pairs = align_book(
        [make_page(1, grid, pictures, size=(567, 596)), make_page(2, told, size=(567, 596))]
    ).pairs
    assert [p.title for p in pairs] == list(names)
    assert [p.description.startswith(NOTE[n : n + 9]) for n, p in enumerate(pairs, 1)] == [is_whole] * 4


def test_a_photograph_under_its_line_has_the_paragraph_below_it():
    """Entries without numbers, in a column beside the pictures; one shows a pattern alone."""
    pages = [make_page(1, [text_line("说样", 45, 86, 20), *paragraph(PATTERN * 4, 45, 139, 500)])]
    for n, title in enumerate(("团窠立鹿纹", "缠枝石榴纹", "龟背瑞莲纹"), 2):
        lines = [text_line(title, 45, 84, 20), *paragraph(PATTERN, 45, 137, 180, 11)]
        pictures = [picture(260, 66, 550, 314)]
        if n < 4:
            lines += [
                text_line(f"图：红地{title}锦褥面", 260, 331, 10.5),
                text_line("（越州织绣陈列馆藏）", 260, 345, 9.8),
                *paragraph(PIECE, 260, 535, 290),
            ]
            pictures.append(picture(260, 368, 550, 524))
        pages.append(make_page(n, lines, pictures))
    pairs = align_book(pages, "silk").pairs
    assert [p.kind for p in pairs] == ["pattern", "textile", "pattern", "textile", "pattern"]
    assert all(p.description.endswith(PIECE) and "锦褥面" in p.caption for p in pairs if p.kind == "textile")
