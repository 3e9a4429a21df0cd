"""Where a release goes: what the user typed → a kind of target and a place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from export.publish.errors import PublishError

Scheme = Literal["file", "s3", "hf"]
_URL = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*)://")
_REPOSITORY = re.compile(r"^[A-Za-z0-9][\w.\-]*/[A-Za-z0-9][\w.\-]*$", re.ASCII)
_KNOWN = "known are a folder, file://, s3://BUCKET/PREFIX and hf://OWNER/NAME"


@dataclass(frozen=True, slots=True)
class Address:
    """`place` is a folder, `bucket/prefix` without a slash at the end, or `owner/name`."""

    scheme: Scheme
    place: str

    def __str__(self) -> str:
        return self.place if self.scheme == "file" else f"{self.scheme}://{self.place}"


def is_s3(text: str) -> bool:
    """Whether a place is on S3."""
    return text[:5].lower() == "s3://"


def read_bucket(url: str) -> str:
    """`bucket/prefix` of an address on S3; PublishError for one that holds more than a place."""
    return read_address(url).place


def read_address(url: str) -> Address:
    """The address; PublishError for an unknown scheme, or a URL that holds more than a place."""
    found = _URL.match(url)
    if not found:
        if not url.strip() or "\0" in url:
            raise PublishError(f"no place to publish to; {_KNOWN}")
        return Address("file", url)
    scheme, rest = found[1].lower(), url[found.end() :]
    if scheme != "file" and ("@" in rest.split("/", 1)[0] or "?" in rest):
        # Not repeated: what stands there may be a password.
        raise PublishError(
            f"{scheme}:// with a login, a revision or a query in it; give the place alone: credentials come "
            "from the environment (AWS_…, HF_TOKEN)"
        )
    if scheme == "file":
        return _read_folder(url)
    if scheme == "s3":
        return _read_bucket(rest)
    if scheme == "hf":
        return _read_repository(rest)
    raise PublishError(f"{scheme}:// is not a place that culti can publish to; {_KNOWN}")


def _read_folder(url: str) -> Address:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
        raise PublishError("file:// needs the full path of a folder on this machine: file:///data/releases")
    return Address("file", str(Path(unquote(parts.path))))


def _read_bucket(rest: str) -> Address:
    parts = rest.strip("/").split("/")
    if not parts[0] or any(part in ("", ".", "..") for part in parts):
        raise PublishError("s3:// needs a bucket and may have a prefix: s3://BUCKET/PREFIX")
    return Address("s3", "/".join(parts))


def _read_repository(rest: str) -> Address:
    place = rest.strip("/").removeprefix("datasets/")
    if not _REPOSITORY.match(place):
        raise PublishError(
            "hf:// needs the owner and the name of a data set and nothing else: hf://OWNER/NAME"
        )
    return Address("hf", place)
