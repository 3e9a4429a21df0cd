"""A release as WebDataset: tar files of samples, each an image, its text and the rest of its row as JSON."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

from export.convert.pictures import as_jpeg_or_png
from export.convert.tally import REENCODED, Tally, Tell, read_pairs
from export.reading import LIGHT, StoredRelease
from export.schema import SPLITS

# A few hundred MB: what a loader fetches at once, and many enough to be shared out to workers.
SHARD_BYTES = 300_000_000


def write_webdataset(
    release: StoredRelease, folder: Path, tally: Tally, tell: Tell, shard_bytes: int = SHARD_BYTES
) -> None:
    """Writes `<split>-000000.tar` and so on; a split without pairs has no file. The key of a sample is its
    pair_id, its members are `.jpg` or `.png`, `.json` (all columns but the image) and `.txt`.

    Members lie in the order of their rows and have no time, owner or rights of this machine.
    """
    for split in SPLITS:
        writer = _Shards(folder, split, shard_bytes)
        with writer:
            for row in read_pairs(release, split, tally, tell, ("image", *LIGHT)):
                image = row.pop("image")["bytes"]
                content, suffix, changed = as_jpeg_or_png(image, row["pair_id"])
                about = json.dumps(row, ensure_ascii=False, allow_nan=False).encode()
                parts = [(suffix, content), ("json", about), ("txt", row["description"].encode())]
                tally.counts[REENCODED] += changed
                writer.add(row["pair_id"], parts)
        tally.counts["tar files"] += writer.count


class _Shards:
    """The tar files of one split, a new one where the last is full. A context."""

    def __init__(self, folder: Path, split: str, shard_bytes: int) -> None:
        self.count = 0
        self._folder, self._split, self._limit = folder, split, shard_bytes
        self._tar: tarfile.TarFile | None = None
        self._size = 0

    def __enter__(self) -> _Shards:
        return self

    def __exit__(self, *_: object) -> None:
        if self._tar is not None:
            self._tar.close()

    def add(self, key: str, parts: Sequence[tuple[str, bytes]]) -> None:
        if self._tar is None or self._size >= self._limit:
            if self._tar is not None:
                self._tar.close()
            path = self._folder / f"{self._split}-{self.count:06d}.tar"
            self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 - closed on leaving
            self.count, self._size = self.count + 1, 0
        for suffix, content in parts:
            # A TarInfo of its own has time 0 and no owner.
            member = tarfile.TarInfo(f"{key}.{suffix}")
            member.size = len(content)
            self._tar.addfile(member, io.BytesIO(content))
            self._size += len(content)
