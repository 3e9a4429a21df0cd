"""Clusters of Dask and Ray as someone else begins them, for builds that are given their address."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from book_making import make_environment


@contextmanager
def serve_dask(folder: Path, workers: int, path: Path | None = None) -> Iterator[str]:
    """A scheduler and worker processes under nannies; gives the scheduler's address. `path` goes before all
    that they import from."""
    file = folder / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = ["worker", "--nthreads", "1", "--local-directory", str(folder)]
    with ExitStack() as stack:
        log = stack.enter_context((folder / "cluster.log").open("wb"))
        for name, *options in [scheduler, *[worker] * workers]:
            call = [sys.executable, "-m", f"distributed.cli.dask_{name}", *options]
            process = subprocess.Popen(
                [*call, "--scheduler-file", str(file), "--no-dashboard"],
                stdout=log,
                stderr=log,
                env=make_environment(path),
                cwd=folder,
            )
            stack.callback(_end, process)
        yield _wait_for_address(file)


@contextmanager
def serve_ray(folder: Path, workers: int) -> Iterator[str]:
    """Ray's head with a door for clients; gives the address of that."""
    port, door = _find_ports(2)
    # Its sockets lie there, whose names may not be long.
    place = tempfile.mkdtemp(prefix="ray")
    call = [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "start",
        "--head",
        "--block",
        "--disable-usage-stats",
    ]
    call += ["--port", str(port), "--ray-client-server-port", str(door), "--num-cpus", str(workers)]
    call += [
        "--include-dashboard",
        "false",
        "--node-ip-address",
        "127.0.0.1",
        "--temp-dir",
        place,
    ]
    with (folder / "ray.log").open("wb") as log:
        process = subprocess.Popen(call, stdout=log, stderr=log, env=make_environment(), cwd=folder)
    try:
        _wait_for_port(door)
        yield f"ray://127.0.0.1:{door}"
    finally:
        _end(process)
        shutil.rmtree(place, ignore_errors=True)


def _find_ports(count: int) -> list[int]:
    """Ports that nobody has."""
    with ExitStack() as stack:
        free = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in free]


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        time.sleep(0.2)
    raise TimeoutError("Ray did not begin")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(120)


def _wait_for_address(file: Path) -> str:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text(encoding="utf-8")):
            address: str = json.loads(text)["address"]
            return address
        time.sleep(0.1)
    raise TimeoutError("the Dask scheduler did not begin")
