"""Who is at the page, and who looks at which item: in memory, for only the log must last."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LEASE_SECONDS = 180.0
_MOST_SESSIONS = 500
_MOST_LEASES = 8


@dataclass(slots=True)
class Session:
    """One browser; `reviewer` is the name that its decisions carry, empty until one is given."""

    key: str
    reviewer: str


class Sessions:
    """All sessions by their cookie; the longest unused go first where there are too many."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, reviewer: str) -> Session:
        """A new one."""
        session = Session(secrets.token_urlsafe(24), reviewer)
        with self._lock:
            self._found[session.key] = session
            while len(self._found) > _MOST_SESSIONS:
                self._found.popitem(last=False)
        return session

    def find(self, key: str) -> Session | None:
        """The session of a cookie."""
        with self._lock:
            session = self._found.get(key)
            if session is not None:
                self._found.move_to_end(key)
            return session


@dataclass(frozen=True, slots=True)
class _Lease:
    client: str
    reviewer: str
    until: float


class Leases:
    """Which item is before whom. A client is one tab: two tabs of one reviewer get two items as well."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[int, _Lease] = {}
        self._lock = threading.Lock()

    def take(self, client: str, reviewer: str, numbers: Iterable[int]) -> dict[int, str]:
        """Leases these items to a client, which loses those it had, as far as no other has them; the
        names of who has what is not given."""
        now = self._clock()
        wanted = list(numbers)[:_MOST_LEASES]
        with self._lock:
            self._held = {n: k for n, k in self._held.items() if k.until > now and k.client != client}
            refused = {n: self._held[n].reviewer for n in wanted if n in self._held}
            until = now + LEASE_SECONDS
            self._held |= {n: _Lease(client, reviewer, until) for n in wanted if n not in refused}
            return refused

    def list_others(self, client: str) -> dict[int, str]:
        """Items that others have, and their names."""
        now = self._clock()
        with self._lock:
            return {n: k.reviewer for n, k in self._held.items() if k.until > now and k.client != client}
