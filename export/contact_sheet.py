"""The card's contact sheet: some figures, evenly over all whose pixels may be passed on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from export.info import may_show
from export.plan import Plan
from export.rows import Row
from export.thumbnails import make_thumbnail

CONTACT_SHEET = "images/contact-sheet.jpg"
_COLUMNS, _ROWS = 8, 5
_CELL_PX, _GAP_PX = 180, 8


def write_contact_sheet(release: Path, rows: Sequence[Row], plan: Plan, table: pd.DataFrame) -> int:
    """Writes the picture and gives how many figures are on it; none is written where none may be shown.
    `table` is that of `export.counts.tabulate_rows`."""
    allowed = np.flatnonzero(table["rights"].map(may_show))
    if not len(allowed):
        return 0
    count = min(len(allowed), _COLUMNS * _ROWS)
    wanted = [plan.kept[allowed[len(allowed) * n // count]] for n in range(count)]
    cells = [_make_cell(rows[n].image_file) for n in wanted]
    columns = min(_COLUMNS, len(cells))
    size = (_measure(columns), _measure(-(-len(cells) // columns)))
    sheet = Image.new("RGB", size, "white")
    for n, cell in enumerate(cells):
        corner = (_measure(n % columns), _measure(n // columns))
        sheet.paste(
            cell, (corner[0] + (_CELL_PX - cell.width) // 2, corner[1] + (_CELL_PX - cell.height) // 2)
        )
    (release / CONTACT_SHEET).parent.mkdir(exist_ok=True)
    sheet.save(release / CONTACT_SHEET, "JPEG", quality=82, optimize=True)
    return len(cells)


def _measure(cells: int) -> int:
    """Pixels of so many cells with the gaps around them."""
    return _GAP_PX + cells * (_CELL_PX + _GAP_PX)


def _make_cell(path: Path) -> Image.Image:
    """One thumbnail; grey where the file cannot be decoded."""
    return make_thumbnail(path, _CELL_PX) or Image.new("RGB", (_CELL_PX, _CELL_PX), "#e4ded3")
