"""The leakage report: nearest neighbours as by comparing all, what card and page say, and whose pixels."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from release_making import make_build, make_info, make_rows, make_source

from export import nearest_rows
from export.leakage import Leakage, measure_leakage
from export.nearest_rows import find_nearest_texts, list_bigrams
from export.neighbour_sheet import SHEET, draw_sheet
from export.plan import Plan, plan_release
from export.release import write_release
from export.rows import Row
from extractors.errors import CultiError

OPEN, CLOSED = make_source("vol1.pdf"), make_source("plates.pdf", "dunhuang", "no-redistribution")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Rows of a book that may be shown and of one that may not, with texts that are near each other."""
    folder = tmp_path_factory.mktemp("mixed")
    rows = make_rows(folder, "vol1.pdf", 30) + make_rows(folder, "plates.pdf", 30, "no-redistribution", 40)
    words = "地色明黄四合如意云间饰杂宝折枝牡丹缠枝莲花"
    return [
        replace(r, description=words[n % 7 :] + f"其{n}" if r.has_text else "") for n, r in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def planned(mixed: list[Row]) -> tuple[Plan, Leakage]:
    plan = plan_release(mixed)
    return plan, measure_leakage(mixed, plan)


def dice(one: str, other: str) -> float:
    """Twice the common pairs of characters over all of both, counted by hand."""
    a, b = ({x + y for x, y in pairwise("".join(text.split()))} for text in (one, other))
    return 2 * len(a & b) / max(1, len(a) + len(b))


def part(rows: list[Row], plan: Plan, split: str) -> list[Row]:
    return list(plan.select(rows, split))


def test_nearest_texts_and_hashes_are_those_of_a_naive_search(mixed, planned) -> None:
    plan, leakage = planned
    test, train = part(mixed, plan, "test"), part(mixed, plan, "train")
    texts = [max(dice(a.description, b.description) for b in train) for a in test]
    hashes = [min((int(a.phash, 16) ^ int(b.phash, 16)).bit_count() for b in train) for a in test]
    assert len(test) > 8 and leakage.test_rows == len(test) and leakage.train_rows == len(train)
    for step, number in leakage.texts.items():
        assert number == sum(value >= step - 1e-9 for value in texts), step
    for bits, number in leakage.hashes.items():
        assert number == sum(value <= bits for value in hashes), bits
    assert [n.value for n in leakage.nearest_texts] == pytest.approx(sorted(texts, reverse=True)[:10])
    by_id = {row.pair_id: row for row in mixed}
    for near in leakage.nearest_texts:
        assert near.value == pytest.approx(dice(by_id[near.test].description, by_id[near.train].description))


@pytest.mark.parametrize(("often", "cells"), [(2, 90), (128, 2_000_000)])
def test_frequent_and_rare_character_pairs_both_count(
    often: int, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_rows, "_OFTEN", often)
    monkeypatch.setattr(nearest_rows, "_CELLS", cells)
    rng = random.Random(5)
    # Some characters are in every text and most in few, as in books.
    texts = ["".join(chr(0x4E00 + int(300 ** rng.random())) for _ in range(n % 40)) for n in range(100)]
    asked, known = texts[:30], [*texts[30:], *texts[30:50]]
    found, places = find_nearest_texts([list_bigrams(t) for t in asked], map(list_bigrams, known))
    for text, value, place in zip(asked, found, places, strict=True):
        wanted = [dice(text, other) for other in known]
        assert value == pytest.approx(max(wanted)) and (not value or place == wanted.index(max(wanted)))


def test_nearest_images_are_a_test_row_beside_a_train_row_likest_first(mixed, planned) -> None:
    plan, leakage = planned
    splits = {row.pair_id: plan.place(row)[0] for row in mixed}
    assert len(leakage.nearest) == 10
    for near in leakage.nearest:
        assert (splits[near.test], splits[near.train]) == ("test", "train")
        assert [shown.pair_id for shown in near.shown] == [near.test, near.train]
    assert [n.value for n in leakage.nearest] == sorted((n.value for n in leakage.nearest), reverse=True)


def test_order_of_rows_decides_nothing(mixed, planned) -> None:
    backwards = mixed[::-1]
    plan = plan_release(backwards)
    assert replace(measure_leakage(backwards, plan), large=()) == replace(planned[1], large=())


def test_bigrams_leave_blanks_out_and_short_texts_have_none() -> None:
    assert len(list_bigrams("云 间\n云间")) == 2
    assert len(list_bigrams("云")) == len(list_bigrams("")) == 0
    assert len(list_bigrams("𠀀云𠀀云")) == 2, "a character beyond the first plane is one"


def test_a_large_group_is_told_in_manifest_card_and_page(mixed: list[Row], tmp_path: Path) -> None:
    same = [replace(r, entry_id="whole" if n < 12 else r.entry_id) for n, r in enumerate(mixed)]
    written = write_release(tmp_path / "r", same, make_info(OPEN, CLOSED), make_build(OPEN, CLOSED))
    largest = written.leakage.large[0]
    assert largest.rows >= 12 and largest.share == pytest.approx(largest.rows / 60)
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["splits"]["large_groups"][0]["rows"] == largest.rows
    assert f"A group has {largest.rows} rows, {100 * largest.share:.1f} % of the release" in (
        tmp_path / "r" / "README.md"
    ).read_text(encoding="utf-8")
    assert largest.group_id in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_card_and_page_have_the_counts_and_the_picture(mixed, planned, tmp_path: Path) -> None:
    write_release(tmp_path / "r", mixed, make_info(OPEN, CLOSED), make_build(OPEN, CLOSED))
    card = (tmp_path / "r" / "README.md").read_text(encoding="utf-8")
    leakage = planned[1]
    for image, bits, text in zip(
        leakage.images.items(), leakage.hashes.items(), leakage.texts.items(), strict=True
    ):
        assert (
            f"| at least {image[0]} | {image[1]} | at most {bits[0]} of 64 bits differ | {bits[1]} |" in card
        )
        assert f"| {text[1]} |" in card
    assert f"]({SHEET})" in card and (tmp_path / "r" / SHEET).is_file()
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert page.count('class="two"') == 10 and f"{leakage.groups} groups" in page


def test_the_picture_withholds_what_may_not_be_shown(planned, tmp_path: Path) -> None:
    leakage = planned[1]
    rights = Counter(shown.rights for near in leakage.nearest for shown in near.shown)
    assert len(rights) == 2, "the ten nearest are of both books"
    closed = [
        replace(near, shown=tuple(replace(s, rights="no-redistribution") for s in near.shown))
        for near in leakage.nearest
    ]
    gone = [
        replace(near, shown=tuple(replace(s, image_file=Path("/nowhere")) for s in near.shown))
        for near in closed
    ]
    draw_sheet(tmp_path / "open.jpg", leakage.nearest)
    draw_sheet(tmp_path / "closed.jpg", closed)
    draw_sheet(tmp_path / "gone.jpg", gone)
    hidden_bytes = (tmp_path / "closed.jpg").read_bytes()
    assert hidden_bytes == (tmp_path / "gone.jpg").read_bytes(), "no pixel is looked at"
    with Image.open(tmp_path / "open.jpg") as shown, Image.open(tmp_path / "closed.jpg") as hidden:
        assert ImageChops.difference(shown, hidden).getbbox()


def test_without_test_or_train_rows_there_is_nothing_to_compare(mixed: list[Row], tmp_path: Path) -> None:
    write_release(tmp_path / "r", mixed[:1], make_info(OPEN), make_build(OPEN))
    assert "There is no test row, or no train row" in (tmp_path / "r" / "README.md").read_text(
        encoding="utf-8"
    )
    assert not (tmp_path / "r" / SHEET).exists()
    empty = plan_release([])
    assert measure_leakage([], empty).nearest == ()


def test_a_missing_image_is_still_one_clear_error(mixed: list[Row], tmp_path: Path) -> None:
    with pytest.raises(CultiError, match="cannot be read"):
        plan_release([replace(mixed[0], image_file=tmp_path / "gone.jpg")])
