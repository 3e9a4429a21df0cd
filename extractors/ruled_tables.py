"""Ruled tables on scans: their lines join the pictures in their cells to one region if they are left in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.records import Box

Mask = NDArray[np.bool_]

# Millimetres: the smallest table, the smallest cell, and a line that is too thick for a rule.
_WIDE_MM, _HIGH_MM, _CELL_MM, _THICK_MM = 25.0, 8.0, 3.0, 1.2
# Share of a table's box that lies in its cells, and of a cell's box that the cell fills.
_TILED, _SQUARE = 0.8, 0.88


def find_tables(ink: Mask, text: Sequence[Box], unit: float) -> tuple[Mask, list[Box]]:
    """The lines of all ruled tables on a page as a mask, and the tables' boxes in pixels.

    A table is one piece of thin lines whose meshes are rectangles, with words in two of them at least; the
    frame of a picture has one mesh, a loom draft no words, a flow chart meshes that do not tile it.
    `text` are boxes of lines, `unit` pixels per millimetre.
    """
    lines = np.zeros(ink.shape, bool)
    boxes: list[Box] = []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    for k in range(1, len(stats)):
        x, y, w, h, count = (int(v) for v in stats[k])
        if w < _WIDE_MM * unit or h < _HIGH_MM * unit or count > 0.3 * w * h:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        piece = labels[window] == k
        if _is_thin(piece, unit) and _is_table(piece, [_move(t, x, y) for t in text], unit):
            lines[window] |= piece
            boxes.append((float(x), float(y), float(x + w), float(y + h)))
    return lines, boxes


def _move(box: Box, x: int, y: int) -> Box:
    return box[0] - x, box[1] - y, box[2] - x, box[3] - y


def _is_thin(piece: Mask, unit: float) -> bool:
    """Whether a piece is made of lines; where letters touch them it is a little thicker."""
    side = max(3, round(_THICK_MM * unit))
    thick = cv2.morphologyEx(
        np.pad(piece.astype(np.uint8), side), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)
    )
    return float(thick.sum()) < 0.02 * float(piece.sum())


def _is_table(piece: Mask, text: Sequence[Box], unit: float) -> bool:
    """Whether the meshes of a piece are rectangles that tile its box, two or more with words in them."""
    # A faint line has gaps of a pixel or two.
    closed = cv2.morphologyEx(piece.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    tiled, worded = 0, 0
    for x, y, w, h, count in stats[1:]:
        if min(w, h) < _CELL_MM * unit or count < _SQUARE * w * h:
            continue
        tiled += int(w) * int(h)
        centres = [((t[0] + t[2]) / 2, (t[1] + t[3]) / 2) for t in text]
        worded += any(x < cx < x + w and y < cy < y + h for cx, cy in centres)
    return worded >= 2 and tiled >= _TILED * piece.size
