"""A decision as a line of the log, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from alignment.decisions.payloads import describe_fault, read_payload
from alignment.decisions.records import Decision


def write_line(decision: Decision) -> bytes:
    """The line with its end, in UTF-8: equal decisions, equal bytes. ValueError in one line where
    `read_line` would refuse it."""
    text = json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        line = text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text has half a character") from error
    read_line(line)
    return line + b"\n"


def read_line(line: bytes) -> Decision:
    """The decision in a line; ValueError in one line where it is none."""
    try:
        decision = _adapter().validate_json(line)
    except ValidationError as error:
        raise ValueError(describe_fault(error)) from error
    if not (decision.id and decision.target.pair_id and decision.reviewer.strip()):
        raise ValueError("id, reviewer and target.pair_id may not be empty")
    if datetime.fromisoformat(decision.time).tzinfo is None:
        raise ValueError("time: it does not say of which zone, as 2025-01-31T08:00:00+00:00 does")
    read_payload(decision)
    return decision


@cache
def _adapter() -> TypeAdapter[Decision]:
    return TypeAdapter(Decision)
