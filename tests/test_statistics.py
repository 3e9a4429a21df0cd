"""Intervals, tests and corrections: on cases with a known answer, and for what they promise on many draws."""

import numpy as np
import pytest
from scipy import stats

from baselines.metrics import MR, Ranks
from baselines.statistics import (
    TESTED,
    Interval,
    compare_pairs,
    correct_holm,
    count_hits,
    find_gains,
    find_intervals,
    find_spread,
)

R1 = "text_to_image_R@1"


def make_ranks(random, share, groups, size=1):
    """Ranks of `groups` × `size` queries each way; a group's queries are right (1) or wrong (99) together."""
    right = random.random(groups) < share
    ranks = np.where(np.repeat(right, size), 1, 99).astype(np.int32)
    return Ranks(ranks, ranks.copy())


def name_groups(groups, size=1):
    return [f"g{n}" for n in range(groups) for _ in range(size)]


def hits_of(*runs, groups, size=1):
    names = name_groups(groups, size)
    return count_hits(runs, names, names)


def test_interval_is_that_of_a_binomial():
    random = np.random.default_rng(1)
    hits = hits_of(make_ranks(random, 0.3, 400), groups=400)
    found = find_intervals(hits)[R1]
    low, high = stats.binomtest(round(4 * found.value), 400).proportion_ci(method="wilson")
    assert found.low == pytest.approx(100 * low, abs=1.0)
    assert found.high == pytest.approx(100 * high, abs=1.0)


def test_interval_is_by_group_not_by_query():
    random = np.random.default_rng(2)
    one = make_ranks(random, 0.5, 60)
    ten = Ranks(np.repeat(one.text_to_image, 10), np.repeat(one.image_to_text, 10))
    narrow = find_intervals(hits_of(one, groups=60))[R1]
    same = find_intervals(hits_of(ten, groups=60, size=10))[R1]
    assert same.high - same.low == pytest.approx(narrow.high - narrow.low), (
        "ten queries that are right or wrong together tell no more than one"
    )


def test_intervals_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(3)
    held = 0
    for draw in range(200):
        found = find_intervals(hits_of(make_ranks(random, 0.4, 80, 2), groups=80, size=2), draw, 400)[MR]
        held += found.low <= 40 <= found.high
    # 95 % less what percentile intervals lose on 80 groups, and three deviations of 200 draws.
    assert 0.88 <= held / 200 <= 0.99


def test_values_are_those_of_the_metrics_and_means_over_seeds():
    first = Ranks(np.array([1, 3, 20], np.int32), np.array([1, 1, 8], np.int32))
    second = Ranks(np.array([1, 1, 20], np.int32), np.array([1, 1, 8], np.int32))
    hits = count_hits([first, second], ["a", "a", "b"], ["a", "b", "b"])
    found = find_intervals(hits)
    assert tuple(found) == TESTED
    assert found[R1].value == pytest.approx(50.0), "33.3 and 66.7 on the two seeds"
    assert found["image_to_text_R@10"].value == 100.0
    recalls = [found[name].value for name in TESTED[:6]]
    assert found[MR].value == pytest.approx(np.mean(recalls))


def test_paired_gain_is_narrower_than_two_intervals():
    random = np.random.default_rng(4)
    base = make_ranks(random, 0.5, 300)
    better = base.text_to_image.copy()
    better[np.flatnonzero(better == 99)[:30]] = 1
    ours, theirs = hits_of(Ranks(better, better), groups=300), hits_of(base, groups=300)
    gain = find_gains(ours, theirs)[R1]
    assert gain.value == pytest.approx(10.0)
    assert gain.excludes_zero() and gain.high - gain.low < 8
    whole = find_intervals(ours)[R1]
    assert whole.high - whole.low > gain.high - gain.low
    assert compare_pairs(ours, theirs)[R1] < 0.001


def test_seeds_that_differ_widen_the_interval():
    random = np.random.default_rng(5)
    high, low = make_ranks(random, 0.9, 200), make_ranks(random, 0.3, 200)
    two = find_intervals(hits_of(high, low, groups=200))[R1]
    one = find_intervals(hits_of(high, groups=200))[R1]
    assert two.high - two.low > 2 * (one.high - one.low)


def test_randomisation_is_exact_for_few_groups():
    base = Ranks(np.full(8, 99, np.int32), np.full(8, 99, np.int32))
    better = Ranks(np.array([1] * 5 + [99] * 3, np.int32), base.image_to_text)
    found = compare_pairs(hits_of(better, groups=8), hits_of(base, groups=8))
    assert found[R1] == pytest.approx(2 / 2**5), "all five differing groups agree: both ends of 32 swaps"
    assert found["image_to_text_R@1"] == 1.0, "nothing differs"


def test_randomisation_agrees_with_the_sign_test():
    random = np.random.default_rng(6)
    base = make_ranks(random, 0.4, 200)
    other = base.text_to_image.copy()
    other[np.flatnonzero(other == 99)[:20]] = 1
    other[np.flatnonzero(base.text_to_image == 1)[:8]] = 99
    ours = hits_of(Ranks(other, base.image_to_text), groups=200)
    expected = stats.binomtest(20, 28).pvalue
    assert compare_pairs(ours, hits_of(base, groups=200))[R1] == pytest.approx(expected, abs=0.01)


def test_no_difference_is_found_where_there_is_none():
    random = np.random.default_rng(7)
    found = []
    for _ in range(150):
        one, two = make_ranks(random, 0.5, 40), make_ranks(random, 0.5, 40)
        p = compare_pairs(hits_of(one, groups=40), hits_of(two, groups=40), rounds=500)
        found.append(p[R1])
    assert np.mean(np.array(found) <= 0.05) < 0.11, "false alarms more often than 5 % and three deviations"


def test_holm():
    found = correct_holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.5})
    assert found == pytest.approx({"a": 0.04, "b": 0.09, "c": 0.09, "d": 0.5})
    assert list(found) == ["a", "b", "c", "d"]
    assert correct_holm({}) == {}


def test_spread_and_interval():
    spread = find_spread([1.0, 2.0, 3.0])
    assert (spread.mean, spread.deviation, spread.lowest, spread.highest) == (2.0, 1.0, 1.0, 3.0)
    assert np.isnan(find_spread([1.0]).deviation)
    assert Interval(1, 0.1, 2).excludes_zero() and not Interval(1, -0.1, 2).excludes_zero()
