"""The peers' virtual environments, one for each, made on first use and kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.extraction.contestants import Contestant

_MOST_SECONDS = 1800


class MissingError(Exception):
    """A contestant cannot be had here; the message says why in one line."""


def prepare_environment(contestant: Contestant, folder: Path) -> Path:
    """The Python to run the contestant with. MissingError where something is missing."""
    if contestant.program and shutil.which(contestant.program) is None:
        raise MissingError(f"not run: there is no `{contestant.program}` here")
    if not contestant.requirements:
        return Path(sys.executable)
    place = folder / contestant.environment
    python = place / "bin" / "python"
    if not (place / "installed").exists():
        shutil.rmtree(place, ignore_errors=True)
        _call([sys.executable, "-m", "venv", str(place)])
        _call([str(python), "-m", "pip", "install", "--quiet", *contestant.requirements])
        (place / "installed").touch()
    return python


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"not installed: {error}") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise MissingError(f"not installed: {last[:160]}")
