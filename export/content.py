"""The logical content hash: what a release says, whatever version of Parquet it is written in."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from itertools import chain
from typing import Any

import orjson
import pyarrow as pa

from export.batch_rows import list_rows
from export.schema import COLUMNS

_BATCH_ROWS = 1_000
_NUMBERS = tuple(c.name for c in COLUMNS if c.type == "float32")
_BOXES, _BOX_LISTS = (
    tuple(c.name for c in COLUMNS if c.item_type == "float32" and c.depth == depth) for depth in (1, 2)
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; ValueError for NaN, which JSON does not have."""
    return _ENCODER.encode(value)


def hash_rows(table: pa.Table, split: str) -> dict[str, str]:
    """pair_id → sha256 of the row's canonical JSON: the split and all columns but `image`, for whose pixels
    `image_sha256` stands. Floats are as float32 holds them, so the table may come from memory or a file."""
    batches = table.drop_columns(["image"]).to_batches(_BATCH_ROWS)
    return {row["pair_id"]: hash_row(row, split) for batch in batches for row in list_rows(batch)}


def hash_row(row: Mapping[str, Any], split: str) -> str:
    """sha256 of one row, given without its `image`, as JSON in UTF-8 with sorted keys and no spaces;
    ValueError where a number is NaN or infinite, or a text is no Unicode."""
    # What is written as null there would else be lost.
    if not math.isfinite(sum(filter(None, _list_numbers(row)))):
        raise ValueError("a number is NaN or infinite")
    try:
        content = orjson.dumps({**row, "split": split}, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from error
    return hashlib.sha256(content).hexdigest()


def _list_numbers(row: Mapping[str, Any]) -> chain[float | None]:
    boxes = [row[name] or () for name in _BOXES]
    lists = (row[name] or () for name in _BOX_LISTS)
    return chain((row[name] for name in _NUMBERS), *boxes, *(box or () for some in lists for box in some))


def hash_content(row_hashes: Mapping[str, str]) -> str:
    """sha256 over one line `pair_id hash` for each row, in the order of pair_id."""
    lines = "".join(f"{pair_id} {row_hashes[pair_id]}\n" for pair_id in sorted(row_hashes))
    return hashlib.sha256(lines.encode()).hexdigest()
