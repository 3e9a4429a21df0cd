"""Finding books by what is in them: a file may have another name and lie in any folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from extractors.errors import DocumentMissing
from flows.book_fetching import fetch_books, list_books_at
from flows.workspace import hash_file


@dataclass(frozen=True, slots=True)
class FoundBooks:
    """`paths` are by sha256; `others` are files of other bytes, by the name of a book that was not found."""

    paths: Mapping[str, Path]
    others: Mapping[str, Path]


def find_books(folder: Path, wanted: Mapping[str, str], tell: Callable[[int, int], None]) -> FoundBooks:
    """Looks for the books `wanted` (sha256 → file name) in `folder` and below it.

    Files with the name of a book are read first, then the other PDFs, until all are found. `tell` is called
    with (files read, files in all).
    """
    names = set(wanted.values())
    files = sorted(_walk(folder), key=lambda path: (path.name not in names, path))
    candidates = [path for path in files if path.name in names or path.suffix.lower() == ".pdf"]
    paths: dict[str, Path] = {}
    named: dict[str, Path] = {}
    for done, path in enumerate(candidates, 1):
        if len(paths) == len(wanted):
            break
        sha256 = hash_file(path)
        if sha256 in wanted:
            paths.setdefault(sha256, path)
        elif path.name in names:
            named.setdefault(path.name, path)
        tell(done, len(candidates))
    missing = {name for sha256, name in wanted.items() if sha256 not in paths}
    return FoundBooks(paths, {name: path for name, path in named.items() if name in missing})


def find_far_books(
    address: str, root: Path, wanted: Mapping[str, str], tell: Callable[[int, int], None]
) -> FoundBooks:
    """As `find_books`, below a prefix on S3: PDFs are brought to the work directory `root` one by one until
    all are found. DocumentMissing where one cannot be had."""
    names = set(wanted.values())
    candidates = sorted(list_books_at(address), key=lambda a: (a.rpartition("/")[2] not in names, a))
    paths: dict[str, Path] = {}
    named: dict[str, Path] = {}
    for done, candidate in enumerate(candidates, 1):
        if len(paths) == len(wanted):
            break
        book = fetch_books([candidate], root)[candidate]
        if isinstance(book, str):
            raise DocumentMissing(book)
        if book.sha256 in wanted:
            paths.setdefault(book.sha256, book.path)
        elif book.path.name in names:
            named.setdefault(book.path.name, book.path)
        tell(done, len(candidates))
    missing = {name for sha256, name in wanted.items() if sha256 not in paths}
    return FoundBooks(paths, {name: path for name, path in named.items() if name in missing})


def _walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, through links too, each folder once."""
    seen: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        about = Path(place).stat()
        if (about.st_dev, about.st_ino) in seen:
            folders.clear()
            continue
        seen.add((about.st_dev, about.st_ino))
        yield from (Path(place, file) for file in files)
