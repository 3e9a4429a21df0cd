"""The books that a build is asked for: PDFs by name, and those of a sources file with their profiles."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from alignment.text.profiles import Profile, ProfileError, choose_profile
from export.publish.address import is_s3, read_bucket
from extractors.errors import CultiError, DocumentError
from flows.configuration import BookEntry, BookRequest, ConfigurationError, SourcesFile, describe_problem
from flows.console import is_utf8, show_path


def list_books(
    options: argparse.Namespace, sources: SourcesFile | None, tomls: Sequence[Path]
) -> list[BookRequest]:
    """The books that a call or its sources file names; ConfigurationError in one line where one cannot be."""
    books: list[BookRequest] = []
    for source in options.source:
        if sources is not None and source in tomls:
            books += [_locate(tomls[0], entry) for entry in sources.book]
            continue
        if isinstance(source, str):
            books += [_make_request(options, address) for address in list_far_books(source)]
            continue
        if not is_utf8(source):
            raise ConfigurationError(f"{show_path(source)}: its name is not UTF-8; rename the file")
        if source.is_dir():
            raise ConfigurationError(f"{source} is a folder; give its PDFs, or a sources file")
        books.append(_make_request(options, str(source)))
    return books


def list_far_books(text: str) -> list[str]:
    """The addresses of the books that one on S3 names: its own, or, of a prefix, those of the PDFs below it.
    ConfigurationError where it cannot be."""
    from export.publish.errors import PublishError
    from flows.book_fetching import list_books_at

    try:
        address = f"s3://{read_bucket(text)}"
        is_prefix = text.endswith("/") or address.count("/") == 2
        found = list_books_at(address) if is_prefix else [address]
        for book in found:
            # A key may hold what no address may.
            read_bucket(book)
    except (PublishError, DocumentError) as error:
        raise ConfigurationError(str(error)) from error
    if address.lower().endswith(".toml"):
        raise ConfigurationError(f"{address}: a sources file lies on this machine; copy it here")
    return found


def _make_request(options: argparse.Namespace, file: str) -> BookRequest:
    try:
        entry = BookEntry(file=file, series=options.series or "other", pages=options.pages)
    except ValidationError as error:
        raise ConfigurationError(f"--{describe_problem(error)}") from error
    address = file if is_s3(file) else ""
    return BookRequest(path=Path(Path(file).name if address else file), entry=entry, address=address)


def _locate(sources: Path, entry: BookEntry) -> BookRequest:
    profile = find_own_profile(entry.profile, sources.parent, str(sources))
    if not is_s3(entry.file):
        return BookRequest(path=sources.parent / entry.file, entry=entry, profile=profile)
    try:
        address = f"s3://{read_bucket(entry.file)}"
    except CultiError as error:
        raise ConfigurationError(f"{sources}: {error}") from error
    if entry.file.endswith("/") or address.count("/") == 2:
        raise ConfigurationError(
            f"{sources}: {address}/ is a prefix; name each of its books (`culti init {address}/` lists them)"
        )
    return BookRequest(path=Path(Path(address).name), entry=entry, profile=profile, address=address)


def find_own_profile(named: str, folder: Path, place: str) -> Profile | None:
    """The profile that a book has instead of its series', by name or by file from `folder`; None without a
    name. ConfigurationError that begins with `place` where there is none."""
    try:
        return choose_profile(named, folder) if named else None
    except ProfileError as error:
        raise ConfigurationError(f"{place}: {error}") from error
