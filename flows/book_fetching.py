"""Books on S3: brought to the work directory, where they lie by what is in them, and from there on files like
any other. What was brought stays, and is used as long as the object is the same."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from export.publish.address import read_bucket
from export.publish.s3_access import S3Access
from extractors.errors import CultiError, DocumentMissing
from extractors.whole_files import write_atomically
from flows.store import StoreAddress
from flows.workspace import hash_file

_LOOKS_AT_ONCE = 8
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """A book that is on this machine; `sha256` (hex) is that of its bytes."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What was brought from an address: the object's size and the server's word for its content."""

    address: str
    etag: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Found:
    """An object that is there."""

    access: S3Access
    etag: str
    size: int


def list_books_at(address: str) -> list[str]:
    """The addresses of all PDFs below a prefix, in order. DocumentMissing where there is none, or it cannot
    be looked at."""
    place = read_bucket(address)
    bucket, _, prefix = place.partition("/")
    below = S3Access(place, DocumentMissing).list_all("")
    keys = sorted("/".join(filter(None, (prefix, found.name))) for found in below)
    if books := [f"s3://{bucket}/{key}" for key in keys if key.lower().endswith(".pdf")]:
        return books
    raise DocumentMissing(f"s3://{place}/: no PDF lies there; correct the address")


def fetch_books(
    addresses: Sequence[str], root: Path, tell: Callable[[int, int], None] = lambda *_: None
) -> dict[str, Fetched | str]:
    """Each book on this machine, or in one line why not. `tell` is called with (MB done, MB in all) of what
    is brought anew."""
    shelf = _Shelf(root / "books")
    books: dict[str, Fetched | str] = {}
    todo: dict[str, _Found] = {}
    for address, found in _look_at_all(list(dict.fromkeys(addresses))):
        if isinstance(found, str):
            books[address] = found
        elif known := shelf.find(address, found):
            books[address] = known
        else:
            todo[address] = found
    total, done = sum(found.size for found in todo.values()), 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        tell(done // _MB, -(-total // _MB))

    for address, found in todo.items():
        try:
            books[address] = shelf.bring(address, found, advance)
        except CultiError as error:
            books[address] = str(error)
    if todo:
        tell(-(-total // _MB), -(-total // _MB))
    return books


def bring_book(path: Path, address: str, sha256: str, store: StoreAddress) -> Path:
    """Where a worker finds a book: at `path`, or, on a machine that does not see that, in a copy of its own.

    DocumentMissing where it cannot be had, or is not the same any more.
    """
    if not address or path.is_file():
        return path
    fetched = fetch_books([address], store.find_root())[address]
    if isinstance(fetched, str):
        raise DocumentMissing(fetched)
    if fetched.sha256 != sha256:
        raise DocumentMissing(f"{path.name}: it was changed while the build ran; run the same command again")
    return fetched.path


def _look_at_all(addresses: Sequence[str]) -> Iterator[tuple[str, _Found | str]]:
    """What is at each address, or in one line why not."""
    buckets: dict[str, S3Access] = {}
    waiting: list[S3Access | str] = []
    for address in addresses:
        bucket, _, key = read_bucket(address).partition("/")
        try:
            access = buckets.get(bucket) or S3Access(bucket, DocumentMissing)
            waiting.append(buckets.setdefault(bucket, access).below(key))
        except CultiError as error:
            waiting.append(str(error))
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        yield from zip(addresses, pool.map(_look, waiting), strict=True)


def _look(access: S3Access | str) -> _Found | str:
    if isinstance(access, str):
        return access
    try:
        head = access.look("")
        if head is None:
            # Only this tells a bucket that is not there.
            access.call("list_objects_v2", Prefix=access.key(""), MaxKeys=1)
            return f"s3://{access.bucket}/{access.key('')}: no such object; correct the address"
        return _Found(access, head["ETag"], head["ContentLength"])
    except CultiError as error:
        return str(error)


class _Shelf:
    """Books in a folder: `<sha256>/<name>`, and `known/`, by address what was brought from there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, address: str, found: _Found) -> Fetched | None:
        """The book, if it was brought before, is the same on S3, and whole here."""
        try:
            known = _Known(**json.loads(self._known(address).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        path = self._folder / known.sha256 / _name(address)
        is_same = (known.etag, known.size) == (found.etag, found.size)
        return Fetched(path, known.sha256) if is_same and hash_file(path) == known.sha256 else None

    def bring(self, address: str, found: _Found, advance: Callable[[int], None]) -> Fetched:
        """Copies the book here, as a whole or not at all. CultiError."""
        try:
            self._folder.joinpath("known").mkdir(parents=True, exist_ok=True)
            # Several workers of a machine may want it at once.
            with FileLock(self._known(address).with_suffix(".lock")):
                return self.find(address, found) or self._copy(address, found, advance)
        except OSError as error:
            raise DocumentMissing(
                f"{_name(address)}: cannot be kept in {self._folder} ({error.strerror}); make room or choose "
                "another --work"
            ) from error

    def _copy(self, address: str, found: _Found, advance: Callable[[int], None]) -> Fetched:
        part = self._folder / f".part-{uuid.uuid4().hex}"
        digest = hashlib.sha256()
        try:
            with part.open("xb") as file:
                for piece in found.access.read_pieces("", found.size, found.etag):
                    digest.update(piece)
                    file.write(piece)
                    advance(len(piece))
                file.flush()
                os.fsync(file.fileno())
            path = self._folder / digest.hexdigest() / _name(address)
            path.parent.mkdir(exist_ok=True)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        known = _Known(address, found.etag, found.size, digest.hexdigest())
        write_atomically(self._known(address), json.dumps(asdict(known)).encode())
        return Fetched(path, known.sha256)

    def _known(self, address: str) -> Path:
        return self._folder / "known" / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.json"


def _name(address: str) -> str:
    return address.rpartition("/")[2]
