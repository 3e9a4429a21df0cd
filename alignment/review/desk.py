"""Where decisions are taken: checked, written to the log, and only then said to be done.

For callers: `Desk.decide`, `Desk.undo` and `Desk.redo` return once the line is safe on disk. What stands for
a pair is folded from its lines after each of them; the log may also grow by others' hands (`Desk.follow`).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from alignment.decisions.claims import VERDICT, list_claims
from alignment.decisions.payloads import is_blind
from alignment.decisions.records import ACTIONS, MAX_TARGET_TEXT, ActionName, Decision, Target, digest_seen
from alignment.decisions.states import States, fold_pair, list_targets
from alignment.records import make_pair_id
from alignment.review.agreement import find_judgements
from alignment.review.index import ItemIndex
from alignment.review.items import Item, ReviewSource, is_sampled, make_drawn
from alignment.review.payloads import PayloadError, check_id, check_payload
from alignment.review.risk import Flag, rate_flags
from alignment.review.standing import Standing, describe_standing


class Log(Protocol):
    """`alignment.decisions.log.DecisionLog`."""

    def append(self, decision: Decision) -> None:
        """Safe on disk once it returns."""

    def follow(self) -> list[Decision]:
        """What came since the last call."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a call did: the items that it touched by number, the first of them the one it was about, and the
    action that it did, undid or did again; where nothing is left of that, `near` stands on the same page."""

    numbers: tuple[int, ...]
    what: str = ""
    near: int = 0


class Changed(ValueError):
    """The item is not what the reviewer saw."""


@dataclass(frozen=True, slots=True)
class Rebased:
    """What the build of a release found of decisions that were made on another: `now` has the pair_id that
    a pair has now by that which it had, `moved` the ids of decisions that were laid on what a pair is now,
    `stale` those of decisions that fit nothing any more."""

    now: Mapping[str, str] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()


class Desk:
    """All decisions on one release."""

    def __init__(
        self, source: ReviewSource, index: ItemIndex, log: Log, rebased: Rebased | None = None
    ) -> None:
        self._source, self._index, self._log = source, index, log
        self._rebased = rebased or Rebased()
        self._lock = threading.RLock()
        self._states = States()
        self._lines: dict[str, Decision] = {}
        self._of_pair: dict[str, list[Decision]] = {}
        self._changed: list[tuple[int, frozenset[str]]] = []
        self._double: dict[str, tuple[str, str]] = {}
        self.follow()

    def follow(self) -> None:
        """Takes in what others wrote into the log."""
        with self._lock:
            self._take(self._log.follow())

    def list_changed(self, since: int, reviewer: str | None = None) -> tuple[list[int], int]:
        """Numbers of items that were decided on since a count that an earlier call gave, and that count; only
        of those on which the reviewer decided, where one is named."""
        with self._lock:
            news = self._changed[since:]
            numbers = [number for number, by in news if reviewer is None or reviewer in by]
            return list(dict.fromkeys(numbers)), len(self._changed)

    def judge(self, pair_id: str, reviewer: str | None = None) -> Standing:
        """What stands for a pair; by a reviewer's own decisions alone, where one is named."""
        with self._lock:
            state = self._states.get(pair_id)
        if state is None or reviewer is None:
            return describe_standing(state)
        own = [decision for decision in state.decisions if decision.reviewer == reviewer]
        return describe_standing(fold_pair(pair_id, own) if own else None)

    def list_lines(self, pair_id: str, reviewer: str | None = None) -> list[Decision]:
        """All lines that name a pair, as they came; the reviewer's own, where one is named."""
        with self._lock:
            lines = self._of_pair.get(pair_id, ())
            return [line for line in lines if reviewer is None or line.reviewer == reviewer]

    def list_double(self) -> list[tuple[str, str]]:
        """Of the pairs that a second reviewer judged blind, what the first and this one said."""
        with self._lock:
            return list(self._double.values())

    def list_times(self) -> list[tuple[str, str]]:
        """(reviewer, time) of all lines."""
        with self._lock:
            return [(line.reviewer, line.time) for line in self._lines.values()]

    def digest(self, item: Item) -> str:
        """The digest of what the machine made of an item; that of its last decision where the release has
        the item as decided and the machine's own is not at hand."""
        machine = self._source.find_machine(item)
        lines = self._of_pair.get(item.pair_id)
        if machine is None and lines:
            return lines[-1].seen
        machine = machine or item
        return digest_seen(
            machine.pair_id,
            machine.bbox or (0.0, 0.0, 0.0, 0.0),
            machine.title,
            machine.caption,
            machine.description,
            machine.kind,
        )

    def decide(self, reviewer: str, request: dict[str, Any]) -> Done:
        """One act, on one item or on all that `items` names. PayloadError where it is none, KeyError where
        there is no such item, Changed where the item is not as it was seen."""
        action = request.get("action")
        first = check_id(request.get("id"))
        if action not in ACTIONS or action in ("undo", "redo"):
            raise PayloadError("no such action")
        with self._lock:
            if first in self._lines:
                # The answer was lost on its way, and the page sent it again.
                return self._say(self._list_act(self._lines[first]))
            blind = request.get("blind") is True
            if blind and action in ("add", "cut"):
                raise PayloadError("blind: others may have drawn or cut it already, which is not shown")
            if action == "add":
                items = [self._draw(request)]
            else:
                numbers = request.get("items")
                items = [self._get(n) for n in (numbers if isinstance(numbers, list) else [])]
            if not items or len(items) > 200 or (len(items) > 1 and action != "accept"):
                raise PayloadError("items: no item is given, or too many")
            if blind:
                items = [self._look_blind(reviewer, item) for item in items]
            self._check_seen(items, request.get("seen"))
            ids = [first, *(secrets.token_hex(16) for _ in items[1:])]
            lines = []
            for name, item in zip(ids, items, strict=True):
                find_target = self._find_machine_target if blind else self._find_target
                payload = check_payload(action, request.get("payload"), item, find_target)
                line = self._make(name, reviewer, action, self._target(item), self.digest(item), payload)
                lines.append(_mark_blind(line) if blind else self._settle(line, item, request.get("over")))
            if action == "add":
                self._index.add(items[0])
            return self._write(lines)

    def undo(self, reviewer: str, blind: bool = False) -> Done:
        """Undoes the reviewer's last act that stands, in a second look or not; nothing is touched where there
        is none."""
        with self._lock:
            return self._turn("undo", self._states.find_undo(reviewer), blind)

    def redo(self, reviewer: str, blind: bool = False) -> Done:
        """Does again what the reviewer's last undo undid, if nothing was decided since."""
        with self._lock:
            return self._turn("redo", self._states.find_redo(reviewer), blind)

    def _turn(self, action: ActionName, last: Decision | None, blind: bool) -> Done:
        if last is None:
            return Done(())
        act = [d for d in self._list_act(last) if self._states.is_standing(d) == (action == "undo")]
        lines = [
            self._make(secrets.token_hex(16), d.reviewer, action, d.target, d.seen, {"of": d.id}) for d in act
        ]
        return self._write(map(_mark_blind, lines) if blind else lines)

    def _list_act(self, decision: Decision) -> list[Decision]:
        """All that was written with a decision, as the acceptance of a page: it has the same time."""
        same = (decision.reviewer, decision.time, decision.action)
        return [d for d in self._lines.values() if (d.reviewer, d.time, d.action) == same]

    def _write(self, lines: Iterable[Decision]) -> Done:
        """All lines of one act, which have one time."""
        lines = list(lines)
        now = self._find_time(lines)
        written = []
        for line in lines:
            written.append(replace(line, time=now))
            self._log.append(written[-1])
        self._take(self._log.follow())
        return self._say(written)

    def _find_time(self, lines: Iterable[Decision]) -> str:
        """Now, and after all that is known of the same pairs: a clock that was put back, or another's that is
        ahead, may not let what was decided first have the last word."""
        known = (d for line in lines for pair in self._list_pairs(line) for d in self._of_pair.get(pair, ()))
        last = max((datetime.fromisoformat(d.time) for d in known), default=datetime.min.replace(tzinfo=UTC))
        moment = max(datetime.now(UTC), last + timedelta(microseconds=1))
        return moment.isoformat(timespec="microseconds")

    def _say(self, lines: Sequence[Decision]) -> Done:
        pairs = dict.fromkeys(pair for line in lines for pair in self._list_pairs(line))
        found = (self._index.find(pair) for pair in pairs)
        of = self._lines.get(str(lines[0].payload.get("of")), lines[0])
        near = self._index.list_page(of.target.document_sha256, of.target.page)
        numbers = tuple(i.number for i in found if i is not None)
        return Done(numbers, of.action, near[0].number if near else 0)

    def _list_pairs(self, line: Decision) -> list[str]:
        """The pairs that a line speaks of: its target, those merged into it, and those of what it undoes."""
        if (undone := self._lines.get(str(line.payload.get("of")))) is not None:
            return self._list_pairs(undone)
        others = line.payload["with"] if line.action == "merge" else ()
        return [line.target.pair_id, *(str(other["pair_id"]) for other in others)]

    def _take(self, lines: Iterable[Decision]) -> None:
        touched: dict[str, set[str]] = {}
        for read in lines:
            if read.id in self._lines:
                continue
            line = self._rename(read)
            self._lines[line.id] = line
            about: Iterable[str] = ()
            if line.id not in self._rebased.stale:
                about = self._states.add(line)
            elif self._index.find(line.target.pair_id) is not None:
                about = (line.target.pair_id,)
            for pair in about:
                touched.setdefault(pair, set()).add(line.reviewer)
            for pair in self._list_pairs(line):
                self._of_pair.setdefault(pair, []).append(line)
        for pair, reviewers in touched.items():
            item = self._index.find(pair) or self._index.add(self._remember(pair))
            if self._states.get(pair) is None and any(d.action == "add" for d in self._of_pair[pair]):
                # A figure that was drawn and taken back is none.
                self._index.hide_added(pair)
            self._put_state(item, self.judge(pair))
            self._compare(pair)
            self._changed.append((item.number, frozenset(reviewers)))

    def _compare(self, pair_id: str) -> None:
        """Notes what two reviewers said of a pair, the second of them blind."""
        lines = [line for line in self._of_pair.get(pair_id, ()) if line.id not in self._rebased.stale]
        self._double.pop(pair_id, None)
        if found := find_judgements(pair_id, lines):
            self._double[pair_id] = found

    def _rename(self, line: Decision) -> Decision:
        """The line with the pairs called as they are in this release."""
        now = self._rebased.now
        if line.action == "merge":
            others = [{**o, "pair_id": now.get(o["pair_id"], o["pair_id"])} for o in line.payload["with"]]
            line = replace(line, payload={**line.payload, "with": others})
        pair_id = now.get(line.target.pair_id)
        return line if pair_id is None else replace(line, target=replace(line.target, pair_id=pair_id))

    def _put_state(self, item: Item, standing: Standing) -> None:
        words = (*standing.fields.values(), item.title, item.caption, item.description)
        self._index.put_state(
            item.pair_id,
            standing.state,
            kind=standing.kind or item.kind,
            words=next((text for text in words if text), ""),
            who=standing.who,
            judges=standing.judges,
            checked=standing.is_checked,
            wrong=standing.is_checked and standing.state != "accepted",
            flagged=rate_flags(self._list_flags(item.pair_id, standing)),
        )

    def _list_flags(self, pair_id: str, standing: Standing) -> list[Flag]:
        """What became of the decisions on a pair, as long as nobody has decided since."""
        flags: list[Flag] = ["conflict"] if standing.state == "conflict" else []
        lines = [line.id for line in self._of_pair.get(pair_id, ()) if line.action != "note"]
        if lines and lines[-1] in self._rebased.stale:
            flags.append("stale")
        if lines and lines[-1] in self._rebased.moved:
            flags.append("rebased")
        return flags

    def _remember(self, pair_id: str) -> Item:
        """An item that the release lacks, as its first line has it: a figure drawn, or one that a decision
        took out."""
        line = self._of_pair[pair_id][0]
        # One that was merged into another is among those that the line takes in.
        target = next((t for t in list_targets(line) if t.pair_id == pair_id), line.target)
        near = self._index.list_page(target.document_sha256, target.page)
        return make_drawn(target, near[0] if near else None, line.payload.get("kind", "figure"))

    def _draw(self, request: dict[str, Any]) -> Item:
        """A figure drawn by hand on the page of the item `items[0]`."""
        numbers = request.get("items")
        near = self._get(numbers[0] if isinstance(numbers, list) and len(numbers) == 1 else None)
        payload = check_payload("add", request.get("payload"), near, self._find_target)
        box = tuple(payload["bbox"])
        pair_id = make_pair_id(near.document_sha256, near.page, [round(v) for v in box])
        if self._index.find(pair_id) is not None:
            raise PayloadError("add: there is a figure with this very box")
        target = Target(pair_id, near.document, near.document_sha256, near.page, box, "", "")
        return make_drawn(target, near, payload["kind"])

    def _get(self, number: object) -> Item:
        if not isinstance(number, int) or isinstance(number, bool):
            raise PayloadError("items: numbers are wanted")
        return self._index.get(number)

    def _find_target(self, number: object) -> Target:
        return self._target(self._get(number))

    def _find_machine_target(self, number: object) -> Target:
        machine = self._source.find_machine(self._get(number))
        if machine is None:
            raise PayloadError("blind: of one item it is not known what the machine made")
        return self._target(machine)

    def _look_blind(self, reviewer: str, item: Item) -> Item:
        """The item as the machine made it, where the reviewer may look at it blind."""
        state = self._states.get(item.pair_id)
        is_judged = state is not None and any(
            VERDICT in list_claims(d, state.names)
            for d in state.decisions
            if d.reviewer == reviewer and not is_blind(d)
        )
        machine = self._source.find_machine(item)
        if machine is None or is_judged or not is_sampled(item.pair_id):
            raise PayloadError("blind: this is not for a second look")
        return machine

    def _target(self, item: Item) -> Target:
        box = item.bbox or (0.0, 0.0, 0.0, 0.0)
        text = item.description[:MAX_TARGET_TEXT]
        return Target(item.pair_id, item.document, item.document_sha256, item.page, box, item.phash, text)

    def _check_seen(self, items: Sequence[Item], seen: object) -> None:
        known = seen if isinstance(seen, list) else []
        for item, digest in zip(items, known, strict=False):
            if digest is not None and item.number and digest != self.digest(item):
                raise Changed(item.pair_id)

    def _settle(self, line: Decision, item: Item, seen: object) -> Decision:
        """The line with the disputes that it ends: those on what it decides whose sides the reviewer saw."""
        known = set(map(str, seen)) if isinstance(seen, list) else set()
        claimed = list_claims(line, item.pair_id)
        sides = [
            [side.id for side in dispute.sides]
            for dispute in self.judge(item.pair_id).disputes
            if dispute.field in claimed or dispute.field == VERDICT
        ]
        over = sorted({side for some in sides if known.issuperset(some) for side in some})
        return replace(line, payload={**line.payload, "over": over}) if over else line

    def _make(
        self, name: str, reviewer: str, action: ActionName, target: Target, seen: str, payload: dict[str, Any]
    ) -> Decision:
        return Decision(name, "", reviewer, action, target, seen, payload)


def _mark_blind(line: Decision) -> Decision:
    return replace(line, payload={**line.payload, "blind": True})
