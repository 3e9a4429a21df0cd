"""A picture under the figures of every page is taken off them; one under a single figure is part of it."""

from __future__ import annotations

from dataclasses import replace

import pymupdf
from page_making import make_page, picture, text_line
from pdf_making import encode, make_photo, new_page, save

from alignment.pairing import align_book
from extractors.geometry import union
from extractors.reader import ReadSettings, open_document, read_pages

GROUND = (150, 200, 450, 600)
FIGURE = (120, 250, 400, 450)


def laid_over(*pieces):
    whole = replace(picture(*union(p.box for p in pieces)), coverage=0.4)
    return replace(whole, pieces=tuple(pieces))


def book_of(count, *, name):
    pages = []
    for n in range(1, count + 1):
        shown = laid_over(picture(*GROUND, name=name or f"ground {n}"), picture(*FIGURE))
        pages.append(make_page(n, [text_line(f"图{n} 缠枝牡丹纹", 220, 456, 9)], [shown]))
    return align_book(pages)


def test_a_ground_that_repeats_is_taken_off():
    book = book_of(4, name="ground")
    assert [p.figure_bbox for p in book.pairs] == [FIGURE] * 4
    assert [p.caption for p in book.pairs] == [f"图{n} 缠枝牡丹纹" for n in range(1, 5)]
    assert [d.box for d in book.dropped if "repeated" in d.reason] == [GROUND] * 4


def test_a_ground_that_does_not_is_part_of_the_figure():
    book = book_of(4, name="")
    assert [p.figure_bbox for p in book.pairs] == [union([GROUND, FIGURE])] * 4


def test_figures_on_one_ground_part_when_it_goes():
    pages = []
    for n in range(1, 4):
        left, right = picture(100, 250, 280, 450), picture(300, 250, 480, 450)
        pages.append(make_page(n, [], [laid_over(picture(*GROUND, name="ground"), left, right)]))
    assert len(align_book(pages).pairs) == 6


def test_reading_says_what_lies_on_what(tmp_path):
    document, page = new_page()
    boxes = [(100.0, 150.0, 300.0, 450.0), (80.0, 200.0, 260.0, 340.0)]
    for seed, box in enumerate(boxes):
        page.insert_image(pymupdf.Rect(box), stream=encode(make_photo(seed=seed)), keep_proportion=False)
    page.insert_text((60, 520), "Figure 1. A robe on a ground.")
    path = save(document, tmp_path)
    (read,) = read_pages(path, open_document(path), [1], ReadSettings())
    (found,) = read.pictures
    assert [tuple(map(round, piece.box)) for piece in found.pieces] == boxes
    assert len({found.fingerprint, *(piece.fingerprint for piece in found.pieces)}) == 3
    assert all(piece.tones for piece in found.pieces)


def test_a_band_at_the_head_of_many_pages_is_no_figure_though_its_box_varies() -> None:
    pages = [
        make_page(
            n,
            [text_line(f"图{n}　联珠纹锦", 240, 420)],
            [picture(58 + 14 * (n % 2), 13, 500 + 14 * (n % 2), 57 + n % 2), picture(100, 200, 450, 400)],
        )
        for n in range(1, 5)
    ]
    assert [pair.box[1] for pair in align_book(pages).pairs] == [200] * 4
