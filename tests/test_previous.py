"""`culti build --previous`: pairs keep their splits; what cannot be followed is refused at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from book_making import list_bytes, read_report, run_culti, write_book, write_sources


def read_splits(release: Path) -> dict[str, str]:
    """pair_id → split, from the shards."""
    return {
        pair_id: shard.name.split("-")[0]
        for shard in (release / "data").iterdir()
        for pair_id in pq.read_table(shard, columns=["pair_id"])["pair_id"].to_pylist()
    }


def test_a_build_that_follows_keeps_splits_and_says_whom_it_follows(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(built, folder)
    before = read_splits(folder / "release")
    write_book(folder / "丙.pdf", 3, 3)
    write_sources(folder, "丙.pdf", "甲.pdf", "乙.pdf")
    # Over the very release that is followed.
    out = folder / "release"
    done = run_culti("build", folder / "sources.toml", "--out", out, "--previous", out)
    assert done.returncode == 0, done.stderr
    after = read_splits(out)
    assert len(after) == len(before) + 3
    assert {pair_id: after[pair_id] for pair_id in before} == before
    splits = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["splits"]
    assert (splits["previous"]["name"], splits["moved"]) == ("样书", [])


@pytest.mark.parametrize("damage", ["nothing there", "not a release", "manifest changed", "shard gone"])
def test_what_cannot_be_followed_is_refused(built: Path, tmp_path: Path, damage: str) -> None:
    previous = tmp_path / "previous"
    if damage == "not a release":
        previous.mkdir()
    elif damage != "nothing there":
        shutil.copytree(built / "release", previous)
    if damage == "manifest changed":
        text = (previous / "manifest.json").read_text(encoding="utf-8").replace('"0.9.1"', '"1.0"')
        (previous / "manifest.json").write_text(text, encoding="utf-8")
    if damage == "shard gone":
        next((previous / "data").iterdir()).unlink()
    done = run_culti("build", built / "甲.pdf", "--out", tmp_path / "r", "--previous", previous)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "--previous" in done.stderr and str(previous) in done.stderr
    assert not (tmp_path / "r").exists() and not (tmp_path / "r.work").exists()


def test_features_are_found_once_and_kept_in_the_store(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "copy")
    folder = tmp_path / "copy"
    blobs = list((folder / "release.work" / "store" / "blobs").glob("*.features"))
    assert blobs and sum(b.stat().st_size for b in blobs) > 5 * 40 * 100
    # Without them the images are described again, and the release is the same.
    for blob in blobs:
        blob.unlink()
    before = list_bytes(folder / "release")
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release")
    assert done.returncode == 0, done.stderr
    assert list_bytes(folder / "release") == before
    jobs = read_report(folder / "release.work")["run"]["jobs"]
    assert jobs["jobs"] - jobs["from_store"] == len(blobs)
