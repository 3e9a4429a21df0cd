"""A store on S3, for builds on any number of machines: the same records and blobs under the same keys.

Before it lies a folder of this machine, in which all stays that was read or written, for what is under a key
never changes. An object that arrives damaged counts as absent.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from export.publish.address import read_bucket
from export.publish.s3_access import S3Access
from extractors.whole_files import write_atomically
from flows.store import LocalStore, StoreAddress, StoreError, pack_record, unpack_record

T = TypeVar("T")
R = TypeVar("R")
# Calls wait for the network most of the time.
_CALLS_AT_ONCE = 8


class S3Store:
    """See `flows.store.Store`. Any thread may use it.

    Who began a build knows what was there then, and looks for the rest, so what was lost on S3 is made again.
    Workers read what they were told is there, and ask for nothing that lies in the folder.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._place = read_bucket(address.place)
        name = hashlib.sha256(self._place.encode()).hexdigest()[:16]
        self._near = LocalStore(address.find_root() / "near" / name)
        self._access: S3Access | None = None
        self._opening = threading.Lock()
        self._known: set[str] | None = None

    def begin(self) -> None:
        """See Store. Lists all that is there."""
        self._near.begin()
        self._access = None
        self._known = {
            f"{folder}/{item.name}"
            for folder in ("records", "blobs")
            for item in self._reach().list_all(folder)
        }

    def get(self, key: str) -> bytes | None:
        """See Store."""
        name = f"records/{key[:2]}/{key}"
        if self._known is None or name in self._known:
            found = self._near.get(key)
            if found is not None:
                return found
        value = unpack_record(key, self._reach().read(name) or b"")
        if value is not None:
            self._near.put(key, value)
            self._note(name)
        return value

    def put(self, key: str, value: bytes) -> None:
        """See Store."""
        name, packed = f"records/{key[:2]}/{key}", pack_record(key, value)
        self._reach().put(name, packed, hashlib.sha256(packed).hexdigest())
        self._near.put(key, value)
        self._note(name)

    def has_blobs(self, names: Collection[str]) -> bool:
        """See Store. Brings those that are not here yet, for only then is it known that they are whole."""
        known = self._known or set()
        unsure = [n for n in names if f"blobs/{n}" not in known or not self._near.has_blobs([n])]
        return all(_each(self._has, unsure))

    def bring_blobs(self, names: Collection[str]) -> Path:
        """See Store."""
        missing = [name for name in dict.fromkeys(names) if not self._near.has_blobs([name])]
        if not all(_each(self._fetch, missing)):
            raise StoreError(f"s3://{self._place}: a picture is gone, or damaged; run the same command again")
        return self._near.bring_blobs(())

    @contextmanager
    def open_tray(self) -> Iterator[Path]:
        """See Store."""
        with self._near.open_tray() as tray:
            yield tray
            _each(self._send, sorted(tray.iterdir()))

    def _reach(self) -> S3Access:
        with self._opening:
            if self._access is None:
                self._access = S3Access(self._place, StoreError)
            return self._access

    def _note(self, name: str) -> None:
        if self._known is not None:
            self._known.add(name)

    def _has(self, name: str) -> bool:
        if not self._near.has_blobs([name]):
            return self._fetch(name)
        if self._reach().look(f"blobs/{name}") is None:
            return False
        self._note(f"blobs/{name}")
        return True

    def _fetch(self, name: str) -> bool:
        """Brings a blob; False where there is none, or its bytes are not those that its name tells."""
        data = self._reach().read(f"blobs/{name}")
        if data is None or hashlib.sha256(data).hexdigest() != name.partition(".")[0]:
            return False
        with self._near.writing():
            write_atomically(self._near.folder / "blobs" / name, data)
        self._note(f"blobs/{name}")
        return True

    def _send(self, file: Path) -> None:
        data = file.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 != file.name.partition(".")[0]:
            raise StoreError(
                f"{file}: its bytes are not those that its name tells; run the same command again"
            )
        self._reach().put(f"blobs/{file.name}", data, sha256)
        self._note(f"blobs/{file.name}")


@cache
def open_s3_store(address: StoreAddress) -> S3Store:
    """One for all of this process, which so has one set of connections."""
    return S3Store(address)


def _each(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What `work` gives for each item, several at once; after the first error no more are begun."""
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
