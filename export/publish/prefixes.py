"""Publishing to a place of files and folders: a folder for each content, and a pointer written last.

    URL/1.0.0-1a2b3c4d/…             one release: its version and the start of its manifest's digest
    URL/1.0.0-1a2b3c4d/manifest.json written when all its other files are there and were checked; of a recipe
                                     this is conversion.json
    URL/latest.json                  {"name", "version", "digest", "path"}, written when the release is whole

Another content has another folder, so no release is ever written over, and what `latest.json` names is whole.
"""

from __future__ import annotations

import json
import re
from typing import Protocol

from export.publish.contents import INDEXES, File, Release, is_newer
from export.publish.errors import PublishError
from export.publish.outlook import Outlook, Sent

LATEST = "latest.json"
_FORMAT = "culti-latest"
_POINT = f"{LATEST} points to it"


class Store(Protocol):
    """Files under keys with forward slashes, below one root. All raise PublishError."""

    def names(self, folder: str) -> frozenset[str]:
        """Names of files and folders that lie in a folder ("" is the root); none where it is not there."""

    def read(self, key: str) -> bytes | None:
        """A small file; None where it is not there."""

    def holds(self, key: str, file: File) -> bool:
        """Whether the file is there with its size and sha256, as the store itself gives them."""

    def put(self, key: str, release: Release, file: File, sent: Sent) -> None:
        """Copies a file there, as a whole or not at all."""

    def write(self, key: str, content: bytes) -> None:
        """Writes a small file, as a whole or not at all."""

    def remove(self, keys: list[str]) -> None:
        """Removes files in this order, then folders that are left empty."""

    def working(self, label: str) -> str:
        """The folder in which the release of this label is put together."""

    def reveal(self, label: str) -> None:
        """Makes the folder, whole now, visible under its label."""

    def check_room(self, size: int) -> None:
        """PublishError where it is known before that nothing, or not so many bytes, can be written."""


class PrefixTarget:
    """A `Target` on a store; `root` is the URL as the user is shown it."""

    def __init__(self, store: Store, root: str) -> None:
        self._store = store
        self._root = root

    def look(self, release: Release) -> Outlook:
        names = self._store.names("")
        if names & INDEXES.keys():
            raise PublishError(f"{self._root} is itself a release; give the place above it")
        pointer = self._read_pointer(release) if LATEST in names else None
        folder = self._store.working(release.label)
        there = self._store.names(folder)
        present = [f for f in release.files if there and self._store.holds(f"{folder}/{f.path}", f)]
        missing = tuple(f for f in release.files if f not in present)
        if missing:
            self._store.check_room(sum(f.size for f in missing))
        rivals, broken = self._find_rivals(release, names)
        notes = [f"{name} is an upload that was never finished; it is left" for name in broken]
        steps = [] if folder == release.label else ["the folder gets its name"]
        if pointer is not None and is_newer(pointer["version"], release.version):
            notes.append(f"{LATEST} stays at the newer version {pointer['version']}")
        elif pointer is None or pointer["digest"] != release.digest:
            steps.append(_POINT)
        conflict = f"{self._root}/{rivals[0]} holds other content" if rivals else ""
        where = f"{self._root}/{release.label}"
        return Outlook(where, missing, tuple(present), tuple(steps), conflict, tuple(notes))

    def send(self, release: Release, outlook: Outlook, sent: Sent) -> None:
        folder = self._store.working(release.label)
        *others, manifest = release.files
        for file in outlook.missing:
            if file != manifest:
                self._store.put(f"{folder}/{file.path}", release, file, sent)
                sent.finish(file)
        self._check(folder, others)
        if manifest in outlook.missing:
            self._store.put(f"{folder}/{manifest.path}", release, manifest, sent)
            sent.finish(manifest)
            self._check(folder, [manifest])
        self._store.reveal(release.label)
        if _POINT in outlook.steps:
            self._store.write(LATEST, _make_pointer(release))
            sent.begin()
        rivals, _ = self._find_rivals(release, self._store.names(""))
        for rival in rivals:
            self._remove(rival, release.index)

    def _check(self, folder: str, files: list[File]) -> None:
        for file in files:
            if not self._store.holds(f"{folder}/{file.path}", file):
                raise PublishError(f"{self._root}: {file.path} did not arrive as it was sent")

    def _find_rivals(self, release: Release, names: frozenset[str]) -> tuple[list[str], list[str]]:
        """Folders of this version with other content: whole ones, and those without a manifest."""
        shape = re.compile(rf"\.?{re.escape(release.version)}-[0-9a-f]{{8}}(\.part)?")
        own = {release.label, self._store.working(release.label)}
        found = sorted(name for name in names if shape.fullmatch(name) and name not in own)
        whole = [n for n in found if not n.endswith(".part") and release.index in self._store.names(n)]
        return whole, [n for n in found if n not in whole]

    def _remove(self, folder: str, index: str) -> None:
        """The list of its files first: what is left of a folder without one is taken for no release."""
        content = self._store.read(f"{folder}/{index}")
        listed = [str(entry["path"]) for entry in json.loads(content or b"{}").get("files", [])]
        own = [path for path in listed if ".." not in path.split("/")]
        self._store.remove([f"{folder}/{path}" for path in (index, *own)])

    def _read_pointer(self, release: Release) -> dict[str, str]:
        try:
            pointer = json.loads(self._store.read(LATEST) or b"null")
        except ValueError:
            pointer = None
        if not isinstance(pointer, dict) or pointer.get("format") != _FORMAT:
            raise PublishError(f"{self._root}/{LATEST} is not culti's; choose another place")
        told = {key: str(pointer.get(key, "")) for key in ("name", "version", "digest")}
        if told["name"] != release.name:
            raise PublishError(
                f"{self._root} holds the releases of {told['name']}, not of {release.name}; "
                "choose another place"
            )
        return told


def _make_pointer(release: Release) -> bytes:
    pointer = {
        "format": _FORMAT,
        "format_version": 1,
        "name": release.name,
        "version": release.version,
        "digest": release.digest,
        "path": release.label,
    }
    return (json.dumps(pointer, ensure_ascii=False, indent=2) + "\n").encode()
