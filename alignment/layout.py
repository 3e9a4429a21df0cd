"""A page as its readers see it: pictures that may be figures, and blocks of text with the role they play."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from alignment.caption_columns import join_caption_columns
from alignment.caption_lines import join_caption_lines
from alignment.composites import compose_figures
from alignment.data_lines import is_collection
from alignment.folds import find_folds
from alignment.furniture import Furniture, find_furniture
from alignment.glued_numbers import part_glued
from alignment.label_parts import Label
from alignment.labels import find_labels
from alignment.lone_numbers import join_lone_numbers
from alignment.marks import Mark, has_leaders
from alignment.named_rows import find_named, take_named
from alignment.ornaments import TOO_SMALL, lift_off_repeated
from alignment.reading_order import order_boxes
from alignment.records import Role
from alignment.regions import Block, find_blocks, make_block
from alignment.rubrics import find_rubrics
from alignment.running_text import find_running
from extractors.geometry import overlap_share
from extractors.records import Box, Dropped, Page, Picture

# A caption is a few lines; longer text with a mark at its head is a note or a section.
MAX_CAPTION_EMS = 220
MAX_BARE_CHARACTERS, MAX_HEADING = 80, 40
MIN_LEADERS = 3
MIN_SENTENCE = 20
MAX_SECTION, SAME_TYPE = 8, 0.98
# Headings are set larger than body text; OCR measures sizes from ink, so it takes more to be sure.
NUMBERED_HEADING_RATIO = {"layer": 1.08, "ocr": 1.15}
HEADING_RATIO = {"layer": 1.09, "ocr": 1.4}

_REFERENCE = re.compile(
    r"^(?:\[[0-9]+\]|［[0-9]+］|〔[0-9]+〕|[①-⑳]|参考文献|参考资料|参考|参见|参见：|引自|资料来源|資料來源|图片来源|圖片來源|[来來]源[：:].*(?:《|作者|[绘繪攝摄]|提供)|出[处處典][：:\s].*《|注[：:释]|註|References?\b|\*)"
    r"|(?:出版社|书局|学报|博物院院刊)[，,、].{0,12}(?:19|20)[0-9]{2}"
)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """`blocks` are in reading order; `roles[i]` belongs to `blocks[i]`; labels lie inside pictures.

    `crumbs` are drawings too small to be a figure, which may be a piece of one; `running` are the indexes of
    blocks that are pieces of running text; `labels` are museum labels, each of several of the blocks;
    `listed` are the boxes of what a list at a caption counts, or a name in a row of names; `fold` is the x at
    which the two pages meet that a sheet holds, None for a single page.
    """

    page: Page
    pictures: tuple[Picture, ...]
    blocks: tuple[Block, ...]
    roles: tuple[Role, ...]
    dropped: tuple[Dropped, ...]
    crumbs: tuple[Picture, ...] = ()
    running: frozenset[int] = frozenset()
    labels: tuple[Label, ...] = ()
    listed: frozenset[Box] = frozenset()
    fold: float | None = None

    def with_role(self, role: Role) -> list[Block]:
        """The blocks that play `role`, in reading order."""
        return [b for b, r in zip(self.blocks, self.roles, strict=True) if r == role]


def find_layouts(pages: Sequence[Page]) -> list[PageLayout]:
    """One layout per page; running heads, folios and repeated ornaments are found over the whole book."""
    pages = part_glued(lift_off_repeated(pages))
    furniture = find_furniture(pages)
    ornaments = {place for place, reason in furniture.ornaments.items() if reason != TOO_SMALL}
    named = [find_named(page, _list_small(page, furniture)) for page in pages]
    pages = [take_named(page, found) for page, found in zip(pages, named, strict=True)]
    composed = compose_figures(pages, ornaments, furniture.heads, furniture.folios)
    pages = composed.pages
    kept = [
        composed.listed.get(page.number, frozenset()) | {p.box for p in found}
        for page, found in zip(pages, named, strict=True)
    ]
    prepared = [_split_page(page, furniture, boxes) for page, boxes in zip(pages, kept, strict=True)]
    body_size = find_body_size([b for blocks, _, _, _ in prepared for b in blocks])
    rubrics = find_rubrics([(blocks, pictures) for blocks, _, pictures, _ in prepared])
    layouts = []
    for page, parts, boxes, heading in zip(pages, prepared, kept, rubrics, strict=True):
        blocks, margins, pictures, dropped = parts
        roles = [_find_role(b, pictures, body_size) for b in blocks]
        roles = ["rubric" if i in heading and role != "label" else role for i, role in enumerate(roles)]
        if is_contents(page):
            roles = ["body"] * len(roles)
        joined, roles = _order_again(*join_lone_numbers(blocks, roles, pictures), blocks)
        joined, roles = join_caption_columns(joined, roles, pictures, body_size)
        joined, roles = join_caption_lines(joined, roles, pictures, body_size)
        joined, roles = _put_side_titles_first(joined, roles)
        layouts.append(
            PageLayout(
                page,
                tuple(pictures),
                (*joined, *(b for b, _ in margins)),
                (*_spread_references(joined, roles), *(r for _, r in margins)),
                tuple(dropped),
                tuple(p for p in _list_small(page, furniture) if p.kind == "drawing" and p.box not in boxes),
                listed=boxes,
            )
        )
    running = find_running([list(zip(layout.blocks, layout.roles, strict=True)) for layout in layouts])
    labels = find_labels(
        [(la.blocks, la.roles, la.pictures, found) for la, found in zip(layouts, running, strict=True)]
    )
    return [
        replace(layout, running=found, labels=own, fold=fold)
        for layout, found, own, fold in zip(layouts, running, labels, find_folds(pages), strict=True)
    ]


def find_body_size(blocks: Sequence[Block]) -> float:
    """The type size (points) in which most running text is set; 10 where there is none."""
    counts: Counter[float] = Counter()
    for block in blocks:
        # On a wide page a paragraph may be a single line.
        if len(block.lines) >= 2 or (len(block.text) >= MIN_SENTENCE and block.text.rstrip().endswith("。")):
            counts[round(block.size * 2) / 2] += len(block.text)
    if not counts:
        for block in blocks:
            counts[round(block.size * 2) / 2] += len(block.text)
    return max(counts, key=lambda s: (counts[s], s)) if counts else 10.0


def _split_page(
    page: Page, furniture: Furniture, kept: Collection[Box]
) -> tuple[list[Block], list[tuple[Block, Role]], list[Picture], list[Dropped]]:
    heads = furniture.heads.get(page.number, frozenset())
    folios = furniture.folios.get(page.number, frozenset())
    pictures, dropped = [], list(page.dropped)
    for picture in page.pictures:
        reason = furniture.ornaments.get((page.number, picture.box))
        if reason and picture.box not in kept:
            dropped.append(Dropped(page.number, "picture", reason, picture.box))
        else:
            pictures.append(picture)
    rest = replace(page, lines=tuple(ln for ln in page.lines if ln not in heads and ln not in folios))
    boxes = [p.box for p in pictures]
    blocks = find_blocks(rest, boxes)
    blocks = order_boxes([(b.box, b) for b in blocks], vertical=runs_vertically(blocks))
    margins: list[tuple[Block, Role]] = [
        (make_block(page.number, [ln]), "running_head") for ln in page.lines if ln in heads
    ]
    margins += [(make_block(page.number, [ln]), "folio") for ln in page.lines if ln in folios]
    return blocks, margins, pictures, dropped


def _order_again(
    joined: Sequence[Block], roles: Sequence[Role], before: Sequence[Block]
) -> tuple[list[Block], list[Role]]:
    """Reading order where numbers were joined with their words: in a column of their own they were read
    before all of the page's text."""
    if len(joined) == len(before):
        return list(joined), list(roles)
    boxes = [(block.box, index) for index, block in enumerate(joined)]
    order = order_boxes(boxes, vertical=runs_vertically(joined))
    return [joined[i] for i in order], [roles[i] for i in order]


def runs_vertically(blocks: Sequence[Block]) -> bool:
    """Whether most of a page's text is set in columns, which are read from the right."""
    columns = sum(len(b.text) for b in blocks if b.direction == "vertical")
    return columns * 2 > sum(len(b.text) for b in blocks)


def _put_side_titles_first(blocks: Sequence[Block], roles: Sequence[Role]) -> tuple[list[Block], list[Role]]:
    """A title set down the side of a page of horizontal text is read before what stands beside it."""
    order = list(range(len(blocks)))
    if not runs_vertically(blocks):
        order.sort(key=lambda i: not heads_from_the_side(blocks[i], roles[i]))
    return [blocks[i] for i in order], [roles[i] for i in order]


def heads_from_the_side(block: Block, role: Role) -> bool:
    """Whether a block is a title set vertically."""
    return role == "heading" and block.direction == "vertical"


def _is_bold_title(block: Block, body_size: float) -> bool:
    """A short text in bold type, no smaller than the book's, that is no sentence."""
    ends = block.text.rstrip().endswith(("。", "：", ":", "，", "；"))
    is_bold = all(line.bold for line in block.lines) and block.size >= SAME_TYPE * body_size
    return is_bold and len(block.lines) <= 2 and len(block.text) <= MAX_HEADING and not ends


def _list_small(page: Page, furniture: Furniture) -> list[Picture]:
    return [p for p in page.pictures if furniture.ornaments.get((page.number, p.box)) == TOO_SMALL]


def is_contents(page: Page) -> bool:
    """A table of contents or list of plates: titles and numbers of things that are elsewhere."""
    return sum(has_leaders(line.text) for line in page.lines) >= MIN_LEADERS


def _find_role(block: Block, pictures: Sequence[Picture], body_size: float) -> Role:
    text, mark = block.text, block.mark
    # Captions are set into pictures at the foot; what else stands in one says what is to be seen there.
    is_marked = (
        mark is not None and mark.style in ("figure", "pointer") and measure_ems(text) <= MAX_CAPTION_EMS
    )
    if not is_marked and any(overlap_share(block.box, p.box) > 0.7 for p in pictures):
        return "label"
    if mark and mark.style == "plate" and _heads_section(block, mark, body_size):
        return "heading"
    if mark and mark.style == "list" and _is_large(block, body_size) and len(text) <= MAX_HEADING:
        return "heading"
    if mark and is_caption_mark(mark) and measure_ems(text) <= MAX_CAPTION_EMS:
        if mark.style == "quoted" and len(text) > MAX_BARE_CHARACTERS:
            return "body"
        return "caption"
    source = block.lines[0].source
    if mark and mark.style == "heading":
        return "heading" if block.size >= NUMBERED_HEADING_RATIO[source] * body_size else "caption"
    if _is_large(block, body_size) and len(text) <= MAX_HEADING:
        return "heading"
    if mark is None and _is_bold_title(block, body_size):
        return "heading"
    if is_collection(text):
        return "collection"
    if block.size < 0.95 * body_size and _REFERENCE.search(text):
        return "reference"
    return "body"


def _heads_section(block: Block, mark: Mark, body_size: float) -> bool:
    """一　重复 in large type: a plate's caption is small, or says more than a title."""
    is_title = len(mark.rest.split()) == 1 and len(mark.rest) <= MAX_SECTION
    return _is_large(block, body_size) and is_title


def _is_large(block: Block, body_size: float) -> bool:
    return block.size >= HEADING_RATIO[block.lines[0].source] * body_size


def measure_ems(text: str) -> float:
    """The length of a text in em: Han fill their square, letters take somewhat less than half of it."""
    return sum(0.45 if c < "\u2e80" else 1.0 for c in text)


def is_caption_mark(mark: Mark) -> bool:
    """Whether a text with this mark may be a caption by its beginning alone."""
    return mark.style in ("figure", "photo", "pointer", "quoted", "plate", "list", "panel", "page")


def _spread_references(blocks: Sequence[Block], roles: Sequence[Role]) -> list[Role]:
    """Small type that goes on below a reference, in its size, is reference too."""
    found = list(roles)
    for i in range(1, len(blocks)):
        if found[i] == "body" and found[i - 1] == "reference" and blocks[i].size <= 1.03 * blocks[i - 1].size:
            found[i] = "reference"
    return found


def is_inside(box: Box, pictures: Sequence[Picture]) -> bool:
    """Whether most of `box` lies in one of the pictures."""
    return any(overlap_share(box, p.box) > 0.7 for p in pictures)
