"""Leakage groups: what joins rows, what does not, and that order decides nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.leakage.__main__ import count_kept, judge_joins
from benchmarks.leakage.planting import cut_detail, plant_pictures, recolour, scan_again
from export.feature_bank import (
    FeatureBank,
    describe_image,
    find_packed,
    pack_features,
    unpack_features,
)
from export.groups import Grouping, find_group, group_items
from export.image_links import find_like_hashes
from export.joins import Item, find_plate, fold_text, make_item
from export.local_features import NOTHING, find_features
from export.rows import Row


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory):
    return list(plant_pictures(tmp_path_factory.mktemp("planted"), 7, seed=3))


@pytest.fixture(scope="module")
def grouping(planted) -> Grouping:
    return group_items([p.item for p in planted], describe_image)


def test_planted_doubles_are_kept_together_and_nothing_else_is_joined(planted, grouping: Grouping) -> None:
    kept, total = count_kept(planted, grouping)
    # A detail of a quarter of the width may show a plain piece of ground; benchmarks/leakage has the figures.
    assert total.total() == 36 and kept.total() >= 35
    assert all(kept[plant] == number for plant, number in total.items() if plant != "detail")
    right, _, wrong = judge_joins(planted, grouping)
    assert not wrong and right


def test_no_group_has_pictures_of_two_sources_that_show_nothing_in_common(planted, grouping) -> None:
    for one in planted:
        for other in planted:
            if one.source != other.source and not one.shows & other.shows:
                assert grouping.groups[one.item.pair_id] != grouping.groups[other.item.pair_id]


def test_order_of_the_rows_decides_nothing(planted, grouping: Grouping) -> None:
    items = [p.item for p in planted]
    random.Random(1).shuffle(items)
    again = group_items([replace(item, number=n) for n, item in enumerate(items)], describe_image)
    assert again == grouping


def test_an_entry_alone_keeps_the_group_that_its_entry_gives(planted, grouping: Grouping) -> None:
    alone = [p for p in planted if p.source == "silk 3 1"]
    assert {grouping.groups[p.item.pair_id] for p in alone} == {find_group("silk 3 1")}


def test_near_pairs_are_of_different_groups(grouping: Grouping) -> None:
    assert grouping.near
    for near in grouping.near:
        assert grouping.groups[near.one] != grouping.groups[near.other] and 0 < near.value <= 1


def make_items(*changes: dict, phash: str = "") -> list[Item]:
    """Items of entries of their own, each of a picture that cannot be read."""
    items = []
    for n, change in enumerate(changes):
        blank = Item(
            pair_id=f"{n:016x}",
            number=n,
            series="silk",
            kind="pattern",
            document="a",
            entry=f"e{n}",
            plate="",
            text="",
            image_sha256=f"{n:064x}",
            phash=phash,
            image_file=Path("/nowhere"),
        )
        items.append(replace(blank, **change))
    return items


@pytest.mark.parametrize("key", ["entry", "plate", "text", "image_sha256"])
def test_each_printed_key_joins_and_joins_on(key: str) -> None:
    items = make_items({key: "x"}, {}, {key: "x", "document": "b"}, {"document": "b"})
    other = "text" if key == "plate" else "plate"
    items[2:] = [replace(item, **{other: "y"}) for item in items[2:]]
    groups = group_items(items, lambda _: pack_features(NOTHING)).groups
    joined = {groups[items[n].pair_id] for n in (0, 2, 3)}
    assert len(joined) == 1 and groups[items[1].pair_id] not in joined


def test_rows_without_entry_and_page_stand_alone() -> None:
    items = make_items({"entry": "", "document": ""}, {"entry": "", "document": ""})
    groups = group_items(items, lambda _: pack_features(NOTHING)).groups
    assert len(set(groups.values())) == 2


@pytest.mark.parametrize(
    ("text", "joins"),
    [
        ("地色明黄，四合如意云间。", True),
        ("私人收藏", False),
        ("折枝牡丹纹", False),
        ("中国丝绸博物馆藏", False),
        ("故宫博物院藏\n北京服装学院民族服饰博物馆藏", False),
        ("故宫博物院藏\n此件地色明黄，四合如意云间", True),
        ("No. 12345678 in 1987", False),
        ("", False),
    ],
)
def test_which_texts_join(text: str, joins: bool) -> None:
    assert bool(fold_text(text)) == joins


def test_texts_that_differ_in_blanks_and_stops_are_the_same() -> None:
    assert fold_text("地色明黄，四合如意 云间。") == fold_text("地色明黄、四合\n如意云间")


@pytest.mark.parametrize(
    ("caption", "number"),
    [
        ("一六　伎乐天　西秦　第一六九窟六号龛左侧", 16),
        ("图版16 伎乐天", 16),
        ("圖版三　飛天", 3),
        ("Plate 7. Apsaras", 7),
        ("图3 折枝牡丹", None),
        ("10  海东青逐兔纹", None),
        ("", None),
    ],
)
def test_plates_are_known_by_their_number_and_figures_are_not(caption: str, number: int | None) -> None:
    assert find_plate(caption) == number


def test_a_row_without_page_has_no_plate(rows: list[Row]) -> None:
    plate = replace(rows[0], caption="一六　伎乐天")
    assert make_item(plate, 0).plate.endswith(":16") and not make_item(replace(plate, page=None), 0).plate


def test_like_hashes_are_found_as_by_comparing_all() -> None:
    rng = random.Random(4)
    base = [rng.getrandbits(64) for _ in range(60)]
    near = [value ^ sum(1 << bit for bit in rng.sample(range(64), k % 9)) for k, value in enumerate(base)]
    values = base + near
    expected = {
        (a, b)
        for a in range(len(values))
        for b in range(a + 1, len(values))
        if (values[a] ^ values[b]).bit_count() <= 6
    }
    assert set(find_like_hashes([f"{v:016x}" for v in values])) == expected
    assert not list(find_like_hashes(["", "", "no hash", "f" * 40]))


def test_many_equal_hashes_hang_together_without_every_pair_of_them() -> None:
    found = list(find_like_hashes(["e5f7058de1c425e4"] * 300))
    assert {other for _, other in found} == set(range(1, 300)) and all(a < b for a, b in found)
    assert len(found) <= 300 * 40


def test_features_are_the_same_packed_and_in_the_bank(planted) -> None:
    blocks = [describe_image(p.item.image_file) for p in planted[:4]]
    blocks.insert(2, pack_features(NOTHING))
    with FeatureBank(iter(blocks)) as bank:
        for number, block in enumerate(blocks):
            one, other = bank[number], unpack_features(block)
            assert np.array_equal(one.points, other.points) and (one.width, len(one)) == (
                other.width,
                len(other),
            )
            assert np.array_equal(one.colours, other.colours)
        joined = bank.join_descriptors(range(1, 4))
        assert np.array_equal(joined, np.concatenate([bank[n].descriptors for n in (1, 2, 3)]))


def test_packed_features_are_found_in_a_file(tmp_path: Path, planted) -> None:
    blocks = [describe_image(p.item.image_file) for p in planted[:2]] + [pack_features(NOTHING)]
    path = tmp_path / "features"
    path.write_bytes(b"".join(blocks))
    with path.open("rb") as file:
        places = find_packed(file)
    assert [path.read_bytes()[a:b] for a, b in places] == blocks


@pytest.mark.parametrize("pixels", [np.full((300, 200, 3), 90), np.zeros((4, 900, 3)), np.zeros((1, 1, 3))])
def test_pictures_without_anything_on_them_have_no_features(pixels) -> None:
    assert len(find_features(pixels.astype(np.uint8))) == 0


def test_a_file_that_is_no_picture_is_like_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8 no picture")
    assert len(unpack_features(describe_image(tmp_path / "a.jpg"))) == 0


def test_damages_change_what_they_say() -> None:
    """The planted doubles would prove nothing if they were the picture itself."""
    rng = np.random.default_rng(1)
    pixels = cv2.GaussianBlur(rng.integers(0, 256, (300, 400, 3), np.uint8), (0, 0), 3)
    assert cut_detail(pixels, rng, 0.3, 0.4).shape[0] < 300
    assert np.abs(recolour(pixels, rng).astype(int) - pixels).mean() > 10
    assert scan_again(pixels, rng).shape != pixels.shape
