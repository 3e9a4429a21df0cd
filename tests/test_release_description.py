"""What a release says of itself: manifest, data card and Croissant."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from release_making import (
    SOURCE,
    make_build,
    make_info,
    make_rows,
)

from export.content import hash_content, hash_rows
from export.manifest import digest_manifest, hash_file
from export.release import write_release
from export.schema import COLUMNS, SPLITS, arrow_schema


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
    assert manifest["counts"]["by_split"] == {"train": 20, "validation": 4, "test": 6}


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


def test_card_front_matter_and_counts(release: Path) -> None:
    text = (release / "README.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["configs"][0]["data_files"][0] == {"split": "train", "path": "data/train-*.parquet"}
    assert front["language"] == ["zh"] and front["license"] == "other"
    assert [s["num_examples"] for s in front["dataset_info"]["splits"]] == [20, 4, 6]
    assert [f["name"] for f in front["dataset_info"]["features"]] == [c.name for c in COLUMNS]
    assert "| **rows** | **20** | **4** | **6** | **30** |" in text
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
