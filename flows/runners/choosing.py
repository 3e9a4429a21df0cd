"""The runner that a call asks for: whether it can be had, and the runner itself."""

from __future__ import annotations

import importlib.util
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flows.configuration import ConfigurationError, RunnerName
from flows.workspace import Workspace

if TYPE_CHECKING:
    from flows.runners.base import Runner

_MODULES = {"dask": "prefect_dask", "ray": "prefect_ray"}
_EXAMPLES = {"dask": "tcp://HOST:8786", "ray": "ray://HOST:10001"}
_CONNECT_SECONDS = 10.0


def check_runner(name: RunnerName, address: str, workers: int | None) -> None:
    """ConfigurationError where the extra is not installed, nobody answers at the address, or `workers` were
    asked of a cluster that has its own."""
    if address and name not in _MODULES:
        raise ConfigurationError(f"--runner-address {address} is for --runner dask or ray, not {name}")
    if address and workers:
        raise ConfigurationError(f"--workers {workers}: the cluster at {address} has its own; leave it out")
    module = _MODULES.get(name)
    if module and importlib.util.find_spec(module) is None:
        raise ConfigurationError(f"--runner {name} needs the extra {name}: pip install 'culti[{name}]'")
    if address and not (name == "ray" and address == "auto"):
        _knock(name, address)


def _knock(name: str, address: str) -> None:
    parts = urlsplit(address if "://" in address else f"//{address}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise ConfigurationError(f"--runner-address {address}: an address like {_EXAMPLES[name]} is wanted")
    try:
        socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or "no answer"
        raise ConfigurationError(
            f"--runner-address {address}: nobody answers there ({reason}); begin the cluster first, or leave "
            "the address out for one of this build's own"
        ) from error


def choose_runner(name: RunnerName, address: str, workspace: Workspace) -> Runner:
    """The runner; its workers begin with the first job, where none began before (`flows.runners.early`)."""
    log = workspace.logs / "workers.log"
    if name == "threads":
        from flows.runners.pools import Threads

        return Threads()
    if name == "dask":
        from flows.runners.dask_cluster import Dask

        return Dask(address, log, workspace.root / "dask")
    if name == "ray":
        from flows.runners.ray_cluster import Ray

        return Ray(address, log, workspace.root / "ray")
    from flows.runners.early import take_early
    from flows.runners.pools import Processes

    return take_early() or Processes(log)
