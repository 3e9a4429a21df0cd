"""The name of a picture: a short line under it, in its middle."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.geometry import centre, overlap_x
from extractors.records import Box, TextLine

MAX_NAME, MAX_GAP_EM, CENTRED_EM = 12, 4.0, 1.5


def find_name(box: Box, lines: Sequence[TextLine]) -> TextLine | None:
    """The short line under a box, in its middle."""
    under = [
        line
        for line in lines
        if line.direction == "horizontal"
        and len(line.text) <= MAX_NAME
        and any("\u3400" <= c <= "\u9fff" for c in line.text)
        and -0.3 * line.size <= line.box[1] - box[3] <= MAX_GAP_EM * line.size
        and abs(centre(line.box)[0] - centre(box)[0]) <= CENTRED_EM * line.size
        and overlap_x(line.box, box) > 0
    ]
    return min(under, key=lambda line: line.box[1], default=None)
