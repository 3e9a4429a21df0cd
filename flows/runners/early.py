"""A worker that begins while Prefect's server does: each imports for seconds, and a build needs both before
its first page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from flows.configuration import BuildRequest
from flows.workspace import Workspace

if TYPE_CHECKING:
    from flows.runners.pools import Processes

_waiting: ContextVar[Processes | None] = ContextVar("early", default=None)


@contextmanager
def hire_early(request: BuildRequest, workspace: Workspace) -> Iterator[Callable[[], None]]:
    """Calling what it gives begins the first worker of the build in the block; does nothing for other
    runners, and where the store has something, since then there may be nothing to do."""
    pool: Processes | None = None

    def begin() -> None:
        nonlocal pool
        if request.runner != "processes" or workspace.store.is_used():
            return
        from flows.runners.pools import Processes

        pool = Processes(workspace.logs / "workers.log")
        pool.begin(request.workers)
        _waiting.set(pool)

    token = _waiting.set(None)
    try:
        yield begin
    finally:
        _waiting.reset(token)
        if pool is not None:
            pool.dismiss(at_once=True)


def take_early() -> Processes | None:
    """The workers that began before, for whoever asks first."""
    pool = _waiting.get()
    _waiting.set(None)
    return pool
