"""Verifying the rows: shard by shard and batch by batch, so that memory does not grow with the images."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from export.batch_rows import list_rows
from export.content import hash_content, hash_row
from export.counts import tabulate_stored
from export.faults import Faults
from export.reading import LIGHT
from export.schema import COLUMNS, arrow_schema
from export.verify_batch import choose_checks
from export.verify_pictures import check_picture
from export.verify_row import Check, Found, check_row

_T = TypeVar("_T")
_THREADS = min(4, os.cpu_count() or 1)
# Rows are checked many at a time, without images, and these are looked at a few at a time, which still lie in
# the processor's cache when they are hashed. Both are powers of two, so that their ends meet.
_ROWS, _IMAGES_BYTES = 2_048, 1_000_000
_BUFFER_BYTES = 250_000
_AHEAD = 2 * _THREADS

Fields = Mapping[str, Any]
"""A row without its image."""
Look = tuple[str | None, str, list[Found]]
"""An image's name, its sha256 (empty where there is none), and what decoding it finds."""


@dataclass
class Ledger:
    """What is known of all rows that were read: no texts, no pixels. `complete` where all could be read."""

    faults: Faults
    books: Mapping[str, list[Mapping[str, Any]]]
    decode: bool
    complete: bool = True
    decoded: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    hashes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    parents: list[tuple[str, str, str]] = field(default_factory=list)
    tables: list[pd.DataFrame] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read; `counts` has those of each shard."""
        return self.counts.total()

    def tabulate(self) -> pd.DataFrame:
        """The table that manifest and card are counted from."""
        if not self.tables:
            return tabulate_stored([], "")
        return pd.concat(self.tables, ignore_index=True)

    def content_sha256(self) -> str:
        """The logical content hash of the rows that were read."""
        return hash_content(self.hashes)


def check_rows(
    folder: Path, shards: Iterable[tuple[str, str]], ledger: Ledger, tell: Callable[[int], None]
) -> None:
    """Goes through the shards, (path, split) each. `tell` is called with the number of rows done."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for path, split in shards:
            try:
                with _open(folder / path) as file, _open(folder / path) as images:
                    if not _check_schema(file.schema_arrow, path, ledger.faults):
                        ledger.complete = False
                        continue
                    pictures = _read_ahead(_read_images(images), pool)
                    for batch in _read_rows(file):
                        rows, checks = list_rows(batch), choose_checks(batch)
                        for row, look in _look_ahead(pictures, rows, ledger.decode, pool):
                            _check_one(row, look, checks, split, path, ledger)
                            tell(ledger.rows)
                        ledger.tables.append(tabulate_stored(rows, split))
            except (OSError, ValueError, pa.ArrowException) as error:
                # What pyarrow says of damage has many lines, and names addresses.
                reason = (str(error) or type(error).__name__).splitlines()[0][:120]
                ledger.faults.add("parquet", path, f"cannot be read as Parquet ({reason})")
                ledger.complete = False
    for parent, path, place in ledger.parents:
        if parent not in ledger.hashes and ledger.complete:
            ledger.faults.add("parent", path, f"parent_pair_id {parent} is no row of this release", place)
    for group, splits in ledger.groups.items():
        if len(splits) > 1:
            where = ", ".join(f"{split} ({pair_id})" for split, pair_id in splits.items())
            ledger.faults.add("group", "data", f"group_id {group} lies in more than one split: {where}")


def _check_schema(schema: pa.Schema, path: str, faults: Faults) -> bool:
    """Whether the rows can be read; what else is wrong with the schema is a fault as well."""
    expected = arrow_schema()
    missing = [c.name for c in COLUMNS if c.name not in schema.names]
    for name in schema.names:
        if name not in expected.names:
            faults.add("schema", path, f"column {name} is not one of a release")
        elif schema.field(name).type != expected.field(name).type:
            told = f"{schema.field(name).type}, not {expected.field(name).type}"
            faults.add("schema", path, f"column {name} is {told}")
            missing.append(name)
    if missing:
        faults.add("schema", path, f"without usable columns {', '.join(missing)}: its rows were not checked")
        return False
    if schema.names != expected.names:
        faults.add("schema", path, "its columns are in another order")
    try:
        stored = json.loads((schema.metadata or {})[b"huggingface"])
    except (KeyError, ValueError):
        stored = None
    if stored != json.loads(expected.metadata[b"huggingface"]):
        faults.add("schema", path, "its metadata for Hugging Face does not describe its columns")
    return True


def _open(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)


def _read_rows(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """The rows without their images, some at a time and none of two row groups."""
    for group in range(file.num_row_groups):
        yield from file.iter_batches(_ROWS, row_groups=[group], columns=list(LIGHT))


def _read_images(file: pq.ParquetFile) -> Iterator[pa.StructArray]:
    """The images, a few at a time and none of two batches of rows."""
    for group in range(file.num_row_groups):
        about = file.metadata.row_group(group)
        size = max(1, about.total_byte_size // max(1, about.num_rows))
        count = min(_ROWS, 1 << max(1, _IMAGES_BYTES // size).bit_length() - 1)
        for batch in file.iter_batches(count, row_groups=[group], columns=["image"]):
            yield batch.column(0)


def _read_ahead(batches: Iterator[_T], pool: ThreadPoolExecutor) -> Iterator[_T]:
    """The same, the next read while one is looked at."""
    pending = pool.submit(next, batches, None)
    while (batch := pending.result()) is not None:
        pending = pool.submit(next, batches, None)
        yield batch


def _look_ahead(
    images: Iterator[pa.StructArray], rows: Sequence[Fields], decode: bool, pool: ThreadPoolExecutor
) -> Iterator[tuple[Fields, Look]]:
    """The rows, each with what is found in its image; some batches are in work at once."""
    pending: deque[Future[list[tuple[Fields, Look]]]] = deque()
    done = 0
    while done < len(rows) and (batch := next(images, None)) is not None:
        pending.append(pool.submit(_look_at, batch, rows[done : done + len(batch)], decode))
        done += len(batch)
        if len(pending) > _AHEAD:
            yield from pending.popleft().result()
    while pending:
        yield from pending.popleft().result()


def _look_at(images: pa.StructArray, rows: Sequence[Fields], decode: bool) -> list[tuple[Fields, Look]]:
    looks: list[tuple[Fields, Look]] = []
    names = images.field("path").to_pylist()
    for name, content, row in zip(names, _view_bytes(images), rows, strict=True):
        digest, found = "", []
        if content is not None:
            digest = hashlib.sha256(content).hexdigest()
            found = check_picture(bytes(content), name or "", row) if decode else []
        looks.append((row, (name, digest, found)))
    return looks


def _view_bytes(images: pa.StructArray) -> Iterator[memoryview | None]:
    """Each image's bytes without a copy; None where there is none."""
    contents = images.field("bytes")
    _, offsets, data = contents.buffers()
    if data is None:
        yield from (None for _ in range(len(contents)))
        return
    ends = np.frombuffer(offsets, np.int32)[contents.offset : contents.offset + len(contents) + 1].tolist()
    view = memoryview(data)
    valid = contents.is_valid().to_pylist()
    for n in range(len(contents)):
        yield view[ends[n] : ends[n + 1]] if valid[n] and ends[n] < ends[n + 1] else None


def _check_one(
    row: Fields, look: Look, checks: Sequence[Check], split: str, path: str, ledger: Ledger
) -> None:
    place = f"row {ledger.counts[path]} ({row['pair_id']})"
    for check, what in _list_faults(row, look, checks, split, place, path, ledger):
        ledger.faults.add(check, path, what, place)
    ledger.counts[path] += 1
    ledger.decoded += ledger.decode and bool(look[1])


def _list_faults(
    row: Fields, look: Look, checks: Sequence[Check], split: str, place: str, path: str, ledger: Ledger
) -> Iterator[Found]:
    pair_id = str(row["pair_id"])
    name, digest, in_picture = look
    if pair_id in ledger.hashes:
        yield "id", "pair_id is that of another row as well"
    try:
        ledger.hashes[pair_id] = hash_row(row, split)
    except ValueError:
        yield "value", "a number is NaN or infinite"
        ledger.hashes[pair_id] = ""
    if not digest:
        yield "image", "it has no image"
    elif digest != row["image_sha256"]:
        yield "image", f"its image has the sha256 {digest[:16]}…, image_sha256 is another"
    if (name or "").rpartition(".")[0] != pair_id:
        yield "image", f"its image is named {name!r}, not after its pair_id"
    ledger.groups.setdefault(str(row["group_id"]), {}).setdefault(split, pair_id)
    if row["parent_pair_id"] is not None:
        ledger.parents.append((row["parent_pair_id"], path, place))
    yield from _check_source(row, ledger.books)
    yield from check_row(row, checks)
    yield from in_picture


def _check_source(row: Mapping[str, Any], books: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[Found]:
    """The row against the manifest's entry of its book, as long as it has one by hash."""
    if row["document_sha256"] is None or not books:
        return
    sources = books.get(row["document_sha256"])
    if sources is None:
        yield "source", "document_sha256 is none of the manifest's sources"
        return
    for name in ("rights", "series"):
        if sources[0].get(name) == row[name]:
            continue
        told = [str(source.get(name)) for source in sources]
        if row[name] not in told:
            yield "source", f"{name} {row[name]!r} is not that of its book ({', '.join(told)})"
    last = max((s["page_count"] for s in sources if isinstance(s.get("page_count"), int)), default=0)
    if row["page"] is not None and last and row["page"] > last:
        yield "source", f"page {row['page']} is none of the {last} pages of its book"
