"""`culti doctor`: what is installed, what is missing or known to be bad, and the command that cures it."""

from __future__ import annotations

import argparse
import importlib.metadata
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement

from extractors.backend import PACKAGES
from flows.console import PROGRAM, say
from flows.doctor_checks import (
    Finding,
    check_combinations,
    check_fonts,
    check_gpu,
    check_models,
    check_room,
    check_tools,
    check_versions,
    describe_machine,
)
from flows.versions import find_version


def run_doctor(_: argparse.Namespace) -> int:
    """The command; 1 where a package of the main job is missing, or something is bad that a job needs."""
    say(f"{PROGRAM} {find_version(PROGRAM) or '(not installed)'}, {describe_machine()}")
    needed = list_requirements()
    readers = {name for names in PACKAGES.values() for name in names}
    job = [r.name for r in needed.get("", []) if r.name.lower() not in readers]
    missing = _describe("main job", job, "pip install -e .")
    usable = [reader for reader, names in PACKAGES.items() if not _describe_reader(reader, names)]
    for extra, requirements in sorted(needed.items()):
        if extra:
            names = [requirement.name for requirement in requirements]
            _describe(f"extra {extra}", names, f"pip install '{PROGRAM}[{extra}]'")
    say("beside the packages")
    findings = list(list_findings([r for requirements in needed.values() for r in requirements]))
    for finding in findings:
        say(f"  {finding.describe()}")
    bad = sum(finding.is_bad for finding in findings)
    if missing or not usable or bad:
        say(f"{bad + len(missing)} things to cure; the commands stand behind the arrows")
        return 1
    return 0


def list_findings(requirements: Sequence[Requirement]) -> Iterable[Finding]:
    """All findings beside what is installed and what is not."""
    return chain(
        dict.fromkeys(check_versions(requirements, find_version)),
        check_combinations(find_version),
        check_models(),
        check_fonts(),
        check_room(Path.cwd()),
        check_gpu(find_version),
        check_tools(find_version),
    )


def _describe_reader(reader: str, names: Sequence[str]) -> list[str]:
    """One of the readers is enough; without the other nothing stands in for it."""
    return _describe(f"--reader {reader}", list(names), f"pip install {' '.join(names)}")


def list_requirements() -> dict[str, list[Requirement]]:
    """What is required by extra, "" for the main job, from the package's own metadata; nothing where it is
    not installed."""
    try:
        declared = importlib.metadata.requires(PROGRAM) or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    extras = importlib.metadata.metadata(PROGRAM).get_all("Provides-Extra") or []
    found: dict[str, list[Requirement]] = {}
    for requirement in map(Requirement, declared):
        marker = requirement.marker
        for extra in ("", *extras):
            asked = marker is None or marker.evaluate({"extra": extra})
            if asked and (extra == "" or (marker is not None and not marker.evaluate({"extra": ""}))):
                found.setdefault(extra, []).append(requirement)
    return found


def _describe(title: str, names: list[str], cure: str) -> list[str]:
    versions = {name: find_version(name) for name in names}
    missing = [name for name, version in versions.items() if not version]
    say(f"{title}: " + ("complete" if not missing else f"missing {', '.join(missing)}  →  {cure}"))
    present = [f"{name} {version}" for name, version in versions.items() if version]
    if present:
        say(f"  {', '.join(present)}")
    return missing
