"""`culti inspect`: a book's pages with everything that was seen on them, as PNG, and why, as tables."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from alignment.costs import MAX_COST
from alignment.pairing import align_book
from alignment.records import BookAlignment, MachinePair
from alignment.text.fields import FIELD_COLUMNS
from extractors.errors import OcrError
from extractors.ocr import check_engine
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Page
from flows.book_listing import find_own_profile
from flows.configuration import ConfigurationError, choose_pages, parse_pages, refuse_missing_reader
from flows.console import complain, say
from flows.stages import choose_dpi, draw_page

_EDIT = ("field", "step", "rule", "start", "before", "after")


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
    refuse_missing_reader(options.reader)
    profile = find_own_profile(options.profile, Path(), "--profile")
    info = open_document(options.pdf, options.password, options.reader)
    numbers = choose_pages(options.pages, info.page_count)
    if not numbers:
        raise ConfigurationError(f"--pages {options.pages}: {info.name} has {info.page_count} pages")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"--out {options.out}: {error.strerror}; choose a folder") from error
    terminal = Console(stderr=True)
    show = partial(track, console=terminal, transient=True, disable=not terminal.is_terminal)
    settings = ReadSettings(reader=options.reader, ocr=options.ocr)
    reading = read_pages(options.pdf, info, numbers, settings, options.password)
    pages: list[Page] = list(show(reading, "reading", total=len(numbers)))
    aligned = align_book(pages, options.series, profile)
    readable = [p for p in pages if not p.error]
    for page in show(readable, "drawing"):
        rivals = [c for c in aligned.candidates if c.page == page.number and c.cost <= MAX_COST]
        dpi = choose_dpi(page)
        picture = draw_page(options.pdf, page, aligned, dpi, options.password, candidates=rivals)
        picture.save(options.out / f"p{page.number:04d}.png")
    write_tables(aligned, options.out)
    for page in pages:
        if page.error:
            complain(f"{info.name}, page {page.number}: {page.error}")
    with_text = sum(1 for pair in aligned.pairs if pair.texts)
    say(f"{len(readable)} pages, {len(aligned.pairs)} figures, {with_text} of them with text: {options.out}")
    for note in aligned.notes:
        say(f"  {note}")
    return 0 if len(readable) == len(pages) else 1


def write_tables(aligned: BookAlignment, folder: Path) -> None:
    """`pairs.csv`, a figure a row with what its score was made of, `candidates.csv`, a weighed text a row,
    `fields.csv`, what is printed of each figure, and `edits.csv`, what was done to its texts."""
    names = sorted({name for pair in aligned.pairs for name, _ in pair.features})
    pairs = (
        (
            p.page,
            _round(p.box),
            p.kind,
            p.kind_score,
            p.kind_rule,
            p.score,
            p.rule,
            p.caption,
            p.description[:80],
            *_pick(p, names),
        )
        for p in aligned.pairs
    )
    _write(
        folder / "pairs.csv",
        (
            "page",
            "figure",
            "kind",
            "kind_score",
            "kind_rule",
            "score",
            "rule",
            "caption",
            "description",
            *names,
        ),
        pairs,
    )
    measured = [name for name, _ in aligned.candidates[0].features] if aligned.candidates else []
    weighed = (
        (c.page, _round(c.figure), c.words[:60], c.cost, int(c.chosen), *(v for _, v in c.features))
        for c in sorted(aligned.candidates, key=lambda c: (c.page, c.figure, c.cost))
    )
    _write(folder / "candidates.csv", ("page", "figure", "text", "cost", "chosen", *measured), weighed)
    read = (
        (p.page, _round(p.box), p.title, *(getattr(p.fields, c) for c in FIELD_COLUMNS[:-1]), _list(p))
        for p in aligned.pairs
    )
    _write(folder / "fields.csv", ("page", "figure", "title", *FIELD_COLUMNS), read)
    edits = (
        (p.page, _round(p.box), *(getattr(e, name) for name in _EDIT)) for p in aligned.pairs for e in p.trail
    )
    _write(folder / "edits.csv", ("page", "figure", *_EDIT), edits)


def _list(pair: MachinePair) -> str:
    return " ".join(pair.fields.references or ())


def _pick(pair: MachinePair, names: Sequence[str]) -> list[object]:
    features = dict(pair.features)
    return [features.get(name, "") for name in names]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    # With a mark of its encoding, so that spreadsheets show Chinese.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _round(box: Sequence[float]) -> str:
    return " ".join(str(round(v)) for v in box)
