"""A Dask cluster as someone else begins it, for builds that are given its address."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
