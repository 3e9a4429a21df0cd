"""Publishing to S3: one request a file, checked by its sha256 where the server keeps it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from export.publish.contents import File, Release
from export.publish.errors import PublishError
from export.publish.outlook import Sent
from export.publish.s3_access import S3Access

# What S3 takes in one request; shards of a release have a tenth of it at most.
_MOST_BYTES = 5 << 30


class S3Store:
    """A `Store` below `bucket/prefix`."""

    def __init__(self, place: str) -> None:
        self._access = S3Access(place, PublishError)

    def names(self, folder: str) -> frozenset[str]:
        start = f"{self._access.key(folder)}/".lstrip("/")
        found: set[str] = set()
        request: dict[str, Any] = {"Prefix": start, "Delimiter": "/"}
        more = True
        while more:
            answer = self._access.call("list_objects_v2", **request)
            found |= {item["Prefix"] for item in answer.get("CommonPrefixes", ())}
            found |= {item["Key"] for item in answer.get("Contents", ())}
            more = answer.get("IsTruncated", False)
            request["ContinuationToken"] = answer.get("NextContinuationToken")
        return frozenset(name.removeprefix(start).rstrip("/") for name in found) - {""}

    def read(self, key: str) -> bytes | None:
        return self._access.read(key)

    def holds(self, key: str, file: File) -> bool:
        head = self._access.look(key)
        if head is None:
            return False
        told = head.get("ChecksumSHA256")
        # A server without checksums gives back what was said of the object when it was sent.
        known = base64.b64decode(told).hex() if told else head.get("Metadata", {}).get("sha256")
        return head["ContentLength"] == file.size and known == file.sha256

    def put(self, key: str, release: Release, file: File, sent: Sent) -> None:
        if file.size > _MOST_BYTES:
            raise PublishError(f"{file.path} is larger than the 5 GiB that S3 takes at once")
        with _CountedFile(release.local(file), sent.show) as body:
            self._access.put(key, body, file.sha256)

    def write(self, key: str, content: bytes) -> None:
        # The pointer is the one file that changes: no cache on the way may keep it.
        self._access.put(key, content, CacheControl="no-cache")

    def remove(self, keys: list[str]) -> None:
        for key in keys:
            self._access.call("delete_object", Key=self._access.key(key))

    def working(self, label: str) -> str:
        """Its own place: objects cannot be renamed, so the manifest, which comes last, is what reveals it."""
        return label

    def reveal(self, label: str) -> None:
        """Done when the manifest was put."""

    def check_room(self, size: int) -> None:
        """Not known before."""


class _CountedFile(io.FileIO):
    """A file that tells how far it was read."""

    def __init__(self, path: Path, show: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._show = show

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(-1 if size is None else size)
        self._show(self.tell())
        return content or b""
