"""`culti rehydrate`: the call → one checked request; the flow; what to say of it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from export.manifest import list_tools
from export.recipe import RecipeError, read_recipe
from extractors.whole_files import write_atomically
from flows.book_listing import list_far_books
from flows.building import prepare_flow
from flows.configuration import (
    ConfigurationError,
    RehydrateRequest,
    choose_workers,
    read_sources,
    refuse_missing_reader,
)
from flows.console import complain, say, show_path
from flows.runners.choosing import check_runner
from flows.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from flows.rehydrate_release import Rehydrated

REPORT = "rehydrate_report.json"
# So many are named on the screen; the report has all.
_NAMED = 20


def run_rehydrate(options: argparse.Namespace) -> int:
    """The command; 0 where the release says what the recorded one said, else 1."""
    request = make_request(options)
    workspace = Workspace(request.work)
    with prepare_flow(workspace, request.out):
        from flows.rehydrate_release import rehydrate_release

        done = rehydrate_release(request)
    return report(done, workspace)


def make_request(options: argparse.Namespace) -> RehydrateRequest:
    """The call as one request; ConfigurationError in one line where it cannot be."""
    address = options.books if isinstance(options.books, str) else ""
    if address:
        list_far_books(f"{address.rstrip('/')}/")
    elif not options.books.is_dir():
        raise ConfigurationError(f"--books {options.books}: no such folder; name the one that has the PDFs")
    try:
        recipe = read_recipe(options.recipe)
    except RecipeError as error:
        raise ConfigurationError(str(error)) from error
    for reader in sorted({cut.reader for _, cut in recipe.making.cuts.values()}):
        refuse_missing_reader(reader)
    check_runner(options.runner, options.runner_address, options.workers)
    return RehydrateRequest(
        recipe=options.recipe,
        books=Path() if address else options.books,
        address=address,
        out=options.out,
        work=find_workspace(options.out, options.work).root,
        passwords=_read_passwords(options.sources) if options.sources else {},
        runner=options.runner,
        runner_address=options.runner_address,
        workers=options.workers or choose_workers(),
    )


def _read_passwords(path: Path) -> dict[str, SecretStr]:
    found: dict[str, SecretStr] = {}
    for entry in read_sources(path).book:
        if entry.password.get_secret_value():
            file = path.parent / entry.file
            found[str(file.resolve())] = entry.password
            found.setdefault(file.name, entry.password)
    return found


def report(done: Rehydrated, workspace: Workspace) -> int:
    """Says what is missing or different, and where the release is; the exit status."""
    sources = {s.sha256: s.name for s in reversed(done.recipe.info.sources)}
    rows = Counter(sha256 for sha256, _ in done.recipe.making.cuts.values())
    for sha256, reason in done.missing.items():
        what = reason if sources[sha256] in reason else f"{sources[sha256]}: {reason}"
        complain(f"{what}; sha256 {sha256[:16]}…, {rows[sha256]} rows left out")
    _name([f"{place}: left out, {done.lost[pair_id].reason}" for pair_id, place in _place(done, done.lost)])
    _name([f"{place}: its image came out different" for _, place in _place(done, done.different)])
    if done.different:
        complain(f"{len(done.different)} images are not those of the release{_compare_tools(done)}")
    _write_report(done, sources, workspace)
    if done.written is None:
        say(f"no release: none of its {len(done.recipe.making.cuts)} rows could be had")
        return 1
    counts = done.written.counts
    say(f"{counts['rows']} of {len(done.recipe.making.cuts)} rows, {counts['rows_with_text']} with text")
    if done.same_bytes:
        say("every file is the same as in the recorded release, byte for byte")
    elif done.same_content:
        say(f"the content is that of the recorded release; some files are not{_compare_tools(done)}")
    else:
        say("the content is not that of the recorded release, see above")
    say(f"release   {show_path(done.written.path)}")
    return 0 if done.same_content else 1


def _name(lines: Sequence[str]) -> None:
    for line in lines[:_NAMED]:
        complain(line)
    if len(lines) > _NAMED:
        complain(f"and {len(lines) - _NAMED} more; {REPORT} in the work directory names all")


def _place(done: Rehydrated, pair_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(pair_id, book, page and pair_id in words)."""
    names = {s.sha256: s.name for s in done.recipe.info.sources}
    for pair_id in pair_ids:
        sha256, cut = done.recipe.making.cuts[pair_id]
        yield pair_id, f"{names[sha256]}, page {cut.page}, {pair_id}"


def _compare_tools(done: Rehydrated) -> str:
    """Which versions are others than those that the release was made with."""
    then, now = done.recipe.manifest["tools"], list_tools()
    others = [
        f"{name} {then.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]
    return f": {'; '.join(others)}" if others else ""


def _write_report(done: Rehydrated, sources: dict[str, str], workspace: Workspace) -> None:
    about = {
        "missing": [{"file": sources[s], "sha256": s, "reason": r} for s, r in done.missing.items()],
        "left_out": {pair_id: image.reason for pair_id, image in done.lost.items()},
        "different": done.different,
        "same_content": done.same_content,
        "same_bytes": done.same_bytes,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    write_atomically(workspace.root / REPORT, text.encode("utf-8", "replace"))
