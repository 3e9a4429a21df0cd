"""What the crew asks of those who do the jobs, and their errors.

CultiError
└── RunnerError   no workers can be had, or all are gone: ends a build
WorkerDied        one worker is gone, and the job with it
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from prefect import Task
from prefect.futures import PrefectFuture

from extractors.errors import CultiError
from flows.jobs import Job, Receipt
from flows.limits import Watch

J = TypeVar("J", bound=Job)


class RunnerError(CultiError):
    """Workers cannot be had, or all are gone; another try may do."""


class WorkerDied(Exception):
    """The worker that had the job is gone. Jobs beside it may have gone with it."""


class Runner(Protocol):
    """Workers, by one of Prefect's task runners; none are there before `muster`."""

    @property
    def address(self) -> str:
        """Where the workers are, if they are not this build's own: these may have another code, see other
        folders, and stay when it ends. Empty for its own."""

    def muster(self, size: int) -> int:
        """Sees to it that `size` workers are there, and no more, where that is for the build to say; none
        may be at work if it is another number than before. Gives how many there are. RunnerError where none
        can be had."""

    def submit(self, task: Task[[J, Watch], Receipt], job: J, watch: Watch) -> PrefectFuture[Receipt]:
        """Hands a job to some worker; WorkerDied where it is gone already."""

    def collect(self, future: PrefectFuture[Receipt]) -> Receipt:
        """The receipt of a job that is done. WorkerDied, RunnerError, or whatever the job raised."""

    def dismiss(self, at_once: bool = False) -> None:
        """Ends the build's own workers, in the midst of their jobs if `at_once`, and leaves others alone."""


def describe_loss(error: BaseException | None) -> str:
    """An error of a library in one line of 200 characters at most."""
    line: Any = " ".join(str(error).split())
    return f"{type(error).__name__}: {line}"[:200] if line else type(error).__name__
