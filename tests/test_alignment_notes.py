"""Notes on plates: at the back, on facing pages, in tiers of vertical text; known by number and by title."""

from __future__ import annotations

from page_making import column, make_page, picture

from alignment.pairing import align_book
from extractors.records import TextLine

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
