"""S3, of Amazon or of any server that speaks it: endpoint and credentials are the environment's."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from typing import TYPE_CHECKING, Any

from export.publish.errors import check_extra
from export.publish.s3_errors import CHANGED, explain_s3
from extractors.errors import CultiError

if TYPE_CHECKING:
    from s3fs import S3FileSystem

_CONNECT_SECONDS = 10
# What is read of a large object in one request, and what of it is lost when a connection breaks.
_READ_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Listed:
    """An object, its name below the place that was looked at, and its size in bytes; `etag` is the server's
    word for this content."""

    name: str
    size: int
    etag: str


class S3Access:
    """What lies below `bucket/prefix`. What goes wrong is raised as `trouble`, in one line that begins with
    the address; s3fs missing as MissingExtra.

    An object goes in one request that carries its sha256: the server takes it whole and unharmed, or not at
    all, and gives the hash back when asked.
    """

    def __init__(self, place: str, trouble: type[CultiError], files: S3FileSystem | None = None) -> None:
        check_extra("s3fs", "s3", "s3://")
        self.bucket, _, self._prefix = place.partition("/")
        self._shown = f"s3://{place}"
        self._trouble = trouble
        with self._told():
            self._files = files or _open()

    def below(self, name: str) -> S3Access:
        """What lies below a folder of it, or one object, whose name is then "", over the same connections."""
        return S3Access(f"{self.bucket}/{self.key(name)}", self._trouble, self._files)

    def key(self, name: str) -> str:
        """The object's key in the bucket; that of the place itself for ""."""
        return "/".join(part for part in (self._prefix, name) if part)

    def call(self, method: str, **request: object) -> dict[str, Any]:
        """One call of botocore's client, in this bucket; arguments that are None are left out."""
        given = {name: value for name, value in request.items() if value is not None}
        with self._told():
            answer: dict[str, Any] = self._files.call_s3(method, Bucket=self.bucket, **given)
        return answer

    def read(self, name: str) -> bytes | None:
        """A small object; None where there is none."""
        with self._told():
            try:
                # Without the second argument it asks for the size first.
                content: bytes = self._files.cat_file(f"{self.bucket}/{self.key(name)}", max_concurrency=1)
            except FileNotFoundError:
                return None
            return content

    def read_pieces(self, name: str, size: int, etag: str) -> Iterator[bytes]:
        """A large object of `size` bytes, piece by piece; one that has another `etag` by now is an error."""
        path = f"{self.bucket}/{self.key(name)}"
        with self._told():
            file = self._files.open(path, block_size=_READ_BYTES, cache_type="none")
        with file:
            if file.details["ETag"] != etag:
                raise self._trouble(f"{self._shown}: {CHANGED}")
            for start in range(0, size, _READ_BYTES):
                with self._told():
                    piece: bytes = file.read(min(_READ_BYTES, size - start))
                yield piece

    def look(self, name: str) -> dict[str, Any] | None:
        """The head of an object, with its hash where the server keeps it; None where there is none."""
        with self._told():
            try:
                head: dict[str, Any] = self._files.call_s3(
                    "head_object", Bucket=self.bucket, Key=self.key(name), ChecksumMode="ENABLED"
                )
            except FileNotFoundError:
                return None
        return head

    def list_all(self, folder: str) -> Iterator[Listed]:
        """All objects below a folder; below the place itself for ""."""
        start = f"{self.key(folder)}/".lstrip("/")
        token: str | None = None
        while True:
            answer = self.call("list_objects_v2", Prefix=start, ContinuationToken=token)
            for item in answer.get("Contents", ()):
                yield Listed(item["Key"].removeprefix(start), item["Size"], item["ETag"])
            token = answer.get("NextContinuationToken")
            if not answer.get("IsTruncated"):
                return

    def put(self, name: str, body: RawIOBase | bytes, sha256: str = "", **more: str) -> None:
        """Writes an object, whose bytes have `sha256` (hex) where it is given."""
        if sha256:
            more |= {"ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode("ascii")}
        self.call(
            "put_object",
            Key=self.key(name),
            Body=body,
            ContentType=mimetypes.guess_type(name)[0] or "application/octet-stream",
            Metadata={"sha256": sha256} if sha256 else {},
            **more,
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the libraries say may hold a URL or a header, so it is put in words of our own, and theirs are
        left out of tracebacks too: these go to logs."""
        try:
            yield
        except CultiError:
            raise
        except Exception as error:
            raise self._trouble(f"{self._shown}: {explain_s3(error, self.bucket)}") from None


def _open() -> S3FileSystem:
    from s3fs import S3FileSystem

    files = S3FileSystem(
        anon=False,
        skip_instance_cache=True,
        use_listings_cache=False,
        config_kwargs={"connect_timeout": _CONNECT_SECONDS},
    )
    # botocore tries again by itself, and winds a file back for it, which s3fs does not.
    files.retries = 1
    # Before several threads do it at once.
    files.connect()
    return files
