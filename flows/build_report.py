"""How a build went: the books' rows for the release's report, and the files in the work directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from alignment.decisions.outcomes import count_fates
from alignment.records import BookAlignment
from alignment.text.profiles import find_profile
from export.info import BookReport, DroppedItem, Source
from extractors.records import Dropped, FigureImage, Page
from extractors.whole_files import write_atomically
from flows.book_work import BookWork
from flows.deciding import Deciding
from flows.drawings import dump_drawing
from flows.refining import describe_refinements
from flows.stages import Overlays, load, load_pages
from flows.store import Store
from flows.workspace import Workspace

if TYPE_CHECKING:
    from export.release import Written


@dataclass(slots=True)
class StoredDrawings(Mapping[tuple[str, int], str]):
    """What the overlays are drawn from, by (document_sha256, page), made from the store when asked for; one
    book in memory at a time."""

    works: Sequence[BookWork]
    store: Store
    known: Sequence[tuple[str, int]]
    _held: tuple[str, dict[int, Page], BookAlignment] = field(
        default=("", {}, BookAlignment((), (), ())), init=False
    )

    def __getitem__(self, key: tuple[str, int]) -> str:
        sha256, number = key
        if self._held[0] != sha256 or number not in self._held[1]:
            self._held = self._load(sha256, number)
        _, pages, aligned = self._held
        return dump_drawing(pages[number], aligned)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def _load(self, sha256: str, number: int) -> tuple[str, dict[int, Page], BookAlignment]:
        for work in self.works:
            # A file may be there twice, with other pages each.
            if work.book and work.book.info.sha256 == sha256 and number in work.book.numbers:
                pages = load_pages(self.store, [r.key for r in work.read])
                return sha256, {page.number: page for page in pages}, work.load_shown(self.store)
        raise KeyError((sha256, number))


def refuse_repeats(works: Sequence[BookWork]) -> None:
    """A page is released once, under one title and one set of rights: who gives it again is told."""
    seen: dict[str, list[tuple[str, set[int]]]] = {}
    for work in works:
        if work.book is None:
            continue
        name, numbers = work.book.info.name, set(work.book.numbers)
        for other, pages in seen.get(work.book.info.sha256, []):
            if pages & numbers:
                work.error = f"{name}: the same file as {other} above; give each of its pages once"
                work.book = None
                break
        else:
            seen.setdefault(work.book.info.sha256, []).append((name, numbers))


def make_source(work: BookWork) -> Source:
    """The book as the release names it."""
    entry, info = work.request.entry, work.book.info if work.book else None
    return Source(
        file=work.request.path.name,
        sha256=info.sha256 if info else "",
        series=entry.series,
        title=entry.title,
        rights=entry.rights,
        page_count=info.page_count if info else 0,
        pages=entry.pages,
        profile=(work.request.profile or find_profile(entry.series)).label,
    )


def report_book(work: BookWork, store: Store) -> BookReport:
    """The book's row: counts, what went wrong, what the alignment says of it."""
    source = make_source(work)
    if work.book is None:
        return BookReport(source, "failed", error=work.error)
    decided, images = work.load_decided(store), work.load_images(store)
    released = [d for d, image in zip(decided, images, strict=True) if isinstance(image, FigureImage)]
    pages_failed = sum(r.pages_failed for r in work.read)
    lost = len(decided) - len(released)
    refinements, unrefined = describe_refinements(d.machine for d in released)
    error = (work.aligned.error if work.aligned else "") or _count("figure could not be cut", lost)
    pages = sum(r.pages for r in work.read)
    failed_whole = pages == 0 or bool(work.aligned and work.aligned.error)
    aligned, own = work.load_alignment(store), work.request.entry.notes
    return BookReport(
        source,
        "failed"
        if failed_whole
        else ("partly" if pages_failed or lost or unrefined or work.crop_troubles else "done"),
        pages=pages,
        pages_failed=pages_failed,
        pages_scanned=sum(r.pages_scanned for r in work.read),
        figures=len(released),
        pairs=sum(1 for d in released if d.texts or d.description),
        error=error or _explain_pages(work, store, pages_failed) or _explain_crops(work) or unrefined,
        notes=(*work.book.notes, *aligned.notes, *refinements, *([own] if own else [])),
        odd_characters=dict(aligned.odd_characters),
    )


def _explain_pages(work: BookWork, store: Store, failed: int) -> str:
    """How many pages could not be read, and why the first of them."""
    if not failed:
        return ""
    first = next(page for page in load_pages(store, [r.key for r in work.read]) if page.error)
    return f"{_count('page could not be read', failed)}: page {first.number} {first.error}"


def _explain_crops(work: BookWork) -> str:
    """How many details of the sources file could not be cut, and why the first of them."""
    troubles = work.crop_troubles
    return f"{_count('crop could not be cut', len(troubles))}: {troubles[0]}" if troubles else ""


def _count(what: str, number: int) -> str:
    return f"{number} {what.replace(' ', 's ', 1) if number > 1 else what}" if number else ""


def list_dropped(works: Sequence[BookWork], store: Store) -> list[DroppedItem]:
    """All that was left out of all books, in order of books and stages."""
    items: list[DroppedItem] = []
    for work in works:
        name = work.request.path.name
        if work.book is None:
            items.append(DroppedItem(name, Dropped(1, "book", work.error)))
            continue
        for page in load_pages(store, [r.key for r in work.read]):
            if page.error:
                items.append(DroppedItem(name, Dropped(page.number, "page", page.error)))
            items += [DroppedItem(name, dropped) for dropped in page.dropped]
        items += [DroppedItem(name, dropped) for dropped in work.load_alignment(store).dropped]
        items += [DroppedItem(name, dropped) for dropped in work.load_rejected(store)]
        items += [DroppedItem(name, d) for d in work.load_images(store) if isinstance(d, Dropped)]
    return items


def place_overlays(works: Sequence[BookWork], store: Store, folder: Path) -> dict[tuple[str, int], Path]:
    """Puts the overlays under names to look for, and tells where by (document_sha256, page)."""
    placed: dict[tuple[str, int], Path] = {}
    taken: set[str] = set()
    for work in works:
        if work.book is None:
            continue
        pages = folder / _choose_name(work.request.path.stem, taken)
        pages.mkdir(parents=True, exist_ok=True)
        for old in pages.glob("p*.png"):
            old.unlink()
        drawn = [item for receipt in work.drawn for item in load(store, receipt.key, Overlays)]
        blobs = store.bring_blobs([name for _, name in drawn])
        for number, name in drawn:
            target, blob = pages / f"p{number:04d}.png", blobs / name
            try:
                target.hardlink_to(blob)
            except OSError:
                target.write_bytes(blob.read_bytes())
            placed[work.book.info.sha256, number] = target
    return placed


def _choose_name(stem: str, taken: set[str]) -> str:
    """The book's name, with a number where another book has it."""
    names = (stem if k == 1 else f"{stem}-{k}" for k in count(1))
    name = next(n for n in names if n not in taken)
    taken.add(name)
    return name


def write_rejects(path: Path, dropped: Sequence[DroppedItem]) -> None:
    """`rejects.jsonl`: everything that was left out."""
    lines = [
        json.dumps({"document": d.document, "where": d.where, **asdict(d.dropped)}, ensure_ascii=False) + "\n"
        for d in dropped
    ]
    write_atomically(path, "".join(lines).encode("utf-8", "replace"))


def write_build_report(
    workspace: Workspace,
    books: Sequence[BookReport],
    dropped: Sequence[DroppedItem],
    written: Written | None,
    run: Mapping[str, object],
    deciding: Deciding | None = None,
) -> None:
    """`build_report.json`; `run` are facts of this run (durations, workers) that no release may hold."""
    reasons: Counter[str] = Counter(f"{d.dropped.what}: {d.dropped.reason}" for d in dropped)
    report = {
        "release": str(written.path) if written else None,
        "content_sha256": written.content_sha256 if written else None,
        "books": [asdict(book) for book in books],
        "dropped": dict(reasons.most_common()),
        "decisions": _describe_decisions(deciding or Deciding()),
        "run": run,
    }
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_atomically(workspace.build_report, text.encode("utf-8", "replace"))


def _describe_decisions(deciding: Deciding) -> dict[str, object]:
    """How many were applied, rebased, stale or in conflict, and by name all that were not simply applied."""
    return {
        **{str(fate): number for fate, number in count_fates(deciding.outcomes).items()},
        "unreadable": list(deciding.troubles),
        "named": [asdict(outcome) for outcome in deciding.outcomes if outcome.fate != "applied"],
    }
