"""Inside a catalogue entry: which picture is the pattern, the textile, a detail; whose text is whose."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from alignment.data_lines import is_collection
from alignment.entries import Entry
from alignment.entry_sections import share_sections
from alignment.entry_shares import Share, find_role
from alignment.entry_spans import Placed, get_picture
from alignment.least_cost import assign
from alignment.panels import split_caption
from alignment.parts import count_pieces, order_parts
from alignment.photographs import match_photos, measure_lead
from alignment.regions import Block
from extractors.geometry import area, gap, overlap_x, overlap_y, width
from extractors.records import Box

# A detail's own sentence stands right under it and may be wider than it, but not reach under its neighbour.
MAX_OWN_GAP_EM, MAX_REACH, NO_SENTENCE = 2.0, 1.8, 1e4
MAX_STACK_GAP_EM, SAME_TYPE, LEAST_UNDER_HEAD = 2.4, 0.95, 0.85
LEVEL, MAX_VIEW_GAP = 4.0, 27.0
# A pattern is no smaller than this beside the photograph of its textile.
BESIDE_PHOTO = 0.6


def share_texts(entry: Entry) -> list[Share]:
    """The entry's pictures with their texts; every picture is listed, a detail perhaps without text."""
    placed = entry.pictures
    texts = [item for item in entry.items if item.block and item.role not in ("reference", "rubric")]
    if len(placed) == 1:
        return [_share_all(entry, placed[0], texts)]
    if parts := _share_parts(entry, placed, texts):
        return parts
    photos = [t for t in texts if t.block and t.block.mark and t.block.mark.style == "photo"]
    if not photos and (sections := share_sections(entry)):
        return sections
    pattern = _find_pattern(placed, photos)
    own = _find_own_sentences(entry, [p for p in placed if p is not pattern], texts, len(photos))
    named = match_photos(photos, [p for p in placed if p is not pattern and id(p) not in own], pattern)
    # Where a 图： line tells a photograph from the pattern, pictures differ in what they show.
    views = [] if photos else _find_views(pattern, [p for p in placed if id(p) not in own])
    seen_with = {id(pattern): views} | _find_pieces(placed, pattern, own, named)
    apart = [p for p in placed if not any(p in more for more in seen_with.values())]
    shares = _deal_out(entry, apart, pattern, own, named, texts)
    for share, p in zip(shares, apart, strict=True):
        share.views += [get_picture(view) for view in seen_with.get(id(p), ())]
    return shares


def _find_pieces(
    placed: Sequence[Placed], pattern: Placed, own: dict[int, Placed], named: dict[int, Placed]
) -> dict[int, list[Placed]]:
    """id of a photograph → those in a row with it that its `图：` line counts too: …残片两件."""
    found: dict[int, list[Placed]] = {}
    rest = [p for p in placed if p is not pattern and id(p) not in own and id(p) not in named]
    for photo in placed:
        if id(photo) in named and (line := named[id(photo)].block):
            row = _find_views(photo, rest)
            if row and len(row) + 1 == count_pieces(line.text):
                found[id(photo)] = row
    return found


def _share_parts(entry: Entry, placed: Sequence[Placed], texts: Sequence[Placed]) -> list[Share]:
    """The pictures with the words that a text of as many parts has for each of them (左：…；中：…；右：…);
    empty without such a text."""
    for item in texts:
        if not item.block or len({p.page for p in placed}) > 1:
            continue
        parts = split_caption(item.block)
        if len(parts) != len(placed):
            continue
        ordered = order_parts([(get_picture(p).box, p) for p in placed], [word for word, _ in parts])
        if ordered is None:
            continue
        own = [(t.block, find_role(entry, t)) for t in texts if t.block]
        rule = "entry:own-sentence+parts"
        return [
            Share(p.page, get_picture(p), "figure", rule, 0.9, texts=own, words=f"{word}：{words}")
            for p, (word, words) in zip(ordered, parts, strict=True)
        ]
    return []


def _share_all(entry: Entry, placed: Placed, texts: Sequence[Placed]) -> Share:
    share = Share(placed.page, get_picture(placed), "pattern", "entry:single-figure", 0.95)
    parts = entry.label.parts if entry.label else ()
    share.texts += parts
    labelled = {id(line) for block, _ in parts for line in block.lines}
    for item in texts:
        assert item.block
        if id(item.block.lines[0]) not in labelled:
            share.texts.append((item.block, find_role(entry, item)))
    return share


def _find_pattern(placed: Sequence[Placed], photos: Sequence[Placed]) -> Placed:
    """The largest picture; among those of about that size the first in reading order, nearest the heading.

    One that a `图：` line stands under is the photograph, where one before it is not much smaller.
    """
    sizes = {id(p): area(get_picture(p).box) for p in placed}
    largest = max(sizes.values())
    named = [p for p in placed if any(t.block and t.page == p.page and _is_over(p, t.block) for t in photos)]
    first = placed[: min((k for k, p in enumerate(placed) if p in named), default=0)]
    before = [p for p in first if sizes[id(p)] > BESIDE_PHOTO * largest]
    return next(p for p in before or placed if before or sizes[id(p)] > 0.8 * largest)


def _is_over(picture: Placed, line: Block) -> bool:
    box = get_picture(picture).box
    return overlap_x(box, line.box) > 0 and 0 <= line.box[1] - box[3] <= MAX_STACK_GAP_EM * line.size


def _find_views(pattern: Placed, others: Sequence[Placed]) -> list[Placed]:
    """Pictures set with the largest as one row, at its height: an object seen from its other sides."""
    row = [pattern]
    for p in sorted(others, key=lambda it: abs(get_picture(it).box[0] - get_picture(pattern).box[0])):
        if p is not pattern and any(_stand_in_row(get_picture(p).box, get_picture(q).box) for q in row):
            row += [p] if p.page == pattern.page else []
    return row[1:]


def _stand_in_row(a: Box, b: Box) -> bool:
    is_level = abs(a[1] - b[1]) <= LEVEL and abs(a[3] - b[3]) <= LEVEL
    return is_level and overlap_y(a, b) > 0 and -overlap_x(a, b) <= MAX_VIEW_GAP


def _find_own_sentences(
    entry: Entry, small: Sequence[Placed], texts: Sequence[Placed], photos: int
) -> dict[int, Placed]:
    """id of a placed picture → the short text that stands right at it, each text with one picture.

    As many pictures as there are `图：` lines are photographs: beside these the entry's text goes on, so that
    level with them is no reason where there would else be too few.
    """
    options: list[tuple[float, int, Placed]] = []
    beside_it: set[tuple[int, int]] = set()
    described = _find_photo_stacks(texts, small)
    for item in texts:
        block = item.block
        assert block
        if block is entry.heading or item.role == "heading" or is_collection(block.text) or _is_photo(block):
            continue
        if id(item) in described:
            continue
        for p in small:
            box = get_picture(p).box
            if p.page != item.page or len(block.text) > 60 or len(block.lines) > 4:
                continue
            distance = gap(box, block.box)
            below = block.box[1] >= box[3] - 2 and overlap_x(box, block.box) > 0.5 * min(
                width(box), width(block.box)
            )
            beside = [get_picture(q).box for q in small if q is not p and q.page == p.page]
            reach = 1.25 if any(overlap_x(b, block.box) > 0 for b in beside) else MAX_REACH
            level = box[1] - block.size <= block.box[1] and block.box[3] <= box[3] + block.size
            is_near = 0 < distance < MAX_OWN_GAP_EM * block.size
            if is_near and (level or (below and width(block.box) <= reach * width(box))):
                options.append((distance, id(p), item))
                beside_it |= set() if below else {(id(p), id(item))}
    own = _pair_off(options)
    unsure = [key for key, item in own.items() if (key, id(item)) in beside_it]
    for key in sorted(unsure, key=lambda k: -min(d for d, other, _ in options if other == k)):
        if len(small) - len(own) < photos:
            del own[key]
    return own


def _find_photo_stacks(texts: Sequence[Placed], small: Sequence[Placed]) -> set[int]:
    """ids of the texts that go on under a `图：` line and the collection, one right under the other in one
    type, or with the photograph between: they describe it, whatever stands beside them."""
    found: set[int] = set()
    for above, item in pairwise(texts):
        a, b = above.block, item.block
        assert a and b
        if not (_is_photo(a) or id(above) in found) or above.page != item.page:
            continue
        below = [a.box, *(get_picture(p).box for p in small if p.page == item.page and _is_under(p, a))]
        is_next = any(-0.3 * b.size <= b.box[1] - box[3] <= MAX_STACK_GAP_EM * b.size for box in below)
        least = LEAST_UNDER_HEAD if _is_photo(a) or is_collection(a.text) else SAME_TYPE
        if is_next and overlap_x(a.box, b.box) > 0 and b.size > least * a.size:
            found.add(id(item))
    return found


def _is_under(picture: Placed, line: Block) -> bool:
    box = get_picture(picture).box
    return overlap_x(box, line.box) > 0 and 0 <= box[1] - line.box[3] <= MAX_STACK_GAP_EM * line.size


def _pair_off(options: Sequence[tuple[float, int, Placed]]) -> dict[int, Placed]:
    """As many pictures as can have a text, and all together at the least distance."""
    keys = sorted({key for _, key, _ in options})
    items = list({id(item): item for _, _, item in options}.values())
    if not options:
        return {}
    costs = np.full((len(keys), len(items)), NO_SENTENCE)
    for distance, key, item in options:
        costs[keys.index(key), [id(i) for i in items].index(id(item))] = distance
    return {keys[i]: items[j] for i, j in assign(costs) if costs[i, j] < NO_SENTENCE}


def _is_photo(block: Block) -> bool:
    return block.mark is not None and block.mark.style == "photo"


def _deal_out(
    entry: Entry,
    placed: Sequence[Placed],
    pattern: Placed,
    own: dict[int, Placed],
    named: dict[int, Placed],
    texts: Sequence[Placed],
) -> list[Share]:
    sections = _cut_at_photos(texts, list(own.values()))
    before = sections[0][1]
    shared = [t for _, section in sections[1:] for t in section if find_role(entry, t) == "body"]
    has_own_paragraphs = any(find_role(entry, t) == "body" for t in before)
    shares = []
    for p in placed:
        share = Share(p.page, get_picture(p), "cropped_pattern", "none:no text printed for this detail", 0.0)
        if p is pattern:
            share.kind, share.rule, share.score = "pattern", "entry:heading", 0.93
            items = before
            if not has_own_paragraphs and shared:
                items, share.rule, share.score = [*before, *shared], "entry:heading+shared-paragraphs", 0.85
            if not named:
                items = [t for t in texts if t not in own.values()]
        elif id(p) in named:
            share.kind, share.rule, share.score = "textile", "entry:photo-line", 0.9
            share.margin = measure_lead(p, [q for q in placed if q is not pattern], pattern)
            items = next(section for photo, section in sections if photo is named[id(p)])
        elif id(p) in own:
            share.rule, share.score = "entry:own-sentence", 0.9
            items = [own[id(p)]]
        else:
            items = []
        share.texts = [(t.block, find_role(entry, t)) for t in items if t.block]
        if id(p) in own and p is not pattern:
            share.texts = [(b, "caption") for b, _ in share.texts]
        shares.append(share)
    return shares


def _cut_at_photos(
    texts: Sequence[Placed], taken: Sequence[Placed]
) -> list[tuple[Placed | None, list[Placed]]]:
    sections: list[tuple[Placed | None, list[Placed]]] = [(None, [])]
    for item in texts:
        if item in taken:
            continue
        if item.block and _is_photo(item.block):
            sections.append((item, []))
        sections[-1][1].append(item)
    return sections
