"""Writes all files of a report into a folder."""

from __future__ import annotations

from pathlib import Path

from baselines.findings import Findings
from baselines.report.metrics_file import write_metrics
from baselines.report.page import REPORT, write_page
from baselines.report.ranks_file import RANKS, write_ranks
from baselines.report.tables import write_tables

METRICS = "metrics.json"


def write_report(folder: Path, findings: Findings) -> None:
    """metrics.json, table.md, table.tex, ranks.parquet, report.html."""
    folder.mkdir(parents=True, exist_ok=True)
    write_metrics(folder / METRICS, findings)
    write_tables(folder, findings)
    write_ranks(folder / RANKS, findings)
    write_page(folder / REPORT, findings)
