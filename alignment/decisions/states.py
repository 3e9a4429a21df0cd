"""What all decisions come to, pair by pair: what stands, what was taken back, where reviewers disagree.

The order of decisions in the log means nothing: they are taken by time, and by id where times are equal, so
that two logs merged in any order come to the same. A reviewer's later decision replaces the own earlier one.
Another's that differs is a conflict: the earlier stands, until a decision that names both in `over` settles
it, or one of the two is undone. What differs is told in `alignment.decisions.votes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alignment.decisions.claims import VERDICT, is_change, list_claims
from alignment.decisions.payloads import (
    ChosenTexts,
    NewBox,
    NewKind,
    NewTexts,
    Others,
    Toggle,
    read_payload,
)
from alignment.decisions.records import Decision, Target
from alignment.decisions.votes import collect_votes, list_waiting, order_by_time
from alignment.records import Kind
from alignment.text.trail import FIELDS, FieldName
from extractors.records import Box

Status = Literal["unreviewed", "accepted", "edited", "added", "rejected", "split", "merged", "deferred"]
_STATUS: Mapping[str, Status] = {"right": "accepted", "changed": "edited"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Decisions on one field that do not go together: `standing` counts, `others` wait to be settled."""

    field: str
    standing: Decision
    others: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class PairState:
    """What was decided of one pair. `decisions` are all that were not undone, by time; `stands` has those
    that count, by field (`alignment.decisions.claims`). `names` are its ids: others than `pair_id` are those
    that it had in builds before."""

    pair_id: str
    decisions: tuple[Decision, ...]
    stands: Mapping[str, Decision]
    conflicts: tuple[Conflict, ...] = ()
    names: frozenset[str] = frozenset()

    @property
    def own(self) -> tuple[Decision, ...]:
        """The decisions of which it is the target: a merge that takes it in has another."""
        return tuple(d for d in self.decisions if d.target.pair_id in self.names)

    @property
    def target(self) -> Target:
        """The pair as the last who decided on it saw it."""
        if own := self.own:
            return own[-1].target
        return next(t for d in self.decisions for t in list_targets(d) if t.pair_id in self.names)

    @property
    def status(self) -> Status:
        """What it is now; a pair that was only put off, or has only a detail cut, is not reviewed."""
        verdict = self.stands.get(VERDICT)
        if verdict is None:
            is_deferred = any(d.action == "defer" for d in self.decisions)
            return "deferred" if is_deferred else "unreviewed"
        claim = list_claims(verdict, self.names)[VERDICT][0]
        if claim in ("right", "changed") and "add" in self.stands:
            return "added"
        if claim == "right" and self._is_changed:
            return "edited"
        status: Status = _STATUS.get(claim, claim)
        return status

    @property
    def _is_changed(self) -> bool:
        return any(map(is_change, self.stands))

    @property
    def reviewer(self) -> str | None:
        """Who said last what it is."""
        verdict = self.stands.get(VERDICT)
        return verdict.reviewer if verdict else None

    @property
    def new_texts(self) -> dict[FieldName, tuple[str, str]]:
        """(text, reviewer) of the fields that were typed."""
        found: dict[FieldName, tuple[str, str]] = {}
        for name in FIELDS:
            if (decision := self.stands.get(name)) and isinstance(given := read_payload(decision), NewTexts):
                found[name] = (given.list_texts()[name], decision.reviewer)
        return found

    @property
    def regions(self) -> ChosenTexts | None:
        """The regions chosen instead of the machine's."""
        decision = self.stands.get("regions")
        payload = read_payload(decision) if decision else None
        return payload if isinstance(payload, ChosenTexts) else None

    @property
    def bbox(self) -> Box | None:
        """The box it was moved to, on the page in the file."""
        decision = self.stands.get("bbox")
        payload = read_payload(decision) if decision else None
        return payload.bbox if isinstance(payload, NewBox) else None

    @property
    def kind(self) -> Kind | None:
        """The kind it was given."""
        decision = self.stands.get("kind")
        payload = read_payload(decision) if decision else None
        return payload.kind if isinstance(payload, NewKind) else None

    @property
    def cuts(self) -> tuple[Decision, ...]:
        """The details that were cut from it, by time."""
        return tuple(d for d in self.decisions if d.action == "cut" and d in self.stands.values())

    @property
    def notes(self) -> tuple[Decision, ...]:
        """Notes, by time."""
        return tuple(d for d in self.decisions if d.action == "note")


class States:
    """The states of all pairs; decisions may be added at any time and in any order."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._by_id: dict[str, Decision] = {}
        self._about: defaultdict[str, list[Decision]] = defaultdict(list)
        self._toggles: defaultdict[str, list[Decision]] = defaultdict(list)
        self._by_reviewer: defaultdict[str, list[Decision]] = defaultdict(list)
        self._folded: dict[str, PairState] = {}
        for decision in decisions:
            self.add(decision)

    def add(self, decision: Decision) -> frozenset[str]:
        """The ids of the pairs whose state may have changed; a decision that is known changes nothing."""
        if decision.id in self._by_id:
            return frozenset()
        self._by_id[decision.id] = decision
        if isinstance(toggle := read_payload(decision), Toggle):
            self._toggles[toggle.of].append(decision)
        else:
            self._by_reviewer[decision.reviewer].append(decision)
            for target in list_targets(decision):
                self._about[target.pair_id].append(decision)
        changed = frozenset(self._trace(decision, set()))
        for pair_id in changed:
            self._folded.pop(pair_id, None)
        return changed

    def _trace(self, decision: Decision, seen: set[str]) -> Iterator[str]:
        """The pairs that a decision, or that which it undoes, is about."""
        seen.add(decision.id)
        if not isinstance(toggle := read_payload(decision), Toggle):
            yield from (target.pair_id for target in list_targets(decision))
        elif toggle.of in self._by_id and toggle.of not in seen:
            yield from self._trace(self._by_id[toggle.of], seen)

    def __iter__(self) -> Iterator[str]:
        return iter(self._about)

    def __len__(self) -> int:
        return len(self._about)

    def get(self, pair_id: str) -> PairState | None:
        """The pair's state; None where nobody decided anything, or all is undone."""
        if pair_id not in self._folded:
            standing = [d for d in self._about.get(pair_id, ()) if self.is_standing(d)]
            self._folded[pair_id] = fold_pair(pair_id, standing)
        found = self._folded[pair_id]
        return found if found.decisions else None

    def is_standing(self, decision: Decision) -> bool:
        """Whether a decision is not undone, or was made again since."""
        return self._is_standing(decision.id, frozenset())

    def _is_standing(self, decision_id: str, above: frozenset[str]) -> bool:
        # An undo of an undo of itself is nonsense that somebody typed: neither counts.
        if decision_id in above:
            return False
        within = above | {decision_id}
        last = max(
            (t for t in self._toggles.get(decision_id, ()) if self._is_standing(t.id, within)),
            key=order_by_time,
            default=None,
        )
        return last is None or last.action == "redo"

    def find_undo(self, reviewer: str) -> Decision | None:
        """The reviewer's last decision that stands: what `undo` takes back."""
        own = self._by_reviewer[reviewer]
        return max((d for d in own if self.is_standing(d)), key=order_by_time, default=None)

    def find_redo(self, reviewer: str) -> Decision | None:
        """The reviewer's decision that was undone last, unless something else was decided since."""
        own = self._by_reviewer[reviewer]
        undone = [(max(map(order_by_time, self._toggles[d.id])), d) for d in own if not self.is_standing(d)]
        if not undone:
            return None
        moment, decision = max(undone, key=lambda item: item[0])
        return decision if moment > max(map(order_by_time, own)) else None


def fold(decisions: Iterable[Decision]) -> dict[str, PairState]:
    """The state of each pair of which anything stands, by pair_id."""
    states = States(decisions)
    return {pair_id: state for pair_id in sorted(states) if (state := states.get(pair_id))}


def fold_pair(pair_id: str, decisions: Iterable[Decision], names: frozenset[str] = frozenset()) -> PairState:
    """The state of a pair from all decisions about it that are not undone; `names` are other ids of it."""
    ordered = tuple(sorted(decisions, key=order_by_time))
    names |= {pair_id}
    votes = collect_votes(names, ordered)
    waiting, blocked = list_waiting(votes)
    stands = {}
    for field, cast in votes.items():
        if left := [v.decision for v in cast.values() if v.decision.id not in blocked]:
            stands[field] = left[0]
    conflicts = tuple(
        Conflict(field, stands[field], others) for field, others in sorted(waiting.items()) if field in stands
    )
    return PairState(pair_id, ordered, stands, conflicts, names)


def list_targets(decision: Decision) -> tuple[Target, ...]:
    """The pairs that a decision is about: a merge takes in others."""
    payload = read_payload(decision)
    others = payload.others if isinstance(payload, Others) else ()
    return (decision.target, *(t for t in others if t.pair_id != decision.target.pair_id))
