"""The benchmark's scorer: what counts as found, and what as right."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.extraction.scoring import (
    FoundFigure,
    Score,
    TrueBook,
    TrueFigure,
    is_right,
    measure_iou,
    read_found,
    read_truth,
    score_book,
    strip_text,
)

LEFT, RIGHT = (0.0, 0.0, 100.0, 100.0), (200.0, 0.0, 300.0, 100.0)
GEESE, LOTUS = "图1　团窠对雁纹锦", "图2　缠枝莲纹绫"
BOOK = TrueBook("book", (TrueFigure(1, LEFT, (GEESE,)), TrueFigure(1, RIGHT, (LOTUS,))), None)


def find(box, text, page=1):
    return FoundFigure("book", page, box, text)


def test_figures_with_their_own_texts_are_found_and_right():
    score = score_book(BOOK, [find(LEFT, GEESE), find(RIGHT, LOTUS)])
    assert score == Score(2, 2, 0, 2)
    assert score.figure_f1 == score.pair_f1 == 1.0


def test_texts_that_were_swapped_are_found_and_wrong():
    score = score_book(BOOK, [find(LEFT, LOTUS), find(RIGHT, GEESE)])
    assert score == Score(2, 2, 0, 0)


def test_a_pair_with_the_neighbours_text_too_is_wrong():
    assert score_book(BOOK, [find(LEFT, GEESE + LOTUS), find(RIGHT, LOTUS)]).right == 1


@pytest.mark.parametrize(("right_edge", "found"), [(100.0, 1), (71.0, 1), (69.0, 0), (145.0, 0)])
def test_a_box_is_found_from_an_overlap_of_seven_tenths(right_edge, found):
    book = TrueBook("book", BOOK.figures[:1], None)
    assert score_book(book, [find((0.0, 0.0, right_edge, 100.0), GEESE)]).found == found


def test_a_row_answers_for_one_figure_only():
    twice = TrueBook("book", (BOOK.figures[0], BOOK.figures[0]), None)
    assert score_book(twice, [find(LEFT, GEESE)]) == Score(2, 1, 0, 1)


def test_what_no_truth_knows_is_extra_on_labelled_pages_alone():
    stray = find(RIGHT, "", page=7)
    assert score_book(TrueBook("book", BOOK.figures, None), [stray]).extra == 1
    assert score_book(TrueBook("book", BOOK.figures, frozenset({1})), [stray]).extra == 0


def test_f1_of_half_found_with_as_many_extra():
    score = Score(figures=4, found=2, extra=2, right=1)
    assert score.figure_f1 == 0.5
    assert score.pair_f1 == 0.25


def test_misread_signs_are_forgiven_and_missing_words_are_not():
    text = "唐代卷草纹样，花叶舒展，线条流畅，多见于石窟藻井边饰"
    assert is_right(strip_text(text.replace("卷", "巻")), (text,), ())
    assert not is_right(strip_text(text[: len(text) // 2]), (text,), ())


def test_a_figure_without_printed_text_needs_none():
    assert is_right(strip_text("whatever was read there"), (), ())


def test_a_page_that_was_swallowed_whole_is_wrong():
    assert not is_right(strip_text(GEESE + "字" * 400), (GEESE,), ())


def test_a_text_that_is_a_part_of_ones_own_is_not_foreign():
    assert is_right(strip_text("莲花藻井全图之局部"), ("莲花藻井全图之局部",), ("莲花藻井全图",))


def test_boxes_that_only_touch_share_nothing():
    assert measure_iou(LEFT, (100.0, 0.0, 200.0, 100.0)) == 0.0
    assert measure_iou(LEFT, None) == 0.0


def test_truth_and_rows_are_read_from_files(tmp_path):
    rows = [
        {"pdf": "book.pdf", "page": 1, "bbox": None, "texts": []},
        {"pdf": "book.pdf", "page": 1, "bbox": list(LEFT), "texts": [GEESE]},
    ]
    (tmp_path / "gt.json").write_text(json.dumps(rows), encoding="utf-8")
    assert read_truth(tmp_path / "gt.json") == [TrueBook("book", BOOK.figures[:1], frozenset({1}))]
    table = {
        "document": ["book.pdf", "book.pdf"],
        "page": [1, 1],
        "figure_bbox": [list(LEFT), list(LEFT)],
        "title": ["纹", None],
        "caption": [GEESE, ""],
        "description": ["", "局部"],
        "parent_pair_id": [None, "0123"],
    }
    pq.write_table(pa.table(table), tmp_path / "rows.parquet")
    (figure,) = read_found(tmp_path)
    assert (figure.document, figure.page, figure.box) == ("book", 1, LEFT)
    assert strip_text(figure.text) == strip_text("纹" + GEESE)
