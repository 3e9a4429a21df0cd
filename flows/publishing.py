"""`culti publish`: the call → what would go, and its sending; what to say of it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from flows.configuration import ConfigurationError
from flows.console import complain, say, show_path
from flows.step_progress import show_steps

if TYPE_CHECKING:
    from export.publish.publication import Publication


def run_publish(options: argparse.Namespace) -> int:
    """The command; 0 where the release is there as a whole, 2 where nothing was begun, else 1."""
    from export.publish.address import read_address
    from export.publish.errors import MissingExtra, PublishError, Unfinished
    from export.publish.publication import Options, publish_release

    asked = Options(
        dry_run=options.dry_run,
        include_restricted=options.include_restricted,
        replace=options.replace,
        private=options.private,
        gated=options.gated,
    )
    try:
        with show_steps(sys.stdout) as tell:
            publication = publish_release(
                options.release, read_address(options.url), asked, tell, describe_publication
            )
    except (MissingExtra, Unfinished):
        raise
    except PublishError as error:
        raise ConfigurationError(str(error)) from error
    if options.dry_run:
        say("nothing was written (--dry-run)")
        for refusal in publication.refusals:
            complain(f"would be refused: {refusal}")
        return 2 if publication.refusals else 0
    outlook = publication.outlook
    if outlook.is_done:
        say(f"nothing to do: all of it is there already, at {show_path(outlook.where)}")
    else:
        say(f"published: {show_path(outlook.where)}")
    return 0


def describe_publication(publication: Publication) -> None:
    """What would go and what is there, on standard output."""
    from export.publish.outlook import show_bytes

    release, outlook = publication.release, publication.outlook
    say(show_path(f"{release.name} {release.version} → {outlook.where}"))
    for words, files in (("to go", outlook.missing), ("there already", outlook.present)):
        say(f"  {words}: {_count(len(files))}, {show_bytes(sum(f.size for f in files))}")
        if words == "to go":
            for file in files:
                say(show_path(f"    {file.path}  {show_bytes(file.size)}"))
    for step in outlook.steps if outlook.missing or not outlook.is_done else ():
        say(show_path(f"  then: {step}"))
    for note in outlook.notes:
        say(show_path(f"  note: {note}"))
    restricted = publication.restricted
    if restricted.rows:
        say(f"  note: {restricted.rows} rows hold pixels that may not be redistributed")
    if restricted.unstated:
        say(f"  note: {restricted.unstated} rows state no rights; see `rights` in the sources file")


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"
