"""Which headings may head catalogue entries: those whose numbers rise, or titles in one type."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from alignment.layout import PageLayout
from alignment.marks import is_section
from alignment.records import Role
from alignment.regions import Block

# A page with this many numbered headings and no picture is a table of contents.
CONTENTS_HEADINGS = 4
MAX_TITLE, SAME_SIZE = 24, 1.06
MIN_RUBRICS = 2
_SMALL: tuple[Role, ...] = ("caption", "body", "heading")


def find_numbered_headings(layouts: Sequence[PageLayout]) -> list[Block]:
    """Headings with numbers that rise through the book, and what is set in small type and counts on between
    two of them."""
    run = _count_up([b for layout in layouts for b in _headings(layout)])
    ids = {id(b) for b in run}
    numbered = [
        b
        for layout in layouts
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if id(b) in ids or (role in _SMALL and b.mark and b.mark.style in ("heading", "list"))
    ]
    found: list[Block] = []
    waiting: list[Block] = []
    for block in numbered:
        if id(block) not in ids:
            if found and _count(waiting[-1] if waiting else found[-1])[1] + 1 == _count(block)[0]:
                waiting.append(block)
            continue
        if waiting and _count(waiting[-1])[1] + 1 == _count(block)[0]:
            found += waiting
        waiting = []
        found.append(block)
    return found


def _count(block: Block) -> tuple[int, int]:
    """The first and the last number of a heading: 35 and 37 of 35—37."""
    numbers = [int(n) for n in re.findall("[0-9]+", block.mark.label)] if block.mark else []
    own = block.mark.number if block.mark and block.mark.number is not None else 0
    return own, max(numbers, default=own)


def find_titles(layouts: Sequence[PageLayout]) -> list[Block]:
    """Headings without a number in the type of most of them, from pages with as many of them as pictures, or
    with one that stands first; in order."""
    found = [b for layout in layouts for b in _find_page_titles(layout)]
    if not found:
        return []
    usual = Counter(round(b.size) for b in found).most_common(1)[0][0]
    return [b for b in found if max(b.size, usual) <= SAME_SIZE * min(b.size, usual)]


def find_rubric_titles(layouts: Sequence[PageLayout]) -> list[Block]:
    """The headings over the rubrics of pages that have several of these, one on each."""
    found = []
    for layout in layouts:
        rubrics = layout.with_role("rubric")
        over = [b for b in layout.with_role("heading") if rubrics and b.box[1] < rubrics[0].box[1]]
        if len({b.text for b in rubrics}) >= MIN_RUBRICS and over:
            found.append(max(over, key=lambda b: b.size))
    return found


def find_repeated_titles(layouts: Sequence[PageLayout]) -> list[Block]:
    """The headings in the type that most pages have one in, with a number of any form or none."""
    found = [
        b
        for layout in layouts
        for b in layout.with_role("heading")
        if len(b.lines) <= 2 and not is_section(b.text)
    ]
    pages: dict[tuple[int, bool], set[int]] = defaultdict(set)
    for block in found:
        pages[_find_type(block)].add(block.page)
    if not pages:
        return []
    usual = max(pages, key=lambda key: (len(pages[key]), key))
    return [b for b in found if _find_type(b) == usual]


def _find_type(block: Block) -> tuple[int, bool]:
    return round(block.size), block.lines[0].bold


def _find_page_titles(layout: PageLayout) -> list[Block]:
    labelled = {line for label in layout.labels for line in label.whole.lines}
    texts = [
        (b, r)
        for b, r in zip(layout.blocks, layout.roles, strict=True)
        if r not in ("label", "running_head", "folio")
    ]
    titles = find_leading_titles(texts)
    are_names = all(len(b.text) <= MAX_TITLE and b.lines[0] not in labelled for b in titles)
    return titles if are_names and len(titles) in (1, len(layout.pictures)) else []


def find_leading_titles(texts: Sequence[tuple[Block, Role]]) -> list[Block]:
    """The headings among texts in reading order, where one stands first; none where one of them has a number
    or heads a section."""
    titles = [b for b, role in texts if role == "heading"]
    leads = bool(titles) and texts[0][0] is titles[0]
    return titles if leads and all(b.mark is None and not is_section(b.text) for b in titles) else []


def _headings(layout: PageLayout) -> list[Block]:
    found = [
        b
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if role == "heading" and b.mark and b.mark.style in ("heading", "list") and len(b.lines) <= 2
    ]
    if len(found) >= CONTENTS_HEADINGS and len(layout.pictures) < len(found) // 2:
        return []
    # Texts on either side of their pictures are not read in the order in which these are counted.
    return sorted(found, key=_count) if len(found) == len(layout.pictures) else found


def _count_up(headings: Sequence[Block]) -> list[Block]:
    """The longest run of headings whose numbers rise through the book (longest increasing subsequence)."""
    best: list[list[Block]] = []
    for i, heading in enumerate(headings):
        assert heading.mark and heading.mark.number is not None
        before = [
            best[j]
            for j in range(i)
            if (m := headings[j].mark) and m.number is not None and m.number < heading.mark.number
        ]
        best.append([*max(before, key=len, default=[]), heading])
    return max(best, key=len, default=[])
