"""Legends set as one text: each drawing that has its number has its own item."""

from __future__ import annotations

import pytest
from page_making import make_page, picture, text_line

from alignment.list_keys import find_keys
from alignment.pairing import align_book
from extractors.records import Page, Picture, TextLine

NAMES = ["小口罐（M17：1）", "双系罐（M17：2）", "盘口壶", "A型折肩瓮", "仓，高 24 厘米", "樽", "釜", "扁壶"]
NAMES += ["盆", "豆", "鬲", "甗"]


def draw_group(count: int, top: float, where: str, first: int = 1) -> tuple[list[TextLine], list[Picture]]:
    """Drawings in rows of four with their numbers."""
    numbers, drawings = [], []
    for n in range(count):
        x, y = 70 + 115 * (n % 4), top + 120 * (n // 4)
        box = (x, y, x + 80 - 4 * (n % 3), y + 85)
        at = {
            "below": (x + 35, y + 90),
            "above": (x + 35, y - 12),
            "inside": (x + 8, y + 70),
            "beside": (x + 84, y + 40),
        }[where]
        numbers.append(text_line(str(n + first), *at, 8))
        drawings.append(picture(*box))
    return numbers, drawings


def set_legend(
    title: str, names: list[str], y: float, per_line: int = 4, form: str = "{}. {}"
) -> list[TextLine]:
    """A figure's title and under it its items, several in a line, each line centred."""
    rows = [title]
    for k in range(0, len(names), per_line):
        rows.append("　".join(form.format(k + n, name) for n, name in enumerate(names[k : k + per_line], 1)))
    lines = []
    for n, row in enumerate(rows):
        line = text_line(row, 0, y + 12 * n, 7)
        x = 300 - line.box[2] / 2
        lines.append(text_line(row, x, y + 12 * n, 7))
    return lines


def read_captions(page: Page) -> list[str]:
    """Captions of a page's figures, row by row."""
    pairs = align_book([page]).pairs
    assert all(p.score >= 0.8 for p in pairs)
    return [p.caption for p in sorted(pairs, key=lambda p: (round(p.box[1]), p.box[0]))]


@pytest.mark.parametrize("form", ["{}. {}", "{}.{}", "（{}）{}"])
@pytest.mark.parametrize("where", ["below", "above", "inside", "beside"])
@pytest.mark.parametrize("count", [2, 8, 12])
def test_each_drawing_has_the_item_with_its_number(count: int, where: str, form: str):
    numbers, drawings = draw_group(count, 100, where)
    legend = set_legend("图二七　M17出土陶器", NAMES[:count], 480, form=form)
    found = read_captions(make_page(1, [numbers, legend], drawings))
    assert found == [form.format(n, name) for n, name in enumerate(NAMES[:count], 1)]


def test_two_legends_on_a_page_count_from_one_each():
    upper, drawings = draw_group(4, 60, "below")
    lower, others = draw_group(8, 230, "below")
    lines = [
        *upper,
        *set_legend("图一　M1出土陶器", NAMES[:4], 170),
        *lower,
        *set_legend("图二　M2出土铜器", [f"铜{name}" for name in NAMES[:8]], 460),
    ]
    found = read_captions(make_page(1, lines, [*drawings, *others]))
    assert found[:4] == [f"{n}. {name}" for n, name in enumerate(NAMES[:4], 1)]
    assert found[4:] == [f"{n}. 铜{name}" for n, name in enumerate(NAMES[:8], 1)]


def test_one_item_may_be_of_several_drawings():
    numbers, drawings = draw_group(6, 100, "below")
    lines = [
        text_line("图三　陶器", 270, 340, 8),
        text_line("1、3. 罐　2. 壶　4—6. 盆（1、2. 1/4，余1/6）", 150, 354, 7),
    ]
    found = read_captions(make_page(1, [numbers, lines], drawings))
    assert found == ["1、3. 罐", "2. 壶", "1、3. 罐", *["4—6. 盆"] * 3]


def test_a_drawing_that_was_not_found_does_not_shift_the_others():
    numbers, drawings = draw_group(5, 100, "below")
    legend = set_legend("图四　铁器", NAMES[:5], 340)
    found = read_captions(make_page(1, [numbers, legend], [*drawings[:1], *drawings[2:]]))
    assert found == [f"{n}. {NAMES[n - 1]}" for n in (1, 3, 4, 5)]


def test_numbers_in_a_plan_are_those_of_its_legend():
    plan = [text_line(str(n), 100 + 60 * n, 150 + 20 * (n % 3), 7) for n in range(1, 6)]
    legend = set_legend("图五　M17平面图", NAMES[:5], 420, 5)
    (pair,) = align_book([make_page(1, [plan, legend], [picture(80, 100, 520, 400)])]).pairs
    assert pair.title == "M17平面图" and all(name in pair.caption for name in NAMES[:5])


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("图一　1. 罐　2. 壶", [(1,), (2,)]),
        ("1、3. A型罐（M1：1）2. B型　4—6. 豆", [(1, 3), (2,), (4, 5, 6)]),
        ("①罐②壶", [(1,), (2,)]),
        ("1.罐，高 24 厘米2.壶", [(1,), (2,)]),
        ("1. 罐　3. 壶", [(1,)]),
        ("2. 罐　3. 壶", []),
        ("1999. 罐", []),
    ],
)
def test_keys_of_a_legend_count_from_one(text: str, numbers: list[tuple[int, ...]]):
    assert [key.numbers for key in find_keys(text)] == numbers


WARES = ["兔毫罐", "玳瑁斑瓶", "绿釉印花器", "乌金釉盖罐"]
SAYS = "，建窑。釉面棕黄色细纹自口沿垂下，近底处聚成泪痕，胎骨铁黑，叩之有金石声。"
ROW = [picture(60 + 125 * n, 100, 170 + 125 * n, 210) for n in range(4)]


@pytest.mark.parametrize(
    ("badges", "form"),
    [
        ("1234", "{}　"),
        ("1234", "{}. "),
        ("1234", "{}"),
        ("①②③④", "{}"),
        ("ABCD", "{}　"),
        ("ABCD", "{}. "),
        ("abcd", "（{}）"),
        ("一二三四", "{}　"),
        ("一二三四", "{}、"),
    ],
)
def test_badges_in_pictures_key_paragraphs_in_two_columns(badges: str, form: str):
    # The badges run against the order of the pictures.
    lines = [text_line(key, p.box[0] + 6, 106, 8) for key, p in zip(badges[::-1], ROW, strict=True)]
    for n, (key, name) in enumerate(zip(badges, WARES, strict=True)):
        x, y = 60 + 250 * (n // 2), 260 + 46 * (n % 2)
        words = form.format(key) + name + SAYS
        lines += [text_line(words[k : k + 28], x, y + 12 * (k // 28), 8) for k in range(0, len(words), 28)]
    pairs = sorted(align_book([make_page(1, lines, ROW)]).pairs, key=lambda p: p.box[0])
    assert [p.caption for p in pairs] == [
        form.format(key) + name + SAYS for key, name in zip(badges[::-1], WARES[::-1], strict=True)
    ]
    assert all(p.score >= 0.9 for p in pairs)


def test_captions_set_as_one_line_are_of_as_many_pictures():
    grid = [
        picture(60 + 125 * (n % 2), 100 + 125 * (n // 2), 170 + 125 * (n % 2), 210 + 125 * (n // 2))
        for n in range(4)
    ]
    line = text_line("　".join(f"图{n}　{name}" for n, name in enumerate(WARES, 1)), 60, 350, 8)
    pairs = sorted(align_book([make_page(1, [line], grid)]).pairs, key=lambda p: (p.box[1], p.box[0]))
    assert [p.title for p in pairs] == WARES


@pytest.mark.parametrize("lead", ["左起：", "从左至右：", "（左起）："])
def test_a_row_told_from_the_left(lead: str):
    line = text_line(lead + "、".join(WARES), 60, 216, 8)
    pairs = sorted(align_book([make_page(1, [line], ROW)]).pairs, key=lambda p: p.box[0])
    assert [p.title for p in pairs] == WARES


def test_one_number_in_a_drawing_does_not_key_a_numbered_heading():
    lines = [
        text_line("5. 教学案例", 60, 60, 10),
        text_line("5", 200, 220, 8),
        text_line("图2-13", 250, 410, 9),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(100, 100, 480, 400)])]).pairs
    assert pair.caption == "图2-13"
