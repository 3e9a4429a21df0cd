"""Vector paths → clusters that are figures; rules, frames, panels and tables are told apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from extractors.fields import find_grounds, find_pattern_ground, frames_pictures, frames_text, has_rows
from extractors.geometry import area, centre, expand, height, overlap_share, overlap_x, union, width
from extractors.page_trace import PlacedPath
from extractors.records import Box, TextLine

# Parts of one drawing lie within the height of a line of text; other figures and text keep more away.
_REACH = 7
_RULE_THICKNESS = 3.0
_FULL_PAGE_SHARE = 0.7
_SPECK = 6.0
_TEXT_AREA_SHARE = 0.3
_LABEL_CHARACTERS = 24
# An inch and a half: longer rules part texts, or are axes and grids of a drawing that is as large.
_LONG_RULE = 108.0
_BANNER_SHARE = 0.95
_BOUNDED_SIDES = 2
_FORM_COVERS, _CELL_ASPECT = 0.9, 2.0
_FIELD = "frame or colour field"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A cluster of paths; `fingerprint` is the same for the same paths placed elsewhere."""

    box: Box
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The paths of a page, told apart."""

    drawings: tuple[Drawing, ...]
    rules: tuple[Box, ...]
    dropped: tuple[tuple[Box, str], ...]


def find_drawings(
    paths: Sequence[PlacedPath],
    lines: Sequence[TextLine],
    page_width: float,
    page_height: float,
    images: Sequence[Box] = (),
) -> Drawn:
    """Clusters paths that lie close together and says which clusters are figures; `images` are the page's."""
    rules, parts = _part_rules(paths, lines, page_width * page_height)
    parts += find_pattern_ground(paths, parts, lines, (0.0, 0.0, page_width, page_height))
    fields = [
        *(p for p in parts if frames_pictures(p, images)),
        *find_grounds(parts, (0.0, 0.0, page_width, page_height)),
    ]
    parts = [p for p in parts if all(p is not field for field in fields)]
    # A separator that ends near a drawing would stretch it; axes and grids lie within what they belong to.
    long = [p for p in parts if _is_long_rule(p)]
    found = _cluster([p for p in parts if not _is_long_rule(p)], page_width, page_height)
    clusters = [c for c in found if not all(_is_thin(p) for p in c)]
    loose = _join_rules(clusters, long) + [p for c in found if all(_is_thin(p) for p in c) for p in c]
    clusters += _cluster(loose, page_width, page_height)
    drawings: list[Drawing] = []
    dropped = [(p.box, _FIELD) for p in fields]
    for cluster in clusters:
        box = union(p.box for p in cluster)
        grid = [
            p.box for p in paths if _is_thin(p) and overlap_share(expand(p.box, 0.1), expand(box, 3)) > 0.9
        ]
        reason = _find_reason(cluster, box, grid, lines, page_width)
        if reason == "table" and not has_rows(paths, box):
            reason = ""
        if reason == "rules":
            rules += [p.box for p in cluster]
        elif reason:
            dropped.append((box, reason))
            rules += grid if reason == "table" else []
        else:
            drawings.append(Drawing(_take_labels(box, lines), _print_of(cluster, box)))
    return Drawn(tuple(drawings), tuple(rules), tuple(dropped))


def _is_long_rule(path: PlacedPath) -> bool:
    return _is_thin(path) and max(width(path.box), height(path.box)) > _LONG_RULE


def _join_rules(clusters: list[list[PlacedPath]], long: Sequence[PlacedPath]) -> list[PlacedPath]:
    """Gives each cluster the rules that lie on it for the most part; returns the others."""
    boxes = [union(p.box for p in cluster) for cluster in clusters]
    loose = []
    for rule in long:
        around = expand(rule.box, 0.1)
        index = next((i for i, b in enumerate(boxes) if overlap_share(around, expand(b, _REACH)) > 0.6), None)
        if index is None:
            loose.append(rule)
        else:
            clusters[index].append(rule)
    return loose


def _part_rules(
    paths: Sequence[PlacedPath], lines: Sequence[TextLine], page_area: float
) -> tuple[list[Box], list[PlacedPath]]:
    """Underlines and frames around text are print; all else may be part of a drawing."""
    rules: list[Box] = []
    parts: list[PlacedPath] = []
    by_row: dict[int, list[TextLine]] = {}
    for line in lines:
        by_row.setdefault(int(line.box[3] // 16), []).append(line)
    edges = [path.box for path in paths if _is_long_rule(path)]
    for path in paths:
        if path.is_paper or path.alpha < 0.05 or (path.is_masked and path.shape == "rectangle"):
            continue
        if area(path.box) > _FULL_PAGE_SHARE * page_area:
            continue
        is_underline = path.shape == "rectangle" and _is_thin(path) and _is_underline(path.box, by_row)
        if is_underline or frames_text(path, lines) or _fills_cells(path, edges, lines):
            rules.append(path.box)
        else:
            parts.append(path)
    return rules, parts


def _is_thin(path: PlacedPath) -> bool:
    return path.shape == "rectangle" and min(width(path.box), height(path.box)) <= _RULE_THICKNESS


def _is_underline(box: Box, by_row: dict[int, list[TextLine]]) -> bool:
    row = int(box[1] // 16)
    near = [line for r in (row - 1, row, row + 1) for line in by_row.get(r, ())]
    return any(
        -0.35 * line.size <= box[1] - line.box[3] <= 0.45 * line.size
        and overlap_x(box, line.box) > 0.7 * width(box)
        and width(box) > 0.5 * line.size
        for line in near
    )


def _fills_cells(path: PlacedPath, edges: Sequence[Box], lines: Sequence[TextLine]) -> bool:
    """The tint of a table's row or cell: a rectangle with words in it that rules of a table bound."""
    if path.shape != "rectangle" or not edges or _is_thin(path):
        return False
    if not any(overlap_share(line.box, path.box) > 0.8 for line in lines):
        return False
    x0, y0, x1, y1 = path.box
    sides = ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))
    return sum(any(_runs_along(edge, side) for edge in edges) for side in sides) >= _BOUNDED_SIDES


def _runs_along(rule: Box, side: Box) -> bool:
    axis = 0 if side[0] != side[2] else 1
    across = 1 - axis
    near = abs((rule[across] + rule[across + 2]) / 2 - side[across]) <= _RULE_THICKNESS
    return (
        near
        and rule[axis] <= side[axis] + _RULE_THICKNESS
        and rule[axis + 2] >= side[axis + 2] - _RULE_THICKNESS
    )


def _cluster(parts: Sequence[PlacedPath], page_width: float, page_height: float) -> list[list[PlacedPath]]:
    """Groups by what touches when each part is grown by half the reach, on a raster of 1 px a point."""
    if len(parts) < 2:
        return [list(parts)] if parts else []
    w, h = int(min(page_width, 5000)) + 2, int(min(page_height, 5000)) + 2
    boxes, last = np.array([part.box for part in parts]), (w - 1, h - 1)
    low = np.clip(boxes[:, :2].astype(int), 0, last)
    high = np.maximum(low, np.minimum(np.ceil(boxes[:, 2:]).astype(int), last))
    # No more of the page than the parts take up; labels are dealt out in blocks of 2 × 2 px.
    corner = np.maximum(low.min(axis=0) - _REACH, 0) & ~1
    columns, rows = np.minimum(high.max(axis=0) + _REACH, (w, h)) - corner
    low, high = low - corner, high - corner
    raster = np.zeros((rows, columns), np.uint8)
    for start, end in zip(low.tolist(), high.tolist(), strict=True):
        cv2.rectangle(raster, start, end, 255, -1)
    _, labels = cv2.connectedComponents(cv2.dilate(raster, np.ones((_REACH, _REACH), np.uint8)))
    groups: dict[int, list[PlacedPath]] = {}
    for part, label in zip(parts, labels[low[:, 1], low[:, 0]].tolist(), strict=True):
        groups.setdefault(label, []).append(part)
    return [groups[label] for label in sorted(groups)]


def _find_reason(
    cluster: Sequence[PlacedPath], box: Box, grid: Sequence[Box], lines: Sequence[TextLine], page_width: float
) -> str:
    """Why a cluster is no figure; empty if it may be one."""
    inside = [line for line in lines if overlap_share(line.box, expand(box, 3)) > 0.6]
    if all(_is_thin(p) for p in cluster):
        return "table" if _has_rows(inside) else "rules"
    if max(width(box), height(box)) < _SPECK:
        return "speck"
    free = sum(p.shape != "rectangle" for p in cluster)
    if _has_rows(inside) and free <= len(inside) and (free == 0 or _is_grid(grid)):
        return "table"
    if free == 0 and len(cluster) < 4:
        return _FIELD
    if _is_form(cluster, box):
        return "table"
    if sum(area(line.box) for line in inside) > _TEXT_AREA_SHARE * area(box):
        return "panel under text"
    if width(box) > _BANNER_SHARE * page_width and inside:
        return "banner"
    return ""


def _has_rows(inside: Sequence[TextLine]) -> bool:
    """Text in two rows at least, as in the cells of a table."""
    return len(inside) > 3 and len({round(centre(line.box)[1] / 8) for line in inside}) > 1


def _is_form(cluster: Sequence[PlacedPath], box: Box) -> bool:
    """Whether empty cells, wider than high, make up all of a box: a form to be filled in. The squares of a
    draft are as high as wide, and some of them filled."""
    if any(p.shape != "rectangle" or p.is_filled for p in cluster):
        return False
    cells = [p.box for p in cluster if not _is_thin(p)]
    if sum(map(area, cells)) < _FORM_COVERS * area(box):
        return False
    return median(width(cell) / height(cell) for cell in cells) >= _CELL_ASPECT


def _is_grid(grid: Sequence[Box]) -> bool:
    across = {round(b[1] / 3) for b in grid if width(b) > height(b)}
    down = {round(b[0] / 3) for b in grid if height(b) > width(b)}
    return len(across) > 1 and len(down) > 0


def _take_labels(box: Box, lines: Sequence[TextLine]) -> Box:
    """Labels that stand across the edge belong to the drawing."""
    labels = [
        line.box
        for line in lines
        if len(line.text) <= _LABEL_CHARACTERS and overlap_share(line.box, expand(box, 2)) > 0.25
    ]
    return union([box, *labels])


def _print_of(cluster: Sequence[PlacedPath], box: Box) -> str:
    digest = hashlib.sha256()
    for part in cluster:
        x0, y0, x1, y1 = part.box
        digest.update(f"{x0 - box[0]:.0f},{y0 - box[1]:.0f},{x1 - x0:.0f},{y1 - y0:.0f};".encode())
    return digest.hexdigest()[:32]
