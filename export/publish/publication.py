"""Publishing a release: what would go, and then, where nothing speaks against it, sending it.

For callers: read_address(url); publish_release(folder, address, options, tell, report) -> Publication.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from export.publish.address import Address
from export.publish.contents import Release, Tell, check_release
from export.publish.errors import PublishError, Unfinished
from export.publish.outlook import Outlook, Sent, Target
from export.publish.restricted import Restricted, find_restricted

Gate = Literal["auto", "manual"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `private` and `gated` are for hf:// alone."""

    dry_run: bool = False
    include_restricted: bool = False
    replace: bool = False
    private: bool = False
    gated: Gate | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """How it stands before anything goes; `refusals` say why nothing may."""

    release: Release
    outlook: Outlook
    restricted: Restricted
    refusals: tuple[str, ...]


def publish_release(
    folder: Path,
    address: Address,
    options: Options,
    tell: Tell,
    report: Callable[[Publication], None] = lambda _: None,
) -> Publication:
    """Publishes the release in `folder`; `report` is called with what is to be done, before it is done.

    PublishError where nothing was written, Unfinished where something was. In a dry run nothing is written,
    and refusals are returned instead of raised.
    """
    target = open_target(address, options)
    if address.scheme == "file" and Path(address.place).resolve().is_relative_to(folder.resolve()):
        raise PublishError(f"{address} lies in the release itself; choose a place outside of it")
    release = check_release(folder, tell)
    restricted = find_restricted(release)
    outlook = target.look(release)
    publication = Publication(release, outlook, restricted, _refuse(release, outlook, restricted, options))
    report(publication)
    if options.dry_run:
        return publication
    if publication.refusals:
        raise PublishError(publication.refusals[0])
    if outlook.is_done:
        return publication
    sent = Sent(outlook.missing, tell)
    try:
        target.send(release, outlook, sent)
    except PublishError as error:
        if not sent.begun:
            raise
        raise Unfinished(f"{error}; what has arrived stays, run the same command again to go on") from error
    return publication


def open_target(address: Address, options: Options) -> Target:
    """The target of an address; PublishError for options that it does not have, MissingExtra."""
    if address.scheme == "hf":
        from export.publish.hub import Hub

        return Hub(address.place, private=options.private, gated=options.gated)
    if options.private or options.gated:
        raise PublishError(
            "--private and --gated are for hf:// alone; elsewhere set permissions at the place"
        )
    from export.publish.prefixes import PrefixTarget

    if address.scheme == "s3":
        from export.publish.s3 import S3Store

        return PrefixTarget(S3Store(address.place), str(address))
    from export.publish.local import LocalStore

    return PrefixTarget(LocalStore(Path(address.place)), str(address))


def _refuse(release: Release, outlook: Outlook, restricted: Restricted, options: Options) -> tuple[str, ...]:
    refusals = []
    if restricted.rows and not options.include_restricted:
        named = ", ".join(restricted.documents[:3])
        more = f" and {len(restricted.documents) - 3} more" if len(restricted.documents) > 3 else ""
        refusals.append(
            f"{restricted.rows} rows of {named}{more} hold pixels and say no-redistribution; publish "
            f"all but pixels (`culti convert {release.folder} --to recipe --out RECIPE`, then RECIPE in its "
            "place), or give --include-restricted where only holders of the books can read"
        )
    if outlook.conflict and not options.replace:
        refusals.append(
            f"version {release.version} is taken: {outlook.conflict}; build with another --version, or give "
            "--replace"
        )
    return tuple(refusals)
