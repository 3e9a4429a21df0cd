"""Notes on the plates (图版说明): sections at the back whose paragraphs are keyed by the plates' numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alignment.layout import PageLayout, is_contents
from alignment.marks import read_mark, read_number_behind
from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from alignment.regions import Block, make_block
from alignment.texts import strip_asides, strip_number
from extractors.geometry import area, centre
from extractors.records import TextLine

# Numbers may be skipped (a plate without a note) or misread by OCR, but not by many at once.
MAX_STEP = 4
MIN_NOTE_CHARACTERS = 12
# Beside pictures a number may head anything, but not several in a row.
MIN_KEYS, MOST_OF_PAGE = 2, 0.2
MANY_NOTES, LEAST_SHARE = 5, 0.4
_KEYED = ("plate", "outline", "list", "heading", "figure")
_NUMBER = r"(?:[0-9]{1,3}|[〇零一二三四五六七八九十百廿卅]{1,6})"
# One note on several plates: 一、二　…, 图版3—5　…
_SHARED = re.compile(
    rf"^(?P<noun>[图圖]版?)?\s*(?P<numbers>{_NUMBER}(?:(?:\s*[、，,]\s*{_NUMBER})+|\s*[-–—~～至]\s*{_NUMBER}))"
    r"[\s\u3000：:]+(?P<rest>\S.*)$",
    re.S,
)
MOST_SHARED = 12
HEADING_SIZE = 1.3
_LONE = re.compile(f"^[{NUMERAL_CHARACTERS}]{{1,6}}$")
_SEPARATORS = " \u3000：:，,。\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note with the numbers of its plates; one block per page and column that it runs over. Notes that
    follow one another have the same `run`."""

    numbers: tuple[int, ...]
    blocks: tuple[Block, ...]
    run: int = 0

    @property
    def text(self) -> str:
        """The note's text, its number and title included."""
        return "".join(b.text for b in self.blocks)


@dataclass(frozen=True, slots=True)
class _Key:
    """How a note begins: style and numbers of its mark, and the words behind it."""

    style: str
    numbers: tuple[int, ...]
    rest: str


@dataclass(slots=True)
class _OpenNote:
    """A note that is being read: its key, and its lines so far by page."""

    key: _Key
    pieces: list[tuple[int, list[TextLine]]]


def find_notes(
    layouts: Sequence[PageLayout], numbers: set[int], told: Collection[int] = ()
) -> dict[int, Note]:
    """Notes by plate number; of two with one number that counts which stands among more of them (sections
    are numbered too), else the longer.

    `numbers` are the plates that the book shows: a line that begins with another number is text, unless it
    is the next one. Pages with pictures hold notes where several begin there; `told` are lines that pictures
    have for captions.
    """
    if not numbers:
        return {}
    closed: list[Note] = []
    open_note: _OpenNote | None = None
    run = 0
    for layout in (leaf for sheet in layouts for leaf in _list_leaves(sheet)):
        if not _is_note_page(layout, numbers, told):
            closed += _close(open_note, run)
            open_note = None
            run += 1
            continue
        for index, (block, role) in enumerate(zip(layout.blocks, layout.roles, strict=True)):
            if role in ("running_head", "folio"):
                continue
            if open_note and role == "heading" and _begins_chapter(layout, index, open_note):
                closed += _close(open_note, run)
                open_note = None
            for k, line in enumerate(block.lines):
                if id(line) in told:
                    continue
                key = _starts_note(line, open_note, numbers, is_alone=len(block.lines) == 1)
                if key is not None:
                    closed += _close(open_note, run)
                    open_note = _OpenNote(key, [(layout.page.number, [line])])
                elif open_note and role != "heading":
                    if k == 0:
                        open_note.pieces.append((layout.page.number, []))
                    open_note.pieces[-1][1].append(line)
    closed += _close(open_note, run)
    found = _choose(closed)
    # Sections are numbered too; notes are there for most plates, not for one or two of many.
    described = len(found.keys() & numbers)
    return found if described >= min(MANY_NOTES, LEAST_SHARE * len(numbers)) else {}


def _list_leaves(sheet: PageLayout) -> list[PageLayout]:
    """A sheet of two pages as these, where its plates stand on one of them: the other has their notes."""
    fold = sheet.fold
    if fold is None or len({centre(p.box)[0] < fold for p in sheet.pictures}) != 1:
        return [sheet]
    leaves = []
    for is_left in (True, False):
        own = [k for k, b in enumerate(sheet.blocks) if (centre(b.box)[0] < fold) == is_left]
        leaves.append(
            replace(
                sheet,
                blocks=tuple(sheet.blocks[k] for k in own),
                roles=tuple(sheet.roles[k] for k in own),
                pictures=tuple(p for p in sheet.pictures if (centre(p.box)[0] < fold) == is_left),
                running=frozenset(n for n, k in enumerate(own) if k in sheet.running),
            )
        )
    return leaves


def _choose(notes: Sequence[Note]) -> dict[int, Note]:
    """One note for each number."""
    sizes = Counter(note.run for note in notes)
    found: dict[int, Note] = {}
    for note in sorted(notes, key=lambda n: (sizes[n.run], len(n.text)), reverse=True):
        for number in note.numbers:
            found.setdefault(number, note)
    return found


def _is_note_page(layout: PageLayout, numbers: set[int], told: Collection[int]) -> bool:
    """Most of the page is keyed paragraphs or goes on with one; a list of plates has no long ones."""
    if is_contents(layout.page):
        return False
    lines = [line for b in layout.blocks for line in b.lines if id(line) not in told]
    text = sum(len(line.text) for line in lines)
    found = [_key(line.text) for line in lines]
    keys = [key for key in found if key and numbers & {*key.numbers}]
    if layout.pictures and (len(keys) < MIN_KEYS or _shows_plate(layout)):
        return False
    return text > 60 and (not keys or text / len(keys) > 25)


def _shows_plate(layout: PageLayout) -> bool:
    """Whether a picture of the page is larger than those that stand among notes."""
    size = layout.page.width * layout.page.height
    return any(area(p.box) > MOST_OF_PAGE * size for p in layout.pictures)


def _key(text: str) -> _Key | None:
    if found := _SHARED.match(text.strip()):
        numbers = _list_numbers(found["numbers"])
        if numbers:
            return _Key("figure" if found["noun"] else "plate", numbers, found["rest"])
    mark = read_mark(text)
    if mark is None or mark.style not in _KEYED or mark.number is None:
        return None
    return _Key(mark.style, (mark.number,), mark.rest)


def _read_lone_numeral(text: str) -> _Key | None:
    """廿六 over its note; Arabic numerals that stand alone count pages and much else."""
    number = parse_number(text) if _LONE.match(text.strip()) else None
    return _Key("plate", (number,), "") if number else None


def _list_numbers(text: str) -> tuple[int, ...]:
    """一、二 or 3—5 as numbers that rise; none where they do not, or are too many for one note."""
    numbers = [parse_number(n) or 0 for n in re.findall(_NUMBER, text)]
    if not re.search("[、，,]", text):
        numbers = list(range(numbers[0], numbers[-1] + 1))
    is_rising = all(a < b for a, b in pairwise(numbers))
    return tuple(numbers) if is_rising and 2 <= len(numbers) <= MOST_SHARED else ()


def _starts_note(line: TextLine, last: _OpenNote | None, numbers: set[int], *, is_alone: bool) -> _Key | None:
    """The key at the head of a note, which may be a numeral on a line of its own. The next number in the same
    style starts one even where the plate was not found: the note before it ends there."""
    key = _key(line.text) or (_read_lone_numeral(line.text) if is_alone else None)
    if key is None:
        return None
    first = key.numbers[0]
    if last is None:
        return key if first in numbers else None
    before = last.key.numbers[-1]
    if first in numbers:
        return key if before < first <= before + MAX_STEP else None
    return key if first == before + 1 and key.style == last.key.style else None


def _begins_chapter(layout: PageLayout, index: int, note: _OpenNote) -> bool:
    """Whether a heading is that of another text: larger than the note's type, with no key behind it."""
    size = note.pieces[0][1][0].size
    rest = zip(layout.blocks[index:], layout.roles[index:], strict=True)
    lines = [line for block, role in rest if role != "folio" for line in block.lines]
    return lines[0].size > HEADING_SIZE * size and not any(_key(line.text) for line in lines)


def _close(note: _OpenNote | None, run: int) -> list[Note]:
    """The note that was read; none where it is too short for one."""
    if note is None:
        return []
    blocks = tuple(make_block(page, lines) for page, lines in note.pieces if lines)
    made = Note(note.key.numbers, blocks, run)
    return [made] if len(made.text) >= MIN_NOTE_CHARACTERS else []


def strip_key(blocks: Sequence[str], title: str, caption: str = "") -> str:
    """A note's text from its blocks, without its number and, where it repeats the plate's title, its
    fields or the whole caption at its head, without that."""
    if not blocks:
        return ""
    if len(blocks) > 1 and _read_lone_numeral(blocks[0]):
        return "".join(blocks[1:])
    key = _key(blocks[0])
    behind = read_number_behind(blocks[0])
    first = key.rest if key else behind[1] if behind else blocks[0]
    if len(blocks) > 1 and caption and _bare(first) == _bare(strip_number(caption)):
        return "".join(blocks[1:])
    for name in (title, strip_asides(title)):
        tail = first[len(name) :]
        if name and first.startswith(name) and (not tail or tail[0] in _SEPARATORS):
            first = _strip_fields(tail.lstrip(_SEPARATORS), caption.split()[1:])
            break
    return "".join([first, *blocks[1:]])


def _strip_fields(text: str, fields: Sequence[str]) -> str:
    """A note without the fields of the plate's caption (dynasty, cave) that stand at its head. 元 alone may
    begin a word: it is one of them before another."""
    for k, field in enumerate(fields):
        others = [*fields[:k], *fields[k + 1 :]]
        rest = text[len(field) :].lstrip(_SEPARATORS)
        if text.startswith(field) and (len(field) > 1 or any(map(rest.startswith, others))):
            return _strip_fields(rest, others)
    return text


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
