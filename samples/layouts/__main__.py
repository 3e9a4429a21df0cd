"""`python -m samples.layouts OUT [--seed N] [--scan] [--only NAME …]`: writes the gallery and its truth."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from samples.layouts.case import Case
from samples.layouts.registry import CASES
from samples.scan import scan_volume
from samples.truth import Row, write_truth


def main() -> int:
    """Read the call and write the books, `gt.json` and `sources.toml`."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.layouts", description="Typeset a book for each layout."
    )
    parser.add_argument("out", type=Path, help="folder to write books, gt.json and sources.toml to")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other books")
    parser.add_argument("--scan", action="store_true", help="write the books as a scanner gives them")
    parser.add_argument("--only", nargs="*", choices=sorted(CASES), help="these cases alone")
    options = parser.parse_args()
    names = options.only or [name for name, case in CASES.items() if case.can_be_scanned or not options.scan]
    cases = [CASES[name] for name in names]
    rows: list[Row] = []
    for case in cases:
        rows += write_case(options.out, case, options.seed, scanned=options.scan)
    write_truth(options.out / "gt.json", rows)
    sources = options.out / "sources.toml"
    sources.write_text(_list_sources(cases), encoding="utf-8")
    sys.stdout.write(f"{sources}\n")
    return 0


def write_case(
    folder: Path, case: Case, seed: int, *, scanned: bool = False, pages: Sequence[int] | None = None
) -> list[Row]:
    """Write the book of a case, or a scan of some of its pages, as `<name>.pdf`; return its truth."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.name}.pdf"
    if not scanned:
        return case.write(path, seed)
    with tempfile.TemporaryDirectory() as scratch:
        clean = Path(scratch) / path.name
        return scan_volume(clean, path, seed=seed, truth=case.write(clean, seed), pages=pages)


def _list_sources(cases: list[Case]) -> str:
    lines = ['name = "culti-layouts"', 'version = "1.0.0"']
    for case in cases:
        lines += ["", "[[book]]", f"file = {json.dumps(f'{case.name}.pdf')}", f'series = "{case.series}"']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
