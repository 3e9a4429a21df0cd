"""Cases of mural volumes: plates opposite their words, and plates with their notes at the back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from samples.layouts.numerals import NUMERALS
from samples.layouts.stage import STOCK, Stage, draw_stock_plate
from samples.plates import CAVES, DYNASTIES, WALLS, spell_number
from samples.truth import Box, Row
from samples.typesetting import Style, break_lines, height_of

FORMS = ("{n}　{title}　{dynasty}　{cave}", "{n}　{title}　{cave}　{dynasty}", "图版{n}　{title}　{cave}")
HEADINGS = ("{n}　{title}", "{n}　{title}　{cave}", "{n}、{title}")
FIRST = {
    "digits": (1, 7, 16, 96, 117, 198),
    "words": (1, 9, 18, 98, 109),
    "short": (18, 27, 36),
    "arabic": (1, 8, 95),
}
"""The first number of a book, so that tens, hundreds and noughts are passed."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate with its caption as printed at the plate, its heading at the note, and the note."""

    caption: str
    heading: str
    note: str
    image: Image.Image
    fields: Mapping[str, str]


def write_facing(path: Path, seed: int) -> list[Row]:
    """Words on one page, the plate alone on the other; in some books the words stand right."""
    stage = Stage("facing", seed)
    stage.fill()
    words_left, place = stage.rng.random() < 0.6, stage.rng.choice((0.05, 0.3, 0.6))
    for plate in _draw_plates(stage, stage.rng.randint(2, 3), "digits", "digits"):
        if words_left:
            _set_words(stage, plate, place)
            _set_plates(stage, [plate], captioned=False)
        else:
            _set_plates(stage, [plate], captioned=False)
            _set_words(stage, plate, place)
    return stage.book.save(path, stage.name)


def write_notes_digits(path: Path, seed: int) -> list[Row]:
    """Notes at the back under 一六, 一〇三."""
    return _write_notes(path, Stage("notes_digits", seed), "digits", "digits")


def write_notes_words(path: Path, seed: int) -> list[Row]:
    """Notes at the back under 十六, 一百零三."""
    return _write_notes(path, Stage("notes_words", seed), "words", "words")


def write_notes_short(path: Path, seed: int) -> list[Row]:
    """Notes at the back under 廿一, 卅二."""
    return _write_notes(path, Stage("notes_short", seed), "short", "short")


def write_notes_mixed(path: Path, seed: int) -> list[Row]:
    """Plates numbered in one way and notes in another: 16 and 一六, 廿一 and 21."""
    stage = Stage("notes_mixed", seed)
    pairs = (("arabic", "digits"), ("digits", "arabic"), ("short", "arabic"), ("words", "digits"))
    return _write_notes(path, stage, *stage.rng.choice(pairs))


def _write_notes(path: Path, stage: Stage, at_plate: str, at_note: str) -> list[Row]:
    stage.fill()
    plates = _draw_plates(stage, stage.rng.randint(4, 6), at_plate, at_note)
    left = list(plates)
    while left:
        count = 2 if len(left) > 1 and stage.rng.random() < 0.5 else 1
        _set_plates(stage, left[:count], captioned=True)
        left = left[count:]
    _set_notes(stage, plates)
    return stage.book.save(path, stage.name)


def _draw_plates(stage: Stage, count: int, at_plate: str, at_note: str) -> list[Plate]:
    """Plates with different titles, numbered on from one of FIRST."""
    rng, plates, known = stage.rng, list[Plate](), set[str]()
    first = rng.choice(FIRST["short" if "short" in (at_plate, at_note) else at_plate])
    form, heading = rng.choice(FORMS), rng.choice(HEADINGS)
    while len(plates) < count:
        art = draw_stock_plate(rng.randrange(STOCK), *rng.choice(((620, 800), (840, 600))))
        if art.title in known:
            continue
        known.add(art.title)
        number = first + len(plates)
        dynasty = rng.choice(DYNASTIES)
        cave, wall = f"第{spell_number(rng.choice(CAVES))}窟", rng.choice(WALLS)
        said = {"title": art.title, "dynasty": dynasty, "cave": cave + wall}
        caption = form.format(n=NUMERALS[at_plate](number), **said)
        fields = {"plate_number": NUMERALS[at_plate](number), "cave": cave, "position": wall}
        if "{dynasty}" in form:
            fields["dynasty"] = dynasty
        at_note_said = heading.format(n=NUMERALS[at_note](number), **said)
        plates.append(Plate(caption, at_note_said, art.note, art.image, fields))
    return plates


def _set_words(stage: Stage, plate: Plate, place: float) -> None:
    stage.start_page()
    frame = stage.frame
    inset = 0.12 * frame.width
    y = frame.top + place * frame.height
    y = stage.sheet.set_text(frame.left + inset, y, frame.width - 2 * inset, plate.caption, stage.caption)
    stage.sheet.set_text(frame.left + inset, y + 12, frame.width - 2 * inset, plate.note, stage.body)


def _set_plates(stage: Stage, plates: Sequence[Plate], *, captioned: bool) -> None:
    """A page of one plate, or of two, one over the other."""
    stage.start_page()
    frame, style = stage.frame, stage.caption
    share = frame.height / len(plates)
    for number, plate in enumerate(plates):
        lines = break_lines(plate.caption, frame.width, style) if captioned else []
        foot = height_of(len(lines), style) + stage.gap + (12 if captioned else 0)
        wide = min(frame.width, (share - foot) * plate.image.width / plate.image.height)
        high = wide * plate.image.height / plate.image.width
        top, left = frame.top + number * share, frame.centre - wide / 2
        box: Box = (left, top, left + wide, top + high)
        stage.sheet.place(box, plate.image)
        stage.sheet.set_lines(frame.left, box[3] + stage.gap, lines, style)
        stage.note(box, plate.caption, plate.note, description=plate.note, fields=plate.fields)


def _set_notes(stage: Stage, plates: Sequence[Plate]) -> None:
    """The notes, in one column or two, running on over columns and pages."""
    stage.columns = stage.rng.choice((1, 2, 2))
    stage.start_page()
    heading = stage.rng.choice(("图版说明", "图版解说", "说明"))
    title = Style(stage.body.size * 1.5, 1.8)
    stage.y = stage.sheet.set_text(stage.frame.left, stage.y, stage.frame.width, heading, title) + 6
    size = 0.86 * stage.body.size
    key = Style(size, 1.6, bold=stage.rng.random() < 0.4)
    note = Style(size, 1.55, stage.rng.choice((0, 2)), align="justify")
    for plate in plates:
        lines = break_lines(plate.heading, stage.frame.width, key)
        if stage.room < height_of(len(lines) + 2, note):
            stage.next_column()
        stage.y = stage.sheet.set_lines(stage.frame.left, stage.y, lines, key)
        for line in break_lines(plate.note, stage.frame.width, note):
            if stage.room < height_of(1, note):
                stage.next_column()
            stage.y = stage.sheet.set_lines(stage.frame.left, stage.y, [line], note)
        stage.y += 0.6 * size
