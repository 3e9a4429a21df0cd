"""What a decision claims of a pair, field by field, so that two reviewers' claims can be compared."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict
from typing import Any, Literal

from alignment.decisions.payloads import (
    ChosenTexts,
    Detail,
    NewBox,
    NewFigure,
    NewKind,
    NewTexts,
    Others,
    read_payload,
)
from alignment.decisions.records import Decision
from alignment.text.trail import FIELDS

VERDICT = "verdict"
"""Whether the pair is a row: as it is (`right`), otherwise (`changed`), not at all, or as others."""

RIGHT, CHANGED = ("right",), ("changed",)

Verdict = Literal["right", "changed", "rejected", "split", "merged"]


def list_claims(decision: Decision, names: Container[str]) -> dict[str, Any]:
    """Field → value, comparable by ==, of the pair that has these ids; none for what changes nothing (defer,
    note). A merge claims something of its target and something else of those that it takes in."""
    action = decision.action
    payload = read_payload(decision)
    if action in ("defer", "note", "undo", "redo"):
        return {}
    if action == "accept":
        return {VERDICT: RIGHT}
    if action == "reject":
        return {VERDICT: ("rejected",)}
    if action == "split":
        return {VERDICT: ("split", payload)}
    if isinstance(payload, Others) and decision.target.pair_id not in names:
        return {VERDICT: ("merged", decision.target.pair_id)}
    if isinstance(payload, Detail):
        return {f"cut:{','.join(str(round(v)) for v in payload.bbox)}": payload.words}
    return {VERDICT: CHANGED, **_list_changes(decision)}


def _list_changes(decision: Decision) -> Mapping[str, Any]:
    payload = read_payload(decision)
    if isinstance(payload, NewTexts):
        return dict(payload.list_texts().items())
    if isinstance(payload, ChosenTexts):
        # Texts that were edited before were others.
        return dict.fromkeys(("regions", *FIELDS), payload)
    if isinstance(payload, NewBox):
        return {"bbox": payload.bbox}
    if isinstance(payload, NewKind):
        return {"kind": payload.kind}
    if isinstance(payload, NewFigure):
        return {"add": payload}
    if isinstance(payload, Others):
        return {"merge": tuple(sorted(t.pair_id for t in payload.others))}
    raise TypeError(f"{decision.action} changes nothing: {asdict(decision)}")


def is_change(field: str) -> bool:
    """Whether what is claimed of the field makes the pair another than the machine's; a detail does not."""
    return field != VERDICT and not field.startswith("cut:")


def agree(field: str, new: Any, old: Any) -> bool:  # noqa: ANN401
    """Whether a claim goes with one that stands: who accepts a pair, and saw the changes that were made,
    accepts these too (`alignment.decisions.votes` for who did not see them)."""
    if new == old:
        return True
    return field == VERDICT and (new, old) == (RIGHT, CHANGED)
