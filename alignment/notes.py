"""Notes on the plates (图版说明): sections at the back whose paragraphs are keyed by the plates' numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alignment.layout import PageLayout, is_contents
from alignment.marks import Mark, read_mark
from alignment.regions import Block, make_block
from alignment.texts import strip_number
from extractors.records import TextLine

# Numbers may be skipped (a plate without a note) or misread by OCR, but not by many at once.
MAX_STEP = 4
MIN_NOTE_CHARACTERS = 12
_KEYED = ("plate", "outline", "list", "heading", "figure")
_BARE_NUMBER = re.compile(r"^[〇零一二三四五六七八九十百廿卅]{1,5}$|^[0-9]{1,3}$")


@dataclass(frozen=True, slots=True)
class Note:
    """A note with the number of its plate; one block per page and column that it runs over."""

    number: int
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """The note's text, its number and title included."""
        return "".join(b.text for b in self.blocks)


def find_notes(layouts: Sequence[PageLayout], numbers: set[int]) -> dict[int, Note]:
    """Notes by plate number, from pages that hold no figures; of two with one number the longer counts.

    `numbers` are the plates that the book shows: a line that begins with another number is text.
    """
    if not numbers:
        return {}
    found: dict[int, Note] = {}
    open_note: tuple[int, list[tuple[int, list[TextLine]]]] | None = None
    for layout in layouts:
        if layout.pictures or not _is_note_page(layout, numbers):
            _close(open_note, found)
            open_note = None
            continue
        for block, role in zip(layout.blocks, layout.roles, strict=True):
            if role in ("running_head", "folio"):
                continue
            for k, line in enumerate(block.lines):
                number = _starts_note(line, open_note[0] if open_note else None, numbers)
                if number is not None:
                    _close(open_note, found)
                    open_note = (number, [(layout.page.number, [line])])
                elif open_note and role != "heading":
                    if k == 0:
                        open_note[1].append((layout.page.number, []))
                    open_note[1][-1][1].append(line)
    _close(open_note, found)
    return found


def _is_note_page(layout: PageLayout, numbers: set[int]) -> bool:
    """Most of the page is keyed paragraphs or goes on with one; a list of plates has no long ones."""
    if is_contents(layout.page):
        return False
    text = sum(len(b.text) for b in layout.blocks)
    keys = [m for b in layout.blocks for line in b.lines if (m := _key(line)) and m.number in numbers]
    return text > 60 and (not keys or text / len(keys) > 25)


def _key(line: TextLine) -> Mark | None:
    mark = read_mark(line.text)
    return mark if mark and mark.style in _KEYED and mark.number is not None else None


def _starts_note(line: TextLine, last: int | None, numbers: set[int]) -> int | None:
    mark = _key(line)
    if mark is None or mark.number not in numbers:
        return None
    if last is not None and not last < mark.number <= last + MAX_STEP:
        return None
    return mark.number


def _close(note: tuple[int, list[tuple[int, list[TextLine]]]] | None, found: dict[int, Note]) -> None:
    if note is None:
        return
    number, pieces = note
    made = Note(number, tuple(make_block(page, lines) for page, lines in pieces if lines))
    if len(made.text) >= MIN_NOTE_CHARACTERS and (
        number not in found or len(found[number].text) < len(made.text)
    ):
        found[number] = made


def strip_key(blocks: Sequence[str], title: str, caption: str = "") -> str:
    """A note's text from its blocks, without its number and, where it repeats the plate's title or the whole
    caption at its head, without that."""
    if not blocks:
        return ""
    mark = read_mark(blocks[0])
    first = mark.rest if mark and mark.style in _KEYED else blocks[0]
    if len(blocks) > 1 and caption and _bare(first) == _bare(strip_number(caption)):
        return "".join(blocks[1:])
    if title and first.startswith(title):
        tail = first[len(title) :]
        if not tail or tail[0] in " \u3000：:，,。\n":
            first = tail.lstrip(" \u3000：:，,。\n")
    return "".join([first, *blocks[1:]])


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
