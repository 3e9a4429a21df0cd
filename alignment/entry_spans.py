"""Everything on a book's pages in reading order, cut at the headings of its catalogue entries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alignment.layout import PageLayout, heads_from_the_side, runs_vertically
from alignment.reading_order import order_boxes
from alignment.records import Role
from alignment.regions import Block
from extractors.geometry import centre, gap, height
from extractors.records import Box, Picture

HALF_LINE = 0.5
# A detail's own sentence, right at it.
MAX_WORDS, AT_PICTURE_EM = 60, 2.0
# Print keeps to its side of the fold, but for a hair.
FOLD_SLACK = 6.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture or a block with the page on which it stands."""

    page: int
    picture: Picture | None = None
    block: Block | None = None
    role: Role = "body"


def get_picture(item: Placed) -> Picture:
    """The picture of an item that is one."""
    assert item.picture
    return item.picture


def cut_spans(
    layouts: Sequence[PageLayout], heading_ids: set[int], placed: Mapping[tuple[int, Box], int] | None = None
) -> dict[int, list[Placed]]:
    """Everything in reading order, cut at the headings; what stands before the first one is left out.

    `placed` are pictures, by page and box, that the id of a heading is known for by their place.
    """
    spans: dict[int, list[Placed]] = {}
    current: list[Placed] = []
    before: list[Placed] = []
    banded = [_order_bands(layout, heading_ids) for layout in layouts]
    pages = [[item for band in bands for item in band] for bands in banded]
    plates_lead = _do_plates_lead(pages, heading_ids)
    for bands, here in zip(banded, pages, strict=True):
        for ordered in bands:
            current = _cut_band(ordered, heading_ids, spans, current)
        if plates_lead:
            _move_facing_plates(before, here, spans, heading_ids)
        before = here
    _move_placed(spans, placed or {})
    return spans


def _move_placed(spans: Mapping[int, list[Placed]], placed: Mapping[tuple[int, Box], int]) -> None:
    """Moves pictures to the entries whose heading stands at them."""
    for own, span in spans.items():
        for item in [it for it in span if it.picture]:
            other = placed.get((item.page, get_picture(item).box), own)
            if other != own and other in spans:
                span.remove(item)
                spans[other].append(item)


def _do_plates_lead(pages: Sequence[Sequence[Placed]], heading_ids: Collection[int]) -> bool:
    """Whether a page of pictures alone stands before the page that heads it; else it stands behind.

    In between the two look alike, so the ends of the catalogue tell: which of them is first, and which last.
    """
    kinds = [kind for page in pages if (kind := _find_kind(page, heading_ids))]
    if len(set(kinds)) < 2:
        return True
    return (kinds[0] == "plate") + (kinds[-1] == "heading") >= 1


def _find_kind(page: Sequence[Placed], heading_ids: Collection[int]) -> str:
    """`plate` for a page of pictures alone, `heading` for one that begins with an entry's heading."""
    blocks = [item.block for item in page if item.block]
    if not blocks:
        return "plate" if page else ""
    return "heading" if id(blocks[0]) in heading_ids else ""


def _cut_band(
    ordered: Sequence[Placed],
    heading_ids: set[int],
    spans: dict[int, list[Placed]],
    current: list[Placed],
) -> list[Placed]:
    """Deals out what stands in a band; `current` is the span that is open before, the one open after is
    returned."""
    waiting: list[Placed] = []
    pictures_lead = _do_pictures_lead(ordered, heading_ids)
    lead = _find_column_before(ordered, heading_ids, current if spans else ())
    for item in ordered[len(lead) :]:
        if item.picture:
            waiting.append(item)
            continue
        if item.block and id(item.block) in heading_ids:
            # What stands before the first entry is none that might have pictures.
            takes = pictures_lead or _faces(waiting, ordered, item, current if spans else ())
            own = spans.setdefault(id(item.block), [])
            (own if takes else current).extend(waiting)
            current = own
        else:
            current += waiting
        waiting = []
        current.append(item)
        if lead and item.block and id(item.block) in heading_ids:
            current += lead
    current += waiting
    return current


def _find_column_before(
    ordered: Sequence[Placed], heading_ids: Collection[int], current: Sequence[Placed]
) -> Sequence[Placed]:
    """The pictures, with the words right at them, that stand in a column before a band's only heading and no
    higher than it: that the heading's column is read after theirs makes them none of the entry before
    (`current`), which has its own."""
    heads = [k for k, item in enumerate(ordered) if item.block and id(item.block) in heading_ids]
    if len(heads) != 1 or (current and not any(item.picture for item in current)):
        return ()
    before, heading = ordered[: heads[0]], ordered[heads[0]].block
    boxes = [item.picture.box for item in before if item.picture]
    words = [item.block for item in before if item.block]
    if not boxes or not words or not heading:
        return ()
    tops = [*(box[1] for box in boxes), *(b.box[1] for b in words)]
    is_level = heading.direction == "horizontal" and heading.box[1] <= min(tops) + heading.size
    are_words = all(
        len(b.text) <= MAX_WORDS and min(gap(b.box, box) for box in boxes) <= AT_PICTURE_EM * b.size
        for b in words
    )
    return before if is_level and are_words else ()


def _order_bands(layout: PageLayout, heading_ids: Collection[int]) -> list[list[Placed]]:
    """Everything on a page in reading order, entries that stand below each other one by one."""
    number = layout.page.number
    placed = [(p.box, Placed(number, picture=p)) for p in layout.pictures]
    placed += [
        (b.box, Placed(number, block=b, role=r))
        for b, r in zip(layout.blocks, layout.roles, strict=True)
        if r not in ("label", "running_head", "folio")
    ]
    tops = [b.box[1] - HALF_LINE * b.size for b in layout.blocks if id(b) in heading_ids]
    bands = _cut_bands(placed, sorted(tops)[1:])
    is_vertical = runs_vertically(layout.blocks)
    ordered = [order_boxes(band, vertical=is_vertical) for band in bands]
    if is_vertical:
        return ordered
    return [
        sorted(band, key=lambda it: not (it.block and heads_from_the_side(it.block, it.role)))
        for band in ordered
    ]


def _cut_bands(placed: Sequence[tuple[Box, Placed]], tops: Sequence[float]) -> list[list[tuple[Box, Placed]]]:
    """Cut above each heading (its top in points) but the first, where nothing stands across the cut and a
    picture above and below it: pictures beside texts would else be read as one column, texts as another."""
    rest, bands = list(placed), []
    for top in tops:
        # A picture beside a heading may begin a little above it.
        above = [it for it in rest if it[0][3] <= top or centre(it[0])[1] < top - height(it[0]) / 4]
        below = [it for it in rest if all(it is not other for other in above)]
        is_clean = max((b[3] for b, _ in above), default=top) <= min((b[1] for b, _ in below), default=0.0)
        if is_clean and all(any(item.picture for _, item in part) for part in (above, below)):
            bands.append(above)
            rest = below
    return [*bands, rest]


def _do_pictures_lead(ordered: Sequence[Placed], heading_ids: Collection[int]) -> bool:
    """Whether pictures stand before their headings: one is first in the band, and a heading last of them or
    under all of them."""
    heads = [item for item in ordered if item.picture or (item.block and id(item.block) in heading_ids)]
    if not heads or heads[0].picture is None:
        return False
    ends = max(item.picture.box[3] for item in heads if item.picture)
    return heads[-1].picture is None or all(it.block.box[1] >= ends for it in heads if it.block)


def _faces(
    waiting: Sequence[Placed], ordered: Sequence[Placed], heading: Placed, current: Sequence[Placed]
) -> bool:
    """Whether pictures alone on the left page of a sheet of two, or left of all texts of a page, face texts
    that begin with the heading, and the entry before has its own."""
    texts = [item.block for item in ordered if item.block]
    if not waiting or not heading.block or texts[0] is not heading.block:
        return False
    edge = min(b.box[0] for b in texts) + FOLD_SLACK
    alone = all(item.picture and item.picture.box[2] <= edge for item in waiting)
    has_own = any(item.picture for item in current) or not current
    return alone and has_own


def _move_facing_plates(
    left: Sequence[Placed], right: Sequence[Placed], spans: dict[int, list[Placed]], heading_ids: set[int]
) -> None:
    """A page of pictures alone, left of a page that begins with a heading, belongs to that heading when the
    entry before it has a picture already or the heading's own page has none.

    `left` and `right` are all that stands on the two pages, in reading order.
    """
    if not left or any(item.block for item in left):
        return
    firsts = [item for item in right if item.block]
    if not firsts or id(firsts[0].block) not in heading_ids:
        return
    own = spans[id(firsts[0].block)]
    for span in spans.values():
        if span is own or left[0] not in span:
            continue
        others = [item for item in span if item.picture and item not in left]
        if others or not any(item.picture for item in own):
            span[:] = [item for item in span if item not in left]
            own[:0] = left
        return
    own[:0] = [item for item in left if item not in own]
