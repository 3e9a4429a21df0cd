"""The parts of the review that need no server: places of images, diffs, leases, pace, words."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.review.progress import measure_pace
from alignment.review.sessions import LEASE_SECONDS, Leases
from alignment.review.views import show_edits
from alignment.text.trail import apply_edits, find_changes, make_edits
from export.image_places import count_rows, find_places, read_image
from export.reading import open_release
from flows.review_source import ReleaseSource, list_items
from flows.workspace import Workspace

STATIC = Path(__file__).parent.parent / "alignment" / "review" / "static"


def test_every_image_is_found_by_its_place(mixed):
    found = 0
    for shard in sorted((mixed / "data").iterdir()):
        rows = pq.read_table(shard, columns=["image_sha256"]).to_pylist()
        for number, row in enumerate(rows):
            assert hashlib.sha256(read_image(shard, number)).hexdigest() == row["image_sha256"]
        assert all(find_places(shard, group) is not None for group in range(len(count_rows(shard))))
        found += len(rows)
    assert found > 50


def test_large_images_over_several_pages_and_row_groups_are_found(tmp_path):
    rng = random.Random(1)
    images = [rng.randbytes(size) for size in (3_000_000, 10, 0, 700_000, 1_200_000, 5)]
    pixels = pa.StructArray.from_arrays(
        [pa.array(images, pa.binary()), pa.array(["x"] * 6)], ["bytes", "path"]
    )
    path = tmp_path / "large.parquet"
    with pq.ParquetWriter(
        path,
        pa.schema([("image", pixels.type)]),
        compression="none",
        use_dictionary=["image.path"],
        use_content_defined_chunking=True,
        write_page_index=True,
    ) as writer:
        writer.write_table(pa.table({"image": pixels}), row_group_size=4)
    assert count_rows(path) == (4, 2) and find_places(path, 0) and find_places(path, 1)
    assert [read_image(path, n) for n in range(6)] == images


@pytest.mark.parametrize(
    "options", [{"compression": "zstd"}, {"use_dictionary": True, "compression": "none"}]
)
def test_images_that_are_stored_otherwise_are_found_too(tmp_path, options):
    images = [b"one", None, b"three"]
    pixels = pa.StructArray.from_arrays(
        [pa.array(images, pa.binary()), pa.array(["x"] * 3)], ["bytes", "path"]
    )
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"image": pixels}), path, **options)
    assert find_places(path, 0) is None
    assert [read_image(path, n) for n in range(4)] == [b"one", b"", b"three", b""]


def test_items_have_their_trail(release, tmp_path):
    stored = open_release(release)
    source = ReleaseSource(stored, Workspace(tmp_path), [])
    items = list(list_items(stored))
    assert len(items) == 30
    for item in items:
        edits = source.read_trail(item)
        for name in ("title", "caption", "description"):
            own = [edit for edit in edits if edit.field == name]
            texts = source.read_texts(item)
            assert "".join(region.text for region in texts.regions).replace("\n", "") == texts.raw.replace(
                "\n", ""
            )
            if texts.raw:
                assert apply_edits(texts.raw, own) == getattr(item, name)


@given(st.text("甲乙丙 \n", max_size=14), st.lists(st.text("甲丁 ", max_size=14), max_size=3))
def test_a_diff_has_both_texts_in_it(first, later):
    edits, text = [], first
    for after in later:
        edits += make_edits("title", "rules", "rule", text, find_changes(text, after))
        text = after
    pieces = show_edits(first, edits)
    assert "".join(part for sign, part in pieces if sign != "+") == first
    assert "".join(part for sign, part in pieces if sign != "-") == text


def test_a_lease_ends_by_itself_and_with_the_next():
    now = [0.0]
    leases = Leases(lambda: now[0])
    assert leases.take("a", "甲", [1, 2]) == {}
    assert leases.take("b", "乙", [2, 3]) == {2: "甲"}
    assert leases.take("a", "甲", [4]) == {}
    assert leases.take("b", "乙", [1, 2]) == {}
    now[0] = LEASE_SECONDS + 1
    assert leases.take("a", "甲", [1, 2]) == {}


def test_the_forecast_takes_no_account_of_pauses():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [0, 4, 8, 12, 16, 20, 4000, 4004]
    times = [("甲", (start + timedelta(seconds=s)).isoformat()) for s in moments]
    assert measure_pace(times, start + timedelta(seconds=4010)) == (4.0, 1)
    assert measure_pace(times, start + timedelta(seconds=9000)) == (4.0, 0)
    assert measure_pace(times[:3], start)[0] is None


def test_both_languages_have_the_same_words():
    words = json.loads((STATIC / "words.json").read_text(encoding="utf-8"))
    assert words["zh"].keys() == words["en"].keys()
    assert all(text.strip() for group in words.values() for text in group.values())


def test_scripts_make_no_markup():
    for script in STATIC.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, script.name
