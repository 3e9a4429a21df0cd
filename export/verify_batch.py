"""What can be told of many rows at once: which checks of single rows none of them need.

A check is left out only where the whole batch holds to it, so what a fault is called stays with the check of
the row (`export.verify_row`), and one row in doubt has all of its batch checked one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alignment.text.fields import PRINTED
from export.verify_row import (
    LARGE,
    NEEDED,
    REFINEMENT,
    REGIONS,
    ROW_CHECKS,
    SHARES,
    VALUES,
    Check,
    check_boxes,
    check_indexes,
    check_plain,
)

Floats = NDArray[np.float64]
# No resolution is less.
_LEAST_DPI = 1e-6


def choose_checks(batch: pa.RecordBatch) -> tuple[Check, ...]:
    """The checks, in their order, that some row of the batch may fail; it has all columns but the image."""
    spared = [check for check, is_clear in _CLEAR.items() if is_clear(batch)]
    return tuple(check for check in ROW_CHECKS if check not in spared)


def _have_no_indexes(batch: pa.RecordBatch) -> bool:
    """Whether no row has a printed number, nor an integer beside one."""
    names = [name for index, printed in PRINTED.items() for name in (f"{index}_index", printed)]
    return all(batch.column(name).null_count == batch.num_rows for name in names)


def _are_plain(batch: pa.RecordBatch) -> bool:
    """Whether single values are what they may be."""
    if any(batch.column(name).null_count for name in NEEDED):
        return False
    for name, allowed in VALUES.items():
        if not allowed.issuperset(pc.unique(batch.column(name).drop_null()).to_pylist()):
            return False
    refinements = pc.unique(batch.column("refinement").drop_null()).to_pylist()
    return (
        all(map(REFINEMENT.fullmatch, refinements))
        and all(_lie_within(batch.column(name), 0, 1) for name in SHARES)
        and _lie_within(batch.column("dpi"), _LEAST_DPI, LARGE)
        and all(_lie_within(batch.column(name), 1, LARGE) for name in ("width", "height", "page"))
    )


def _lie_within(column: pa.Array, least: float, most: float) -> bool:
    known = column.drop_null().to_numpy()
    return bool(((known >= least) & (known <= most)).all())


def _are_boxes_clear(batch: pa.RecordBatch) -> bool:
    """Whether all boxes lie inside their pages, and the columns of text regions are parallel."""
    widths, heights = (_fill(batch.column(name)) for name in ("page_width", "page_height"))
    figures = batch.column("figure_bbox")
    there = figures.is_valid().to_numpy(zero_copy_only=False)
    if not _are_inside(figures.drop_null(), widths[there], heights[there]):
        return False
    counts, *others = (pc.list_value_length(batch.column(name)) for name in REGIONS)
    pages, _, boxes = (batch.column(name).drop_null().flatten() for name in REGIONS)
    if not all(map(counts.equals, others)) or pages.null_count or boxes.null_count:
        return False
    rows = np.repeat(np.arange(batch.num_rows), pc.fill_null(counts, 0).to_numpy())
    # Of other pages a row does not say how large they are.
    own = pc.fill_null(batch.column("page"), -1).to_numpy()[rows] == pages.to_numpy()
    return _are_inside(boxes, np.where(own, widths[rows], LARGE), np.where(own, heights[rows], LARGE))


def _fill(sides: pa.Array) -> Floats:
    """Sides of pages; what is not known is as large as can be."""
    known = pc.fill_null(sides, 0).to_numpy().astype(np.float64)
    return np.where(known == 0, LARGE, known)


def _are_inside(boxes: pa.ListArray, widths: Floats, heights: Floats) -> bool:
    """Whether each box, none of which is null, has four numbers and lies inside its page."""
    numbers = boxes.flatten()
    if numbers.null_count or not (pc.list_value_length(boxes).to_numpy() == 4).all():
        return False
    x0, y0, x1, y1 = numbers.to_numpy().reshape(-1, 4).T
    inside = (x0 >= 0) & (x0 < x1) & (x1 <= widths) & (y0 >= 0) & (y0 < y1) & (y1 <= heights)
    return bool(inside.all())


_CLEAR: Mapping[Check, Callable[[pa.RecordBatch], bool]] = {
    check_plain: _are_plain,
    check_boxes: _are_boxes_clear,
    check_indexes: _have_no_indexes,
}
