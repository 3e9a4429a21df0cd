"""The trail of a text: every edit from what was printed to what is released, to be applied and undone.

For callers (the review page among them):
    select(edits, "description")       a field's edits out of a pair's trail
    apply_edits(text_raw, edits)       the released field
    undo_edits(description, edits)     `text_raw` again
    list_states(text_raw, edits)       the text after each step, with the edits that led there, for a diff
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, get_args

FieldName = Literal["title", "caption", "description"]
Step = Literal["regions", "joined", "rules", "model", "review"]
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
STEPS: tuple[Step, ...] = get_args(Step)

Change = tuple[int, int, str]
"""(start, end, after): what stands between `start` and `end` of a text becomes `after`."""


class TrailError(ValueError):
    """Edits do not fit the text that they are said to be of."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a field: at `start` stood `before`, then `after`.

    `start` counts characters (code points) in the field as it is once all edits before this one are made; the
    first edit of each field is one of the pair's `text_raw`. `rule` names the rule, or model, that did it.
    """

    field: FieldName
    step: Step
    rule: str
    start: int
    before: str
    after: str

    @property
    def end(self) -> int:
        """Where `before` ended."""
        return self.start + len(self.before)


@dataclass(frozen=True, slots=True)
class State:
    """A field's text once a step is done, and that step's edits; the first state is `raw`, without any."""

    step: Step | Literal["raw"]
    text: str
    edits: tuple[Edit, ...] = ()


def select(edits: Iterable[Edit], field: FieldName) -> tuple[Edit, ...]:
    """The edits of one field, in their order."""
    return tuple(edit for edit in edits if edit.field == field)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits of one field. TrailError where one does not fit."""
    for edit in edits:
        text = _put(text, edit.start, edit.before, edit.after, edit)
    return text


def undo_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text before the edits of one field. TrailError where one does not fit."""
    for edit in reversed(edits):
        text = _put(text, edit.start, edit.after, edit.before, edit)
    return text


def _put(text: str, start: int, old: str, new: str, edit: Edit) -> str:
    end = start + len(old)
    if not 0 <= start <= end <= len(text) or text[start:end] != old:
        raise TrailError(f"{edit.field}: {edit.rule} at {start} does not find {old[:20]!r}")
    return text[:start] + new + text[end:]


def list_states(raw: str, edits: Iterable[Edit]) -> list[State]:
    """`raw` and the text after each step that changed something. TrailError where an edit does not fit."""
    states = [State("raw", raw)]
    for step, some in groupby(edits, key=lambda edit: edit.step):
        group = tuple(some)
        states.append(State(step, apply_edits(states[-1].text, group), group))
    return states


def make_edits(field: FieldName, step: Step, rule: str, text: str, changes: Iterable[Change]) -> list[Edit]:
    """Changes of `text`, which follow each other and do not overlap, as edits."""
    edits: list[Edit] = []
    shift = 0
    for start, end, after in changes:
        edits.append(Edit(field, step, rule, start + shift, text[start:end], after))
        shift += len(after) - (end - start)
    return edits


def make_changes(text: str, changes: Iterable[Change]) -> str:
    """The text with the changes made."""
    parts: list[str] = []
    done = 0
    for start, end, after in changes:
        parts += (text[done:start], after)
        done = end
    return "".join((*parts, text[done:]))


def find_changes(before: str, after: str) -> list[Change]:
    """Changes that make `after` of `before`: few and small where, as is usual here, `after` is a piece of
    `before`, or has other white space."""
    if before == after:
        return []
    start = _count_common(before, after)
    most = min(len(before), len(after)) - start
    end = min(most, _count_common(before[::-1], after[::-1]))
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    inner = _align(old, new) if old and new else [(0, len(old), new)]
    return [(a + start, b + start, word) for a, b, word in inner]


def _count_common(a: str, b: str) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _align(old: str, new: str) -> list[Change]:
    if (at := old.find(new)) >= 0:
        cut = [(0, at, ""), (at + len(new), len(old), "")]
        return [change for change in cut if change[0] < change[1]]
    changes = _align_white(old, new)
    if make_changes(old, changes) == new:
        return changes
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, new[c:d]) for tag, a, b, c, d in steps if tag != "equal"]


def _align_white(old: str, new: str) -> list[Change]:
    """Changes in one pass, if nothing but white space was put in and things were only taken out; else some
    changes that do not lead from one to the other."""
    changes: list[Change] = []
    i = j = start = 0
    put = ""
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            if start < i or put:
                changes.append((start, i, put))
            i, j, put = i + 1, j + 1, ""
            start = i
        elif j < len(new) and (new[j].isspace() or i == len(old)):
            put, j = put + new[j], j + 1
        else:
            i += 1
    if start < i or put:
        changes.append((start, i, put))
    return changes
