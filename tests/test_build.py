"""The whole line on small books: what is in the release, and the same again."""

from __future__ import annotations

import json
import shutil
import time

import pyarrow.parquet as pq
import pytest
from book_making import (
    list_bytes,
    read_report,
    run_culti,
    start_culti,
    write_book,
    write_sources,
)


def test_every_picture_is_a_row_with_its_text_and_origin(built):
    rows = [r for f in sorted((built / "release" / "data").iterdir()) for r in pq.read_table(f).to_pylist()]
    assert len(rows) == 5
    for row in rows:
        assert row["caption"].startswith("图") and "缠枝莲纹锦之" in row["caption"]
        assert row["document"] in ("甲.pdf", "乙.pdf")
        assert row["origin"] == "embedded" and row["image"]["bytes"].startswith(b"\xff\xd8")
        assert row["figure_bbox"] == pytest.approx([80, 100, 320, 280], abs=1)
        assert (row["series"], row["rights"]) == ("silk", "CC0-1.0")


def test_manifest_has_name_settings_and_sources(built):
    manifest = json.loads((built / "release" / "manifest.json").read_text(encoding="utf-8"))
    text = json.dumps(manifest, ensure_ascii=False)
    assert manifest["name"] == "样书" and manifest["version"] == "0.9.1"
    assert "甲.pdf" in text and str(built) not in text


def test_the_card_asks_what_the_sources_file_wants_asked(built):
    card = (built / "release" / "README.md").read_text(encoding="utf-8")
    assert "extra_gated_fields:\n  Name: text\n" in card


def test_overlays_and_rejects_lie_in_the_work_directory(built):
    work = built / "release.work"
    assert len(list((work / "overlays" / "甲").glob("*.png"))) == 3
    assert (work / "rejects.jsonl").exists()


def test_nothing_of_this_machine_is_in_the_release(built):
    for name, data in list_bytes(built / "release").items():
        assert str(built).encode() not in data, name


def test_second_build_takes_all_from_the_store(built):
    before = list_bytes(built / "release")
    done = run_culti("build", built / "sources.toml", "--out", built / "release")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    jobs = read_report(built / "release.work")["run"]["jobs"]
    assert jobs["jobs"] == jobs["from_store"] > 0
    assert list_bytes(built / "release") == before


def test_fresh_build_with_one_worker_gives_the_same_bytes(built, tmp_path):
    for book in ("甲.pdf", "乙.pdf", "sources.toml"):
        shutil.copy(built / book, tmp_path)
    done = run_culti("build", tmp_path / "sources.toml", "--out", tmp_path / "r", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert list_bytes(tmp_path / "r") == list_bytes(built / "release")


def test_a_new_book_is_all_that_is_read(built, tmp_path):
    shutil.copytree(built, tmp_path / "copy")
    folder = tmp_path / "copy"
    write_book(folder / "丙.pdf", 1, 3)
    write_sources(folder, "甲.pdf", "乙.pdf", "丙.pdf")
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release")
    assert done.returncode == 0, done.stderr
    jobs = read_report(folder / "release.work")["run"]["jobs"]
    # Open, read, align, cut, describe and draw of one book.
    assert jobs["jobs"] - jobs["from_store"] == 6


def test_two_builds_at_once_do_not_meet(built, tmp_path):
    shutil.copy(built / "甲.pdf", tmp_path)
    out = tmp_path / "r"
    first = start_culti("build", tmp_path / "甲.pdf", "--out", out)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (tmp_path / "r.work" / "lock").exists():
        time.sleep(0.02)
    second = run_culti("build", tmp_path / "甲.pdf", "--out", out)
    _, errors = first.communicate(timeout=200)
    assert second.returncode == 2 and "another build" in second.stderr
    assert first.returncode == 0, errors
