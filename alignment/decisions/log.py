"""`decisions.jsonl`: appended to and never changed, whole after any crash, one line a decision.

Git may merge two logs line by line (`decisions.jsonl merge=union`): the order of lines means nothing, for
`alignment.decisions.states` goes by the decisions' times.
"""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock

from alignment.decisions.lines import read_line, write_line
from alignment.decisions.records import Decision
from extractors.errors import CultiError
from extractors.whole_files import sync

# So much before the place where reading ended tells whether the file is still the one that was read.
_KNOWN_BYTES = 512


class LogError(CultiError):
    """The log cannot be read or written: no permission, a full disk."""


class DecisionLog:
    """The log at `path`, which the first decision makes. Several processes may append and read at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))
        self._known: set[str] = set()
        self._place = 0
        self._before = b""

    def append(self, decision: Decision) -> None:
        """Puts the decision at the end; it is safe on disk when this returns. ValueError in one line where it
        is no decision, LogError where it cannot be written, and then the log is as it was."""
        line = write_line(decision)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                _append(self.path, line)
        except OSError as error:
            raise LogError(
                f"{self.path}: cannot be written ({error.strerror or error}); nothing was kept"
            ) from error

    def read(self) -> tuple[list[Decision], list[str]]:
        """All decisions in the order of their lines, and one line on each that cannot be read."""
        return _read_lines(_load(self.path), self.path.name)

    def follow(self) -> list[Decision]:
        """What came since the last call, whoever wrote it; at first all. Lines that cannot be read are left
        out, and one that is still being written comes with a later call. LogError where it cannot be read."""
        data = self._read_news()
        whole = data[: data.rfind(b"\n") + 1]
        self._place += len(whole)
        self._before = (self._before + whole)[-_KNOWN_BYTES:]
        news = [d for d in _read_lines(whole, self.path.name)[0] if d.id not in self._known]
        unseen = {d.id: d for d in news}
        self._known.update(unseen)
        return list(unseen.values())

    def _read_news(self) -> bytes:
        """What stands behind the place where reading ended, or all where the file is another now, as after a
        merge."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._place - len(self._before))
                data = file.read()
                if data.startswith(self._before):
                    return data[len(self._before) :]
                file.seek(0)
                self._place, self._before = 0, b""
                return file.read()
        except FileNotFoundError:
            self._place, self._before = 0, b""
            return b""
        except OSError as error:
            raise LogError(f"{self.path}: cannot be read ({error.strerror})") from error


def _load(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror})") from error


def _read_lines(data: bytes, name: str) -> tuple[list[Decision], list[str]]:
    decisions: list[Decision] = []
    troubles: list[str] = []
    # Not splitlines: a text may hold other separators of lines.
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            decisions.append(read_line(line))
        except ValueError as error:
            reason = " ".join(str(error).split())[:160]
            troubles.append(
                f"{name}, line {number}: no decision ({reason}); it is left out, mend or remove it"
            )
    return decisions, troubles


def _append(path: Path, line: bytes) -> None:
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    try:
        size = os.fstat(descriptor).st_size
        torn = _find_torn(path, size)
        if torn and _is_decision(torn):
            # Whole, but for its end: an editor took that off.
            line = b"\n" + line
        elif torn:
            _keep_torn(path.with_name(f"{path.name}.torn"), torn)
            size -= len(torn)
            os.ftruncate(descriptor, size)
        try:
            written = os.write(descriptor, line)
            if written < len(line):
                raise OSError(f"{written} of {len(line)} bytes")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        sync(path.parent)


def _find_torn(path: Path, size: int) -> bytes:
    """What stands behind the last line's end."""
    with path.open("rb") as file:
        tail, start = b"", size
        while start and b"\n" not in tail:
            step = min(start, 1 << 16)
            start -= step
            file.seek(start)
            tail = file.read(step) + tail
    return tail[tail.rfind(b"\n") + 1 :]


def _is_decision(line: bytes) -> bool:
    try:
        read_line(line)
    except ValueError:
        return False
    return True


def _keep_torn(path: Path, torn: bytes) -> None:
    with path.open("ab") as file:
        file.write(torn + b"\n")
        file.flush()
        os.fsync(file.fileno())
