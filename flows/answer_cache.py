"""A model's answers, kept by the hash of all that was asked: so nothing is asked, or paid for, twice.

One JSON object a line. The work directory's file is appended to as answers come, each with one write that is
on disk when it returns. A curator's file beside the sources file is read first, and has the answers of all
builds in the order of their keys, which suits version control.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alignment.text.asking import Reply
from extractors.whole_files import write_atomically


@dataclass(slots=True)
class AnswerCache:
    """The answers by key; `own` is the work directory's file, `exported` the curator's. `unreadable` counts
    lines that are no answers, as after a power cut."""

    own: Path
    exported: Path | None = None
    answers: dict[str, Reply] = field(default_factory=dict)
    unreadable: int = 0
    _curated: dict[str, Reply] = field(default_factory=dict)

    def load(self) -> AnswerCache:
        """Reads both files, where they are; for the same key the curator's answer counts. OSError."""
        if self.own.exists():
            self.answers = self._read(self.own)
        if self.exported is not None and self.exported.exists():
            self._curated = self._read(self.exported)
            self.answers |= self._curated
        return self

    def _read(self, path: Path) -> dict[str, Reply]:
        found: dict[str, Reply] = {}
        for line in path.read_bytes().split(b"\n"):
            try:
                value: Any = json.loads(line) if line.strip() else None
                if value is not None:
                    found[str(value["key"])] = _make_reply(value)
            except (ValueError, KeyError, TypeError):
                self.unreadable += 1
        return found

    def add(self, key: str, reply: Reply) -> None:
        """Keeps an answer; on disk when this returns. OSError."""
        self.answers[key] = reply
        self.own.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.own, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            # A line that was torn ends here, and costs itself only.
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" * is_torn + _to_line(key, reply))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def export(self, keys: Iterable[str]) -> None:
        """Adds the answers of these keys to the curator's file, if there is one to be kept. OSError."""
        if self.exported is None:
            return
        before = self.exported.read_bytes() if self.exported.exists() else b""
        kept = self._curated | {key: self.answers[key] for key in keys}
        data = b"".join(_to_line(key, kept[key]) for key in sorted(kept))
        if kept and data != before:
            write_atomically(self.exported, data)


def _make_reply(value: Mapping[str, Any]) -> Reply:
    answer, counts = value["answer"], [value.get(name, 0) for name in ("prompt_tokens", "completion_tokens")]
    if not isinstance(answer, str) or not all(isinstance(count, int) for count in counts):
        raise TypeError("no answer")
    return Reply(answer, *counts)


def _to_line(key: str, reply: Reply) -> bytes:
    value = {
        "key": key,
        "answer": reply.content,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
    }
    # Half of a character, which a model may send, is kept too: gates refuse it.
    return (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
