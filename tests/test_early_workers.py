"""A build's first worker begins while Prefect's server does, where there is work for it; and never stays."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from flows.configuration import BuildRequest
from flows.runners.early import hire_early, take_early
from flows.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "work")
    workspace.logs.mkdir(parents=True)
    return workspace


def request_of(workspace: Workspace, **more: str) -> BuildRequest:
    return BuildRequest(books=(), out=workspace.root.parent / "r", work=workspace.root, workers=2, **more)


def count_workers(wanted: int, seconds: float = 60.0) -> int:
    """How many there are, once they are as many as wanted or the time is over."""
    deadline = time.monotonic() + seconds
    while len(multiprocessing.active_children()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(multiprocessing.active_children())


def test_one_worker_begins_is_taken_once_and_is_gone_at_the_end(workspace):
    with hire_early(request_of(workspace), workspace) as begin:
        assert take_early() is None
        begin()
        assert count_workers(1) == 1
        assert take_early() is not None and take_early() is None
    assert count_workers(0) == 0


@pytest.mark.parametrize("runner", ["threads", "dask"])
def test_other_runners_begin_by_themselves(workspace, runner):
    with hire_early(request_of(workspace, runner=runner), workspace) as begin:
        begin()
        assert take_early() is None and not multiprocessing.active_children()


def test_where_the_store_has_something_there_may_be_nothing_to_do(workspace):
    records = Path(workspace.store.place) / "records" / "ab"
    records.mkdir(parents=True)
    with hire_early(request_of(workspace), workspace) as begin:
        begin()
        assert take_early() is None and not multiprocessing.active_children()
