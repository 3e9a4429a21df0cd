"""Paragraphs that describe a captioned figure: behind a plate's caption, or under one beside its picture."""

from __future__ import annotations

from collections.abc import Iterator

from alignment.data_lines import is_data
from alignment.evidence import share_row
from alignment.framed import find_picture_rows, find_row_rules
from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.reading_order import turn_box
from alignment.regions import Block, turn_block
from extractors.geometry import height, overlap_share, overlap_x, overlap_y, union
from extractors.records import Box

MAX_GAP_EM, FLUSH_EM, INDENT_EM = 2.4, 0.8, 2.0
# OCR measures sizes from the ink of a column.
MOST_SIZE = 1.1
NUMBERED = ("figure", "plate", "heading", "list")


def find_description(layout: PageLayout, match: Match) -> list[Block]:
    """The paragraphs at a figure's caption that are its own too; `layout` is the caption's page.

    What follows a plate's caption, here or on the facing page, describes the plate, unless captions stand in
    a list there. What stands under a caption beside its picture, and beside that too, describes the picture.
    """
    block = match.block
    if block is None or (block.mark and block.mark.style == "page"):
        return []
    style = block.mark.style if block.mark else "bare"
    if match.rule.startswith("caption:facing-page") or style == "plate":
        return [] if _follows_caption(layout, block) else following_body(layout, block)
    if block.direction == "vertical":
        if style not in NUMBERED:
            return []
        return _find_columns(layout, block, match.box) or _find_under_plate(layout, block, match.box)
    if match.rule == "caption:list:badge":
        return _find_listed(layout, block)
    if match.evidence is None:
        return []
    if match.evidence.side == "below":
        return _find_note(layout, block, match.box) if style in NUMBERED else []
    if match.evidence.side not in ("left", "right"):
        return []
    if match.evidence.same_row:
        return _find_cells(layout, block, match.box)
    found = _find_beside(layout, block, match.box) if style in NUMBERED else []
    return found or _find_in_row(layout, block, match.box)


def _find_cells(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    """The other cells of a picture's row in a table, from the left; none where the row has more pictures."""
    rules = [*find_row_rules(layout.page.rules), *find_picture_rows(layout)]
    if sum(share_row(rules, picture, p.box) for p in layout.pictures) > 1:
        return []
    cells = [
        block
        for block, role in zip(layout.blocks, layout.roles, strict=True)
        if role in ("body", "collection", "caption")
        and block is not caption
        and block.mark is None
        and share_row(rules, picture, block.box)
    ]
    return sorted(cells, key=lambda b: (b.box[0], b.box[1]))


def _find_columns(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    """The columns behind a caption's own, read from the right: those between it and its picture, else those
    below or above that, no further than it is wide; or behind a caption past it those that are no running
    text, no higher or lower than it."""
    found: list[Block] = []
    last = turn_block(caption)
    shown = turn_box(picture)
    others = [turn_box(p.box) for p in layout.pictures]
    is_past = last.box[1] >= shown[3]
    for index, (block, role) in enumerate(zip(layout.blocks, layout.roles, strict=True)):
        if role != "body" or block.mark is not None or block.direction != "vertical":
            continue
        column = turn_block(block)
        em = max(column.size, last.size)
        shift = column.lines[0].box[0] - last.lines[0].box[0] if found else column.box[0] - last.box[0]
        is_flush = min(abs(shift), abs(shift - INDENT_EM * column.size)) <= FLUSH_EM * em
        is_next = -0.3 * em <= column.box[1] - last.box[3] <= MAX_GAP_EM * em
        # A page's text goes on in its own measure, to the next picture or past this one's sides.
        is_before = turn_block(caption).box[1] < column.box[3] <= shown[1]
        within = is_before or column.box[3] <= shown[3] + em
        if is_past and index not in layout.running:
            within = shown[0] - em <= column.box[0] and column.box[2] <= shown[2] + em
        is_free = not any(overlap_x(column.box, box) > 0 and overlap_y(column.box, box) > 0 for box in others)
        if is_flush and is_next and within and is_free and column.size <= MOST_SIZE * last.size:
            found.append(block)
            last = column
    return found


def _find_under_plate(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    """All text of a page of one plate that is set in columns, where it stands over or under the plate and in
    its measure, with the caption beside that: the page's own text keeps to the page's."""
    if overlap_y(caption.box, picture) < 0.5 * height(caption.box):
        return []
    texts = [
        b
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if b is not caption and role not in ("running_head", "folio", "label")
    ]
    within = all(
        picture[0] - b.size <= b.box[0]
        and b.box[2] <= picture[2] + b.size
        and (b.box[1] >= picture[3] or b.box[3] <= picture[1])
        and b.mark is None
        for b in texts
    )
    return texts if within and len(layout.pictures) == 1 else []


def _find_note(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    """All text of a page of one plate, where it stands right of the plate's caption, within its measure."""
    texts = [
        b
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if b is not caption and role not in ("running_head", "folio", "label")
    ]
    collections = [b for b in texts if overlap_x(b.box, caption.box) > 0 and is_data(b.text)]
    notes = [b for b in texts if all(b is not c for c in collections)]
    beside = [
        b.box[0] >= caption.box[2] and b.box[2] <= picture[2] + b.size and b.box[1] >= caption.box[1] - b.size
        for b in notes
    ]
    return notes if len(layout.pictures) == 1 and all(beside) else []


def _find_in_row(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    """The paragraph behind the caption in a row of picture, name and words, no higher than the picture."""
    pictures = [p.box for p in layout.pictures]
    for block, role in zip(layout.blocks, layout.roles, strict=True):
        if role != "body" or block.mark is not None or block is caption:
            continue
        across = (
            block.box[0] - caption.box[2] if caption.box[0] > picture[0] else caption.box[0] - block.box[2]
        )
        is_level = abs(block.box[1] - caption.box[1]) <= FLUSH_EM * max(block.size, caption.size)
        if is_level and across > 0 and block.box[3] <= picture[3] + block.size:
            between = union((caption.box, block.box))
            return [] if any(overlap_share(box, between) > 0 for box in pictures) else [block]
    return []


def _find_listed(layout: PageLayout, caption: Block) -> list[Block]:
    """The paragraphs under a caption of a list apart from the pictures that its numbers tell, where some
    stand under each that are no running text: under the last alone the page's goes on."""
    captions = [
        b
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if role == "caption" and b.mark and b.mark.number is not None
    ]
    running = {id(layout.blocks[k]) for k in layout.running}
    told = [_find_stack(layout, b) for b in captions]
    if not all(told) or any(id(b) in running for stack in told for b in stack):
        return []
    return _find_stack(layout, caption)


def _find_beside(layout: PageLayout, caption: Block, picture: Box) -> list[Block]:
    found: list[Block] = []
    for block in _find_stack(layout, caption):
        # Text that goes on below the picture is the page's.
        if overlap_x(block.box, picture) > 0 or block.box[3] > picture[3] + block.size:
            break
        found.append(block)
    return found


def _find_stack(layout: PageLayout, caption: Block) -> list[Block]:
    """The paragraphs that stand one under the other under a caption, flush with it."""
    found: list[Block] = []
    last = caption
    for block, role in zip(layout.blocks, layout.roles, strict=True):
        if role != "body" or block.mark is not None or block.direction != "horizontal":
            continue
        em = max(block.size, last.size)
        shift = block.lines[0].box[0] - caption.box[0]
        is_flush = min(abs(shift), abs(shift - INDENT_EM * block.size)) <= FLUSH_EM * em
        is_next = -0.3 * em <= block.box[1] - last.box[3] <= MAX_GAP_EM * em
        if is_flush and is_next:
            found.append(block)
            last = block
    return found


def _follows_caption(layout: PageLayout, caption: Block) -> bool:
    """Whether a caption stands in a list of captions, behind another: what follows is of none of them."""
    index = next(_find_places(layout, caption), 0)
    return index > 0 and layout.roles[index - 1] == layout.roles[index] == "caption"


def _find_places(layout: PageLayout, caption: Block) -> Iterator[int]:
    """The indexes of the blocks that hold a caption's lines: one that is set into its picture, and a label,
    may be made of several."""
    own = set(caption.lines)
    return (i for i, block in enumerate(layout.blocks) if not own.isdisjoint(block.lines))


def following_body(layout: PageLayout, caption: Block) -> list[Block]:
    """The body blocks that follow `caption` in reading order, up to anything else."""
    last = max(_find_places(layout, caption), default=len(layout.blocks))
    found = []
    for block, role in list(zip(layout.blocks, layout.roles, strict=True))[last + 1 :]:
        if role in ("collection", "body"):
            found.append(block)
        elif found or role not in ("label", "reference", "rubric"):
            break
    return found
