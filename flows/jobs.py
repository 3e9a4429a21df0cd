"""What is handed to tasks and what comes back: paths, keys and counts, never pixels.

A job says all that its result depends on, so its key is where the store keeps the result. A job is done when
its receipt is in the store; all else was written before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, Self

from alignment.records import Series
from alignment.text.profiles import Profile
from extractors.ocr import describe_engine
from extractors.records import Cut, DocumentInfo
from flows.store import make_key
from flows.versions import ALIGNING, DESCRIBING, READING, version_stage

Stage = Literal["open", "read", "align", "cut", "describe", "draw"]

# Pages of one task: so many that a task's cost (10-100 ms) is nothing, so few that all workers have some.
SHARD_PAGES = 16


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The settings of a build that change what pages are read as (extractors.reader.ReadSettings)."""

    reader: str = "pymupdf"
    ocr: str = "bundled"
    scan_dpi: int = 200
    render_dpi: float = 200.0


@dataclass(frozen=True, slots=True)
class Book:
    """A book that could be opened: `numbers` are the pages to read; `profile` says
    what is printed with its figures."""

    path: Path
    info: DocumentInfo
    series: Series
    profile: Profile
    title: str
    rights: str
    pages: str
    numbers: tuple[int, ...]
    password: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a task did: where its result is (`key`, and `blobs` by name), and counts for the progress.

    `error` is one line, set where the job was given up.
    """

    key: str
    pages: int = 0
    pages_failed: int = 0
    pages_scanned: int = 0
    figures: int = 0
    pairs: int = 0
    dropped: int = 0
    blobs: tuple[str, ...] = ()
    error: str = ""


class Job(Protocol):
    """Work for one task, its result kept in the store folder `store`."""

    @property
    def store(self) -> Path: ...

    @property
    def key(self) -> str:
        """Where the result is kept."""

    def split(self) -> list[Self]:
        """The same work in its smallest pieces, in order, for when the whole failed; [] if it is one."""


@dataclass(frozen=True)
class OpenJob:
    """Opening one file, whose bytes have `sha256`."""

    store: Path
    path: Path
    sha256: str
    password: str = field(repr=False)
    reader: str = "pymupdf"

    @cached_property
    def key(self) -> str:
        """The password counts: a book that opened with the right one does not open with another."""
        version = version_stage(("extractors",), READING)
        return make_key("open", version, self.sha256, self.path.name, self.password, self.reader)

    def split(self) -> list[Self]:
        """A file is opened as a whole."""
        return []


@dataclass(frozen=True)
class ReadJob:
    """Reading the pages `numbers` of a book."""

    store: Path
    book: Book
    numbers: tuple[int, ...]
    options: ReadOptions

    @cached_property
    def key(self) -> str:
        """File, name (it is on every record), pages, settings and version."""
        settings = (self.options.reader, describe_engine(self.options.ocr), self.options.scan_dpi)
        version = version_stage(("extractors",), READING)
        return make_key("read", version, self.book.info.sha256, self.book.info.name, self.numbers, *settings)

    def split(self) -> list[Self]:
        """Page by page."""
        return [replace(self, numbers=(n,)) for n in self.numbers] if len(self.numbers) > 1 else []


@dataclass(frozen=True)
class AlignJob:
    """Aligning a book whose pages are the records `read_keys`."""

    store: Path
    book: Book
    read_keys: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """The pages, by the keys under which they are kept, the series, the profile, and the version."""
        version = version_stage(("extractors", "alignment"), ALIGNING)
        return make_key("align", version, self.read_keys, self.book.series, self.book.profile)

    def split(self) -> list[Self]:
        """A book is aligned as a whole."""
        return []


@dataclass(frozen=True)
class CutJob:
    """Cutting figures of one book, whole pages each."""

    store: Path
    book: Book
    cuts: tuple[Cut, ...]
    render_dpi: float

    @cached_property
    def key(self) -> str:
        """File, boxes with their pages' readers, resolution and version."""
        version = version_stage(("extractors",), READING)
        return make_key("cut", version, self.book.info.sha256, self.cuts, self.render_dpi)

    def split(self) -> list[Self]:
        """Figure by figure."""
        return [replace(self, cuts=(cut,)) for cut in self.cuts] if len(self.cuts) > 1 else []


@dataclass(frozen=True)
class DescribeJob:
    """Finding the local features of images, by which export tells what shows the same; `names` are blobs."""

    store: Path
    names: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """The images, whose names have the hash of their bytes, and the version."""
        version = version_stage(("export.local_features", "export.feature_bank"), DESCRIBING)
        return make_key("describe", version, self.names)

    def split(self) -> list[Self]:
        """Image by image."""
        return [replace(self, names=(name,)) for name in self.names] if len(self.names) > 1 else []


@dataclass(frozen=True)
class DrawJob:
    """Drawing overlays of the pages in the records `read_keys`, of which those in `numbers`."""

    store: Path
    book: Book
    read_keys: tuple[str, ...]
    align_key: str
    numbers: tuple[int, ...]

    @cached_property
    def key(self) -> str:
        """Pages, alignment (its key has its own version) and version."""
        version = version_stage(("extractors", "alignment", "flows.stages"), READING)
        return make_key("draw", version, self.read_keys, self.align_key, self.numbers)

    def split(self) -> list[Self]:
        """Page by page."""
        return [replace(self, numbers=(n,)) for n in self.numbers] if len(self.numbers) > 1 else []


def cut_into_shards(numbers: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Page numbers in batches that lie on a fixed grid, so that another page range meets the same batches."""
    cells: dict[int, list[int]] = {}
    for number in numbers:
        cells.setdefault((number - 1) // SHARD_PAGES, []).append(number)
    return [tuple(cell) for _, cell in sorted(cells.items())]


def batch_cuts(cuts: Sequence[Cut]) -> list[tuple[Cut, ...]]:
    """The cuts of a book by batches of pages, in the order of pages; within a page in the order given."""
    shards = cut_into_shards(tuple(sorted({cut.page for cut in cuts})))
    return [tuple(cut for cut in cuts if cut.page in numbers) for numbers in shards]
