"""`culti inspect`: a book's pages with everything that was seen on them, as PNG."""

from __future__ import annotations

import argparse

from rich.progress import track

from alignment.pairing import align_book
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
    info = open_document(options.pdf, options.password)
    numbers = choose_pages(options.pages, info.page_count)
    if not numbers:
        raise ConfigurationError(f"--pages {options.pages}: {info.name} has {info.page_count} pages")
    reading = read_pages(options.pdf, info, numbers, ReadSettings(ocr=options.ocr), options.password)
    pages: list[Page] = list(track(reading, "reading", total=len(numbers), transient=True))
    aligned = align_book(pages, options.series)
    options.out.mkdir(parents=True, exist_ok=True)
    readable = [p for p in pages if not p.error]
    for page in track(readable, "drawing", transient=True):
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
