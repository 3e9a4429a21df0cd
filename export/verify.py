"""Verifying a release: files by their hashes, rows by themselves and together, words against rows.

Hashes tell a release that was damaged from one that is whole; the other checks do not trust them, so that a
release whose hashes were made anew after a change is still found out where it contradicts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from export.card import CARD
from export.citation import CITATION
from export.croissant import CROISSANT
from export.faults import Faults
from export.manifest import MANIFEST
from export.shards import Shard
from export.text_trail import TRAIL, check_trail
from export.verify_files import Files, check_files, list_shards, may_be_release
from export.verify_rows import Ledger, check_rows
from export.verify_words import check_card, check_citation, check_counts, check_croissant
from extractors.errors import CultiError

Tell = Callable[[str, int, int], None]


class NotARelease(CultiError):
    """The folder holds nothing that a release is made of."""


@dataclass(frozen=True, slots=True)
class Verification:
    """`notes` say what could not be checked because of a fault; `decoded` counts images."""

    faults: Faults
    name: str
    version: str
    files: int
    rows: int
    decoded: int
    notes: tuple[str, ...]


def verify_release(folder: Path, *, fast: bool = False, tell: Tell | None = None) -> Verification:
    """Checks everything and gives all faults; `fast` leaves out decoding the images. NotARelease where there
    is nothing to check.

    `tell` is called with (step, done, total). Memory is that of some row batches and of a line for each row.
    """
    if not may_be_release(folder):
        there = "holds no release" if folder.is_dir() else "is no folder"
        raise NotARelease(f"{folder} {there}: no {MANIFEST} of culti, no data/*.parquet; nothing was checked")
    report = tell or (lambda *_: None)
    faults = Faults()
    files = check_files(folder, faults, lambda done, total: report("files hashed", done, total))
    ledger = Ledger(faults, _list_books(files.manifest), decode=not fast)
    shards = list_shards(files.present)
    total = _count_rows(folder, shards)
    step = "rows checked" if fast else "rows checked, images decoded"
    check_rows(folder, shards, ledger, lambda done: report(step, done, max(done, total)))
    notes = _check_words(folder, files, shards, ledger)
    manifest = files.manifest
    return Verification(
        faults,
        str(manifest.get("name", folder.name)),
        str(manifest.get("version", "")),
        len(files.present),
        ledger.rows,
        ledger.decoded,
        notes,
    )


def _check_words(
    folder: Path, files: Files, shards: list[tuple[str, str]], ledger: Ledger
) -> tuple[str, ...]:
    """Counts, content hash, card and Croissant against the rows, where these are the release's."""
    broken = [path for path in files.broken if path.startswith("data/")]
    if broken or not ledger.complete:
        return (f"counts, content_sha256, {CARD} and {CROISSANT} were not compared with damaged data",)
    table = ledger.tabulate()
    described = [Shard(path, split, ledger.counts[path], 0, files.present[path]) for path, split in shards]
    if files.manifest:
        check_counts(files.manifest, table, ledger.faults)
        if CITATION in files.present:
            check_citation(folder, files.manifest, ledger.faults)
        if files.manifest.get("content_sha256") != ledger.content_sha256():
            what = "content_sha256 does not hold: rows were changed, added or removed"
            ledger.faults.add("content", MANIFEST, what)
    if TRAIL not in files.broken:
        check_trail(folder, shards, ledger.faults)
    if CARD in files.present:
        check_card(folder, described, table, ledger.faults)
    if CROISSANT in files.present:
        check_croissant(folder, described, files.manifest, ledger.faults)
    return ()


def _list_books(manifest: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The manifest's sources by their hash."""
    books: dict[str, list[Mapping[str, Any]]] = {}
    sources = manifest.get("sources")
    for source in sources if isinstance(sources, list) else []:
        if isinstance(source, dict) and isinstance(source.get("sha256"), str):
            books.setdefault(source["sha256"], []).append(source)
    return books


def _count_rows(folder: Path, shards: list[tuple[str, str]]) -> int:
    total = 0
    for path, _ in shards:
        try:
            total += pq.read_metadata(folder / path).num_rows
        except Exception:  # said when the shard is read
            continue
    return total
