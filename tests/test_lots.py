"""Lots of a sale and objects of a show: number, title, data, paragraph and price, as a stack at a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.layout import find_layouts
from alignment.pairing import align_book
from alignment.text.simplifying import simplify

TITLES = [
    "清雍正　灑藍釉描金瓶",
    "漢　玉辟邪紙鎮",
    "溥心畬　淺絳山水扇面",
    "戰國　四山紋鏡",
    "明　甜白釉暗花器",
    "伊秉綬　隸楷詩聯",
]
DATA = [
    "高三十五厘米　青花雙圈六字楷書款",
    "長八點二厘米　帶紅木座",
    "設色紙本　鏡心",
    "直徑十四點一厘米",
    "高十二點六厘米",
    "水墨紙本　立軸",
]
WORDS = "口沿微侈，溜肩鼓腹，釉點疏密自然，其上金彩已多磨退，側光下纏枝的輪廓仍可辨。"


def stack(n: int, head: str, x: float, y: float):
    """Lot `n` with its text from (x, y) down; `head` says how the number stands."""
    number, title = str(2107 + n), TITLES[n]
    heads = {
        "word above": [("LOT", 8), (number, 17), (title, 12)],
        "word before": [(f"LOT {number}", 12), (title, 12)],
        "word in Chinese": [(f"拍品{number}", 12), (title, 12)],
        "one line": [(f"LOT {number}　{title}", 12)],
        "number alone": [(number, 17), (title, 12)],
    }
    lines, top = [], y
    for text, size in [*heads[head], (DATA[n], 8.6), (f"An object, Qing dynasty {n}", 8)]:
        lines.append(text_line(text, x, top, size))
        top += size + 5
    lines += paragraph(f"第{TITLES[n][-1]}{WORDS}", x, top + 4, 180, 8.6)
    return [*lines, text_line("估價　HKD 900,000—1,200,000", x, top + 56, 8)]


@pytest.mark.parametrize("side", ["below", "left", "right", "alternating"])
@pytest.mark.parametrize("head", ["word above", "word before", "word in Chinese", "one line", "number alone"])
def test_each_lot_has_its_text(head: str, side: str):
    pages = []
    for first in (0, 2, 4):
        lines, pictures = [], []
        for k in (0, 1):
            own = side if side != "alternating" else ("left", "right")[k]
            x, y = (50 + 260 * k, 100) if own == "below" else (300 if own == "left" else 50, 80 + 340 * k)
            pictures.append(picture(x, y, x + 200, y + 260))
            at = {"below": (x, y + 285), "left": (50, y + 40), "right": (285, y + 40)}[own]
            lines += stack(first + k, head, *at)
        pages.append(make_page(first // 2 + 1, lines, pictures))
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs] == TITLES
    assert all(data in p.caption for p, data in zip(pairs, DATA, strict=True))
    assert all(simplify(f"第{t[-1]}口沿") in p.description for p, t in zip(pairs, TITLES, strict=True))
    assert all(str(2107 + n) in p.caption for n, p in enumerate(pairs))


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("ocr", [("heading", "2107　清雍正　灑藍釉描金瓶"), ("body", DATA[5])]),
        ("layer", [("heading", "2107"), ("body", f"清雍正　灑藍釉描金瓶　{DATA[5]}")]),
    ],
)
def test_title_and_data_in_one_type_are_parted_where_ocr_read_them(
    source: Literal["ocr", "layer"], blocks: list[tuple[str, str]]
):
    """Scans do not show that a title is bold; a text layer would."""
    lines = [
        text_line("2107", 60, 400, 17),
        text_line("清雍正　灑藍釉描金瓶", 60, 424, 10),
        text_line(DATA[5], 60, 438, 10),
        *paragraph(WORDS * 2, 60, 480, 300, 10),
    ]
    page = make_page(1, [replace(line, source=source) for line in lines], [picture(60, 80, 250, 380)])
    (layout,) = find_layouts([page])
    found = [(role, block.text) for role, block in zip(layout.roles, layout.blocks, strict=True)]
    assert found[:2] == blocks


@pytest.mark.parametrize("title", ["灑藍釉瓶（一對）", "隸楷對聯", "銅鏡兩件"])
def test_pieces_that_are_sold_together_are_one_figure(title: str):
    lines = [
        text_line("2108", 60, 400, 17),
        text_line(title, 60, 424, 12),
        text_line("高三十五厘米", 60, 442, 8.6),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(60, 80, 250, 380), picture(310, 80, 500, 380)])]).pairs
    assert pair.figure_bbox == (60, 80, 500, 380) and pair.title == title


def test_a_heading_for_several_pieces_counts_on_between_others_in_small_type():
    """35—37 over a row of three, with words for each of them."""
    pages = [
        make_page(
            n,
            [text_line(f"{32 + n}  青釉壶{n}", 60, 400, 14), *paragraph(WORDS, 60, 430, 400)],
            [picture(60, 80, 400, 380)],
        )
        for n in (1, 2)
    ]
    words = "左：青玉带銙，长5.1厘米；中：白玉佩，长4.8厘米；右：碧玉人，高6厘米。"
    row = [picture(60, 80, 180, 200), picture(230, 90, 350, 200), picture(400, 70, 520, 200)]
    lines = [text_line("35—37　玉饰三件", 60, 250, 8.6), text_line(words, 60, 270, 8.6)]
    last = make_page(
        4,
        [text_line("38  铜镜", 60, 400, 14), *paragraph(WORDS, 60, 430, 400)],
        [picture(60, 80, 400, 380)],
    )
    pairs = align_book([*pages, make_page(3, lines, row), last]).pairs
    titles = [p.title for p in sorted(pairs, key=lambda p: (p.page, p.box[0]))]
    assert titles == ["青釉壶1", "青釉壶2", "青玉带銙", "白玉佩", "碧玉人", "铜镜"]
    assert "玉饰" not in pairs[1].description


def test_a_wide_page_across_whose_middle_text_runs_is_no_sheet_of_two():
    """Landscape pages: the object left, its label right, a detail with a line of its own under that."""
    pages = []
    for n in range(1, 5):
        lines = [
            text_line(f"{n + 30}　青釉壶之{'甲乙丙丁戊'[n]}", 431, 85, 16),
            text_line("隋（581―618）　高27.4、口径6.2厘米　1976年太原沙沟斛律彻墓出土", 431, 110, 7.6),
            *paragraph(WORDS, 431, 130, 300, 8.6),
            text_line("细部：釉层在凹处积成湖绿", 615, 480, 7.4),
        ]
        pages.append(
            make_page(n, lines, [picture(0, 0, 397, 595), picture(431, 374, 607, 512)], size=(794, 595))
        )
    pages.append(
        make_page(5, [text_line("图录以时代先后为序，释文由各馆供稿" * 2, 150, 300, 12)], size=(794, 595))
    )
    pages.append(
        make_page(6, [text_line("凡例：尺寸以厘米计，残缺者注明残高" * 2, 150, 300, 12)], size=(794, 595))
    )
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs if p.box[0] == 0] == [f"青釉壶之{c}" for c in "乙丙丁戊"]
    assert {p.caption for p in pairs if p.box[0] > 0} == {"细部：釉层在凹处积成湖绿"}
    assert all("1976年" in p.caption and p.description == simplify(WORDS) for p in pairs if p.box[0] == 0)


@pytest.mark.parametrize("has_data", [True, False])
def test_numbers_on_either_side_of_their_pictures(has_data: bool):
    """The second text is read before the first; without data only heading and place tell whose it is."""
    pages = []
    for first in (0, 2, 4):
        lines, pictures = [], []
        for k, (x, y, left) in enumerate(((330, 100, 50), (50, 460, 290))):
            title = TITLES[first + k].split("　")[1]
            lines.append(text_line(f"{first + k + 31}　{title}", x, y, 13))
            lines += [text_line(DATA[first + k], x, y + 20, 7.6)] if has_data else []
            lines += paragraph(f"第{title[-1]}{WORDS}", x, y + 36, 200, 8.6)
            pictures.append(picture(left, y - 20, left + 260, y + 280))
        pages.append(make_page(first // 2 + 1, lines, pictures))
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs] == [t.split("　")[1] for t in TITLES]
    assert all(simplify(f"第{p.title[-1]}口沿") in p.description for p in pairs)
