"""The content-addressed store of a work directory: what a stage made, by the key of what it was made from.

Records are small and kept by key; blobs (figures' pixels, overlays) are files named by the sha256 of their
bytes. Nothing in the store is ever changed, so writing the same thing twice is harmless, and a build that was
killed finds everything that it had finished.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter

from export.publish.address import is_s3
from extractors.errors import CultiError
from extractors.whole_files import make_folder, sweep_parts, sync, write_atomically

# Raised when records change their form: a store of another form is not found in, and filled anew.
_FORMAT = 2
# What a disk says, and no book: it ends a build, for the next page would fare no better.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK = FULL | {errno.EROFS}


class StoreError(CultiError):
    """The store cannot be written: a full disk, no permission. Ends a build."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a store is, as jobs carry it to any worker: `place` is a folder or `s3://BUCKET/PREFIX`; `root`
    is the work directory of the build."""

    place: str
    root: str

    def is_used(self) -> bool:
        """Whether there may be records; a store elsewhere is not asked, and may have some."""
        return is_s3(self.place) or any(Path(self.place, "records").glob("*"))

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
        """Whether all these blobs, `<sha256>.<ext>` each, are there, with the bytes that their names say."""

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
        for folder in (self.folder / "records").glob("*"):
            sweep_parts(folder)

    def get(self, key: str) -> bytes | None:
        """See Store."""
        try:
            return unpack_record(key, self._record(key).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.folder}: the store cannot be read ({error.strerror})") from error

    def put(self, key: str, value: bytes) -> None:
        """See Store."""
        with self.writing():
            write_atomically(self._record(key), pack_record(key, value))

    def has_blobs(self, names: Collection[str]) -> bool:
        """See Store. Bytes are hashed: a disk may lose them without a word, and they are made anew then."""
        return all(map(self._has_blob, names))

    def _has_blob(self, name: str) -> bool:
        try:
            with (self.folder / "blobs" / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == name.partition(".")[0]
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{self.folder}: the store cannot be read ({error.strerror})") from error

    def bring_blobs(self, names: Collection[str]) -> Path:
        """See Store."""
        if not all((self.folder / "blobs" / name).is_file() for name in names):
            raise StoreError(f"{self.folder}: a picture is gone from the store; run the same command again")
        return self.folder / "blobs"

    @contextmanager
    def open_tray(self) -> Iterator[Path]:
        """See Store."""
        with self.writing():
            for name in ("trays", "blobs"):
                make_folder(self.folder / name)
            tray = Path(tempfile.mkdtemp(dir=self.folder / "trays"))
        try:
            with self.writing(_DISK):
                yield tray
            with self.writing():
                for file in sorted(tray.iterdir()):
                    sync(file)
                    file.replace(self.folder / "blobs" / file.name)
                sync(self.folder / "blobs")
        finally:
            shutil.rmtree(tray, ignore_errors=True)

    def _record(self, key: str) -> Path:
        return self.folder / "records" / key[:2] / key

    @contextmanager
    def writing(self, only: frozenset[int] = frozenset()) -> Iterator[None]:
        """Puts what keeps the folder from being written in words; with `only`, no other error numbers."""
        try:
            yield
        except OSError as error:
            if only and error.errno not in only:
                raise
            raise StoreError(
                f"{self.folder}: the store cannot be written ({error.strerror}); "
                "make room or choose another --work and run again"
            ) from error


def pack_record(key: str, value: bytes) -> bytes:
    """A record as it is kept: its key with it, which tells one that lies in another's place."""
    return gzip.compress(f"{key}\n".encode() + value, compresslevel=6, mtime=0)


def unpack_record(key: str, packed: bytes) -> bytes | None:
    """The value that was packed; None where it is damaged, as gzip's checksum tells, or another's."""
    try:
        known, _, value = gzip.decompress(packed).partition(b"\n")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None
    return value if known == key.encode() else None


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
