"""`culti verify`: what was damaged or forged is named, and what is whole is not."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from book_making import run_culti
from forging import copy_release, edit_shard, forge_hashes, forge_manifest, hash_release
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from release_making import SOURCE, UNKNOWN, make_build, make_info, make_rows, make_source, with_true_phash

from export.manifest import MANIFEST, SUMS, digest_manifest, format_manifest
from export.release import write_release
from export.verify import NotARelease, verify_release


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of forty figures of two books."""
    folder = tmp_path_factory.mktemp("sound")
    rows = with_true_phash(make_rows(folder / "figures", count=20))
    rows += with_true_phash(make_rows(folder / "figures", "vol2.pdf", first=20))
    sources = SOURCE, make_source("vol2.pdf")
    write_release(folder / "release", rows, make_info(*sources), make_build(*sources))
    return folder / "release"


@pytest.fixture
def release(sound: Path, tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return copy_release(sound, tmp_path / "release")


def list_faults(release: Path, *, fast: bool = False) -> list[str]:
    return verify_release(release, fast=fast).faults.lines()


def test_a_release_is_without_fault_as_written_and_as_built(sound: Path, built: Path, tmp_path: Path) -> None:
    assert list_faults(sound) == [] and list_faults(built / "release") == []
    write_release(tmp_path / "empty", [], make_info(), make_build())
    assert list_faults(tmp_path / "empty") == []
    found = verify_release(sound)
    assert (found.files, found.rows, found.decoded) == (13, 40, 40)
    assert verify_release(sound, fast=True).decoded == 0


def test_sha256sum_reads_the_sums(sound: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS], cwd=sound, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    checked = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    there = {p.relative_to(sound).as_posix() for p in sound.rglob("*") if p.is_file()}
    assert checked == there - {SUMS, MANIFEST}
    assert SUMS in {file["path"] for file in json.loads((sound / MANIFEST).read_text())["files"]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit_is_found_in_any_file(sound: Path, spoilt: Path, data: st.DataObject) -> None:
    paths = sorted(p for p in sound.rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(paths), label="file")
    whole = path.read_bytes()
    bit = data.draw(st.integers(0, 8 * len(whole) - 1), label="bit")
    name = path.relative_to(sound).as_posix()
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    (spoilt / name).write_bytes(flipped)
    try:
        lines = list_faults(spoilt, fast=data.draw(st.booleans(), label="fast"))
    finally:
        (spoilt / name).write_bytes(whole)
    assert any(re.match(rf"{re.escape(name)}[ :]", line) for line in lines), lines
    assert not [line for line in lines if not re.match(rf"{re.escape(name)}[ :]", line)]


@pytest.fixture(scope="module")
def spoilt(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_release(sound, tmp_path_factory.mktemp("spoilt") / "release")


@pytest.mark.parametrize(
    "name", ["data/test-00000-of-00001.parquet", "README.md", SUMS, MANIFEST, "report.html"]
)
def test_a_deleted_file_is_named(release: Path, name: str) -> None:
    (release / name).unlink()
    lines = list_faults(release)
    assert lines[0].startswith(f"{name}: missing"), lines
    if name.startswith("data/"):
        (release / SUMS).unlink()
        forge_manifest(release)
        assert any(
            line.startswith(f"{name}: missing: no shard of the split test") for line in list_faults(release)
        )


def test_unknown_files_are_named_and_those_of_other_programs_are_not(release: Path) -> None:
    (release / "data/more.parquet").write_bytes(b"?")
    (release / ".DS_Store").write_bytes(b"?")
    (release / ".gitattributes").write_text("*.parquet filter=lfs\n")
    (release / ".git").mkdir()
    (release / ".git/HEAD").write_text("ref: refs/heads/main\n")
    assert list_faults(release) == ["data/more.parquet: unknown: manifest.json does not list it"]


def test_a_damaged_manifest_does_not_blame_the_files(release: Path) -> None:
    text = (release / MANIFEST).read_text()
    sha256 = json.loads(text)["files"][0]["sha256"]
    (release / MANIFEST).write_text(text.replace(sha256, "0" * 64))
    assert list_faults(release) == [f"{MANIFEST}: damaged or changed by hand: its digest does not hold"]
    (release / "report.html").write_text("<p>another")
    assert any(line.startswith("report.html: changed") for line in list_faults(release))


def test_entries_that_lead_out_of_the_release_are_refused(release: Path) -> None:
    manifest = json.loads((release / MANIFEST).read_text())
    outside = [{"path": path, "bytes": 1, "sha256": "0" * 64} for path in ("../x", "/etc/passwd", 7)]
    forge_manifest(release)
    manifest["files"] += outside
    manifest["digest"] = digest_manifest(manifest)
    (release / MANIFEST).write_text(format_manifest(manifest))
    lines = list_faults(release)
    assert len(lines) == 3 and all("names no file of its own in the release" in line for line in lines)


def swap_images(rows: list[dict]) -> None:
    rows[0]["image"]["bytes"], rows[1]["image"]["bytes"] = (
        rows[1]["image"]["bytes"],
        rows[0]["image"]["bytes"],
    )


def test_a_swapped_image_is_named_with_its_row(release: Path) -> None:
    path = edit_shard(release, "test", swap_images)
    lines = list_faults(release, fast=True)
    assert lines[0].startswith(f"{path}: changed")
    assert any(re.match(rf"{path} row 0 \(\w{{16}}\): its image has the sha256", line) for line in lines)


def test_a_swapped_image_with_all_hashes_forged_is_named(release: Path) -> None:
    def forge(rows: list[dict]) -> None:
        swap_images(rows)
        for row in rows[:2]:
            row["image_sha256"] = hashlib.sha256(row["image"]["bytes"]).hexdigest()

    path = edit_shard(release, "test", forge)
    forge_hashes(release, content_sha256=hash_release(release))
    assert list_faults(release, fast=True) == []
    lines = list_faults(release)
    assert {line.partition(" (")[0] for line in lines} == {f"{path} row 0", f"{path} row 1"}
    assert any("has the phash" in line for line in lines)


def test_an_image_of_another_size_and_one_that_is_none(release: Path) -> None:
    def forge(rows: list[dict]) -> None:
        buffer = io.BytesIO()
        Image.new("RGB", (33, 44)).save(buffer, "PNG")
        rows[0]["image"] = {"bytes": buffer.getvalue(), "path": f"{rows[0]['pair_id']}.png"}
        rows[1]["image"]["bytes"] = rows[1]["image"]["bytes"][:400]
        rows[2]["image"]["bytes"] = None
        for row in rows[:2]:
            row["image_sha256"] = hashlib.sha256(row["image"]["bytes"]).hexdigest()

    edit_shard(release, "train", forge)
    forge_hashes(release, content_sha256=hash_release(release))
    text = "\n".join(list_faults(release))
    assert "row 0" in text and "33 × 44 pixels, the row says 240 × 180" in text
    assert re.search(r"row 1 .* cannot be decoded", text) and re.search(r"row 2 .* has no image", text)


def test_an_edited_text_is_found_however_much_is_forged(release: Path) -> None:
    def edit(rows: list[dict]) -> None:
        rows[2]["description"] = rows[2]["description"].replace("四合如意", "龙凤呈祥")

    path = edit_shard(release, "train", edit)
    assert list_faults(release)[0].startswith(f"{path}: changed")
    forge_hashes(release)
    told = list_faults(release)
    assert f"{MANIFEST}: content_sha256 does not hold: rows were changed, added or removed" in told
    forge_hashes(release, content_sha256=hash_release(release))
    lines = list_faults(release)
    assert len(lines) == 2 and all(line.startswith(f"{path} row 2 (") for line in lines)
    assert lines[0].endswith("description has characters that text_raw has not: 龙凤呈祥")
    assert lines[1].endswith("description does not follow from text_raw by text_trail.parquet")


def test_rows_against_each_other_and_against_their_book(release: Path) -> None:
    def edit(rows: list[dict]) -> list[dict]:
        rows[0]["figure_bbox"] = [500.0, 80.0, 700.0, 300.0]
        rows[1]["parent_pair_id"] = "f" * 16
        rows[2]["rights"] = "CC0-1.0"
        rows[3]["kind"] = "vase"
        rows[4]["text_roles"] = ["caption"]
        rows[5]["page"] = 121
        rows[6]["pair_score"] = float("nan")
        rows[7]["title"] = None
        return [*rows, rows[8]]

    path = edit_shard(release, "train", edit)
    group = pq.read_table(release / path)["group_id"][9].as_py()
    edit_shard(release, "test", lambda rows: rows[0].update(group_id=group))
    text = "\n".join(list_faults(release, fast=True))
    for row, words in {
        0: "is not inside its page of 595.3",
        1: "parent_pair_id ffffffffffffffff is no row",
        2: "rights 'CC0-1.0' is not that of its book",
        3: "kind 'vase' is none of",
        4: "are not parallel",
        5: "page 121 is none of the 120 pages",
        6: "NaN",
        7: "title must not be null",
        len(pq.read_table(release / path)) - 1: "pair_id is that of another row",
    }.items():
        assert re.search(rf"{path} row {row} \(\w+\): .*{re.escape(words)}", text), (words, text)
    assert re.search(rf"group_id {group} lies in more than one split: train \(\w+\), test", text)
    assert re.search(r"row 0 \(\w+\): pair_id is not that of its document_sha256, page and figure_bbox", text)


def test_another_schema_is_named(release: Path) -> None:
    path = release / "data/test-00000-of-00001.parquet"
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["phash"]).replace_schema_metadata({}), path)
    text = "\n".join(list_faults(release))
    assert "test-00000-of-00001.parquet: without usable columns phash" in text


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("README.md", "num_examples: 28", "num_examples: 29", "its YAML says 29 rows in train, there are 28"),
        ("README.md", "| **40** |", "| **41** |", "its table does not say that there are 28 + "),
        ("README.md", "| kind mural | ", "| kind murals | ", "its table says kind mural: nothing"),
        ("README.md", "Rows without text: ", "Rows without text: 1", "it says 'Rows without text: 1"),
        ("README.md", "40 figures from", "41 figures from", "it says '41 figures from 2 books"),
        ("README.md", "dtype: int32", "dtype: int64", "describes other columns"),
        ("README.md", "download_size: ", "download_size: 1", "the shards have"),
        ("CITATION.cff", "version: 1.0.0", "version: 1.0.1", "version '1.0.1' is not '1.0.0'"),
        ("croissant.json", "28 rows of", "29 rows of", "29 rows of the split train"),
        ("croissant.json", '"cr:Float32"', '"cr:Int32"', "do not name the release's columns"),
        ("croissant.json", '"version": "1.0.0"', '"version": "1.0.1"', "version '1.0.1' is not '1.0.0'"),
    ],
)
def test_words_against_the_data(release: Path, name: str, old: str, new: str, words: str) -> None:
    text = (release / name).read_text()
    assert old in text
    (release / name).write_text(text.replace(old, new, 1))
    forge_manifest(release)
    lines = list_faults(release, fast=True)
    assert all(line.startswith(f"{name}: ") for line in lines) and any(words in line for line in lines), lines


def test_croissant_against_the_shards(release: Path) -> None:
    text = (release / "croissant.json").read_text()
    (release / "croissant.json").write_text(re.sub(r'"sha256": "..', '"sha256": "zz', text, count=1))
    forge_manifest(release)
    (line,) = list_faults(release, fast=True)
    assert line.startswith("croissant.json: sha256 of data/train-00000-of-00001.parquet is 'zz")


def test_counts_against_the_rows(release: Path) -> None:
    counts = json.loads((release / MANIFEST).read_text())["counts"]
    forge_manifest(release, counts=counts | {"rows": 41})
    assert list_faults(release, fast=True) == [f"{MANIFEST}: counts.rows is 41, of the rows 40"]


def test_many_faults_are_counted(release: Path) -> None:
    edit_shard(release, "train", lambda rows: [row.update(kind="vase") for row in rows] and None)
    found = verify_release(release, fast=True).faults
    lines = found.lines()
    assert len(found) == 29 and len(lines) == 22
    assert lines[-1] == "data/train-00000-of-00001.parquet: 8 more faults of the kind 'value'"


def test_imported_rows_without_page_and_box(tmp_path: Path) -> None:
    rows = [replace(r, origin="imported", **UNKNOWN) for r in with_true_phash(make_rows(tmp_path / "f"))]
    write_release(tmp_path / "r", rows, make_info(), make_build())
    assert list_faults(tmp_path / "r") == []


def test_the_command_and_its_status(release: Path, tmp_path: Path) -> None:
    done = run_culti("verify", release, "--fast")
    assert done.returncode == 0 and "no fault found in 13 files, 40 rows" in done.stdout, done.stderr
    edit_shard(release, "test", swap_images)
    done = run_culti("verify", release)
    assert done.returncode == 1 and "data/test-00000-of-00001.parquet row 1 " in done.stdout
    assert done.stderr.startswith("culti: ") and done.stderr.count("\n") == 1
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/manifest.json").write_text('{"name": "a web application"}')
    for nothing in (tmp_path / "photos", tmp_path / "none", release / "README.md"):
        done = run_culti("verify", nothing)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        with pytest.raises(NotARelease):
            verify_release(nothing)


def test_the_query_in_the_card_runs_in_duckdb(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra [dev] is not installed")
    (query,) = re.findall(r"```sql\n(.*)\n```", (release / "README.md").read_text())
    monkeypatch.chdir(release)
    rows, ids, images, groups, groups_by_split = duckdb.sql(query).fetchall()[0]
    assert (rows, ids, images) == (40, 40, 40) and groups == groups_by_split == 20

    def spoil(rows: list[dict]) -> list[dict]:
        swap_images(rows)
        return [*rows, rows[2]]

    first = edit_shard(release, "train", spoil)
    group = duckdb.sql(f"SELECT group_id FROM '{first}' LIMIT 1").fetchall()[0][0]
    edit_shard(release, "test", lambda rows: rows[0].update(group_id=group))
    rows, ids, images, groups, groups_by_split = duckdb.sql(query).fetchall()[0]
    assert (rows, ids, images) == (41, 40, 39) and groups_by_split == groups + 1


def test_a_file_that_may_not_be_read_is_named(release: Path) -> None:
    if os.geteuid() == 0:
        (release / "report.html").unlink()
        (release / "report.html").symlink_to(release / "nowhere")
    else:
        (release / "report.html").chmod(0)
    assert any(line.startswith("report.html: cannot be read") for line in list_faults(release))
