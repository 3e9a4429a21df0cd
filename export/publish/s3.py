"""S3, of Amazon or of any server that speaks it: endpoint and credentials are the environment's."""

from __future__ import annotations

import base64
import io
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.publish.contents import File, Release
from export.publish.errors import PublishError, check_extra
from export.publish.outlook import Sent
from export.publish.s3_errors import explain_s3

if TYPE_CHECKING:
    from s3fs import S3FileSystem

# What S3 takes in one request; shards of a release have a tenth of it at most.
_MOST_BYTES = 5 << 30
_CONNECT_SECONDS = 10


class S3Store:
    """A `Store` below `bucket/prefix`.

    An object goes in one request that carries its sha256: the server takes it whole and unharmed, or not at
    all, and gives the hash back when asked.
    """

    def __init__(self, place: str) -> None:
        check_extra("s3fs", "s3", "s3://")
        self._bucket, _, self._prefix = place.partition("/")
        self._shown = f"s3://{place}"
        with self._told():
            self._files = _open()

    def names(self, folder: str) -> frozenset[str]:
        start = self._key(f"{folder}/" if folder else "")
        found: set[str] = set()
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": start, "Delimiter": "/"}
        more = True
        while more:
            answer = self._call("list_objects_v2", **request)
            found |= {item["Prefix"] for item in answer.get("CommonPrefixes", ())}
            found |= {item["Key"] for item in answer.get("Contents", ())}
            more = answer.get("IsTruncated", False)
            request["ContinuationToken"] = answer.get("NextContinuationToken")
        return frozenset(name.removeprefix(start).rstrip("/") for name in found) - {""}

    def read(self, key: str) -> bytes | None:
        with self._told():
            try:
                content: bytes = self._files.cat_file(f"{self._bucket}/{self._key(key)}")
            except FileNotFoundError:
                return None
            return content

    def holds(self, key: str, file: File) -> bool:
        with self._told():
            try:
                head = self._files.call_s3(
                    "head_object", Bucket=self._bucket, Key=self._key(key), ChecksumMode="ENABLED"
                )
            except FileNotFoundError:
                return False
        told = head.get("ChecksumSHA256")
        # A server without checksums gives back what was said of the object when it was sent.
        known = base64.b64decode(told).hex() if told else head.get("Metadata", {}).get("sha256")
        return head["ContentLength"] == file.size and known == file.sha256

    def put(self, key: str, release: Release, file: File, sent: Sent) -> None:
        if file.size > _MOST_BYTES:
            raise PublishError(f"{file.path} is larger than the 5 GiB that S3 takes at once")
        with _CountedFile(release.local(file), sent.show) as body:
            self._put(key, body, file.sha256)

    def write(self, key: str, content: bytes) -> None:
        # The pointer is the one file that changes: no cache on the way may keep it.
        self._put(key, content, "", CacheControl="no-cache")

    def remove(self, keys: list[str]) -> None:
        for key in keys:
            self._call("delete_object", Bucket=self._bucket, Key=self._key(key))

    def working(self, label: str) -> str:
        """Its own place: objects cannot be renamed, so the manifest, which comes last, is what reveals it."""
        return label

    def reveal(self, label: str) -> None:
        """Done when the manifest was put."""

    def check_room(self, size: int) -> None:
        """Not known before."""

    def _key(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _put(self, key: str, body: io.FileIO | bytes, sha256: str, **more: str) -> None:
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        if sha256:
            checksum = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
            more |= {"ChecksumSHA256": checksum}
        self._call(
            "put_object",
            Bucket=self._bucket,
            Key=self._key(key),
            Body=body,
            ContentType=kind,
            Metadata={"sha256": sha256} if sha256 else {},
            **more,
        )

    def _call(self, method: str, **request: object) -> dict[str, Any]:
        given = {name: value for name, value in request.items() if value is not None}
        with self._told():
            answer: dict[str, Any] = self._files.call_s3(method, **given)
        return answer

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the libraries say may hold a URL or a header, so it is put in words of our own."""
        try:
            yield
        except PublishError:
            raise
        except Exception as error:
            raise PublishError(f"{self._shown}: {explain_s3(error, self._bucket)}") from error


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
    return files


class _CountedFile(io.FileIO):
    """A file that tells how far it was read."""

    def __init__(self, path: Path, show: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._show = show

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(-1 if size is None else size)
        self._show(self.tell())
        return content or b""
