"""Museum labels in the ways that catalogues set them: where they stand, in which type, with a paragraph under
all or some of them, and with or without an essay in front."""

from __future__ import annotations

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book

TITLES = ["青釉莲花尊", "白釉龙柄瓶", "三彩骆驼俑", "蓝琉璃刻花瓶", "鎏金铜佛像", "瑞兽葡萄纹镜"]
DATA = [
    ("北齐", "高67.2厘米", "河北省博物院藏"),
    ("唐（618―907）", "高29.0厘米", "西安东郊郭家滩出土"),
    ("唐代", "高58.4、长43厘米", "1957年西安鲜于庭诲墓出土"),
    ("法门寺地宫", "高22.8厘米", "法门寺博物馆藏"),
    ("北魏太和年间", "通高二十六厘米", "私人收藏"),
    ("唐高宗时期", "直径24.1厘米", "陕西历史博物馆"),
]
WORDS = "胎质坚白，应是{}早期产品，肩部的一周凸棱正是皮囊缝线的遗意，逆光方可看见。"
ESSAY = "丝绸之路沿线的考古发现不断改变着我们对中古物质文化的认识，器物的流动伴随着工匠与图样的流动。"
# Pictures and labels of a page, two by two.
PLACES = {
    "below": (((50, 90, 250, 370), (50, 400)), ((310, 90, 510, 370), (310, 400))),
    "right": (((50, 80, 310, 380), (330, 100)), ((50, 440, 310, 740), (330, 460))),
    "left": (((270, 80, 530, 380), (50, 100)), ((270, 440, 530, 740), (50, 460))),
    "alternating": (((50, 80, 310, 380), (330, 100)), ((290, 440, 550, 740), (50, 460))),
    "above": (((50, 250, 250, 500), (50, 90)), ((310, 250, 510, 500), (310, 90))),
}
# Head, sizes of title and paragraph, whether data stand on a line each.
TYPES = {
    "large title": ("", 13, 8.6, False),
    "number": ("{}　", 13, 8.6, True),
    "title in the text's type": ("", 8.6, 8.6, True),
    "number in the text's type": ("{}　", 8.6, 8.6, True),
    "number in characters": ("cn、", 12, 8.6, False),
}


def make_label(n: int, x: float, y: float, kind: str, with_words: bool):
    head, size, text_size, each = TYPES[kind]
    number = f"三十{'一二三四五六'[n]}、" if head == "cn、" else head.format(n + 31)
    lines = [text_line(number + TITLES[n], x, y, size, bold=size < 9)]
    top = y + size + 5
    for row in DATA[n] if each else ["　".join(DATA[n])]:
        lines.append(text_line(row, x, top, 7.6))
        top += 12.6
    return lines + (paragraph(WORDS.format(TITLES[n]), x, top + 5, 200, text_size) if with_words else [])


@pytest.mark.parametrize("words", ["all", "some", "none", "all, after an essay"])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("place", PLACES)
def test_each_object_has_its_label(place: str, kind: str, words: str):
    has_words = [words.startswith("all") or (words == "some" and n % 2 == 0) for n in range(6)]
    pages = []
    if "essay" in words:
        pages = [make_page(k, paragraph(ESSAY * 12, 60, 80, 470, 10.5)) for k in (1, 2, 3)]
    first = len(pages) + 1
    for page in range(3):
        lines, pictures = [], []
        for k, (box, at) in enumerate(PLACES[place]):
            n = 2 * page + k
            x, y = at
            # A label over its picture ends there.
            y += 70 if place == "above" and not has_words[n] else 0
            lines += make_label(n, x, y, kind, has_words[n])
            pictures.append(picture(*box))
        pages.append(make_page(first + page, lines, pictures))
    pairs = align_book(pages).pairs
    assert [p.title for p in pairs] == TITLES
    for pair, title, data, has in zip(pairs, TITLES, DATA, has_words, strict=True):
        assert all(row in pair.caption for row in data)
        assert (pair.description == WORDS.format(title)) == has
