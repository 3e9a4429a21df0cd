"""Catalogue entries: a heading, its pictures and its texts, over one or more pages (design: silk).

Whose text is whose in an entry: the pattern has the heading and the paragraphs before the `图：` line, the
photograph that a `图：` line names has that line, the collection and the paragraphs after it, a detail its
own printed sentence. A single picture has all of the entry's texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment.entry_headings import (
    find_numbered_headings,
    find_repeated_titles,
    find_rubric_titles,
    find_titles,
)
from alignment.entry_places import place_pictures
from alignment.entry_spans import Placed, cut_spans
from alignment.label_parts import Label
from alignment.layout import PageLayout
from alignment.records import Role
from alignment.regions import Block
from extractors.records import Box, TextLine

MAX_ENTRY_PICTURES = 8
# Entries without numbers are known by their likeness.
MIN_TITLED, MOST, MIN_DESCRIPTION = 3, 0.8, 40
MIN_PHOTOS, MOST_PAIRS = 2, 0.6


@dataclass(frozen=True, slots=True)
class Entry:
    """A catalogue entry: its heading and everything between it and the next one, in reading order."""

    number: int
    heading: Block
    items: tuple[Placed, ...]
    label: Label | None = None
    """The heading with the data under it, where it is a label's."""

    @property
    def pictures(self) -> list[Placed]:
        """The entry's pictures in reading order."""
        return [item for item in self.items if item.picture]


def find_entries(
    layouts: Sequence[PageLayout], placed: Mapping[tuple[int, Box], TextLine] | None = None
) -> list[Entry]:
    """The book's catalogue entries; empty where the book is no catalogue (its pictures have captions of
    their own, or its numbered headings head sections without pictures).

    `placed` are the first lines of the labels at pictures, by page and box of these.
    """
    numbered = _cut_entries(layouts, find_numbered_headings(layouts), placed or {})
    if _is_catalogue(numbered):
        return numbered
    rubricated = _cut_entries(layouts, find_rubric_titles(layouts), placed or {})
    if len([e for e in rubricated if 0 < len(e.pictures) <= MAX_ENTRY_PICTURES]) >= MIN_TITLED:
        return rubricated
    repeated = _cut_entries(layouts, find_repeated_titles(layouts), placed or {})
    if _is_photo_catalogue(repeated):
        return repeated
    titled = _cut_entries(layouts, find_titles(layouts), placed or {})
    return titled if _is_titled_catalogue(titled) else []


def _cut_entries(
    layouts: Sequence[PageLayout], headings: Sequence[Block], placed: Mapping[tuple[int, Box], TextLine]
) -> list[Entry]:
    """The entries that the headings head, by their printed number or else their place."""
    if not headings:
        return []
    # By id: a title may be printed again at the same place of another page.
    firsts = {id(b.lines[0]): id(b) for b in headings}
    at = {key: firsts[id(line)] for key, line in placed.items() if id(line) in firsts}
    ids = set(firsts.values())
    spans = cut_spans(layouts, ids, place_pictures(layouts, ids, at))
    labels = {id(label.whole.lines[0]): label for layout in layouts for label in layout.labels}
    return [
        Entry((h.mark.number if h.mark else None) or k, h, _end(h, spans[id(h)]), labels.get(id(h.lines[0])))
        for k, h in enumerate(headings, 1)
    ]


def _end(heading: Block, span: Sequence[Placed]) -> tuple[Placed, ...]:
    """An entry's span up to a heading on a later page that heads no entry: there another part of the book
    begins, or a piece that is shown by itself."""
    ends = (
        k for k, item in enumerate(span) if item.block and item.role == "heading" and item.page > heading.page
    )
    return tuple(span[: next(ends, len(span))])


def _is_catalogue(entries: Sequence[Entry]) -> bool:
    """Whether the numbered headings head pictures: most have some, and those have no figure captions."""
    with_pictures = [e for e in entries if 0 < len(e.pictures) <= MAX_ENTRY_PICTURES]
    if len(with_pictures) * 2 < len(entries) or not with_pictures:
        return False
    own = sum(1 for e in entries for i in e.items if i.block and _is_figure_caption(i.block, i.role))
    photos = sum(
        1 for e in entries for i in e.items if i.block and i.block.mark and i.block.mark.style == "photo"
    )
    pictures = sum(len(e.pictures) for e in entries)
    enough = photos > 0 or len(with_pictures) >= 2 or len(entries) == 1
    return enough and (own * 3 < pictures or _show_what_they_head(entries))


def _is_photo_catalogue(entries: Sequence[Entry]) -> bool:
    """Whether headings of one type head a few pictures and a `图：` line each, as a rule without exception to
    speak of; a preface's heading may be of that type, and an entry be of a pattern alone, where the others
    have a pattern beside the photograph that the line is of."""
    shown = [e for e in entries if 0 < len(e.pictures) <= MAX_ENTRY_PICTURES]
    full = [
        e for e in shown if any(i.block and i.block.mark and i.block.mark.style == "photo" for i in e.items)
    ]
    if len(entries) < MIN_TITLED or len(full) < MIN_PHOTOS:
        return False
    # A plate's numeral and title are a caption.
    are_titles = not any(e.heading.mark and e.heading.mark.style == "plate" for e in entries)
    pairs = sum(len(e.pictures) > 1 for e in full)
    return len(full) >= MOST * len(entries) or (are_titles and pairs >= MOST_PAIRS * len(shown))


def _show_what_they_head(entries: Sequence[Entry]) -> bool:
    """Whether each heading has a picture right behind it that no figure caption follows: other figures may
    stand in the text."""
    showing = 0
    for entry in entries:
        rest = [item for item in entry.items if item.block is not entry.heading]
        behind = next((item for item in rest[1:] if item.block), None)
        is_captioned = behind is not None and behind.block and _is_figure_caption(behind.block, behind.role)
        showing += bool(rest and rest[0].picture and behind and not is_captioned)
    return len(entries) >= MIN_TITLED and showing >= MOST * len(entries)


def _is_titled_catalogue(entries: Sequence[Entry]) -> bool:
    """Whether titles without a number head a picture and its description each, as a rule without exception
    to speak of: chapters have titles too."""
    described = [
        e
        for e in entries
        if len(e.pictures) == 1
        and sum(len(i.block.text) for i in e.items if i.block and i.role == "body") >= MIN_DESCRIPTION
    ]
    own = sum(1 for e in entries for i in e.items if i.block and i.role == "caption")
    return len(entries) >= MIN_TITLED and len(described) >= MOST * len(entries) and own == 0


def _is_figure_caption(block: Block, role: Role) -> bool:
    return role == "caption" and block.mark is not None and block.mark.style in ("figure", "pointer", "plate")
