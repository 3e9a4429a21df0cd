"""`culti build`: the call → one checked request; the flow with its server and progress; what to say of it."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from extractors.errors import CultiError, OcrError
from extractors.ocr import check_engine
from flows.book_listing import list_books
from flows.configuration import (
    DEFAULT_NAME,
    DEFAULT_VERSION,
    BuildRequest,
    ConfigurationError,
    LimitsEntry,
    SourcesFile,
    ValidationRequest,
    choose_workers,
    describe_problem,
    read_sources,
    refuse_missing_reader,
)
from flows.console import complain, divert_stderr, say, show_path
from flows.far_places import check_places, choose_places
from flows.outcome_lines import count_outcome, describe_book_trouble, list_troubles, tell_outcome
from flows.progress import show_progress
from flows.refining import check_refine
from flows.runners.choosing import check_runner
from flows.runners.early import hire_early
from flows.store import FULL, StoreError
from flows.workspace import Workspace, hold_workspace

# A store that has less room than this has failed for want of it.
_NO_SPACE = 512 * 1024

# In a smaller release every entry has over 2 % of it.
_MANY_ROWS = 400

if TYPE_CHECKING:
    from export.info import DecisionFacts
    from export.release import Written
    from flows.outcome import Outcome
    from flows.rebuild_and_validate import Rebuilt


def run_build(options: argparse.Namespace) -> int:
    """The command; 0 where all books are done, 1 where something failed."""
    request = make_request(options)
    validation = make_validation(options)
    rebuilt = build(request, validation)
    if options.explain:
        for line in rebuilt.outcome.redone or ("nothing was done again: the store had all of it",):
            say(line)
    tell_outcome(rebuilt.outcome)
    return report_rebuilt(rebuilt, Workspace(request.work))


def build(request: BuildRequest, validation: ValidationRequest | None = None) -> Rebuilt:
    """Runs the flow, with a validation at its end where one is asked for. ConfigurationError, with nothing
    begun, where the places it needs cannot be had."""
    workspace = Workspace(request.work, request.store)
    with hire_early(request, workspace) as begin, prepare_flow(workspace, request.out, begin):
        return run_flow(request, validation)


def run_flow(request: BuildRequest, validation: ValidationRequest | None) -> Rebuilt:
    """The flow itself, where all is prepared for it."""
    from flows.build_dataset import build_dataset
    from flows.rebuild_and_validate import Rebuilt, rebuild_and_validate

    if validation is None:
        return Rebuilt(build_dataset(request), None)
    return rebuild_and_validate(request, validation)


@contextmanager
def prepare_flow(
    workspace: Workspace, out: Path, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Holds the work directory and the release, serves Prefect and shows progress: in the block flows run.
    `meanwhile` is called while Prefect's server starts."""
    with hold_workspace(workspace, out):
        # Prefect reads its settings once, on import.
        from flows.prefect_server import serve_prefect, set_environment

        set_environment(workspace.prefect_home, workspace.logs)
        try:
            with (
                divert_stderr(workspace.logs / "build.log") as terminal,
                show_progress(terminal),
                serve_prefect(meanwhile),
            ):
                yield
        except (ConfigurationError, StoreError):
            raise
        except Exception as error:
            _explain(workspace.root, error)
            raise


def _explain(root: Path, error: Exception) -> None:
    """Says in one line what Prefect has many words for: a full disk, a server that is not there."""
    if url := os.environ.get("PREFECT_API_URL"):
        raise CultiError(
            f"Prefect's server at {url} failed ({' '.join(str(error).split())[:120]}); start it, or unset "
            "PREFECT_API_URL and a server of our own is used"
        ) from error
    if getattr(error, "errno", 0) in FULL or shutil.disk_usage(root).free < _NO_SPACE:
        raise StoreError(
            f"{root}: No space left on device; make room or choose another --work and run again"
        ) from error


def make_request(options: argparse.Namespace) -> BuildRequest:
    """The call as one request; ConfigurationError in one line where it cannot be."""
    tomls = [s for s in options.source if isinstance(s, Path) and s.suffix.lower() == ".toml"]
    if len(tomls) > 1:
        raise ConfigurationError("more than one sources file; a release is built from one")
    if tomls and (options.series or options.pages):
        raise ConfigurationError("--series and --pages are for PDFs given by name; put them into the file")
    try:
        check_engine(options.ocr)
    except OcrError as error:
        raise ConfigurationError(f"--ocr {error}") from error
    refuse_missing_reader(options.reader)
    check_runner(options.runner, options.runner_address, options.workers)
    refuse_no_release(options.previous)
    sources = read_sources(tomls[0]) if tomls else None
    books = list_books(options, sources, tomls)
    places = choose_places(options)
    workspace = places.workspace
    check_places(places, books)
    refine = sources.refine if sources else None
    answers = tomls[0].parent / refine.cache if refine and refine.cache else None
    if refine:
        check_refine(refine, [path for path in (workspace.answers, answers) if path])
    decisions = tomls[0].parent / sources.decisions if sources else workspace.root / "decisions.jsonl"
    try:
        checked = SourcesFile(
            name=_choose(options.name, sources.name if sources else DEFAULT_NAME),
            version=_choose(options.version, sources.version if sources else DEFAULT_VERSION),
            book=tuple(b.entry for b in books),
        )
    except ValidationError as error:
        raise ConfigurationError(describe_problem(error)) from error
    return BuildRequest(
        books=tuple(books),
        out=places.out,
        work=workspace.root,
        name=checked.name,
        version=checked.version,
        decisions=(decisions,),
        gated=sources.gated if sources else None,
        refine=refine,
        limits=sources.limits if sources else LimitsEntry(),
        answers=answers,
        reader=options.reader,
        ocr=options.ocr,
        runner=options.runner,
        runner_address=options.runner_address,
        workers=options.workers or choose_workers(),
        previous=options.previous,
        store=workspace.far_store,
        publish=places.publish,
    )


def make_validation(options: argparse.Namespace) -> ValidationRequest | None:
    """What `--validate` and the options beside it ask for, checked before anything is built."""
    names = ("gate", "model", "weights", "device", "seeds")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if not options.validate:
        if given:
            raise ConfigurationError(f"--{next(iter(given))} is for a validation; add --validate")
        return None
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigurationError("build --validate is one process; run `torchrun` with `validate` afterwards")
    from flows.validating import check_request

    work = options.work / "validation" if options.work else None
    request = ValidationRequest(release=choose_places(options).out, work=work, **given)
    check_request(request)
    return request


def refuse_no_release(previous: Path | None) -> None:
    """ConfigurationError where the release whose splits are to be kept is none, or has lost a file."""
    if previous is None:
        return
    from export.previous import check_previous

    try:
        check_previous(previous)
    except CultiError as error:
        raise ConfigurationError(f"--previous {error}") from error


def _choose(given: str | None, otherwise: str) -> str:
    return otherwise if given is None else given


def report_rebuilt(rebuilt: Rebuilt, workspace: Workspace) -> int:
    """Says what came of the build and of its validation; the exit status."""
    report_outcome(rebuilt.outcome, workspace)
    if rebuilt.trouble:
        complain(rebuilt.trouble)
    elif rebuilt.validation is not None:
        from flows.validating import report_validation

        report_validation(rebuilt.validation)
    return 1 if list_troubles(rebuilt) else 0


def describe_splits(written: Written) -> list[str]:
    """What is worth a line about groups and splits: large groups, and rows that could not stay."""
    large, total = written.leakage.large, written.counts["rows"]
    lines = []
    if large and total >= _MANY_ROWS:
        lines.append(
            f"{len(large)} groups of figures have over 2 % of the release each, the largest {large[0].rows} "
            f"of {total}; see Leakage in the report"
        )
    if written.moved:
        lines.append(
            f"{len(written.moved)} figures changed their split, for their group grew together with another; "
            "manifest.json lists them"
        )
    return lines


def report_outcome(outcome: Outcome, workspace: Workspace) -> None:
    """Says what was done, what failed, and where to look."""
    for book in outcome.books:
        if book.error:
            complain(describe_book_trouble(book))
    if outcome.trouble:
        complain(outcome.trouble)
    say(count_outcome(outcome))
    if outcome.refined:
        say(outcome.refined.describe())
    for trouble in outcome.deciding.troubles:
        complain(trouble)
    if facts := outcome.deciding.facts:
        say(describe_decisions(facts, workspace))
    if outcome.written is not None:
        for line in describe_splits(outcome.written):
            say(line)
        say(f"release   {outcome.written.path}")
        if outcome.published:
            say(f"published {show_path(outcome.published)}")
        say(f"report    {outcome.written.path / 'report.html'}")
        say(f"overlays  {workspace.overlays}")
    else:
        say(f"no release: no page could be read; see {workspace.build_report}")


def describe_decisions(facts: DecisionFacts, workspace: Workspace) -> str:
    """What became of the curators' decisions, in a line."""
    line = f"{facts.applied} decisions applied, {facts.rebased} rebased, {facts.stale} stale"
    if facts.conflict:
        line += f", {facts.conflict} in conflict"
    return f"{line}; {workspace.build_report} names them" if facts.named else line
