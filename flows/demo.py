"""`culti demo`: sample books typeset here, a release built from them, and where to look."""

from __future__ import annotations

import argparse
import time

from extractors.backend import is_installed
from flows.building import build, make_request, report_outcome
from flows.configuration import ConfigurationError
from flows.console import say
from flows.workspace import find_workspace


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
        series=None,
        pages="",
        previous=None,
        name=None,
        version=None,
        reader="pymupdf",
        ocr="bundled",
        runner="processes",
        workers=options.workers,
    )
    request = make_request(call)
    status = report_outcome(build(request), find_workspace(request.out, request.work))
    say(f"took {time.monotonic() - started:.0f} s; open {folder / 'release' / 'report.html'} in a browser")
    return status
