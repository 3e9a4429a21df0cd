"""Details: parts of a figure that a curator has cut out of it, as rows of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alignment.records import BY_CURATOR, DecidedPair, release_as_is, start_pair
from alignment.text.trail import Edit
from extractors.geometry import area, expand, height, intersection, iou, to_upright_frame, width
from extractors.records import Box

# Who draws a box round what runs to the figure's edge overshoots it by a hair; less than this shows nothing.
OVERSHOOT, LEAST_SIDE, WHOLE = 1.0, 4.0, 0.97


@dataclass(frozen=True, slots=True)
class Crop:
    """A detail that a curator asks for: `box` (points) on page `page` of the file, and words for it."""

    page: int
    box: Box
    words: str = ""


def cut_details(
    pairs: Sequence[DecidedPair], crops: Sequence[Crop]
) -> tuple[list[DecidedPair], tuple[str, ...]]:
    """The pairs of a book with each detail behind its figure, and a line on each crop that could not be.

    A crop is cut from the smallest figure of its page that holds it, and never from another detail.
    """
    taken = {pair.pair_id for pair in pairs}
    made: defaultdict[str, list[DecidedPair]] = defaultdict(list)
    troubles: list[str] = []
    for crop in crops:
        here = [p for p in pairs if p.machine.page == crop.page and lies_in(crop.box, p.figure_bbox)]
        parent = min(
            (p for p in here if p.parent_pair_id is None), key=lambda p: area(p.figure_bbox), default=None
        )
        if parent is None:
            troubles.append(f"page {crop.page}: no figure holds the box {_show(crop.box)}")
            continue
        try:
            detail = make_detail(parent, crop.box, crop.words)
        except ValueError as error:
            troubles.append(str(error).removeprefix(f"{parent.machine.document}, "))
            continue
        if detail.pair_id in taken:
            troubles.append(f"page {crop.page}: the box {_show(crop.box)} is there already")
            continue
        taken.add(detail.pair_id)
        made[parent.pair_id].append(detail)
    return [one for pair in pairs for one in (pair, *made[pair.pair_id])], tuple(troubles)


def make_detail(parent: DecidedPair, box: Box, words: str = "", reviewer: str | None = None) -> DecidedPair:
    """The part `box` (points, on the page in the file) of a figure as a pair of its own, with `words`.

    It has its parent's page and entry, and nothing of its texts: what is said of the whole need not be true
    of a part. ValueError in one line where the box does not lie in the parent's, is too small or all of it.
    """
    of = parent.machine
    own = _fit(parent, box)
    upright = to_upright_frame(own, of.skew, of.page_width, of.page_height)
    start = start_pair(
        of,
        box=intersection(upright, parent.box),
        figure_bbox=own,
        kind="cropped_pattern",
        rule="detail:words" if words else "none:no words given for this detail",
    )
    start = replace(start, kind_score=1.0, kind_rule=BY_CURATOR)
    edit = Edit("description", "review", reviewer or BY_CURATOR, 0, "", words)
    return replace(
        release_as_is(start),
        description=words,
        score=1.0 if words else 0.0,
        trail=(edit,) if words else (),
        parent_pair_id=parent.pair_id,
        review_status="added",
        reviewer=reviewer,
    )


def _fit(parent: DecidedPair, box: Box) -> Box:
    """The box without what overshoots the parent's."""
    whole = parent.figure_bbox
    where = f"{parent.machine.document}, page {parent.machine.page}: the box {_show(box)}"
    if min(width(box), height(box)) < LEAST_SIDE:
        raise ValueError(f"{where} is not x0, y0, x1, y1 of at least {LEAST_SIDE:.0f} points a side")
    if not lies_in(box, whole):
        raise ValueError(f"{where} does not lie in the figure's, {_show(whole)}")
    own = intersection(box, whole)
    if iou(own, whole) > WHOLE:
        raise ValueError(f"{where} is the whole figure")
    return own


def lies_in(box: Box, whole: Box) -> bool:
    """Whether a box lies in another, but for a hair."""
    x0, y0, x1, y1 = expand(whole, OVERSHOOT)
    return x0 <= box[0] and y0 <= box[1] and box[2] <= x1 and box[3] <= y1


def _show(box: Box) -> str:
    return "(" + ", ".join(f"{v:.0f}" for v in box) + ")"
