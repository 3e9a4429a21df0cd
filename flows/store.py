"""The content-addressed store of a work directory: what a stage made, by the key of what it was made from.

Records are small and kept by key; blobs (figures' pixels, overlays) are files named by the sha256 of their
bytes. Nothing in the store is ever changed, so writing the same thing twice is harmless, and a build that was
killed finds everything that it had finished.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
import uuid
import zlib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter

from export.publish.address import is_s3
from extractors.errors import CultiError

# Raised when records change their form.
_FORMAT = 1


class StoreError(CultiError):
    """The store cannot be written: a full disk, no permission. Ends a build."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a store is, as jobs carry it to any worker: `place` is a folder or `s3://BUCKET/PREFIX`; `root`
    is the work directory of the build."""

    place: str
    root: str

    def find_root(self) -> Path:
        """The work directory; on another machine, which does not see it, a folder of that machine's own."""
        root = Path(self.root)
        if root.is_dir():
            return root
        user = os.getuid() if hasattr(os, "getuid") else 0
        name = hashlib.sha256(self.root.encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"culti-{user}-{name}.work"


class Store(Protocol):
    """What a build asks of a store; another backend needs these and no more."""

    def begin(self) -> None:
        """Makes ready for a build, in its main process: clears what a killed build left half done. Only for
        who holds the work directory's lock. StoreError where the store cannot be used."""

    def get(self, key: str) -> bytes | None:
        """The record under `key`; None where there is none, or what is there is damaged."""

    def put(self, key: str, value: bytes) -> None:
        """Keeps a record, safe against a power cut when this returns. StoreError where it cannot."""

    def has_blobs(self, names: Collection[str]) -> bool:
        """Whether all these blobs, `<sha256>.<ext>` each, are there."""

    def bring_blobs(self, names: Collection[str]) -> Path:
        """A local folder in which these blobs lie, each under its name. StoreError where one is gone."""

    def open_tray(self) -> AbstractContextManager[Path]:
        """An empty local folder; what is put there, named as blobs are, is kept when the block ends well."""


class LocalStore:
    """A store in a folder: `records/ab/<key>`, `blobs/<sha256>.<ext>`, and `trays/` for what is not done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> None:
        """See Store."""
        shutil.rmtree(self.folder / "trays", ignore_errors=True)

    def get(self, key: str) -> bytes | None:
        """See Store. A record's gzip checksum tells a damaged one, which then counts as absent."""
        try:
            return unpack_record(self._record(key).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.folder}: the store cannot be read ({error.strerror})") from error

    def put(self, key: str, value: bytes) -> None:
        """See Store."""
        with self.writing():
            write_atomically(self._record(key), pack_record(value))

    def has_blobs(self, names: Collection[str]) -> bool:
        """See Store."""
        return all((self.folder / "blobs" / name).is_file() for name in names)

    def bring_blobs(self, names: Collection[str]) -> Path:
        """See Store."""
        if not self.has_blobs(names):
            raise StoreError(f"{self.folder}: a picture is gone from the store; run the same command again")
        return self.folder / "blobs"

    @contextmanager
    def open_tray(self) -> Iterator[Path]:
        """See Store."""
        with self.writing():
            (self.folder / "trays").mkdir(parents=True, exist_ok=True)
            (self.folder / "blobs").mkdir(exist_ok=True)
            tray = Path(tempfile.mkdtemp(dir=self.folder / "trays"))
        try:
            yield tray
            with self.writing():
                for file in sorted(tray.iterdir()):
                    _sync(file)
                    file.replace(self.folder / "blobs" / file.name)
                _sync(self.folder / "blobs")
        finally:
            shutil.rmtree(tray, ignore_errors=True)

    def _record(self, key: str) -> Path:
        return self.folder / "records" / key[:2] / key

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Puts what keeps the folder from being written in words."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self.folder}: the store cannot be written ({error.strerror}); "
                "make room or choose another --work and run again"
            ) from error


def open_store(address: StoreAddress) -> Store:
    """The store at an address; nothing is made or asked for by opening it."""
    if is_s3(address.place):
        from flows.s3_store import open_s3_store

        return open_s3_store(address)
    return LocalStore(Path(address.place))


def make_key(*parts: object) -> str:
    """64 hex digits for JSON-able parts (dataclasses included): equal parts, equal key, in every run."""
    listed = TypeAdapter(list[object]).dump_python([_FORMAT, *parts], mode="json")
    canonical = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def pack_record(value: bytes) -> bytes:
    """A record as it is kept; it holds no clock."""
    return gzip.compress(value, compresslevel=6, mtime=0)


def unpack_record(packed: bytes) -> bytes | None:
    """The record; None where it is damaged, which gzip's checksum tells."""
    try:
        return gzip.decompress(packed) if packed else None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that after a kill or a power cut there is the old one or the new one. OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{uuid.uuid4().hex}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Makes a file's bytes, or a folder's names, safe on disk. Windows cannot sync folders."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
