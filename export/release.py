"""A release directory, written as a whole or not at all.

For callers (signatures that stay):
    check_output(out)                                     before anything begins; CultiError, exit status 2
    is_release(path) -> bool
    build_rows(decided, images, folder, rights, cuts=()) -> list[Row]    one book, export.rows
    write_release(out, rows, info, build, full_report=None, *, previous, given, describe) -> Written
                                                          all books, in order of the sources
    read_previous(release) -> Previous                    the release before, export.previous
    ReleaseInfo, Source, BuildReport, BookReport, DroppedItem            export.info
`rows` is gone through once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from export.card import write_card
from export.citation import write_citation
from export.comparing import Comparisons
from export.contact_sheet import write_contact_sheet
from export.content import hash_content
from export.counts import summarise, tabulate_rows
from export.croissant import write_croissant
from export.feature_bank import describe_image
from export.groups import Describe
from export.info import BookReport, BuildReport, DroppedItem, ReleaseInfo, Source
from export.leakage import Leakage, measure_leakage
from export.making import write_making
from export.manifest import write_manifest
from export.neighbour_sheet import SHEET, draw_sheet
from export.place import check_output, is_release, replace_folder
from export.plan import Plan, plan_release
from export.plots import write_plots
from export.previous import Moved, Previous, read_previous
from export.report import REPORT, list_shown_pages, write_report
from export.report_matter import ReportMatter
from export.row_file import RowFile
from export.rows import Row, build_rows
from export.schema import SPLITS
from export.shards import Shard, write_split
from export.text_trail import write_trail
from extractors.errors import CultiError

__all__ = [
    "BookReport",
    "BuildReport",
    "DroppedItem",
    "Leakage",
    "Previous",
    "ReleaseInfo",
    "Row",
    "Source",
    "Written",
    "build_rows",
    "check_output",
    "is_release",
    "read_previous",
    "write_release",
]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; `dropped` are rows that export left out (duplicates), already in the report. `moved`
    are the rows that are in another split than in the release before."""

    path: Path
    content_sha256: str
    counts: Mapping[str, Any]
    dropped: tuple[DroppedItem, ...]
    leakage: Leakage
    moved: tuple[Moved, ...]


def write_release(
    out: Path,
    rows: Iterable[Row],
    info: ReleaseInfo,
    build: BuildReport,
    full_report: Path | None = None,
    *,
    previous: Previous | None = None,
    given: Mapping[str, str] | None = None,
    describe: Describe = describe_image,
    comparisons: Comparisons | None = None,
) -> Written:
    """Writes a release to `out`, over an older release of ours or a free place only.

    `full_report` is where a second report goes that shows all pixels, whatever the books' rights: for the
    work directory. Rows keep the splits they have in `previous`; `given` are splits by pair_id that are not
    ours to choose. `describe` gives an image file's packed features (`export.feature_bank`), where they are
    known already, and `comparisons` what images were found to be to each other before; new ones are added.
    CultiError where anything keeps the release from being written; the old one then stays.
    """
    with ExitStack() as held:
        with _name_scratch():
            kept = held.enter_context(RowFile(rows))
            plan = plan_release(
                kept, previous=previous, given=given, describe=describe, comparisons=comparisons
            )
            build = replace(build, dropped=(*build.dropped, *plan.dropped))
            table = tabulate_rows(kept, plan)
            leakage = measure_leakage(kept, plan)
            counts = summarise(table)
        with replace_folder(out) as folder:
            shards, content_sha256 = _write_data(folder, kept, plan)
            write_croissant(folder, info, table, shards)
            write_citation(folder, info)
            write_plots(folder, table)
            draw_sheet(folder / SHEET, leakage.nearest)
            figures_shown = write_contact_sheet(folder, kept, plan, table)
            write_card(folder, info, table, shards, leakage, figures_shown)
            matter = ReportMatter(kept, plan, info, build, table, leakage)
            write_report(folder / REPORT, matter, full_report)
            write_making(folder, kept, plan, build, list_shown_pages(matter))
            ordered = (n for split in SPLITS for n in plan.members[split])
            write_trail(folder, kept.read_columns(ordered, ("pair_id", "trail")))
            known = {shard.path: shard.sha256 for shard in shards}
            write_manifest(folder, info, counts, content_sha256, _describe_splits(plan, leakage), known)
    return Written(out, content_sha256, counts, plan.dropped, leakage, plan.moved)


@contextmanager
def _name_scratch() -> Iterator[None]:
    """Scratch files have no name: who is told of a full disk is told of which."""
    try:
        yield
    except OSError as error:
        raise CultiError(
            f"{tempfile.gettempdir()}: scratch files cannot be written ({error.strerror or error}); make "
            "room, or name another folder in TMPDIR"
        ) from error


def _describe_splits(plan: Plan, leakage: Leakage) -> dict[str, Any]:
    """What the manifest says of groups and of the release before."""
    before = plan.previous
    return {
        "groups": leakage.groups,
        "joined": dict(leakage.joined),
        "large_groups": [
            {"group_id": g.group_id, "rows": g.rows, "share": round(g.share, 6)} for g in leakage.large
        ],
        "previous": before
        and {"name": before.name, "version": before.version, "content_sha256": before.content_sha256},
        "moved": [asdict(moved) for moved in plan.moved],
    }


def _write_data(folder: Path, rows: Sequence[Row], plan: Plan) -> tuple[list[Shard], str]:
    shards: list[Shard] = []
    row_hashes: dict[str, str] = {}
    for split in SPLITS:
        placed = ((row, plan.place(row)[1]) for row in plan.select(rows, split))
        shards += write_split(folder, split, placed, plan.image_bytes[split], row_hashes)
    return shards, hash_content(row_hashes)
