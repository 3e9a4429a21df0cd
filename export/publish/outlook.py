"""What a target is asked, and what it answers: what would go, what is there, what keeps it from going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from export.publish.contents import File, Release, Tell

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """How things stand at a target before anything is written there.

    `where` is the place of this release; `missing` are its files that are not there as they should be, in the
    order in which they go; `present` those that are; `steps` is what else is left to do, in words; `conflict`
    says what other content has this version, empty where none has; `notes` are for the user.
    """

    where: str
    missing: tuple[File, ...]
    present: tuple[File, ...]
    steps: tuple[str, ...] = ()
    conflict: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the release is there as a whole and nothing is left to do."""
        return not (self.missing or self.steps or self.conflict)


class Target(Protocol):
    """A place for releases. Both calls raise PublishError in one line, with no credential in it."""

    def look(self, release: Release) -> Outlook:
        """Finds out how things stand; writes nothing."""

    def send(self, release: Release, outlook: Outlook, sent: Sent) -> None:
        """Does what the outlook says is left, replaces what is in conflict, and checks what is there then."""


class Sent:
    """How much was sent. `begun` tells whether anything was written at the target."""

    def __init__(self, files: Sequence[File], tell: Tell) -> None:
        self.begun = False
        self._total = sum(file.size for file in files)
        self._done = 0
        self._tell = tell

    def begin(self) -> None:
        """Something was written."""
        self.begun = True

    def show(self, position: int) -> None:
        """So many bytes of the file that is being sent have gone."""
        # A bar that is full ends the step; the last byte counts when the file is known to be there.
        done = min(self._done + position, self._total - 1)
        self._tell("MB sent", done // _MB, -(-self._total // _MB))

    def finish(self, file: File) -> None:
        """A file is there."""
        self.begun = True
        self._done += file.size
        rounded = -(-self._done // _MB) if self._done == self._total else self._done // _MB
        self._tell("MB sent", rounded, -(-self._total // _MB))


def show_bytes(count: int) -> str:
    """A size for people: `412 B`, `3.1 kB`, `27.4 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
