"""`text_trail.parquet`: the trail of every row's texts, one line an edit, from `text_raw` to the released.

For callers: `read_trail(release)` gives (pair_id, edits) in the order of the rows; what can be done with the
edits, `alignment.text.trail` says. Rows whose texts no rule has touched, and those of imports, have no lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from alignment.text.trail import FIELDS, Edit, TrailError, apply_edits, select
from export.batch_rows import list_rows, list_values
from export.faults import Faults

TRAIL = "text_trail.parquet"
SCHEMA = pa.schema(
    [
        ("pair_id", pa.string()),
        ("field", pa.string()),
        ("step", pa.string()),
        ("rule", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("before", pa.string()),
        ("after", pa.string()),
    ]
)
_BATCH = 20_000
# The column `end` follows from the others.
_READ = ("field", "step", "rule", "start", "before", "after")
_TEXTS = ("pair_id", "origin", "refinement", "text_raw", *FIELDS)
Trail = tuple[Edit, ...]
Line = tuple[Any, ...]
"""The values of an edit, in its order."""


def write_trail(folder: Path, trails: Iterable[tuple[str, Trail]]) -> None:
    """Writes the file into a release, (pair_id, edits) in the order in which its shards have the rows; no
    file where no row has a trail."""
    lines = ((pair_id, edit) for pair_id, trail in trails for edit in trail)
    first = next(lines, None)
    if first is None:
        return
    with pq.ParquetWriter(folder / TRAIL, SCHEMA, compression="zstd") as writer:
        held: list[tuple[str, Edit]] = []
        for line in chain((first,), lines):
            held.append(line)
            if len(held) == _BATCH:
                writer.write_table(_make_table(held))
                held = []
        if held:
            writer.write_table(_make_table(held))


def _make_table(lines: Sequence[tuple[str, Edit]]) -> pa.Table:
    edits = [edit for _, edit in lines]
    columns = {name: [getattr(edit, name) for edit in edits] for name in SCHEMA.names[1:]}
    return pa.table({"pair_id": [pair_id for pair_id, _ in lines], **columns}, schema=SCHEMA)


def read_trail(folder: Path) -> Iterator[tuple[str, Trail]]:
    """(pair_id, edits) of each row that has any, in order; nothing where there is no file. OSError,
    ValueError or ArrowException where it cannot be read."""
    if not (folder / TRAIL).exists():
        return
    for pair_id, lines in _read_lines(folder / TRAIL):
        yield pair_id, _make_trail(lines)


def _make_trail(lines: Iterable[Line]) -> Trail:
    return tuple(Edit(*line) for line in lines)


def _read_lines(path: Path) -> Iterator[tuple[str, list[Line]]]:
    """(pair_id, its lines), of which nothing is made yet."""
    held: tuple[str, list[Line]] = ("", [])
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=["pair_id", *_READ]):
            lines = list(zip(*(list_values(batch.column(name)) for name in _READ), strict=True))
            for pair_id, start, end in find_runs(batch.column("pair_id")):
                if pair_id == held[0]:
                    held[1].extend(lines[start:end])
                else:
                    if held[1]:
                        yield held
                    held = pair_id, lines[start:end]
    if held[1]:
        yield held


def find_runs(pair_ids: pa.StringArray) -> Iterator[tuple[str, int, int]]:
    """(pair_id, start, end) of each run of one value."""
    coded = pc.fill_null(pair_ids, "null").dictionary_encode()
    names, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist()] if len(codes) else []
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        yield names[codes[start]], start, end


def check_trail(folder: Path, shards: Iterable[tuple[str, str]], faults: Faults) -> None:
    """Whether every row's texts follow from its `text_raw` by its trail; `shards` are (path, split) in the
    order of the release. Rows and trail are read side by side, a batch of each in memory."""
    try:
        trail = _read_lines(folder / TRAIL) if (folder / TRAIL).exists() else iter(())
        ahead = next(trail, None)
        for path, _ in shards:
            with pq.ParquetFile(folder / path, pre_buffer=False) as file:
                batches = (b for b in file.iter_batches(_BATCH // 10, columns=list(_TEXTS)))
                for number, row in enumerate(row for batch in batches for row in list_rows(batch)):
                    lines: Sequence[Line] = ()
                    if ahead and ahead[0] == row["pair_id"]:
                        lines, ahead = ahead[1], next(trail, None)
                    if not _holds(row, lines) and (wrong := _compare(row, _make_trail(lines))):
                        faults.add("trail", path, wrong, f"row {number} ({row['pair_id']})")
        if ahead:
            what = f"has edits of {ahead[0]}, which is no row of this release or stands elsewhere in it"
            faults.add("trail", TRAIL, what)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        faults.add("trail", TRAIL, f"cannot be read ({reason})")


def _holds(row: Mapping[str, Any], lines: Iterable[Line]) -> bool:
    """Whether nothing is wrong, told quickly and without a word on what is; `_compare` tells."""
    raw = row["text_raw"] or ""
    texts = dict.fromkeys(FIELDS, raw)
    is_refined = False
    for field, step, _, start, before, after in lines:
        text = texts.get(field)
        if text is None or not 0 <= start <= len(text) or not text.startswith(before, start):
            return False
        texts[field] = text[:start] + after + text[start + len(before) :]
        is_refined = is_refined or step == "model"
    if is_refined != (row["refinement"] == "refined") or not (lines or raw):
        return False
    return all(text == (row[field] or "") for field, text in texts.items())


def _compare(row: Mapping[str, Any], edits: Trail) -> str:
    """What is wrong with a row's trail; empty where nothing is."""
    if (row["refinement"] == "refined") != any(edit.step == "model" for edit in edits):
        return f"refinement {row['refinement']!r} is not what the steps of {TRAIL} say"
    if not edits and (row["origin"] == "imported" or not row["text_raw"]):
        return ""
    for field in FIELDS:
        try:
            text = apply_edits(row["text_raw"] or "", select(edits, field))
        except TrailError as error:
            return f"{TRAIL} does not fit its text_raw ({error})"
        if text != (row[field] or ""):
            return f"{field} does not follow from text_raw by {TRAIL}"
    return ""
