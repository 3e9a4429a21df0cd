"""Notes on plates: at the back, on facing pages, in tiers of vertical text; known by number and by title."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import column, make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from extractors.records import Page, TextLine

PLATES = [("一", "飞天", "二身相逐"), ("二", "说法图", "佛居中央"), ("三", "树下观耕", "太子思惟")]
PLATES += [("四", "九色鹿本生", "横卷构图"), ("五", "藻井", "井心莲花")]
WORDS = "衣纹以铁线描出，设色沉厚，变色之后仍可想见当日的明丽，与同窟诸铺壁画出于一手。"


def tier(items: list[tuple[str, str]], right: float, top: float, height: float) -> list[TextLine]:
    """Notes set in columns of `height` points from `right` to the left, each of a heading and a text."""
    per_column = int(height / 10)
    lines, x = [], right
    for head, text in items:
        rows = [text[i : i + per_column] for i in range(0, len(text), per_column)]
        for n, row in enumerate([head, *rows]):
            lines.append(column(row, x, top))
            x -= 26 if n == 0 else 18
        x -= 14
    return lines


def test_notes_in_two_tiers_of_vertical_text_are_read_tier_by_tier():
    plates = [
        make_page(n, [column(f"{key}　{title}　盛唐", 560, 80)], [picture(60, 60, 540, 780)])
        for n, (key, title, _) in enumerate(PLATES, 1)
    ]
    notes = [(f"{key}　{title}", begins + WORDS) for key, title, begins in PLATES]
    # Of unlike lengths, so that gaps of one tier stand over texts of the other.
    notes[1] = (notes[1][0], notes[1][1] + WORDS)
    page = make_page(8, [*tier(notes[:3], 540, 60, 300), *tier(notes[3:], 528, 400, 300)])
    found = align_book([*plates, page], "dunhuang").pairs
    assert [p.description for p in found] == [text for _, text in notes]


def facing_books(captions: list[str], heads: list[str], *, before: bool = False) -> list[Page]:
    """Two plates on a page, their notes on the facing one a detail among them; then another such pair."""
    pages = []
    for n in range(0, 4, 2):
        plates = make_page(
            n + 1 + before,
            [text_line(captions[n], 60, 350, 9), text_line(captions[n + 1], 60, 740, 9)],
            [picture(60, 60, 535, 340), picture(60, 400, 535, 730)],
        )
        texts = [PLATES[k][2] + WORDS for k in (n, n + 1)]
        lines = [
            text_line(heads[n], 90, 90, 11),
            *paragraph(texts[0], 90, 112, 400),
            text_line(f"图版{PLATES[n][0]}局部　手印", 90, 390, 9),
            text_line(heads[n + 1], 90, 440, 11),
            *paragraph(texts[1], 90, 462, 400),
        ]
        notes = make_page(n + 2 - before, lines, [picture(90, 220, 250, 380)])
        pages += [notes, plates] if before else [plates, notes]
    return pages


FORMS = {
    "same": ("{han}　{title}　盛唐　第四五窟", "{han}　{title}"),
    "whole": ("{han}　{title}　盛唐　第四五窟", "{han}　{title}　盛唐　第四五窟"),
    "figure": ("图版{arabic}　{title}", "{arabic}.{title}"),
    "dot": ("{han}　{title}　盛唐", "{han}、{title}"),
    "bracket": ("图版{han}　{title}（局部）　盛唐", "【{han}】{title}"),
    "latin": ("{arabic}　{title}　盛唐", "PL. {arabic}　{title}"),
    "title": ("{han}　{title}　盛唐", "{title}"),
}


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_a_note_repeats_number_and_title_wherever_it_stands(form: str, before: bool):
    at_plate, head = FORMS[form]
    told = [{"han": key, "arabic": n, "title": title} for n, (key, title, _) in enumerate(PLATES, 1)]
    captions = [at_plate.format(**of) for of in told]
    pages = facing_books(captions, [head.format(**of) for of in told], before=before)
    found = align_book(pages, "dunhuang").pairs
    plates = [p for p in found if p.box[2] > 500]
    assert [p.caption for p in plates] == captions[:4]
    assert [p.description for p in plates] == [begins + WORDS for _, _, begins in PLATES[:4]]
    details = [p for p in found if p.box[2] < 500]
    assert [p.caption for p in details] == ["图版一局部　手印", "图版三局部　手印"]
    assert all(WORDS not in p.description for p in details)


def test_a_section_whose_title_begins_like_a_caption_is_no_note():
    lines = [text_line("三　西区", 60, 60, 14), *paragraph(WORDS, 60, 90, 470)]
    sections = make_page(1, lines, [picture(60, 300, 535, 600)])
    plates = make_page(
        2,
        [
            text_line(f"{n}. {words}", 60, 100 + 220 * n, 9)
            for n, words in enumerate(["罐", "壶", "西区墓道与封门砖"], 1)
        ],
        [picture(60, 140 + 220 * n, 300, 310 + 220 * n) for n in range(3)],
    )
    found = align_book([sections, plates]).pairs
    assert all(WORDS not in p.description for p in found if p.page == 2)


def test_a_half_that_is_cut_shorter_has_the_caption_of_both():
    folios = [text_line(str(41 + n), 290, 815, 8) for n in range(5)]
    caption = text_line("二　药师净土变　初唐　第二二〇窟北壁", 330, 790, 9)
    pages = [
        make_page(1, [text_line("一　飞天　盛唐", 60, 760, 9), folios[0]], [picture(60, 60, 535, 750)]),
        make_page(2, [], [picture(0, 0, 595, 842)]),
        make_page(3, [caption], [picture(0, 0, 595, 770)]),
        make_page(4, [], [picture(0, 0, 595, 842)]),
        make_page(5, [folios[4]], []),
    ]
    assert [p.caption[:1] for p in align_book(pages, "dunhuang").pairs] == ["一", "二", "二", ""]
    bare = [replace(page, lines=tuple(ln for ln in page.lines if ln not in folios)) for page in pages]
    assert [p.caption[:1] for p in align_book(bare, "dunhuang").pairs] == ["一", "二", "二", ""]


def plates_at(form: str, *, first: int = 1) -> list[Page]:
    """Five plates, each on a page of its own with a caption at its foot and a folio."""
    pages = []
    for n, (key, title, _) in enumerate(PLATES):
        caption = text_line(form.format(han=f"二{key}", arabic=21 + n, title=title), 280, 782, 9)
        folio = text_line(str(50 + n), 290, 820, 8)
        pages.append(make_page(first + n, [caption, folio], [picture(60, 60, 535, 775)]))
    return pages


def notes_at_the_back(
    heads: str,
    lead: str = "",
    *,
    first: int = 20,
    sizes: tuple[float, ...] = (11, 11),
    illustrated: bool = False,
) -> list[Page]:
    """Notes of these `heads`, lines parted by |, and a text that begins with `lead`, three on a page."""
    pages = []
    for start in (0, 3):
        lines, pictures, y = [], [], 80.0
        for n, (key, title, begins) in list(enumerate(PLATES))[start : start + 3]:
            of = {"han": f"二{key}", "arabic": 21 + n, "title": title}
            for head, size in zip(filter(None, heads.split("|")), sizes, strict=False):
                lines.append(text_line(head.format(**of), 60, y, size))
                y += 1.7 * size
            lines += paragraph(lead.format(**of) + begins + WORDS, 60, y, 470)
            y += 60
            if illustrated:
                pictures.append(picture(60, y, 180, y + 90))
                lines.append(text_line(f"插图{n + 1}　位置", 60, y + 95, 8))
                y += 130
        pages.append(make_page(first + start // 3, lines, pictures))
    return pages


BACK = {
    "dynasty": ("{han}　{title}　盛唐", "{han}　{title}　盛唐", ""),
    "lone numeral": ("{han}　{title}", "{han}|{title}", ""),
    "lone digits": ("{arabic}　{title}", "{arabic}|{title}", ""),
    "lone noun": ("图版{arabic}　{title}", "图版{arabic}|{title}", ""),
    "run-in": ("{arabic}　{title}", "", "{arabic}. {title}。"),
    "run-in numeral": ("{han}　{title}", "", "{han}、{title}　"),
    "behind": ("{han}　{title}　盛唐", "{title}（图版{han}）", ""),
    "behind a blank": ("{han}　{title}　盛唐", "{title}　图版{han}", ""),
    "title": ("{han}　{title}　盛唐", "{title}", ""),
    "titles only": ("{title}　盛唐　第四五窟", "{title}", ""),
    "number only": ("{han}　{title}　盛唐", "", "{han}　"),
    "figure": ("图{arabic}　{title}", "图{arabic}　{title}", ""),
    "bare digits": ("{arabic}", "{arabic}　{title}　盛唐", ""),
    "bare numeral": ("{han}", "{han}　{title}　盛唐", ""),
    "bare figure": ("图{arabic}", "图{arabic}　{title}　盛唐", ""),
    "bare plate": ("图版{han}", "{han}　{title}　盛唐", ""),
}


@pytest.mark.parametrize("illustrated", [False, True])
@pytest.mark.parametrize("form", BACK)
def test_notes_at_the_back_are_keyed_in_many_ways(form: str, illustrated: bool):
    at_plate, heads, lead = BACK[form]
    sizes = (14, 11) if form == "lone digits" else (11, 11)
    back = notes_at_the_back(heads, lead, sizes=sizes, illustrated=illustrated)
    pairs = [p for p in align_book([*plates_at(at_plate), *back], "dunhuang").pairs if p.box[2] > 500]
    assert [p.title for p in pairs] == [title for _, title, _ in PLATES]
    told = [p.description.replace("盛唐", "").strip() for p in pairs]
    assert told == [begins + WORDS for _, _, begins in PLATES]


@pytest.mark.parametrize("first", [1, 20])
@pytest.mark.parametrize(
    ("at_plate", "item"),
    [
        ("{han}", "{han}　{title}　盛唐　第四五窟"),
        ("{arabic}", "{arabic}　{title}　盛唐　第四五窟 ………………… {arabic}"),
        ("图版{arabic}", "{arabic}. {title}　盛唐　第四五窟"),
    ],
)
def test_a_list_of_plates_tells_what_bare_numbers_show(at_plate: str, item: str, first: int):
    lines = [text_line("图版目录", 250, 70, 14)]
    for n, (key, title, _) in enumerate(PLATES):
        lines.append(text_line(item.format(han=f"二{key}", arabic=21 + n, title=title), 80, 110 + 20 * n))
    pages = [*plates_at(at_plate, first=2), make_page(first, lines)]
    pairs = align_book(sorted(pages, key=lambda p: p.number), "dunhuang").pairs
    assert [p.title for p in pairs] == [title for _, title, _ in PLATES]
    assert all(p.caption.endswith("盛唐　第四五窟") for p in pairs)


def test_numbers_at_pictures_that_nothing_tells_of_are_no_captions():
    pairs = align_book(plates_at("{arabic}")).pairs
    assert [p.caption for p in pairs] == [""] * 5


def test_halves_of_a_book_bound_at_the_right_meet_at_the_other_edge():
    pages = [
        make_page(1, [column("一　飞天　盛唐　第四五窟", 548, 80)], [picture(60, 60, 535, 780)]),
        make_page(2, [column("二　药师净土变　初唐", 565, 80)], [picture(0, 60, 550, 780)]),
        make_page(3, [], [picture(60, 60, 595, 780)]),
        make_page(4, [], [picture(0, 60, 535, 780)]),
    ]
    assert [p.caption[:1] for p in align_book(pages, "dunhuang").pairs] == ["一", "二", "二", ""]


def test_items_of_lists_that_count_from_one_on_each_page_have_no_notes_elsewhere():
    names = [["陶罐", "陶壶"], ["铜镜", "铜钱"], ["铁剑", "铁釜"]]
    pages = [
        make_page(
            n,
            [text_line(f"{k}. {name}", 60 + 250 * k - 250, 310, 9) for k, name in enumerate(pair, 1)],
            [picture(60, 100, 260, 300), picture(310, 100, 510, 300)],
        )
        for n, pair in enumerate(names, 1)
    ]
    lines = []
    for k, name in enumerate(("陶罐", "陶壶"), 1):
        lines += [text_line(f"{k}. {name}", 60, 20 + 80 * k, 12), *paragraph(WORDS, 60, 40 + 80 * k, 470)]
    pairs = align_book([*pages, make_page(4, lines)]).pairs
    assert all("note" not in p.rule and WORDS not in p.description for p in pairs)


def test_sections_on_the_pages_of_plates_are_no_notes():
    plates = plates_at("{han}　{title}　盛唐")
    lines = [
        line
        for n, key in enumerate("一二三四五")
        for line in paragraph(f"二{key}、{WORDS}", 60, 430 + 70 * n, 470)
    ]
    sections = make_page(9, lines, [picture(60, 60, 535, 400)])
    pairs = align_book([*plates, sections], "dunhuang").pairs
    assert all(WORDS not in p.description for p in pairs if p.page < 9)
