"""Upright rules, which part the cells of a table: no printed line goes on across one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from extractors.geometry import height, width
from extractors.page_trace import PlacedPath
from extractors.records import Box

# Points. A rule between two cells is a hairline or little more, and as high as some lines.
_MAX_WIDTH, _MIN_LINES = 1.6, 1.8


class UprightRules:
    """The thin upright rectangles and lines that a page draws."""

    def __init__(self, paths: Iterable[PlacedPath]) -> None:
        boxes = (path.box for path in paths if path.shape == "rectangle" and not path.is_paper)
        upright = [box for box in boxes if width(box) <= _MAX_WIDTH < height(box)]
        self._rules = sorted(((box[0] + box[2]) / 2, box[1], box[3]) for box in upright)
        self._places = [x for x, _, _ in self._rules]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def part(self, left: Box, right: Box) -> bool:
        """Whether one runs between two boxes of a line, from above the line to below it."""
        top, bottom = max(left[1], right[1]), min(left[3], right[3])
        first, last = bisect_left(self._places, left[2] - 0.5), bisect_right(self._places, right[0] + 0.5)
        least = _MIN_LINES * (bottom - top)
        return any(y0 <= top and bottom <= y1 and y1 - y0 >= least for _, y0, y1 in self._rules[first:last])
