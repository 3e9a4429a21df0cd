"""Verifying a release's files: the manifest by its digest, each by its sha256, none missing or unknown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from export.faults import Faults
from export.manifest import (
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    SUMS,
    digest_manifest,
    format_manifest,
    hash_file,
    list_files,
)
from export.place import HARMLESS
from export.schema import SPLITS
from export.shards import name_shard

# What version control and the Hugging Face hub put beside the files of a release.
_FOREIGN_FOLDERS = frozenset({".git", ".cache"})
_FOREIGN_FILES = frozenset({".gitattributes", ".gitignore"})
_MOST_MISSING = 100
_SUMS_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_HEX = re.compile(r"[0-9a-f]{64}")
_SHARD = re.compile(rf"data/({'|'.join(SPLITS)})-(\d{{5}})-of-(\d{{5}})\.parquet")


@dataclass(frozen=True, slots=True)
class Files:
    """`present` has the sha256 of each file that is there and could be read, `broken` are those that should
    be there and are missing or changed; `manifest` is empty where its digest does not hold."""

    manifest: Mapping[str, Any]
    present: Mapping[str, str]
    broken: frozenset[str]


def may_be_release(folder: Path) -> bool:
    """Whether a folder is a release, be it a damaged one: what tells it is the manifest's `format`, a
    SHA256SUMS that names shards, or the shards."""
    if not folder.is_dir():
        return False
    try:
        if FORMAT in (folder / MANIFEST).read_text(encoding="utf-8", errors="replace"):
            return True
        if "  data/" in (folder / SUMS).read_text(encoding="utf-8", errors="replace"):
            return True
    except OSError:
        pass
    return any(_SHARD.fullmatch(f"data/{p.name}") for p in (folder / "data").glob("*.parquet"))


def check_files(folder: Path, faults: Faults, tell: Callable[[int, int], None]) -> Files:
    """Reads every file once. `tell` is called with (files hashed, files in all)."""
    found = [path for path in list_files(folder) if not _is_foreign(path)]
    hashes = _hash_all(folder, found, faults, tell)
    manifest, holds = _read_manifest(folder, faults)
    entries = _read_entries(manifest, faults) if manifest else {}
    sums = _read_sums(folder, faults, needed=not holds)
    # A manifest that is damaged does not say which files are; SHA256SUMS then does.
    known = entries if holds or not sums else {path: (None, sha256) for path, sha256 in sums.items()}
    source = MANIFEST if known is entries else SUMS
    broken = {path for path, (_, sha256) in known.items() if hashes.get(path) != sha256}
    for path in sorted({*known, *found} - {MANIFEST}):
        if path not in known:
            if path != SUMS or source == MANIFEST:
                faults.add("unknown", path, f"unknown: {source} does not list it")
        elif path not in found:
            faults.add("missing", path, f"missing, though {source} lists it")
        elif path in hashes and path in broken:
            faults.add("sha256", path, _compare(folder / path, known[path], source))
    if holds and sums and SUMS not in broken:
        _compare_sums(sums, entries, faults)
    broken |= _find_missing_shards({*found, *known}, faults)
    return Files(manifest if holds and manifest else {}, hashes, frozenset(broken))


def _is_foreign(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[-1] in HARMLESS or path in _FOREIGN_FILES or parts[0] in _FOREIGN_FOLDERS


def _hash_all(
    folder: Path, paths: list[str], faults: Faults, tell: Callable[[int, int], None]
) -> dict[str, str]:
    def measure(path: str) -> tuple[str, str]:
        try:
            return hash_file(folder / path), ""
        except OSError as error:
            return "", error.strerror or str(error)

    hashes: dict[str, str] = {}
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        measured = zip(paths, pool.map(measure, paths), strict=True)
        for done, (path, (sha256, trouble)) in enumerate(measured, 1):
            if trouble:
                faults.add("unreadable", path, f"cannot be read ({trouble})")
            else:
                hashes[path] = sha256
            tell(done, len(paths))
    return hashes


def _read_manifest(folder: Path, faults: Faults) -> tuple[dict[str, Any] | None, bool]:
    """The manifest, None where it is no JSON object; and whether it is as it was written."""
    try:
        text = (folder / MANIFEST).read_bytes().decode("utf-8")
        manifest = json.loads(text)
    except FileNotFoundError:
        faults.add("missing", MANIFEST, "missing")
        return None, False
    except (OSError, ValueError, RecursionError) as error:
        faults.add("digest", MANIFEST, f"not readable as JSON ({error}); its digest cannot hold")
        return None, False
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        faults.add("digest", MANIFEST, f'damaged: "format" is not "{FORMAT}"')
        return None, False
    try:
        holds = manifest.get("digest") == digest_manifest(manifest)
    except ValueError:
        holds = False
    if not holds:
        faults.add("digest", MANIFEST, "damaged or changed by hand: its digest does not hold")
    elif text != format_manifest(manifest):
        # The digest is of what the file says; this is of how.
        faults.add("digest", MANIFEST, "written anew by another program: spacing or order is not ours")
    if manifest.get("format_version") != FORMAT_VERSION:
        faults.add("format", MANIFEST, f"format_version is not {FORMAT_VERSION}; use a newer culti")
    return manifest, holds


def _read_entries(manifest: Mapping[str, Any], faults: Faults) -> dict[str, tuple[int | None, str]]:
    """Path → (bytes, sha256); entries that cannot be used are faults."""
    entries: dict[str, tuple[int | None, str]] = {}
    listed = manifest.get("files")
    for number, entry in enumerate(listed if isinstance(listed, list) else []):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or path != _clean(path) or path in entries:
            faults.add(
                "entry", MANIFEST, f"files[{number}] names no file of its own in the release: {path!r}"
            )
        elif not isinstance(entry.get("bytes"), int) or not _HEX.fullmatch(str(entry.get("sha256"))):
            faults.add("entry", MANIFEST, f"files[{number}] ({path}) has no size or no sha256")
        else:
            entries[path] = (entry["bytes"], entry["sha256"])
    if not entries:
        faults.add("entry", MANIFEST, "lists no file")
    return entries


def _clean(path: str) -> str:
    """The path as a release writes it; empty where it leads out of the release."""
    pure = PurePosixPath(path)
    return "" if pure.is_absolute() or ".." in pure.parts or "\0" in path else pure.as_posix()


def _read_sums(folder: Path, faults: Faults, needed: bool) -> dict[str, str]:
    """Path → sha256. Lines that `sha256sum` would not read are faults where the manifest does not tell."""
    try:
        lines = (folder / SUMS).read_bytes().decode("utf-8").splitlines()
    except FileNotFoundError:
        if needed:
            faults.add("missing", SUMS, "missing")
        return {}
    except (OSError, UnicodeDecodeError):
        return {}
    matches = [_SUMS_LINE.fullmatch(line) for line in lines]
    for number, match in enumerate(matches, 1):
        if match is None or _clean(match[2]) != match[2]:
            faults.add("sums", SUMS, f"line {number} is not a sha256, two spaces and a file of the release")
    return {m[2]: m[1] for m in matches if m is not None and _clean(m[2]) == m[2]}


def _compare_sums(
    sums: Mapping[str, str], entries: Mapping[str, tuple[int | None, str]], faults: Faults
) -> None:
    for path in sorted({*sums, *entries} - {SUMS, MANIFEST}):
        if path not in sums:
            faults.add("sums", SUMS, f"does not list {path}")
        elif path not in entries or entries[path][1] != sums[path]:
            faults.add("sums", SUMS, f"its sha256 of {path} is not that in {MANIFEST}")


def _compare(file: Path, entry: tuple[int | None, str], source: str) -> str:
    size = file.stat().st_size
    if entry[0] is not None and entry[0] != size:
        return f"changed: {size} bytes and another sha256, {source} says {entry[0]} bytes"
    return f"changed: its sha256 is not that in {source}"


def _find_missing_shards(named: set[str], faults: Faults) -> set[str]:
    """Each shard says of how many it is one: none may be missing, whatever the manifest lists."""
    missing: set[str] = set()
    matches = [m for m in map(_SHARD.fullmatch, sorted(named)) if m is not None]
    for split in SPLITS:
        totals = {int(m[3]) for m in matches if m[1] == split}
        if len(totals) > 1:
            faults.add(
                "shards", "data", f"shards of {split} disagree on how many there are: {sorted(totals)}"
            )
        for total in totals:
            there = {int(m[2]) for m in matches if m[1] == split and int(m[3]) == total}
            for number in islice((n for n in range(total) if n not in there), _MOST_MISSING):
                path = name_shard(split, number, total)
                faults.add("missing", path, f"missing: the shards of {split} are {total}")
                missing.add(path)
        if not totals:
            path = name_shard(split, 0, 1)
            faults.add("missing", path, f"missing: no shard of the split {split}, not even an empty one")
            missing.add(path)
    return missing


def list_shards(paths: Mapping[str, str]) -> list[tuple[str, str]]:
    """(path, split) of the shards that are there, split by split in their order."""
    matches = [m for m in map(_SHARD.fullmatch, sorted(paths)) if m is not None]
    return [(m[0], m[1]) for split in SPLITS for m in matches if m[1] == split]
