"""Notes whose heading repeats the number and title of a plate's caption: on the facing page, at the back, or
among small pictures of their own.

Number and title together are as strong as evidence can be, wherever the text stands. So such notes are found
before figures are matched, and their headings are no captions of the pictures beside them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.marks import Mark, find_named, is_detail, read_number_behind
from alignment.records import Role
from alignment.regions import Block
from alignment.texts import find_title, strip_asides

MIN_TITLE, MAX_TITLE = 2, 30
# A note may say less than the caption, and OCR misreads letters.
ALIKE, LEAST_SHARE = 0.6, 0.5
# Titles without a number head chapters too: a book heads its notes so, or it does not.
MIN_BARE_NOTES, MOST_BARE = 3, 0.5
MIN_NOTE_CHARACTERS, SAME_SIZE = 20, 1.06
_KEYED = ("plate", "outline", "list", "heading", "figure")
_LISTED, MOST_TITLES = ("list", "heading", "outline"), 2
_CAPTIONS = ("pointer", "photo", "figure", "quoted")
_FIELD = re.compile(r"[\s\u3000，,。：:；;]+")
_READ: tuple[Role, ...] = ("body", "collection", "reference")


@dataclass(frozen=True, slots=True)
class HeadedNote:
    """A note with its plate's number (None where it is known by its title alone) and title; `blocks` begin
    with its heading."""

    number: int | None
    title: str
    blocks: tuple[Block, ...]

    def is_on(self, number: int | None, title: str) -> bool:
        """Whether this is the note on a plate with that number and title."""
        if self.number is None:
            return _bare(title) == _bare(self.title)
        return number == self.number and _agree(_make_key(title), _make_key(self.title))


@dataclass(frozen=True, slots=True)
class _Place:
    """A text that begins like a caption or a note's heading, and where it stands: page and block by index."""

    page: int
    index: int
    block: Block
    number: int | None
    title: str
    key: str
    is_listed: bool
    is_illustrated: bool
    has_text: bool

    def agrees(self, other: _Place) -> bool:
        """Whether both have one title."""
        return _agree(self.key, other.key)


def find_headed_notes(layouts: Sequence[PageLayout]) -> tuple[list[PageLayout], list[HeadedNote]]:
    """The pages, what belongs to notes with that role on them, and the notes in their order."""
    places = [_place(p, k, layout) for p, layout in enumerate(layouts) for k in range(len(layout.blocks))]
    found = [place for place in places if place]
    heads = [*_find_numbered(found), *_find_titled(found)]
    notes: list[HeadedNote] = []
    taken: dict[int, set[int]] = defaultdict(set)
    for head in sorted(heads, key=lambda h: (h.page, h.index)):
        layout = layouts[head.page]
        stops = {h.index for h in heads if h.page == head.page}
        own = [head.index, *_read_on(layout, head.index, stops)]
        notes.append(HeadedNote(head.number, head.title, tuple(layout.blocks[k] for k in own)))
        taken[head.page].update(own)
    return [_mark(layout, taken[p]) if p in taken else layout for p, layout in enumerate(layouts)], notes


def _place(page: int, index: int, layout: PageLayout) -> _Place | None:
    block, role = layout.blocks[index], layout.roles[index]
    if role in ("running_head", "folio"):
        return None
    mark = find_named(block.mark)
    if mark is None and len(block.lines) == 1 and (behind := read_number_behind(block.text)):
        mark = Mark("plate", "", *behind)
    has_number = mark is not None and mark.style in _KEYED and mark.number is not None
    if mark is not None and (not has_number or is_detail(mark)):
        return None
    if mark is None and (len(block.text) > MAX_BARE_CHARACTERS or block.text.endswith("。")):
        return None
    title = _find_first_field(mark, block)
    if not MIN_TITLE <= len(_bare(title)) <= MAX_TITLE:
        return None
    has_text = role not in ("label",) and _has_text(layout, index, title)
    number = mark.number if mark and has_number else None
    is_listed = mark is not None and mark.style in _LISTED
    is_of_page = block.mark is not None and block.mark.style == "page"
    is_illustrated = bool(layout.pictures) or is_of_page
    return _Place(page, index, block, number, title, _make_key(title), is_listed, is_illustrated, has_text)


def _find_first_field(mark: Mark | None, block: Block) -> str:
    """The words behind the number up to a blank or a stop."""
    words = mark.rest if mark else block.lines[0].text
    return next((field for field in _FIELD.split(words.strip()) if field), "")


def _has_text(layout: PageLayout, index: int, title: str) -> bool:
    """Whether a paragraph follows a heading, or goes on with it in its block."""
    block = layout.blocks[index]
    if len(block.text) > MAX_TITLE + MIN_NOTE_CHARACTERS and "。" in block.text:
        return True
    said = ""
    for k in _read_on(layout, index, set()):
        said += layout.blocks[k].text
        if len(said) >= MIN_NOTE_CHARACTERS and any(c in said for c in "。，；"):
            return True
    return False


def _read_on(layout: PageLayout, index: int, stops: set[int]) -> Iterator[int]:
    """The indexes of the blocks that go on with the text behind a heading; small pictures with their
    captions may stand between."""
    size = None
    for k in range(index + 1, len(layout.blocks)):
        block, role = layout.blocks[k], layout.roles[k]
        if role in ("running_head", "folio", "label"):
            continue
        style = block.mark.style if block.mark else "bare"
        if role == "caption" and style in _CAPTIONS and k not in stops and layout.pictures:
            continue
        if k in stops or role not in _READ:
            return
        # Data may be set smaller, between the heading and the text.
        is_text = len(block.lines) > 1 or block.text.rstrip().endswith("。")
        if size is not None and not size / SAME_SIZE <= block.size <= size * SAME_SIZE:
            if layout.pictures and not is_text:
                continue
            return
        size = size or (block.size if is_text else None)
        yield k


def _find_numbered(places: Sequence[_Place]) -> list[_Place]:
    """The headings that repeat number and title of a caption on a page with pictures, and have a text as
    that has not."""
    by_number: dict[int, list[_Place]] = defaultdict(list)
    for place in places:
        if place.number is not None:
            by_number[place.number].append(place)
    return [head for same in by_number.values() for head in _find_heads(same)]


def _find_heads(places: Sequence[_Place]) -> list[_Place]:
    """Those of the places with one number that head notes."""
    captions = [place for place in places if place.is_illustrated]
    # Lists count from one on many pages: their numbers tell nothing, whatever their items are called.
    if len({place.key for place in captions if place.is_listed}) > MOST_TITLES:
        captions = [place for place in captions if not place.is_listed]
    if not captions:
        return []
    texts = [place for place in places if place.has_text]
    heads = []
    for head in texts:
        fits = [
            c
            for c in captions
            if c is not head and not (c.has_text and head.is_illustrated) and c.agrees(head)
        ]
        # Of two texts with one heading neither is told to be the plate's.
        rivals = [t for t in texts if t is not head and not t.is_illustrated]
        if fits and not any(rival.agrees(head) for rival in rivals):
            heads.append(head)
    return heads


def _find_titled(places: Sequence[_Place]) -> list[_Place]:
    """The headings without a number that repeat the title of one caption, where the book has notes so."""
    counts = Counter(_bare(place.title) for place in places if place.has_text)
    captions = Counter(_bare(place.title) for place in places if place.is_illustrated and not place.has_text)
    candidates = [p for p in places if p.number is None and p.has_text and _is_title(p)]
    heads = [p for p in candidates if counts[_bare(p.title)] == captions[_bare(p.title)] == 1]
    is_usual = len(heads) >= max(MIN_BARE_NOTES, MOST_BARE * len(candidates))
    return heads if is_usual else []


def _is_title(place: _Place) -> bool:
    first = place.block.lines[0].text.strip()
    return len(place.block.lines) == 1 and len(first) <= MAX_TITLE and _bare(first) == _bare(place.title)


def _mark(layout: PageLayout, indexes: set[int]) -> PageLayout:
    roles: list[Role] = ["note" if k in indexes else role for k, role in enumerate(layout.roles)]
    lines = {line for k in indexes for line in layout.blocks[k].lines}
    labels = tuple(label for label in layout.labels if lines.isdisjoint(label.whole.lines))
    return replace(layout, roles=tuple(roles), labels=labels)


def find_note(notes: Sequence[HeadedNote], caption: Block) -> HeadedNote | None:
    """The note on the plate that has this caption; None without one."""
    mark = find_named(caption.mark)
    if mark is not None and is_detail(mark):
        return None
    number = mark.number if mark and mark.style in _KEYED else None
    titles = {_find_first_field(mark, caption), find_title(caption.text)}
    return next((note for note in notes if any(note.is_on(number, title) for title in titles)), None)


def _make_key(title: str) -> str:
    """A title as it is compared: without asides in brackets and punctuation."""
    return _bare(strip_asides(title))


def _agree(a: str, b: str) -> bool:
    """Whether two titles' keys are one but for letters that OCR misread, or words that one leaves out."""
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) < max(MIN_TITLE, LEAST_SHARE * len(longer)):
        return False
    # A book has many texts that begin with 1: most are told apart by their letters.
    if len(set(shorter) & set(longer)) < LEAST_SHARE * len(set(shorter)):
        return False
    return longer.startswith(shorter) or SequenceMatcher(None, a, b).ratio() >= ALIKE


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
