"""Versions of stages: what a stage runs changes them, and nothing else."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import alignment
from flows.versions import ALIGNING, version_stage


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Callable[[], str]]:
    """A copy of `alignment`, and what says its version."""
    folder = tmp_path / "alignment"
    shutil.copytree(Path(alignment.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    spec = importlib.util.spec_from_file_location(
        "alignment", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    return folder, lambda: version_stage.__wrapped__(("alignment",), ALIGNING)


@pytest.mark.parametrize("name", ["review/index.py", "decisions/states.py"])
def test_what_comes_after_the_pairs_aligns_no_book_anew(copied, name: str) -> None:
    folder, read_version = copied
    before = read_version()
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert read_version() == before


@pytest.mark.parametrize("name", ["pairing.py", "text/rules.py", "confidence.toml", "details.py"])
def test_what_makes_the_pairs_aligns_all_books_anew(copied, name: str) -> None:
    folder, read_version = copied
    before = read_version()
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert read_version() != before
