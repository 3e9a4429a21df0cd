"""Mural volumes: plates with a caption at the foot, opposite or vertically beside them, and their notes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image

from samples.art import draw_plate
from samples.furniture import BODY, Frame, Press
from samples.sheets import Sheet
from samples.truth import Box
from samples.typesetting import Style, break_lines, column_height, height_of, measure

CAPTION = Style(9.6, 1.6)
VERTICAL = Style(10.0, 1.16)
KEY = Style(8.8, 1.6)
NOTE = Style(8.6, 1.58, 2, align="justify")
PLATE_DPI = 150.0

MURAL_LAYOUTS = ("foot", "vertical", "double", "facing", "note")
"""foot, vertical, double (over two pages): notes at the back; facing, note (below the plate): beside it."""
FAMILIES = {
    "back": ("foot",) * 5 + ("vertical",) * 4 + ("double",),
    "beside": ("facing",) * 5 + ("note",) * 4,
    "mixed": ("foot",) * 5 + ("vertical",) * 4 + ("double",) + ("facing",) * 3 + ("note",) * 2,
}
SPREADS = ("double", "facing")

DIGITS = "〇一二三四五六七八九"
DYNASTIES = (
    "西秦",
    "北凉",
    "北魏",
    "西魏",
    "北周",
    "隋",
    "初唐",
    "盛唐",
    "中唐",
    "晚唐",
    "五代",
    "西夏",
    "元",
)
# No cave of Mogao or Yulin has a number this high.
CAVES = range(801, 1000)
WALLS = (
    "北壁",
    "南壁",
    "东壁",
    "西壁",
    "西壁龛内",
    "窟顶北披",
    "窟顶西披",
    "甬道南壁",
    "前室西壁",
    "六号龛左侧",
)


def spell_number(number: int) -> str:
    """Chinese numerals, digit by digit: 16 is 一六."""
    return "".join(DIGITS[int(digit)] for digit in str(number))


def count_in_words(number: int) -> str:
    """Chinese numerals as they are spoken, below a hundred: 16 is 十六."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else ("" if tens == 1 else DIGITS[tens]) + "十"
    return ten + (DIGITS[ones] if ones else "")


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate as it will be printed."""

    caption: str
    image: Image.Image
    note: str
    fields: Mapping[str, str]


@dataclass(slots=True)
class Plates:
    """The plates of one volume and the notes that still must be printed."""

    press: Press
    notes: list[tuple[str, str]] = field(default_factory=list)

    def set_plate(self, number: int, seed: int, layout: str) -> None:
        """Draw and set one plate; `layout` is one of MURAL_LAYOUTS or a family of them."""
        rng = random.Random(seed)
        chosen = layout
        if layout in FAMILIES:
            choices = [name for name in FAMILIES[layout] if name not in SPREADS or self.press.at_verso]
            chosen = rng.choice(choices)
        setters = {
            "foot": self._set_foot,
            "vertical": self._set_vertical,
            "double": self._set_double,
            "facing": self._set_facing,
            "note": self._set_note,
        }
        setters[chosen](number, seed, rng)

    def set_notes(self) -> None:
        """The notes at the back, in two columns, keyed by the plates' numbers."""
        if not self.notes:
            return
        sheet, frame = self.press.start_page()
        self.press.list_entry("图版说明")
        y = (
            sheet.set_text(frame.left, frame.top, frame.width, "图版说明", Style(15, 1.6, align="centre"))
            + 12
        )
        columns = _Columns(self.press, sheet, frame, y)
        for caption, note in self.notes:
            columns.set_note(caption, note)

    def _set_foot(self, number: int, seed: int, rng: random.Random) -> None:
        sheet, frame = self.press.start_page()
        box = _fit(frame, rng.choice((0.72, 0.76, 0.8, 1.0, 1.33)), frame.height - 34)
        plate = self._draw(number, seed, box, rng)
        sheet.place(box, plate.image)
        left = frame.centre - measure(plate.caption, CAPTION.size) / 2 if rng.random() < 0.5 else box[0]
        sheet.write(left, box[3] + 18, plate.caption, CAPTION)
        self._note(sheet, box, plate, at_back=True)

    def _set_vertical(self, number: int, seed: int, rng: random.Random) -> None:
        sheet, frame = self.press.start_page()
        narrow = Frame(frame.left, frame.top, frame.right - 30, frame.bottom)
        box = _fit(narrow, rng.choice((0.66, 0.7, 0.75, 0.85)), frame.height - 4)
        on_right = rng.random() < 0.7
        shift = frame.left - box[0] if on_right else frame.right - box[2]
        box = (box[0] + shift, box[1], box[2] + shift, box[3])
        plate = self._draw(number, seed, box, rng)
        sheet.place(box, plate.image)
        x = box[2] + 12 if on_right else box[0] - 12 - VERTICAL.size
        low = rng.random() < 0.3
        top = box[3] - column_height(plate.caption, VERTICAL) if low else box[1] + 6
        sheet.set_column(x, max(box[1], top), plate.caption, VERTICAL)
        self._note(sheet, box, plate, at_back=True)

    def _set_double(self, number: int, seed: int, rng: random.Random) -> None:
        """One picture over a left and a right page: two figures with the same texts."""
        self.press.start_verso()
        left, frame = self.press.start_page()
        look = self.press.look
        high = min(frame.height - 34, 1.15 * frame.width)
        halves: list[Box] = [(frame.left, frame.top, look.width, frame.top + high)]
        right, facing = self.press.start_page()
        halves.append((0.0, facing.top, facing.right, facing.top + high))
        wide = sum(box[2] - box[0] for box in halves)
        plate = self._draw(number, seed, (0, 0, wide, high), rng)
        cut = round(plate.image.width * (halves[0][2] - halves[0][0]) / wide)
        sheets = (left, right)
        spans = ((0, cut), (cut, plate.image.width))
        for sheet, box, (x0, x1) in zip(sheets, halves, spans, strict=True):
            sheet.place(box, plate.image.crop((x0, 0, x1, plate.image.height)))
            self._note(sheet, box, plate, at_back=False)
        left.write(frame.left, frame.top + high + 18, plate.caption, CAPTION)
        self.notes.append((plate.caption, plate.note))

    def _set_facing(self, number: int, seed: int, rng: random.Random) -> None:
        """A page of text on the left, the plate alone on the right, now and then to the trimmed edge."""
        self.press.start_verso()
        words, frame = self.press.start_page()
        bleeds = rng.random() < 0.25
        sheet, other = self.press.start_page(furniture=not bleeds)
        look = self.press.look
        if bleeds:
            box: Box = (0.0, 0.0, look.width, look.height)
        else:
            box = _fit(other, rng.choice((0.7, 0.75, 0.8)), other.height)
        plate = self._draw(number, seed, box, rng)
        sheet.place(box, plate.image)
        inset = frame.width * 0.16
        y = frame.top + frame.height * rng.choice((0.06, 0.3, 0.62))
        y = words.set_text(frame.left + inset, y, frame.width - 2 * inset, plate.caption, CAPTION)
        words.rule(frame.left + inset, frame.left + inset + 48, y + 5, 0.8, look.accent)
        words.set_text(frame.left + inset, y + 14, frame.width - 2 * inset, plate.note, BODY)
        self._note(sheet, box, plate, at_back=False)

    def _set_note(self, number: int, seed: int, rng: random.Random) -> None:
        """Caption and note both below the plate."""
        sheet, frame = self.press.start_page()
        box = _fit(frame, rng.choice((0.78, 0.9, 1.0, 1.3)), frame.height - 118)
        plate = self._draw(number, seed, box, rng)
        sheet.place(box, plate.image)
        y = sheet.set_text(frame.left, box[3] + 8, frame.width, plate.caption, CAPTION)
        sheet.set_text(frame.left, y + 3, frame.width, plate.note, BODY)
        self._note(sheet, box, plate, at_back=False)

    def _draw(self, number: int, seed: int, box: Box, rng: random.Random) -> Plate:
        wide, high = (round((box[k + 2] - box[k]) * PLATE_DPI / 72) for k in (0, 1))
        art = draw_plate(seed, width_px=wide, height_px=high)
        cave, wall = f"第{spell_number(rng.choice(CAVES))}窟", rng.choice(WALLS)
        spelled, dynasty = spell_number(number), rng.choice(DYNASTIES)
        fields = {"plate_number": spelled, "dynasty": dynasty, "cave": cave, "position": wall}
        caption = f"{spelled}　{art.title}　{dynasty}　{cave}{wall}"
        self.press.list_entry(f"{spell_number(number)}　{art.title}")
        return Plate(caption, art.image, art.note, fields)

    def _note(self, sheet: Sheet, box: Box, plate: Plate, *, at_back: bool) -> None:
        self.press.book.note_figure(
            sheet,
            box,
            plate.caption,
            plate.note,
            description=plate.note,
            fields=plate.fields,
            kind="mural",
        )
        if at_back:
            self.notes.append((plate.caption, plate.note))


class _Columns:
    """Two columns on as many pages as the notes need."""

    GUTTER = 24.0

    def __init__(self, press: Press, sheet: Sheet, frame: Frame, top: float) -> None:
        self._press, self._sheet, self._frame = press, sheet, frame
        self._top = self._y = top
        self._column = 0

    @property
    def _width(self) -> float:
        return (self._frame.width - self.GUTTER) / 2

    def set_note(self, caption: str, note: str) -> None:
        """Set one note; it is not parted over columns."""
        key = break_lines(caption, self._width, KEY)
        lines = break_lines(note, self._width, NOTE)
        if self._y + height_of(len(key), KEY) + height_of(len(lines), NOTE) > self._frame.bottom:
            self._advance()
        x = self._frame.left + self._column * (self._width + self.GUTTER)
        self._y = self._sheet.set_lines(x, self._y, key, KEY)
        self._y = self._sheet.set_lines(x, self._y, lines, NOTE) + 9

    def _advance(self) -> None:
        if self._column == 1:
            self._sheet, self._frame = self._press.start_page()
            self._top = self._frame.top
        self._column = 1 - self._column
        self._y = self._top


def _fit(frame: Frame, aspect: float, high: float) -> Box:
    """The largest box of that aspect (width by height), at the top of the frame and in its middle."""
    wide = min(frame.width, high * aspect)
    high = wide / aspect
    return (frame.centre - wide / 2, frame.top, frame.centre + wide / 2, frame.top + high)
