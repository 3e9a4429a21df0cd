"""Decisions for tests: random ones for properties, and those of a reviewer at work on a release."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from alignment.decisions.records import ActionName, Decision, Target

_BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
_NUMBERS = itertools.count(1)
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
_REGION = {"page": 1, "bbox": [0.0, 0.0, 9.0, 9.0], "role": "caption", "text": "图一"}
_BOX = (10.0, 20.0, 110.0, 220.5)


def make_target(pair_id: str = "p1", **changes: Any) -> Target:
    values = {
        "pair_id": pair_id,
        "document": "甲.pdf",
        "document_sha256": "ab" * 32,
        "page": 1,
        "bbox": _BOX,
        "phash": "0" * 16,
        "text": "折枝牡丹",
    }
    return Target(**{**values, **changes})


def decide(
    action: ActionName,
    payload: Mapping[str, Any] | None = None,
    *,
    reviewer: str = "王",
    target: Target | None = None,
    seen: str = "",
    at: float | None = None,
) -> Decision:
    """A decision a second after the one made before, or `at` so many seconds."""
    number = next(_NUMBERS)
    moment = _BEGIN + timedelta(seconds=number if at is None else at)
    return Decision(
        id=UUID(int=number).hex,
        time=moment.isoformat(),
        reviewer=reviewer,
        action=action,
        target=target or make_target(),
        seen=seen,
        payload=dict(payload or {}),
    )


@st.composite
def list_decisions(draw: st.DrawFn, most: int = 14) -> list[Decision]:
    """A log of three reviewers on three pairs, blind or not, with undo and redo of anything, at times that
    may be equal."""
    made: list[Decision] = []
    for _ in range(draw(st.integers(0, most))):
        action = draw(
            st.sampled_from(
                ("accept", "edit", "repair", "kind", "move", "reject", "defer", "note", "cut", "undo", "redo")
            )
        )
        if action in ("undo", "redo") and not made:
            continue
        payloads: Mapping[str, st.SearchStrategy[Any]] = {
            "edit": st.dictionaries(st.sampled_from(("title", "description")), TEXTS, min_size=1),
            "accept": st.sampled_from(({}, {"machine": True})),
            "repair": st.sampled_from(({"texts": []}, {"texts": [_REGION]})),
            "kind": st.fixed_dictionaries({"kind": st.sampled_from(("pattern", "mural"))}),
            "move": st.just({"bbox": list(_BOX)}),
            "note": st.fixed_dictionaries({"note": TEXTS}),
            "cut": st.just({"bbox": list(_BOX), "words": "角"}),
        }
        payload = draw(payloads.get(action, st.just({})))
        if action in ("undo", "redo"):
            payload = {"of": draw(st.sampled_from(made)).id}
        elif made and draw(st.booleans()):
            payload = {**payload, "over": [draw(st.sampled_from(made)).id]}
        if draw(st.booleans()):
            payload = {**payload, "blind": True}
        made.append(
            decide(
                action,
                payload,
                reviewer=draw(st.sampled_from(("王", "李", "张"))),
                target=make_target(draw(st.sampled_from(("p1", "p2", "p3")))),
                at=draw(st.integers(0, 20)),
            )
        )
    return made
