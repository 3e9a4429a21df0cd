"""Verifying what a release says of its rows: the manifest's counts, the card, Croissant, CITATION.cff."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from export.card import CARD, escape_cell
from export.citation import CITATION
from export.counts import cross_table, summarise
from export.croissant import CROISSANT, describe_records
from export.faults import Faults
from export.manifest import MANIFEST
from export.schema import COLUMNS, SPLITS, card_feature
from export.shards import Shard

_TABLE_LINE = re.compile(r"\| (series|kind) (.+?) \|((?: \d+ \|){4})")
_TOTAL_LINE = re.compile(r"\| \*\*rows\*\* \|((?: \*\*\d+\*\* \|){4})")


def check_counts(manifest: Mapping[str, Any], table: pd.DataFrame, faults: Faults) -> None:
    """The manifest's counts against the rows; `table` is that of `export.counts`."""
    told = manifest.get("counts")
    if not isinstance(told, dict):
        faults.add("counts", MANIFEST, "it has no counts")
        return
    for name, value in summarise(table).items():
        if told.get(name) != value:
            faults.add(
                "counts", MANIFEST, f"counts.{name} is {_show(told.get(name))}, of the rows {_show(value)}"
            )


def check_card(folder: Path, shards: Sequence[Shard], table: pd.DataFrame, faults: Faults) -> None:
    """README.md: its YAML and its tables."""
    try:
        text = (folder / CARD).read_bytes().decode("utf-8")
        front = yaml.safe_load(text.split("---\n")[1])
    except (OSError, UnicodeDecodeError, IndexError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        faults.add("card", CARD, f"its YAML cannot be read ({reason})")
        return
    info = front.get("dataset_info") if isinstance(front, dict) else None
    if not isinstance(info, dict):
        faults.add("card", CARD, "its YAML has no dataset_info")
        return
    if info.get("features") != [card_feature(c) for c in COLUMNS]:
        faults.add("card", CARD, "its YAML describes other columns than a release has")
    size = sum((folder / shard.path).stat().st_size for shard in shards)
    if info.get("download_size") != size:
        faults.add(
            "card", CARD, f"download_size is {info.get('download_size')}, the shards have {size} bytes"
        )
    for what in (*_compare_splits(front, table), *_compare_tables(text, table)):
        faults.add("card", CARD, what)


def _compare_splits(front: Mapping[str, Any], table: pd.DataFrame) -> Iterator[str]:
    rows = {split: int((table["split"] == split).sum()) for split in SPLITS}
    try:
        told = {s["name"]: s["num_examples"] for s in front["dataset_info"]["splits"]}
        files = {f["split"]: f["path"] for f in front["configs"][0]["data_files"]}
    except (KeyError, IndexError, TypeError):
        yield "its YAML has no splits or no configs"
        return
    for split in SPLITS:
        if told.get(split, 0) != rows[split]:
            yield f"its YAML says {told.get(split, 0)} rows in {split}, there are {rows[split]}"
    if files != {split: f"data/{split}-*.parquet" for split in told}:
        yield "the data_files of its YAML are not those of its splits"


def _compare_tables(text: str, table: pd.DataFrame) -> Iterator[str]:
    told = {(m[1], m[2]): [int(n) for n in re.findall(r"\d+", m[3])] for m in _TABLE_LINE.finditer(text)}
    for column in ("series", "kind"):
        for value, numbers in cross_table(table, column):
            line = told.pop((column, escape_cell(value)), None)
            if line != numbers:
                yield f"its table says {column} {value}: {line or 'nothing'}, of the rows {numbers}"
    for (column, value), line in told.items():
        yield f"its table says {column} {value}: {line}, there is none"
    totals = [int((table["split"] == split).sum()) for split in SPLITS] + [len(table)]
    found = _TOTAL_LINE.search(text)
    if found is None or [int(n) for n in re.findall(r"\d+", found[1])] != totals:
        yield f"its table does not say that there are {' + '.join(map(str, totals[:-1]))} rows"
    with_text = int(table["with_text"].sum())
    for pattern, numbers in (
        (r"^(\d+) figures from \d+ books?, (\d+) of them", [len(table), with_text]),
        (r"Rows without text: (\d+)", [len(table) - with_text]),
        (r"共 (\d+) 幅图，其中 (\d+) 幅", [len(table), with_text]),
    ):
        # Cards of imports and of other versions have other sentences.
        sentence = re.search(pattern, text, re.MULTILINE)
        if sentence and [int(n) for n in sentence.groups()] != numbers:
            yield f"it says {sentence[0]!r}; of the rows it is {', '.join(map(str, numbers))}"


def check_croissant(
    folder: Path,
    shards: Sequence[Shard],
    manifest: Mapping[str, Any],
    faults: Faults,
) -> None:
    """croissant.json: the shards with their sizes and hashes, and every column."""
    try:
        found = json.loads((folder / CROISSANT).read_bytes())
        files = {file["contentUrl"]: file for file in found["distribution"]}
        records = {record["@id"]: record for record in found["recordSet"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        faults.add("croissant", CROISSANT, f"cannot be read ({type(error).__name__})")
        return
    for name in ("name", "version"):
        if manifest and found.get(name) != manifest.get(name):
            faults.add("croissant", CROISSANT, f"{name} {found.get(name)!r} is not {manifest.get(name)!r}")
    for shard in shards:
        file = files.pop(shard.path, {})
        size = (folder / shard.path).stat().st_size
        for name, value in (("sha256", shard.sha256), ("contentSize", f"{size} B")):
            if file.get(name) != value:
                faults.add(
                    "croissant", CROISSANT, f"{name} of {shard.path} is {file.get(name)!r}, not {value!r}"
                )
        expected = describe_records(shard, shards)
        record = records.pop(expected["@id"], None)
        if record is None or _strip(record) != _strip(expected):
            faults.add(
                "croissant", CROISSANT, f"its records of {shard.path} do not name the release's columns"
            )
        elif record.get("description") != expected["description"]:
            faults.add("croissant", CROISSANT, f"says of {shard.path}: {record.get('description')}")
    for name in [*files, *records]:
        faults.add("croissant", CROISSANT, f"describes {name!r}, which is no shard of the release")


def check_citation(folder: Path, manifest: Mapping[str, Any], faults: Faults) -> None:
    """CITATION.cff: name and version."""
    try:
        found = yaml.safe_load((folder / CITATION).read_bytes().decode("utf-8"))
        told = {"name": found["title"], "version": found["version"]}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        faults.add("citation", CITATION, f"cannot be read ({type(error).__name__})")
        return
    for name, value in told.items():
        if value != manifest.get(name):
            faults.add("citation", CITATION, f"{name} {value!r} is not {manifest.get(name)!r}")


def _strip(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record set without its words, which may be another version's."""
    fields = record.get("field")
    if not isinstance(fields, list) or not all(isinstance(f, dict) for f in fields):
        return {}
    kept = {key: value for key, value in record.items() if key not in ("description", "field")}
    return kept | {"field": [{k: v for k, v in f.items() if k != "description"} for f in fields]}


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
