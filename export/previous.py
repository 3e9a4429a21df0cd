"""The release that a new one follows: its rows keep their splits, and what moves all the same is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from export.manifest import read_manifest
from export.schema import SPLITS
from extractors.errors import CultiError


@dataclass(frozen=True, slots=True)
class Moved:
    """A row that was in the split `before` and is in `after`, for its group has more rows there."""

    pair_id: str
    before: str
    after: str
    group_id: str


@dataclass(frozen=True, slots=True)
class Previous:
    """What is known of a release: its name, version, content hash, and the split of each pair_id."""

    name: str
    version: str
    content_sha256: str
    splits: Mapping[str, str] = field(repr=False)

    def list_moved(self, groups: Mapping[str, str], splits: Mapping[str, str]) -> tuple[Moved, ...]:
        """The rows that do not stay, by pair_id; `groups` by pair_id, `splits` by group."""
        return tuple(
            Moved(pair_id, before, splits[groups[pair_id]], groups[pair_id])
            for pair_id, before in sorted(self.splits.items())
            if pair_id in groups and splits[groups[pair_id]] != before
        )


def read_previous(release: Path) -> Previous:
    """Reads ids and splits from a release's shards. CultiError where it is none, or has lost one."""
    manifest = check_previous(release)
    splits: dict[str, str] = {}
    for split in SPLITS:
        for shard in sorted((release / "data").glob(f"{split}-*.parquet")):
            try:
                column = pq.read_table(shard, columns=["pair_id"])["pair_id"]
            except (OSError, ValueError) as error:
                raise CultiError(
                    f"{shard}: cannot be read ({error}); give a release that is whole"
                ) from error
            splits.update(dict.fromkeys(column.to_pylist(), split))
    return Previous(manifest["name"], manifest["version"], manifest["content_sha256"], splits)


def check_previous(release: Path) -> dict[str, Any]:
    """The manifest of a release; CultiError where there is none or a shard is missing."""
    manifest = read_manifest(release)
    if manifest is None:
        raise CultiError(f"{release} is not a release, or its manifest was changed; give the folder of one")
    for file in manifest["files"]:
        if file["path"].startswith("data/") and not (release / file["path"]).is_file():
            raise CultiError(f"{release}: {file['path']} is missing; give a release that is whole")
    return manifest
