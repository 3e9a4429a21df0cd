"""`culti review`: a release on a local page, where pairs are looked at, put right and accepted."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import socket
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flows.configuration import ConfigurationError
from flows.console import complain, say, show_path
from flows.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from alignment.review.index import ItemIndex
    from export.reading import StoredRelease

PASSWORD = "CULTI_REVIEW_PASSWORD"


def run_review(options: argparse.Namespace) -> int:
    """The command; ends with Ctrl-C, and then 0."""
    from alignment.decisions.log import DecisionLog
    from alignment.review.access import Access, is_loopback
    from alignment.review.desk import Desk
    from alignment.review.payloads import PayloadError, check_name
    from alignment.review.server import ReviewServer, make_app
    from export.reading import ReleaseError, open_release
    from flows.review_source import ReleaseSource, find_store, read_review

    password = os.environ.get(PASSWORD, "")
    if not is_loopback(options.host) and not password:
        raise ConfigurationError(
            f"--host {options.host} lets other machines in; set {PASSWORD} in the environment, "
            "or leave --host out"
        )
    try:
        reviewer = check_name(options.reviewer) if options.reviewer else ""
    except PayloadError as error:
        raise ConfigurationError(f"--reviewer: {error}") from error
    try:
        release = open_release(options.release)
    except ReleaseError as error:
        raise ConfigurationError(str(error)) from error
    workspace = find_store(find_workspace(options.release, options.work))
    if workspace.root.resolve().is_relative_to(options.release.resolve()):
        raise ConfigurationError(f"{workspace.root} lies in the release; choose another --work")
    decisions, books, rebased = read_review(workspace)
    index = open_index(release, workspace)
    listening = listen(options.host, options.port)
    # Ctrl-C is how it ends, at whatever moment.
    with listening, suppress(KeyboardInterrupt):
        port = listening.getsockname()[1]
        log = DecisionLog(decisions)
        source = ReleaseSource(release, workspace, books)
        source.warm_up()
        desk = Desk(source, index, log, rebased)
        access = Access(options.host, port, password if not is_loopback(options.host) else "")
        server = ReviewServer(source, index, desk, access, reviewer, options.lang)
        if not reviewer and is_loopback(options.host):
            server.reviewer = _guess_name()
        if not books:
            complain(
                f"{workspace.root} has no books of this release, so pages are blank; give the build's --work"
            )
        say(f"review    {access.address}")
        say(f"decisions {show_path(decisions)}")
        say("end with Ctrl-C; all that is decided is safe at once")
        if not options.no_open:
            webbrowser.open(access.address)
        _serve(make_app(server), listening, workspace.root / "review" / "server.log")
    return 0


def open_index(release: StoredRelease, workspace: Workspace) -> ItemIndex:
    """The index of a release in its work directory, made where there is none of this very release."""
    from alignment.review.index import ItemIndex

    try:
        return ItemIndex(make_index(release, workspace))
    except OSError as error:
        raise ConfigurationError(
            f"{workspace.root} cannot be written ({error.strerror}); choose another --work"
        ) from error


def make_index(release: StoredRelease, workspace: Workspace) -> Path:
    """Where the index of a release is; made where there is none of this very release. OSError."""
    from alignment.review.index import is_index, write_index
    from flows.review_source import list_items

    path = workspace.root / "review" / "items.sqlite"
    digest = str(release.manifest["content_sha256"])
    if not is_index(path, digest):
        write_index(path, digest, list_items(release))
    return path


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound. ConfigurationError where the port is taken or the host is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"{host}:{port} cannot be had ({error.strerror}); choose another --port, or 0 for any"
        ) from error
    return listening


def _serve(app: object, listening: socket.socket, log: Path) -> None:
    """Until Ctrl-C. What goes wrong within is in the log: requests that are broken off make many words."""
    import uvicorn

    logger = logging.getLogger("uvicorn")
    logger.addHandler(logging.FileHandler(log, delay=True, encoding="utf-8"))
    logger.propagate = False
    settings = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
        limit_concurrency=200,
    )
    uvicorn.Server(settings).run(sockets=[listening])


def _guess_name() -> str:
    try:
        return getpass.getuser()[:60]
    except (OSError, KeyError):
        return ""
