"""Whose pictures are whose, where captions and catalogue entries both want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.data_lines import is_measured
from alignment.entries import Entry
from alignment.entry_spans import get_picture
from alignment.layout import PageLayout
from alignment.matches import Match
from extractors.records import Box, TextLine

SURE_SCORE = 0.5
# A list beside a group of pictures, as long as that.
KEYED = ("caption:list:badge", "caption:list:order")
CAPTION_STYLES = ("figure", "pointer", "plate", "quoted", "label")


def leave_out_keyed(layout: PageLayout, matches: Sequence[Match]) -> PageLayout:
    """The page without the pictures that a list beside them has words for; entries are of the others."""
    keyed = [p for m in matches if m.rule.startswith(KEYED) and m.score > SURE_SCORE for p in m.pictures]
    return replace(layout, pictures=tuple(p for p in layout.pictures if all(p is not k for k in keyed)))


def find_labelled(
    layouts: Sequence[PageLayout], matches: Sequence[Sequence[Match]]
) -> dict[tuple[int, Box], TextLine]:
    """Pictures at which a label stands, with the first line of that."""
    return {
        (layout.page.number, picture.box): m.block.lines[0]
        for layout, page in zip(layouts, matches, strict=True)
        for m in page
        if m.block and m.block.mark and m.block.mark.style == "label"
        for picture in m.pictures
    }


def claim(
    entries: Sequence[Entry], layouts: Sequence[PageLayout], matches: Sequence[Sequence[Match]]
) -> set[tuple[int, Box]]:
    """Pictures in entries, less those that a caption of their own names."""
    captioned = {
        (layout.page.number, p.box)
        for layout, page in zip(layouts, matches, strict=True)
        for m in page
        if _is_captioned(m, entries)
        for p in m.pictures
    }
    heads = {id(m.block.lines[0]) for page in matches for m in page if m.block and _is_captioned(m, entries)}
    in_entries = {(i.page, i.picture.box) for e in entries for i in e.pictures if i.picture}
    # Where an entry's heading is the caption of one picture, the others keep theirs.
    given = {
        (item.page, get_picture(item).box)
        for e in entries
        if id(e.heading.lines[0]) in heads
        for item in e.pictures
    }
    captioned |= {
        (layout.page.number, p.box)
        for layout, page in zip(layouts, matches, strict=True)
        for m in page
        if m.block and m.score > SURE_SCORE
        for p in m.pictures
        if (layout.page.number, p.box) in given
    }
    return in_entries - captioned


def _is_captioned(match: Match, entries: Sequence[Entry]) -> bool:
    """Whether a figure in an entry has a caption of its own. An entry's heading with dynasty and keeper is
    none where the entry has other pictures too, unless the lines below it measure an object: then the
    pictures are views of that."""
    block = match.block
    if not (block and block.mark and block.mark.style in CAPTION_STYLES and match.score > SURE_SCORE):
        return False
    entry = next((e for e in entries if e.heading.lines[0] is block.lines[0]), None)
    if block.mark.style != "label" or entry is None:
        return True
    own = {p.box for p in match.pictures}
    return all(get_picture(item).box in own for item in entry.pictures) or any(
        is_measured(line.text) for line in block.lines
    )
