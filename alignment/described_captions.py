"""Books whose numbered captions have a paragraph each right under them, as plates in a museum's book have, or
under the figure where the caption is over it.

In an article the column's text goes on below a caption too. There other text stands on the pages with
figures; here nearly all of it is under captions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from alignment.composition import Draft
from alignment.layout import PageLayout
from alignment.regions import Block
from alignment.stacked_texts import MAX_GAP_EM, PARAGRAPHS, goes_on, list_free
from extractors.geometry import overlap_x, union
from extractors.records import Box

DESCRIBED_STYLES = ("figure", "pointer", "list")
# Of the figures with such captions so many are described, and of the pages' paragraphs so few are not of any.
ENOUGH, MOST, STRAY = 3, 0.7, 0.25
# A plate's description is no column of running text, and ends.
MAX_SAID, LEAST_SAID = 400, 20
_ENDS = "。！？!?”」』）)"


def are_described(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> bool:
    """Whether the book's numbered captions have paragraphs of their own under them."""
    used = {id(line) for d in drafts for block, _ in d.texts for line in block.lines}
    of_page: defaultdict[int, list[Block]] = defaultdict(list)
    feet: dict[int, Box | None] = {}
    for draft in drafts:
        caption = _find_caption(draft)
        if caption is not None:
            of_page[caption.page].append(caption)
            feet[id(caption)] = find_foot(draft, caption)
    captions = described = said = stray = 0
    for layout in layouts:
        own = of_page.get(layout.page.number, [])
        captions += len(own)
        free = [b for b, role, _ in list_free(layout, used) if role in PARAGRAPHS and b.mark is None]
        for caption in own:
            found = _follow(caption, feet[id(caption)], free, layout)
            words = "".join(b.text for b in found) or _find_told(caption)
            if LEAST_SAID <= len(words) <= MAX_SAID and words.rstrip().endswith(tuple(_ENDS)):
                described += 1
                said += len(words)
                free = [b for b in free if all(b is not other for other in found)]
        stray += sum(len(b.text) for b in free) if own else 0
    return described >= max(ENOUGH, MOST * captions) and stray <= STRAY * said


def _find_caption(draft: Draft) -> Block | None:
    """A figure's numbered caption on its page, where it is of this figure alone, under or over it."""
    captions = [b for b, role in draft.texts if role == "caption" and b.page == draft.page]
    if len(captions) != 1 or draft.words:
        return None
    mark = captions[0].mark
    is_under = captions[0].box[1] >= max(part[3] for part in draft.parts) - captions[0].size
    is_told = is_under or find_foot(draft, captions[0]) is not None
    return captions[0] if mark and mark.style in DESCRIBED_STYLES and is_told else None


def find_foot(draft: Draft, caption: Block) -> Box | None:
    """The figure under which its paragraphs stand where the caption is over it; None where it is not."""
    figure = union(draft.parts)
    return figure if caption.box[3] <= figure[1] + caption.size else None


def stands_at_foot(figure: Box, block: Block) -> bool:
    """Whether a paragraph begins right under a figure; it keeps to the page's measure, not the figure's."""
    gap = block.box[1] - figure[3]
    return -0.5 * block.size <= gap <= MAX_GAP_EM * block.size and overlap_x(figure, block.box) > 0


def _follow(caption: Block, foot: Box | None, free: Collection[Block], layout: PageLayout) -> list[Block]:
    """The paragraphs under a caption, or under the figure at whose head that stands, each right under the
    last."""
    found: list[Block] = []
    last = caption
    for block in sorted(free, key=lambda b: b.box[1]):
        if foot is not None and not found:
            if stands_at_foot(foot, block):
                found.append(block)
                last = block
            continue
        if block.box[1] >= last.box[3] - 0.5 * block.size and goes_on(last, block, layout):
            found.append(block)
            last = block
    return found


def _find_told(caption: Block) -> str:
    """What a caption says below its first line."""
    return "".join(line.text for line in caption.lines[1:])
