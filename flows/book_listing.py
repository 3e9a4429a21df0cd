"""The books that a build is asked for: PDFs by name, and those of a sources file with their profiles."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from alignment.text.profiles import Profile, ProfileError, choose_profile
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
        if not is_utf8(source):
            raise ConfigurationError(f"{show_path(source)}: its name is not UTF-8; rename the file")
        if source.is_dir():
            raise ConfigurationError(f"{source} is a folder; give its PDFs, or a sources file")
        try:
            entry = BookEntry(file=str(source), series=options.series or "other", pages=options.pages)
        except ValidationError as error:
            raise ConfigurationError(f"--{describe_problem(error)}") from error
        books.append(BookRequest(path=source, entry=entry))
    return books


def _locate(sources: Path, entry: BookEntry) -> BookRequest:
    if entry.file.startswith("s3://"):
        raise ConfigurationError(f"{sources}: {entry.file}: s3:// is not read yet; copy the file here")
    profile = find_own_profile(entry.profile, sources.parent, str(sources))
    return BookRequest(path=sources.parent / entry.file, entry=entry, profile=profile)


def find_own_profile(named: str, folder: Path, place: str) -> Profile | None:
    """The profile that a book has instead of its series', by name or by file from `folder`; None without a
    name. ConfigurationError that begins with `place` where there is none."""
    try:
        return choose_profile(named, folder) if named else None
    except ProfileError as error:
        raise ConfigurationError(f"{place}: {error}") from error
