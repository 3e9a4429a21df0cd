"""What is to be published: a release and its files, checked before any of them goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.version import InvalidVersion, Version

from export.manifest import FORMAT, MANIFEST, digest_manifest, hash_file, list_files
from export.place import HARMLESS
from export.publish.errors import PublishError
from export.verify import verify_release

Tell = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""
INDEXES = {MANIFEST: FORMAT, "conversion.json": "culti-conversion"}
"""The file that lists all others, and its format: of a release, and of what `culti convert` makes of one."""
# As the sources file allows; the version becomes a folder's name and a tag.
_CURE = "build the release again, or copy it again from where it is whole"
_VERSION = re.compile(r"^\w[\w.+\-]*$")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release: `path` in it with forward slashes, and what its bytes must be."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release, or the recipe of one, that was found whole. `files` has all of them, last the `index`, which
    lists the others; `digest` is the index's own."""

    folder: Path
    index: str
    name: str
    version: str
    digest: str
    files: tuple[File, ...]

    @property
    def label(self) -> str:
        """The version and the start of the digest: names this content and no other."""
        return f"{self.version}-{self.digest[:8]}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def local(self, file: File) -> Path:
        """Where the file is on this machine."""
        return self.folder / file.path


def is_newer(version: str, other: str) -> bool:
    """Whether a version comes after another; versions that have no order never do."""
    try:
        return Version(version) > Version(other)
    except InvalidVersion:
        return False


def check_release(folder: Path, tell: Tell) -> Release:
    """The release in a folder; PublishError where it is none, a file is not as its manifest says, or
    `culti verify --fast` finds a fault in it. The only place where publishing checks a release."""
    release = read_release(folder)
    if release.index == MANIFEST:
        if faults := verify_release(folder, fast=True, tell=tell).faults:
            raise PublishError(f"{folder}: {faults.lines()[0]}; {_CURE}")
        return release
    for done, file in enumerate(release.files, 1):
        _check_file(release, file)
        tell("files checked", done, len(release.files))
    return release


def read_release(folder: Path) -> Release:
    """The release as its manifest tells it, no file read but the manifest."""
    if not folder.is_dir():
        raise PublishError(f"{folder}: no such folder; give the folder of a release")
    index = next((name for name in INDEXES if (folder / name).is_file()), None)
    if index is None:
        raise PublishError(f"{folder} is not a release: it has no {MANIFEST}; give the folder of a release")
    manifest = _read_index(folder / index)
    name, version = _read_name(folder, index, manifest)
    if not _VERSION.match(version) or ".." in version or version.endswith((".", ".lock")):
        raise PublishError(f"{folder}: version {version!r} can be neither a folder's name nor a tag")
    entries = [_read_entry(folder / index, entry) for entry in manifest["files"]]
    known = {index, *(file.path for file in entries)}
    for path in list_files(folder):
        if path not in known and PurePosixPath(path).name not in HARMLESS:
            raise PublishError(f"{folder} also holds {path}, which is not of the release; move it elsewhere")
    own = File(index, (folder / index).stat().st_size, hash_file(folder / index))
    return Release(folder, index, name, version, str(manifest["digest"]), (*entries, own))


def _read_index(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("format") != INDEXES[path.name]:
        raise PublishError(f"{path} is not culti's, or damaged; build the release again")
    if manifest.get("digest") != digest_manifest(manifest) or not isinstance(manifest.get("files"), list):
        raise PublishError(f"{path} is changed: its digest does not hold; build the release again")
    return manifest


def _read_name(folder: Path, index: str, manifest: dict[str, Any]) -> tuple[str, str]:
    """(name, version). A recipe has a name of its own, so that it never takes the place of its release."""
    if index == MANIFEST:
        return str(manifest.get("name", "")), str(manifest.get("version", ""))
    if manifest.get("to") != "recipe":
        raise PublishError(
            f"{folder} is a conversion to {manifest.get('to')}; publish the release, or its recipe"
        )
    of = manifest.get("release") or {}
    return f"{of.get('name', '')} (recipe)", str(of.get("version", ""))


def _read_entry(index: Path, entry: dict[str, Any]) -> File:
    try:
        file = File(str(entry["path"]), int(entry["bytes"]), str(entry["sha256"]))
    except (KeyError, TypeError, ValueError) as error:
        raise PublishError(f"{index} is not as culti lists files; build the release again") from error
    path = file.path
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or pure.as_posix() != path or "\\" in path:
        raise PublishError(f"{index} names {path}, which lies outside of it")
    return file


def _check_file(release: Release, file: File) -> None:
    local = release.local(file)
    if not local.is_file():
        raise PublishError(f"{release.folder}: {file.path} is missing; {_CURE}")
    try:
        changed = local.stat().st_size != file.size or hash_file(local) != file.sha256
    except OSError as error:
        raise PublishError(f"{local}: cannot be read ({error.strerror})") from error
    if changed:
        raise PublishError(f"{release.folder}: {file.path} is not as {release.index} says; {_CURE}")
