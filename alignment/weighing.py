"""Each text of a page as the caption of each of its figures: measured once, weighed by the book's habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from alignment.costs import MAX_COST, Habits, cost, score
from alignment.evidence import Evidence, Surroundings, Text, find_place, measure
from alignment.framed import find_picture_rows, find_row_rules
from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.records import Candidate
from alignment.regions import Block
from extractors.records import Picture

# The words of a picture stand right at it.
AT_PICTURE_EM = 3.0
# A group has so many pictures at least, each with a text of its own right at it.
MIN_GROUP, AT_OWN_EM = 3, 2.0
_OWN_STYLES = ("bare", "list", "panel", "quoted")
_NAMING = ("label", "heading", "figure", "plate")
MARKED_STYLES = ("figure", "pointer", "plate", "photo")
_FEATURES = tuple(f.name for f in fields(Evidence))


@dataclass(frozen=True, slots=True)
class Option:
    """A text as the caption of one picture, with what speaks for and against it."""

    block: Block
    evidence: Evidence
    cost: float


def measure_page(
    layout: PageLayout, pictures: Sequence[Picture], captions: Sequence[Block], body_size: float
) -> list[list[Evidence]]:
    """For each picture the evidence for each of the captions, in order."""
    if not pictures:
        return []
    page = Surroundings(
        fold=layout.fold,
        body_size=body_size,
        row_rules=[*find_row_rules(layout.page.rules), *find_picture_rows(layout)],
        marked_page=any(b.mark and b.mark.style in MARKED_STYLES for b in layout.with_role("caption")),
    )
    texts = [_describe(layout, block) for block in captions]
    measured = []
    for picture in pictures:
        others = [p.box for p in layout.pictures if p.box != picture.box]
        measured.append([measure(picture.box, text, page, others) for text in texts])
    if _is_sheet(measured, captions, len(layout.pictures)):
        return _mark_sheet(measured)
    own = _find_own_texts(measured) if len(pictures) == len(layout.pictures) else None
    return _mark_group(measured, own) if own else measured


def _find_own_texts(measured: Sequence[Sequence[Evidence]]) -> frozenset[int] | None:
    """The columns of texts of one style that stand right at the pictures, one at each and on one side of all;
    None where the pictures are few or have no such texts."""
    if len(measured) < MIN_GROUP or sum(e.style in _NAMING for e in measured[0]) >= len(measured) / 2:
        return None
    ways = {(e.style, e.side) for e in measured[0] if e.style in _OWN_STYLES}
    for style, side in sorted(ways):
        found: list[int] = []
        for row in measured:
            near = [
                (e.gap_em, j)
                for j, e in enumerate(row)
                if (e.style, e.side) == (style, side) and _is_at_picture(e)
            ]
            found += [min(near)[1]] if near else []
        if len(found) == len(set(found)) == len(measured):
            return frozenset(found)
    return None


def _is_at_picture(evidence: Evidence) -> bool:
    is_short = not evidence.is_paragraph and not evidence.blocked
    return is_short and evidence.gap_em <= AT_OWN_EM and evidence.misalignment < 0.5


def _mark_group(measured: Sequence[Sequence[Evidence]], own: frozenset[int]) -> list[list[Evidence]]:
    """Other texts that name something are of all the pictures, as an album's title is of its leaves."""
    return [
        [
            replace(e, heads_sheet=j not in own and e.style in _NAMING, counted=j in own)
            for j, e in enumerate(row)
        ]
        for row in measured
    ]


def _is_sheet(measured: Sequence[Sequence[Evidence]], captions: Sequence[Block], pictures: int) -> bool:
    """Whether a list counts the page's pictures, an item at each, and fewer have a figure's number."""
    marks = [b.mark for b in captions if b.mark]
    listed = [mark.number for mark in marks if mark.style == "list"]
    if pictures < 2 or sorted(n or 0 for n in listed) != list(range(1, pictures + 1)):
        return False
    gaps = [
        min((e.gap_em for e in column if not e.blocked), default=2 * AT_PICTURE_EM)
        for column in zip(*measured, strict=True)
        if column[0].style == "list"
    ]
    return sum(mark.style == "figure" for mark in marks) < pictures and max(gaps) <= AT_PICTURE_EM


def _mark_sheet(measured: Sequence[Sequence[Evidence]]) -> list[list[Evidence]]:
    return [
        [replace(e, counted=e.style == "list", heads_sheet=e.style == "figure") for e in row]
        for row in measured
    ]


def weigh(
    measured: Sequence[Sequence[Evidence]], captions: Sequence[Block], habits: Habits
) -> list[list[Option]]:
    """For each picture each of the captions with its cost."""
    return [
        [Option(block, own, cost(own, habits)) for block, own in zip(captions, evidence, strict=True)]
        for evidence in measured
    ]


def make_match(picture: Picture, options: Sequence[Option], chosen: int) -> Match:
    """The picture with the chosen one of its options."""
    own = options[chosen]
    runner_up = min((o.cost for j, o in enumerate(options) if j != chosen), default=MAX_COST * 2)
    margin = max(0.0, runner_up - own.cost)
    rule = f"caption:{own.evidence.style}:{own.evidence.side}"
    sure = score(own.cost, own.cost + margin)
    return Match((picture,), own.block, own.evidence, sure, rule, own.cost, margin)


def record(layout: PageLayout, picture: Picture, option: Option, *, chosen: bool) -> Candidate:
    """The option as it is shown to whoever debugs a book."""
    features = ((name, getattr(option.evidence, name)) for name in _FEATURES)
    return Candidate(
        layout.page.number,
        picture.box,
        option.block.box,
        option.block.text,
        tuple((k, v if isinstance(v, str) else round(float(v), 3)) for k, v in features),
        round(option.cost, 3),
        chosen,
    )


def _describe(layout: PageLayout, block: Block) -> Text:
    own = frozenset(block.lines)
    others = [
        b.box
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if b is not block
        and role not in ("label", "rubric", "running_head", "folio")
        and b.lines[0] not in own
    ]
    is_running = any(layout.blocks[i] is block for i in layout.running)
    is_paragraph = is_running or (block.mark is None and _stands_in_column(layout, block))
    return Text(block, is_paragraph, find_place(block), others)


def _stands_in_column(layout: PageLayout, block: Block) -> bool:
    """Whether the block goes on above or below with text of its size."""
    for other, role in zip(layout.blocks, layout.roles, strict=True):
        if other is block or role != "body" or other.direction != block.direction:
            continue
        similar = abs(other.size - block.size) < 0.06 * block.size
        near = min(abs(other.box[1] - block.box[3]), abs(block.box[1] - other.box[3])) < 1.8 * block.size
        flush = abs(other.box[0] - block.box[0]) < 3 * block.size
        if similar and near and flush and len(other.text) > 40:
            return True
    return False
