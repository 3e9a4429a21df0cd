"""The books that are read: a folder with gt.json, or sample books that are typeset for it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extraction.scoring import TrueBook, read_truth
from benchmarks.extraction.trials import Subject, examine
from samples.books import Series, write_volume
from samples.scan import scan_volume
from samples.truth import write_truth

SERIES: tuple[tuple[Series, int], ...] = (("silk", 8), ("dunhuang", 12), ("other", 8))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Books of one folder that have a truth."""

    name: str
    subjects: tuple[Subject, ...]
    truth: tuple[TrueBook, ...]


def open_shelf(folder: Path, truth: Path | None = None) -> Shelf:
    """The PDFs of a folder that its truth (by default `gt.json` in it) names.

    A `sources.toml` in the folder says which series a book is of. OSError where a file is missing.
    """
    books = read_truth(truth or folder / "gt.json")
    series = _read_series(folder / "sources.toml")
    paths = {path.stem: path for path in sorted(folder.glob("*.pdf"))}
    found = [book for book in books if book.stem in paths]
    if not found:
        raise FileNotFoundError(f"{folder}: no PDF that the truth names")
    subjects = [examine(paths[book.stem], series.get(paths[book.stem].name, "other")) for book in found]
    return Shelf(folder.name, tuple(subjects), tuple(found))


def typeset_shelves(folder: Path, seed: int) -> list[Shelf]:
    """A silk volume, a mural volume and an album, born-digital; and a part of each as a scan."""
    plain, scanned = folder / "sample books, born-digital", folder / "sample books, scanned"
    plain.mkdir(parents=True)
    scanned.mkdir()
    printed, seen = [], []
    for number, (series, entries) in enumerate(SERIES, seed):
        printed += write_volume(plain / f"{series}.pdf", seed=number, series=series, entries=entries)
        source = folder / f"{series}.pdf"
        truth = write_volume(source, seed=number + 100, series=series, entries=2, front_matter=False)
        seen += scan_volume(source, scanned / f"{series}.pdf", seed=number, truth=truth)
    for place, rows in ((plain, printed), (scanned, seen)):
        write_truth(place / "gt.json", rows)
        _write_series(place / "sources.toml", [name for name, _ in SERIES])
    return [open_shelf(plain), open_shelf(scanned)]


def _read_series(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    books = tomllib.loads(path.read_text(encoding="utf-8")).get("book", [])
    return {Path(book["file"]).name: book.get("series", "other") for book in books}


def _write_series(path: Path, names: Sequence[str]) -> None:
    text = "".join(f'[[book]]\nfile = "{name}.pdf"\nseries = "{name}"\n' for name in names)
    path.write_text(text, encoding="utf-8")
