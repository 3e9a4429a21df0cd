"""Places of a build on S3: what the call says of them, and what can be known of them before it begins."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export.info import may_show
from export.publish.address import is_s3, read_bucket
from export.publish.errors import PublishError, check_extra
from flows.configuration import BookRequest, ConfigurationError, PublishRequest
from flows.workspace import Workspace, find_workspace


@dataclass(frozen=True, slots=True)
class Places:
    """Where a build puts things: the release in `out`, on this machine, and from there to `publish`."""

    out: Path
    workspace: Workspace
    publish: PublishRequest | None = None


def choose_places(options: argparse.Namespace) -> Places:
    """What `--out`, `--work` and `--store` say. A release that is to be on S3 is first made in the work
    directory. ConfigurationError."""
    try:
        store = f"s3://{read_bucket(options.store)}" if is_s3(options.store) else ""
        place = read_bucket(options.out) if isinstance(options.out, str) else ""
    except PublishError as error:
        raise ConfigurationError(str(error)) from error
    if options.store and not store:
        raise ConfigurationError(
            f"--store {options.store}: s3://BUCKET/PREFIX is wanted; a store on this machine lies in --work"
        )
    if not place:
        if options.include_restricted or options.replace:
            raise ConfigurationError("--include-restricted and --replace are for --out s3://…")
        return Places(options.out, Workspace(find_workspace(options.out, options.work).root, store))
    root = options.work or Path(f"{Path(place).name}.work")
    publish = PublishRequest(
        url=f"s3://{place}", include_restricted=options.include_restricted, replace=options.replace
    )
    return Places(root / "release", Workspace(root, store), publish)


def check_places(places: Places, books: Sequence[BookRequest]) -> None:
    """ConfigurationError for what would keep the build from its end: no s3fs, rights that do not allow the
    release to go where it is to go, or a place for it that cannot be had."""
    publish = places.publish
    if not (publish or places.workspace.far_store or any(book.address for book in books)):
        return
    try:
        check_extra("s3fs", "s3", "s3://")
        if publish:
            _check_publishing(publish, books)
    except PublishError as error:
        raise ConfigurationError(str(error)) from error


def _check_publishing(publish: PublishRequest, books: Sequence[BookRequest]) -> None:
    from export.publish.s3_access import S3Access

    if not publish.include_restricted:
        for book in books:
            if not may_show(book.entry.rights):
                raise ConfigurationError(
                    f"{book.path.name}: its rights keep its pictures from {publish.url}; give --out DIR and "
                    "publish the recipe, or --include-restricted where only holders of the books can read"
                )
    next(S3Access(read_bucket(publish.url), PublishError).list_all(""), None)
