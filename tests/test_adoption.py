"""Texts left over: what goes on with a figure's text is of the figure, what an article says is not."""

from __future__ import annotations

import pytest
from page_making import column, make_page, paragraph, picture, text_line

from alignment.pairing import align_book

NAMES = ("烟江叠嶂图卷", "空山听松轴", "秋林远岫扇页", "花鸟册页")
STORIES = (
    "卷用苏轼题王晋卿诗意，起首平沙，中段主峰突起，云气断其腰，末以孤帆收束。",
    "以黄山莲花峰为粉本，用卷云皴而参以方折，松干如铁，人物点簇而成。",
    "墨色由浅入深，凡七八遍积成，苔点饱满如落豆，坡脚留出一道白光。",
    "花瓣先染后勾，反叶施石绿，枝梢用笔轻而快，左上自题七绝一首。",
)


def catalogue(gap: float = 8.0, size: float = 10.5, shift: float = 0.0):
    """Pages of a picture, a name, a line of data and a paragraph in larger type than the data."""
    pages = []
    for n, (name, story) in enumerate(zip(NAMES, STORIES, strict=True), 1):
        lines = [
            text_line(name, 60, 420, 13, bold=True),
            text_line("清　王鉴　纸本水墨　上海博物馆藏", 60, 440, 8),
            *paragraph(story, 60 + shift, 448 + gap, 240, size),
        ]
        pages.append(make_page(n, lines, [picture(60, 60, 420, 400)]))
    return pages


def test_the_paragraph_below_a_label_is_of_its_figure_whatever_its_type():
    for pages in (
        catalogue(),
        catalogue(14.0),
        catalogue(10.0, 9.0),
        catalogue(15.0, 12.0),
        catalogue(12.0, 12.5),
    ):
        pairs = align_book(pages).pairs
        assert [p.title for p in pairs] == list(NAMES)
        assert all(story in p.description for p, story in zip(pairs, STORIES, strict=True))


def test_text_below_a_numbered_caption_is_of_no_figure():
    pages = []
    for n, story in enumerate(STORIES, 1):
        lines = [text_line(f"图{n}　{NAMES[n - 1]}", 60, 405, 9), *paragraph(story * 3, 60, 422, 420)]
        lines += paragraph(story * 4, 60, 540, 420)
        pages.append(make_page(n, lines, [picture(60, 60, 480, 400)]))
    pairs = align_book(pages).pairs
    assert len(pairs) == 4
    assert all(story[:12] not in p.description for p, story in zip(pairs, STORIES, strict=True))


def test_in_a_catalogue_the_paragraphs_of_a_page_are_about_what_it_names():
    """Name and data beside the picture, the words in two columns below, a detail with a sentence."""
    pages = []
    for n, (name, story) in enumerate(zip(NAMES, STORIES, strict=True), 1):
        lines = [
            text_line(name, 390, 80, 13, bold=True),
            text_line("清　王鉴　纸本水墨", 390, 102, 8),
            text_line("上海博物馆藏", 390, 115, 8),
            text_line(f"局部：款印{'一二三四'[n - 1]}方", 400, 385, 8),
            *paragraph(story, 60, 480, 220),
            *paragraph(STORIES[n % 4][::-1], 310, 480, 220),
        ]
        pages.append(make_page(n, lines, [picture(60, 60, 370, 440), picture(400, 280, 530, 380)]))
    pairs = align_book(pages).pairs
    assert len(pairs) == 8
    for name, story in zip(NAMES, STORIES, strict=True):
        (whole,) = (p for p in pairs if p.title == name)
        assert story in whole.description
        assert sum(story in p.description for p in pairs) == 1


def test_the_name_of_an_album_is_of_none_of_its_leaves_that_have_captions():
    leaves = [
        picture(60 + 260 * (k % 2), 110 + 320 * (k // 2), 300 + 260 * (k % 2), 390 + 320 * (k // 2))
        for k in range(4)
    ]
    words = [
        "之一　海棠　反叶施石绿",
        "之二　山茶　胭脂层层积出",
        "之三　绛桃　枝干飞白",
        "之四　玉兰　白粉提亮",
    ]
    lines = [
        text_line("花鸟册（十二开选四）", 60, 60, 13, bold=True),
        text_line("清　蒋廷锡　绢本设色　天津博物馆藏", 60, 84, 8),
        *(text_line(w, p.box[0], p.box[3] + 6, 8) for w, p in zip(words, leaves, strict=True)),
    ]
    pairs = align_book([make_page(1, lines, leaves)]).pairs
    assert sorted(p.caption for p in pairs) == sorted(words)


def test_a_page_of_one_picture_and_a_title_is_about_it():
    """The title down the side, the words below, set apart: nothing stands at the picture."""
    pages = catalogue()
    for n, (name, story) in enumerate(zip(("缠枝莲纹", "三多团花纹"), STORIES, strict=False), 5):
        lines = [column(name, 40, 90, 19), *paragraph(story, 110, 640, 420)]
        pages.append(make_page(n, lines, [picture(110, 60, 530, 560)]))
    told = {p.page: p for p in align_book(pages).pairs}
    assert [told[n].title for n in (5, 6)] == ["缠枝莲纹", "三多团花纹"]
    assert STORIES[0] in told[5].description and STORIES[1] in told[6].description


def test_what_follows_the_line_that_names_a_piece_is_of_the_piece():
    """图：…, its keeper and a paragraph below a picture: no label, and no entry with a number."""
    pages = []
    for n, (name, story) in enumerate(zip(NAMES, STORIES, strict=True), 1):
        lines = [
            text_line(f"图：{name}", 60, 412, 10),
            text_line("孔子博物馆藏", 60, 427, 8),
            *paragraph(story, 60, 442, 240, 10),
        ]
        pages.append(make_page(n, lines, [picture(60, 60, 420, 400), picture(450, 60, 560, 170)]))
    pairs = [p for p in align_book(pages).pairs if p.texts]
    assert [story in p.description for p, story in zip(pairs, STORIES, strict=True)] == [True] * 4


@pytest.mark.parametrize("where", ["under the picture", "far below"])
def test_a_paragraph_that_begins_with_the_captions_title_speaks_of_the_picture(where: str):
    """The caption stands over the picture, in a page that is full of other text."""
    said = "《汪嘟》属于长鼓舞。作品表现瑶族人民肩挎长鼓，在生命中传递着信仰和追求。" + "场面热情似火。" * 8
    top = 330 if where == "under the picture" else 640
    lines = [
        *paragraph(
            "瑶族舞蹈与农耕、狩猎、祭祀和节庆密不可分，主要有长鼓舞、铜鼓舞和陶鼓舞。" * 3, 60, 60, 470
        ),
        text_line("《汪嘟》　编导：王海英", 80, 180, 10),
        *paragraph(said, 60, top, 470),
        *paragraph(
            "长鼓是瑶族民间常见的一种乐器，又是一种舞蹈道具，有着悠久的历史和鲜明的特色。" * 3, 60, 420, 470
        ),
    ]
    (pair,) = align_book([make_page(1, lines, [picture(80, 200, 520, 320)])]).pairs
    assert (said in pair.description) == (where == "under the picture")
