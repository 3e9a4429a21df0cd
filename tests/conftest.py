"""Settings for all tests: one thread for each native library, and Prefect kept to itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from export.rows import Row

# Before numpy, OpenCV and onnxruntime are loaded; two test processes share the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.pop("PREFECT_API_URL", None)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `sources.toml`, two small books and the `release` that was built from them."""
    from book_making import run_culti, write_sources

    folder = tmp_path_factory.mktemp("built")
    write_sources(folder, extra='[gated.fields]\nName = "text"\n')
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release", "--workers", "2")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Rows of thirty drawn figures, four of them without text."""
    from release_making import make_rows

    return make_rows(tmp_path_factory.mktemp("figures"), count=30)


@pytest.fixture(scope="session")
def release(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release that is written of `rows`."""
    from release_making import SOURCE, make_build, make_info

    from export.release import write_release

    out = tmp_path_factory.mktemp("releases") / "drawn"
    write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    return out


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See `write_mixed_release`."""
    from conversion_making import write_mixed_release

    return write_mixed_release(tmp_path_factory.mktemp("mixed"))


@pytest.fixture(scope="session")
def converted(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `mixed` in each form, under the form's name."""
    from conversion_making import convert

    from export.convert import FORMATS
    from export.convert.tally import LEFT_OUT

    out = tmp_path_factory.mktemp("converted")
    for to in FORMATS:
        done = convert(mixed, to, out / to)
        assert to == "recipe" or (done.counts["rows"], done.counts[LEFT_OUT]) == (79, 11), to
    return out


@pytest.fixture
def mount_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small disk of a size such as `1m` and gives its folder; it is gone after the test."""
    disk = tmp_path / "disk"

    def mount(size: str) -> Path:
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
        root = os.name == "posix" and os.geteuid() == 0
        if not root or subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("only root can mount the small disk that this test fills")
        return disk

    yield mount
    if disk.is_mount():
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
