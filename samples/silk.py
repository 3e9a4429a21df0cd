"""Silk volumes: a redrawn pattern, the textile it was taken from, details, and what is printed about them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from samples.art import Art, EntryArt, draw_entry
from samples.furniture import BODY, SMALL, Frame, Press, set_flowing
from samples.sheets import Sheet
from samples.truth import Box
from samples.typesetting import Line, Style, break_lines, height_of, measure

HEADING = Style(16.5, 1.5)
NAME = Style(10.5, 1.7)
COLLECTION = Style(9.0, 1.6)
REFERENCE = Style(7.2, 1.5, align="justify")

SILK_LAYOUTS = ("shared", "own", "single", "long", "spread", "facing")
"""shared: the paragraphs after the 图： line; own: the pattern has some before it; single: the pattern alone;
long: runs on over a page; spread: pattern left, the rest right; facing: pictures left, texts right."""
SPREADS = ("spread", "facing")

MIXED = ("shared",) * 6 + ("own",) * 4 + ("single",) * 2 + ("long",) * 2 + ("spread",) * 5 + ("facing",) * 4

# Invented, as are the books that the references name.
COLLECTIONS = ("私人收藏", "私人收藏", "青禾丝绸博物馆藏", "云溪织绣馆藏", "临汀染织艺术馆藏", "松月堂旧藏")
SOURCES = (
    "林一苇：《样书纹样札记》，样书工坊自印本，第{}页。",
    "沈知白：《织物小识》，样书工坊自印本，第{}页。",
    "样书工坊编：《纹样绘制手册》，自印本，第{}页。",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it will be printed."""

    heading: str
    art: EntryArt
    details: tuple[Art, ...]
    has_sentences: bool
    name_line: str
    collection: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    references: tuple[str, ...]
    single: bool

    @property
    def pattern_texts(self) -> tuple[str, ...]:
        """What is the pattern's: where nothing is printed for it alone, it shares the paragraphs."""
        if self.single:
            return (self.heading, *self.before, self.name_line, self.collection, *self.after)
        return (self.heading, *(self.before or self.after))

    @property
    def pattern_fields(self) -> dict[str, str]:
        """What is printed of the pattern besides words: alone in its entry, it has the textile's line too."""
        return self.textile_fields if self.single else {}

    @property
    def pattern_description(self) -> str:
        """The pattern's paragraphs."""
        return "\n".join((*self.before, *self.after) if self.single else self.before or self.after)

    @property
    def textile_fields(self) -> dict[str, str]:
        """What the textile's line and the one below it say."""
        return {"technique": self.art.cloth, "collection": self.collection}

    @property
    def textile_texts(self) -> tuple[str, ...]:
        """What is the textile's."""
        return (self.name_line, self.collection, *self.after)


def choose_silk_layout(layout: str, rng: random.Random, *, at_verso: bool) -> str:
    """Pick the layout of the next entry; a spread begins on a left-hand page."""
    if layout != "mixed":
        return layout
    return rng.choice([name for name in MIXED if name not in SPREADS or at_verso])


def set_silk_entry(press: Press, number: int, seed: int, layout: str) -> None:
    """Draw and set one entry from a new page on."""
    rng = random.Random(seed)
    entry = _plan_entry(number, seed, layout, rng)
    first = press.book.figures
    if layout in SPREADS:
        press.start_verso()
        is_referenced = _set_spread(press, entry, layout, rng)
    else:
        is_referenced = _set_page(press, entry, layout, rng)
    if is_referenced:
        press.book.note_references(first, entry.references)


def _plan_entry(number: int, seed: int, layout: str, rng: random.Random) -> Entry:
    count = 0 if layout == "single" else rng.choice((0, 1, 1, 2, 2))
    art = draw_entry(seed, side_px=820, details=count)
    paragraphs = list(art.paragraphs)
    split = max(1, len(paragraphs) - 1) if layout == "own" else 0
    references = []
    if rng.random() < 0.6:
        chosen = rng.sample(SOURCES, rng.choice((1, 2)))
        references = [f"[{k}] {text.format(rng.randint(3, 180))}" for k, text in enumerate(chosen, 1)]
    after = paragraphs[split:] if layout == "single" else [art.textile.text, *paragraphs[split:]]
    return Entry(
        heading=f"{number}  {art.title}",
        art=art,
        details=art.details,
        has_sentences=rng.random() < 0.55,
        name_line=f"图：{art.textile.name}",
        collection=rng.choice(COLLECTIONS),
        before=tuple(paragraphs[:split]),
        after=tuple(after),
        references=tuple(references),
        single=layout == "single",
    )


def _set_page(press: Press, entry: Entry, layout: str, rng: random.Random) -> bool:
    """An entry on one page, or one that runs on; whether its references are printed."""
    sheet, frame = press.start_page()
    y = _set_heading(press, sheet, frame, entry)
    small = 0.0 if entry.single else rng.uniform(96, 118)
    taken = _measure_texts(frame, entry) + small + (46 if entry.has_sentences and entry.details else 16)
    room = frame.bottom - y - taken - 14
    low, high = (330.0, 372.0) if layout == "long" else (215.0, 392.0)
    side = min(max(room, low), high)
    above = bool(entry.before) and rng.random() < 0.5
    if above:
        y = _set_before(sheet, frame, y, entry) + 8
    y = _place_pattern(press, sheet, (frame.centre - side / 2, y, frame.centre + side / 2, y + side), entry)
    if entry.before and not above:
        y = _set_before(sheet, frame, y + 8, entry)
    if not entry.single:
        y = _place_small(press, sheet, frame, y + 12, small, entry, rng)
    return _set_texts(press, sheet, frame, y + 10, entry)


def _set_spread(press: Press, entry: Entry, layout: str, rng: random.Random) -> bool:
    """An entry over two facing pages; whether its references are printed."""
    sheet, frame = press.start_page()
    y = _set_heading(press, sheet, frame, entry)
    side = frame.width if layout == "spread" else frame.width * rng.uniform(0.78, 0.9)
    box = (frame.centre - side / 2, y + 6, frame.centre + side / 2, y + 6 + side)
    y = _place_pattern(press, sheet, box, entry)
    if layout == "facing":
        _place_small(press, sheet, frame, y + 14, min(130.0, frame.bottom - y - 60), entry, rng)
    sheet, frame = press.start_page()
    y = frame.top + 4
    if layout == "spread":
        y = _place_small(press, sheet, frame, y, rng.uniform(210, 270), entry, rng) + 12
    return _set_texts(press, sheet, frame, y, entry)


def _set_heading(press: Press, sheet: Sheet, frame: Frame, entry: Entry) -> float:
    press.list_entry(entry.heading)
    return sheet.set_text(frame.left, frame.top, frame.width, entry.heading, HEADING) + 8


def _set_before(sheet: Sheet, frame: Frame, y: float, entry: Entry) -> float:
    for paragraph in entry.before:
        y = sheet.set_text(frame.left, y, frame.width, paragraph, BODY)
    return y


def _place_pattern(press: Press, sheet: Sheet, box: Box, entry: Entry) -> float:
    sheet.place(box, entry.art.pattern.image)
    press.book.note_figure(
        sheet,
        box,
        *entry.pattern_texts,
        description=entry.pattern_description,
        fields=entry.pattern_fields,
        kind="pattern",
    )
    return box[3]


def _place_small(
    press: Press, sheet: Sheet, frame: Frame, y: float, high: float, entry: Entry, rng: random.Random
) -> float:
    """A row of the textile and the details, centred; each detail over its own sentence, if it has one."""
    row: list[Art] = [entry.art.textile, *entry.details]
    if rng.random() < 0.4:
        row.reverse()
    gap = 18.0
    widths = [high * art.image.width / art.image.height for art in row]
    scale = min(1.0, (frame.width - gap * (len(row) - 1)) / sum(widths))
    high *= scale
    x = frame.centre - (sum(widths) * scale + gap * (len(row) - 1)) / 2
    bottom = y + high
    for art, wide in zip(row, widths, strict=True):
        box = (x, y, x + wide * scale, y + high)
        sheet.place(box, art.image, lossless=art is not entry.art.textile and rng.random() < 0.1)
        texts, said, fields = entry.textile_texts, "\n".join(entry.after), entry.textile_fields
        if art is not entry.art.textile:
            texts, fields = (art.text,) if entry.has_sentences else (), {}
            said = "".join(texts)
            if texts:
                bottom = max(bottom, sheet.set_text(x, box[3] + 4, box[2] - x, art.text, SMALL))
        press.book.note_figure(sheet, box, *texts, description=said, fields=fields, kind=art.kind)
        x = box[2] + gap
    return bottom


def _set_texts(press: Press, sheet: Sheet, frame: Frame, y: float, entry: Entry) -> bool:
    """The underlined 图： line, the collection, the paragraphs, and the references at the foot, where there
    is room for them: whether there is."""
    bottom = sheet.set_text(frame.left, y, frame.width, entry.name_line, NAME)
    sheet.rule(frame.left, frame.left + measure(entry.name_line, NAME.size), bottom - 2.5, 0.5)
    y = sheet.set_text(frame.left, bottom + 1, frame.width, entry.collection, COLLECTION) + 3
    sheet, frame, y = set_flowing(press, sheet, frame, y, list(entry.after), BODY)
    return bool(entry.references) and _set_references(sheet, frame, y, entry)


def _set_references(sheet: Sheet, frame: Frame, y: float, entry: Entry) -> bool:
    lines: list[Line] = []
    for text in entry.references:
        lines += break_lines(text, frame.width, REFERENCE)
    top = frame.bottom - height_of(len(lines), REFERENCE)
    if y + 12 > top:
        return False
    sheet.rule(frame.left, frame.left + 90, top - 4, 0.4)
    sheet.set_lines(frame.left, top, lines, REFERENCE)
    return True


def _measure_texts(frame: Frame, entry: Entry) -> float:
    """Height in points of all that is set across the page, but for the heading."""
    lines = sum(len(break_lines(text, frame.width, BODY)) for text in (*entry.before, *entry.after))
    references = height_of(len(entry.references), REFERENCE) + 12 if entry.references else 0.0
    return height_of(lines, BODY) + height_of(1, NAME) + height_of(1, COLLECTION) + references + 32
