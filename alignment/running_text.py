"""Pieces of running text: they fill the book's measure, or end a sentence that another column began.

A paragraph that a picture cuts in two leaves a few lines beside it, which only this tells from a caption.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from alignment.parts import begins_with_part
from alignment.records import Role
from alignment.regions import Block
from extractors.geometry import width

# A text of that many characters is a paragraph wherever it stands.
MIN_PARAGRAPH = 80
MIN_ITEM = 40
# Running text has one measure, or one for each of two ways of setting it.
USUAL_SHARE = 0.25
SIZE_RATIO, SLACK_EM = 1.06, 1.0
_STOPS = "。．.！？!?"
_ENDS = _STOPS + "：:；;”」』）)"

Blocks = Sequence[tuple[Block, Role]]


def find_running(pages: Sequence[Blocks]) -> list[frozenset[int]]:
    """For each page the indexes of the body blocks that are pieces of running text; `pages` are a book's, in
    order, with the blocks of each in reading order."""
    measures = _find_measures(pages)
    found: list[frozenset[int]] = []
    open_block: Block | None = None
    for blocks in pages:
        indexes = set()
        for index, (block, role) in enumerate(blocks):
            if not _may_run(block, role):
                continue
            if _fills(block, measures) or (open_block and _ends_sentence_of(open_block, block)):
                indexes.add(index)
            open_block = block if _is_open(block, measures) else None
        found.append(frozenset(indexes))
    return found


def _may_run(block: Block, role: Role) -> bool:
    """Body text, or an item of an enumeration that is long enough for a paragraph."""
    if block.direction != "horizontal":
        return False
    if begins_with_part(block.text):
        return False
    if role == "body" and block.mark is None:
        return True
    style = block.mark.style if block.mark else "bare"
    return role in ("body", "caption") and style in ("list", "outline") and len(block.text) >= MIN_ITEM


def _find_measures(pages: Sequence[Blocks]) -> list[tuple[float, float]]:
    """(size, width) in points of the running text; in a book of short paragraphs, of these."""
    for least in (MIN_PARAGRAPH, MIN_ITEM):
        counts: Counter[tuple[float, float]] = Counter()
        for blocks in pages:
            for block, role in blocks:
                is_long = len(block.text) > MIN_PARAGRAPH or (len(block.text) > least and "。" in block.text)
                if role == "body" and len(block.lines) > 1 and is_long:
                    size, wide = round(block.size * 2) / 2, round(width(block.box) / 4) * 4.0
                    counts[size, wide] += len(block.text)
        if counts:
            total = sum(counts.values())
            return [measure for measure, n in counts.items() if n >= USUAL_SHARE * total]
    return []


def _fills(block: Block, measures: Sequence[tuple[float, float]]) -> bool:
    """Whether lines of the text's size are as long as those of running text."""
    return any(
        block.size <= SIZE_RATIO * size + 0.25
        and size <= SIZE_RATIO * block.size + 0.25
        and min(abs(wide - measure) for wide in _measure(block)) <= SLACK_EM * size
        for size, measure in measures
    )


def _measure(block: Block) -> tuple[float, float]:
    """The length of the longest line, and that of an indented first line with its indent."""
    return max(width(line.box) for line in block.lines), width(block.box)


def _is_open(block: Block, measures: Sequence[tuple[float, float]]) -> bool:
    """Whether a paragraph's last line is full and ends within a sentence."""
    last = block.lines[-1]
    left = min(line.box[0] for line in block.lines)
    full = any(
        abs(last.box[2] - left - measure) <= SLACK_EM * size or abs(width(last.box) - measure) <= 3 * size
        for size, measure in measures
    )
    return full and not last.text.rstrip().endswith(tuple(_ENDS))


def _ends_sentence_of(first: Block, second: Block) -> bool:
    """Whether `second` may be the rest of a paragraph: in its type, and to the end of a sentence."""
    low, high = sorted((first.size, second.size))
    return high <= SIZE_RATIO * low and second.text.rstrip().endswith(tuple(_STOPS))
