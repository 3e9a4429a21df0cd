"""What a release says about itself besides its rows: its name, sources, and how the build went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from alignment.records import Series
from extractors.records import Dropped

NO_REDISTRIBUTION = "no-redistribution"
BookStatus = Literal["done", "partly", "failed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A book as it went into a release. `file` may have folders; a release names the file alone.

    `sha256` is empty for a file that could not be read; `pages` is the range asked for, empty for all;
    `profile` says by what fields were read (`alignment.text.profiles`), empty for what is no book.
    """

    file: str
    sha256: str
    series: Series
    title: str
    rights: str
    page_count: int
    pages: str = ""
    profile: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folders, of a path or a URL."""
        return self.file.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class SplitOverlap:
    """How many distinct texts, and images by sha256, stand in both of two splits."""

    first: str
    second: str
    texts: int
    images: int


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """What is told of a release that was made from files of pairs and not from books: distinct texts and
    images in it, and for each two splits what they share, where the split came with the files."""

    texts: int
    images: int
    official_split: bool
    overlaps: tuple[SplitOverlap, ...] = ()


@dataclass(frozen=True, slots=True)
class Gated:
    """What Hugging Face asks before it hands out files: a text, and (label, kind) of fields to fill in."""

    prompt: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """Name and version as in the sources file; `settings` are those that change what comes out. The sources
    of an import are its files of texts."""

    name: str
    version: str
    settings: Mapping[str, str]
    sources: tuple[Source, ...]
    imported: ImportFacts | None = None
    gated: Gated | None = None


@dataclass(frozen=True, slots=True)
class BookReport:
    """How one book went, in the order of the sources. `pages` were read, `pages_failed` could not be,
    `pages_scanned` of those read went through OCR; `figures` are in the release, `pairs` of them have text.

    `error` is one line, `notes` are sentences; neither names a folder, for they go into the release.
    `odd_characters` counts by kind what no reader sees (`alignment.text.odd_characters`).
    """

    source: Source
    status: BookStatus
    pages: int = 0
    pages_failed: int = 0
    pages_scanned: int = 0
    figures: int = 0
    pairs: int = 0
    error: str = ""
    notes: tuple[str, ...] = ()
    odd_characters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DroppedItem:
    """Something left out of one document; `document` is its file name. `where` names the place in a document
    that has no pages, as "line 12"."""

    document: str
    dropped: Dropped
    where: str = ""


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What became of the curators' decisions: how many were `applied` to what they had been made on, how many
    `rebased` on what that is now, how many are `stale` or stand against another's. `named` are the last two,
    one line each; `unreadable` counts lines of the log."""

    applied: int
    rebased: int
    stale: int
    conflict: int
    unreadable: int = 0
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """All books, everything that was left out, and page overlays by (document_sha256, page); `drawings` are
    what an overlay is drawn from again, as JSON: boxes and no words. `decisions` is None without any."""

    books: tuple[BookReport, ...] = ()
    dropped: tuple[DroppedItem, ...] = ()
    overlays: Mapping[tuple[str, int], Path] = field(default_factory=dict)
    drawings: Mapping[tuple[str, int], str] = field(default_factory=dict)
    decisions: DecisionFacts | None = None


def may_show(rights: str) -> bool:
    """Whether pixels of a book with these rights may be passed on.

    However the word is spelled, and whatever stands behind it: `No redistribution (as agreed)` forbids.
    """
    return not _letters(rights).startswith(_letters(NO_REDISTRIBUTION))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
