"""The benchmark of texts counts what it says, and the sample books keep what is wanted of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_making import make_page, picture, text_line

from alignment.pairing import align_book
from benchmarks.text.__main__ import judge_book
from benchmarks.text.scoring import Judged, match_figures, tally_description, tally_fields
from samples.books import write_volume
from samples.scan import scan_volume
from samples.truth import Figure, make_rows, read_figures

FIELDS = {"plate_number": "一六", "dynasty": "西秦", "cave": "第一六九窟", "position": "北壁"}


@pytest.fixture
def judged() -> Judged:
    lines = [text_line("一六　伎乐天　西秦　第一六九窟北壁", 100, 510, 9)]
    pairs = align_book([make_page(1, lines, [picture(100, 80, 400, 500)])], "dunhuang").pairs
    figure = Figure(1, (100, 80, 400, 500), (), "伎乐天　西秦　第一六九窟北壁", FIELDS)
    (found,) = match_figures(make_rows("book.pdf", 1, [figure]), pairs)
    return found


def test_what_is_read_as_printed_is_right(judged: Judged) -> None:
    sums = tally_description([judged])
    assert (sums.texts, sums.edits, sums.exact) == (1, 0, 1)
    assert {name: t.f1 for name, t in tally_fields([judged]).items()} == dict.fromkeys(FIELDS, 1.0)
    assert list(judged.differences()) == []


def test_what_is_wrong_missing_or_invented_counts(judged: Judged) -> None:
    fields = {**FIELDS, "dynasty": "北凉", "site": "炳灵寺"}
    del fields["cave"]
    other = replace(judged, figure=replace(judged.figure, description="伎乐天人", fields=fields))
    tallies = tally_fields([judged, other, replace(judged, pair=None)])
    assert (tallies["dynasty"].printed, tallies["dynasty"].read, tallies["dynasty"].right) == (3, 2, 1)
    assert (tallies["site"].printed, tallies["site"].precision, tallies["site"].recall) == (1, 1.0, 0.0)
    assert (tallies["cave"].printed, tallies["cave"].precision) == (2, 0.5)
    assert tally_description([other, replace(judged, pair=None)]).edits == 9 + 12
    assert len(list(other.differences())) == 4


def test_truth_is_kept_by_files_and_scans(tmp_path: Path) -> None:
    rows = write_volume(
        tmp_path / "a.pdf", seed=3, series="silk", entries=2, layout="own", front_matter=False
    )
    told = read_figures(rows)
    assert all(f.fields is not None for f in told)
    assert {"technique", "collection"} <= {name for f in told for name in f.fields or ()}
    scanned = read_figures(scan_volume(tmp_path / "a.pdf", tmp_path / "b.pdf", seed=3, truth=rows, pages=[1]))
    first = [f for f in told if f.page == 1]
    assert [(f.description, f.fields) for f in scanned] == [(f.description, f.fields) for f in first]


def test_fields_and_descriptions_of_sample_books_are_read(tmp_path: Path) -> None:
    judged = []
    for series, layout in (("silk", "mixed"), ("dunhuang", "mixed"), ("other", "mixed")):
        path = tmp_path / f"{series}.pdf"
        judged += judge_book(
            path, series, write_volume(path, seed=7, series=series, entries=6, layout=layout)
        )
    tallies = tally_fields(judged)
    assert {"figure_number", "plate_number", "dynasty", "cave", "position", "collection"} <= tallies.keys()
    assert {name: t.f1 for name, t in tallies.items() if t.f1 < 0.95} == {}
    sums = tally_description(judged)
    assert sums.texts > 20 and sums.edits <= 0.005 * sums.characters
