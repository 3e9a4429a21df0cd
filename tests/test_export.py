"""A release as real readers see it (datasets, pyarrow, pandas): columns, rows, splits."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from release_making import (
    SOURCE,
    draw_figure,
    load_offline,
    make_build,
    make_info,
    make_pair,
    make_rows,
    read_all,
)

from alignment.text.trail import Edit
from export.groups import find_group
from export.release import write_release
from export.row_file import RowFile, read_columns
from export.rows import Row, build_rows
from export.schema import COLUMNS, SPLITS, arrow_schema
from export.shards import write_split
from extractors.records import Cut, Dropped


def test_release_holds_what_the_contract_names(release: Path) -> None:
    found = sorted(p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file())
    shards = [f"data/{s}-00000-of-00001.parquet" for s in sorted(SPLITS)]
    images = ["images/contact-sheet.jpg", "images/nearest.jpg", "images/plots.png"]
    words = ["CITATION.cff", "README.md", "SHA256SUMS", "croissant.json"]
    assert found == [*words, *shards, *images, "manifest.json", "report.html", "text_trail.parquet"]


def test_columns_and_types_are_those_of_the_contract(release: Path) -> None:
    schema = pq.read_schema(release / "data/train-00000-of-00001.parquet")
    text = (
        "pair_id title caption description text_raw series kind document document_sha256 origin pair_rule "
        "kind_rule entry_id parent_pair_id group_id image_sha256 phash review_status reviewer rights"
    )
    expected = dict.fromkeys(text.split(), pa.string())
    expected |= dict.fromkeys(("page", "width", "height"), pa.int32())
    printed = "figure_number plate_number dynasty site cave position collection technique dimensions"
    printed += " refinement summary"
    expected |= dict.fromkeys(printed.split(), pa.string())
    expected |= dict.fromkeys(("figure_index", "plate_index", "cave_index"), pa.int32())
    expected["references"] = pa.list_(pa.string())
    floats = ("page_width", "page_height", "dpi", "ocr_confidence", "pair_score", "kind_score")
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
    assert {f.name for f in fields(Row)} - columns == {"image_file", "cut", "trail"}


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
    assert got["caption"] == "圖6　折枝牡丹紋" and got["title"] == "折枝牡丹紋"
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


def test_datasets_loads_it_offline_with_decoded_images(release: Path, tmp_path: Path) -> None:
    script = (
        "assert {s: len(d[s]) for s in d} == {'train': 20, 'validation': 4, 'test': 6}, d\n"
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
        groups = [file.read_row_group(n)["image"].to_pylist() for n in range(file.num_row_groups)]
        weights = [sum(len(image["bytes"]) for image in group) for group in groups]
        assert max(weights) <= third // 4, "the viewer of Hugging Face takes no larger group"


def test_an_image_larger_than_a_row_group_is_one_by_itself(rows: list[Row], tmp_path: Path) -> None:
    sizes = [r.image_file.stat().st_size for r in rows[:5]]
    write_split(tmp_path, "train", ((r, "g") for r in rows[:5]), sum(sizes), {}, sum(sizes), 1)
    file = pq.ParquetFile(tmp_path / "data/train-00000-of-00001.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [1] * 5
    stored = [row["image"]["bytes"] for row in read_all(tmp_path)]
    assert stored == [r.image_file.read_bytes() for r in rows[:5]]


def test_rows_come_out_of_the_scratch_file_as_they_went_in(rows: list[Row]) -> None:
    cut = Cut(3, (1.0, 2.0, 3.0, 4.0), ((1.0, 2.0, 3.0, 4.0),), "scan", 0.5, "pdfplumber")
    trail = (Edit("title", "rules", "spaces", 2, "云 ", "云"),)
    given = [
        replace(rows[0], trail=trail),
        replace(rows[1], cut=cut),
        replace(rows[2], page=None, figure_bbox=None),
    ]
    with RowFile(iter(given)) as kept:
        assert list(kept) == given and kept[-1] == given[2] and kept[1:] == given[1:]
        names = ("cut", "pair_id", "trail", "image_file")
        wanted = [tuple(getattr(given[n], name) for name in names) for n in (1, 0)]
        assert list(read_columns(kept, (1, 0), names)) == list(read_columns(given, (1, 0), names)) == wanted


def test_an_empty_split_is_one_empty_shard_and_the_others_load(tmp_path: Path) -> None:
    out = tmp_path / "one"
    write_release(out, make_rows(tmp_path / "figures", count=1), make_info(SOURCE), make_build(SOURCE))
    counts = {s: pq.read_table(out / f"data/{s}-00000-of-00001.parquet").num_rows for s in SPLITS}
    assert counts == {"train": 1, "validation": 0, "test": 0}
    assert pq.read_schema(out / "data/test-00000-of-00001.parquet").metadata[b"huggingface"]
    load_offline(out, "assert {s: len(d[s]) for s in d} == {'train': 1}, d\n", tmp_path)


def test_rows_of_one_entry_lie_in_one_split(release: Path) -> None:
    places: dict[str, set] = {}
    for split in SPLITS:
        for row in pq.read_table(release / f"data/{split}-00000-of-00001.parquet").to_pylist():
            places.setdefault(row["entry_id"], set()).add((split, row["group_id"]))
    assert all(len(p) == 1 for p in places.values()) and len(places) == 15
    assert find_group("a") != find_group("b")
