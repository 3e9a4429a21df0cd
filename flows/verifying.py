"""`culti verify`: the faults of a release, one a line, and the exit status that they make."""

from __future__ import annotations

import argparse
import sys

from flows.configuration import ConfigurationError
from flows.console import PROGRAM, complain, say, show_path
from flows.step_progress import show_steps


def run_verify(options: argparse.Namespace) -> int:
    """The command; 0 for a release without a fault, 1 for one with faults, 2 where there is no release."""
    from export.verify import NotARelease, verify_release

    folder = options.release
    try:
        with show_steps(sys.stdout) as tell:
            found = verify_release(folder, fast=options.fast, tell=tell)
    except NotARelease as error:
        raise ConfigurationError(str(error)) from error
    for line in found.faults.lines():
        say(show_path(line))
    for note in found.notes:
        say(f"note: {note}")
    looked = f"{found.files} files, {found.rows} rows, "
    looked += f"{found.decoded} images decoded" if not options.fast else "images not decoded (--fast)"
    name = f"{found.name} {found.version}".strip()
    if not found.faults:
        say(f"{name}: no fault found in {looked}")
        return 0
    count = len(found.faults)
    words = "1 fault" if count == 1 else f"{count} faults"
    cure = f"copy the release again, or build it again with `{PROGRAM} build`"
    complain(f"{show_path(folder)}: {words} in {looked}; {cure}")
    return 1
