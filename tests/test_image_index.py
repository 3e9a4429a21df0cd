"""The index of images: what it finds, that parts on disk decide nothing, and that an image costs the same."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest

import export.image_index as index
from export.feature_bank import FeatureBank, pack_features
from export.image_index import find_candidates
from export.image_matching import measure_overlap
from export.local_features import Features, count_bits, find_features
from export.parted_records import PartedRecords

SIZE_PX = 400


def make_features(rng: np.random.Generator, count: int = 300) -> Features:
    """Features at chance."""
    places = rng.uniform(0, SIZE_PX, (count, 2))
    levels = np.sort(rng.integers(0, 10, (count, 1)), axis=0)
    points = np.hstack((places, levels)).astype(np.float32)
    descriptors, colours = rng.integers(0, 256, (count, 32), np.uint8), np.zeros((count, 3), np.uint8)
    return Features(points, descriptors, colours, SIZE_PX, SIZE_PX)


def make_bank(count: int, pairs: int = 0) -> FeatureBank:
    """Images that have nothing in common, and of the first `pairs` another, a tenth of its bits turned."""
    rng = np.random.default_rng(8)
    images = [make_features(rng) for _ in range(count - pairs)]
    for image in images[:pairs]:
        turned = np.packbits(rng.random((len(image), 256)) < 0.1, axis=1)
        points, colours = image.points, image.colours
        images.append(Features(points, image.descriptors ^ turned, colours, SIZE_PX, SIZE_PX))
    return FeatureBank(pack_features(image) for image in images)


def know_none(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.zeros(len(one), bool)


def list_candidates(bank: FeatureBank) -> list[tuple[int, int, list[int], list[int]]]:
    return [(c.one, c.other, *(p.tolist() for p in c.pairs)) for c in find_candidates(bank, know_none)]


def test_images_with_features_alike_are_found_each_way_and_no_others() -> None:
    with make_bank(30, pairs=5) as bank:
        found = {(c.one, c.other) for c in find_candidates(bank, know_none)}
    assert found == {pair for k in range(5) for pair in ((k, 25 + k), (25 + k, k))}


def test_what_is_known_is_not_found() -> None:
    with make_bank(30, pairs=5) as bank:
        found = {c.one for c in find_candidates(bank, lambda one, other: (one % 25 == 0) & (other % 25 == 0))}
    assert found == {1, 2, 3, 4, 26, 27, 28, 29}


def test_parts_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release too large for memory has the candidates that it would have in it."""
    with make_bank(30, pairs=5) as bank:
        whole = list_candidates(bank)
        monkeypatch.setattr(index, "_PART_FEATURES", 700)
        monkeypatch.setattr(index, "_PART_IMAGES", 4)
        monkeypatch.setattr(index, "_BATCH_PAIRS", 50)
        assert list_candidates(bank) == whole


def test_an_image_costs_as_much_in_a_large_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Descriptors compared per image: an index that asks every shard for every image would have them grow."""
    compared: list[int] = []

    def count(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        compared.append(len(one))
        return count_bits(one, other)

    monkeypatch.setattr(index, "count_bits", count)
    monkeypatch.setattr(index, "_PART_FEATURES", 20_000)
    monkeypatch.setattr(index, "_KEY_BITS", (8, 24))
    each = []
    for size in (110, 880):
        compared.clear()
        with make_bank(size) as bank:
            assert not list_candidates(bank)
        each.append(sum(compared) / size)
    # Eight times as many features have keys three bits longer, and one table more.
    assert each[1] < 1.5 * each[0]


def test_an_image_has_a_limited_number_of_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many that are alike to it, those with most features in common."""
    monkeypatch.setattr(index, "_MOST_CANDIDATES", 2)
    rng = np.random.default_rng(2)
    whole = make_features(rng)
    images = [whole]
    for share in (0.2, 0.4, 0.6, 0.8):
        other = make_features(rng)
        chosen = rng.random(len(whole)) < share
        descriptors = np.where(chosen[:, None], whole.descriptors, other.descriptors)
        images.append(Features(whole.points, descriptors, whole.colours, SIZE_PX, SIZE_PX))
    with FeatureBank(pack_features(image) for image in images) as bank:
        found = [c.other for c in find_candidates(bank, know_none) if c.one == 0]
    assert found == [3, 4]


def test_a_pattern_that_repeats_keeps_no_other_out() -> None:
    """Each feature stands twelve times in one image and once, a little less alike, in another."""
    rng = np.random.default_rng(4)
    asking = make_features(rng, 100)

    def turn(share: float, times: int) -> Features:
        points, descriptors = (np.repeat(a, times, 0) for a in (asking.points, asking.descriptors))
        turned = np.packbits(rng.random((len(points), 256)) < share, axis=1)
        return Features(points, descriptors ^ turned, np.zeros((len(points), 3), np.uint8), SIZE_PX, SIZE_PX)

    with FeatureBank(pack_features(image) for image in (asking, turn(0.02, 12), turn(0.06, 1))) as bank:
        assert {c.other for c in find_candidates(bank, know_none) if c.one == 0} == {1, 2}


def test_records_come_back_by_part_in_their_order() -> None:
    record = np.dtype([("key", "<u4"), ("place", "u1")])
    rng = np.random.default_rng(3)
    added = [np.array([(k, j) for j in range(20)], record) for k in range(4)]
    parts = [rng.integers(0, 5, 20) for _ in added]
    with PartedRecords(record) as file:
        for records, numbers in zip(added, parts, strict=True):
            file.add(records, numbers)
        file.add(added[0][:0], parts[0][:0])
        joined, numbers = np.concatenate(added), np.concatenate(parts)
        for part in (*range(5), 9):
            assert np.array_equal(file.read(part), joined[numbers == part])


def test_a_pattern_that_repeats_is_laid_where_it_fits_and_not_a_repeat_further(monkeypatch) -> None:
    """Most features agree on a place one repeat off, where the rim of the detail does not fit."""
    rng = np.random.default_rng(5)
    tile, rim = (rng.integers(0, 256, (n, n // 2, 3), np.uint8).repeat(2, 1) for n in (90, 630))
    pattern = rim.copy()
    pattern[180:450, 180:450] = np.tile(tile, (3, 3, 1))
    pattern = cv2.GaussianBlur(pattern, (0, 0), 2)
    detail = pattern[100:400, 100:400]
    one, other = find_features(np.ascontiguousarray(detail)), find_features(pattern)
    right, wrong = (match(one, other, shift) for shift in (100, 190))
    assert len(wrong[0]) > 40
    # Thrice as many for the wrong place as for the right one.
    few = len(wrong[0]) // 3
    pairs = tuple(np.concatenate((a[:few], b)) for a, b in zip(right, wrong, strict=True))
    overlap = measure_overlap(one, other, pairs)
    assert overlap.share > 0.8 and overlap.placing is not None
    assert overlap.placing[:, 2] == pytest.approx((100, 100), abs=1)
    monkeypatch.setattr("export.image_matching._MOST_PLACINGS", 1)
    assert measure_overlap(one, other, pairs).share < 0.5


def match(one: Features, other: Features, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Features alike where the one image lies on the other so many pixels right and down."""
    found = []
    for p, (x, y, level) in enumerate(one.points):
        near = np.abs(other.points[:, :2] - (x + shift, y + shift)).max(1) < 2
        for q in np.flatnonzero(near & (other.points[:, 2] == level)):
            if count_bits(one.descriptors[p : p + 1], other.descriptors[q : q + 1])[0] < 40:
                found.append((p, int(q)))
    p, q = np.array(found).T
    return p, q


def test_a_bank_keeps_no_features_in_memory() -> None:
    rng = np.random.default_rng(3)
    packed = [pack_features(make_features(rng, 2_000)) for _ in range(3)]
    size = len(packed[0])
    tracemalloc.start()
    try:
        with FeatureBank(bytes(bytearray(packed[n % 3])) for n in range(60)) as bank:
            _, peak = tracemalloc.get_traced_memory()
            assert len(bank) == 60 and peak < 5 * size
    finally:
        tracemalloc.stop()
