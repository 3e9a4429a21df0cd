"""The measure by which the two readers are compared."""

from __future__ import annotations

import pytest

from benchmarks.readers import Reading, compare, join_readings, write_table

PLATE, OTHER, LINE = (50.0, 50.0, 250.0, 350.0), (50.0, 60.0, 250.0, 350.0), (50.0, 400.0, 250.0, 400.0)


def make_reading(boxes, texts, **options) -> Reading:
    return Reading(boxes, texts, options.get("by_ocr", 0), options.get("by_other", 0), 2.0, 100 << 20)


def test_figures_are_shared_both_ways_and_lines_by_their_corners():
    one = make_reading([[PLATE, LINE], [PLATE]], ["团窠", "联珠"])
    two = make_reading([[OTHER, (50.0, 400.4, 250.4, 400.4)], []], ["团窠", "联"])
    found = compare(one, two)
    assert found.figures == (3, 2)
    assert found.shared == pytest.approx(4 / 5)
    assert found.text == pytest.approx(3 / 4)


def test_files_without_anything_agree():
    nothing = make_reading([[]], [""])
    assert compare(nothing, nothing).text == compare(nothing, nothing).shared == 1
    assert "| 0 / 0 |" in write_table([("empty", nothing, nothing)])


def test_the_last_row_is_over_all_pages():
    one = join_readings([make_reading([[PLATE]], ["甲"], by_other=1), make_reading([[], []], ["乙", "丙"])])
    assert (len(one.texts), one.by_other, one.seconds) == (3, 1, 4.0)
    assert "3 (1 / 1 by the other)" in write_table([("all", one, one)])
