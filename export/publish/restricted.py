"""Whose pixels may not be passed on: read from the rows themselves, not from what is said about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from export.info import may_show
from export.publish.contents import Release
from export.publish.errors import PublishError
from export.text_trail import TRAIL

_PIXELS = "image.bytes"


@dataclass(frozen=True, slots=True)
class Restricted:
    """`rows` whose rights forbid redistribution and that hold pixels, of these `documents` (file names);
    `unstated` are rows that state no rights."""

    rows: int
    documents: tuple[str, ...]
    unstated: int


def find_restricted(release: Release) -> Restricted:
    """Goes through all rows of a release; PublishError for data that cannot be read."""
    rows, unstated = 0, 0
    documents: dict[str, None] = {}
    for file in release.files:
        if not file.path.endswith(".parquet") or file.path == TRAIL:
            continue
        for rights, document in _rows_with_pixels(release.local(file)):
            if not may_show(rights):
                rows += 1
                documents.setdefault(document)
            unstated += not rights.strip()
    return Restricted(rows, tuple(documents), unstated)


def _rows_with_pixels(shard: Path) -> Iterator[tuple[str, str]]:
    """(rights, document) of each row that holds pixels; pixels are read only where they decide something."""
    try:
        with pq.ParquetFile(shard) as data:
            names = data.schema_arrow.names
            missing = {"rights", "document", "image"} - set(names)
            if missing == {"image"}:
                return
            if missing:
                raise PublishError(f"{shard.name}: no column {', '.join(sorted(missing))}; not culti's data")
            for group in range(data.num_row_groups):
                told = data.read_row_group(group, ["rights", "document"]).to_pylist()
                free = all(may_show(row["rights"] or "") for row in told)
                held = [True] * len(told) if free else _have_pixels(data, group)
                for row, pixels in zip(told, held, strict=True):
                    if pixels:
                        yield row["rights"] or "", row["document"] or ""
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:120]
        raise PublishError(f"{shard}: not readable as Parquet ({reason})") from error


def _have_pixels(data: pq.ParquetFile, group: int) -> list[bool]:
    """Whether each row of a row group holds an image's bytes."""
    held: list[bool] = []
    for batch in data.iter_batches(batch_size=64, row_groups=[group], columns=[_PIXELS]):
        if not batch.num_columns:
            return [False] * data.metadata.row_group(group).num_rows
        sizes = pc.binary_length(pc.struct_field(batch.column("image"), "bytes"))
        held += [bool(size) for size in sizes.to_pylist()]
    return held
