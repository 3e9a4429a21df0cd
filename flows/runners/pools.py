"""Workers on this machine without anything more: processes, or threads."""

from __future__ import annotations

import multiprocessing
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from prefect import Task
from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from flows.jobs import Receipt
from flows.limits import Watch
from flows.runners.base import J, WorkerDied
from flows.worker import begin_work, import_steps


class Processes:
    """A pool of processes; what they write goes to `log`. When one dies all jobs in the pool fail with it."""

    address = ""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._runner: ProcessPoolTaskRunner | None = None
        self._size = 0
        self._is_broken = False

    def muster(self, size: int) -> int:
        """See Runner."""
        if self._is_broken or size != self._size:
            self.dismiss()
        if self._runner is None:
            self._size, self._is_broken = size, False
            self._runner = ProcessPoolTaskRunner(
                max_workers=size, initializer=begin_work, initargs=(str(self._log),)
            )
            self._runner.__enter__()
        return self._size

    def begin(self, size: int) -> None:
        """Begins one worker; others, to `size`, begin as jobs come."""
        self.muster(size)
        # Prefect's own way to hand out work needs its server, which may not be there yet.
        if executor := getattr(self._runner, "_executor", None):
            executor.submit(import_steps)

    def submit(self, task: Task[[J, Watch], Receipt], job: J, watch: Watch) -> PrefectFuture[Receipt]:
        """See Runner."""
        assert self._runner is not None
        try:
            return self._runner.submit(task, parameters={"job": job, "watch": watch})
        except BrokenProcessPool as error:
            self._is_broken = True
            raise WorkerDied from error

    def collect(self, future: PrefectFuture[Receipt]) -> Receipt:
        """See Runner."""
        try:
            return future.result()
        except BrokenProcessPool as error:
            self._is_broken = True
            raise WorkerDied from error

    def dismiss(self, at_once: bool = False) -> None:
        """See Runner."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        if at_once:
            # An interrupted pool may wait for ever for workers that wait for it. What they do is not wanted
            # any more, and the store keeps nothing that is half done.
            for child in multiprocessing.active_children():
                child.kill()
        # Workers tell Prefect their events by a queue. One that was killed while it wrote there holds the
        # queue's lock for ever, and Python would wait, at its end, until it could write there too.
        if messages := getattr(runner, "_subprocess_message_queue", None):
            messages.cancel_join_thread()
        runner.__exit__(None, None, None)


class Threads:
    """A pool of threads. None dies without the build."""

    address = ""

    def __init__(self) -> None:
        self._runner: TaskRunner[Any] | None = None
        self._size = 0

    def muster(self, size: int) -> int:
        """See Runner."""
        if size != self._size:
            self.dismiss()
        if self._runner is None:
            self._size = size
            self._runner = ThreadPoolTaskRunner(max_workers=size)
            self._runner.__enter__()
        return self._size

    def submit(self, task: Task[[J, Watch], Receipt], job: J, watch: Watch) -> PrefectFuture[Receipt]:
        """See Runner."""
        assert self._runner is not None
        future: PrefectFuture[Receipt] = self._runner.submit(task, parameters={"job": job, "watch": watch})
        return future

    def collect(self, future: PrefectFuture[Receipt]) -> Receipt:
        """See Runner."""
        return future.result()

    def dismiss(self, at_once: bool = False) -> None:
        """See Runner. Threads cannot be ended: waits for the jobs that they are at."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.__exit__(None, None, None)
