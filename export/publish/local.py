"""A folder on this machine, or on a disk that is mounted here."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from export.manifest import hash_file
from export.publish.contents import File, Release
from export.publish.errors import PublishError
from export.publish.outlook import Sent, show_bytes
from extractors.whole_files import make_folder, sync

_CHUNK_BYTES = 4 << 20
_PART = ".part"


class LocalStore:
    """A `Store` in a folder, made when the first file goes there."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, folder: str) -> frozenset[str]:
        place = self._root / folder
        with self._told(place):
            try:
                return frozenset(entry.name for entry in place.iterdir())
            except FileNotFoundError:
                return frozenset()
            except NotADirectoryError as error:
                raise PublishError(f"{place} is a file; choose a folder") from error

    def read(self, key: str) -> bytes | None:
        with self._told(self._root / key):
            try:
                return (self._root / key).read_bytes()
            except FileNotFoundError:
                return None

    def holds(self, key: str, file: File) -> bool:
        place = self._root / key
        with self._told(place):
            return place.is_file() and place.stat().st_size == file.size and hash_file(place) == file.sha256

    def put(self, key: str, release: Release, file: File, sent: Sent) -> None:
        source = release.local(file)
        digest = hashlib.sha256()
        with self._whole(key) as part, source.open("rb") as content, part.open("wb") as copy:
            while chunk := content.read(_CHUNK_BYTES):
                digest.update(chunk)
                copy.write(chunk)
                sent.show(copy.tell())
            if digest.hexdigest() != file.sha256:
                raise PublishError(f"{source} changed while it was copied; build the release again")

    def write(self, key: str, content: bytes) -> None:
        with self._whole(key) as part:
            part.write_bytes(content)

    def remove(self, keys: list[str]) -> None:
        folders = {folder for key in keys for folder in Path(key).parents if folder != Path()}
        with self._told(self._root):
            for key in keys:
                (self._root / key).unlink(missing_ok=True)
            for folder in sorted(folders, key=lambda f: len(f.parts), reverse=True):
                with suppress(OSError):  # something else lies in it
                    (self._root / folder).rmdir()

    def working(self, label: str) -> str:
        """Hidden until it is whole; a release that is visible already is mended where it is."""
        return label if (self._root / label).exists() else f".{label}{_PART}"

    def reveal(self, label: str) -> None:
        working = self._root / self.working(label)
        with self._told(working):
            for rest in working.rglob(f".*{_PART}"):
                rest.unlink()
            if working.name != label:
                working.rename(self._root / label)
                sync(self._root)

    def check_room(self, size: int) -> None:
        place = self._root.absolute()
        parent = next(p for p in (place, *place.parents) if p.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise PublishError(f"{self._root} cannot be written: no permission in {parent}")
        free = shutil.disk_usage(parent).free
        if free < size:
            raise PublishError(
                f"{self._root}: {show_bytes(size)} would go there, {show_bytes(free)} are free; make room"
            )

    @contextmanager
    def _whole(self, key: str) -> Iterator[Path]:
        """Gives a name to write to; the file appears under its own name when all of it is on the disk."""
        place = self._root / key
        part = place.with_name(f".{place.name}.{os.getpid()}{_PART}")
        with self._told(place):
            make_folder(place.parent)
            try:
                yield part
                sync(part)
                part.replace(place)
                sync(place.parent)
            finally:
                part.unlink(missing_ok=True)

    @contextmanager
    def _told(self, place: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or place
            raise PublishError(f"{where}: {error.strerror or type(error).__name__}") from error
