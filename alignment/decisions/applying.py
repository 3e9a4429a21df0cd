"""Decisions laid on the machine's pairs, book by book: what is released, and what became of each decision.

A decision whose pair has the id, and is as the reviewer saw it, is applied. On a pair that was recognised
(`alignment.decisions.recognising`), or is made otherwise now, it is applied too and called rebased; but an
acceptance only where the description is still what was accepted. All others are stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from alignment.decisions.claims import VERDICT
from alignment.decisions.finding import Found, find_drawn
from alignment.decisions.laying import Child, Laid, Root, lay_decisions, shape_alone
from alignment.decisions.outcomes import Fate, Outcome
from alignment.decisions.payloads import Others, Reason, accepts_machine, read_payload
from alignment.decisions.recognising import SAME_BOX, fold_text
from alignment.decisions.records import Decision, digest_seen
from alignment.decisions.shaping import HERE, Book, Place, draw_figure
from alignment.decisions.states import PairState, States, fold_pair
from alignment.records import DecidedPair, MachinePair, release_as_is
from extractors.geometry import iou
from extractors.records import Dropped

REBASED = "rebased"
"""The mark of a pair with decisions that were made on something else than it is now."""
_OTHER_TEXT = "its description is not the one that was accepted"
_LOST = "its figure is not in the books of this build, or cannot be told among them"
_FOUND_NOW = "the machine finds this figure now"


@dataclass(frozen=True, slots=True)
class Decided:
    """A book's pairs as they are released, what is left out of them, and what became of the decisions."""

    pairs: tuple[DecidedPair, ...]
    dropped: tuple[Dropped, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


def apply_decisions(
    pairs: Sequence[MachinePair], document_sha256: str, book: Book, states: States, found: Found
) -> Decided:
    """The book's pairs after all decisions, in the machine's order, what was drawn behind them."""
    return _Application(document_sha256, book, states, found).run(pairs)


def decide_details(
    decided: Decided, known: Container[str], document_sha256: str, book: Book, states: States
) -> Decided:
    """The book with decisions laid on the pairs that are not `known`: details that no decision has made."""
    application = _Application(document_sha256, book, states, Found())
    pairs: list[DecidedPair] = []
    for pair in decided.pairs:
        pairs += [pair] if pair.pair_id in known else application.decide_detail(pair)
    more = application.finish(pairs)
    return Decided(more.pairs, (*decided.dropped, *more.dropped), (*decided.outcomes, *more.outcomes))


def digest_pair(pair: MachinePair) -> str:
    """What `Decision.seen` is of this pair."""
    return digest_seen(pair.pair_id, pair.figure_bbox, pair.title, pair.caption, pair.description, pair.kind)


def tell_rest(states: States, told: Container[str]) -> Iterator[Outcome]:
    """What is said of decisions that met no pair: neither the figure is there, nor what it was cut from."""
    for pair_id in sorted(states):
        state = states.get(pair_id)
        for decision in state.own if state else ():
            if decision.id not in told:
                yield _tell(decision, "stale", "", _LOST)


class _Application:
    def __init__(self, document_sha256: str, book: Book, states: States, found: Found) -> None:
        self._sha256, self._book, self._states, self._found = document_sha256, book, states, found
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        for name, candidate in found.pairs.items():
            if candidate.document_sha256 == document_sha256:
                self._names[candidate.pair_id].add(name)
        self._roots: dict[str, Root] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._dropped: list[Dropped] = []
        self._merged: dict[str, str] = {}

    def run(self, pairs: Sequence[MachinePair]) -> Decided:
        for pair in pairs:
            self._roots[pair.pair_id] = self._start(pair)
        drawn = list(self._draw())
        twins = self._find_twins(pairs, drawn)
        self._roots |= {root.base.pair_id: root for root in drawn}
        laid = {pair_id: self._lay(root) for pair_id, root in self._roots.items()}
        for pair_id, result in laid.items():
            if merge := result.state.stands.get("merge"):
                self._merged[merge.id] = pair_id
        released: list[DecidedPair] = []
        for pair_id, result in laid.items():
            if pair_id in twins:
                self._drop(result.pair, "a curator drew the same figure")
            else:
                released += self._release(result)
        return self.finish(released)

    def decide_detail(self, pair: DecidedPair) -> Iterator[DecidedPair]:
        """A detail with the decisions on it."""
        state = self._gather(pair.pair_id, frozenset())
        self._tell_all(state, "applied", pair.pair_id)
        return self._release(self._lay(Root(pair, state)))

    def finish(self, pairs: Sequence[DecidedPair]) -> Decided:
        """The pairs with all that was dropped and told on the way."""
        return Decided(tuple(pairs), tuple(self._dropped), tuple(self._outcomes.values()))

    def _start(self, pair: MachinePair) -> Root:
        """A machine's pair with the decisions on it, without acceptances of what it is not any more."""
        if not (names := self._names.get(pair.pair_id)):
            return Root(release_as_is(pair), PairState(pair.pair_id, (), {}))
        state = self._gather(pair.pair_id, frozenset(names))
        old = next((d.target for d in state.own if d.target.document_sha256 != self._sha256), None)
        place = Place(old.bbox, pair.figure_bbox, pair.page - old.page) if old else HERE
        seen = digest_pair(pair)
        left: list[Decision] = []
        for decision in state.decisions:
            fate: Fate = "applied" if decision.seen == seen else "rebased"
            if decision.target.pair_id not in state.names:
                left.append(decision)
            elif fate == "rebased" and _is_outdated(decision, state, pair):
                self._outcomes[decision.id] = _tell(decision, "stale", pair.pair_id, _OTHER_TEXT)
            else:
                left.append(decision)
                self._outcomes[decision.id] = _tell(decision, fate, pair.pair_id)
        return Root(release_as_is(pair), fold_pair(pair.pair_id, left, state.names), place)

    def _gather(self, pair_id: str, names: frozenset[str]) -> PairState:
        """The state of a pair by all its ids."""
        states = [state for name in sorted({*names, pair_id}) if (state := self._states.get(name))]
        decisions = {d.id: d for state in states for d in state.decisions}
        return fold_pair(pair_id, decisions.values(), names)

    def _draw(self) -> Iterator[Root]:
        """The figures that curators drew."""
        for pair_id, (sha256, shift) in sorted(self._found.drawn.items()):
            state = self._states.get(pair_id)
            if sha256 != self._sha256 or state is None or (figure := find_drawn(state)) is None:
                continue
            target = state.stands["add"].target
            is_here = target.document_sha256 == sha256
            try:
                base = draw_figure(self._book, target.page + shift, figure.bbox, figure.kind)
            except ValueError as error:
                self._outcomes |= {d.id: _tell(d, "stale", "", str(error)) for d in state.own}
                continue
            self._tell_all(state, "applied" if is_here else "rebased", base.pair_id)
            names = frozenset((pair_id,))
            folded = fold_pair(base.pair_id, state.decisions, names)
            yield Root(base, folded, HERE if is_here else Place(shift=shift))

    def _find_twins(self, pairs: Sequence[MachinePair], drawn: Sequence[Root]) -> set[str]:
        """Of the machine's pairs those that a curator had to draw before, and nobody decided on since."""
        twins: set[str] = set()
        for root in drawn:
            of = root.base
            for pair in pairs:
                is_near = pair.page == of.machine.page and iou(pair.figure_bbox, of.figure_bbox) >= SAME_BOX
                if is_near and not self._roots[pair.pair_id].state.decisions:
                    twins.add(pair.pair_id)
                    self._tell_all(root.state, "rebased", of.pair_id, _FOUND_NOW)
        return twins

    def _lay(self, root: Root) -> Laid:
        result = lay_decisions(root, self._book, self._find_others)
        by_id = {d.id: d for d in root.state.decisions}
        for decision_id, why in result.unfit.items():
            self._outcomes[decision_id] = _tell(by_id[decision_id], "stale", result.pair.pair_id, why)
        for conflict in result.state.conflicts:
            for other in conflict.others:
                why = f"{conflict.standing.reviewer} decided otherwise ({conflict.standing.action})"
                self._outcomes[other.id] = _tell(other, "conflict", result.pair.pair_id, why)
        return result

    def _find_others(self, merge: Decision) -> list[DecidedPair]:
        payload = read_payload(merge)
        found: list[DecidedPair] = []
        for target in payload.others if isinstance(payload, Others) else ():
            now = self._found.pairs.get(target.pair_id)
            root = self._roots.get(now.pair_id if now else target.pair_id)
            if root is None:
                raise ValueError(f"{target.pair_id}, which was to be a part of it, is not in this book now")
            found.append(shape_alone(root, self._book))
        return found

    def _release(self, laid: Laid) -> Iterator[DecidedPair]:
        """The rows that come of a pair; one that is none goes to what is left out."""
        verdict = laid.state.stands.get(VERDICT)
        into = self._merged.get(verdict.id) if verdict else None
        pair = self._mark(laid)
        if verdict and verdict.action == "reject":
            payload = read_payload(verdict)
            reason = payload.reason if isinstance(payload, Reason) else ""
            self._drop(pair, f"no figure, says {verdict.reviewer}{': ' if reason else ''}{reason}")
            return
        if verdict and into and into != pair.pair_id:
            self._drop(pair, f"a part of another figure, says {verdict.reviewer}")
            return
        if not (verdict and verdict.action == "split"):
            yield pair
        for child in laid.children:
            yield from self._release_child(child)

    def _release_child(self, child: Child) -> Iterator[DecidedPair]:
        maker = self._outcomes[child.maker.id]
        state = self._gather(child.pair.pair_id, child.names)
        decisions = [d for d in state.decisions if d.id not in self._outcomes]
        folded = fold_pair(child.pair.pair_id, decisions, child.names)
        self._tell_all(folded, maker.fate, child.pair.pair_id, maker.why)
        marks = (REBASED,) if maker.fate == "rebased" else ()
        yield from self._release(self._lay(Root(replace(child.pair, marks=marks), folded, child.place)))

    def _mark(self, laid: Laid) -> DecidedPair:
        fates = {outcome.fate for d in laid.state.own if (outcome := self._outcomes.get(d.id))}
        return replace(laid.pair, marks=(REBASED,)) if "rebased" in fates else laid.pair

    def _tell_all(self, state: PairState, fate: Fate, pair_id: str, why: str = "") -> None:
        self._outcomes |= {d.id: _tell(d, fate, pair_id, why) for d in state.own}

    def _drop(self, pair: DecidedPair, reason: str) -> None:
        self._dropped.append(Dropped(pair.machine.page, "figure", reason, pair.box))


def _is_outdated(decision: Decision, state: PairState, pair: MachinePair) -> bool:
    """Whether it accepts a description that is another now, and nobody typed or chose one: who accepts what
    the machine made has nothing of what others typed."""
    given = state.stands.get("description")
    is_given = given is not None and (given.reviewer == decision.reviewer or not accepts_machine(decision))
    return (
        decision.action == "accept"
        and not is_given
        and fold_text(decision.target.text) != fold_text(pair.description)
    )


def _tell(decision: Decision, fate: Fate, pair_id: str, why: str = "") -> Outcome:
    target = decision.target
    return Outcome(
        decision_id=decision.id,
        reviewer=decision.reviewer,
        action=decision.action,
        document=target.document,
        page=target.page,
        target_id=target.pair_id,
        fate=fate,
        pair_id=pair_id,
        why=why,
    )
