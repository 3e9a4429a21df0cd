"""Numbered captions with a paragraph under each, as plates have them, and as articles do not."""

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from alignment.parts import split_parts

SAID = (
    "飞天二身相对，各自面向窟顶中央的宝珠飞行，飘带宽窄相间，末端作尖角。",
    "山峦层层叠起，将长卷分隔成出游与饲虎等场面，人物小于山石。",
    "佛身着通肩袈裟，双手相叠置于腹前，袈裟边缘饰有联珠小花。",
    "千佛四身一组，以袈裟颜色的轮换构成斜向的色带，远望有流动之感。",
)


def plate(number: int, title: str, said: str, y: float) -> tuple[list, object]:
    lines = [text_line(f"图{number}　{title}", 60, y + 210, 10), *paragraph(said, 60, y + 228, 470)]
    return lines, picture(60, y, 530, y + 200)


def make_plates(*, above: str = "") -> list:
    """Two pages of two plates; `above` is text over each page's plates."""
    pages = []
    for n in (1, 2):
        lines = paragraph(above, 60, 40, 470) if above else []
        pictures = []
        for k in (0, 1):
            number = 2 * n - 1 + k
            own, shown = plate(number, f"第{'一二三四'[number - 1]}窟壁画", SAID[number - 1], 160 + 320 * k)
            lines += own
            pictures.append(shown)
        pages.append(make_page(n, lines, pictures))
    return pages


def test_a_paragraph_under_each_numbered_caption_describes_the_plate():
    pairs = align_book(make_plates()).pairs
    assert [said in p.description for p, said in zip(pairs, SAID, strict=True)] == [True] * 4


def test_where_text_stands_above_the_figures_too_it_goes_on_below_them():
    pairs = align_book(make_plates(above=SAID[0] * 5)).pairs
    assert not any(said in p.description for p in pairs for said in SAID)


@pytest.mark.parametrize(
    ("caption", "parts"),
    [
        ("图5　对鸟纹锦的比较（左：库车出土，右：民乐出土）", [("左", "库车出土"), ("右", "民乐出土")]),
        ("图6　修复前（左：正面（局部）；右：背面）", [("左", "正面（局部）"), ("右", "背面")]),
        ("图7　花（左）与鸟（右）", []),
    ],
)
def test_parts_may_stand_in_brackets_behind_the_title(caption, parts):
    assert split_parts(caption) == parts
