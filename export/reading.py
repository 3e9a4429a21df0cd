"""A release directory as it is read again: its manifest, and its rows a few at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from export.manifest import MANIFEST, read_manifest
from export.schema import COLUMNS
from extractors.errors import CultiError

# Rows are read in batches of about so many bytes, whatever the size of a row group.
_BATCH_BYTES = 16_000_000
_MOST_ROWS = 2_000
LIGHT = tuple(column.name for column in COLUMNS if column.type != "image")


class ReleaseError(CultiError):
    """A folder is no release, or a part of it is missing or damaged."""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release on disk. `manifest` is as in the file, its digest checked."""

    root: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name and version, in one."""
        return f"{self.manifest['name']} {self.manifest['version']}"

    def list_shards(self, split: str) -> list[Path]:
        """The files of a split in order. ReleaseError where one is missing or cut short."""
        shards = []
        for entry in sorted(self.manifest["files"], key=lambda entry: str(entry["path"])):
            if not str(entry["path"]).startswith(f"data/{split}-"):
                continue
            shard = self.root / entry["path"]
            if not shard.is_file():
                raise ReleaseError(f"{shard}: missing; copy the release again")
            if shard.stat().st_size != entry["bytes"]:
                raise ReleaseError(f"{shard}: not the size that the manifest says; copy the release again")
            shards.append(shard)
        return shards

    def count_rows(self, split: str) -> int:
        """All rows of a split, with text or without."""
        return int(self.manifest["counts"]["by_split"][split])

    def read_rows(self, split: str, columns: Sequence[str] = LIGHT) -> Iterator[dict[str, Any]]:
        """Rows of a split in order, `columns` each; with `image` among them also its bytes, which are then
        those that `image_sha256` names. ReleaseError where a shard cannot be read or an image is another."""
        wanted = [*columns, *(["image_sha256"] if "image" in columns else [])]
        for shard in self.list_shards(split):
            try:
                yield from _read_shard(shard, list(dict.fromkeys(wanted)))
            except (OSError, ValueError, pa.ArrowException) as error:
                reason = (str(error) or type(error).__name__).splitlines()[0][:120]
                raise ReleaseError(f"{shard}: cannot be read ({reason}); copy the release again") from error


def open_release(root: Path) -> StoredRelease:
    """Opens a release directory. ReleaseError in one line where it is none."""
    if not root.is_dir():
        raise ReleaseError(f"{root}: no such folder; a release directory is wanted")
    if not (root / MANIFEST).is_file():
        raise ReleaseError(f"{root}: no {MANIFEST} in it; a release directory is wanted")
    manifest = read_manifest(root)
    if manifest is None:
        raise ReleaseError(f"{root / MANIFEST}: damaged or changed by hand; see `culti verify {root}`")
    return StoredRelease(root, manifest)


def _read_shard(shard: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    # Without pre_buffer a row group of 100 MB of pixels is not read as a whole.
    with pq.ParquetFile(shard, pre_buffer=False) as file:
        if missing := [name for name in columns if name not in file.schema_arrow.names]:
            raise ReleaseError(f"{shard}: without the columns {', '.join(missing)}")
        for group in range(file.num_row_groups):
            about = file.metadata.row_group(group)
            size = max(1, about.total_byte_size // max(1, about.num_rows))
            count = int(min(_MOST_ROWS, max(1, _BATCH_BYTES // size)))
            for batch in file.iter_batches(count, row_groups=[group], columns=list(columns)):
                for row in batch.to_pylist():
                    if "image" in row:
                        _check_image(shard, row)
                    yield row


def _check_image(shard: Path, row: Mapping[str, Any]) -> None:
    content = (row["image"] or {}).get("bytes") or b""
    if hashlib.sha256(content).hexdigest() != row["image_sha256"]:
        name = row.get("pair_id", "a row")
        raise ReleaseError(
            f"{shard}: the image of {name} is not the one that its row names; see `culti verify`"
        )
