"""All that stands of one pair laid on it: first its own box, texts and kind, then what is cut out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alignment.decisions.finding import find_drawn, name_made
from alignment.decisions.payloads import Detail, Parts, read_payload
from alignment.decisions.records import Decision
from alignment.decisions.shaping import (
    HERE,
    Book,
    Place,
    give_texts,
    judge_again,
    move_box,
    rewrite,
    take_part,
    unite,
)
from alignment.decisions.states import PairState, fold_pair
from alignment.details import make_detail
from alignment.records import DecidedPair, ReviewStatus
from extractors.geometry import intersection

_STATUS: Mapping[str, ReviewStatus] = {"accepted": "accepted", "edited": "edited", "added": "added"}


@dataclass(frozen=True, slots=True)
class Root:
    """A pair as it is before decisions, its state, and how to come from another file to this one."""

    base: DecidedPair
    state: PairState
    place: Place = HERE


@dataclass(frozen=True, slots=True)
class Child:
    """A detail or part that `maker` cut out of a pair, whose `place` it has; `names` are its ids, now and in
    the build in which it was cut."""

    pair: DecidedPair
    maker: Decision
    names: frozenset[str]
    place: Place


@dataclass(frozen=True, slots=True)
class Laid:
    """A pair with its decisions, of which `state` has those that could be laid and `unfit` says why others
    could not, by id."""

    pair: DecidedPair
    state: PairState
    children: tuple[Child, ...] = ()
    unfit: Mapping[str, str] = field(default_factory=dict)


FindOthers = Callable[[Decision], Sequence[DecidedPair]]
"""The figures that a merge takes in; ValueError where one is not there."""


class _Unfit(Exception):
    def __init__(self, decision: Decision, why: str) -> None:
        super().__init__(why)
        self.decision = decision


def lay_decisions(root: Root, book: Book, find_others: FindOthers) -> Laid:
    """What comes of a pair. A decision that cannot be laid is left out, and all others are laid again."""
    state, unfit = root.state, dict[str, str]()
    if not state.decisions:
        return Laid(root.base, state)
    while True:
        laying = _Laying(book, root.place, state)
        try:
            pair = laying.finish(laying.merge(laying.shape(root.base), find_others))
            return Laid(pair, state, tuple(laying.cut(pair)), unfit)
        except _Unfit as error:
            unfit[error.decision.id] = str(error)
            left = [d for d in state.decisions if d.id != error.decision.id]
            state = fold_pair(state.pair_id, left, state.names)


def shape_alone(root: Root, book: Book) -> DecidedPair:
    """A pair with its own box, texts and kind, as others take it in."""
    return lay_decisions(replace(root, state=_without_merges(root.state)), book, lambda _: ()).pair


def _without_merges(state: PairState) -> PairState:
    return fold_pair(state.pair_id, [d for d in state.decisions if d.action != "merge"], state.names)


@dataclass(frozen=True, slots=True)
class _Laying:
    book: Book
    place: Place
    state: PairState

    def _find_place(self, decision: Decision, pair: DecidedPair) -> Place:
        is_same = decision.target.document_sha256 == pair.machine.document_sha256
        return HERE if is_same else self.place

    def shape(self, pair: DecidedPair) -> DecidedPair:
        """Regions, box and kind."""
        state = self.state
        if (figure := find_drawn(state)) is not None:
            decision = state.stands["add"]
            pair = replace(pair, kind=figure.kind)
            if figure.texts:
                place = self._find_place(decision, pair)
                pair = _try(decision, lambda p: give_texts(p, figure.texts, self.book, place), pair)
        if (chosen := state.regions) is not None:
            decision = state.stands["regions"]
            place = self._find_place(decision, pair)
            pair = _try(decision, lambda p: give_texts(p, chosen.texts, self.book, place), pair)
        if (bbox := state.bbox) is not None:
            decision = state.stands["bbox"]
            own = self._find_place(decision, pair).carry(bbox)
            pair = _try(decision, lambda p: move_box(p, own), pair)
        return replace(pair, kind=state.kind) if state.kind else pair

    def merge(self, pair: DecidedPair, find_others: FindOthers) -> DecidedPair:
        """With the figures that it takes in; a box that was drawn for it stays."""
        decision = self.state.stands.get("merge")
        if decision is None:
            return pair
        merged = _try(decision, lambda p: unite(p, find_others(decision), self.book), pair)
        if self.state.bbox is None:
            return merged
        return replace(merged, box=pair.box, figure_bbox=pair.figure_bbox, parts=pair.parts)

    def finish(self, pair: DecidedPair) -> DecidedPair:
        """Texts as they were typed, and who says what it is."""
        typed = self.state.new_texts
        for name, (text, reviewer) in typed.items():
            pair = rewrite(pair, name, text, reviewer)
        if "description" in typed:
            pair = judge_again(pair)
        status = _STATUS.get(self.state.status)
        if status is None:
            return pair
        # What was drawn or cut by hand stays so, whoever looks at it later.
        is_made = pair.review_status == "added"
        return replace(
            pair,
            review_status=pair.review_status if is_made else status,
            reviewer=pair.reviewer if is_made and pair.reviewer else self.state.reviewer,
        )

    def cut(self, pair: DecidedPair) -> list[Child]:
        """Parts of a split, and details."""
        children: list[Child] = []
        verdict = self.state.stands.get("verdict")
        makers = [*self.state.cuts, *([verdict] if verdict and verdict.action == "split" else [])]
        for maker in makers:
            place = self._find_place(maker, pair)
            payload = read_payload(maker)
            for part in payload.parts if isinstance(payload, Parts) else (payload,):
                if isinstance(part, Detail):
                    child = _cut_one(pair, maker, part, place, is_part=payload is not part)
                    children.append(replace(child, place=self.place))
        return children


def _cut_one(pair: DecidedPair, maker: Decision, part: Detail, place: Place, *, is_part: bool) -> Child:
    bbox = place.carry(part.bbox)
    seen = part.bbox if is_part else intersection(part.bbox, maker.target.bbox)
    try:
        if is_part:
            made = take_part(pair, part, bbox, maker.reviewer)
        else:
            made = make_detail(pair, bbox, part.words, maker.reviewer)
    except ValueError as error:
        raise _Unfit(maker, str(error)) from error
    return Child(made, maker, frozenset((name_made(maker.target, seen), made.pair_id)), place)


def _try(decision: Decision, change: Callable[[DecidedPair], DecidedPair], pair: DecidedPair) -> DecidedPair:
    try:
        return change(pair)
    except ValueError as error:
        raise _Unfit(decision, str(error)) from error
