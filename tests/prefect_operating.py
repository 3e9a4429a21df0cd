"""A Prefect server with SQLite and a worker on loopback, as an operator runs them, and their API."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from book_making import make_environment

# Of a slow machine that others use too.
PATIENCE_S = 600.0
PREFECT_YAML = Path(__file__).parent.parent / "prefect.yaml"


@dataclass(frozen=True)
class Operating:
    """A server, and a folder that `prefect.yaml` was deployed from."""

    address: str
    folder: Path
    database: Path

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the API says: to a POST of `body`, or to a GET."""
        url = f"{self.address}/{path}"
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = httpx.get(url, timeout=60) if body is None else httpx.post(url, json=body, timeout=60)
            # The server says so while another has SQLite's lock; Prefect's own clients ask again too.
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                answer.raise_for_status()
                return answer.json()
            time.sleep(0.5)

    def run(self, deployment: str, **parameters: object) -> dict[str, Any]:
        """A run of a deployment with these parameters, when it has ended."""
        found = self.ask(f"deployments/name/{deployment}")
        run = self.ask(f"deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            run = self.ask(f"flow_runs/{run['id']}")
            if run["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                return run
            time.sleep(0.5)
        raise TimeoutError(f"{deployment} is still {run['state']['name']}")

    def list_artifacts(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The artifacts of a run by key."""
        body = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}}
        return {artifact["key"]: artifact for artifact in self.ask("artifacts/filter", body)}


@contextmanager
def operate(home: Path, folder: Path) -> Iterator[Operating]:
    """In the block both run, and the deployments of `prefect.yaml` are there, for paths from `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/api"
    home.mkdir()
    shutil.copy(PREFECT_YAML, folder)
    environment = {
        **make_environment(),
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": address,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    with ExitStack() as running:
        with (home / "server.log").open("w") as log:
            call = ("server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui")
            running.enter_context(_keep_running(call, environment, folder, log))
        _wait_for(f"{address}/health", home / "server.log")
        _prefect(("work-pool", "create", "culti", "--type", "process"), environment, folder)
        _prefect(("--no-prompt", "deploy", "--all"), environment, folder)
        with (home / "worker.log").open("w") as log:
            call = ("worker", "start", "--pool", "culti")
            running.enter_context(_keep_running(call, environment, folder, log))
        yield Operating(address, folder, home / "prefect.db")


def _prefect(call: tuple[str, ...], environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *call],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _keep_running(
    call: tuple[str, ...], environment: dict[str, str], folder: Path, log: Any
) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", *call],
        env=environment,
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield
    finally:
        # Flow runs are processes of the worker's group.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise TimeoutError(log.read_text())


def read_row(artifact: dict[str, Any], row: int = 0) -> dict[str, Any]:
    """A row of a table artifact."""
    found: dict[str, Any] = json.loads(artifact["data"])[row]
    return found
