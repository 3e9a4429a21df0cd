"""Pieces of running text are told from captions by the book's measure and by the sentence that they end."""

from __future__ import annotations

from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from alignment.regions import make_block
from alignment.running_text import find_running
from extractors.records import TextLine

FULL = "文字排满全栏的一行共有二十字正好到右边界"


def block(words, *, width=200.0, size=10.0, x=50.0, y=100.0):
    lines = [
        TextLine(
            text, (x, y + 16 * n, x + (width if text == FULL else 10.0 * len(text)), y + 16 * n + size), size
        )
        for n, text in enumerate(words)
    ]
    return make_block(1, lines)


PARAGRAPH = block([FULL] * 5)


def test_text_of_the_books_measure_is_running_text():
    page = [(block([FULL, "短。"]), "body"), (PARAGRAPH, "body")]
    assert find_running([page]) == [{0, 1}]


def test_text_of_another_measure_or_size_is_not():
    narrow = block([FULL, "短"], width=120)
    small = block([FULL, "短"], size=8)
    page = [(narrow, "body"), (small, "body"), (PARAGRAPH, "body")]
    assert find_running([page]) == [{2}]


def test_the_end_of_a_sentence_on_the_next_page_is_running_text():
    pages = [[(PARAGRAPH, "body")], [(block(["短行收尾。"]), "body"), (PARAGRAPH, "body")]]
    assert find_running(pages) == [{0}, {0, 1}]


def test_a_title_after_an_open_sentence_is_not():
    pages = [[(PARAGRAPH, "body")], [(block(["缠枝牡丹纹"]), "body"), (PARAGRAPH, "body")]]
    assert find_running(pages) == [{0}, {1}]


def test_a_sentence_after_a_closed_paragraph_is_not():
    closed = block([FULL] * 5 + ["完。"])
    pages = [[(closed, "body")], [(block(["短行收尾。"]), "body"), (PARAGRAPH, "body")]]
    assert find_running(pages) == [{0}, {1}]


def test_words_for_the_parts_of_a_figure_are_not_though_they_fill_the_measure():
    parts = block(["（上）缠枝莲纹　（中）团窠雉　（下）小花", "绫"])
    full = block([FULL, "短。"])
    assert find_running([[(parts, "body"), (full, "body"), (PARAGRAPH, "body")]]) == [{1, 2}]


def test_numbered_paragraphs_of_a_book_of_short_ones_are_no_captions():
    """Each item is two lines long and ends right over a picture, which has its name under it."""
    text = "此纹样以缠枝为骨架枝叶舒展花头饱满。配色沉稳而富于变化是当时织造技艺的代表作品之一。"
    lines, pictures = [], []
    for k, name in enumerate(("莲花纹锦", "对鸟纹绫")):
        top = 60 + 300 * k
        lines += [*paragraph(f"{k + 1}．{text}", 60, top, 300), text_line(name, 180, top + 190, 8)]
        lines += paragraph(text + text[:9] + "。", 60, top + 220, 300)
        pictures.append(picture(100, top + 50, 320, top + 186))
    assert [p.caption for p in align_book([make_page(1, lines, pictures)]).pairs] == ["莲花纹锦", "对鸟纹绫"]
