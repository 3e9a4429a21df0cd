"""What each reviewer says now of each field of a pair, and who does not go along with the first.

Who accepts a pair accepts the changes that were made, for he saw them. Who looked blind saw none: his
acceptance says that the machine's own output is right, and goes along with a pair that nobody changed; his
changes go along with an accepted pair that was changed in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alignment.decisions.claims import CHANGED, RIGHT, VERDICT, agree, is_change, list_claims
from alignment.decisions.payloads import accepts_machine, is_blind, list_overruled
from alignment.decisions.records import Decision


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reviewer's last decision on a field claims of it."""

    decision: Decision
    claim: Any

    @property
    def reviewer(self) -> str:
        """Whose it is."""
        return self.decision.reviewer

    @property
    def is_of_machine(self) -> bool:
        """Whether it speaks of the machine's output, whatever others made of that."""
        return is_blind(self.decision) or accepts_machine(self.decision)


Votes = Mapping[str, Mapping[str, Vote]]
"""By field, and then by reviewer in the order in which they first spoke."""


def collect_votes(names: Container[str], ordered: Iterable[Decision]) -> Votes:
    """What each says now of the pair that has these ids, without what a later decision settled."""
    votes: defaultdict[str, dict[str, Vote]] = defaultdict(dict)
    for decision in ordered:
        settled = list_overruled(decision)
        for reviewer in _list_dropped(decision, settled, votes):
            for field in filter(is_change, votes):
                votes[field].pop(reviewer, None)
        for field, vote in _cast(decision, names, votes):
            cast = votes[field]
            for reviewer in [r for r, known in cast.items() if known.decision.id in settled]:
                del cast[reviewer]
            cast[decision.reviewer] = vote
    return votes


def _cast(decision: Decision, names: Container[str], votes: Votes) -> Iterator[tuple[str, Vote]]:
    own = find_changes(votes, decision.reviewer) if decision.action == "accept" and is_blind(decision) else {}
    if own:
        # What he accepts is the machine's output as he changed it himself.
        last = max((vote.decision for vote in own.values()), key=order_by_time)
        yield VERDICT, Vote(last, CHANGED)
        return
    for field, claim in list_claims(decision, names).items():
        yield field, Vote(decision, claim)


def _list_dropped(decision: Decision, settled: Container[str], votes: Votes) -> set[str]:
    """Whose changes an acceptance ends that settles a conflict: it takes what stands, so that what waits is
    dropped, or the machine's output, and then none that it names is left."""
    if decision.action != "accept" or is_blind(decision):
        return set()
    named = {r for r, vote in votes.get(VERDICT, {}).items() if vote.decision.id in settled}
    if accepts_machine(decision):
        return named | {decision.reviewer}
    return named & {vote.reviewer for vote in list_dissent(votes)} if named else set()


def list_waiting(votes: Votes) -> tuple[Mapping[str, tuple[Decision, ...]], frozenset[str]]:
    """By field the decisions that do not go with the first one, and the ids of all that do not count: who
    says of an accepted pair that it is wrong waits with all that he changed, and a repair as a whole."""
    dissent = list_dissent(votes)
    waits = [(VERDICT, vote.decision) for vote in dissent]
    blocked = {vote.decision.id for vote in dissent}
    blocked |= {v.decision.id for d in dissent for v in find_changes(votes, d.reviewer).values()}
    while True:
        found, fallen = _compare_fields(votes, blocked)
        waits += found
        blocked |= {decision.id for _, decision in found if decision.action != "edit"}
        if not fallen:
            break
    waiting: defaultdict[str, list[Decision]] = defaultdict(list)
    for field, decision in waits:
        waiting[field].append(decision)
    return {field: tuple(some) for field, some in waiting.items()}, frozenset(blocked)


def _compare_fields(votes: Votes, blocked: Container[str]) -> tuple[list[tuple[str, Decision]], bool]:
    """(field, decision) of those that wait; or the one alone with which others were compared until it was
    seen to wait itself, and True: these need not be against what stands without it."""
    found: list[tuple[str, Decision]] = []
    whole: set[str] = set()
    stood: set[str] = set()
    for field in sorted(votes.keys() - {VERDICT}):
        counted = [v for v in votes[field].values() if v.decision.id not in blocked]
        counted = [v for v in counted if v.decision.id not in whole]
        for vote in counted[1:]:
            if agree(field, vote.claim, counted[0].claim):
                continue
            found.append((field, vote.decision))
            if vote.decision.action != "edit":
                if vote.decision.id in stood:
                    return found[-1:], True
                whole.add(vote.decision.id)
        stood |= {vote.decision.id for vote in counted[:1]}
    return found, False


def list_dissent(votes: Votes) -> list[Vote]:
    """The verdicts that do not go along with the first one."""
    cast = votes.get(VERDICT)
    if not cast:
        return []
    first, *others = cast.values()
    against: dict[str, Vote] = {}
    # Those who saw what stands come first: with what is left then the others are compared.
    for vote in sorted(others, key=lambda vote: vote.is_of_machine):
        if not _goes_along(vote, first, votes, against):
            against[vote.reviewer] = vote
    return [vote for vote in others if vote.reviewer in against]


def _goes_along(vote: Vote, first: Vote, votes: Votes, against: Container[str]) -> bool:
    own = find_changes(votes, vote.reviewer)
    if not vote.is_of_machine:
        is_untouched = first.is_of_machine and first.claim == RIGHT
        return agree(VERDICT, vote.claim, first.claim) and not (is_untouched and own)
    if vote.claim not in (RIGHT, CHANGED) or first.claim not in (RIGHT, CHANGED):
        return bool(vote.claim == first.claim)
    if vote.claim == first.claim == CHANGED:
        return True
    return {field: v.claim for field, v in own.items()} == {
        field: standing[0]
        for field, cast in votes.items()
        if is_change(field)
        and (standing := [v.claim for r, v in cast.items() if r not in against and r != vote.reviewer])
    }


def find_changes(votes: Votes, reviewer: str) -> dict[str, Vote]:
    """By field what a reviewer changed of the pair itself."""
    return {field: cast[reviewer] for field, cast in votes.items() if is_change(field) and reviewer in cast}


def order_by_time(decision: Decision) -> tuple[datetime, str]:
    """The order in which decisions count."""
    return datetime.fromisoformat(decision.time), decision.id
