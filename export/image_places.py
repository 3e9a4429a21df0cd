"""Where in a shard the bytes of each image lie, so that one is read without the 100 MB of its row group.

Pixels are stored plainly (`shards.open_parquet`): each value is its length in four bytes, then its bytes,
page after page, and each page has a header in Thrift's compact protocol. pyarrow does not tell where values
lie, so the headers are read here; of the pixels nothing is touched but the lengths. For callers:

    count_rows(path)              the rows of each row group of a shard
    find_places(path, group)      (offset, length) of each image of a row group
    read_image(path, number)      one image, found by its row in the shard
"""

from __future__ import annotations

import mmap
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

Place = tuple[int, int]
_COLUMN = "image.bytes"
_DATA_PAGE, _PLAIN = 0, 0
_BATCH_ROWS = 16
_SHARDS_KNOWN, _GROUPS_KNOWN = 256, 32


class _UnknownStorage(ValueError):
    """Pages that are not as this project's own writer makes them."""


@lru_cache(_SHARDS_KNOWN)
def count_rows(path: Path) -> tuple[int, ...]:
    """Rows of each row group. OSError or ArrowException where the file cannot be read."""
    about = pq.read_metadata(path)
    return tuple(about.row_group(group).num_rows for group in range(about.num_row_groups))


@lru_cache(_GROUPS_KNOWN)
def find_places(path: Path, group: int) -> list[Place] | None:
    """Where the images of a row group lie in the file; None where they are stored in another way, as by
    another program. OSError or ArrowException where the file cannot be read."""
    about = pq.read_metadata(path).row_group(group)
    columns = [about.column(n) for n in range(about.num_columns)]
    image = next((c for c in columns if c.path_in_schema == _COLUMN), None)
    if image is None or image.compression != "UNCOMPRESSED":
        return None
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _walk(data, image.data_page_offset, about.num_rows)
        except (_UnknownStorage, IndexError):
            return None


def read_image(path: Path, number: int) -> bytes:
    """The image of one row (from 0) of a shard; empty where it has none. OSError or ArrowException where the
    file cannot be read."""
    for group, rows in enumerate(count_rows(path)):
        if number < rows:
            if (places := find_places(path, group)) is None:
                return _read_slowly(path, group, number)
            start, length = places[number]
            with path.open("rb") as file:
                file.seek(start)
                return file.read(length)
        number -= rows
    return b""


def _read_slowly(path: Path, group: int, number: int) -> bytes:
    """By pyarrow, which goes through the row group up to the row."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=["image"]):
            if number < batch.num_rows:
                image = batch.column(0)[number].as_py()
                return (image or {}).get("bytes") or b""
            number -= batch.num_rows
    return b""


def _walk(data: mmap.mmap, at: int, rows: int) -> list[Place]:
    places: list[Place] = []
    while len(places) < rows:
        header, at = _read_struct(data, at)
        about = header.get(5)
        if header.get(1) != _DATA_PAGE or not isinstance(about, dict) or about.get(2) != _PLAIN:
            raise _UnknownStorage
        end = at + _as_integer(header.get(3))
        # Definition levels come first, with their own length before them; a null has a level and no value.
        at += 4 + int.from_bytes(data[at : at + 4], "little")
        count = _as_integer(about.get(1))
        for _ in range(count):
            length = int.from_bytes(data[at : at + 4], "little")
            places.append((at + 4, length))
            at += 4 + length
            if at > end:
                raise _UnknownStorage
        if at != end:
            raise _UnknownStorage
    return places


def _as_integer(value: object) -> int:
    if not isinstance(value, int):
        raise _UnknownStorage
    return value


def _read_struct(data: mmap.mmap, at: int) -> tuple[dict[int, object], int]:
    """A struct of Thrift's compact protocol by its fields' numbers, and where it ends."""
    found: dict[int, object] = {}
    number = 0
    while head := data[at]:
        at += 1
        kind, step = head & 15, head >> 4
        if step:
            number += step
        else:
            number, at = _read_integer(data, at)
        found[number], at = _read_value(data, at, kind)
    return found, at + 1


def _read_value(data: mmap.mmap, at: int, kind: int) -> tuple[object, int]:
    match kind:
        case 1 | 2:  # true, false
            return kind == 1, at
        case 3:
            return data[at], at + 1
        case 4 | 5 | 6:
            return _read_integer(data, at)
        case 8:
            length, at = _read_varint(data, at)
            return data[at : at + length], at + length
        case 12:
            return _read_struct(data, at)
    raise _UnknownStorage


def _read_integer(data: mmap.mmap, at: int) -> tuple[int, int]:
    raw, at = _read_varint(data, at)
    return (raw >> 1) ^ -(raw & 1), at


def _read_varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
