"""`culti doctor`: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from extractors.backend import PACKAGES
from flows.console import PROGRAM, say

_NAME = re.compile(r"^[A-Za-z0-9_.\-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
# Room for a store, overlays and a release of some books.
_LITTLE_ROOM = 5 * 2**30


def run_doctor(_: argparse.Namespace) -> int:
    """The command; 1 where a package of the main job is missing."""
    say(f"{PROGRAM} {_find_version(PROGRAM) or '(not installed)'}, Python {sys.version.split()[0]}")
    needed = _list_requirements()
    readers = {name for names in PACKAGES.values() for name in names}
    job = [name for name in needed.pop("", []) if name.lower() not in readers]
    missing = _describe("main job", job, "pip install -e .")
    usable = [reader for reader, names in PACKAGES.items() if not _describe_reader(reader, names)]
    for extra, names in sorted(needed.items()):
        _describe(f"extra {extra}", names, f"pip install '{PROGRAM}[{extra}]'")
    for line in _check_opencv():
        say(line)
    say(f"  OCR models: {_check_ocr()}")
    free = shutil.disk_usage(Path.cwd()).free
    room = "" if free > _LITTLE_ROOM else "; little for books of many plates"
    say(f"  disk: {free / 2**30:.0f} GB free here{room}")
    return 1 if missing or not usable else 0


def _describe_reader(reader: str, names: Sequence[str]) -> list[str]:
    """One of the readers is enough; without the other nothing stands in for it."""
    return _describe(f"--reader {reader}", list(names), f"pip install {' '.join(names)}")


def _list_requirements() -> dict[str, list[str]]:
    """Distributions by extra, "" for the main job, from the package's own metadata."""
    try:
        declared = importlib.metadata.requires(PROGRAM) or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in declared:
        name, extra = _NAME.match(line), _EXTRA.search(line)
        if name:
            found.setdefault(extra[1] if extra else "", []).append(name[0])
    return found


def _describe(title: str, names: list[str], cure: str) -> list[str]:
    versions = {name: _find_version(name) for name in names}
    missing = [name for name, version in versions.items() if not version]
    say(f"{title}: " + ("complete" if not missing else f"missing {', '.join(missing)}  →  {cure}"))
    present = [f"{name} {version}" for name, version in versions.items() if version]
    if present:
        say(f"  {', '.join(present)}")
    return missing


def _find_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _check_opencv() -> list[str]:
    """The three packages that write the same cv2/ must agree (see pyproject.toml)."""
    names = ("opencv-python", "opencv-python-headless", "opencv-contrib-python")
    versions = {name: _find_version(name) for name in names}
    if len({v for v in versions.values() if v}) > 1:
        listed = ", ".join(f"{n} {v}" for n, v in versions.items() if v)
        return [f"  OpenCV packages differ ({listed})  →  pip install -e . again"]
    return []


def _check_ocr() -> str:
    spec = importlib.util.find_spec("rapidocr")
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else None
    count = len(list(folder.glob("*.onnx"))) if folder and folder.is_dir() else 0
    return f"{count} bundled" if count else "none bundled  →  pip install rapidocr, or --ocr FOLDER"
