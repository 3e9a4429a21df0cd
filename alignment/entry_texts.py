"""Inside a catalogue entry: which picture is the pattern, the textile, a detail; whose text is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from alignment.data_lines import is_collection
from alignment.entries import Entry, Placed
from alignment.records import Kind
from alignment.regions import Block
from extractors.geometry import area, centre, gap, overlap_x, width
from extractors.records import Picture, Tones

# A detail's own sentence stands right under it and may be wider than it, but not reach under its neighbour.
MAX_OWN_GAP_EM, MAX_REACH, NO_SENTENCE = 2.0, 1.8, 1e4
# A backdrop is told from a ground of the textile by a quarter of a channel, and by a fair lead.
STRANGE_COLOUR, SURE_LIKENESS = 60.0, 0.1
LIKENESS_NATS = 6.0


@dataclass(slots=True)
class Share:
    """One picture of an entry with its texts in reading order, its kind and the rule that decided.

    `margin` (nats) is by how much a photograph looks more like an object before a backdrop than the others.
    """

    page: int
    picture: Picture
    kind: Kind
    rule: str
    score: float
    margin: float = 0.0
    texts: list[tuple[Block, str]] = field(default_factory=list)


def share_texts(entry: Entry) -> list[Share]:
    """The entry's pictures with their texts; every picture is listed, a detail perhaps without text."""
    placed = entry.pictures
    texts = [item for item in entry.items if item.block and item.role not in ("reference",)]
    if len(placed) == 1:
        return [_share_all(entry, placed[0], texts)]
    pattern = _find_pattern(entry, placed)
    own = _find_own_sentences(entry, [p for p in placed if p is not pattern], texts)
    photos = [t for t in texts if t.block and t.block.mark and t.block.mark.style == "photo"]
    named = _match_photos(photos, [p for p in placed if p is not pattern and id(p) not in own], pattern)
    return _deal_out(entry, placed, pattern, own, named, texts)


def _share_all(entry: Entry, placed: Placed, texts: Sequence[Placed]) -> Share:
    share = Share(placed.page, _picture(placed), "pattern", "entry:single-figure", 0.95)
    for item in texts:
        assert item.block
        share.texts.append((item.block, _role(entry, item)))
    return share


def _picture(item: Placed) -> Picture:
    assert item.picture
    return item.picture


def _role(entry: Entry, item: Placed) -> str:
    assert item.block
    if item.block is entry.heading:
        return "title"
    if item.block.mark and item.block.mark.style == "photo":
        return "caption"
    return "collection" if is_collection(item.block.text) else "body"


def _find_pattern(entry: Entry, placed: Sequence[Placed]) -> Placed:
    """The largest picture; among those of about that size the first in reading order, nearest the heading."""
    largest = max(area(_picture(p).box) for p in placed)
    return next(p for p in placed if area(_picture(p).box) > 0.8 * largest)


def _find_own_sentences(entry: Entry, small: Sequence[Placed], texts: Sequence[Placed]) -> dict[int, Placed]:
    """id of a placed picture → the short text that stands right at it, each text with one picture."""
    options: list[tuple[float, int, Placed]] = []
    for item in texts:
        block = item.block
        assert block
        if block is entry.heading or item.role == "heading" or is_collection(block.text) or _is_photo(block):
            continue
        for p in small:
            box = _picture(p).box
            if p.page != item.page or len(block.text) > 60 or len(block.lines) > 4:
                continue
            distance = gap(box, block.box)
            below = block.box[1] >= box[3] - 2 and overlap_x(box, block.box) > 0.5 * min(
                width(box), width(block.box)
            )
            beside = [_picture(q).box for q in small if q is not p and q.page == p.page]
            reach = 1.25 if any(overlap_x(b, block.box) > 0 for b in beside) else MAX_REACH
            level = box[1] - block.size <= block.box[1] and block.box[3] <= box[3] + block.size
            is_near = 0 < distance < MAX_OWN_GAP_EM * block.size
            if is_near and (level or (below and width(block.box) <= reach * width(box))):
                options.append((distance, id(p), item))
    return _pair_off(options)


def _pair_off(options: Sequence[tuple[float, int, Placed]]) -> dict[int, Placed]:
    """As many pictures as can have a text, and all together at the least distance."""
    keys = sorted({key for _, key, _ in options})
    items = list({id(item): item for _, _, item in options}.values())
    if not options:
        return {}
    costs = np.full((len(keys), len(items)), NO_SENTENCE)
    for distance, key, item in options:
        costs[keys.index(key), [id(i) for i in items].index(id(item))] = distance
    rows, columns = linear_sum_assignment(costs)
    return {
        keys[i]: items[j]
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if costs[i, j] < NO_SENTENCE
    }


def _is_photo(block: Block) -> bool:
    return block.mark is not None and block.mark.style == "photo"


def _match_photos(photos: Sequence[Placed], small: Sequence[Placed], pattern: Placed) -> dict[int, Placed]:
    """id of a placed picture → the `图：` line that names it: the one that shows an object on a ground of its
    own, else the nearest, later pictures first where several stand in one row (details are set before the
    piece that they come from)."""
    found: dict[int, Placed] = {}
    for photo in photos:
        free = [p for p in small if id(p) not in found]
        if not free or not photo.block:
            continue
        line = photo.block

        shown = _find_object(free, pattern)

        def distance(
            p: Placed, photo: Placed = photo, line: Block = line, shown: Placed | None = shown
        ) -> tuple[int, bool, float, float]:
            box = _picture(p).box
            away = gap(box, line.box) if p.page == photo.page else 0.0
            return (
                abs(p.page - photo.page),
                p is not shown,
                round(away / 20),
                -centre(box)[0] - centre(box)[1],
            )

        found[id(min(free, key=distance))] = photo
    return found


def _find_object(small: Sequence[Placed], pattern: Placed) -> Placed | None:
    """The picture that shows an object before a backdrop: its edge is of one colour, and not the pattern's.

    A detail is cut out of the pattern, so its edge has the pattern's ground or its motifs.
    """
    if len(small) < 2:
        return None
    ground = _picture(pattern).tones
    likely = sorted((_likeness(_picture(p).tones, ground), k) for k, p in enumerate(small))
    (second, _), (best, index) = likely[-2:]
    return small[index] if best - second > SURE_LIKENESS else None


def _measure_lead(chosen: Placed, small: Sequence[Placed], pattern: Placed) -> float:
    if len(small) < 2:
        return LIKENESS_NATS
    ground = _picture(pattern).tones
    own = _likeness(_picture(chosen).tones, ground)
    others = [_likeness(_picture(p).tones, ground) for p in small if p is not chosen]
    return LIKENESS_NATS * max(0.0, own - max(others, default=0.0))


def _likeness(tones: Tones | None, ground: Tones | None) -> float:
    if tones is None:
        return 0.0
    # A pattern that stands alone on its page has not been looked at.
    if ground is None:
        return tones.plain
    away = max(abs(a - b) for a, b in zip(tones.border, ground.main, strict=True))
    return tones.plain * min(1.0, away / STRANGE_COLOUR)


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
    shared = [t for _, section in sections[1:] for t in section if _role(entry, t) == "body"]
    has_own_paragraphs = any(_role(entry, t) == "body" for t in before)
    shares = []
    for p in placed:
        share = Share(p.page, _picture(p), "cropped_pattern", "none:no text printed for this detail", 0.0)
        if p is pattern:
            share.kind, share.rule, share.score = "pattern", "entry:heading", 0.93
            items = before
            if not has_own_paragraphs and shared:
                items, share.rule, share.score = [*before, *shared], "entry:heading+shared-paragraphs", 0.85
            if not named:
                items = [t for t in texts if t not in own.values()]
        elif id(p) in named:
            share.kind, share.rule, share.score = "textile", "entry:photo-line", 0.9
            share.margin = _measure_lead(p, [q for q in placed if q is not pattern], pattern)
            items = next(section for photo, section in sections if photo is named[id(p)])
        elif id(p) in own:
            share.rule, share.score = "entry:own-sentence", 0.9
            items = [own[id(p)]]
        else:
            items = []
        share.texts = [(t.block, _role(entry, t)) for t in items if t.block]
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
