"""Colour fields and frames that are the page's and no drawing's: grounds, panels around pictures and text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from extractors.geometry import area, height, overlap_share, union, width
from extractors.page_trace import PlacedPath
from extractors.records import Box, TextLine

# One centimetre: a smaller field holds no paragraph.
_MIN_SIDE = 28.0
_PANEL_CHARACTERS = 60
# A label of a drawing says less than a line of text.
_TEXT_LINE, _COLUMN_LINES = 14, 3
_MIN_PICTURES, _PICTURES_SHARE = 2, 0.1
# What is trimmed at an edge reaches it within a millimetre or so; what is drawn on a page's ground keeps off.
_BLEED, _MARGIN_SHARE, _GROUND_SHARE = 4.0, 0.03, 0.2
# A pattern that is cut off at a page's edges runs over each of them more than once.
_FULL_PAGE, _MIN_BLED = 0.98, 2
# Rows of a table are bounded over their whole width, boxes of a diagram have gaps between them.
_EDGE_SLACK, _RULED_SHARE, _MIN_EDGES = 2.0, 0.8, 2


def frames_text(path: PlacedPath, lines: Sequence[TextLine]) -> bool:
    """Side bars, boxes and colour fields behind paragraphs."""
    if not _may_be_field(path):
        return False
    inside = [line for line in lines if overlap_share(line.box, path.box) > 0.8]
    long = max((width(line.box) for line in inside), default=0.0)
    characters = sum(len(line.text) for line in inside)
    if characters <= _PANEL_CHARACTERS:
        return False
    return long > 0.5 * width(path.box) or _has_column(inside)


def _has_column(lines: Sequence[TextLine]) -> bool:
    """Whether several lines are flush, each longer than a label: a column of those in a panel."""
    starts = Counter(round(line.box[0] / line.size) for line in lines if len(line.text) >= _TEXT_LINE)
    return bool(starts) and max(starts.values()) >= _COLUMN_LINES


def frames_pictures(path: PlacedPath, images: Sequence[Box]) -> bool:
    """A panel or frame on which several pictures stand."""
    if not images or not _may_be_field(path):
        return False
    inside = [box for box in images if overlap_share(box, path.box) > 0.95]
    return len(inside) >= _MIN_PICTURES and sum(map(area, inside)) > _PICTURES_SHARE * area(path.box)


def _may_be_field(path: PlacedPath) -> bool:
    return path.shape in ("rectangle", "free") and min(width(path.box), height(path.box)) >= _MIN_SIDE


def find_grounds(paths: Sequence[PlacedPath], page: Box) -> list[PlacedPath]:
    """The colour fields that reach over a page, or a page of a spread, and on which a drawing stands free.

    A pattern that fills its page has a ground as well, but its motifs reach the edges.
    """
    grounds = [p for p in paths if p.shape == "rectangle" and _reaches_over(p.box, page)]
    found = []
    for ground in grounds:
        box = ground.box
        on_it = [p.box for p in paths if p not in grounds and overlap_share(p.box, box) > 0.95]
        if on_it and _keeps_off(union(on_it), box):
            found.append(ground)
    return found


def find_pattern_ground(
    paths: Sequence[PlacedPath], motifs: Sequence[PlacedPath], lines: Sequence[TextLine], page: Box
) -> list[PlacedPath]:
    """The field that fills a page on which nothing is said and whose motifs run over its edges: a pattern's.

    Of several only the uppermost; none on a page whose drawings keep within it or that has text.
    """
    fields = [
        p for p in paths if p.shape == "rectangle" and p.is_filled and overlap_share(page, p.box) > _FULL_PAGE
    ]
    grounds = [p for p in fields if not p.is_paper and p.alpha > 0.9]
    if not grounds or sum(len(line.text) for line in lines) > _PANEL_CHARACTERS:
        return []
    boxes = [p.box for p in motifs if p not in fields]
    bled = (
        sum(box[0] - page[0] < _BLEED for box in boxes),
        sum(box[1] - page[1] < _BLEED for box in boxes),
        sum(page[2] - box[2] < _BLEED for box in boxes),
        sum(page[3] - box[3] < _BLEED for box in boxes),
    )
    return grounds[-1:] if min(bled) >= _MIN_BLED else []


def _reaches_over(box: Box, page: Box) -> bool:
    """Whether a field is large and reaches two edges of the page that face each other."""
    left, top = abs(box[0] - page[0]) < _BLEED, abs(box[1] - page[1]) < _BLEED
    right, bottom = abs(box[2] - page[2]) < _BLEED, abs(box[3] - page[3]) < _BLEED
    return area(box) > _GROUND_SHARE * area(page) and ((left and right) or (top and bottom))


def _keeps_off(inner: Box, outer: Box) -> bool:
    margin = _MARGIN_SHARE * min(width(outer), height(outer))
    gaps = (inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3])
    return min(gaps) > margin


def has_rows(paths: Sequence[PlacedPath], box: Box) -> bool:
    """Whether lines or edges of cells run over the whole width of a box, as they bound a table's rows."""
    edges: list[tuple[float, float, float]] = []
    for path in paths:
        x0, y0, x1, y1 = path.box
        if path.shape != "rectangle" or overlap_share((x0 - 0.1, y0 - 0.1, x1 + 0.1, y1 + 0.1), box) < 0.5:
            continue
        edges += [(y0, x0, x1), (y1, x0, x1)] if y1 - y0 > 2 * _EDGE_SLACK else [((y0 + y1) / 2, x0, x1)]
    rows = 0
    row: list[tuple[float, float, float]] = []
    for edge in sorted(edges):
        if row and edge[0] - row[0][0] > _EDGE_SLACK:
            rows += _measure_cover(row) > _RULED_SHARE * width(box)
            row = []
        row.append(edge)
    return rows + (_measure_cover(row) > _RULED_SHARE * width(box)) >= _MIN_EDGES


def _measure_cover(edges: Sequence[tuple[float, float, float]]) -> float:
    """The length (points) that edges at one height cover together."""
    covered, reached = 0.0, float("-inf")
    for x0, x1 in sorted((x0, x1) for _, x0, x1 in edges):
        covered += max(0.0, x1 - max(x0, reached))
        reached = max(reached, x1)
    return covered
