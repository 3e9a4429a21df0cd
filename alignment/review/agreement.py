"""What two reviewers said of a pair, neither knowing of the other: what agreement is measured by.

The second of them looked blind. What either says after that, as in a conflict that both see, or takes back
then, is no judgement of their own any more and changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from alignment.decisions.payloads import is_blind
from alignment.decisions.records import Decision
from alignment.decisions.states import States, Status, fold_pair
from alignment.decisions.votes import order_by_time

Judgement = Literal["right", "changed", "rejected"]
_JUDGEMENTS: Mapping[Status, Judgement] = {
    "accepted": "right",
    "edited": "changed",
    "split": "changed",
    "merged": "changed",
    "rejected": "rejected",
}


def find_judgements(pair_id: str, lines: Sequence[Decision]) -> tuple[Judgement, Judgement] | None:
    """What the first reviewer of a pair had said of it when the first other one looked at it blind, and what
    that one said; None where nobody did. `lines` are all that name the pair, undone or not."""
    blind = [line for line in lines if is_blind(line)]
    for second in dict.fromkeys(line.reviewer for line in sorted(blind, key=order_by_time)):
        # Taken back while it was blind, it was a slip.
        own = _list_standing(pair_id, (line for line in blind if line.reviewer == second))
        looked = [d for d in own if d.target.pair_id == pair_id]
        if (said := _judge(pair_id, looked)) is None:
            continue
        start = min(map(order_by_time, looked))
        before = [line for line in lines if line.reviewer != second and order_by_time(line) < start]
        standing = _list_standing(pair_id, before)
        for first in dict.fromkeys(d.reviewer for d in standing):
            if known := _judge(pair_id, [d for d in standing if d.reviewer == first]):
                return known, said
    return None


def _list_standing(pair_id: str, lines: Iterable[Decision]) -> Sequence[Decision]:
    state = States(lines).get(pair_id)
    return state.decisions if state else ()


def _judge(pair_id: str, decisions: Sequence[Decision]) -> Judgement | None:
    """What a reviewer says by all own decisions; None where that is nothing of the pair as a whole."""
    return _JUDGEMENTS.get(fold_pair(pair_id, decisions).status) if decisions else None
