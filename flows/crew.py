"""Tasks on workers: what is in the store is not done again, and what kills a worker costs itself only."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from prefect import Task

from extractors.errors import CultiError
from flows.jobs import Job, Receipt
from flows.ledger import Ledger
from flows.limits import Limits, Watch, find_cause, make_note
from flows.runners.base import Runner, RunnerError, WorkerDied
from flows.stages import find_receipt
from flows.store import StoreError, open_store

J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class Step(Generic[J]):
    """A task with the function that writes down what it could not do; without one, that is the caller's."""

    task: Task[[J, Watch], Receipt]
    abandon: Callable[[J, str], Receipt] | None = None


@dataclass(slots=True)
class Tally:
    """How many jobs there were, and how many of them the store had."""

    jobs: int = 0
    from_store: int = 0


class Crew:
    """The workers of one build: `workers` of them, or as many as the runner has by itself. A context; inside
    a Prefect flow only."""

    def __init__(self, runner: Runner, workers: int, limits: Limits | None = None) -> None:
        self.tally = Tally()
        self._limits = limits or Limits()
        self.workers = workers
        self._runner = runner
        self.ledger: Ledger | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # When it was interrupted, what workers do is not wanted any more.
        self._runner.dismiss(at_once=kind is not None)

    def work_off(
        self, step: Step[J], jobs: Sequence[J], on_receipt: Callable[[Receipt], None] = lambda _: None
    ) -> list[list[Receipt]]:
        """The receipts of each job, in order: one, or one for each of its pieces where the whole failed.

        StoreError and RunnerError end it; anything else is the job's own trouble, see Step.
        """
        receipts: dict[int, list[Receipt]] = {}
        todo: list[int] = []
        for index, job in enumerate(jobs):
            found = find_receipt(open_store(job.store), job)
            if found:
                receipts[index] = [found]
                on_receipt(found)
            else:
                todo.append(index)
        self.tally.jobs += len(jobs)
        self.tally.from_store += len(jobs) - len(todo)
        failed: list[tuple[int, str]] = []
        for at, outcome in self._run(step.task, [jobs[i] for i in todo]):
            if isinstance(outcome, str):
                failed.append((todo[at], outcome))
            else:
                receipts[todo[at]] = [outcome]
                on_receipt(outcome)
        for index, reason in sorted(failed):
            receipts[index] = self._work_off_pieces(step, jobs[index], reason)
            for receipt in receipts[index]:
                on_receipt(receipt)
        done = [receipts[index] for index in range(len(jobs))]
        if self.ledger is not None:
            self.ledger.note(jobs, done, set(todo))
        return done

    def _work_off_pieces(self, step: Step[J], job: J, reason: str) -> list[Receipt]:
        pieces = job.split() or [job]
        outcomes: dict[int, Receipt | str] = {}
        if len(pieces) == 1:
            # It had its own chance alone already.
            outcomes[0] = reason
        else:
            store = open_store(job.store)
            outcomes = {i: r for i, piece in enumerate(pieces) if (r := find_receipt(store, piece))}
            todo = [i for i in range(len(pieces)) if i not in outcomes]
            done = self._run_alone(step.task, [pieces[i] for i in todo])
            outcomes.update((todo[at], outcome) for at, outcome in done.items())
        receipts = []
        for index, piece in enumerate(pieces):
            outcome = outcomes[index]
            if isinstance(outcome, str):
                outcome = step.abandon(piece, outcome) if step.abandon else Receipt(piece.key, error=outcome)
            receipts.append(outcome)
        return receipts

    def _run(self, task: Task[[J, Watch], Receipt], jobs: Sequence[J]) -> Iterator[tuple[int, Receipt | str]]:
        """(index, receipt or what went wrong in one line) as jobs finish.

        When a worker dies, jobs beside its own may fail with it: in a pool of processes all, on Dask those
        that it had been given. So few are handed out at a time, and those that failed go again one by one.
        """
        waiting = list(reversed(range(len(jobs))))
        suspects: list[int] = []
        done: queue.Queue[tuple[int, Any]] = queue.Queue()
        under_way = 0
        while waiting or under_way:
            while waiting and not suspects and under_way < 2 * self.workers:
                self.workers = self._runner.muster(self.workers)
                index = waiting.pop()
                self._submit(task, jobs[index], index, done)
                under_way += 1
            index, future = done.get()
            under_way -= 1
            try:
                yield index, self._collect(future, jobs[index])
            except WorkerDied:
                suspects.append(index)
            except (StoreError, RunnerError):
                raise
            except Exception as error:
                yield index, _describe(error)
            if suspects and not under_way:
                for index, outcome in self._run_alone(task, [jobs[i] for i in suspects]).items():
                    yield suspects[index], outcome
                suspects = []

    def _run_alone(self, task: Task[[J, Watch], Receipt], jobs: Sequence[J]) -> dict[int, Receipt | str]:
        """One after the other, and one worker is there where that is for the build to say: so the culprit is
        known, and has all memory to itself."""
        outcomes: dict[int, Receipt | str] = {}
        done: queue.Queue[tuple[int, Any]] = queue.Queue()
        for index, job in enumerate(jobs):
            self._runner.muster(1)
            note = make_note()
            self._submit(task, job, index, done, note)
            _, future = done.get()
            try:
                outcomes[index] = self._collect(future, job)
            except WorkerDied:
                outcomes[index] = find_cause(open_store(job.store), note)
            except (StoreError, RunnerError):
                raise
            except Exception as error:
                outcomes[index] = _describe(error)
        return outcomes

    def _submit(
        self,
        task: Task[[J, Watch], Receipt],
        job: J,
        index: int,
        done: queue.Queue[tuple[int, Any]],
        note: str = "",
    ) -> None:
        try:
            future = self._runner.submit(task, job, Watch(self._limits, note=note))
        except WorkerDied as error:
            done.put((index, error))
            return
        future.add_done_callback(lambda finished: done.put((index, finished)))

    def _collect(self, future: Any, job: J) -> Receipt:  # noqa: ANN401 - a future, or why there is none
        if isinstance(future, WorkerDied):
            raise future
        receipt = self._runner.collect(future)
        if self._runner.address and open_store(job.store).get(receipt.key) is None:
            raise RunnerError(
                f"{job.store.place}: what the workers at {self._runner.address} made is not there; choose a "
                "--work that this machine and all workers see under the same name"
            )
        return receipt


def _describe(error: Exception) -> str:
    """One line for the report; what is not an error of ours goes to the log as a whole."""
    if isinstance(error, CultiError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory"
    logging.getLogger("prefect.culti").error("a job failed", exc_info=error)
    line = " ".join(str(error).split())
    return f"{type(error).__name__}: {line}"[:300]
