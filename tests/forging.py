"""Releases that were changed after they were written, with or without their hashes made anew."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from export.card import CARD
from export.content import hash_content, hash_rows
from export.croissant import CROISSANT
from export.manifest import (
    MANIFEST,
    describe_files,
    digest_manifest,
    format_manifest,
    hash_file,
)
from export.schema import arrow_schema
from export.shards import open_parquet

Rows = list[dict]


def edit_shard(release: Path, split: str, edit: Callable[[Rows], Rows | None]) -> str:
    """Writes a split's only shard anew; `edit` changes its rows in place or gives others. Its path."""
    path = f"data/{split}-00000-of-00001.parquet"
    rows = pq.read_table(release / path).to_pylist()
    rows = edit(rows) or rows
    with open_parquet(release / path) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema=arrow_schema()))
    return path


def forge_hashes(release: Path, **changes: object) -> None:
    """Makes all hashes of files anew, and the card's size; `changes` go into the manifest."""
    croissant = json.loads((release / CROISSANT).read_text())
    for file in croissant["distribution"]:
        if (release / file["contentUrl"]).exists():
            file["sha256"] = hash_file(release / file["contentUrl"])
            file["contentSize"] = f"{(release / file['contentUrl']).stat().st_size} B"
    (release / CROISSANT).write_text(json.dumps(croissant, ensure_ascii=False, indent=2) + "\n")
    size = sum(path.stat().st_size for path in (release / "data").iterdir())
    card = re.sub(r"download_size: \d+", f"download_size: {size}", (release / CARD).read_text())
    (release / CARD).write_text(card)
    forge_manifest(release, **changes)


def forge_manifest(release: Path, **changes: object) -> None:
    """Makes SHA256SUMS and the manifest anew."""
    manifest = json.loads((release / MANIFEST).read_text()) | changes
    manifest["files"] = describe_files(release)
    manifest["digest"] = digest_manifest(manifest)
    (release / MANIFEST).write_text(format_manifest(manifest))


def hash_release(release: Path) -> str:
    """The content hash of the rows as they are now."""
    hashes: dict[str, str] = {}
    for path in sorted((release / "data").iterdir()):
        hashes |= hash_rows(pq.read_table(path), path.name.partition("-")[0])
    return hash_content(hashes)


def copy_release(release: Path, to: Path) -> Path:
    shutil.copytree(release, to)
    return to
