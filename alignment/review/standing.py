"""What stands for an item, as the page shows it: from what `alignment.decisions.states` folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from alignment.decisions.claims import VERDICT, list_claims
from alignment.decisions.payloads import Detail, NewFigure, Others, Parts, read_payload
from alignment.decisions.records import Decision
from alignment.decisions.states import PairState, Status
from alignment.review.items import ItemState
from extractors.records import Box

_STATES: Mapping[Status, ItemState] = {
    "unreviewed": "open",
    "accepted": "accepted",
    "edited": "changed",
    "added": "changed",
    "split": "changed",
    "rejected": "rejected",
    "merged": "rejected",
    "deferred": "deferred",
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """Decisions on one field that do not go together, the one that counts first."""

    field: str
    sides: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """`fields` are texts that were typed, `kind`, `bbox` and `texts` what they were changed to, None where
    nobody did; `parts` are the boxes it was split into, `details` those cut out of it, `merged` the pair_ids
    that it took in. `who` decided, in order of first decision; `judges` are those of them who said what the
    pair is, and did not only put it off or cut a detail."""

    state: ItemState = "open"
    is_checked: bool = False
    who: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    bbox: Box | None = None
    texts: tuple[dict[str, Any], ...] | None = None
    parts: tuple[Box, ...] = ()
    details: tuple[Box, ...] = ()
    merged: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    disputes: tuple[Dispute, ...] = ()


def describe_standing(state: PairState | None) -> Standing:
    """The state of a pair; None is one of which nobody decided anything."""
    if state is None:
        return Standing()
    bbox, kind, chosen = state.bbox, state.kind, state.regions
    drawn = read_payload(state.stands["add"]) if "add" in state.stands else None
    texts = chosen.texts if chosen else None
    if isinstance(drawn, NewFigure):
        bbox, kind = bbox or drawn.bbox, kind or drawn.kind
        texts = drawn.texts if texts is None else texts
    verdict = state.stands.get(VERDICT)
    parts = read_payload(verdict) if verdict is not None else None
    merged = read_payload(state.stands["merge"]) if "merge" in state.stands else None
    details = (read_payload(cut) for cut in state.cuts)
    judged = (d.reviewer for d in state.decisions if VERDICT in list_claims(d, state.names))
    return Standing(
        state="conflict" if state.conflicts else _STATES[state.status],
        is_checked=verdict is not None,
        who=tuple(dict.fromkeys(d.reviewer for d in state.decisions if d.action != "note")),
        judges=tuple(dict.fromkeys(judged)),
        fields={name: text for name, (text, _) in state.new_texts.items()},
        kind=kind,
        bbox=bbox,
        texts=None if texts is None else tuple(asdict(text) for text in texts),
        parts=tuple(part.bbox for part in parts.parts) if isinstance(parts, Parts) else (),
        details=tuple(detail.bbox for detail in details if isinstance(detail, Detail)),
        merged=tuple(t.pair_id for t in merged.others) if isinstance(merged, Others) else (),
        notes=tuple((d.reviewer, str(d.payload["note"])) for d in state.notes),
        disputes=tuple(Dispute(c.field, (c.standing, *c.others)) for c in state.conflicts),
    )
