"""The further lines of a caption that stands at its picture: a place under the title, a source in small type.

Lines of a paragraph are known by their measure, which a caption of a few words lacks: its second line may be
longer than the first. That both stand at one picture, in its measure, says that they are one text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alignment.records import Role
from alignment.regions import Block, make_block
from extractors.geometry import centre, overlap_y, width
from extractors.records import Box, Picture

# A caption stands within two lines of its picture, and its lines as close as those of a text.
AT_PICTURE_EM, MAX_GAP_EM, SMALL_GAP_EM = 2.5, 0.95, 1.3
FLUSH_EM, CENTRED_EM, SLACK_EM = 0.6, 0.8, 1.5
SAME_SIZE = {"layer": 1.06, "ocr": 1.3}
SMALLEST_SOURCE, LARGEST_SOURCE = 0.7, 1.06
SMALL_TYPE = 0.97
MAX_LINES, MAX_CHARACTERS, MOST_LINES = 3, 80, 8
_STOPS = "。！？!?"
SOURCE = re.compile(
    r"[（(\[［【]?(?:(?:图片|圖片|资料|資料|文献)?(?:来源|來源|出处|出處|提供|版权|版權)[：:于於]?"
    r"|(?:采自|採自|引自|摘自|转引自|轉引自|取自)|(?:摄影|攝影|供图|供圖|图|圖|摄|攝)[：:/／])[\u3400-\u9fff《“\s\u3000A-Za-z]"
)


def join_caption_lines(
    blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture], body_size: float
) -> tuple[list[Block], list[Role]]:
    """Blocks and roles, the lines under the first ones of a caption made one block with these."""
    joined, kept = list(blocks), list(roles)
    boxes = [p.box for p in pictures]
    index = 0
    while index < len(joined):
        follower = _find_next_line(joined, kept, index, boxes, body_size)
        if follower is None:
            index += 1
            continue
        first, second = joined[index], joined[follower]
        block = make_block(first.page, [*first.lines, *second.lines])
        # The words tell how large a caption is set, not its source.
        joined[index] = replace(block, size=first.size)
        del joined[follower], kept[follower]
        index -= follower < index
    return joined, kept


def _find_next_line(
    blocks: Sequence[Block], roles: Sequence[Role], index: int, pictures: Sequence[Box], body_size: float
) -> int | None:
    first = blocks[index]
    at = [box for box in pictures if _stands_at(first.box, box, first.size)]
    if not at or roles[index] not in ("caption", "body") or not _is_short(first, MAX_LINES + 2):
        return None
    # Who keeps the piece that a 图： line names is said in a line of its own, which entries read.
    if first.mark and first.mark.style == "photo":
        return None
    for k, block in enumerate(blocks):
        if k == index or block.direction != "horizontal":
            continue
        if roles[k] == "caption" and _is_translation(first, block):
            if any(_is_in_measure(block, box) for box in at):
                return k
            continue
        if block.mark is not None:
            continue
        is_source = roles[k] in ("reference", "body", "collection") and SOURCE.match(block.text) is not None
        is_line = roles[k] in ("body", "collection") and _goes_on(first, block, body_size)
        is_small = is_source or _is_caption_type(first, block, body_size)
        lines = MOST_LINES if is_small else MAX_LINES
        if not (is_source or is_line) or not _is_short(block, lines):
            continue
        if any(_is_in_measure(block, box) and _stands_under(first, block, box, is_small) for box in at):
            return k
    return None


def _stands_at(text: Box, picture: Box, em: float) -> bool:
    """Whether a text stands under or over a picture and in its measure."""
    near = min(abs(text[1] - picture[3]), abs(picture[1] - text[3])) <= AT_PICTURE_EM * em
    slack = SLACK_EM * em
    within = picture[0] - slack <= text[0] and text[2] <= picture[2] + slack
    return near and within and overlap_y(text, picture) <= 0.5 * em


def _is_in_measure(block: Block, picture: Box) -> bool:
    slack = SLACK_EM * block.size
    return picture[0] - slack <= block.box[0] and block.box[2] <= picture[2] + slack


def _is_short(block: Block, lines: int) -> bool:
    is_short = len(block.text) <= MAX_CHARACTERS or block.mark is not None or lines == MOST_LINES
    return len(block.lines) <= lines and is_short


def _is_translation(first: Block, block: Block) -> bool:
    """Whether a caption says beside another what that says in Chinese: 图3 …, Fig. 3 …"""
    mark, other = first.mark, block.mark
    if not (
        mark and other and mark.style == other.style == "figure" and mark.number == other.number is not None
    ):
        return False
    is_level = abs(first.box[1] - block.box[1]) <= FLUSH_EM * first.size and block.box[0] >= first.box[2]
    return is_level and not mark.label.isascii() and other.label.isascii()


def _goes_on(first: Block, block: Block, body_size: float) -> bool:
    """Whether the lines are in the first ones' type, and no paragraph of the book's."""
    if _is_caption_type(first, block, body_size) and block.size >= SMALLEST_SOURCE * first.size:
        return block.size <= LARGEST_SOURCE * first.size or block.lines[0].source == "ocr"
    ratio = SAME_SIZE[block.lines[0].source]
    if not first.size / ratio <= block.size <= first.size * ratio:
        return False
    ends = block.text.rstrip().endswith(tuple(_STOPS)), first.text.rstrip().endswith(tuple(_STOPS))
    return not any(ends) and block.lines[0].bold == first.lines[-1].bold


def _is_caption_type(first: Block, block: Block, body_size: float) -> bool:
    """Whether what stands under a marked caption is set smaller than the book's text, as that is."""
    return first.mark is not None and block.size < SMALL_TYPE * body_size


def _stands_under(first: Block, block: Block, picture: Box, is_small: bool) -> bool:
    """Whether a block begins right under another, flush or centred with it. Small type may keep away more,
    and be flush with the picture."""
    em = min(first.size, block.size)
    gap = block.box[1] - first.box[3]
    if not -0.3 * em <= gap <= (SMALL_GAP_EM if is_small else MAX_GAP_EM) * em:
        return False
    if is_small and not SMALLEST_SOURCE * first.size <= block.size <= LARGEST_SOURCE * first.size:
        return False
    last = first.lines[-1].box
    flush = abs(block.box[0] - first.box[0]) <= FLUSH_EM * em
    centred = abs(centre(block.box)[0] - centre(last)[0]) <= CENTRED_EM * em
    right = abs(block.box[2] - first.box[2]) <= FLUSH_EM * em and width(block.box) > em
    at_edge = is_small and abs(block.box[0] - picture[0]) <= FLUSH_EM * em
    return flush or centred or right or at_edge
