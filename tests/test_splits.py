"""7:1:2 by groups, in each series and kind; what stays from the release before, and what splits are given."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from release_making import SOURCE, make_build, make_info, make_rows, read_all

from export.plan import plan_release
from export.previous import Previous, read_previous
from export.release import write_release
from export.rows import Row
from export.splits import SHARES, assign_splits, choose_fixed
from extractors.errors import CultiError


def make_groups(count: int, seed: int = 0) -> dict[str, Counter[tuple[str, str]]]:
    """Silk entries of one to five rows of three kinds, and mural plates."""
    rng = random.Random(seed)
    groups: dict[str, Counter[tuple[str, str]]] = {}
    for n in range(count):
        if n % 3 == 0:
            groups[f"m{n}"] = Counter({("dunhuang", "mural"): rng.choice((1, 1, 1, 2))})
        else:
            details = rng.choice((0, 1, 1, 2, 3))
            counts = Counter({("silk", "pattern"): 1, ("silk", "textile"): 1})
            groups[f"s{n}"] = counts + Counter({("silk", "cropped_pattern"): details})
    return groups


def share_out(groups, splits) -> dict[str, Counter[str]]:
    """Rows by split of all, of each series and of each kind; and groups by split."""
    filled: dict[str, Counter[str]] = {}
    for group, counts in groups.items():
        filled.setdefault("groups", Counter())[splits[group]] += 1
        for (series, kind), n in counts.items():
            for key in ("rows", series, kind):
                filled.setdefault(key, Counter())[splits[group]] += n
    return filled


@pytest.mark.parametrize(("count", "points"), [(300, 2.0), (3000, 0.5)])
def test_shares_are_kept_in_all_series_kinds_and_groups(count: int, points: float) -> None:
    groups = make_groups(count)
    for key, filled in share_out(groups, assign_splits(groups)).items():
        for split, share in SHARES.items():
            assert abs(100 * filled[split] / filled.total() - 100 * share) <= points, (key, filled)


def test_a_large_group_does_not_bend_the_shares() -> None:
    groups = make_groups(300) | {"large": Counter({("silk", "cropped_pattern"): 60})}
    filled = share_out(groups, assign_splits(groups))["rows"]
    for split, share in SHARES.items():
        assert abs(filled[split] / filled.total() - share) <= 0.02, filled


def test_order_decides_nothing() -> None:
    groups = make_groups(200)
    backwards = {group: Counter(dict(reversed(c.items()))) for group, c in reversed(groups.items())}
    assert assign_splits(backwards) == assign_splits(groups)


def test_fixed_groups_stay_and_the_others_make_up_for_them() -> None:
    groups = make_groups(600)
    fixed = dict.fromkeys([g for n, g in enumerate(groups) if n % 4 == 0], "train")
    splits = assign_splits(groups, fixed | {"gone": "test"})
    assert all(splits[g] == "train" for g in fixed) and "gone" not in splits
    filled = share_out(groups, splits)["rows"]
    for split, share in SHARES.items():
        assert abs(filled[split] / filled.total() - share) <= 0.02, filled


def test_most_rows_of_a_group_decide_and_of_equals_train() -> None:
    rows = [("a", "g"), ("b", "g"), ("c", "g"), ("d", "h"), ("e", "h"), ("f", "i")]
    before = {"a": "test", "b": "test", "c": "train", "d": "test", "e": "train"}
    assert choose_fixed(rows, before) == {"g": "test", "h": "train"}


def test_pairs_keep_their_splits_when_books_come_and_go(tmp_path: Path) -> None:
    first = make_rows(tmp_path / "f", "vol1.pdf", 40)
    write_release(tmp_path / "one", first, make_info(SOURCE), make_build(SOURCE))
    before = read_previous(tmp_path / "one")
    more = make_rows(tmp_path / "f", "vol0.pdf", 30, first=100) + first[6:]
    written = write_release(tmp_path / "two", more, make_info(SOURCE), make_build(SOURCE), previous=before)
    after = read_previous(tmp_path / "two").splits
    assert not written.moved
    assert all(after[pair_id] == split for pair_id, split in before.splits.items() if pair_id in after)
    assert {row.pair_id for row in more} == set(after)
    manifest = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert manifest["splits"]["previous"]["content_sha256"] == before.content_sha256
    assert manifest["splits"]["moved"] == []


def test_a_pair_moves_only_when_its_group_grows_together_and_is_noted(
    rows: list[Row], tmp_path: Path
) -> None:
    write_release(tmp_path / "one", rows, make_info(SOURCE), make_build(SOURCE))
    before = read_previous(tmp_path / "one")
    first = {split: next(r for r in rows if before.splits[r.pair_id] == split) for split in ("train", "test")}
    merged = [
        replace(r, entry_id=first["train"].entry_id) if r.entry_id == first["test"].entry_id else r
        for r in rows
    ]
    lone = next(r for r in merged if r.pair_id == first["test"].pair_id)
    merged.remove(lone)  # two train rows and one test row are left: train wins
    written = write_release(tmp_path / "two", merged, make_info(SOURCE), make_build(SOURCE), previous=before)
    [moved] = written.moved
    assert (moved.before, moved.after) == ("test", "train")
    assert json.loads((tmp_path / "two" / "manifest.json").read_text())["splits"]["moved"] == [
        {"pair_id": moved.pair_id, "before": "test", "after": "train", "group_id": moved.group_id}
    ]
    after = read_previous(tmp_path / "two").splits
    assert {p for p, s in after.items() if s != before.splits[p]} == {moved.pair_id}


def test_given_splits_stay_and_their_groups_are_cut(rows: list[Row], tmp_path: Path) -> None:
    given = {row.pair_id: ("train", "test")[n % 2] for n, row in enumerate(rows[:20])}
    write_release(tmp_path / "r", rows, make_info(SOURCE), make_build(SOURCE), given=given)
    found = read_previous(tmp_path / "r").splits
    assert all(found[pair_id] == split for pair_id, split in given.items())
    places: dict[str, set[str]] = {}
    for row in read_all(tmp_path / "r"):
        places.setdefault(row["group_id"], set()).add(found[row["pair_id"]])
    assert all(len(splits) == 1 for splits in places.values())


def test_what_is_no_release_cannot_be_followed(rows: list[Row], release: Path, tmp_path: Path) -> None:
    with pytest.raises(CultiError, match="a release directory is wanted"):
        read_previous(tmp_path)
    write_release(tmp_path / "r", rows[:4], make_info(SOURCE), make_build(SOURCE))
    (tmp_path / "r/data/train-00000-of-00001.parquet").unlink()
    with pytest.raises(CultiError, match=r"data/train-00000-of-00001\.parquet: missing"):
        read_previous(tmp_path / "r")


def test_a_plan_tells_nothing_of_the_order_of_rows(rows: list[Row]) -> None:
    plan, again = plan_release(rows), plan_release(rows[::-1])
    assert plan.splits == again.splits and plan.grouping == again.grouping


def test_previous_rows_that_are_gone_are_no_moves() -> None:
    previous = Previous("n", "1", "c", {"a": "test", "b": "train"})
    assert previous.list_moved({"b": "g"}, {"g": "train"}) == ()
