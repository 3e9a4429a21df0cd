"""From a published recipe and one's own books to the release again. Run it with `culti rehydrate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from prefect import flow

from alignment.text.profiles import find_profile
from export.manifest import read_manifest
from export.recipe import Recipe, make_row, read_recipe
from export.release import BookReport, BuildReport, DroppedItem, Row, Written, write_release
from export.rows import to_single
from extractors.records import Cut, DocumentInfo, Dropped, FigureImage
from flows.book_finding import FoundBooks, find_books, find_far_books
from flows.configuration import RehydrateRequest
from flows.crew import Crew, Step
from flows.jobs import Book, CutJob, OpenJob, batch_cuts
from flows.ledger import keep_ledger
from flows.progress import current_progress
from flows.redrawing import RedrawJob, abandon_redraw, redraw_job
from flows.runners.choosing import choose_runner
from flows.stages import Images, Overlays, load
from flows.steps import CUT, OPEN, make_task
from flows.store import Store, open_store
from flows.workspace import Workspace

REDRAW = Step(make_task("redraw", redraw_job), abandon_redraw)
# Drawings of so many pages travel to a worker at once.
_PAGES_A_JOB = 8


@dataclass(frozen=True)
class Rehydrated:
    """What came of a recipe. `missing` says by sha256 why a book could not be used; `images` has what was cut
    for each pair_id of the others. `written` is None where there was nothing to write."""

    recipe: Recipe
    missing: Mapping[str, str]
    images: Mapping[str, FigureImage | Dropped]
    written: Written | None = None
    same_bytes: bool = False

    @cached_property
    def told(self) -> Mapping[str, str]:
        """image_sha256 by pair_id, as the recipe has it."""
        rows = self.recipe.rows
        return dict(zip(rows["pair_id"].to_pylist(), rows["image_sha256"].to_pylist(), strict=True))

    @property
    def lost(self) -> dict[str, Dropped]:
        """Figures of books at hand whose pixels could not be had."""
        return {pair_id: image for pair_id, image in self.images.items() if isinstance(image, Dropped)}

    @property
    def different(self) -> list[str]:
        """pair_id of each image that came out with other bytes than the release had."""
        return [
            pair_id
            for pair_id, image in self.images.items()
            if isinstance(image, FigureImage) and image.sha256 != self.told[pair_id]
        ]

    @property
    def same_content(self) -> bool:
        """Whether the release says what the recorded one said, by the logical content hash."""
        recorded: str = self.recipe.manifest["content_sha256"]
        return self.written is not None and self.written.content_sha256 == recorded


@dataclass(slots=True)
class _BookWork:
    """A book at hand: its pairs by page, and the overlays drawn of it."""

    book: Book
    cuts: dict[str, Cut] = field(default_factory=dict)


@flow(name="rehydrate-release", persist_result=False, validate_parameters=False)
def rehydrate_release(request: RehydrateRequest) -> Rehydrated:
    """Recipe and books to a release: find, open, cut, draw, write."""
    recipe = read_recipe(request.recipe)
    workspace = Workspace(request.work)
    progress = current_progress()
    wanted = {s.sha256: s.name for s in recipe.info.sources if s.sha256}
    tell = partial(progress.tell, "find")
    if request.address:
        found = find_far_books(request.address, workspace.root, wanted, tell)
    else:
        found = find_books(request.books, wanted, tell)
    missing = {sha256: _explain(name, found) for sha256, name in wanted.items() if sha256 not in found.paths}
    runner = choose_runner(request.runner, request.runner_address, workspace)
    with (
        Crew(runner, request.workers) as crew,
        keep_ledger(workspace.ledgers, request.out) as ledger,
    ):
        crew.ledger = ledger
        works, unusable = open_books(crew, recipe, found, request, workspace)
        images = cut_books(crew, recipe, works, workspace)
        done = Rehydrated(recipe, {**missing, **unusable}, images)
        overlays = draw_pages(crew, done, works, workspace)
    return write_again(done, overlays, open_store(workspace.store), request.out)


def _explain(name: str, found: FoundBooks) -> str:
    if other := found.others.get(name):
        return f"{other.name} is there, but is another file than the release was made from"
    return "not among the books"


def open_books(
    crew: Crew, recipe: Recipe, found: FoundBooks, request: RehydrateRequest, workspace: Workspace
) -> tuple[dict[str, _BookWork], dict[str, str]]:
    """(books by sha256, why the others cannot be used)."""
    sources = {s.sha256: s for s in reversed(recipe.info.sources)}
    reader = recipe.info.settings["reader"]
    jobs = []
    for sha256, path in found.paths.items():
        names = (str(path.resolve()), path.name, sources[sha256].name)
        secret = next((request.passwords[n] for n in names if n in request.passwords), None)
        password = secret.get_secret_value() if secret else ""
        jobs.append(OpenJob(workspace.store, path, sha256, password, reader))
    receipts = crew.work_off(OPEN, jobs, current_progress().start("open", len(jobs)))
    works: dict[str, _BookWork] = {}
    unusable: dict[str, str] = {}
    for job, (receipt,) in zip(jobs, receipts, strict=True):
        if receipt.error:
            unusable[job.sha256] = receipt.error.replace(str(job.path), job.path.name)
            continue
        info = load(open_store(workspace.store), job.key, DocumentInfo)
        source = sources[job.sha256]
        book = Book(
            path=job.path,
            info=info,
            series=source.series,
            profile=find_profile(source.series),
            title=source.title,
            rights=source.rights,
            pages=source.pages,
            numbers=(),
            password=job.password,
        )
        works[job.sha256] = _BookWork(book)
    return works, unusable


def cut_books(
    crew: Crew, recipe: Recipe, works: Mapping[str, _BookWork], workspace: Workspace
) -> dict[str, FigureImage | Dropped]:
    """Pixels by pair_id of all books at hand, cut as the build cut them."""
    for pair_id, (sha256, cut) in recipe.making.cuts.items():
        if sha256 in works:
            works[sha256].cuts[pair_id] = cut
    dpi = float(recipe.info.settings["render_dpi"])
    jobs: list[CutJob] = []
    order: list[str] = []
    for work in works.values():
        by_page = dict(sorted(work.cuts.items(), key=lambda item: item[1].page))
        order += by_page
        jobs += [CutJob(workspace.store, work.book, b, dpi) for b in batch_cuts(list(by_page.values()))]
    receipts = crew.work_off(CUT, jobs, current_progress().start("cut", len(jobs)))
    store = open_store(workspace.store)
    images = [image for done in receipts for receipt in done for image in load(store, receipt.key, Images)]
    return dict(zip(order, images, strict=True))


def draw_pages(
    crew: Crew, done: Rehydrated, works: Mapping[str, _BookWork], workspace: Workspace
) -> dict[tuple[str, int], Path]:
    """The overlays that the report shows, by (document_sha256, page)."""
    making = done.recipe.making
    jobs: list[RedrawJob] = []
    for sha256, work in works.items():
        drawings = [(page, text) for (book, page), text in making.drawings.items() if book == sha256]
        for first in range(0, len(drawings), _PAGES_A_JOB):
            some = tuple(drawings[first : first + _PAGES_A_JOB])
            jobs.append(RedrawJob(workspace.store, work.book, some))
    receipts = crew.work_off(REDRAW, jobs, current_progress().start("draw", len(jobs)))
    store = open_store(workspace.store)
    names = {
        (job.book.info.sha256, page): name
        for job, some in zip(jobs, receipts, strict=True)
        for receipt in some
        for page, name in load(store, receipt.key, Overlays)
    }
    folder = store.bring_blobs(list(names.values()))
    drawn = {key: folder / name for key, name in names.items()}
    # The report spreads what it shows over all pages; were some of them missing, it would ask for others.
    known = drawn if done.missing else making.overlays
    return {key: drawn.get(key, Path("not drawn")) for key in known}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that could be had, made from the recipe anew each time."""

    done: Rehydrated
    folder: Path

    def __iter__(self) -> Iterator[Row]:
        for stored in self.done.recipe.read_rows():
            image = self.done.images.get(stored["pair_id"])
            if not isinstance(image, FigureImage):
                continue
            row = make_row(stored, self.done.recipe, self.folder / image.file)
            yield row if image.sha256 == row.image_sha256 else _tell_pixels(row, image)


def _tell_pixels(row: Row, image: FigureImage) -> Row:
    """The row with what is to be said of pixels that came out different."""
    return replace(
        row,
        origin=image.origin,
        dpi=None if image.dpi is None else to_single(image.dpi),
        width=image.width_px,
        height=image.height_px,
        image_sha256=image.sha256,
        phash=image.phash,
    )


def write_again(
    done: Rehydrated, overlays: Mapping[tuple[str, int], Path], store: Store, out: Path
) -> Rehydrated:
    """Writes the release, where there is a row at all."""
    files = [image.file for image in done.images.values() if isinstance(image, FigureImage)]
    rows = _Rows(done, store.bring_blobs(files))
    if next(iter(rows), None) is None:
        return done
    recorded = done.recipe.making.build
    build = BuildReport(
        tuple(_report_book(book, done) for book in recorded.books),
        (*recorded.dropped, *_list_dropped(done)),
        overlays,
        done.recipe.making.drawings,
        recorded.decisions,
    )
    # Groups follow from rows and pixels; splits may have been those of a release before.
    recipe = done.recipe
    written = write_release(
        out, rows, recipe.info, build, previous=recipe.previous, given=recipe.list_splits()
    )
    manifest = read_manifest(out)
    same = manifest is not None and manifest["digest"] == done.recipe.manifest["digest"]
    return replace(done, written=written, same_bytes=same)


def _report_book(book: BookReport, done: Rehydrated) -> BookReport:
    """The book as it was built, or what is missing of it now."""
    sha256 = book.source.sha256
    if sha256 in done.missing:
        return BookReport(book.source, "failed", error=done.missing[sha256])
    cuts = done.recipe.making.cuts
    lost = sum(1 for pair_id in done.lost if cuts[pair_id][0] == sha256)
    if not lost:
        return book
    error = f"figures that could not be cut again: {lost}"
    return replace(book, status="partly", figures=book.figures - lost, error=error)


def _list_dropped(done: Rehydrated) -> Iterator[DroppedItem]:
    names = {s.sha256: s.name for s in done.recipe.info.sources}
    for sha256, reason in done.missing.items():
        yield DroppedItem(names[sha256], Dropped(1, "book", reason))
    for pair_id, dropped in done.lost.items():
        yield DroppedItem(names[done.recipe.making.cuts[pair_id][0]], dropped)
