"""The curators' decisions in a build: read from the logs, laid on all books, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from alignment.decisions.applying import Decided, apply_decisions, decide_details, tell_rest
from alignment.decisions.finding import Found, describe_pair, find_all
from alignment.decisions.log import DecisionLog
from alignment.decisions.outcomes import Outcome, count_fates
from alignment.decisions.recognising import Candidate
from alignment.decisions.shaping import Book
from alignment.decisions.states import States
from alignment.details import Crop, cut_details
from alignment.records import release_as_is
from export.info import DecisionFacts
from extractors.errors import CultiError
from extractors.records import FigureImage
from flows.book_work import BookWork
from flows.stages import load_pages, save
from flows.store import Store, make_key


@dataclass(frozen=True, slots=True)
class Deciding:
    """What became of all decisions; `troubles` has a line on each that could not be read."""

    outcomes: tuple[Outcome, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def facts(self) -> DecisionFacts | None:
        """For the release's report; None where nobody has decided anything."""
        if not self.outcomes and not self.troubles:
            return None
        named = tuple(o.describe() for o in self.outcomes if o.fate in ("stale", "conflict"))
        return DecisionFacts(**count_fates(self.outcomes), unreadable=len(self.troubles), named=named)


def decide_books(works: Sequence[BookWork], logs: Sequence[Path], store: Store) -> Deciding:
    """Lays all decisions on the books that are aligned and whose figures are cut, and cuts the details that
    the sources file asks for; one book in memory at a time. A book of which nothing is decided stays as it
    is."""
    states, troubles = read_logs(logs)
    asked = {pair_id for work in works for pair_id in _name_details(work, store)}
    candidates = [c for work in works for c in _list_candidates(work, store)] if states else []
    found = find_all(states, candidates, asked)
    outcomes: dict[str, Outcome] = {}
    for work in works:
        if (decided := _decide_book(work, states, found, store)) is None:
            continue
        work.decided_key = _keep(store, decided)
        # A file may be there twice, with other pages each: what one has not, the other may have.
        for outcome in decided.outcomes:
            if outcomes.get(outcome.decision_id, outcome).fate in ("stale", outcome.fate):
                outcomes[outcome.decision_id] = outcome
    told = [*outcomes.values(), *tell_rest(states, outcomes.keys())]
    order = {fate: place for place, fate in enumerate(("stale", "conflict", "rebased", "applied"))}
    told.sort(key=lambda o: (order[o.fate], o.document, o.page, o.target_id, o.decision_id))
    return Deciding(tuple(told), troubles)


def read_logs(logs: Sequence[Path]) -> tuple[States, tuple[str, ...]]:
    """All decisions of several logs, and a line on each that cannot be read."""
    states, troubles = States(), list[str]()
    for path in logs:
        try:
            decisions, unreadable = DecisionLog(path).read()
        except CultiError as error:
            decisions, unreadable = [], [str(error)]
        troubles += unreadable
        for decision in decisions:
            states.add(decision)
    return states, tuple(troubles)


def _list_candidates(work: BookWork, store: Store) -> list[Candidate]:
    images = work.load_pixels(store)
    candidates: list[Candidate] = []
    for pair, cut in zip(work.load_alignment(store).pairs, work.machine_cuts, strict=True):
        image = images[cut]
        candidates.append(describe_pair(pair, image.phash if isinstance(image, FigureImage) else ""))
    return candidates


def _list_crops(work: BookWork) -> list[Crop]:
    """The details that the sources file asks for."""
    return [Crop(c.page, c.box, c.words) for c in work.request.entry.crop if c.accepted]


def _name_details(work: BookWork, store: Store) -> list[str]:
    """Ids of the details that the sources file asks for, as far as the machine's figures hold them."""
    if not (crops := _list_crops(work)):
        return []
    pairs, _ = cut_details([release_as_is(pair) for pair in work.load_alignment(store).pairs], crops)
    return [pair.pair_id for pair in pairs if pair.parent_pair_id]


def _decide_book(work: BookWork, states: States, found: Found, store: Store) -> Decided | None:
    """The book with its decisions and details; None where there are none."""
    crops = _list_crops(work)
    if not (work.book and work.aligned):
        return None
    sha256 = work.book.info.sha256
    if not (crops or sha256 in found.files):
        return None
    aligned = work.load_alignment(store)
    pages = {page.number: page for page in load_pages(store, [r.key for r in work.read])}
    book = Book(pages, aligned.regions, work.book.profile, work.book.series)
    decided = apply_decisions(aligned.pairs, sha256, book, states, found)
    if crops:
        pairs, work.crop_troubles = cut_details(decided.pairs, crops)
        known = {pair.pair_id for pair in decided.pairs}
        decided = decide_details(replace(decided, pairs=tuple(pairs)), known, sha256, book, states)
    return decided


def _keep(store: Store, decided: Decided) -> str:
    """Puts what was decided of a book where the hash of it says."""
    key = make_key("decided", decided)
    save(store, key, Decided, decided)
    return key
