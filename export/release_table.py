"""A release as one pandas table of its rows, and the images of a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from export.reading import ReleaseError, open_release
from export.schema import COLUMNS, SPLITS, arrow_type

_BATCH_ROWS = 64
_LIGHT = tuple(c for c in COLUMNS if c.name != "image")


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """A release in memory, without its pixels.

    `rows` has every column but `image`, lists as tuples and null as None, and `split`, `shard` (its path in
    the release) and `number` (the row in the shard, from 0). A column that the release lacks, as it was made
    by another version, is null throughout and named in `lacking`.
    """

    root: Path
    name: str
    version: str
    content_sha256: str
    rows: pd.DataFrame
    lacking: tuple[str, ...]


def read_release(root: Path) -> ReleaseTable:
    """Reads the manifest and all columns but the images. ReleaseError in one line where that fails."""
    manifest = open_release(root).manifest
    parts = []
    lacking: dict[str, None] = {}
    for split in SPLITS:
        for path in _list_shards(manifest, split):
            table = _read_light(root / path, lacking)
            frame = _to_pandas(table)
            frame["split"], frame["shard"], frame["number"] = split, path, np.arange(len(frame))
            parts.append(frame)
    rows = pd.concat(parts, ignore_index=True)
    return ReleaseTable(
        root, manifest["name"], manifest["version"], manifest["content_sha256"], rows, tuple(lacking)
    )


def read_images(root: Path, places: Iterable[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], bytes]]:
    """The released bytes of rows given as (shard, number), in the order in which they are stored. Only the
    row groups that hold one are read, a few rows at a time."""
    wanted: dict[str, set[int]] = {}
    for shard, number in places:
        wanted.setdefault(shard, set()).add(number)
    for shard, numbers in sorted(wanted.items()):
        try:
            with pq.ParquetFile(root / shard, pre_buffer=False) as file:
                for number, content in _read_rows(file, numbers):
                    yield (shard, number), content
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(root / shard, error) from error


def _read_rows(file: pq.ParquetFile, numbers: set[int]) -> Iterator[tuple[int, bytes]]:
    first = 0
    for group in range(file.metadata.num_row_groups):
        after = first + file.metadata.row_group(group).num_rows
        here = sorted(n for n in numbers if first <= n < after)
        start = first
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=["image"]) if here else ():
            for number in here:
                if start <= number < start + batch.num_rows:
                    image = batch.column(0)[number - start].as_py()
                    yield number, (image or {}).get("bytes") or b""
            start += batch.num_rows
            if start > here[-1]:
                break
        first = after


def _list_shards(manifest: Mapping[str, Any], split: str) -> list[str]:
    return sorted(f["path"] for f in manifest["files"] if f["path"].startswith(f"data/{split}-"))


def _read_light(path: Path, lacking: dict[str, None]) -> pa.Table:
    try:
        there = set(pq.read_schema(path).names)
        table = pq.read_table(path, columns=[c.name for c in _LIGHT if c.name in there])
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    for column in _LIGHT:
        if column.name not in there:
            lacking[column.name] = None
            table = table.append_column(column.name, pa.nulls(table.num_rows, arrow_type(column)))
    return table


def _unreadable(path: Path, error: Exception) -> ReleaseError:
    missing = isinstance(error, FileNotFoundError)
    reason = "missing" if missing else (str(error) or type(error).__name__).splitlines()[0][:120]
    return ReleaseError(f"{path}: cannot be read ({reason}); see `culti verify`")


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    """Objects throughout, so that tables of two releases compare whatever they hold."""
    columns: dict[str, Any] = {}
    for column in _LIGHT:
        values = table[column.name].to_pylist()
        if column.depth == 1:
            values = [None if v is None else tuple(v) for v in values]
        elif column.depth > 1:
            values = [None if v is None else tuple(map(tuple, v)) for v in values]
        array = np.empty(len(values), object)
        array[:] = values
        columns[column.name] = array
    return pd.DataFrame(columns, dtype=object)
