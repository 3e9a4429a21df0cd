"""`culti convert`: a release in the form that another program reads."""

from __future__ import annotations

import argparse
import sys

from export.convert.conversion import check_conversion, convert_release
from export.reading import open_release
from extractors.errors import CultiError
from flows.configuration import ConfigurationError
from flows.console import complain, say, show_path
from flows.step_progress import show_steps


def run_convert(options: argparse.Namespace) -> int:
    """The command."""
    try:
        release = open_release(options.release)
        check_conversion(release, options.out)
    except CultiError as error:
        raise ConfigurationError(str(error)) from error
    with show_steps(sys.stdout) as tell:
        done = convert_release(release, options.to, options.out, tell)
    for note in done.notes:
        complain(note)
    counts = ", ".join(f"{count} {what}" for what, count in done.counts.items() if count)
    say(f"{release.name} as {options.to}: {counts}")
    say(f"conversion  {show_path(done.path)}")
    return 0
