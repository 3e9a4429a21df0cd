"""Tasks on workers: what is in the store is not done again, and what kills a worker costs itself only."""

from __future__ import annotations

import faulthandler
import logging
import multiprocessing
import multiprocessing.connection
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from prefect import Task
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from extractors.errors import CultiError
from flows.configuration import RunnerName
from flows.jobs import Job, Receipt
from flows.ledger import Ledger
from flows.stages import find_receipt
from flows.store import LocalStore, StoreError

J = TypeVar("J", bound=Job)
WORKER_DIED = "the worker process died (a crash in a native library, out of memory, or out of time)"


@dataclass(frozen=True, slots=True)
class Step(Generic[J]):
    """A task with the function that writes down what it could not do; without one, that is the caller's."""

    task: Task[[J], Receipt]
    abandon: Callable[[J, str], Receipt] | None = None


@dataclass(slots=True)
class Tally:
    """How many jobs there were, and how many of them the store had."""

    jobs: int = 0
    from_store: int = 0


class Crew:
    """The workers of one build. A context; inside a Prefect flow only."""

    def __init__(self, runner: RunnerName, workers: int, logs: Path) -> None:
        self.tally = Tally()
        self._kind = runner
        self._workers = workers
        self._logs = logs
        self._runner: TaskRunner[Any] | None = None
        self._size = 0
        self.ledger: Ledger | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # An interrupted pool may wait for ever for workers that wait for it. What they do is not wanted
            # any more, and the store keeps nothing that is half done.
            for child in multiprocessing.active_children():
                child.kill()
        self._dismiss()

    def work_off(
        self, step: Step[J], jobs: Sequence[J], on_receipt: Callable[[Receipt], None] = lambda _: None
    ) -> list[list[Receipt]]:
        """The receipts of each job, in order: one, or one for each of its pieces where the whole failed.

        StoreError ends it; anything else is the job's own trouble, see Step.
        """
        receipts: dict[int, list[Receipt]] = {}
        todo: list[int] = []
        for index, job in enumerate(jobs):
            found = find_receipt(LocalStore(job.store), job)
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
        # A job without pieces had its own chance alone already.
        outcomes.update(self._run_alone(step.task, pieces) if len(pieces) > 1 else {0: reason})
        receipts = []
        for index, piece in enumerate(pieces):
            outcome = outcomes[index]
            if isinstance(outcome, str):
                outcome = step.abandon(piece, outcome) if step.abandon else Receipt(piece.key, error=outcome)
            receipts.append(outcome)
        return receipts

    def _run(self, task: Task[[J], Receipt], jobs: Sequence[J]) -> Iterator[tuple[int, Receipt | str]]:
        """(index, receipt or what went wrong in one line) as jobs finish.

        When a worker dies the pool breaks, and all jobs in it fail with it. So few are in it at a time, and
        those go again one by one.
        """
        waiting = list(reversed(range(len(jobs))))
        suspects: list[int] = []
        done: queue.Queue[tuple[int, Any]] = queue.Queue()
        under_way = 0
        while waiting or under_way:
            while waiting and under_way < 2 * self._workers and not suspects:
                index = waiting.pop()
                self._submit(task, jobs[index], index, done)
                under_way += 1
            index, future = done.get()
            under_way -= 1
            try:
                yield index, future.result()
            except BrokenProcessPool:
                suspects.append(index)
            except StoreError:
                raise
            except Exception as error:
                yield index, _describe(error)
            if suspects and not under_way:
                self._dismiss()
                for index, outcome in self._run_alone(task, [jobs[i] for i in suspects]).items():
                    yield suspects[index], outcome
                suspects = []

    def _run_alone(self, task: Task[[J], Receipt], jobs: Sequence[J]) -> dict[int, Receipt | str]:
        """One after the other in a pool of one, made anew when it breaks: so the culprit is known."""
        outcomes: dict[int, Receipt | str] = {}
        done: queue.Queue[tuple[int, Any]] = queue.Queue()
        self._dismiss()
        for index, job in enumerate(jobs):
            self._submit(task, job, index, done, size=1)
            _, future = done.get()
            try:
                outcomes[index] = future.result()
            except BrokenProcessPool:
                self._dismiss()
                outcomes[index] = WORKER_DIED
            except StoreError:
                raise
            except Exception as error:
                outcomes[index] = _describe(error)
        self._dismiss()
        return outcomes

    def _submit(
        self,
        task: Task[[J], Receipt],
        job: J,
        index: int,
        done: queue.Queue[tuple[int, Any]],
        size: int | None = None,
    ) -> None:
        runner = self._muster(size or self._workers)
        try:
            future = runner.submit(task, parameters={"job": job})
        except BrokenProcessPool as error:
            done.put((index, _Broken(error)))
            return
        future.add_done_callback(lambda finished: done.put((index, finished)))

    def _muster(self, size: int) -> TaskRunner[Any]:
        if self._runner is None:
            if self._kind == "threads":
                self._runner = ThreadPoolTaskRunner(max_workers=size)
            else:
                initargs = (str(self._logs / "workers.log"),)
                self._runner = ProcessPoolTaskRunner(
                    max_workers=size, initializer=begin_work, initargs=initargs
                )
            self._runner.__enter__()
        return self._runner

    def _dismiss(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        # Workers tell Prefect their events by a queue. One that was killed while it wrote there holds the
        # queue's lock for ever, and Python would wait, at its end, until it could write there too.
        if messages := getattr(runner, "_subprocess_message_queue", None):
            messages.cancel_join_thread()
        runner.__exit__(None, None, None)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A future that was never made, for a pool that broke between two jobs."""

    error: BrokenProcessPool

    def result(self) -> Receipt:
        raise self.error


def begin_work(log: str) -> None:
    """A worker process: what native libraries write goes to the log, and it ends when the build does."""
    # Ctrl-C reaches the whole group; the build alone decides, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = Path(log).open("a", encoding="utf-8")  # noqa: SIM115 - open as long as the process
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    faulthandler.enable(file)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    # Workers hold both ends of their queue, so when a build is killed they would wait for ever.
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _describe(error: Exception) -> str:
    """One line for the report; what is not an error of ours goes to the log as a whole."""
    if isinstance(error, CultiError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory"
    logging.getLogger("prefect.culti").error("a job failed", exc_info=error)
    line = " ".join(str(error).split())
    return f"{type(error).__name__}: {line}"[:300]
