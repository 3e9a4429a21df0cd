"""Writes all files of a report into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from baselines.errors import writing
from baselines.findings import Findings
from baselines.report.metrics_file import write_metrics
from baselines.report.page import REPORT, write_page
from baselines.report.ranks_file import RANKS, write_ranks
from baselines.report.tables import write_tables
from extractors.whole_files import make_folder, sync, sync_tree

METRICS = "metrics.json"


def write_report(folder: Path, findings: Findings) -> None:
    """metrics.json, table.md, table.tex, ranks.parquet, report.html; each takes the place of an older one
    when all are written. PlaceError where they cannot be, and then the older ones stay."""
    new = folder.resolve().with_name(f".{folder.resolve().name}.culti-new")
    with writing(folder):
        try:
            shutil.rmtree(new, ignore_errors=True)
            make_folder(new)
            write_metrics(new / METRICS, findings)
            write_tables(new, findings)
            write_ranks(new / RANKS, findings)
            write_page(new / REPORT, findings)
            sync_tree(new)
            _move_in(new, folder.resolve())
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _move_in(new: Path, folder: Path) -> None:
    try:
        new.replace(folder)
    except OSError:
        # It is not empty. What else a user keeps beside a report stays.
        for file in sorted(new.iterdir()):
            file.replace(folder / file.name)
        sync(folder)
    sync(folder.parent)
