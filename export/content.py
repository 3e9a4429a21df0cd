"""The logical content hash: what a release says, whatever version of Parquet it is written in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import pyarrow as pa

_BATCH_ROWS = 1_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces; ValueError for NaN, which JSON does not have."""
    return _ENCODER.encode(value)


def hash_rows(table: pa.Table, split: str) -> dict[str, str]:
    """pair_id → sha256 of the row's canonical JSON: the split and all columns but `image`, for whose pixels
    `image_sha256` stands. Floats are as float32 holds them, so the table may come from memory or a file."""
    batches = table.drop_columns(["image"]).to_batches(_BATCH_ROWS)
    return {row["pair_id"]: hash_row(row, split) for batch in batches for row in batch.to_pylist()}


def hash_row(row: Mapping[str, object], split: str) -> str:
    """sha256 of one row, given without its `image`; ValueError where a number is NaN or infinite."""
    return hashlib.sha256(canonical_json({**row, "split": split}).encode()).hexdigest()


def hash_content(row_hashes: Mapping[str, str]) -> str:
    """sha256 over one line `pair_id hash` for each row, in the order of pair_id."""
    lines = "".join(f"{pair_id} {row_hashes[pair_id]}\n" for pair_id in sorted(row_hashes))
    return hashlib.sha256(lines.encode()).hexdigest()
