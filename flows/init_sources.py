"""`culti init`: a sources file for some PDFs, to be completed by hand."""

from __future__ import annotations

import argparse
import json
import os
from itertools import chain
from pathlib import Path, PurePosixPath

from extractors.errors import DocumentError, PasswordNeeded
from extractors.reader import find_reader, open_document
from extractors.whole_files import write_atomically
from flows.book_listing import list_far_books
from flows.configuration import DEFAULT_NAME, DEFAULT_VERSION, ConfigurationError
from flows.console import complain, is_utf8, say, show_path

_HEAD = """\
# What the release is made of. `culti build {file} --out release` builds it.
name = {name}
version = {version}
decisions = "decisions.jsonl"    # the curators' log, beside this file
"""
_BOOK = """
[[book]]
file = {file}    # {pages}
series = "other"                 # silk | dunhuang | other
title = {title}
rights = "no-redistribution"     # keeps the pictures out of the report and of `culti publish`
# pages = "5-212"
"""


def run_init(options: argparse.Namespace) -> int:
    """The command; 1 where one of the PDFs cannot be used, which the file then says."""
    out: Path = options.out
    if out.exists():
        raise ConfigurationError(f"{out} is there already; choose another --out or remove it")
    status, count = 0, 0
    text = _HEAD.format(file=out.name, name=_quote(DEFAULT_NAME), version=_quote(DEFAULT_VERSION))
    for pdf in chain.from_iterable(list_far_books(p) if isinstance(p, str) else [p] for p in options.pdf):
        count += 1
        if isinstance(pdf, str):
            text += _BOOK.format(
                file=_quote(pdf), pages="not opened yet", title=_quote(PurePosixPath(pdf).stem)
            )
            continue
        if not is_utf8(pdf):
            complain(f"{show_path(pdf)}: its name is not UTF-8; rename the file")
            status = 1
            continue
        pages, password = "", ""
        try:
            pages = f"{open_document(pdf, reader=find_reader()).page_count} pages"
        except PasswordNeeded:
            pages, password = "encrypted", 'password = "…"\n'
        except DocumentError as error:
            complain(str(error))
            pages, status = "cannot be used as it is", 1
        text += _BOOK.format(file=_quote(_relate(pdf, out)), pages=pages, title=_quote(pdf.stem)) + password
    write_atomically(out, text.encode())
    say(f"{out}: {count} books; set series and title, then: culti build {out} --out release")
    return status


def _relate(pdf: Path, out: Path) -> str:
    return Path(os.path.relpath(pdf.resolve(), out.resolve().parent)).as_posix()


def _quote(text: str) -> str:
    # A JSON string is a TOML basic string too.
    return json.dumps(text, ensure_ascii=False)
