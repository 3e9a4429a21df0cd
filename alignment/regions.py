"""Text lines → blocks: lines of one size and direction that follow each other, parted at marks and gaps.

A block is what a reader takes in as one piece of text: a caption, a heading, a paragraph group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from alignment.counted_lines import join_counted
from alignment.data_lines import is_collection
from alignment.joining import join_lines
from alignment.legend_rows import join_legend_rows
from alignment.line_breaks import cut_at_breaks
from alignment.list_keys import find_keys
from alignment.marks import Mark, breaks_place, read_mark, read_pointer_behind
from alignment.numerals import CIRCLED_CHARACTERS
from alignment.parted_lines import join_parted
from alignment.parts import begins_run
from alignment.places import is_place
from alignment.reading_order import turn_box
from extractors.geometry import area, intersection, overlap_x, union, width
from extractors.records import Box, Direction, Page, TextLine

# Sizes of OCR lines are measured from ink and vary with the glyphs; a text layer states them.
SIZE_RATIO_LAYER = 1.12
SIZE_RATIO_OCR = 1.4
# Legends and translations under captions may be set smaller.
LEGEND_RATIO = 1.4
# Leading in print is 1.2–2 em from line to line, that is a gap of up to about one em between the boxes.
MAX_GAP_EM = 1.15
# A translation stands as close as the lines of one text.
MIN_WORDS, CLOSE_EM = 2, 0.5
_ITEMS = {"list", "heading"}
_HAN, _WORD = re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]{2,}")
_CAPITAL = re.compile("^[A-H]$")
# Typescripts are set with more, at one pitch whatever the size of the type, throughout a page.
MAX_PITCH_EM, SAME_PITCH_EM, MIN_PITCHES, MOST_PITCHES = 2.7, 0.12, 6, 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in reading order with their common box, median size and the mark with which they begin."""

    page: int
    lines: tuple[TextLine, ...]
    box: Box
    size: float
    direction: Direction
    mark: Mark | None
    text: str = field(init=False, compare=False, repr=False)
    """The lines joined to running text, an ideographic space where one ends before its measure is full."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", "\u3000".join(map(join_lines, cut_at_breaks(self.lines, self.size))))

    @property
    def raw(self) -> str:
        """The lines as read, one per line."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float | None:
        """The mean of the lines' OCR confidences, weighted by length; None for a text layer."""
        read = [(line.confidence, len(line.text)) for line in self.lines if line.confidence is not None]
        total = sum(n for _, n in read)
        return sum(c * n for c, n in read) / total if total else None


def make_block(page: int, lines: Sequence[TextLine]) -> Block:
    """A block of the given lines, which must be in reading order; ValueError without any."""
    return Block(
        page=page,
        lines=tuple(lines),
        box=union(line.box for line in lines),
        size=median(line.size for line in lines),
        direction=lines[0].direction,
        mark=read_mark(lines[0].text) or read_pointer_behind(lines[-1].text),
    )


def find_blocks(page: Page, obstacles: Sequence[Box] = ()) -> list[Block]:
    """All blocks of a page. `obstacles` are boxes (pictures) that no block reaches across."""
    horizontal = [line for line in page.lines if line.direction == "horizontal" and line.text.strip()]
    horizontal = join_legend_rows(join_parted(join_counted(horizontal, obstacles)))
    vertical = [line for line in page.lines if line.direction == "vertical" and line.text.strip()]
    blocks = _chain(page, horizontal, obstacles)
    # Columns run right to left: turned by a quarter, they are lines that run down.
    turned = [_turn(line) for line in vertical]
    back = {id(t): line for t, line in zip(turned, vertical, strict=True)}
    for group in _chain_lines(turned, [turn_box(b) for b in obstacles], page.source == "scan"):
        blocks.append(make_block(page.number, [back[id(t)] for t in group]))
    return blocks


def turn_block(block: Block) -> Block:
    """The block turned by a quarter: its columns as lines from top to bottom, or its lines as columns."""
    turned = replace(block, lines=tuple(_turn(line) for line in block.lines), box=turn_box(block.box))
    return replace(turned, direction="horizontal" if block.direction == "vertical" else "vertical")


def _turn(line: TextLine) -> TextLine:
    return TextLine(line.text, turn_box(line.box), line.size, "horizontal", line.source, line.font, line.bold)


def _chain(page: Page, lines: Sequence[TextLine], obstacles: Sequence[Box]) -> list[Block]:
    return [make_block(page.number, g) for g in _chain_lines(lines, obstacles, page.source == "scan")]


def _chain_lines(lines: Sequence[TextLine], obstacles: Sequence[Box], is_ocr: bool) -> list[list[TextLine]]:
    """Groups of lines, each in order from top to bottom; pieces of one printed line stay together."""
    ordered = sorted(lines, key=lambda ln: (ln.box[1], ln.box[0]))
    groups: list[list[TextLine]] = []
    near: list[list[TextLine]] = []
    pitch = _find_wide_pitch(ordered)
    for line in ordered:
        # From top to bottom: a group too far above this line is so for all others.
        near = [g for g in near if line.box[1] - g[-1].box[3] <= max(MAX_GAP_EM * g[-1].size, pitch)]
        best: tuple[float, list[TextLine]] | None = None
        for group in near:
            distance = _follows(group, line, obstacles, is_ocr or line.source == "ocr", pitch)
            if distance is not None and (best is None or distance < best[0]):
                best = (distance, group)
        if best:
            best[1].append(line)
        else:
            near.append([line])
            groups.append(near[-1])
    return groups


def _find_wide_pitch(lines: Sequence[TextLine]) -> float:
    """The distance (points) from line to line at which most of a page is set, where that is more than print
    uses; else 0. Lines are in order from the top."""
    pitches: Counter[int] = Counter()
    for above, line in pairwise(lines):
        pitch = line.box[1] - above.box[1]
        if above.size == line.size and overlap_x(above.box, line.box) > 0 and pitch > 0.5 * line.size:
            pitches[round(pitch)] += 1
    usual, count = max(pitches.items(), key=lambda it: (it[1], -it[0]), default=(0, 0))
    count += pitches[usual - 1] + pitches[usual + 1]
    size = median(line.size for line in lines) if lines else 0.0
    is_wide = (1 + MAX_GAP_EM) * size < usual <= MAX_PITCH_EM * size
    return usual if is_wide and count >= max(MIN_PITCHES, MOST_PITCHES * pitches.total()) else 0.0


def _follows(
    group: Sequence[TextLine], line: TextLine, obstacles: Sequence[Box], is_ocr: bool, pitch: float
) -> float | None:
    """The gap in points when `line` goes on with the block `group`, else None; `pitch` is that of a page set
    wide, else 0."""
    last = group[-1]
    limit = SIZE_RATIO_OCR if is_ocr or last.source == "ocr" else SIZE_RATIO_LAYER
    is_of_caption = (
        _is_legend(group, line)
        or _goes_on_legend(group, line)
        or _is_of_same_caption(group, line)
        or _translates(group, line)
    )
    if max(last.size, line.size) > (LEGEND_RATIO if is_of_caption else limit) * min(last.size, line.size):
        return None
    em = min(last.size, line.size)
    shared = overlap_x(last.box, line.box)
    if shared < 0.5 * min(width(last.box), width(line.box)) and shared < 4 * em:
        # The second line of a paragraph may be so short that it ends under the first one's indent.
        back = last.box[0] - line.box[0]
        if len(group) > 1 or not 1.4 * em < back < 2.6 * em or width(last.box) < 8 * em:
            return None
    gap = line.box[1] - last.box[3]
    is_at_pitch = pitch > 0 and abs(line.box[1] - last.box[1] - pitch) <= SAME_PITCH_EM * pitch
    if gap < -0.5 * em or not (gap <= MAX_GAP_EM * em or is_at_pitch):
        return None
    if len(group) > 1:
        usual = group[-1].box[1] - group[-2].box[3]
        if gap > max(usual, 0) + 0.45 * em:
            return None
    between = (max(last.box[0], line.box[0]), last.box[3], min(last.box[2], line.box[2]), line.box[1])
    if any(area(intersection(between, o)) > 0.2 * area(between) for o in obstacles if area(between) > 0):
        return None
    if not is_of_caption and (_starts_anew(group, line) or _breaks_paragraph(group, line, em)):
        return None
    return gap


def _is_legend(group: Sequence[TextLine], line: TextLine) -> bool:
    """Whether a line right under a figure's caption names its numbered parts: 1. … 2. …"""
    mark = read_mark(group[0].text)
    return mark is not None and mark.style in ("figure", "plate") and begins_run(line.text)


def _goes_on_legend(group: Sequence[TextLine], line: TextLine) -> bool:
    """Whether a line begins with the next number of a list that is set as one text: the lines before it hold
    several items each."""
    told = "\n".join(ln.text for ln in group)
    if not line.text[:1].isdigit() and line.text[:1] not in CIRCLED_CHARACTERS:
        return False
    keys = find_keys(told)
    is_run_in = len(keys) > len(group) - (bool(keys) and keys[0].start > 0)
    return is_run_in and any(key.start == len(told) + 1 for key in find_keys(f"{told}\n{line.text}"))


def _is_of_same_caption(group: Sequence[TextLine], line: TextLine) -> bool:
    """Whether a line right under a caption says it in another language (图3, Fig. 3), or goes on with another
    place (上图：…, 下图：…)."""
    first, mark = read_mark(group[0].text), read_mark(line.text)
    if first is None or mark is None or first.style != mark.style:
        return False
    if mark.style == "panel":
        return is_place(mark.label) and is_place(first.label) and mark.label != first.label
    is_latin = [m.label[:1].isascii() for m in (first, mark)]
    return mark.style == "figure" and mark.number == first.number is not None and is_latin == [False, True]


def _translates(group: Sequence[TextLine], line: TextLine) -> bool:
    """Whether a line of Western words stands close under a caption or an item in Han, which has none yet."""
    mark, gap = read_mark(group[0].text), line.box[1] - group[-1].box[3]
    is_marked = mark is not None and mark.style != "bare" and bool(mark.rest)
    has_han = all(_HAN.search(own.text) for own in group)
    is_western = len(_WORD.findall(line.text)) >= MIN_WORDS and not _HAN.search(line.text)
    return is_marked and has_han and is_western and gap <= CLOSE_EM * line.size


def _starts_anew(group: Sequence[TextLine], line: TextLine) -> bool:
    """Whether a mark at the line's start begins a new text, rather than a sentence that cites a figure."""
    last = group[-1]
    if last.bold != line.bold and read_mark(group[0].text) is not None and len(group) == 1:
        return True
    mark, head = read_mark(line.text), read_mark(group[0].text)
    if head and head.style == "photo" and is_collection(line.text):
        return True
    if mark is None or mark.style == "bare":
        return False
    if mark.style == "photo" and breaks_place(join_lines(ln.text for ln in group)):
        return False
    if mark.style == "pointer" and read_pointer_behind(line.text) == mark:
        # It points from the end of what stands before it.
        return last.text.rstrip().endswith("。")
    if mark.style in ("photo", "pointer", "page"):
        return True
    if mark.style == "quoted":
        return read_mark(group[0].text) is not None and _ends_early(group)
    first = read_mark(group[0].text)
    if first and _counts_alike(first, mark):
        # A list or a column of captions counts up; any other number at a line's start is text.
        counted = [_find_count(m) for ln in group if (m := read_mark(ln.text)) and _counts_alike(first, m)]
        return max(counted) < _find_count(mark) <= max(counted) + 3
    counts_from_one = mark.style in ("list", "heading", "plate", "outline") and mark.number == 1
    return (mark.style == "figure" or counts_from_one) and _ends_early(group)


def _counts_alike(one: Mark, other: Mark) -> bool:
    """Whether two marks may be of one list. Whether a number's words are a title or a clause tells a heading
    from an item, and in one list there are both."""
    same = one.style == other.style or {one.style, other.style} <= _ITEMS
    return same and min(_find_count(one), _find_count(other)) > 0


def _find_count(mark: Mark) -> int:
    """The number by which a mark counts, the place in the alphabet of a capital letter; 0 without one."""
    if mark.style == "panel" and _CAPITAL.match(mark.label):
        return ord(mark.label) - ord("A") + 1
    return mark.number or 0


def _breaks_paragraph(group: Sequence[TextLine], line: TextLine, em: float) -> bool:
    """Whether a paragraph ends before `line`: the last line stops short of it, or `line` is indented."""
    last = group[-1]
    left, right = line.box[0] - last.box[0], line.box[2] - last.box[2]
    is_centred = abs(left + right) < 0.8 * em and abs(left) > 0.8 * em
    # A blank or bracket at a line's end may push a centred one aside; no indent is so deep.
    is_deep = min(left, -right) > 4 * em and abs(left + right) < 0.15 * min(left, -right)
    if is_centred or is_deep:
        return False
    if right > 3 * em and left > -2.6 * em:
        return True
    # A text set flush right ends with a short line at the right; an indent is of two em.
    if abs(right) < 0.6 * em and left > 3 * em:
        return False
    # A line that reaches far beyond the last one on both sides is a column's, and that one a caption over it.
    if left < -4 * em and right > 0.8 * em:
        return True
    # The second line of a caption may hang behind its mark; elsewhere an indent begins a paragraph.
    return left > 1.4 * em and (len(group) > 1 or read_mark(group[0].text) is None)


def _ends_early(group: Sequence[TextLine]) -> bool:
    right = max(line.box[2] for line in group)
    last = group[-1]
    return (
        len(group) == 1
        or last.box[2] < right - 1.5 * last.size
        or last.text.rstrip().endswith(("。", "．", "."))
    )
