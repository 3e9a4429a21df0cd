"""Workers of a Ray cluster: one made for this build, or the one at an address."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# Before Ray is imported: it tells nobody who uses it, and leaves alone what says which GPUs there are. On a
# busy machine its processes take minutes to begin and to answer, and it would give them up.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_worker_register_timeout_seconds": "600",
    "RAY_agent_register_timeout_ms": "600000",
    "RAY_gcs_server_request_timeout_seconds": "600",
    "RAY_health_check_failure_threshold": "100",
}

import ray
from prefect import Task
from prefect.futures import PrefectFuture
from prefect_ray import RayTaskRunner
from prefect_ray.context import remote_options
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from flows.jobs import Receipt
from flows.limits import Watch
from flows.runners.base import J, RunnerError, WorkerDied, describe_loss
from flows.worker import LOG_VARIABLE, introduce, judge

_PROBE_SECONDS = 60.0
# Ray gives its own node 30 s to begin, and there is no setting for it.
_TRIES = 4
# What goes through Ray is paths and counts. This is about the least that it takes.
_OBJECT_STORE_BYTES = 100 * 2**20
# The name of a Unix socket has 103 bytes at most; below its own folder Ray takes these for it.
_SOCKET_ROOM = 103 - len("/session_2026-01-01_00-00-00_000000_0000000/sockets/plasma_store")

_DEATHS = (
    ray.exceptions.WorkerCrashedError,
    ray.exceptions.OutOfMemoryError,
    ray.exceptions.NodeDiedError,
    ray.exceptions.LocalRayletDiedError,
    ray.exceptions.ObjectLostError,
)


class Ray:
    """Ray workers: `size` processes, or as many as the cluster at `address` has CPUs.

    Ray gives up on the job that a dead worker had, and begins a new worker.
    """

    def __init__(self, address: str, log: Path, scratch: Path) -> None:
        self.address = address
        self._log = log
        self._scratch = scratch
        self._runner: RayTaskRunner[Any] | None = None
        self._folder: Path | None = None
        self._size = 0

    def muster(self, size: int) -> int:
        """See Runner. As many stay as came first: Ray ends this process where something of a cluster that was
        is touched, be it by the garbage collector, so there is one cluster for a build."""
        if self._runner is None:
            with _keep_handler():
                self._size = self._join() if self.address else self._begin_cluster(size)
            self._runner = RayTaskRunner()
            self._runner.__enter__()
        return self._size

    def _begin_cluster(self, size: int) -> int:
        problem: Exception | None = None
        for _ in range(_TRIES):
            try:
                return self._begin_once(size)
            except Exception as error:
                problem = error
                if self._folder is not None:
                    _end_processes(self._folder)
                self.dismiss()
        raise RunnerError(
            f"Ray does not begin here ({describe_loss(problem)}); choose another --runner"
        ) from problem

    def _begin_once(self, size: int) -> int:
        self._folder = _choose_folder(self._scratch)
        _hush()
        ray.init(
            "local",
            num_cpus=size,
            object_store_memory=_OBJECT_STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            runtime_env={
                "worker_process_setup_hook": "flows.worker.begin_ray_work",
                "env_vars": {LOG_VARIABLE: str(self._log.resolve())},
            },
            _temp_dir=str(self._folder),
        )
        return size

    def _join(self) -> int:
        """Meets the nodes at the address: there are some, and they have this build's code."""
        server = os.environ.get("PREFECT_API_URL", "")
        try:
            _hush()
            ray.init(self.address, log_to_driver=False, logging_level=logging.CRITICAL)
            answers = self._ask_nodes(server)
            size = int(ray.cluster_resources().get("CPU", 0))
        except Exception as error:
            ray.shutdown()
            raise RunnerError(
                f"no Ray cluster to work with at {self.address} ({describe_loss(error)}); begin one by "
                "`ray start --head`, or leave --runner-address out"
            ) from error
        for node, answer in answers.items():
            if problem := judge(answer, server):
                ray.shutdown()
                raise RunnerError(f"the Ray node {node} {problem}")
        return max(1, size)

    def _ask_nodes(self, server: str) -> dict[str, object]:
        nodes = {n["NodeID"]: n["NodeManagerAddress"] for n in ray.nodes() if n["Alive"]}
        asked = {}
        for node in nodes:
            there = NodeAffinitySchedulingStrategy(node, soft=False)
            probe = ray.remote(introduce).options(num_cpus=0, max_retries=0, scheduling_strategy=there)
            asked[node] = probe.remote(server)
        answers: dict[str, object] = {}
        for node, answer in asked.items():
            try:
                answers[nodes[node]] = ray.get(answer, timeout=_PROBE_SECONDS)
            except Exception as error:
                answers[nodes[node]] = error
        return answers

    def submit(self, task: Task[[J, Watch], Receipt], job: J, watch: Watch) -> PrefectFuture[Receipt]:
        """See Runner."""
        assert self._runner is not None
        # A job is not tried on a second worker before the crew has had a look at it.
        with remote_options(max_retries=0, num_cpus=1):
            future: PrefectFuture[Receipt] = self._runner.submit(
                task, parameters={"job": job, "watch": watch}
            )
        return future

    def collect(self, future: PrefectFuture[Receipt]) -> Receipt:
        """See Runner."""
        try:
            return future.result()
        except _DEATHS as error:
            raise WorkerDied from error
        except (ray.exceptions.RaySystemError, ConnectionError) as error:
            place = self.address or "this build's own cluster"
            raise RunnerError(f"Ray is gone: {place} ({describe_loss(error)})") from error

    def dismiss(self, at_once: bool = False) -> None:
        """See Runner."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.__exit__(None, None, None)
        ray.shutdown()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _hush() -> None:
    """Ray prints what befalls its workers, whatever it is told of logs; it goes to this build's log."""
    ray._private.worker.print_to_stdstream = _log_lines


def _log_lines(data: dict[str, Any], ignore_prefix: bool) -> None:
    logging.getLogger("prefect.ray").warning(" ".join(map(str, data["lines"])))


def _end_processes(folder: Path) -> None:
    """Ends what was begun for a cluster in `folder` that did not come to be."""
    import psutil

    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if any(str(folder) in word for word in child.cmdline()):
                child.kill()


@contextmanager
def _keep_handler() -> Iterator[None]:
    """Ray would end this process at once where SIGTERM asks it to end; after the block it does as before."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


def _choose_folder(scratch: Path) -> Path:
    """Where Ray keeps sockets and logs: in the work directory if their names are not too long there."""
    wanted = scratch.resolve()
    if len(os.fsencode(wanted)) <= _SOCKET_ROOM:
        # What is there was left by a build that was killed.
        shutil.rmtree(wanted, ignore_errors=True)
        return wanted
    place = tempfile.gettempdir()
    if len(place) + len("/culti-ray-xxxxxxxx") > _SOCKET_ROOM:
        place = "/tmp"
    return Path(tempfile.mkdtemp(prefix="culti-ray-", dir=place))
