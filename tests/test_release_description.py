"""What a release says of itself: manifest, data card and Croissant."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image, ImageChops
from release_making import (
    SOURCE,
    make_build,
    make_info,
    make_rows,
    make_source,
    read_all,
)

from export.content import hash_content, hash_row, hash_rows
from export.counts import tabulate_stored
from export.info import Gated
from export.manifest import digest_manifest, hash_file
from export.plots import draw_plots
from export.release import write_release
from export.rows import Row
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


@pytest.mark.parametrize(
    "column, value",
    [
        ("pair_score", float("nan")),
        ("dpi", float("inf")),
        ("figure_bbox", [0.0, 0.0, float("nan"), 1.0]),
        ("text_bboxes", [[0.0, 0.0, 1.0, float("-inf")]]),
        ("title", "\ud800"),
    ],
)
def test_a_row_that_no_json_can_hold_has_no_hash(release: Path, column: str, value: object) -> None:
    row = pq.read_table(release / "data/test-00000-of-00001.parquet").drop_columns(["image"]).to_pylist()[0]
    assert hash_row(row, "test") == hash_row(dict(reversed(row.items())), "test")
    with pytest.raises(ValueError, match=r"NaN|surrogate"):
        hash_row({**row, column: value}, "test")


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
    version, rai = croissant["conformsTo"]
    assert version.startswith("http://mlcommons.org/croissant/1.") and "/RAI/1." in rai
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


@pytest.fixture
def mlcroissant() -> ModuleType:
    return pytest.importorskip("mlcroissant", reason="the extra [release] is not installed")


def test_mlcroissant_reads_the_records(release: Path, mlcroissant: ModuleType) -> None:
    dataset = mlcroissant.Dataset(str(release / "croissant.json"))
    assert not dataset.metadata.issues.errors
    # A release names no day.
    assert all("datePublished" in warning for warning in dataset.metadata.issues.warnings)
    assert "4 of 30 figures have no text" in dataset.metadata.data_collection_missing_data
    assert "silk 30" in dataset.metadata.data_biases[0]
    records = list(dataset.records("test"))
    assert len(records) == 6 and records[0]["test/image"].size == (240, 180)
    stored = pq.read_table(release / "data/test-00000-of-00001.parquet").to_pylist()
    assert [r["test/pair_id"].decode() for r in records] == [r["pair_id"] for r in stored]


def test_mlcroissant_refuses_a_shard_with_another_hash(
    release: Path, mlcroissant: ModuleType, tmp_path: Path
) -> None:
    shutil.copytree(release, tmp_path / "r")
    shard = tmp_path / "r/data/test-00000-of-00001.parquet"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    dataset = mlcroissant.Dataset(str(tmp_path / "r/croissant.json"))
    with pytest.raises(Exception, match="data/test-00000-of-00001") as caught:
        list(dataset.records("test"))
    assert "hash" in str(caught.value.__cause__ or caught.value.__context__).lower()


def test_responsible_ai_fields_are_of_these_rows(tmp_path: Path) -> None:
    source = replace(SOURCE, rights="no-redistribution")
    rows = make_rows(tmp_path / "f", count=3, rights="no-redistribution")
    rows[0] = replace(rows[0], review_status="accepted", reviewer="林")
    write_release(tmp_path / "r", rows, make_info(source), make_build(source))
    fields = json.loads((tmp_path / "r/croissant.json").read_text())
    assert "curators have looked at 1 of 3" in fields["rai:dataAnnotationProtocol"]
    assert "Pixels of 1 of the sources must not be passed on" in fields["rai:dataLimitations"]
    imported = [replace(row, origin="imported") for row in rows]
    write_release(tmp_path / "i", imported, make_info(source), make_build(source))
    fields = json.loads((tmp_path / "i/croissant.json").read_text())
    assert fields["rai:dataCollection"].startswith("Taken over from files of pairs")


def test_the_card_has_plots_and_a_contact_sheet(release: Path) -> None:
    text = (release / "README.md").read_text()
    shown = re.findall(r"!\[(.+)\]\((images/.+)\)", text)
    assert [path for _, path in shown] == [
        "images/plots.png",
        "images/contact-sheet.jpg",
        "images/nearest.jpg",
    ]
    assert shown[1][0] == "30 of the figures"
    with Image.open(release / "images/plots.png") as plots, Image.open(release / shown[1][1]) as sheet:
        assert plots.width >= 1200 and sheet.width > 1400
        # The first figure of the release, in the first cell.
        row = next(r for r in read_all(release) if r["page"] == 1)
        with Image.open(io.BytesIO(row["image"]["bytes"])) as figure:
            expected = figure.convert("RGB").resize((180, 135))
        cell = sheet.crop((8, 8 + 22, 188, 8 + 22 + 135))
        assert ImageChops.difference(cell, expected).convert("L").resize((1, 1)).getpixel((0, 0)) < 12


def test_the_contact_sheet_obeys_rights(tmp_path: Path) -> None:
    sources = replace(SOURCE, rights="no-redistribution"), make_source("vol2.pdf")
    closed = make_rows(tmp_path / "f", count=6, rights="no-redistribution")
    rows = [*closed, *make_rows(tmp_path / "f", "vol2.pdf", 2, first=20)]
    write_release(tmp_path / "r", rows, make_info(*sources), make_build(*sources))
    assert "![2 of the figures](images/contact-sheet.jpg)" in (tmp_path / "r/README.md").read_text()
    write_release(tmp_path / "closed", closed, make_info(sources[0]), make_build(sources[0]))
    assert not (tmp_path / "closed/images/contact-sheet.jpg").exists()
    assert "contact-sheet" not in (tmp_path / "closed/README.md").read_text()


def test_plots_show_what_is_counted(release: Path, tmp_path: Path) -> None:
    table = tabulate_stored(read_all(release), "train")
    plain = draw_plots(table)
    for column, value in (("kind", "figure"), ("series", "other"), ("characters", 3), ("longest_px", 9)):
        assert draw_plots(table.assign(**{column: value})).tobytes() != plain.tobytes(), column
    assert draw_plots(table.iloc[:0]).size == plain.size


def test_the_gate_is_in_the_card_on_request(rows: list[Row], tmp_path: Path) -> None:
    gated = Gated("For research only.", (("Name", "text"), ("I keep the pictures to myself", "checkbox")))
    info = replace(make_info(SOURCE), gated=gated)
    write_release(tmp_path / "r", rows[:2], info, make_build(SOURCE))
    front = yaml.safe_load((tmp_path / "r/README.md").read_text().split("---\n")[1])
    assert front["extra_gated_prompt"] == "For research only."
    assert front["extra_gated_fields"] == {"Name": "text", "I keep the pictures to myself": "checkbox"}


def test_the_citation_names_release_and_books(release: Path) -> None:
    citation = yaml.safe_load((release / "CITATION.cff").read_text())
    assert (citation["title"], citation["version"], citation["type"]) == ("drawn-figures", "1.0.0", "dataset")
    assert citation["cff-version"] == "1.2.0" and citation["authors"] and citation["message"]
    assert citation["references"][0]["title"] == "《vol1.pdf》"
    assert all(reference["authors"] for reference in citation["references"])
