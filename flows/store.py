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
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter

from extractors.errors import CultiError
from extractors.whole_files import make_folder, sweep_parts, sync, write_atomically

# Raised when records change their form: a store of another form is not found in, and filled anew.
_FORMAT = 2
# What a disk says, and no book: it ends a build, for the next page would fare no better.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK = FULL | {errno.EROFS}


class StoreError(CultiError):
    """The store cannot be written: a full disk, no permission. Ends a build."""


class Store(Protocol):
    """What a build asks of a store; another backend needs these and no more."""

    def get(self, key: str) -> bytes | None:
        """The record under `key`; None where there is none, or what is there is damaged."""

    def put(self, key: str, value: bytes) -> None:
        """Keeps a record, safe against a power cut when this returns. StoreError where it cannot."""

    def has_blob(self, name: str) -> bool:
        """Whether the blob `<sha256>.<ext>` is there, with the bytes that its name says."""

    def bring_blobs(self) -> Path:
        """A local folder in which all blobs lie, each under its name."""

    def open_tray(self) -> AbstractContextManager[Path]:
        """An empty local folder; what is put there, named as blobs are, is kept when the block ends well."""


class LocalStore:
    """A store in a folder: `records/ab/<key>`, `blobs/<sha256>.<ext>`, and `trays/` for what is not done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        with self._writing():
            write_atomically(self._record(key), pack_record(key, value))

    def has_blob(self, name: str) -> bool:
        """See Store. Its bytes are hashed: a disk may lose them without a word, and it is made anew then."""
        try:
            with (self.folder / "blobs" / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == name.partition(".")[0]
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{self.folder}: the store cannot be read ({error.strerror})") from error

    def bring_blobs(self) -> Path:
        """See Store."""
        return self.folder / "blobs"

    @contextmanager
    def open_tray(self) -> Iterator[Path]:
        """See Store."""
        with self._writing():
            for name in ("trays", "blobs"):
                make_folder(self.folder / name)
            tray = Path(tempfile.mkdtemp(dir=self.folder / "trays"))
        try:
            with self._writing(_DISK):
                yield tray
            with self._writing():
                for file in sorted(tray.iterdir()):
                    sync(file)
                    file.replace(self.folder / "blobs" / file.name)
                sync(self.folder / "blobs")
        finally:
            shutil.rmtree(tray, ignore_errors=True)

    def sweep(self) -> None:
        """Clears what a killed build left half done; only for who holds the work directory's lock."""
        shutil.rmtree(self.folder / "trays", ignore_errors=True)
        for folder in (self.folder / "records").glob("*"):
            sweep_parts(folder)

    def _record(self, key: str) -> Path:
        return self.folder / "records" / key[:2] / key

    @contextmanager
    def _writing(self, only: frozenset[int] = frozenset()) -> Iterator[None]:
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


def make_key(*parts: object) -> str:
    """64 hex digits for JSON-able parts (dataclasses included): equal parts, equal key, in every run."""
    listed = TypeAdapter(list[object]).dump_python([_FORMAT, *parts], mode="json")
    canonical = json.dumps(listed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
