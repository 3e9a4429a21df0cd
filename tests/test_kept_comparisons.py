"""Kept comparisons of images: a rebuild makes none of them again, and none that is damaged is believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.leakage.planting import plant_pictures
from export.comparing import Comparison
from export.feature_bank import describe_image
from export.groups import Grouping, group_items
from export.joins import Item
from flows import kept_comparisons
from flows.kept_comparisons import KeptComparisons, keep_comparisons

Items = list[Item]


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Items:
    return [p.item for p in plant_pictures(tmp_path_factory.mktemp("planted"), 3, seed=5)]


@pytest.fixture(scope="module")
def plain(items: Items) -> Grouping:
    found = group_items(items, describe_image)
    assert found.image_links and found.near
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "comparisons.db"


class Counting:
    """Passes on to kept comparisons, and counts those that had to be made."""

    def __init__(self, kept: KeptComparisons) -> None:
        self.kept, self.made = kept, 0

    def get(self, key: bytes, /) -> Comparison | None:
        return self.kept.get(key)

    def __setitem__(self, key: bytes, comparison: Comparison, /) -> None:
        self.made += 1
        self.kept[key] = comparison


def group(items: Items, path: Path) -> tuple[Grouping, int]:
    with keep_comparisons(path) as kept:
        counting = Counting(kept)
        return group_items(items, describe_image, counting), counting.made


def list_rows(path: Path) -> list[tuple[bytes, bytes]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT key, value FROM comparison ORDER BY key").fetchall()


def test_what_was_compared_is_not_compared_again(items: Items, plain: Grouping, path: Path) -> None:
    first, made = group(items, path)
    assert first == plain and made == len(list_rows(path)) > 20
    assert group(items, path) == (plain, 0)


def test_a_new_image_is_compared_and_the_others_are_not(items: Items, path: Path) -> None:
    _, before = group(items[:-3], path)
    found, made = group(items, path)
    assert found == group_items(items, describe_image)
    assert 0 < made < before


def test_what_no_build_asks_for_any_more_is_forgotten(items: Items, path: Path) -> None:
    group(items, path)
    many = len(list_rows(path))
    group(items[: len(items) // 2], path)
    assert 0 < len(list_rows(path)) < many


def test_a_build_that_is_ended_keeps_what_it_had_and_what_there_was(items: Items, path: Path) -> None:
    group(items, path)
    before = list_rows(path)
    with pytest.raises(KeyboardInterrupt), keep_comparisons(path) as kept:
        kept[b"new"] = Comparison(False, 0.5)
        raise KeyboardInterrupt
    assert set(list_rows(path)) > set(before)


def damage_value(path: Path) -> None:
    """Another answer than was found, as a bad disk gives it."""
    with closing(sqlite3.connect(path)) as connection:
        for key, value in list_rows(path):
            changed = bytes([value[0] ^ 1]) + value[1:]
            connection.execute("UPDATE comparison SET value = ? WHERE key = ?", (changed, key))
        connection.commit()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def write_over(path: Path) -> None:
    path.write_bytes(b"no database" * 1_000)


@pytest.mark.parametrize("damage", [damage_value, cut_short, write_over])
def test_what_is_damaged_is_found_anew(
    items: Items, plain: Grouping, path: Path, damage: Callable[[Path], None]
) -> None:
    _, made = group(items, path)
    damage(path)
    assert group(items, path) == (plain, made)
    assert group(items, path) == (plain, 0)


def test_what_other_code_found_does_not_count(
    items: Items, plain: Grouping, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, made = group(items, path)
    monkeypatch.setattr(kept_comparisons, "version_stage", lambda *_: "0123456789abcdef")
    assert group(items, path) == (plain, made)


@pytest.fixture
def full_disk(path: Path) -> Iterator[None]:
    """No page more than the file has."""
    real = sqlite3.connect

    def connect(path: Path) -> sqlite3.Connection:
        connection = real(path)
        connection.execute("PRAGMA max_page_count = 3")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)
        yield


def test_without_room_all_is_compared(items: Items, plain: Grouping, path: Path, full_disk: None) -> None:
    assert group(items, path)[0] == plain


def test_without_a_folder_all_is_compared(items: Items, plain: Grouping, path: Path) -> None:
    assert group(items, path.parent / "none" / path.name)[0] == plain
