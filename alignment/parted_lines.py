"""Captions whose fields a wide blank parts (8　乱针绣《大丽花》　研究所), which OCR reads as two lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.marks import read_mark
from extractors.geometry import height, overlap_y, union
from extractors.records import TextLine

# Fields are parted by a blank or two; what is further off, or has others flush below, is another column.
MAX_BLANK_EM, SAME_SIZE, LEVEL, FLUSH_EM = 2.6, 1.25, 0.7, 0.5
_NUMBERED = ("figure", "plate", "list", "heading", "quoted")


def join_parted(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines, a numbered one joined with what OCR read apart on its row, an ideographic space between."""
    joined = list(lines)
    for line in lines:
        mark = read_mark(line.text) if line.source == "ocr" else None
        if mark is None or mark.style not in _NUMBERED or not mark.rest:
            continue
        behind = next((other for other in joined if _goes_on(line, other, lines)), None)
        if behind is not None and any(line is own for own in joined):
            place = next(k for k, own in enumerate(joined) if own is line)
            joined[place] = _join(line, behind)
            joined = [own for own in joined if own is not behind]
    return joined


def _goes_on(line: TextLine, other: TextLine, lines: Sequence[TextLine]) -> bool:
    """Whether a line stands on the row of another, a blank behind it, and begins no column."""
    blank = other.box[0] - line.box[2]
    if not 0 < blank <= MAX_BLANK_EM * line.size or other.source != "ocr":
        return False
    is_level = overlap_y(line.box, other.box) >= LEVEL * min(height(line.box), height(other.box))
    is_alike = max(line.size, other.size) <= SAME_SIZE * min(line.size, other.size)
    return is_level and is_alike and read_mark(other.text) is None and not _begins_column(other, lines)


def _begins_column(line: TextLine, lines: Sequence[TextLine]) -> bool:
    slack = FLUSH_EM * line.size
    return any(own is not line and abs(own.box[0] - line.box[0]) <= slack for own in lines)


def _join(line: TextLine, behind: TextLine) -> TextLine:
    read = [own.confidence for own in (line, behind) if own.confidence is not None]
    return replace(
        line,
        text=f"{line.text}\u3000{behind.text}",
        box=union((line.box, behind.box)),
        confidence=min(read, default=None),
    )
