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
