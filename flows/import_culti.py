"""`culti import-culti`: a release made of the official CulTi files, to validate on."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from export.culti_files import ENDING, TextsFile, list_texts_files, read_texts
from export.culti_images import ImageFile, list_images, measure_images
from export.culti_rows import HARMLESS, Imported, build_import, list_named, report_file, set_aside
from export.info import may_show
from export.release import BookReport, BuildReport, DroppedItem, ReleaseInfo, Source, Written, write_release
from flows.build_report import write_build_report, write_rejects
from flows.configuration import (
    BookEntry,
    ConfigurationError,
    SourcesFile,
    choose_workers,
    describe_problem,
)
from flows.console import complain, divert_stderr, is_utf8, say, show_path
from flows.step_progress import Tell, show_steps
from flows.workspace import Workspace, find_workspace, hold_workspace

# More lines of trouble than this are not read; all of them are in the work directory.
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A checked call: the folder, its files of texts, and what the release is called."""

    folder: Path
    files: tuple[Path, ...]
    out: Path
    checked: SourcesFile


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did. `written` is None where no pair could be read, and then no release was touched."""

    books: tuple[BookReport, ...]
    imported: Imported
    dropped: tuple[DroppedItem, ...]
    written: Written | None


def run_import(options: argparse.Namespace) -> int:
    """The command; 0 where every line of the files made its rows, 1 where something was wrong with one."""
    request = make_request(options)
    workspace = find_workspace(request.out, options.work)
    with hold_workspace(workspace, request.out):
        started = time.monotonic()
        with divert_stderr(workspace.logs / "import.log"), show_steps(sys.stdout) as tell:
            outcome = import_files(request, workspace, tell)
        run = {"seconds": round(time.monotonic() - started, 1)}
        write_rejects(workspace.rejects, outcome.dropped)
        write_build_report(workspace, outcome.books, outcome.dropped, outcome.written, run)
    return report_import(outcome, workspace)


def make_request(options: argparse.Namespace) -> ImportRequest:
    """The call, checked; ConfigurationError in one line where nothing can come of it."""
    folder: Path = options.folder
    if not folder.is_dir():
        raise ConfigurationError(f"{show_path(folder)}: no such folder; give the one with *{ENDING}")
    try:
        files = list_texts_files(folder)
    except OSError as error:
        raise ConfigurationError(f"{show_path(folder)}: cannot be read ({error.strerror})") from error
    if not files:
        below = next((p.parent for p in sorted(folder.rglob(f"*{ENDING}"))), None)
        hint = f"; there is one in {show_path(below)}" if below else "; give the folder of the official files"
        raise ConfigurationError(f"{show_path(folder)}: no *{ENDING} in it{hint}")
    if unnamed := [path for path in files if not is_utf8(path)]:
        raise ConfigurationError(f"{show_path(unnamed[0])}: its name is not UTF-8; rename the file")
    try:
        entries = tuple(
            BookEntry(file=path.name, series=options.series, rights=options.rights) for path in files
        )
        checked = SourcesFile(name=options.name, version=options.version, book=entries)
    except ValidationError as error:
        raise ConfigurationError(describe_problem(error)) from error
    return ImportRequest(folder, tuple(files), options.out, checked)


def import_files(request: ImportRequest, workspace: Workspace, tell: Tell) -> ImportOutcome:
    """Texts, then every image that they name, then the release."""
    read = [read_texts(path) for path in request.files]
    files, spare = set_aside(read)
    images = _list_images(request.folder)
    named = list_named(files, images)
    measured = measure_images(named, choose_workers(), lambda n: tell("look at images", n, len(named)))
    entry = request.checked.book[0]
    imported = build_import(files, images, measured, entry.series, entry.rights)
    sources = {file.name: _make_source(file, entry) for file in files}
    books = tuple(report_file(file, sources[file.name], imported) for file in files)
    dropped = (*spare, *imported.dropped)
    if not imported.rows:
        # An older release is worth more than an empty one.
        return ImportOutcome(books, imported, dropped, None)
    info = ReleaseInfo(
        request.checked.name,
        request.checked.version,
        {"split": "official" if imported.given else "7:1:2 by groups"},
        tuple(sources.values()),
        imported.facts,
    )
    full_report = None if may_show(entry.rights) else workspace.full_report
    tell("write", 0, 1)
    written = write_release(
        request.out, imported.rows, info, BuildReport(books, dropped), full_report, given=imported.given
    )
    tell("write", 1, 1)
    return ImportOutcome(books, imported, (*dropped, *written.dropped), written)


def _list_images(folder: Path) -> dict[str, tuple[ImageFile, ...]]:
    try:
        return list_images(folder)
    except OSError as error:
        place = show_path(error.filename or folder)
        raise ConfigurationError(f"{place}: cannot be read ({error.strerror})") from error


def _make_source(file: TextsFile, entry: BookEntry) -> Source:
    return Source(file.name, file.sha256, entry.series, "", entry.rights, 0)


def report_import(outcome: ImportOutcome, workspace: Workspace) -> int:
    """Says what was wrong, what came of it, and where to look; the exit status."""
    failed = [book.error for book in outcome.books if book.status == "failed"]
    wrong = [item for item in outcome.dropped if item.dropped.reason not in HARMLESS]
    for line in (*failed, *_name_wrong(wrong, workspace)):
        complain(line)
    facts = outcome.imported.facts
    say(f"{facts.texts} texts, {facts.images} images, {len(outcome.imported.rows)} pairs of them")
    reasons = Counter((d.dropped.what, d.dropped.reason) for d in outcome.dropped)
    for (what, reason), number in reasons.most_common():
        say(f"  left out: {number} × {what}: {reason}")
    for both in facts.overlaps:
        say(f"  {both.first} and {both.second} share {both.texts} texts and {both.images} images")
    if outcome.written is None:
        say(f"no release: no pair could be read; see {show_path(workspace.rejects)}")
        return 1
    say(f"release   {show_path(outcome.written.path)}")
    say(f"report    {show_path(outcome.written.path / 'report.html')}")
    say(f"rejects   {show_path(workspace.rejects)}")
    return 1 if failed or wrong else 0


def _name_wrong(wrong: Sequence[DroppedItem], workspace: Workspace) -> list[str]:
    lines = [f"{item.document}: {item.where}: {item.dropped.reason}" for item in wrong[:_MOST_LINES]]
    if len(wrong) > _MOST_LINES:
        lines.append(f"and {len(wrong) - _MOST_LINES} more; all of them are in {workspace.rejects}")
    return lines
