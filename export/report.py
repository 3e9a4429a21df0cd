from __future__ import annotations
from pathlib import Path
from typing import Any


def write_report(
    path: Path, rows: Any, plan: Any, info: Any, build: Any, table: Any, full_report: Path | None = None
) -> None:
    path.write_text("<!doctype html>")
