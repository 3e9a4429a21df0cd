"""Pages on which figures have marked captions: what of them is text, label, or a piece of a figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from alignment.item_lists import count_list
from alignment.marks import Mark, Style, read_mark
from alignment.regions import Block, find_blocks
from extractors.geometry import overlap_share, overlap_x, overlap_y, union
from extractors.records import Box, Page, Picture, TextLine

# Running text is set in the book's size and in lines that say something; labels are smaller or short.
TEXT_SIZE = {"layer": 0.95, "ocr": 0.85}
HEADING_RATIO = {"layer": 1.09, "ocr": 1.4}
MIN_TEXT, MIN_SENTENCE, MAX_LABEL, MAX_CAPTION = 14, 10, 40, 220
HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = ("。", "；", "：", "！", "？", "……")
_TABLE = re.compile(r"^[附续]?表\s*[0-9一二三四五六七八九十]")

Side = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with marked captions and drawings. `stops` are boxes that no figure reaches across."""

    page: Page
    blocks: list[Block]
    captions: list[Block]
    stops: list[Box]
    pieces: list[Picture]
    labels: list[TextLine]


def find_text_size(pages: Sequence[Page]) -> float:
    """The type size (points) of most characters."""
    counts: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            counts[round(line.size * 2) / 2] += len(line.text)
    return max(counts, key=lambda size: (counts[size], size)) if counts else 10.0


def open_sheet(
    page: Page,
    ornaments: Collection[tuple[int, Box]],
    margins: Sequence[Mapping[int, Collection[TextLine]]],
    body_size: float,
    style: Style,
) -> Sheet | None:
    """The page with its parts told apart, captions of one style among them; None where there is nothing to
    put together."""
    pieces = [p for p in page.pictures if (page.number, p.box) not in ornaments]
    if all(p.kind == "image" for p in pieces) or not list_captions(page, style):
        return None
    margin = {line for lines in margins for line in lines.get(page.number, ())}
    own = replace(page, lines=tuple(line for line in page.lines if line not in margin))
    blocks = find_blocks(own, [p.box for p in pieces])
    loose = [b for b in blocks if not any(overlap_share(b.box, p.box) > 0.7 for p in pieces)]
    captions = [b for b in loose if _is_caption(b, body_size, style)]
    texts = [b for b in loose if b not in captions and count_list(b.text) < 2 and _is_text(b, body_size)]
    tables = [d.box for d in page.dropped if d.reason == "table" and d.box]
    stops = [*(b.box for b in texts), *tables]
    taken = {id(line) for b in (*captions, *texts) for line in b.lines}
    labels = [ln for ln in own.lines if id(ln) not in taken and len(ln.text) <= MAX_LABEL]
    return Sheet(page, blocks, captions, stops, pieces, labels)


def list_captions(page: Page, style: Style) -> list[TextLine]:
    """The lines of a page that begin captions of a style."""
    lines = (line for line in page.lines if line.direction == "horizontal")
    return [line for line in lines if _has_style(read_mark(line.text), style)]


def _has_style(mark: Mark | None, style: Style) -> bool:
    """Whether a mark is of a style; a pointer that does not point up is of a picture beside or below."""
    if mark is None or mark.points_to not in (None, "above"):
        return False
    return mark.style == style or (style == "pointer" and mark.points_to == "above")


def _is_caption(block: Block, body_size: float, style: Style) -> bool:
    """Whether a marked block is a caption: a paragraph that begins with a figure's number is none."""
    if not _has_style(block.mark, style) or block.direction == "vertical":
        return False
    is_paragraph = len(block.lines) > 1 and block.text.endswith("。")
    return len(block.text) <= MAX_CAPTION and not (is_paragraph and _is_text(block, body_size))


def _is_text(block: Block, body_size: float) -> bool:
    """Whether a block is the book's own text rather than a label in a figure."""
    source = block.lines[0].source
    if block.direction == "vertical":
        return block.size >= TEXT_SIZE[source] * body_size and len(block.text) >= MIN_TEXT
    if _TABLE.match(block.text) or block.size >= HEADING_RATIO[source] * body_size:
        return True
    han = len(HAN.findall(block.text))
    if block.text.endswith(_SENTENCE_END) and han >= MIN_SENTENCE:
        return True
    is_long = max(len(HAN.findall(line.text)) for line in block.lines) >= MIN_TEXT
    return is_long and block.size >= TEXT_SIZE[source] * body_size


def stands(caption: Box, side: Side, box: Box) -> bool:
    """Whether a caption stands on that side of a box; labels may hang over an edge a little."""
    slack = 0.5 * (caption[3] - caption[1])
    return box[3] <= caption[1] + slack if side == "below" else box[1] >= caption[3] - slack


def is_free(sheet: Sheet, box: Box, caption: Block) -> bool:
    """Whether neither text nor another caption lies between a box and a caption."""
    hull = union([box, caption.box])
    others = [b.box for b in sheet.captions if b is not caption]
    return not any(
        overlap_x(stop, hull) > 2 and overlap_y(stop, hull) > 0.3 * caption.size
        for stop in (*sheet.stops, *others)
        if overlap_share(stop, box) < 0.7
    )
