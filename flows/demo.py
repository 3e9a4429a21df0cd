"""`culti demo`: sample books typeset here, a release built from them and validated, and where to look."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from extractors.backend import is_installed
from flows.building import build, make_request, report_rebuilt
from flows.configuration import ConfigurationError, ValidationRequest
from flows.console import say
from flows.workspace import Workspace


def run_demo(options: argparse.Namespace) -> int:
    """The command."""
    if not is_installed("pymupdf"):
        raise ConfigurationError("demo: the sample books are typeset with PyMuPDF; pip install pymupdf")
    from samples.demo import write_demo

    folder = options.out
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file; choose a folder with --out")
    started = time.monotonic()
    say(f"typesetting sample books into {folder / 'books'} …")
    sources = write_demo(folder / "books")
    say(f"typeset in {time.monotonic() - started:.0f} s; building …")
    call = argparse.Namespace(
        source=[sources],
        out=folder / "release",
        work=None,
        store="",
        include_restricted=False,
        replace=False,
        series=None,
        pages="",
        previous=None,
        name=None,
        version=None,
        reader="pymupdf",
        ocr="bundled",
        runner="processes",
        runner_address="",
        workers=options.workers,
    )
    request = make_request(call)
    validation = _plan_validation(folder / "release")
    status = report_rebuilt(build(request, validation), Workspace(request.work))
    if validation is None:
        say("not validated: that needs torch and cn_clip; pip install 'culti[validate]'")
    say(f"took {time.monotonic() - started:.0f} s; open {folder / 'release' / 'report.html'} in a browser")
    return status


def _plan_validation(release: Path) -> ValidationRequest | None:
    """With the tiny model, where the extra is installed."""
    from baselines.chinese_clip import check_extra
    from baselines.errors import MissingExtra

    try:
        check_extra()
    except MissingExtra:
        return None
    return ValidationRequest(release=release)
