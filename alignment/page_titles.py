"""Titles that head the pages of plates: in larger type over the only picture, which has a caption too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.composition import Draft
from alignment.entry_headings import find_titles
from alignment.layout import PageLayout
from alignment.regions import Block
from extractors.geometry import overlap_x, union
from extractors.records import Box

# A book heads its plates so, or it does not: a heading over one picture heads the text.
MIN_TITLED, MOST = 3, 0.8
MAX_GAP_EM, MAX_WORDS = 3.0, 80


def add_page_titles(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    """The drafts, those that are alone on their page with the title right over them."""
    titles = {title.page: title for title in find_titles(layouts)}
    alone = {layout.page.number for layout in layouts if len(layout.pictures) == 1 and not _has_text(layout)}
    plates = [d for d in drafts if d.page in alone and d.texts and not _has_title(d)]
    headed = [d for d in plates if d.page in titles and _stands_over(titles[d.page], union(d.parts))]
    if len(headed) < max(MIN_TITLED, MOST * len(plates)):
        return list(drafts)
    return [
        replace(d, texts=((titles[d.page], "title"), *d.texts)) if any(d is h for h in headed) else d
        for d in drafts
    ]


def _has_text(layout: PageLayout) -> bool:
    """Whether the page has text of its own, which a heading may head."""
    return sum(len(block.text) for block in layout.with_role("body")) > MAX_WORDS


def _has_title(draft: Draft) -> bool:
    return any(role == "title" for _, role in draft.texts)


def _stands_over(title: Block, picture: Box) -> bool:
    gap = picture[1] - title.box[3]
    return 0 <= gap <= MAX_GAP_EM * title.size and overlap_x(title.box, picture) > 0
