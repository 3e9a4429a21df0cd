"""A release as real readers see it (datasets, pyarrow, pandas), and what may never go wrong in writing it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image
from release_making import draw_figure, make_build, make_info, make_pair, make_rows, make_source

from export.content import hash_content, hash_rows
from export.manifest import digest_manifest, hash_file
from export.plan import DUPLICATE, plan_release
from export.release import check_output, is_release, write_release
from export.rows import Row, build_rows
from export.schema import COLUMNS, SPLITS, arrow_schema
from export.shards import write_split
from export.splits import assign_splits, find_group
from extractors.errors import CultiError
from extractors.records import Dropped

SOURCE = make_source("vol1.pdf")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return make_rows(tmp_path_factory.mktemp("figures"), count=30)


@pytest.fixture(scope="module")
def release(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("releases") / "drawn"
    write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    return out


def read_all(release: Path) -> list[dict]:
    return [r for f in sorted((release / "data").iterdir()) for r in pq.read_table(f).to_pylist()]


def test_release_holds_what_the_contract_names(release: Path) -> None:
    found = sorted(p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file())
    shards = [f"data/{s}-00000-of-00001.parquet" for s in sorted(SPLITS)]
    assert found == ["README.md", "croissant.json", *shards, "manifest.json", "report.html"]


def test_columns_and_types_are_those_of_the_contract(release: Path) -> None:
    schema = pq.read_schema(release / "data/train-00000-of-00001.parquet")
    text = (
        "pair_id title caption description text_raw series kind document document_sha256 origin pair_rule "
        "entry_id parent_pair_id group_id image_sha256 phash review_status reviewer rights"
    )
    expected = dict.fromkeys(text.split(), pa.string())
    expected |= dict.fromkeys(("page", "width", "height"), pa.int32())
    floats = ("page_width", "page_height", "dpi", "ocr_confidence", "pair_score")
    expected |= dict.fromkeys(floats, pa.float32())
    expected["image"] = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    boxes = pa.list_(pa.float32())
    expected |= {"figure_bbox": boxes, "text_pages": pa.list_(pa.int32())}
    expected |= {"text_roles": pa.list_(pa.string()), "text_bboxes": pa.list_(boxes)}
    assert set(schema.names) == set(expected)
    for name, arrow in expected.items():
        # Parquet names the items of a list `element`, Arrow `item`; the types are the same.
        assert str(schema.field(name).type).replace("element", "item") == str(arrow), name


def test_hugging_face_metadata_names_every_column_with_bare_lists() -> None:
    features = json.loads(arrow_schema().metadata[b"huggingface"])["info"]["features"]
    assert list(features) == arrow_schema().names
    assert features["image"] == {"_type": "Image"}
    assert features["figure_bbox"] == [{"dtype": "float32", "_type": "Value"}]
    assert features["text_bboxes"] == [[{"dtype": "float32", "_type": "Value"}]]
    assert "List" not in json.dumps(features)


def test_every_row_field_is_a_column() -> None:
    columns = {c.name for c in COLUMNS}
    assert columns - {f.name for f in fields(Row)} == {"image", "group_id"}
    assert {f.name for f in fields(Row)} - columns == {"image_file"}


def test_rows_say_what_the_pairs_say(rows: list[Row], release: Path) -> None:
    stored = {r["pair_id"]: r for r in read_all(release)}
    assert len(stored) == len(rows)
    row = next(r for r in rows if r.pair_id == make_pair("vol1.pdf", 5).machine.pair_id)
    got = stored[row.pair_id]
    assert got["image"]["bytes"] == row.image_file.read_bytes()
    assert got["image"]["path"] == row.pair_id + row.image_file.suffix
    assert hashlib.sha256(got["image"]["bytes"]).hexdigest() == got["image_sha256"]
    assert Image.open(io.BytesIO(got["image"]["bytes"])).size == (got["width"], got["height"])
    assert got["figure_bbox"] == [310.0, 80.25, 530.5, 300.0]
    assert got["text_roles"] == ["caption", "body"] and got["text_pages"] == [3, 3]
    assert got["text_bboxes"][1] == [60.0, 330.0, 500.0, 420.0]
    assert got["text_raw"].split("\n\n") == ["圖6　折枝牡丹紋", "第5件\n地色明黃，四合如意雲間飾雜寶。"]
    assert got["caption"] == "圖6　折枝牡丹紋" and got["title"] == "折枝牡丹纹"
    assert got["ocr_confidence"] == pytest.approx(0.9) and got["page"] == 3
    assert got["review_status"] == "unreviewed" and got["reviewer"] is None and got["parent_pair_id"] is None


def test_rows_without_text_stay_with_score_zero_and_a_reason(release: Path) -> None:
    silent = [r for r in read_all(release) if not r["description"]]
    assert len(silent) == 4
    assert {(r["pair_score"], r["pair_rule"], r["text_raw"]) for r in silent} == {
        (0.0, "none:no caption near", "")
    }
    assert all(r["text_roles"] == [] and r["ocr_confidence"] is None for r in silent)


def test_pairs_whose_pixels_were_dropped_make_no_row(tmp_path: Path) -> None:
    pairs = [make_pair("vol1.pdf", n) for n in range(3)]
    images = [draw_figure(tmp_path, 0), Dropped(1, "figure", "empty"), draw_figure(tmp_path, 2)]
    made = build_rows(pairs, images, tmp_path, "CC0")
    assert [r.pair_id for r in made] == [pairs[0].machine.pair_id, pairs[2].machine.pair_id]


def test_a_book_is_written_by_page_and_position(tmp_path: Path) -> None:
    pairs = [make_pair("vol1.pdf", n) for n in (5, 0, 4, 1)]
    made = build_rows(pairs, [draw_figure(tmp_path, n) for n in range(4)], tmp_path, "CC0")
    assert [(r.page, r.figure_bbox[0]) for r in made] == [(1, 60.0), (1, 310.0), (3, 60.0), (3, 310.0)]


def load_offline(release: Path, checks: str, home: Path) -> None:
    """Loads a release as `d` in a process of its own and runs `checks` there."""
    script = f"import sys, datasets\nd = datasets.load_dataset(sys.argv[1])\n{checks}"
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", script, str(release)]
    done = subprocess.run(command, env=os.environ | offline, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_datasets_loads_it_offline_with_decoded_images(release: Path, tmp_path: Path) -> None:
    script = (
        "assert {s: len(d[s]) for s in d} == {'train': 22, 'validation': 2, 'test': 6}, d\n"
        "r = d['train'][0]\n"
        "assert r['image'].size == (240, 180) and r['image'].convert('RGB').getbbox()\n"
        "assert [len(b) for b in r['text_bboxes']] == [4, 4] and len(r['figure_bbox']) == 4\n"
        "assert d['train'].features['dpi'].dtype == 'float32'\n"
    )
    load_offline(release, script, tmp_path)


def test_pandas_reads_a_split(release: Path) -> None:
    frame = pd.read_parquet(release / "data/test-00000-of-00001.parquet")
    assert len(frame) == 6 and frame["pair_id"].is_unique
    assert frame["image"].iloc[0]["bytes"][:3] in (b"\xff\xd8\xff", b"\x89PN")


def test_parquet_options(release: Path) -> None:
    group = pq.ParquetFile(release / "data/train-00000-of-00001.parquet").metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert columns["image.bytes"].compression == "UNCOMPRESSED" and not columns["image.bytes"].is_stats_set
    assert columns["text_bboxes.list.element.list.element"].compression == "ZSTD"
    assert columns["pair_id"].has_offset_index and columns["pair_id"].has_column_index


def test_row_groups_and_shards_are_cut_by_bytes(rows: list[Row], tmp_path: Path) -> None:
    sizes = [r.image_file.stat().st_size for r in rows]
    third = sum(sizes) // 3 + 1
    hashes: dict[str, str] = {}
    shards = write_split(tmp_path, "train", ((r, "g") for r in rows), sum(sizes), hashes, third, third // 4)
    assert [s.path for s in shards] == [f"data/train-0000{n}-of-00003.parquet" for n in range(3)]
    assert [r["pair_id"] for r in read_all(tmp_path)] == [r.pair_id for r in rows]
    for shard in shards:
        file = pq.ParquetFile(tmp_path / shard.path)
        assert file.num_row_groups >= 3 and file.metadata.num_rows == shard.rows > 5


def test_an_empty_split_is_one_empty_shard_and_the_others_load(tmp_path: Path) -> None:
    out = tmp_path / "one"
    write_release(out, make_rows(tmp_path / "figures", count=1), make_info(SOURCE), make_build(SOURCE))
    counts = {s: pq.read_table(out / f"data/{s}-00000-of-00001.parquet").num_rows for s in SPLITS}
    assert counts == {"train": 1, "validation": 0, "test": 0}
    assert pq.read_schema(out / "data/test-00000-of-00001.parquet").metadata[b"huggingface"]
    load_offline(out, "assert {s: len(d[s]) for s in d} == {'train': 1}, d\n", tmp_path)


def test_a_release_of_no_figures_can_be_written(tmp_path: Path) -> None:
    written = write_release(tmp_path / "none", [], make_info(), make_build())
    assert written.counts["rows"] == 0 and is_release(tmp_path / "none")


def test_same_input_gives_the_same_bytes_anywhere(rows: list[Row], release: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(rows[0].image_file.parent, moved)
    again = tmp_path / "again"
    write_release(
        again,
        iter([replace(r, image_file=moved / r.image_file.name) for r in rows]),
        make_info(SOURCE),
        make_build(SOURCE),
    )
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        assert path.read_bytes() == (again / path.relative_to(release)).read_bytes(), path.name


def test_a_release_names_no_folder_of_this_machine(rows: list[Row], release: Path) -> None:
    for path in (p for p in release.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert b"/somewhere/else" not in content and str(rows[0].image_file.parent).encode() not in content


def test_manifest_hashes_hold(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    listed = {f["path"]: f for f in manifest["files"]}
    assert set(listed) == {
        p.relative_to(release).as_posix()
        for p in release.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    for path, entry in listed.items():
        assert (
            entry["sha256"] == hash_file(release / path) and entry["bytes"] == (release / path).stat().st_size
        )
    assert manifest["digest"] == digest_manifest(manifest)
    assert manifest["digest"] != digest_manifest({**manifest, "version": "1.0.1"})
    assert manifest["sources"][0]["file"] == "vol1.pdf" and manifest["sources"][0]["sha256"] == SOURCE.sha256
    assert manifest["tools"]["pyarrow"] == pa.__version__
    assert manifest["counts"]["by_split"] == {"train": 22, "validation": 2, "test": 6}


def test_content_hash_is_of_the_rows_and_not_of_their_encoding(release: Path, tmp_path: Path) -> None:
    hashes: dict[str, str] = {}
    for split in SPLITS:
        table = pq.read_table(release / f"data/{split}-00000-of-00001.parquet")
        pq.write_table(table, tmp_path / split, compression="gzip", row_group_size=2)
        hashes |= hash_rows(pq.read_table(tmp_path / split), split)
    content = json.loads((release / "manifest.json").read_text())["content_sha256"]
    assert hash_content(hashes) == content
    changed = pq.read_table(tmp_path / "test").to_pylist()
    changed[0]["title"] += "。"
    hashes |= hash_rows(pa.Table.from_pylist(changed, schema=arrow_schema()), "test")
    assert hash_content(hashes) != content


def test_splits_keep_entries_whole_and_shares_close() -> None:
    sizes = {f"entry {n}": n % 4 + 1 for n in range(1000)}
    series = {group: "silk" if n % 3 else "dunhuang" for n, group in enumerate(sizes)}
    splits = assign_splits(sizes, series)
    for name in ("silk", "dunhuang"):
        filled = Counter()
        for group in (g for g in sizes if series[g] == name):
            filled[splits[group]] += sizes[group]
        total = sum(filled.values())
        for split, share in {"train": 0.7, "validation": 0.1, "test": 0.2}.items():
            assert abs(filled[split] - share * total) <= 8, (name, filled)
    backwards = dict(reversed(sizes.items()))
    assert assign_splits(backwards, series) == splits


def test_rows_of_one_entry_lie_in_one_split(release: Path) -> None:
    places: dict[str, set] = {}
    for split in SPLITS:
        for row in pq.read_table(release / f"data/{split}-00000-of-00001.parquet").to_pylist():
            places.setdefault(row["entry_id"], set()).add((split, row["group_id"]))
    assert all(len(p) == 1 for p in places.values()) and len(places) == 15
    assert find_group("a") != find_group("b")


def test_of_two_figures_in_one_box_the_better_scored_stays(rows: list[Row], tmp_path: Path) -> None:
    worse = replace(rows[3], pair_score=0.01, title="worse")
    better = replace(rows[8], pair_score=0.99, title="better")
    written = write_release(tmp_path / "r", [worse, *rows, better], make_info(SOURCE), make_build(SOURCE))
    stored = {r["pair_id"]: r["title"] for r in read_all(tmp_path / "r")}
    assert len(stored) == len(rows) == written.counts["rows"]
    assert stored[better.pair_id] == "better" and stored[worse.pair_id] == rows[3].title
    assert [d.dropped.reason for d in written.dropped] == [DUPLICATE] * 2
    assert DUPLICATE in (tmp_path / "r/report.html").read_text()


def test_a_missing_and_a_damaged_image_are_named(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(CultiError, match=r"vol1\.pdf, page 1: .* cannot be read"):
        plan_release([replace(rows[0], image_file=tmp_path / "gone.png")])
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(rows[0].image_file.read_bytes()[:-1] + b"?")
    with pytest.raises(CultiError, match="damaged"):
        write_release(
            tmp_path / "out", [replace(rows[0], image_file=damaged)], make_info(SOURCE), make_build(SOURCE)
        )
    assert list(tmp_path.iterdir()) == [damaged]


def test_a_release_is_written_over_and_nothing_else_is(rows: list[Row], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "release"
    write_release(out, rows[:4], make_info(SOURCE), make_build(SOURCE))
    (out / ".DS_Store").write_bytes(b"left by a file browser")
    assert is_release(out)
    write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    assert len(read_all(out)) == len(rows) and [p.name for p in out.parent.iterdir()] == ["release"]
    (out / "notes.txt").write_text("mine")
    assert not is_release(out)
    with pytest.raises(CultiError, match=r"also holds notes\.txt"):
        write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    assert (out / "notes.txt").read_text() == "mine"


def test_places_that_are_refused(rows: list[Row], release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    changed = tmp_path / "changed"
    shutil.copytree(release, changed)
    manifest = (changed / "manifest.json").read_text()
    (changed / "manifest.json").write_text(manifest.replace('"1.0.0"', '"2.0.0"'))
    for name, words in {
        "file": "is a file",
        "file/below": "no permission|cannot be written",
        "photos": r"has no manifest\.json",
        "link": "link to nothing",
        "changed": "is changed",
    }.items():
        with pytest.raises(CultiError, match=words) as caught:
            check_output(tmp_path / name)
        assert "\n" not in str(caught.value)
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty")
    check_output(tmp_path / "not" / "yet")
    check_output(release)
    assert not (tmp_path / "not").exists()


def test_what_a_killed_build_left_is_put_right(rows: list[Row], release: Path, tmp_path: Path) -> None:
    shutil.copytree(release, tmp_path / ".out.culti-old")
    (tmp_path / ".out.culti-new").mkdir()
    (tmp_path / ".out.culti-new" / "half").write_text("")
    with pytest.raises(CultiError):
        missing = replace(rows[0], image_file=tmp_path / "gone.png")
        write_release(tmp_path / "out", [missing], make_info(SOURCE), make_build(SOURCE))
    write_release(tmp_path / "out", rows[:2], make_info(SOURCE), make_build(SOURCE))
    assert [p.name for p in tmp_path.iterdir()] == ["out"] and len(read_all(tmp_path / "out")) == 2


def test_a_full_disk_leaves_the_old_release(rows: list[Row], mount_disk: Callable[[str], Path]) -> None:
    disk = mount_disk("1m")
    write_release(disk / "r", rows[:2], make_info(SOURCE), make_build(SOURCE))
    before = (disk / "r/manifest.json").read_bytes()
    (disk / "filler").write_bytes(b"x" * 700_000)
    with pytest.raises(CultiError, match="No space left") as caught:
        write_release(disk / "r", rows, make_info(SOURCE), make_build(SOURCE))
    assert "\n" not in str(caught.value)
    assert (disk / "r/manifest.json").read_bytes() == before
    assert sorted(p.name for p in disk.iterdir()) == ["filler", "r"]


def test_card_front_matter_and_counts(release: Path) -> None:
    text = (release / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["configs"][0]["data_files"][0] == {"split": "train", "path": "data/train-*.parquet"}
    assert front["language"] == ["zh"] and front["license"] == "other"
    assert [s["num_examples"] for s in front["dataset_info"]["splits"]] == [22, 2, 6]
    assert [f["name"] for f in front["dataset_info"]["features"]] == [c.name for c in COLUMNS]
    assert "| **rows** | **22** | **2** | **6** | **30** |" in text
    assert "Rows without text: 4" in text and "## 中文说明" in text
    assert all(f"| `{c.name}` |" in text for c in COLUMNS)


def test_card_survives_hostile_titles(tmp_path: Path) -> None:
    source = replace(SOURCE, title="a | b\n# c <script>", rights="no-redistribution")
    rows = make_rows(tmp_path / "f", count=2, rights="no-redistribution")
    write_release(tmp_path / "r", rows, make_info(source), make_build(source))
    text = (tmp_path / "r/README.md").read_text()
    assert "a \\| b # c &lt;script>" in text and "\n# c" not in text
    assert "1 of the books is marked `no-redistribution`" in text


def test_croissant_describes_every_shard_and_column(release: Path) -> None:
    croissant = json.loads((release / "croissant.json").read_text())
    assert croissant["conformsTo"].startswith("http://mlcommons.org/croissant/1.")
    for file in croissant["distribution"]:
        assert file["@type"] == "cr:FileObject" and file["sha256"] == hash_file(release / file["contentUrl"])
    files = {f["@id"] for f in croissant["distribution"]}
    assert [r["@id"] for r in croissant["recordSet"]] == list(SPLITS)
    for records in croissant["recordSet"]:
        named = {f["name"]: f for f in records["field"]}
        assert list(named) == [c.name for c in COLUMNS]
        assert all(f["source"]["fileObject"]["@id"] in files for f in named.values())
        assert named["image"]["source"]["extract"] == {"column": "image"}
        assert named["image"]["source"]["transform"] == {"jsonPath": "bytes"}
        assert named["text_bboxes"]["arrayShape"] == "-1,4" and named["page"]["dataType"] == "cr:Int32"


def test_mlcroissant_reads_the_records(release: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="the extra [release] is not installed")
    dataset = mlcroissant.Dataset(str(release / "croissant.json"))
    assert not dataset.metadata.issues.errors
    records = list(dataset.records("test"))
    assert len(records) == 6 and records[0]["test/image"].size == (240, 180)
