"""Rows → Parquet shards that `datasets`, DuckDB and pandas read, without holding all images in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from export.content import hash_rows
from export.image_files import ImageRoom, measure_image
from export.manifest import hash_file
from export.rows import Row
from export.schema import COLUMNS, Column, arrow_schema

# Readers fetch a row group at once and a file at once: the Hugging Face viewer asks for groups of at most
# 100 MB, and a few hundred MB is a file that can be loaded again after a broken connection.
ROW_GROUP_BYTES = 100_000_000
SHARD_BYTES = 400_000_000
# Of small images so many rows are a group.
_ROW_GROUP_ROWS = 5_000
_ROW_FIELDS = frozenset(f.name for f in fields(Row))

Placed = tuple[Row, str]
"""A row and its group_id."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A file of rows: `path` in the release with forward slashes; `arrow_bytes` is its size when loaded."""

    path: str
    split: str
    rows: int
    arrow_bytes: int
    sha256: str


def name_shard(split: str, number: int, total: int) -> str:
    """Path in the release; `number` counts from 0."""
    return f"data/{split}-{number:05d}-of-{total:05d}.parquet"


def write_split(
    release: Path,
    split: str,
    rows: Iterable[Placed],
    image_bytes: int,
    row_hashes: dict[str, str],
    shard_bytes: int = SHARD_BYTES,
    row_group_bytes: int = ROW_GROUP_BYTES,
) -> list[Shard]:
    """Writes one split and adds each row's hash to `row_hashes`.

    `image_bytes` is the sum of the images' sizes: it decides how many shards of like size there are. A split
    without rows is one empty shard.
    """
    total = max(1, -(-image_bytes // shard_bytes))
    room = ImageRoom(min(row_group_bytes, image_bytes))
    groups = _gather(rows, row_group_bytes, image_bytes, total)
    pending = next(groups, None)
    shards = []
    for number in range(total):
        path = name_shard(split, number, total)
        count = arrow_bytes = 0
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        with open_parquet(release / path) as writer:
            while pending is not None and pending.shard == number:
                table = make_table(pending, room)
                row_hashes.update(hash_rows(table, split))
                writer.write_table(table, row_group_size=table.num_rows)
                count += table.num_rows
                arrow_bytes += table.nbytes
                pending = next(groups, None)
        shards.append(Shard(path, split, count, arrow_bytes, hash_file(release / path)))
    return shards


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of one row group with the sizes of their images, and the number of their shard."""

    shard: int
    placed: list[Placed]
    sizes: list[int]


def _gather(rows: Iterable[Placed], row_group_bytes: int, image_bytes: int, shards: int) -> Iterator[_Group]:
    """Row groups, each cut before it grows too large and where its shard ends."""
    group = _Group(0, [], [])
    size = done = 0
    for row, group_id in rows:
        image = measure_image(row)
        shard = min(shards - 1, done * shards // max(1, image_bytes))
        full = size + image > row_group_bytes or len(group.placed) == _ROW_GROUP_ROWS
        if group.placed and (full or shard != group.shard):
            yield group
            group, size = _Group(shard, [], []), 0
        group.placed.append((row, group_id))
        group.sizes.append(image)
        size += image
        done += image
    if group.placed:
        yield group


def open_parquet(path: Path) -> pq.ParquetWriter:
    """A Parquet writer with the options of a release.

    Content-defined chunking and no compression on pixels (they are compressed already) let storage that
    deduplicates keep unchanged images once; the page index lets readers fetch single rows.
    """
    leaves = list(chain.from_iterable(_leaves(c) for c in COLUMNS))
    light = [leaf for leaf in leaves if leaf != "image.bytes"]
    return pq.ParquetWriter(
        path,
        arrow_schema(),
        compression={leaf: "zstd" if leaf in light else "none" for leaf in leaves},
        use_dictionary=light,
        write_statistics=light,
        write_page_index=True,
        use_content_defined_chunking=True,
    )


def _leaves(column: Column) -> list[str]:
    if column.type == "image":
        return [f"{column.name}.bytes", f"{column.name}.path"]
    return [column.name + ".list.element" * column.depth]


def make_table(group: _Group, room: ImageRoom) -> pa.Table:
    """The rows as an Arrow table, its images in `room`; ValueError where a column that every row must have is
    empty, CultiError as in `ImageRoom.read`."""
    rows = [row for row, _ in group.placed]
    columns: dict[str, Any] = {
        c.name: [getattr(r, c.name) for r in rows] for c in COLUMNS if c.name in _ROW_FIELDS
    }
    columns["group_id"] = [group_id for _, group_id in group.placed]
    names = pa.array([f"{row.pair_id}{row.image_file.suffix}" for row in rows], pa.string())
    columns["image"] = pa.StructArray.from_arrays([room.read(rows, group.sizes), names], ["bytes", "path"])
    table = pa.table({c.name: columns[c.name] for c in COLUMNS}, schema=arrow_schema())
    empty = [c.name for c in COLUMNS if not c.nullable and table[c.name].null_count]
    if empty:
        raise ValueError(f"rows without {', '.join(empty)}")
    return table
