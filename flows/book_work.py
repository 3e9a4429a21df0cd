"""One book on its way through a build: receipts of what was done, and what they stand for in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alignment.decisions.applying import Decided
from alignment.records import BookAlignment, DecidedPair, MachinePair, release_as_is
from export.rows import Row, build_rows
from extractors.records import Cut, Dropped, FigureImage
from flows.book_fetching import fetch_books
from flows.configuration import BookRequest
from flows.jobs import Book, Receipt, cut_into_shards
from flows.progress import current_progress
from flows.stages import Images, load, load_pages, save
from flows.store import Store, make_key
from flows.workspace import Workspace


@dataclass(slots=True)
class BookWork:
    """One book of a build and the receipts of what was done for it; without `book` it could not be opened.

    `machine_cuts` are parallel to the machine's pairs, `cuts` to the decided ones; `cut_order` is parallel to
    the images of the receipts in `cut`. `decided_key` is where the decided pairs are, empty where nothing is
    decided of the book. `crop_troubles` has a line on each detail of the sources file that could not be cut.
    """

    request: BookRequest
    book: Book | None = None
    error: str = ""
    read: list[Receipt] = field(default_factory=list)
    aligned: Receipt | None = None
    machine_cuts: tuple[Cut, ...] = ()
    decided_key: str = ""
    crop_troubles: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    cut_order: list[Cut] = field(default_factory=list)
    cut: list[Receipt] = field(default_factory=list)
    drawn: list[Receipt] = field(default_factory=list)

    def load_alignment(self, store: Store) -> BookAlignment:
        """The machine's alignment; nothing for a book that was not read."""
        if self.aligned is None:
            return BookAlignment((), (), ())
        return load(store, self.aligned.key, BookAlignment)

    def load_decided(self, store: Store) -> list[DecidedPair]:
        """The pairs to release, in the machine's order."""
        if self.decided_key:
            return list(load(store, self.decided_key, Decided).pairs)
        return [release_as_is(pair) for pair in self.load_alignment(store).pairs]

    def load_rejected(self, store: Store) -> tuple[Dropped, ...]:
        """What the curators left out."""
        return load(store, self.decided_key, Decided).dropped if self.decided_key else ()

    def load_shown(self, store: Store) -> BookAlignment:
        """The alignment as overlays show it: with the pairs that are released."""
        aligned = self.load_alignment(store)
        if not self.decided_key:
            return aligned
        decided = load(store, self.decided_key, Decided)
        pairs = tuple(map(_as_shown, decided.pairs))
        return replace(aligned, pairs=pairs, dropped=(*aligned.dropped, *decided.dropped))

    def load_pixels(self, store: Store) -> dict[Cut, FigureImage | Dropped]:
        """All pixels that were cut, by where."""
        images = (image for receipt in self.cut for image in load(store, receipt.key, Images))
        return dict(zip(self.cut_order, images, strict=True))

    def load_images(self, store: Store) -> list[FigureImage | Dropped]:
        """Pixels of the decided pairs, parallel to them."""
        pixels = self.load_pixels(store)
        return [pixels[cut] for cut in self.cuts]

    def load_readers(self, store: Store) -> dict[int, str]:
        """Who read which page."""
        return {page.number: page.reader for page in load_pages(store, [r.key for r in self.read])}


def bring_books(works: Sequence[BookWork], workspace: Workspace) -> None:
    """Those that lie on S3; from here on they are files like any other. One that cannot be had has its
    error."""
    if not (far := [work for work in works if work.request.address]):
        return
    progress = current_progress()
    fetched = fetch_books(
        [work.request.address for work in far],
        workspace.root,
        lambda done, total: progress.tell("MB fetched", done, total),
    )
    for work in far:
        book = work.request
        found = fetched[book.address]
        if isinstance(found, str):
            # As with folders: what goes into the report tells the book and not where it lies.
            work.error = found.replace(book.address, book.path.name)
        else:
            work.request = book.model_copy(update={"path": found.path})


def _as_shown(pair: DecidedPair) -> MachinePair:
    return replace(
        pair.machine,
        box=pair.box,
        figure_bbox=pair.figure_bbox,
        parts=pair.parts,
        kind=pair.kind,
        kind_score=pair.kind_score,
        kind_rule=pair.kind_rule,
        texts=pair.texts,
        text_bboxes=pair.text_bboxes,
        score=pair.score,
        rule=pair.rule,
    )


def list_shown(work: BookWork, store: Store) -> list[tuple[tuple[int, ...], str]]:
    """Batches of pages of an aligned book, with the key of the alignment that their overlays show: the
    machine's own, unless something is decided of these very pages."""
    if work.book is None or work.aligned is None:
        return []
    shards = cut_into_shards(work.book.numbers)
    if not work.decided_key:
        return [(numbers, work.aligned.key) for numbers in shards]
    machine, shown = work.load_alignment(store), work.load_shown(store)
    keys: list[tuple[tuple[int, ...], str]] = []
    for numbers in shards:
        key, own = work.aligned.key, _select_pages(shown, numbers)
        if own != _select_pages(machine, numbers):
            key = make_key("shown", own)
            save(store, key, BookAlignment, own)
        keys.append((numbers, key))
    return keys


def _select_pages(aligned: BookAlignment, numbers: Collection[int]) -> BookAlignment:
    return BookAlignment(
        tuple(pair for pair in aligned.pairs if pair.page in numbers),
        tuple(region for region in aligned.regions if region.page in numbers),
        tuple(dropped for dropped in aligned.dropped if dropped.page in numbers),
    )


def make_cut(pair: DecidedPair, readers: Mapping[int, str]) -> Cut:
    """What is to be cut for a decided pair; `readers` names who read which page."""
    machine = pair.machine
    reader = readers[machine.page]
    return Cut(machine.page, pair.box, pair.parts, machine.page_source, machine.skew, reader)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of all books, read from the store anew each time, one book in memory at a time."""

    works: Sequence[BookWork]
    store: Store

    def __iter__(self) -> Iterator[Row]:
        for work in self.works:
            if work.book is not None:
                decided, images = work.load_decided(self.store), work.load_images(self.store)
                files = [image.file for image in images if isinstance(image, FigureImage)]
                folder = self.store.bring_blobs(files)
                yield from build_rows(decided, images, folder, work.book.rights, work.cuts)
