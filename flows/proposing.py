"""`culti crop`: details suggested to a curator, as tables for the sources file and as pictures."""

from __future__ import annotations

import argparse
import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.whole_files import write_atomically
from flows.configuration import ConfigurationError
from flows.console import say, show_path
from flows.step_progress import show_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from export.units import Suggestion

_HEAD = """\
# Suggested details of {document}: the repeating unit of each pattern that repeats.
# Look at {sheets}. For those that you want set `accepted = true`, give them words if you like,
# mend a box if it is wrong, and put all this into your sources file, right under the [[book]] of this PDF.
# Then build again.
"""
_CROP = """
# {number}: {title}, {score:.2f} alike one unit further
[[book.crop]]
page = {page}
box = [{box}]    # x0, y0, x1, y1 in points, from the top left
words = ""
accepted = false
"""


def run_crop(options: argparse.Namespace) -> int:
    """The command; 0 also where no pattern repeats."""
    from export.reading import ReleaseError
    from export.units import suggest_units

    folder: Path = options.out
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(f"--out {folder}: is there already; choose a new folder")
    try:
        with show_steps(sys.stdout) as tell:
            found = suggest_units(options.release, tell)
    except ReleaseError as error:
        raise ConfigurationError(str(error)) from error
    if not found:
        say(f"{show_path(options.release)}: no pattern that repeats and has no detail yet")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for document, some in groupby(found, key=lambda s: s.document):
        say(f"suggestions  {show_path(write_suggestions(folder, document, list(some)))}")
    units = "1 unit" if len(found) == 1 else f"{len(found)} units"
    say(f"{units} suggested; nothing is cut before you say yes in the sources file")
    return 0


def write_suggestions(folder: Path, document: str, found: Sequence[Suggestion]) -> Path:
    """Writes the suggestions of one book and their contact sheets; the path of the former."""
    from export.units import draw_sheets

    path = folder / f"{document}.toml"
    sheets = []
    for number, sheet in enumerate(draw_sheets(found), 1):
        name = f"{document}-{number}.png"
        sheet.save(folder / name, "PNG")
        sheets.append(name)
    shown = sheets[0] if len(sheets) == 1 else f"{sheets[0]} to {sheets[-1]}"
    text = _HEAD.format(document=document, sheets=shown)
    for number, one in enumerate(found, 1):
        text += _CROP.format(
            number=number,
            title=json.dumps(one.title, ensure_ascii=False)[1:-1] or "no title",
            score=one.score,
            page=one.page,
            box=", ".join(f"{v:.1f}" for v in one.box),
        )
    write_atomically(path, text.encode("utf-8", "replace"))
    return path
