"""One pair, as decisions say: its box, texts and kind, and the pairs that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alignment.composition import compose_regions
from alignment.decisions.payloads import ChosenText, Detail
from alignment.records import (
    BY_CURATOR,
    DecidedPair,
    Kind,
    MachinePair,
    Region,
    Series,
    release_as_is,
    start_pair,
)
from alignment.text.profiles import Profile
from alignment.text.trail import FieldName, find_changes, make_edits
from alignment.texts import find_title
from extractors.geometry import intersection, iou, shared_area, to_page_frame, to_upright_frame, union
from extractors.records import Box, Page

# A region that was chosen is the one that lies there now if half of both is the same.
_SAME_REGION = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """How to get from where a decision was made to where it applies: a box of that build → one of this, and
    pages. The same for a file that is the same."""

    old: Box = (0.0, 0.0, 1.0, 1.0)
    new: Box = (0.0, 0.0, 1.0, 1.0)
    shift: int = 0

    def carry(self, box: Box) -> Box:
        """A box on the page, in this build."""
        if self.old == self.new:
            return box
        across = (self.new[2] - self.new[0]) / (self.old[2] - self.old[0])
        down = (self.new[3] - self.new[1]) / (self.old[3] - self.old[1])
        x0, x1 = (self.new[0] + (x - self.old[0]) * across for x in (box[0], box[2]))
        y0, y1 = (self.new[1] + (y - self.old[1]) * down for y in (box[1], box[3]))
        return (x0, y0, x1, y1)


HERE = Place()


@dataclass(frozen=True, slots=True)
class Book:
    """What shaping asks of a book: its pages by number, all text regions, and how its fields are printed."""

    pages: Mapping[int, Page]
    regions: Sequence[Region]
    profile: Profile
    series: Series

    def find_page(self, number: int) -> Page:
        """A page that was read; ValueError where it was not."""
        page = self.pages.get(number)
        if page is None or page.error:
            raise ValueError(f"page {number} is not read in this build")
        return page


def draw_figure(book: Book, number: int, bbox: Box, kind: Kind) -> DecidedPair:
    """A figure that a curator drew on a page, without text. ValueError in one line where it cannot lie
    there."""
    page = book.find_page(number)
    figure_bbox, box = _lay_on(page.width, page.height, page.skew, bbox)
    machine = MachinePair(
        document=page.document,
        document_sha256=page.document_sha256,
        page=number,
        page_width=page.width,
        page_height=page.height,
        page_source=page.source,
        skew=page.skew,
        box=box,
        figure_bbox=figure_bbox,
        parts=(box,),
        series=book.series,
        kind=kind,
        title="",
        caption="",
        description="",
        texts=(),
        text_bboxes=(),
        score=0.0,
        rule="none:review",
        entry_id="",
        kind_score=1.0,
        kind_rule=BY_CURATOR,
    )
    machine = replace(machine, entry_id=f"{page.document_sha256[:12]}-d{machine.pair_id}")
    return replace(release_as_is(machine), review_status="added")


def move_box(pair: DecidedPair, bbox: Box) -> DecidedPair:
    """The figure with another box on its page. ValueError in one line where it cannot lie there."""
    of = pair.machine
    figure_bbox, box = _lay_on(of.page_width, of.page_height, of.skew, bbox)
    return replace(pair, box=box, figure_bbox=figure_bbox, parts=(box,))


def _lay_on(width: float, height: float, skew: float, bbox: Box) -> tuple[Box, Box]:
    """(box on the page in the file, upright box), both within the page."""
    page = (0.0, 0.0, width, height)
    own = intersection(bbox, page)
    if min(own[2] - own[0], own[3] - own[1]) < 1:
        raise ValueError("its box does not lie on the page")
    return own, intersection(to_upright_frame(own, skew, width, height), page)


def give_texts(pair: DecidedPair, chosen: Sequence[ChosenText], book: Book, place: Place) -> DecidedPair:
    """The figure with other regions for its texts, composed as any other's. ValueError in one line where one
    lies on a page that was not read."""
    regions = [_find_region(text, book, place) for text in chosen]
    return _recompose(pair, [r for r, _ in regions], [b for _, b in regions], book, "review:re-paired")


def _recompose(
    pair: DecidedPair, texts: Sequence[Region], bboxes: Sequence[Box], book: Book, rule: str
) -> DecidedPair:
    composed, fields = compose_regions(texts, book.profile)
    return replace(
        pair,
        title=composed.title,
        caption=composed.caption,
        description=composed.description,
        texts=tuple(texts),
        text_bboxes=tuple(bboxes),
        trail=composed.trail,
        fields=fields,
        refinement=None,
        summary=None,
        # Who chose them is sure; what a score says of the machine's pairs is no matter here.
        score=1.0 if texts else 0.0,
        rule=rule if texts else "none:review",
    )


def _find_region(chosen: ChosenText, book: Book, place: Place) -> tuple[Region, Box]:
    """The region that lies there now, as it is read now, with its box on the page; else that of the
    decision."""
    page = book.find_page(chosen.page + place.shift)
    bbox = place.carry(chosen.bbox)
    near = [
        (iou(on_page, bbox), region, on_page)
        for region in book.regions
        if region.page == page.number
        for on_page in [to_page_frame(region.box, page.skew, page.width, page.height)]
    ]
    share, region, on_page = max(near, key=lambda item: item[0], default=(0.0, None, bbox))
    if region is not None and share >= _SAME_REGION:
        return replace(region, role=chosen.role), on_page
    own, upright = _lay_on(page.width, page.height, page.skew, bbox)
    return Region(page.number, chosen.role, upright, chosen.text), own


def unite(pair: DecidedPair, others: Iterable[DecidedPair], book: Book) -> DecidedPair:
    """The figure with other figures of its page as parts, and their texts behind its own."""
    merged, texts, bboxes = pair, list(pair.texts), list(pair.text_bboxes)
    for other in others:
        if other.machine.page != pair.machine.page:
            raise ValueError(f"{other.pair_id} lies on page {other.machine.page} and cannot be a part of it")
        merged = replace(merged, parts=(*merged.parts, *other.parts))
        for region, bbox in zip(other.texts, other.text_bboxes, strict=True):
            if region not in texts:
                texts.append(region)
                bboxes.append(bbox)
    box, of = union(merged.parts), pair.machine
    figure_bbox = to_page_frame(box, of.skew, of.page_width, of.page_height)
    merged = replace(merged, box=box, figure_bbox=figure_bbox)
    if len(texts) == len(pair.texts):
        return merged
    return _recompose(merged, texts, bboxes, book, f"{pair.rule}+merged" if pair.texts else "review:merged")


def take_part(pair: DecidedPair, part: Detail, bbox: Box, reviewer: str) -> DecidedPair:
    """A part of a figure as a figure of its own: with words of its own, else with the whole's texts."""
    of = pair.machine
    if shared_area(bbox, pair.figure_bbox) <= 0:
        raise ValueError("a part does not lie in the figure that is split")
    figure_bbox, box = _lay_on(of.page_width, of.page_height, of.skew, bbox)
    machine = start_pair(of, box, figure_bbox, pair.kind, "none:review")
    rule = f"{pair.rule}+split"
    own = replace(pair, machine=machine, box=box, figure_bbox=figure_bbox, parts=(box,), rule=rule)
    own = replace(own, review_status="edited", reviewer=reviewer)
    if not part.words:
        return own
    rewritten = {"title": find_title(part.words), "caption": part.words, "description": part.words}
    for field in ("title", "caption", "description"):
        own = rewrite(own, field, rewritten[field], reviewer)
    return replace(own, score=1.0, rule=rule if pair.texts else "review:split")


def judge_again(pair: DecidedPair) -> DecidedPair:
    """The figure with a rule and score that fit a description typed where none was, or taken off."""
    if not pair.description:
        return replace(pair, score=0.0, rule=pair.rule if pair.rule.startswith("none:") else "none:review")
    if pair.rule.startswith("none:"):
        return replace(pair, score=1.0, rule="review:typed")
    return pair


def rewrite(pair: DecidedPair, field: FieldName, text: str, reviewer: str) -> DecidedPair:
    """The figure with a text as a reviewer typed it, and the edits that lead there."""
    before = {"title": pair.title, "caption": pair.caption, "description": pair.description}[field]
    edits = make_edits(field, "review", reviewer, before, find_changes(before, text))
    # A model's summary is of the description that the model saw.
    summary = pair.summary if field != "description" or text == before else None
    trail = (*pair.trail, *edits)
    return replace(pair, **{field: text}, trail=trail, summary=summary)  # type: ignore[arg-type]
