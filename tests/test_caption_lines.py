"""All lines of a caption, and where a line's end is more than the end of a line."""

from __future__ import annotations

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.joining import join_lines
from alignment.pairing import align_book

BODY = "此纹样以缠枝为骨架枝叶舒展花头饱满配色沉稳而富于变化是当时织造技艺的代表作品之一"


def only_pair(lines, box=(60, 100, 260, 300)):
    (pair,) = align_book([make_page(1, lines, [picture(*box)])]).pairs
    return pair


def test_a_longer_second_line_goes_on_with_a_caption():
    """莫高窟… reaches further than the title over it, as no line of a paragraph does."""
    lines = [text_line("雨中耕作图", 60, 304, 8), text_line("莫高窟第二三窟北壁　盛唐", 60, 316, 8)]
    pair = only_pair([*lines, paragraph(BODY * 3, 60, 400, 470)])
    assert (pair.title, pair.caption) == ("雨中耕作图", "雨中耕作图　莫高窟第二三窟北壁　盛唐")


def test_a_source_in_smaller_type_is_of_the_caption_and_not_of_the_title():
    lines = [
        text_line("图1　雨中耕作图", 104, 304, 9),
        text_line("图片来源：《敦煌壁画》，一九八〇年", 78, 318, 7),
    ]
    pair = only_pair([*lines, paragraph(BODY * 3, 60, 400, 470)])
    assert pair.title == "雨中耕作图"
    assert pair.caption == "图1　雨中耕作图　图片来源：《敦煌壁画》，一九八〇年"


@pytest.mark.parametrize(
    ("line", "joined"),
    [
        ("雨中耕作图 莫高窟 盛唐", "雨中耕作图　莫高窟　盛唐"),
        ("刘  悦", "刘悦"),
        ("敦 煌 壁 画", "敦煌壁画"),
        ("意义。 这种构图", "意义。这种构图"),
    ],
)
def test_blanks_part_words_of_a_line_but_not_its_characters(line, joined):
    assert join_lines([line]) == joined


def test_a_translation_beside_the_caption_is_of_it():
    lines = [
        text_line("图2　雨中耕作图", 60, 304, 8),
        text_line("Fig. 2  Ploughing in the rain", 240, 304, 8),
    ]
    pair = only_pair([*lines, paragraph(BODY * 3, 60, 400, 470)], (60, 100, 500, 300))
    assert pair.title == "雨中耕作图"
    assert "Fig. 2  Ploughing in the rain" in pair.caption


def test_a_title_with_dynasty_and_keeper_on_one_line_is_a_caption():
    """Alone, the keeper's line is none; behind a title it is a field."""
    pair = only_pair([text_line("雨中耕作图　盛唐　故宫博物院藏", 60, 304, 8)])
    assert (pair.title, pair.caption) == ("雨中耕作图", "雨中耕作图　盛唐　故宫博物院藏")
