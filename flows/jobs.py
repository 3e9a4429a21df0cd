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
from flows.store import StoreAddress, make_key
from flows.versions import ALIGNING, DESCRIBING, READING, list_versions

Stage = Literal["open", "read", "align", "cut", "describe", "draw", "redraw"]
Parts = dict[str, object]
"""All that a job's result depends on, by name, as JSON can hold it."""

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
    what is printed with its figures. `address` is where on S3 it came from, for workers of other machines."""

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
    address: str = ""


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


@dataclass(frozen=True, slots=True)
class Place:
    """What a job is about, as people say it and as another build finds it again: `pages` of a `document`, all
    of them where there are none; `batch` tells apart what is of no one document."""

    stage: Stage
    document: str
    pages: tuple[int, ...] = ()
    batch: str = ""


class Job(Protocol):
    """Work for one task, its result kept in the store at `store`."""

    @property
    def store(self) -> StoreAddress: ...

    @property
    def place(self) -> Place:
        """What it is about."""

    @property
    def parts(self) -> Parts:
        """What the key is made of, by name: so it can be told why a job was done again."""

    @property
    def key(self) -> str:
        """Where the result is kept."""

    def split(self) -> list[Self]:
        """The same work in its smallest pieces, in order, for when the whole failed; [] if it is one."""


class StoredJob:
    """A job whose key is made of its parts."""

    @property
    def place(self) -> Place:
        """See Job."""
        raise NotImplementedError

    @property
    def parts(self) -> Parts:
        """See Job."""
        raise NotImplementedError

    @cached_property
    def key(self) -> str:
        """See Job."""
        return make_key(self.place.stage, self.parts)


@dataclass(frozen=True)
class OpenJob(StoredJob):
    """Opening one file, whose bytes have `sha256`."""

    store: StoreAddress
    path: Path
    sha256: str
    password: str = field(repr=False)
    reader: str = "pymupdf"
    address: str = ""

    @property
    def place(self) -> Place:
        """A book."""
        return Place("open", self.path.name)

    @property
    def parts(self) -> Parts:
        """The password counts: a book that opened with the right one does not open with another."""
        # Salted, for parts are written down.
        password = make_key(self.sha256, self.password)
        own = {"the file": self.sha256, "name": self.path.name, "password": password, "reader": self.reader}
        return {**own, **list_versions(("extractors",), READING)}

    def split(self) -> list[Self]:
        """A file is opened as a whole."""
        return []


@dataclass(frozen=True)
class ReadJob(StoredJob):
    """Reading the pages `numbers` of a book."""

    store: StoreAddress
    book: Book
    numbers: tuple[int, ...]
    options: ReadOptions

    @property
    def place(self) -> Place:
        """Pages of a book."""
        return Place("read", self.book.info.name, self.numbers)

    @property
    def parts(self) -> Parts:
        """File, name (it is on every record), pages, settings and versions."""
        return {
            "the file": self.book.info.sha256,
            "name": self.book.info.name,
            "pages": self.numbers,
            "reader": self.options.reader,
            "ocr": describe_engine(self.options.ocr),
            "scan_dpi": self.options.scan_dpi,
            **list_versions(("extractors",), READING),
        }

    def split(self) -> list[Self]:
        """Page by page."""
        return [replace(self, numbers=(n,)) for n in self.numbers] if len(self.numbers) > 1 else []


@dataclass(frozen=True)
class AlignJob(StoredJob):
    """Aligning a book whose pages are the records `read_keys`."""

    store: StoreAddress
    book: Book
    read_keys: tuple[str, ...]

    @property
    def place(self) -> Place:
        """A book."""
        return Place("align", self.book.info.name)

    @property
    def parts(self) -> Parts:
        """The pages, by the keys under which they are kept, the series, the profile, and the versions."""
        book = {"its pages": self.read_keys, "series": self.book.series, "the profile": self.book.profile}
        return {**book, **list_versions(("extractors", "alignment"), ALIGNING)}

    def split(self) -> list[Self]:
        """A book is aligned as a whole."""
        return []


@dataclass(frozen=True)
class CutJob(StoredJob):
    """Cutting figures of one book, whole pages each."""

    store: StoreAddress
    book: Book
    cuts: tuple[Cut, ...]
    render_dpi: float

    @property
    def place(self) -> Place:
        """Pages of a book."""
        return Place("cut", self.book.info.name, tuple(sorted({cut.page for cut in self.cuts})))

    @property
    def parts(self) -> Parts:
        """File, boxes with their pages' readers, resolution and versions."""
        own = {"the file": self.book.info.sha256, "its figures": self.cuts, "render_dpi": self.render_dpi}
        return {**own, **list_versions(("extractors",), READING)}

    def split(self) -> list[Self]:
        """Figure by figure."""
        return [replace(self, cuts=(cut,)) for cut in self.cuts] if len(self.cuts) > 1 else []


@dataclass(frozen=True)
class DescribeJob(StoredJob):
    """Finding the local features of images, by which export tells what shows the same; `names` are blobs."""

    store: StoreAddress
    names: tuple[str, ...]

    @property
    def place(self) -> Place:
        """A batch of images, known again by its first."""
        return Place("describe", "", batch=self.names[0])

    @property
    def parts(self) -> Parts:
        """The images, whose names have the hash of their bytes, and the versions."""
        versions = list_versions(("export.local_features", "export.feature_bank"), DESCRIBING)
        return {"the images": self.names, **versions}

    def split(self) -> list[Self]:
        """Image by image."""
        return [replace(self, names=(name,)) for name in self.names] if len(self.names) > 1 else []


@dataclass(frozen=True)
class DrawJob(StoredJob):
    """Drawing overlays of the pages in the records `read_keys`, of which those in `numbers`."""

    store: StoreAddress
    book: Book
    read_keys: tuple[str, ...]
    align_key: str
    numbers: tuple[int, ...]

    @property
    def place(self) -> Place:
        """Pages of a book."""
        return Place("draw", self.book.info.name, self.numbers)

    @property
    def parts(self) -> Parts:
        """Pages, alignment (its key has its own versions) and versions."""
        own = {"its pages": self.read_keys, "what is paired": self.align_key, "pages": self.numbers}
        return {**own, **list_versions(("extractors", "alignment", "flows.stages"), READING)}

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
