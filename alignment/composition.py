"""Matched figures and texts → the pair records: split into parts, title, caption, description, kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from alignment.descriptions import find_description
from alignment.entries import Entry
from alignment.entry_shares import Share
from alignment.joining import join_lines
from alignment.layout import PageLayout
from alignment.marks import Mark, find_named, is_detail
from alignment.matches import Match
from alignment.notes import MIN_NOTE_CHARACTERS, strip_key
from alignment.panels import split_caption
from alignment.parts import order_parts
from alignment.records import Kind, MachinePair, Region, Role, Series
from alignment.regions import Block, make_block
from alignment.text.composing import Composed, Piece, finish_fields
from alignment.text.fields import TextFields, parse_fields
from alignment.text.profiles import Profile
from alignment.texts import find_title, join_paragraphs, strip_number
from extractors.geometry import to_page_frame, union
from extractors.records import Box, Page, TextLine

if TYPE_CHECKING:
    from alignment.kinds import DecidedKind

# A longer first line begins the note's text.
MAX_NOTE_TITLE = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """A figure with its texts before they are cleaned. `words` replace the caption for a part of a figure;
    `references` are literature and notes to its paragraphs."""

    page: int
    parts: tuple[Box, ...]
    kind: Kind
    texts: tuple[tuple[Block, str], ...]
    score: float
    rule: str
    entry: str
    plate_number: int | None = None
    list_number: int | None = None
    words: str = ""
    cost: float = 0.0
    margin: float = 0.0
    references: tuple[Block, ...] = ()

    def with_note(self, blocks: Sequence[Block]) -> Draft:
        """The draft with the blocks of a note elsewhere in the book; as it is where it has them already, or
        the facing page describes it."""
        # （见左页） describes nothing.
        described = sum(len(b.text) for b, role in self.texts if role == "body") >= MIN_NOTE_CHARACTERS
        if self.rule.startswith("caption:facing-page") and described:
            return self
        own = {id(line) for block, _ in self.texts for line in block.lines}
        if any(id(line) in own for block in blocks for line in block.lines):
            return self
        added = tuple((b, "note") for b in blocks)
        return replace(self, texts=(*self.texts, *added), rule=f"{self.rule}+note")


def draft_entry(entry: Entry, shares: Sequence[Share]) -> list[Draft]:
    """One draft for each picture of a catalogue entry. Literature at its foot is on its paragraphs."""
    references = tuple(item.block for item in entry.items if item.block and item.role == "reference")
    return [
        Draft(
            page=s.page,
            parts=(s.picture.box, *(view.box for view in s.views)),
            kind=s.kind,
            texts=tuple(s.texts),
            score=s.score if s.texts else 0.0,
            rule=s.rule,
            entry=f"e{entry.number}-p{entry.heading.page}",
            margin=s.margin,
            words=s.words,
            references=references if any(role == "body" for _, role in s.texts) else (),
        )
        for s in shares
    ]


def draft_match(number: int, match: Match, layouts: Mapping[int, PageLayout]) -> list[Draft]:
    """A matched figure of page `number`, or its parts where the caption has words for each of them."""
    boxes = tuple(p.box for p in match.pictures)
    mark = match.block.mark if match.block else None
    # Figures under one caption are one entry, wherever they stand.
    place = match.block or match
    entry = f"f{match.block.page if match.block else number}-{round(place.box[0])}-{round(place.box[1])}"
    plate_number = None
    texts: list[tuple[Block, str]] = []
    if match.block:
        texts += _list_parts(layouts[match.block.page], match.block)
    named = find_named(mark)
    if named and _is_plate(named):
        plate_number = named.number
        entry = f"n{plate_number}"
    if match.block and len(texts) == 1:
        texts += [(b, "body") for b in find_description(layouts[match.block.page], match)]
    whole = Draft(number, boxes, "figure", tuple(texts), match.score, match.rule, entry, plate_number)
    whole = replace(whole, cost=match.cost, margin=match.margin)
    if mark and mark.style in ("heading", "list", "label") and match.evidence:
        whole = replace(whole, list_number=mark.number)
    return _split(whole, match.block) or [whole]


def _is_plate(mark: Mark) -> bool:
    """Whether a caption's number is a plate's, by which notes are keyed: one without words behind it is."""
    if mark.style == "figure":
        return ("版" in mark.label or not mark.rest) and not is_detail(mark)
    return mark.style == "plate"


def _list_parts(layout: PageLayout, block: Block) -> list[tuple[Block, str]]:
    """A caption as it is, a label by its parts."""
    for label in layout.labels:
        if label.whole is block:
            return list(label.parts)
    return [(block, "caption")]


def _split(whole: Draft, block: Block | None) -> list[Draft]:
    if block is None or len(whole.parts) < 2:
        return []
    parts = split_caption(block)
    if len(parts) != len(whole.parts):
        return []
    ordered = order_parts([(b, b) for b in whole.parts], [word for word, _ in parts])
    if ordered is None:
        return []
    return [
        replace(whole, parts=(box,), words=f"{word}：{words}", rule=f"{whole.rule}+split")
        for box, (word, words) in zip(ordered, parts, strict=True)
    ]


def make_pair(
    pages: Mapping[int, Page],
    draft: Draft,
    features: Mapping[str, float],
    score: float,
    series: Series,
    profile: Profile,
    decided: DecidedKind,
) -> MachinePair:
    """The released fields from a draft's texts, with the kind that was decided. `pages` are the book's, by
    number."""
    page = pages[draft.page]
    box = union(draft.parts)
    texts = (*draft.texts, *((block, "reference") for block in draft.references))
    regions = tuple(Region(b.page, _as_role(r), b.box, b.raw, b.confidence) for b, r in texts)
    pieces = [Piece(_as_role(r), b.raw, b.text) for b, r in texts]
    composed = finish_fields(pieces, *_compose(draft))
    return MachinePair(
        document=page.document,
        document_sha256=page.document_sha256,
        page=page.number,
        page_width=page.width,
        page_height=page.height,
        page_source=page.source,
        skew=page.skew,
        box=box,
        figure_bbox=_on_page(box, page),
        parts=draft.parts,
        series=series,
        kind=decided.kind,
        kind_score=decided.score,
        kind_rule=decided.rule,
        title=composed.title,
        caption=composed.caption,
        description=composed.description,
        texts=regions,
        text_bboxes=tuple(_on_page(r.box, pages[r.page]) for r in regions),
        score=round(score, 4) if regions else 0.0,
        features=tuple(features.items()),
        rule=draft.rule,
        entry_id=f"{page.document_sha256[:12]}-{draft.entry}",
        fields=parse_fields(profile, pieces, composed.trail, draft.words),
        trail=composed.trail,
    )


def compose_regions(regions: Sequence[Region], profile: Profile) -> tuple[Composed, TextFields]:
    """What these regions alone make of a figure's texts, composed as any other figure's."""
    blocks = tuple((_as_block(region), region.role) for region in regions)
    draft = Draft(0, (), "figure", blocks, 0.0, "", "")
    pieces = [Piece(role, block.raw, block.text) for block, role in blocks]
    composed = finish_fields(pieces, *_compose(draft))
    return composed, parse_fields(profile, pieces, composed.trail)


def _as_block(region: Region) -> Block:
    """A region's lines, each as long as the region: where they ended is not known any more."""
    lines = region.text.split("\n")
    x0, y0, x1, y1 = region.box
    high = (y1 - y0) / len(lines)
    boxes = ((x0, y0 + k * high, x1, y0 + (k + 1) * high) for k in range(len(lines)))
    return make_block(
        region.page, [TextLine(text, box, high) for text, box in zip(lines, boxes, strict=True)]
    )


def _on_page(box: Box, page: Page) -> Box:
    return to_page_frame(box, page.skew, page.width, page.height)


def _as_role(role: str) -> Role:
    roles: dict[str, Role] = {
        "title": "title",
        "caption": "caption",
        "collection": "collection",
        "note": "note",
        "reference": "reference",
    }
    return roles.get(role, "body")


def _compose(draft: Draft) -> tuple[str, str, str]:
    """(title, caption, description); all come from the figure's own texts."""
    of = {
        role: [b.text for b, r in draft.texts if r == role]
        for role in ("title", "caption", "collection", "body", "note")
    }
    if draft.words:
        own = draft.words.split("：", 1)[1]
        return find_title(own), draft.words, own
    heads = of["title"] or of["caption"]
    title = next((title for text in heads if (title := find_title(text))), "")
    said = [b.text for b, r in draft.texts if r in ("title", "caption", "collection")]
    if not title and (titled := _find_note_title(draft)):
        title, heading, of["note"] = titled
        said.append(heading)
    # A plate's number is said once, where a list of plates has it too.
    said = [
        a for a, b in zip_longest(said, said[1:]) if not (strip_number(a) == "" and b and b.startswith(a))
    ]
    caption = "　".join(said)
    description = join_paragraphs([*of["body"], strip_key(of["note"], title, "".join(of["caption"][:1]))])
    if not description:
        own_captions = [strip_number(t) for t in [*of["title"], *of["caption"]]]
        description = "　".join(text for text in [*own_captions, *of["collection"]] if text)
    return title, caption, description


def _find_note_title(draft: Draft) -> tuple[str, str, list[str]] | None:
    """(title, first line, the rest by blocks) of a note whose first line is the title of its plate, which has
    but a number."""
    notes = [b.lines for b, r in draft.texts if r == "note"]
    if sum(map(len, notes)) < 2:
        return None
    first = notes[0][0].text
    rest = [join_lines(line.text for line in lines) for lines in (notes[0][1:], *notes[1:]) if lines]
    title = find_title(first)
    # Behind the title may stand dynasty and cave.
    is_heading = not re.search("[，。；]", first) and strip_number(first).startswith(title)
    return (title, first, rest) if 2 <= len(title) <= MAX_NOTE_TITLE and is_heading else None
