"""Workers of a Dask cluster: one made for this build, or the one at an address."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path

import dask
import distributed
from distributed.comm import CommClosedError
from prefect import Task
from prefect.futures import PrefectFuture
from prefect_dask import DaskTaskRunner

from flows.jobs import Receipt
from flows.limits import Watch
from flows.runners.base import J, RunnerError, WorkerDied, describe_loss
from flows.worker import LOG_VARIABLE, introduce, judge

# Until a scheduler answers, and until it has a worker.
_CONNECT_SECONDS = 20.0

_SETTINGS = {
    # A job is not tried on a second worker before the crew has had a look at it.
    "distributed.scheduler.allowed-failures": 0,
    # On a busy machine a new worker takes minutes, and a native library keeps one from saying that it lives.
    # Dask would give these up after some seconds, and a cluster without workers is waited for in vain.
    "distributed.deploy.lost-worker-timeout": "1 day",
    "distributed.scheduler.worker-ttl": None,
    "distributed.comm.timeouts.connect": "10 minutes",
}


class Dask:
    """Dask workers: `size` processes of one thread each, or those of the scheduler at `address`.

    Dask gives up on the jobs that a dead worker had, and on no others; its nanny begins a new worker.
    """

    def __init__(self, address: str, log: Path, scratch: Path) -> None:
        self.address = address
        self._log = log
        self._scratch = scratch
        self._cluster: distributed.LocalCluster | None = None
        self._runner: DaskTaskRunner | None = None
        self._size = 0

    def muster(self, size: int) -> int:
        """See Runner."""
        if not self.address and size != self._size:
            # One of them may just be coming back to life, and would be waited for.
            self.dismiss(at_once=True)
        if self._runner is None:
            _hush()
            if self.address:
                runner = DaskTaskRunner(address=self.address, client_kwargs={"timeout": _CONNECT_SECONDS})
            else:
                try:
                    self._cluster = self._begin_cluster(size)
                except Exception as error:
                    raise RunnerError(
                        f"Dask does not begin here ({describe_loss(error)}); choose another --runner"
                    ) from error
                runner = DaskTaskRunner(cluster=self._cluster)
            self._runner = runner
            runner.__enter__()
            self._size = self._join() if self.address else size
        return self._size

    def _begin_cluster(self, size: int) -> distributed.LocalCluster:
        # Kept for as long as this process: the cluster asks again when a worker is lost.
        dask.config.set(_SETTINGS | {"temporary-directory": str(self._scratch)})
        with _without_interrupts():
            return distributed.LocalCluster(
                n_workers=size,
                threads_per_worker=1,
                # No equal shares: one that draws a poster takes more than the others.
                memory_limit=0,
                # Nobody else on this machine can hand them work: that takes this build's certificates.
                security=True,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
                preload=["flows.worker"],
                env={LOG_VARIABLE: str(self._log.resolve())},
            )

    def _join(self) -> int:
        """Meets the workers at the address: there are some, and they have this build's code."""
        assert self._runner is not None
        server = os.environ.get("PREFECT_API_URL", "")
        try:
            client = self._runner.client
            client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
            answers = client.run(introduce, server, on_error="return")
            size = sum(client.nthreads().values())
        except Exception as error:
            raise RunnerError(
                f"no Dask scheduler with workers at {self.address} ({describe_loss(error)}); begin one by "
                "`dask scheduler` and `dask worker ADDRESS --nthreads 1`, or leave --runner-address out"
            ) from error
        for worker, answer in answers.items():
            if problem := judge(answer, server):
                raise RunnerError(f"the Dask worker {worker} {problem}")
        return int(size)

    def submit(self, task: Task[[J, Watch], Receipt], job: J, watch: Watch) -> PrefectFuture[Receipt]:
        """See Runner."""
        assert self._runner is not None
        future: PrefectFuture[Receipt] = self._runner.submit(task, parameters={"job": job, "watch": watch})
        return future

    def collect(self, future: PrefectFuture[Receipt]) -> Receipt:
        """See Runner."""
        try:
            return future.result()
        except distributed.KilledWorker as error:
            raise WorkerDied from error
        except (CancelledError, CommClosedError) as error:
            place = self.address or "this build's own cluster"
            raise RunnerError(f"the Dask scheduler is gone: {place} ({describe_loss(error)})") from error

    def dismiss(self, at_once: bool = False) -> None:
        """See Runner."""
        cluster, self._cluster = self._cluster, None
        runner, self._runner = self._runner, None
        if cluster is not None and at_once:
            for nanny in cluster.workers.values():
                nanny.auto_restart = False
            for child in multiprocessing.active_children():
                child.kill()
        if runner is not None:
            runner.__exit__(None, None, None)
        if cluster is not None:
            cluster.close()
            shutil.rmtree(self._scratch, ignore_errors=True)


def _hush() -> None:
    """Lets Dask and what is below it speak to this build's log, and not to the terminal."""
    for name in ("distributed", "distributed.client", "distributed.worker", "bokeh", "tornado", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    warnings.filterwarnings("ignore", module="distributed")


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C is held back from the threads and processes that begin here, and comes to this one a moment
    later: the build alone decides, and ends its workers."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
