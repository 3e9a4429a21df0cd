"""The measures of what is read wrongly on scans, and of what a second opinion changes."""

from __future__ import annotations

from page_making import column, text_line

from benchmarks.extraction.scoring import FoundFigure, TrueBook
from benchmarks.recognition import list_confusions, match_lines, tally
from benchmarks.second_opinion import (
    Book,
    Opinion,
    add_missed,
    do_both,
    drop_doubtful,
    move_edges,
    take_model,
)

HERE, THERE = (50.0, 50.0, 250.0, 250.0), (50.0, 400.0, 250.0, 600.0)


def test_a_line_read_in_two_pieces_is_one_passage():
    printed = [text_line("图三　联珠对鸟纹锦", 50, 50)]
    read = [text_line("对鸟纹绵", 90, 51), text_line("图三联珠", 50, 50)]
    (passage,) = match_lines(printed, read)
    assert (passage.truth, passage.read) == ("图三联珠对鸟纹锦", "图三联珠对鸟纹绵")
    assert list_confusions([passage]) == {("锦", "绵"): 1}


def test_what_is_lost_and_what_is_invented_are_both_errors():
    passages = list(
        match_lines(
            [text_line("图三", 50, 50), text_line("图四", 50, 90)],
            [text_line("图三", 50, 50), text_line("王", 300, 300)],
        )
    )
    sums = tally(passages)
    assert (sums.passages, sums.characters, sums.edits, sums.missed) == (2, 4, 3, 2)


def test_columns_are_told_from_rows_and_width_of_punctuation_is_folded():
    passages = list(match_lines([column("唐，青海", 300, 50)], [column("唐,青海", 300, 50)]))
    assert [p.direction for p in passages] == ["vertical"]
    sums = tally(passages)
    assert (sums.edits, sums.edits_folded) == (1, 0)


def make_book(ours, *opinions) -> Book:
    figures = [FoundFigure("b", 1, box, "") for box in ours]
    return Book(TrueBook("b", (), None), figures, [Opinion(1, *opinion) for opinion in opinions])


def test_a_figure_that_the_model_takes_for_text_is_dropped_only_where_it_is_sure():
    assert drop_doubtful(make_book([HERE], (HERE, "text", 0.9))) == []
    for said in [(HERE, "text", 0.6), (THERE, "text", 0.9), (HERE, "figure", 0.6)]:
        assert len(drop_doubtful(make_book([HERE], said))) == 1


def test_a_figure_of_the_model_is_added_only_where_there_is_none():
    assert len(add_missed(make_book([HERE], (HERE, "figure", 0.9)))) == 1
    assert [f.box for f in add_missed(make_book([HERE], (THERE, "figure", 0.9)))] == [HERE, THERE]
    assert len(add_missed(make_book([HERE], (THERE, "figure", 0.6), (THERE, "table", 0.9)))) == 1


def test_the_other_ways_follow_from_these():
    book = make_book([HERE], (HERE, "text", 0.9), (THERE, "figure", 0.9))
    assert [f.box for f in do_both(book)] == [f.box for f in take_model(book)] == [THERE]
    near = (50.0, 50.0, 250.0, 220.0)
    assert [f.box for f in move_edges(make_book([HERE], (near, "figure", 0.9)))] == [near]
