"""Cutting the figures of a build: those that the machine found, then those that curators made of them."""

from __future__ import annotations

from collections.abc import Sequence

from alignment.records import release_as_is
from extractors.records import Cut
from flows.book_work import BookWork, make_cut
from flows.crew import Crew
from flows.jobs import CutJob, ReadOptions, batch_cuts
from flows.progress import current_progress
from flows.steps import CUT
from flows.store import open_store
from flows.workspace import Workspace


def cut_books(crew: Crew, works: Sequence[BookWork], workspace: Workspace, options: ReadOptions) -> None:
    """Pixels of the figures that the machine found, whatever is decided of them: by their images figures are
    known again, and a decision costs the images that it changes."""
    store = open_store(workspace.store)
    for work in works:
        if work.book:
            readers = work.load_readers(store)
            found = map(release_as_is, work.load_alignment(store).pairs)
            work.machine_cuts = work.cuts = tuple(make_cut(pair, readers) for pair in found)
    cut_figures(crew, [(work, work.machine_cuts) for work in works], workspace, options)


def cut_decided(crew: Crew, works: Sequence[BookWork], workspace: Workspace, options: ReadOptions) -> None:
    """Pixels of the figures that are released otherwise than the machine found them."""
    store = open_store(workspace.store)
    wanted: list[tuple[BookWork, Sequence[Cut]]] = []
    for work in works:
        if work.decided_key:
            readers = work.load_readers(store)
            work.cuts = tuple(make_cut(pair, readers) for pair in work.load_decided(store))
            known = set(work.machine_cuts)
            wanted.append((work, list(dict.fromkeys(cut for cut in work.cuts if cut not in known))))
    cut_figures(crew, wanted, workspace, options)


def cut_figures(
    crew: Crew,
    wanted: Sequence[tuple[BookWork, Sequence[Cut]]],
    workspace: Workspace,
    options: ReadOptions,
) -> None:
    """Pixels of figures, those of a batch of pages a task."""
    batches: list[tuple[BookWork, CutJob]] = []
    for work, cuts in wanted:
        if work.book:
            for some in batch_cuts(cuts):
                batches.append((work, CutJob(workspace.store, work.book, some, options.render_dpi)))
    jobs = [job for _, job in batches]
    receipts = crew.work_off(CUT, jobs, current_progress().start("cut", len(jobs)))
    for (work, job), done in zip(batches, receipts, strict=True):
        work.cut += done
        work.cut_order += job.cuts
