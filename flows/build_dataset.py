"""The recipe: from PDF books to a release. Run it with `culti build`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace

from prefect import flow

from alignment.text.profiles import find_profile
from export.previous import read_previous
from extractors.records import DocumentInfo
from flows import stages
from flows.book_work import BookWork, bring_books, list_shown
from flows.build_report import refuse_repeats, write_build_report
from flows.configuration import BuildRequest, choose_pages, parse_pages
from flows.crew import Crew
from flows.cutting import cut_books, cut_decided
from flows.deciding import decide_books
from flows.jobs import (
    AlignJob,
    Book,
    DescribeJob,
    DrawJob,
    OpenJob,
    ReadJob,
    ReadOptions,
    Receipt,
    cut_into_shards,
)
from flows.ledger import keep_ledger
from flows.outcome import Outcome
from flows.progress import current_progress
from flows.refining import RefineJob, RefineTally
from flows.review_file import write_review
from flows.runners.choosing import choose_runner
from flows.sending import send_dataset
from flows.steps import ALIGN, DESCRIBE, DRAW, OPEN, READ, REFINE
from flows.store import open_store
from flows.workspace import Workspace, hash_file


@flow(name="build-dataset", persist_result=False, validate_parameters=False)
def build_dataset(request: BuildRequest) -> Outcome:
    """PDF books to a release: open, read, align, refine if asked to, cut, decide, cut what was decided,
    describe, draw, write, and publish if asked to."""
    started = time.monotonic()
    workspace = Workspace(request.work, request.store)
    previous = read_previous(request.previous) if request.previous else None
    options = ReadOptions(request.reader, request.ocr)
    runner = choose_runner(request.runner, request.runner_address, workspace)
    with (
        Crew(runner, request.workers, request.limits.as_limits()) as crew,
        keep_ledger(workspace.ledgers, request.out) as ledger,
    ):
        crew.ledger = ledger
        works = open_books(crew, request, workspace)
        read_books(crew, works, workspace, options)
        align_books(crew, works, workspace)
        refined, trouble = refine_books(request, works, workspace)
        cut_books(crew, works, workspace, options)
        deciding = decide_books(works, request.decisions, open_store(workspace.store))
        cut_decided(crew, works, workspace, options)
        described = describe_images(crew, works, workspace)
        draw_books(crew, works, workspace)
    from flows.writing import index_release, write_dataset

    outcome = write_dataset(request, works, workspace, options, crew.tally, described, previous, deciding)
    outcome = replace(outcome, refined=refined, trouble=trouble, redone=ledger.explain())
    write_review(workspace, request, works, deciding)
    if outcome.written:
        index_release(outcome.written, workspace)
    run: dict[str, object] = {
        "seconds": round(time.monotonic() - started, 1),
        "workers": crew.workers,
        "runner": request.runner,
        "jobs": asdict(crew.tally),
        "redone": outcome.redone,
    }
    if refined:
        run["refine"] = asdict(refined)
    write_build_report(workspace, outcome.books, outcome.dropped, outcome.written, run, deciding)
    return send_dataset(request.publish, outcome)


def open_books(crew: Crew, request: BuildRequest, workspace: Workspace) -> list[BookWork]:
    """All books asked for; those that cannot be opened have their error."""
    works = [BookWork(book) for book in request.books]
    bring_books(works, workspace)
    jobs: list[OpenJob] = []
    here = [work for work in works if not work.error]
    for work in here:
        book, password = work.request, work.request.entry.password.get_secret_value()
        # A file that cannot be read is opened all the same, for the reader's words on it.
        sha256 = hash_file(book.path)
        jobs.append(OpenJob(workspace.store, book.path, sha256, password, request.reader, book.address))
    receipts = crew.work_off(OPEN, jobs, current_progress().start("open", len(jobs)))
    for work, job, (receipt,) in zip(here, jobs, receipts, strict=True):
        if receipt.error:
            # What goes into the report names no folder.
            work.error = receipt.error.replace(str(work.request.path), work.request.path.name)
            continue
        info = stages.load(open_store(workspace.store), job.key, DocumentInfo)
        choose_book(work, info)
    refuse_repeats(works)
    return works


def choose_book(work: BookWork, info: DocumentInfo) -> None:
    """Settles which pages of an opened book are read."""
    entry = work.request.entry
    numbers = choose_pages(entry.pages, info.page_count)
    if not numbers:
        work.error = f"{info.name}: pages {entry.pages} were asked for, but it has {info.page_count} pages"
        return
    notes: tuple[str, ...] = ()
    if any(max(a, b or a) > info.page_count for a, b in parse_pages(entry.pages)):
        notes = (f"pages {entry.pages} were asked for; the book ends at page {info.page_count}",)
    work.book = Book(
        path=work.request.path,
        info=info,
        series=entry.series,
        profile=work.request.profile or find_profile(entry.series),
        title=entry.title,
        rights=entry.rights,
        pages=entry.pages,
        numbers=numbers,
        password=entry.password.get_secret_value(),
        notes=notes,
        address=work.request.address,
    )


def read_books(crew: Crew, works: Sequence[BookWork], workspace: Workspace, options: ReadOptions) -> None:
    """Pages of all books, a batch a task."""
    opened = [(w, w.book) for w in works if w.book]
    shards = [(w, b, numbers) for w, b in opened for numbers in cut_into_shards(b.numbers)]
    jobs = [ReadJob(workspace.store, book, numbers, options) for _, book, numbers in shards]
    receipts = crew.work_off(READ, jobs, current_progress().start("read", len(jobs)))
    for (work, _, _), done in zip(shards, receipts, strict=True):
        work.read += done


def align_books(crew: Crew, works: Sequence[BookWork], workspace: Workspace) -> None:
    """Figures and their texts, a book a task."""
    opened = [(w, w.book) for w in works if w.book]
    jobs = [AlignJob(workspace.store, book, tuple(r.key for r in w.read)) for w, book in opened]
    receipts = crew.work_off(ALIGN, jobs, current_progress().start("align", len(jobs)))
    for (work, _), (receipt,) in zip(opened, receipts, strict=True):
        work.aligned = receipt


def refine_books(
    request: BuildRequest, works: Sequence[BookWork], workspace: Workspace
) -> tuple[RefineTally | None, str]:
    """Descriptions as a language model corrects them, where the sources file has `[refine]`; one task for all
    books, for all wait for one endpoint. From here on a book's alignment is the one with these texts."""
    aligned = [(work, work.aligned) for work in works if work.aligned]
    if request.refine is None or not aligned:
        return None, ""
    keys = tuple(receipt.key for _, receipt in aligned)
    done = REFINE(RefineJob(workspace, keys, request.refine, request.answers))
    for (work, receipt), key in zip(aligned, done.keys, strict=True):
        work.aligned = replace(receipt, key=key)
    return done.tally, done.trouble


def describe_images(crew: Crew, works: Sequence[BookWork], workspace: Workspace) -> list[Receipt]:
    """Features of the figures' images, those of a batch of pages a task."""
    batches = [receipt.blobs for work in works for receipt in work.cut if receipt.blobs]
    jobs = [DescribeJob(workspace.store, names) for names in batches]
    receipts = crew.work_off(DESCRIBE, jobs, current_progress().start("describe", len(jobs)))
    return [receipt for done in receipts for receipt in done]


def draw_books(crew: Crew, works: Sequence[BookWork], workspace: Workspace) -> None:
    """Overlays of all pages, a batch a task."""
    store = open_store(workspace.store)
    batches: list[tuple[BookWork, DrawJob]] = []
    for work in works:
        if work.book and work.aligned:
            keys = tuple(r.key for r in work.read)
            for numbers, shown_key in list_shown(work, store):
                batches.append((work, DrawJob(workspace.store, work.book, keys, shown_key, numbers)))
    jobs = [job for _, job in batches]
    receipts = crew.work_off(DRAW, jobs, current_progress().start("draw", len(jobs)))
    for (work, _), done in zip(batches, receipts, strict=True):
        work.drawn += done
