"""`culti gc`: clears from a work directory's store what no release there was made of, once it is old.

What counts as used: the jobs of the last build of each release that is still there (`flows.ledger`), with all
that they left in the store, and what the review page reads. All else is of earlier settings, books or
versions, or of a build that was killed and may go on: so it has to be old as well.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from flows.configuration import ConfigurationError
from flows.console import say, show_path
from flows.jobs import Receipt
from flows.ledger import read_ledger, read_release
from flows.store import StoreError, make_key, open_store
from flows.workspace import Workspace

_RECEIPT = TypeAdapter(Receipt)


@dataclass(slots=True)
class Used:
    """Names of what is used: records by key, blobs by name; `releases` are those it is used by."""

    records: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    releases: int = 0


@dataclass(frozen=True, slots=True)
class Unused:
    """Files to clear and the bytes that this frees; `younger` is how many are left for their age."""

    records: tuple[Path, ...]
    blobs: tuple[Path, ...]
    size: int
    younger: int


def run_gc(options: argparse.Namespace) -> int:
    """The command. It only says what it would do, unless told to do it."""
    workspace = Workspace(options.work)
    store = Path(workspace.store.place)
    if not store.is_dir():
        raise ConfigurationError(f"{workspace.root}: no store there; name a build's work directory")
    with _hold(workspace):
        used = find_used(workspace)
        unused = find_unused(store, used, options.older_than)
        records, blobs = len(unused.records), len(unused.blobs)
        days = options.older_than / 86400
        say(
            f"unused for {days:g} days: {records} records and {blobs} blobs, {unused.size / 1e6:.1f} MB"
            + (f"; {unused.younger} more are younger" if unused.younger else "")
        )
        say(
            f"kept: {len(used.records)} records and {len(used.blobs)} blobs that "
            f"{used.releases} release{'s' * (used.releases != 1)} and the review page use"
        )
        if not options.yes:
            say("nothing was removed; --yes removes what is unused")
            return 0
        _remove(unused)
        say(f"removed from {show_path(store)}")
    return 0


@contextmanager
def _hold(workspace: Workspace) -> Iterator[None]:
    """Keeps builds off the store, and keeps off it while one is at work."""
    try:
        with FileLock(workspace.root / "lock", timeout=0):
            yield
    except Timeout as error:
        raise ConfigurationError(f"a build is at work on {workspace.root}; wait for it to end") from error
    except OSError as error:
        raise ConfigurationError(f"{workspace.root} cannot be written ({error.strerror})") from error


def find_used(workspace: Workspace) -> Used:
    """What the releases of a work directory and its review page use. LedgerError where that cannot be known,
    ConfigurationError where no build of a release that is still there was recorded."""
    used, store = Used(), open_store(workspace.store)
    for path in sorted(workspace.ledgers.glob("*.jsonl.gz")):
        if not read_release(path).is_dir():
            continue
        used.releases += 1
        for entry in read_ledger(path):
            used.blobs.update(entry.blobs)
            # A job that failed as a whole left its pieces, each with a receipt of its own.
            for key in {entry.key, *entry.kept}:
                receipt_key = make_key("receipt", key)
                used.records |= {key, receipt_key}
                if found := store.get(receipt_key):
                    used.blobs.update(_RECEIPT.validate_json(found).blobs)
    if not used.releases:
        raise ConfigurationError(
            f"{workspace.root} has no record of a build whose release is there, so all would go; "
            "build once more, or delete the folder"
        )
    used.records |= _read_review(workspace)
    return used


def _read_review(workspace: Workspace) -> set[str]:
    """Records that the review page reads."""
    try:
        books = json.loads(workspace.review.read_text(encoding="utf-8"))["books"]
    except (OSError, ValueError, KeyError):
        return set()
    return {key for b in books for key in (b["align_key"], b["decided_key"], *b["read_keys"]) if key}


def find_unused(store: Path, used: Used, age_s: float) -> Unused:
    """Files of a store that are not used and were written at least `age_s` seconds ago."""
    limit = time.time() - age_s
    found: dict[str, list[Path]] = {"records": [], "blobs": []}
    size = younger = 0
    for kind, names in (("records", used.records), ("blobs", used.blobs)):
        for file in sorted((store / kind).rglob("*")):
            if file.name in names or not file.is_file():
                continue
            about = file.stat()
            if about.st_mtime > limit:
                younger += 1
                continue
            found[kind].append(file)
            # An overlay that is still shown has another name, and stays on disk.
            size += about.st_size if about.st_nlink == 1 else 0
    return Unused(tuple(found["records"]), tuple(found["blobs"]), size, younger)


def _remove(unused: Unused) -> None:
    # Receipts are records: they go first, so that none speaks of a blob that is gone.
    for file in (*unused.records, *unused.blobs):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{file} cannot be removed ({error.strerror})") from error
