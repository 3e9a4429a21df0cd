"""Rows → Parquet shards that `datasets`, DuckDB and pandas read, without holding all images in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from export.content import hash_rows
from export.image_files import measure_image, read_images
from export.manifest import hash_file
from export.rows import Row
from export.schema import COLUMNS, Column, arrow_schema

# Readers fetch a row group at once and a file at once: the Hugging Face viewer asks for groups of at most
# 100 MB, and a few hundred MB is a file that can be loaded again after a broken connection.
ROW_GROUP_BYTES = 100_000_000
SHARD_BYTES = 400_000_000
_BATCH_BYTES = 8_000_000
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
    batches = _batches(rows, min(_BATCH_BYTES, row_group_bytes, max(1, image_bytes // (4 * total))))
    shards = []
    done = 0
    pending = next(batches, None)
    for number in range(total):
        path = name_shard(split, number, total)
        limit = image_bytes * (number + 1) / total
        with _ShardWriter(release / path, row_group_bytes) as writer:
            while pending is not None and (done < limit or number == total - 1):
                table, size = pending
                row_hashes.update(hash_rows(table, split))
                writer.add(table, size)
                done += size
                pending = next(batches, None)
        sha256 = hash_file(release / path)
        shards.append(Shard(path, split, writer.rows, writer.arrow_bytes, sha256))
    return shards


class _ShardWriter:
    """Gathers tables into row groups; the last group is written on leaving the context."""

    def __init__(self, path: Path, row_group_bytes: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self.arrow_bytes = 0
        self._row_group_bytes = row_group_bytes
        self._tables: list[pa.Table] = []
        self._gathered = 0
        self._writer = open_parquet(path)

    def __enter__(self) -> _ShardWriter:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._flush()
        self._writer.close()

    def add(self, table: pa.Table, size: int) -> None:
        self._tables.append(table)
        self._gathered += size
        if self._gathered >= self._row_group_bytes:
            self._flush()

    def _flush(self) -> None:
        if self._tables:
            group = pa.concat_tables(self._tables)
            self._writer.write_table(group, row_group_size=group.num_rows)
            self.rows += group.num_rows
            self.arrow_bytes += group.nbytes
        self._tables, self._gathered = [], 0


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


def _batches(rows: Iterable[Placed], batch_bytes: int) -> Iterator[tuple[pa.Table, int]]:
    """(table, bytes of its images), each of about `batch_bytes`."""
    gathered: list[Placed] = []
    sizes: list[int] = []
    size = 0
    for row, group_id in rows:
        gathered.append((row, group_id))
        sizes.append(measure_image(row))
        size += sizes[-1]
        if size >= batch_bytes:
            yield make_table(gathered, sizes), size
            gathered, sizes, size = [], [], 0
    if gathered:
        yield make_table(gathered, sizes), size


def make_table(placed: Sequence[Placed], sizes: Sequence[int]) -> pa.Table:
    """An Arrow table of rows whose images have these sizes; ValueError where a column that every row must
    have is empty, CultiError as in `read_images`."""
    rows = [row for row, _ in placed]
    columns: dict[str, Any] = {
        c.name: [getattr(r, c.name) for r in rows] for c in COLUMNS if c.name in _ROW_FIELDS
    }
    columns["group_id"] = [group_id for _, group_id in placed]
    names = pa.array([f"{row.pair_id}{row.image_file.suffix}" for row in rows], pa.string())
    columns["image"] = pa.StructArray.from_arrays([read_images(rows, sizes), names], ["bytes", "path"])
    table = pa.table({c.name: columns[c.name] for c in COLUMNS}, schema=arrow_schema())
    empty = [c.name for c in COLUMNS if not c.nullable and table[c.name].null_count]
    if empty:
        raise ValueError(f"rows without {', '.join(empty)}")
    return table
