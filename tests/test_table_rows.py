"""In a ruled table a picture's words stand in its own row, never over the rule above it."""

from __future__ import annotations

from dataclasses import replace

from page_making import make_page, picture, text_line

from alignment.pairing import align_book


def title_of_only_picture(rules):
    lines = [text_line("图样", 100, 86), text_line("缠枝牡丹纹", 260, 150)]
    page = make_page(1, lines, [picture(100, 105, 240, 230)])
    (pair,) = align_book([replace(page, rules=tuple(rules))]).pairs
    return pair.caption or pair.title


def test_the_word_over_a_column_is_no_caption():
    rows = [(60.0, y, 540.0, y + 0.5) for y in (80.0, 100.0, 240.0)]
    assert title_of_only_picture(rows) == "缠枝牡丹纹"


def test_without_rows_the_nearer_word_is():
    assert title_of_only_picture([(60.0, 100.0, 540.0, 100.5)]) == "图样"
