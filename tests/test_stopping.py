"""When enough was checked: intervals, what is left by strata, how many more, and agreement."""

from __future__ import annotations

import random

import pytest

from alignment.review.risk import find_stratum, measure_risk
from alignment.review.stopping import estimate_left, measure_agreement, measure_interval


def test_wilson_interval_is_that_of_the_literature():
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for wrong, checked, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert measure_interval(wrong, checked) == pytest.approx((low, high), abs=1e-4)


def test_nothing_checked_says_nothing():
    found = estimate_left({}, {"a": 100})
    assert (found.low, found.high) == (0.0, 1.0) and found.more > 90


def test_what_was_checked_is_right_now():
    found = estimate_left({"a": (100, 40)}, {"a": 100, "b": 0})
    assert (found.share, found.high, found.more) == (0.0, 0.0, 0)


def test_a_release_without_rows_is_done():
    assert estimate_left({}, {}).more == 0


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = random.Random(7)
    truth = {"low": (300, 0.3), "fair": (700, 0.08), "high": (2000, 0.01)}
    sizes = {name: size for name, (size, _) in truth.items()}
    held = 0
    for _ in range(300):
        books = {n: [rng.random() < rate for _ in range(size)] for n, (size, rate) in truth.items()}
        seen = {name: book[: len(book) // 5] for name, book in books.items()}
        left = sum(sum(books[n][len(seen[n]) :]) for n in books) / sum(sizes.values())
        found = estimate_left({n: (len(s), sum(s)) for n, s in seen.items()}, sizes)
        held += found.low <= left <= found.high
    assert held >= 0.93 * 300


def test_as_many_more_as_it_says_reach_the_target():
    sizes = {"high": 3000, "low": 200}
    checked = {"high": (100, 1), "low": (50, 10)}
    found = estimate_left(checked, sizes, target=0.02)
    assert 0 < found.more < 3050
    assert estimate_left({"high": (3000, 30), "low": (200, 40)}, sizes, target=0.02).more == 0


def test_more_checked_than_there_are_is_refused():
    with pytest.raises(ValueError, match="low: 0 wrong of 5 checked of 4"):
        estimate_left({"low": (5, 0)}, {"low": 4})


def test_kappa_is_that_of_a_worked_example():
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = measure_agreement(pairs)
    assert found.observed == pytest.approx(0.7) and found.kappa == pytest.approx(0.4)
    assert measure_agreement([]).kappa is None
    assert measure_agreement([("y", "y")] * 3).kappa is None


def test_risk_orders_what_is_doubtful_first():
    sure = measure_risk(0.99, "caption:figure:below", 0.99, None)
    doubtful = measure_risk(0.4, "caption:figure:below", 0.99, None)
    blurred = measure_risk(0.99, "caption:figure:below", 0.99, 0.7)
    other_kind = measure_risk(0.99, "caption:figure:below", 0.5, None)
    stale = measure_risk(0.99, "caption:figure:below", 0.99, None, ("stale",))
    assert sure < min(doubtful, blurred, other_kind, stale)
    assert measure_risk(0.99, "r", 0.99, None, ("conflict",)) == 1.0
    assert measure_risk(None, "", None, None) == 0.0


def test_strata_part_what_errs_in_its_own_way():
    names = {
        find_stratum(0.95, "caption:figure:below", None),
        find_stratum(0.95, "caption:figure:below", 0.9),
        find_stratum(0.7, "caption:figure:below", None),
        find_stratum(0.0, "none:no caption near", None),
        find_stratum(0.95, "caption:figure:below+note", None),
    }
    assert len(names) == 5
