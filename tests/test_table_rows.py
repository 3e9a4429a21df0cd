"""In a ruled table a picture's words stand in its own row, never over the rule above it."""

from __future__ import annotations

from dataclasses import replace

from page_making import make_page, picture, text_line

from alignment.pairing import align_book
from extractors.records import Dropped


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


def test_rows_of_a_table_without_rules_are_known_by_its_pictures():
    names = ("缠枝牡丹纹", "联珠对鸟纹", "团窠云气纹")
    lines = [text_line("照片", 100, 86), text_line("名称", 300, 86), text_line("编号", 60, 86)]
    lines += [text_line(name, 280, 130 + 60 * k) for k, name in enumerate(names)]
    pictures = [picture(100, 105 + 60 * k, 180, 155 + 60 * k) for k in range(3)]
    table = Dropped(1, "picture", "table", (50.0, 80.0, 540.0, 290.0))
    page = replace(make_page(1, lines, pictures), dropped=(table,))
    assert [p.caption for p in align_book([page]).pairs] == list(names)


def test_the_other_cells_of_a_pictures_row_are_its_words_too():
    """A name, what is said of it, and the picture, in columns with rules between the rows."""
    rows = [(60.0, y, 540.0, y + 0.5) for y in (80.0, 100.0, 240.0, 380.0)]
    said = ("断口两侧绢丝翘起，最长者二十七厘米。", "下部遭水浸，染料扩散成水渍线。")
    lines = [text_line("病害", 70, 86), text_line("说明", 200, 86), text_line("部位", 420, 86)]
    for k, (name, words) in enumerate(zip(("断裂", "晕色"), said, strict=True)):
        lines += [text_line(name, 70, 165 + 140 * k), text_line(words, 160, 150 + 140 * k)]
    pictures = [picture(400, 105 + 140 * k, 520, 230 + 140 * k) for k in range(2)]
    pairs = align_book([replace(make_page(1, lines, pictures), rules=tuple(rows))]).pairs
    assert [p.title for p in pairs] == ["断裂", "晕色"]
    assert [p.description.endswith(words) for p, words in zip(pairs, said, strict=True)] == [True, True]
