"""`culti inspect`: a book's pages with everything that was seen on them, as PNG."""

from __future__ import annotations

import argparse
from functools import partial

from rich.console import Console
from rich.progress import track

from alignment.pairing import align_book
from extractors.errors import OcrError
from extractors.ocr import check_engine
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Page
from flows.configuration import ConfigurationError, choose_pages, parse_pages
from flows.console import complain, say
from flows.stages import choose_dpi, draw_page


def run_inspect(options: argparse.Namespace) -> int:
    """The command; 1 where a page could not be read."""
    try:
        parse_pages(options.pages)
    except ValueError as error:
        raise ConfigurationError(f"--pages: {error}, not {options.pages!r}") from error
    try:
        check_engine(options.ocr)
    except OcrError as error:
        raise ConfigurationError(f"--ocr {error}") from error
    info = open_document(options.pdf, options.password)
    numbers = choose_pages(options.pages, info.page_count)
    if not numbers:
        raise ConfigurationError(f"--pages {options.pages}: {info.name} has {info.page_count} pages")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"--out {options.out}: {error.strerror}; choose a folder") from error
    terminal = Console(stderr=True)
    show = partial(track, console=terminal, transient=True, disable=not terminal.is_terminal)
    reading = read_pages(options.pdf, info, numbers, ReadSettings(ocr=options.ocr), options.password)
    pages: list[Page] = list(show(reading, "reading", total=len(numbers)))
    aligned = align_book(pages, options.series)
    readable = [p for p in pages if not p.error]
    for page in show(readable, "drawing"):
        picture = draw_page(options.pdf, page, aligned, choose_dpi(page), options.password)
        picture.save(options.out / f"p{page.number:04d}.png")
    for page in pages:
        if page.error:
            complain(f"{info.name}, page {page.number}: {page.error}")
    with_text = sum(1 for pair in aligned.pairs if pair.texts)
    say(f"{len(readable)} pages, {len(aligned.pairs)} figures, {with_text} of them with text: {options.out}")
    for note in aligned.notes:
        say(f"  {note}")
    return 0 if len(readable) == len(pages) else 1
