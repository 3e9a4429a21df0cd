"""The curators' decisions, applied on top of the machine's pairs; the log comes with the review page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alignment.records import DecidedPair, MachinePair


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of `decisions.jsonl`: what a reviewer said of the pair with the key `pair_id`."""

    pair_id: str
    action: str
    reviewer: str


def apply_decisions(pairs: Sequence[MachinePair], decisions: Sequence[Decision]) -> list[DecidedPair]:
    """The pairs to release, in the machine's order. There are no actions yet, so each is unreviewed."""
    if decisions:
        raise NotImplementedError("decisions come with the review page; this version writes and reads none")
    return [DecidedPair(p, p.title, p.caption, p.description, p.kind) for p in pairs]
