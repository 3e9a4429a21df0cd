"""What all decisions are about in this build: the machine's pairs, and where curators drew figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alignment.decisions.payloads import Detail, NewFigure, Parts, read_payload
from alignment.decisions.recognising import Candidate, find_targets
from alignment.decisions.records import Target
from alignment.decisions.states import PairState, States
from alignment.records import MachinePair, make_pair_id
from extractors.geometry import intersection
from extractors.records import Box


@dataclass(frozen=True, slots=True)
class Found:
    """What decisions are about in this build: by the target's pair_id the pair that it is now, or for a
    figure that a curator drew where its page is now: (document_sha256, how far it is shifted)."""

    pairs: Mapping[str, Candidate] = field(default_factory=dict)
    drawn: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def files(self) -> frozenset[str]:
        """The document_sha256 of all books of which anything is decided."""
        return frozenset(c.document_sha256 for c in self.pairs.values()) | {
            sha for sha, _ in self.drawn.values()
        }


def find_all(states: States, candidates: Sequence[Candidate], details: Collection[str] = ()) -> Found:
    """Finds what all decisions are about among the machine's pairs of all books. Details and parts are found
    by what they were cut from; `details` are the ids of those that no decision has made."""
    alive = [state for pair_id in sorted(states) if (state := states.get(pair_id))]
    made = {pair_id for state in alive for pair_id in list_made(state)} | {*details}
    known = {candidate.pair_id for candidate in candidates}
    drawn = {
        state.pair_id: state.target for state in alive if find_drawn(state) and state.pair_id not in known
    }
    wanted = [s.target for s in alive if s.pair_id in known or s.pair_id not in {*made, *drawn}]
    pairs = find_targets(wanted, candidates)
    targets = {target.pair_id: target for target in wanted}
    files = {candidate.document_sha256 for candidate in candidates}
    places = {pair_id: _place_drawn(target, files, pairs, targets) for pair_id, target in drawn.items()}
    return Found(pairs, {pair_id: place for pair_id, place in places.items() if place})


def _place_drawn(
    target: Target, files: set[str], pairs: Mapping[str, Candidate], targets: Mapping[str, Target]
) -> tuple[str, int] | None:
    """Where the page of a drawn figure is: in the same file, or as the nearest pair of its file was found."""
    if target.document_sha256 in files:
        return target.document_sha256, 0
    beside = [
        t for t in targets.values() if t.document_sha256 == target.document_sha256 and t.pair_id in pairs
    ]
    if not beside:
        return None
    nearest = min(beside, key=lambda t: (abs(t.page - target.page), t.pair_id))
    now = pairs[nearest.pair_id]
    return now.document_sha256, now.page - nearest.page


def find_drawn(state: PairState) -> NewFigure | None:
    """What a curator drew, where the pair is a figure of a curator's."""
    decision = state.stands.get("add")
    payload = read_payload(decision) if decision else None
    return payload if isinstance(payload, NewFigure) else None


def list_made(state: PairState) -> Iterator[str]:
    """Ids of the details and parts that decisions make of a pair, as they were when that was decided."""
    for decision in state.decisions:
        payload = read_payload(decision)
        if decision.target.pair_id != state.pair_id:
            continue
        if isinstance(payload, Detail):
            yield name_made(decision.target, intersection(payload.bbox, decision.target.bbox))
        elif isinstance(payload, Parts):
            yield from (name_made(decision.target, part.bbox) for part in payload.parts)


def name_made(target: Target, bbox: Box) -> str:
    """The pair_id of what is cut out of a target."""
    return make_pair_id(target.document_sha256, target.page, [round(v) for v in bbox])


def describe_pair(pair: MachinePair, phash: str) -> Candidate:
    """A machine's pair as it can be recognised."""
    return Candidate(
        pair.pair_id,
        pair.document,
        pair.document_sha256,
        pair.page,
        pair.figure_bbox,
        phash,
        pair.description,
    )
