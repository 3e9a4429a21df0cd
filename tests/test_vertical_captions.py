"""Captions set as columns: the columns behind them that describe their figure, and the numerals over them."""

from __future__ import annotations

import pytest
from page_making import column, make_page, picture, text_line

from alignment.furniture import find_furniture
from alignment.pairing import align_book
from alignment.records import MachinePair
from extractors.records import TextLine
from extractors.stacks import stack_glyphs

WORDS = "此铺以青绿为地飞天绕柱而行衣带当风线描劲健与同窟诸铺出于一手"
SIZE = (440.0, 620.0)


def set_columns(
    text: str, right: float, top: float, per_column: int, count: int, size: float = 10.0
) -> list[TextLine]:
    """`count` columns of `per_column` characters, the first with its right edge at `right`."""
    rows = (text * 9)[: per_column * count]
    return [
        column(rows[k * per_column : (k + 1) * per_column], right - size - 1.6 * size * k, top, size)
        for k in range(count)
    ]


def join(lines: list[TextLine]) -> str:
    return "".join(line.text for line in lines)


def align(lines: list[TextLine], *box: float) -> MachinePair:
    """The one pair of a page with one picture."""
    (found,) = align_book([make_page(1, lines, [picture(*box)], SIZE)], "dunhuang").pairs
    return found


@pytest.mark.parametrize("place", ["below", "beside"])
def test_columns_behind_a_vertical_caption_describe_its_figure(place: str) -> None:
    """Below the picture no further than it is wide, beside it between the caption and it."""
    box, right, top = ((60, 40, 380, 330), 380, 350) if place == "below" else ((60, 40, 270, 330), 400, 40)
    note = set_columns(WORDS, right - 26, top, 20, 6)
    found = align([column("图一二　飞天", right - 10, top), *note], *box)
    assert (found.caption, found.description) == ("图一二　飞天", join(note))


@pytest.mark.parametrize(
    "moved",
    [{"count": 20}, {"right": 320}, {"size": 12.0}],
    ids=["past the picture's side", "apart", "in larger type"],
)
def test_other_columns_on_the_page_do_not(moved: dict[str, float]) -> None:
    at = {"right": 354, "top": 350, "per_column": 20, "count": 6, **moved}
    text = set_columns(WORDS, **at)  # type: ignore[arg-type]
    found = align([column("图一二　飞天", 370, 350), *text], 200, 40, 380, 330)
    assert found.caption == "图一二　飞天" and WORDS not in found.description


def test_a_numeral_over_a_column_joins_it_across_a_blank() -> None:
    lines = [column("一", 390, 30), column("飞天赴会图　盛唐", 390, 60)]
    page = make_page(1, lines, [picture(60, 40, 380, 560)], SIZE)
    assert not find_furniture([page]).folios
    assert align_book([page], "dunhuang").pairs[0].caption == "一　飞天赴会图　盛唐"


def test_keys_where_columns_begin_are_no_folios_and_a_lone_numeral_is() -> None:
    keys = [column("一", 390, 40), column("二", 310, 40)]
    notes = [*set_columns(WORDS, 384, 40, 40, 4), *set_columns(WORDS, 304, 40, 40, 4)]
    folio = column("一三", 20, 560)
    page = make_page(1, [*keys, *notes, folio], [], SIZE)
    assert find_furniture([page]).folios == {1: {folio}}
    # Over horizontal text it is the folio, whatever it is flush with.
    heads = [text_line("一三", 390, 40), *(text_line(WORDS, 60, 100 + 20 * k) for k in range(6))]
    assert find_furniture([make_page(1, heads, [], SIZE)]).folios == {1: {heads[0]}}


@pytest.mark.parametrize(("blank", "columns"), [(2, ["一二", "飞天赴会图"]), (4, ["飞天赴会图"])])
def test_glyphs_of_a_number_over_a_column_are_one_line(blank: int, columns: list[str]) -> None:
    """PDFs set columns glyph by glyph."""
    glyphs = [text_line(c, 390, 30 + 10 * k) for k, c in enumerate("一二")]
    glyphs += [text_line(c, 390, 50 + 10 * (blank + k)) for k, c in enumerate("飞天赴会图")]
    found = stack_glyphs(glyphs)
    assert sorted(line.text for line in found if line.direction == "vertical") == sorted(columns)


def test_a_stop_that_is_set_beside_its_character_is_in_the_column():
    """Programs without upright signs move it up and to the right; alone on a page it is a line."""
    cells = [("染", 0), ("衣", 9), ("妇", 18), ("宁", 45), ("担", 54)]
    glyphs = [TextLine(c, (405, 60 + y, 414, 69 + y), 9) for c, y in cells]
    stopped = TextLine("女，", (405, 87, 419.4, 96), 9)
    assert [line.text for line in stack_glyphs([*glyphs[:3], stopped, *glyphs[3:]])] == ["染衣妇女，宁担"]
    assert stack_glyphs([stopped]) == [stopped]


def test_columns_under_a_plate_whose_caption_stands_beside_it_are_of_the_plate() -> None:
    text = set_columns(WORDS, 360, 510, 9, 5)
    found = align([column("图一　黄地团窠宝相花锦", 60, 60), *text], 100, 40, 380, 490)
    assert (found.caption, found.description) == ("图一　黄地团窠宝相花锦", join(text))


def test_columns_of_the_page_that_reach_past_a_plate_are_not() -> None:
    text = set_columns(WORDS, 420, 510, 9, 14)
    found = align([column("图一　黄地团窠宝相花锦", 60, 60), *text], 100, 40, 380, 490)
    assert found.description == "黄地团窠宝相花锦"
