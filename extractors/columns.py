"""Vertical text: a column cut into its characters and set as a row, which recognisers read far better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.ocr import Raster

# The recogniser takes strips of up to 66 em; shorter ones squeeze nothing.
MAX_CELLS = 32
_CUT_COST = 4.0
_SHAPE_COST = 6.0


def set_as_row(strip: Raster, ink: NDArray[np.bool_]) -> list[Raster]:
    """The characters of a column (RGB strip and its ink mask) side by side, as one or more horizontal strips.

    A gap of an em or more between two characters stays a gap.
    """
    columns = np.flatnonzero(ink.sum(axis=0) > 0)
    if not columns.size:
        return []
    x0, x1 = int(columns[0]), int(columns[-1]) + 1
    em = max(4, x1 - x0)
    cells = cut_cells(ink[:, x0:x1])
    ground = strip[~ink] if (~ink).any() else np.full((1, 3), 255, np.uint8)
    paper = np.median(ground, axis=0).astype(np.uint8)
    pad = max(1, em // 12)
    left, right = max(0, x0 - pad), min(strip.shape[1], x1 + pad)
    rows = []
    for start in range(0, len(cells), MAX_CELLS):
        rows.append(_join(strip[:, left:right], cells[start : start + MAX_CELLS], em, paper))
    return rows


def cut_cells(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Top and bottom rows of the characters in a column's ink mask, which is as wide as the characters.

    Han characters are square, so cuts are wanted about every em and where no ink is cut through; blank rows
    between characters cost nothing. The cheapest set of cuts is found by dynamic programming.
    """
    best: tuple[float, list[tuple[int, int]]] | None = None
    for stretch in (1.0, 0.92, 1.1):
        cost, cells = _cut(ink, ink.shape[1] * stretch)
        if best is None or cost < best[0] - 1e-9:
            best = (cost, cells)
    return best[1] if best else []


def _cut(ink: NDArray[np.bool_], em: float) -> tuple[float, list[tuple[int, int]]]:
    height = ink.shape[0]
    profile = ink.sum(axis=1) / max(1, ink.shape[1])
    inked = np.concatenate(([0], np.cumsum(profile > 0)))
    # Ink between two rows is what a cut between them goes through.
    cut = np.zeros(height + 1)
    cut[1:height] = np.minimum(profile[:-1], profile[1:])
    low, high = max(2, int(em * 0.55)), int(em * 1.45) + 1
    cost = np.full(height + 1, np.inf)
    came = np.full(height + 1, -1, dtype=int)
    cost[0] = 0.0
    for end in range(1, height + 1):
        if profile[end - 1] == 0 and cost[end - 1] < cost[end]:
            cost[end], came[end] = cost[end - 1], end - 1
        starts = np.arange(max(0, end - high), end - low + 1)
        if starts.size:
            shape = _SHAPE_COST * ((end - starts - em) / em) ** 2
            empty = np.where(inked[end] - inked[starts] == 0, np.inf, 0.0)
            total = cost[starts] + shape + empty + _CUT_COST * cut[end]
            k = int(np.argmin(total))
            if total[k] < cost[end]:
                cost[end], came[end] = float(total[k]), int(starts[k])
    return _trace(cost, came, inked, height)


def _trace(
    cost: NDArray[np.float64], came: NDArray[np.int_], inked: NDArray[np.int_], height: int
) -> tuple[float, list[tuple[int, int]]]:
    if not np.isfinite(cost[height]):
        return float("inf"), [(0, height)]
    cells, end = [], height
    while end > 0:
        start = int(came[end])
        if inked[end] > inked[start]:
            cells.append((start, end))
        end = start
    return float(cost[height]), cells[::-1]


def _join(strip: Raster, cells: list[tuple[int, int]], em: int, paper: NDArray[np.uint8]) -> Raster:
    side = max([em + 2, *(bottom - top for top, bottom in cells)])
    width = strip.shape[1]
    blank = np.empty((side, width, 3), np.uint8)
    blank[:] = paper
    parts: list[Raster] = []
    for k, (top, bottom) in enumerate(cells):
        if k and top - cells[k - 1][1] >= 0.5 * em:
            parts.append(blank)
        tile = blank.copy()
        y = (side - (bottom - top)) // 2
        tile[y : y + bottom - top] = strip[top:bottom]
        parts.append(tile)
    return np.concatenate(parts, axis=1)
