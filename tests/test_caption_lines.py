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


def test_sentences_in_the_captions_type_are_of_it():
    """Under the number and title, in type smaller than the book's; the title ends where they begin."""
    lines = [text_line("图2　雨中耕作图", 130, 304, 8), *paragraph(BODY + "。", 60, 320, 200, 8)]
    pair = only_pair([*lines, paragraph(BODY * 3, 60, 420, 470)])
    assert (pair.title, pair.caption.endswith(BODY[-9:] + "。")) == ("雨中耕作图", True)


def test_titles_over_plates_and_numbers_at_the_other_end_of_their_line():
    pages = [
        make_page(
            n,
            [
                text_line(title, 250, 60, 15),
                text_line("莫高窟第四五窟　盛唐", 60, 705, 9),
                text_line(f"图{n}", 521, 705, 9),
            ],
            [picture(60, 90, 535, 700)],
        )
        for n, title in enumerate(("雨中耕作图", "树下说法图", "药师经变"), 1)
    ]
    found = align_book(pages).pairs
    assert [p.title for p in found] == ["雨中耕作图", "树下说法图", "药师经变"]
    assert found[0].caption == "雨中耕作图　图1　莫高窟第四五窟　盛唐"
