"""What is to be published: a release and its files, checked before any of them goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.version import InvalidVersion, Version

from export.manifest import MANIFEST, hash_file, read_manifest
from export.place import find_foreign
from export.publish.errors import PublishError

Tell = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""
# As the sources file allows; the version becomes a folder's name and a tag.
_VERSION = re.compile(r"^\w[\w.+\-]*$")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release: `path` in it with forward slashes, and what its bytes must be."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was found whole. `files` has all of them, the manifest last."""

    folder: Path
    name: str
    version: str
    digest: str
    files: tuple[File, ...]

    @property
    def label(self) -> str:
        """The version and the start of the manifest's digest: names this content and no other."""
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
    """The release in a folder; PublishError where it is none, or where a file is not as its manifest says.

    The only place where publishing checks a release: files against hashes, not what stands in them.
    """
    release = read_release(folder)
    for done, file in enumerate(release.files, 1):
        _check_file(release, file)
        tell("files checked", done, len(release.files))
    return release


def read_release(folder: Path) -> Release:
    """The release as its manifest tells it, no file read but the manifest."""
    if not folder.is_dir():
        raise PublishError(f"{folder}: no such folder; give the folder of a release")
    if why := find_foreign(folder):
        raise PublishError(f"{folder} is not a release as it was built: {why}")
    manifest = read_manifest(folder)
    assert manifest is not None  # find_foreign has looked
    version = str(manifest.get("version", ""))
    if not _VERSION.match(version) or ".." in version or version.endswith((".", ".lock")):
        raise PublishError(f"{folder}: version {version!r} can be neither a folder's name nor a tag")
    entries = [_read_entry(folder, entry) for entry in manifest["files"]]
    own = folder / MANIFEST
    files = (*entries, File(MANIFEST, own.stat().st_size, hash_file(own)))
    return Release(folder, str(manifest.get("name", "")), version, str(manifest["digest"]), files)


def _read_entry(folder: Path, entry: dict[str, Any]) -> File:
    path = str(entry["path"])
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or pure.as_posix() != path or "\\" in path:
        raise PublishError(f"{folder}: its {MANIFEST} names {path}, which lies outside of it")
    return File(path, int(entry["bytes"]), str(entry["sha256"]))


def _check_file(release: Release, file: File) -> None:
    local = release.local(file)
    cure = "build the release again, or copy it again from where it is whole"
    if not local.is_file():
        raise PublishError(f"{release.folder}: {file.path} is missing; {cure}")
    try:
        changed = local.stat().st_size != file.size or hash_file(local) != file.sha256
    except OSError as error:
        raise PublishError(f"{local}: cannot be read ({error.strerror})") from error
    if changed:
        raise PublishError(f"{release.folder}: {file.path} is not as {MANIFEST} says it was built; {cure}")
