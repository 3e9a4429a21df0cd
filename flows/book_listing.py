"""The books that a build is asked for: PDFs by name, and those of a sources file with their profiles."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from alignment.text.profiles import Profile, ProfileError, find_profile, load_profile
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
    return BookRequest(
        path=sources.parent / entry.file, entry=entry, profile=_find_profile(sources, entry.profile)
    )


def _find_profile(sources: Path, named: str) -> Profile | None:
    """The profile of a name, or of a file beside the sources file; None for that of the series."""
    if not named:
        return None
    try:
        if named.lower().endswith(".toml"):
            return load_profile(sources.parent / named)
        return find_profile(named)
    except ProfileError as error:
        raise ConfigurationError(f"{sources}: {error}") from error
