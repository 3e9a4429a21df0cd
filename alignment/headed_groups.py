"""Pages made of sections that show something: a title, a paragraph under it, then a picture or a row of them.

Guides and picture books are set so, without captions. What stands between a title and the next one is about
the pictures there, and these are one figure, as under one caption.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alignment.composition import Draft
from alignment.layout import PageLayout
from alignment.marks import is_section
from alignment.regions import Block
from extractors.geometry import centre, gap, overlap_x, overlap_y, union
from extractors.records import Box

RULE, SCORE = "section:heading", 0.6
# A paragraph on what is shown; longer text is an article, which its pictures illustrate.
LEAST_WORDS, MOST_WORDS = 16, 400
MAX_TITLE = 30
# Pictures of one group are a blank apart, in points.
MAX_APART, FLUSH = 27.0, 4.0


@dataclass(frozen=True, slots=True)
class _Section:
    """A title, its paragraphs, and the numbers of the drafts between it and the next title."""

    title: Block
    paragraphs: tuple[Block, ...]
    drafts: tuple[int, ...]


def join_headed_groups(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    """The drafts, pictures on pages that are made of such sections joined, with the words of theirs."""
    found: list[Draft | None] = list(drafts)
    for layout in layouts:
        for section in _find_sections(drafts, layout):
            first, *others = section.drafts
            texts = ((section.title, "title"), *((block, "body") for block in section.paragraphs))
            parts = tuple(part for k in section.drafts for part in drafts[k].parts)
            found[first] = replace(drafts[first], parts=parts, texts=texts, rule=RULE, score=SCORE, cost=0.0)
            for k in others:
                found[k] = None
    return [draft for draft in found if draft is not None]


def _find_sections(drafts: Sequence[Draft], layout: PageLayout) -> list[_Section]:
    """The sections of a page; none where any text or picture of it is no part of one."""
    own = [k for k, draft in enumerate(drafts) if draft.page == layout.page.number]
    texts = [
        (block, role)
        for block, role in zip(layout.blocks, layout.roles, strict=True)
        if role not in ("running_head", "folio", "label")
    ]
    titles = [block for block, role in texts if role == "heading" and _may_head(block)]
    paragraphs = [block for block, role in texts if role == "body" and block.mark is None]
    if not own or not titles or len(titles) + len(paragraphs) < len(texts):
        return []
    if not all(_is_free(drafts[k], {id(line) for title in titles for line in title.lines}) for k in own):
        return []
    titles.sort(key=lambda block: block.box[1])
    ends = [*(b.box[1] for b in titles[1:]), layout.page.height]
    sections = []
    for title, end in zip(titles, ends, strict=True):
        inside = tuple(b for b in paragraphs if title.box[1] <= centre(b.box)[1] < end)
        shown = tuple(k for k in own if title.box[1] <= centre(union(drafts[k].parts))[1] < end)
        sections.append(_Section(title, inside, shown))
    covered = sum(len(s.paragraphs) for s in sections) == len(paragraphs)
    covered = covered and sum(len(s.drafts) for s in sections) == len(own)
    return sections if covered and all(_is_whole(s, drafts) for s in sections) else []


def _is_free(draft: Draft, heads: Collection[int]) -> bool:
    """Whether a figure has no caption but a title (`heads` are the ids of their lines), which stands
    near it by chance."""
    if not draft.texts:
        return True
    return draft.rule.startswith("caption:bare") and id(draft.texts[0][0].lines[0]) in heads


def _may_head(block: Block) -> bool:
    is_short = len(block.lines) == 1 and len(block.text) <= MAX_TITLE
    return is_short and block.mark is None and block.direction == "horizontal" and not is_section(block.text)


def _is_whole(section: _Section, drafts: Sequence[Draft]) -> bool:
    """Whether a section says enough and not too much, ends on its page, and shows one group."""
    words = "".join(block.text for block in section.paragraphs)
    boxes = [union(drafts[k].parts) for k in section.drafts]
    ends = words.endswith(("。", "！", "？", "”", "）"))
    return bool(boxes) and LEAST_WORDS <= len(words) <= MOST_WORDS and ends and _are_group(boxes)


def _are_group(boxes: Sequence[Box]) -> bool:
    """Whether pictures stand in one row or one column, a blank apart."""
    ordered = sorted(boxes, key=lambda b: (round(b[1] / FLUSH), b[0]))
    return all(_are_level(a, b) and gap(a, b) <= MAX_APART for a, b in pairwise(ordered))


def _are_level(a: Box, b: Box) -> bool:
    in_row = overlap_y(a, b) > 0 and abs(a[1] - b[1]) <= FLUSH and abs(a[3] - b[3]) <= FLUSH
    in_column = overlap_x(a, b) > 0 and abs(a[0] - b[0]) <= FLUSH and abs(a[2] - b[2]) <= FLUSH
    return in_row or in_column
