"""A call of a command that was not typed on a command line, read by the command line's own parser."""

from __future__ import annotations

import argparse
import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr

from flows.cli import make_parser
from flows.configuration import ConfigurationError


def read_call(command: str, positional: Sequence[str], given: Mapping[str, object]) -> argparse.Namespace:
    """The options of `command` as they would be had they been typed.

    `given` are options by name without dashes: None, False, "" and an empty list stand for an option left
    out, True for a flag, a list for an option that takes several. ConfigurationError in one line where the
    parser refuses it.
    """
    call = [command]
    for name, value in given.items():
        if value is None or value is False or value in ("", []):
            continue
        if value is True:
            call.append(f"--{name}")
        elif isinstance(value, list):
            call += [f"--{name}", *map(str, value)]
        else:
            call.append(f"--{name}={value}")
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            return make_parser().parse_args([*call, "--", *positional])
    except SystemExit as error:
        (*_, line) = said.getvalue().strip().splitlines() or [""]
        raise ConfigurationError(line.partition("error: ")[2] or line) from error
