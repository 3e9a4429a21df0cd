"""Texts left over that go on with a figure's own: the paragraph below a label, the title above one.

What is set as one stack, flush and without a blank line's gap between its parts, is read as one text,
whatever the types of its parts are. In a catalogue such stacks are all the text there is. In an article the
column goes on below a caption as well, so there the column's text is nobody's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from alignment.composition import Draft
from alignment.described_captions import DESCRIBED_STYLES, are_described, find_foot, stands_at_foot
from alignment.layout import PageLayout
from alignment.regions import Block
from alignment.stacked_texts import PARAGRAPHS, goes_on, list_free
from extractors.geometry import area, centre, gap, union

# Captions with a number or a pointer stand in running text, which goes on below them; where they have
# paragraphs of their own, the book's habit tells.
LONE_STYLES = ("figure", "pointer", "list", "panel", "page")
MAX_TITLE, MAX_WORDS = 30, 80
# A paragraph on one work is not long, and no farther from it than a caption and a blank line.
MAX_SAID, NEAR_EM = 300, 3.0
_QUOTED = re.compile("《[^》]{1,40}》")
# The share of the text on pages with figures that stacks must take up in a catalogue.
CATALOGUE = 0.5
# The share of a catalogue's figures that have names.
NAMED, ENOUGH = 0.7, 3
# A detail is so much smaller than what it is of.
DETAIL = 0.5


@dataclass(frozen=True, slots=True)
class _Adoption:
    """A text that goes on with those of a draft, by its place in the list of drafts."""

    draft: int
    block: Block
    role: str
    is_running: bool


def adopt_left_over(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    """The drafts with the texts below and above their own that are of the same stack."""
    stacked = _adopt_stacks(drafts, layouts)
    return _adopt_pages(stacked, layouts) if _is_catalogue(stacked) else stacked


def _adopt_stacks(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    used = {id(line) for d in drafts for block, _ in d.texts for line in block.lines}
    of_page = _group_by_page(drafts)
    described = are_described(drafts, layouts)
    found: list[_Adoption] = []
    left = 0
    for layout in layouts:
        own = [(k, drafts[k]) for k in of_page.get(layout.page.number, ())]
        free = [] if not own else list(list_free(layout, used))
        left += sum(len(b.text) for b, role, _ in free if role in PARAGRAPHS)
        found += _adopt_on_page(own, free, layout, described)
    taken = sum(len(a.block.text) for a in found if a.role == "body")
    is_catalogue = taken >= CATALOGUE * left
    kept = [a for a in found if is_catalogue or not a.is_running]
    of_draft: defaultdict[int, list[_Adoption]] = defaultdict(list)
    for adoption in kept:
        of_draft[adoption.draft].append(adoption)
    return [_extend(draft, of_draft[k]) for k, draft in enumerate(drafts)]


def _group_by_page(drafts: Sequence[Draft]) -> Mapping[int, list[int]]:
    of_page: defaultdict[int, list[int]] = defaultdict(list)
    for k, draft in enumerate(drafts):
        of_page[draft.page].append(k)
    return of_page


def _is_catalogue(drafts: Sequence[Draft]) -> bool:
    """Whether a book's figures have names rather than numbered captions, which stand in a text."""
    told = [d for d in drafts if d.texts]
    named = [d for d in told if _may_go_on(d)]
    return len(told) >= ENOUGH and len(named) >= NAMED * len(told)


def _adopt_pages(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[Draft]:
    """In a catalogue the paragraphs of a page with one name on it are about what that names."""
    used = {id(line) for d in drafts for block, _ in d.texts for line in block.lines}
    found = list(drafts)
    of_page = _group_by_page(drafts)
    for layout in layouts:
        own = of_page.get(layout.page.number, [])
        free = list(list_free(layout, used)) if own else []
        head = _find_named(drafts, own)
        is_titled = head is not None and (drafts[head].texts or any(role == "heading" for _, role, _ in free))
        if head is not None and is_titled and free and all(_is_about(b, role) for b, role, _ in free):
            adoptions = [
                _Adoption(head, b, "title" if role == "heading" else "body", False) for b, role, _ in free
            ]
            found[head] = _extend(drafts[head], adoptions)
    return found


def _is_about(block: Block, role: str) -> bool:
    """Whether a text may be about what its page shows: a paragraph, or a title that heads no section."""
    return role in (*PARAGRAPHS, "heading") and (block.mark is None or block.mark.style == "heading")


def _find_named(drafts: Sequence[Draft], own: Sequence[int]) -> int | None:
    """The one of a page's figures that has a name, or is the only one; details need have no words."""
    if len(own) == 1:
        return own[0] if _may_go_on(drafts[own[0]]) else None
    heads = [k for k in own if _is_named(drafts[k])]
    sizes = {k: area(union(drafts[k].parts)) for k in own}
    are_details = all(
        sizes[k] < DETAIL * sizes[heads[0]] or drafts[k].texts for k in own if heads and k != heads[0]
    )
    return heads[0] if len(heads) == 1 and are_details else None


def _is_named(draft: Draft) -> bool:
    """Whether a figure has a title of its own, not a sentence under it."""
    return draft.rule.startswith(("caption:label", "caption:photo", "entry:heading", "entry:single")) or any(
        role == "title" for _, role in draft.texts
    )


def _adopt_on_page(
    own: Sequence[tuple[int, Draft]],
    free: Sequence[tuple[Block, str, bool]],
    layout: PageLayout,
    described: bool,
) -> list[_Adoption]:
    found: list[_Adoption] = []
    taken: set[int] = set()
    for k, draft in own:
        texts = [b for b, role in draft.texts if b.page == layout.page.number and role != "note"]
        if texts and (words := _find_words_opposite(draft, free, taken)):
            found.append(_Adoption(k, words, "caption", False))
            taken.add(id(words))
        if not texts or not _may_go_on(draft, described):
            continue
        last, first = texts[-1], texts[0]
        rest = sorted((f for f in free if id(f[0]) not in taken), key=lambda f: f[0].box[1])
        for block, role, is_running in rest:
            is_paragraph = role in PARAGRAPHS and block.mark is None
            if _speaks_of(draft, block, layout.page.number):
                found.append(_Adoption(k, block, "body", False))
                taken.add(id(block))
            elif (
                is_paragraph
                and (goes_on(last, block, layout) or (described and _is_at_foot(draft, last, block)))
                and not _is_nearer(block, draft, own)
            ):
                found.append(_Adoption(k, block, "body", is_running))
                taken.add(id(block))
                last = block
        if not any(role == "title" for _, role in draft.texts):
            for block, role, _ in rest:
                is_title = role == "heading" and len(block.text) <= MAX_TITLE
                if is_title and id(block) not in taken and goes_on(block, first, layout):
                    found.append(_Adoption(k, block, "title", False))
                    taken.add(id(block))
                    break
    return found


def _is_at_foot(draft: Draft, last: Block, block: Block) -> bool:
    """Whether a paragraph stands right under a figure that has its caption over it, and nothing else yet."""
    foot = find_foot(draft, last) if any(b is last and role == "caption" for b, role in draft.texts) else None
    return foot is not None and stands_at_foot(foot, block)


def _find_words_opposite(
    draft: Draft, free: Sequence[tuple[Block, str, bool]], taken: Collection[int]
) -> Block | None:
    """The words of a figure whose caption is a mere number, 图版二, over or under it: they stand on its other
    side, in its middle."""
    captions = [b for b, role in draft.texts if role == "caption"]
    mark = captions[0].mark if len(captions) == len(draft.texts) == 1 else None
    if mark is None or mark.style not in ("figure", "plate") or mark.rest:
        return None
    figure, number = union(draft.parts), captions[0].box
    is_over = number[3] <= figure[1]
    for block, role, is_running in free:
        across = block.box[1] - figure[3] if is_over else figure[1] - block.box[3]
        is_centred = abs(centre(block.box)[0] - centre(figure)[0]) <= block.size
        is_short = len(block.text) <= MAX_WORDS and not is_running and block.mark is None
        if is_short and role in ("body", "heading") and is_centred and 0 <= across <= NEAR_EM * block.size:
            return None if id(block) in taken else block
    return None


def _speaks_of(draft: Draft, block: Block, page: int) -> bool:
    """Whether a paragraph begins with the title that a figure has for a caption, and stands at either."""
    title = next((found[0] for b, _ in draft.texts if (found := _QUOTED.match(b.text))), None)
    if title is None or not block.text.startswith(title) or len(block.text) > MAX_SAID:
        return False
    own = [*draft.parts, *(b.box for b, _ in draft.texts if b.page == page)]
    return any(gap(box, block.box) <= NEAR_EM * block.size for box in own)


def _may_go_on(draft: Draft, described: bool = False) -> bool:
    """Whether a figure's text may be the head of a longer one: not a part's words, nor a numbered caption
    but where the book's captions are `described`."""
    if draft.words or (draft.rule.startswith("caption:list") and not described):
        return False
    styles = [b.mark.style for b, role in draft.texts if role == "caption" and b.mark]
    lone = [style for style in styles if style in LONE_STYLES]
    return not lone or (described and all(style in DESCRIBED_STYLES for style in lone))


def _is_nearer(block: Block, draft: Draft, own: Sequence[tuple[int, Draft]]) -> bool:
    """Whether a figure that has no text stands nearer to a text than the one that it might go to."""
    distance = gap(union(draft.parts), block.box)
    others = [gap(union(d.parts), block.box) for _, d in own if d is not draft and not d.texts]
    return any(other < min(distance, 2 * block.size) for other in others)


def _extend(draft: Draft, adoptions: Sequence[_Adoption]) -> Draft:
    if not adoptions:
        return draft
    titles = tuple((a.block, a.role) for a in adoptions if a.role == "title")
    bodies = tuple((a.block, a.role) for a in adoptions if a.role != "title")
    rule = f"{draft.rule}+stack" if draft.texts else "page:alone"
    return replace(draft, texts=(*titles, *draft.texts, *bodies), rule=rule)
