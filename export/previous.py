"""The release that a new one follows: its rows keep their splits, and what moves all the same is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from export.reading import open_release
from export.schema import SPLITS


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
    """Reads ids and splits from a release's shards. ReleaseError where it is none, or has lost one."""
    stored = open_release(release)
    splits = {row["pair_id"]: split for split in SPLITS for row in stored.read_rows(split, ("pair_id",))}
    manifest = stored.manifest
    return Previous(manifest["name"], manifest["version"], manifest["content_sha256"], splits)


def check_previous(release: Path) -> None:
    """ReleaseError where it is no release, or a shard is missing or cut short."""
    stored = open_release(release)
    for split in SPLITS:
        stored.list_shards(split)
