"""A small book in work: its format and habits come from the seed, and text flows between its figures."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import opencc
from PIL import Image

from samples import words
from samples.art import Art, EntryArt, PlateArt, draw_entry, draw_plate
from samples.furniture import Frame
from samples.plates import count_in_words
from samples.sheets import Book, Sheet
from samples.spec import plan_pattern
from samples.truth import Box, Row
from samples.typesetting import BLACK, GREY, Ink, Line, Style, break_lines, height_of

Dress = Callable[[Sheet, "Stage"], None]
"""Puts what stands on every page (a ground, a mark, an ornament) on a new sheet, before anything else."""

Align = Literal["left", "centre", "right"]
INKS: tuple[Ink, ...] = (BLACK, BLACK, GREY, (0.36, 0.2, 0.12), (0.15, 0.28, 0.33))
LABELS: tuple[Callable[[int, int], str], ...] = (
    lambda _, n: f"图{n}　",
    lambda chapter, n: f"图{chapter}-{n}　",
    lambda chapter, n: f"图{chapter}.{n} ",
    lambda _, n: f"图{count_in_words(n)}　",
    lambda _, n: f"图{count_in_words(n)}：",
    lambda _, n: f"图 {n}. ",
    lambda _, n: f"Fig. {n}  ",
    lambda _, n: f"插图{n}　",
    lambda _, n: f"图版{count_in_words(n)}　",
)
KEPT = ("，青禾丝绸博物馆藏", "，云溪织绣馆藏", "，私人收藏", "（局部）", "（复原图）")
LEADS = ("其例见{0}。", "如{0}所示，花与地的主次分明，可与前文参照。", "试比较{0}与前页所附之图，同中有异。")
PLAIN = (
    "纹样的骨架大致有散点、缠枝、团窠数种，读者可细看其花与地的关系，再看主纹与间饰如何相让。",
    "同一纹样施于不同的织物，观感各异，疏密、主从与设色都要随幅面而变。",
)


class Stage:
    """A book, the page in work and the place reached on it; lengths in points."""

    def __init__(
        self,
        name: str,
        seed: int,
        *,
        columns: int | None = 1,
        dress: Dress | None = None,
        traditional: bool = False,
    ) -> None:
        rng = random.Random(f"{name} {seed}")
        self.rng, self.name = rng, name
        self._traditional = traditional
        width = rng.uniform(420, 640)
        height = width * rng.uniform(1.24, 1.48)
        self.book = Book(width, height)
        self._margins = [width * rng.uniform(0.085, 0.15) for _ in "io"] + [
            height * rng.uniform(0.08, 0.12) for _ in "tb"
        ]
        self.columns = columns or rng.choice((1, 1, 2))
        size = rng.uniform(9.0, 11.2) if self.columns == 1 else rng.uniform(8.4, 9.6)
        self.body = Style(size, rng.uniform(1.5, 1.85), rng.choice((0, 2, 2)), align="justify")
        self.caption = Style(
            size * rng.uniform(0.76, 0.92),
            rng.uniform(1.32, 1.6),
            ink=rng.choice(INKS),
            align=rng.choice(("left", "centre")),
        )
        self.gap = rng.uniform(4.0, 8.0)
        self.chapter, self.count = rng.randint(1, 9), 0
        self._label = rng.choice(LABELS)
        self._wording = rng.choice(("name", "text", "kept", "any"))
        self._dress = dress
        self._head = rng.choice((f"第{count_in_words(self.chapter)}章　纹样举例", "织绣图文样书", ""))
        self._folio_outside = rng.random() < 0.5
        self._known: set[str] = set()
        # Description and fields of a caption that has some.
        self.said: tuple[str, Mapping[str, str]] | None = None
        self._arts: list[Art] = []
        self._prose = self._write_prose()
        self._lines: list[Line] = []
        self.start_page()
        self._set_heading()

    @property
    def y(self) -> float:
        """Where the next thing would be set."""
        return self._y

    @y.setter
    def y(self, value: float) -> None:
        self._y = value

    @property
    def room(self) -> float:
        """What is left of the column."""
        return self.frame.bottom - self._y

    def start_page(self) -> None:
        """Add a page with what stands on every page, and go to its first column."""
        self.sheet = self.book.start_sheet()
        inner, outer, top, bottom = self._margins
        verso = self.sheet.number % 2 == 0
        left, right = (outer, inner) if verso else (inner, outer)
        self.page_frame = Frame(left, top, self.book.width - right, self.book.height - bottom)
        if self._dress:
            self._dress(self.sheet, self)
        self._furnish(verso)
        self._go_to_column(0)

    def next_column(self) -> None:
        """Go to the next column, or to a new page."""
        if self._column + 1 < self.columns:
            self._go_to_column(self._column + 1)
        else:
            self.start_page()

    def write_lines(self, n: int) -> None:
        """Set the next `n` lines of the running text, over columns and pages as they come."""
        for _ in range(n):
            if self.room < height_of(1, self.body):
                self.next_column()
            self._y = self.sheet.set_lines(self.frame.left, self._y, [self._next_line()], self.body)

    def fill(self) -> None:
        """Set running text to the foot of the column."""
        while self.room >= height_of(1, self.body):
            self._y = self.sheet.set_lines(self.frame.left, self._y, [self._next_line()], self.body)

    def make_room(self, high: float) -> None:
        """Go on, with running text, to a column that has `high` points left."""
        if self.room < high:
            self.fill()
            self.next_column()

    def space(self) -> float:
        """Air above or below a figure."""
        return self.body.size * self.rng.uniform(0.9, 1.6)

    def next_art(self, aspect: float | None = None) -> Art:
        """A picture that the book does not show yet, cut to `aspect` (width by height)."""
        aspect = aspect or self.rng.choice((0.7, 0.8, 1.0, 1.0, 1.25, 1.4, 1.6)) * self.rng.uniform(
            0.94, 1.06
        )
        while True:
            if not self._arts:
                self._arts = self._draw()
            art = self._arts.pop()
            if art.name not in self._known:
                self._known.add(art.name)
                return Art(crop_to(art.image, aspect), self.spell(art.name), self.spell(art.text))

    def spell(self, text: str) -> str:
        """A text in the characters of this book, simplified or traditional."""
        return str(load_converter().convert(text)) if self._traditional else text

    def next_label(self) -> str:
        """The next number as this book prints it, with what follows it: 图3-2　."""
        self.count += 1
        return self.spell(self._label(self.chapter, self.count))

    def word(self, art: Art) -> str:
        """What this book prints about a picture, without a number."""
        wording = self._wording if self._wording != "any" else self.rng.choice(("name", "text", "kept"))
        if wording == "kept":
            return art.name + self.spell(self.rng.choice(KEPT))
        return art.name if wording == "name" else art.text.rstrip("。") + self.rng.choice(("", "。"))

    def place(self, box: Box, art: Art) -> Box:
        """Put a picture on the page in work."""
        return self.sheet.place(box, art.image, lossless=self.rng.random() < 0.1)

    def note(
        self, box: Box, *texts: str, description: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        """Write down a figure of the page in work."""
        self.book.note_figure(self.sheet, box, *texts, description=description, fields=fields)

    def cite(self, label: str) -> None:
        """Have the running text speak of a figure next."""
        text = self.rng.choice(LEADS).format(label.strip(" 　：.")) + self.rng.choice(PLAIN)
        self._lines += break_lines(self.spell(text), self.frame.width, self.body)

    def save(self, path: Path) -> list[Row]:
        """Write the book and return its truth."""
        self.fill()
        return self.book.save(path, self.name)

    def _go_to_column(self, number: int) -> None:
        self._column = number
        page, gutter = self.page_frame, 2.0 * self.body.size
        wide = (page.width - gutter * (self.columns - 1)) / self.columns
        left = page.left + number * (wide + gutter)
        self.frame = Frame(left, page.top, left + wide, page.bottom)
        self._y = page.top

    def _set_heading(self) -> None:
        style = Style(self.body.size * self.rng.uniform(1.4, 1.8), 1.9)
        heading = (
            f"{count_in_words(self.chapter)}、{self.rng.choice(('骨架', '设色', '地纹', '主从', '间饰'))}"
        )
        self._y = self.sheet.set_text(self.frame.left, self._y, self.frame.width, self.spell(heading), style)

    def _furnish(self, verso: bool) -> None:
        frame, small = self.page_frame, Style(7.8, 1.2, ink=GREY)
        folio = str(self.sheet.number + 10 * self.chapter)
        align: Align = ("left" if verso else "right") if self._folio_outside else "centre"
        at = frame.bottom + 0.4 * (self.book.height - frame.bottom)
        self.sheet.set_text(frame.left, at, frame.width, folio, Style(7.8, 1.2, ink=GREY, align=align))
        if self._head:
            self.sheet.set_text(frame.left, 0.55 * frame.top, frame.width, self.spell(self._head), small)

    def _next_line(self) -> Line:
        while not self._lines:
            self._lines = break_lines(self.spell(next(self._prose)), self.frame.width, self.body)
        return self._lines.pop(0)

    def _write_prose(self) -> Iterator[str]:
        while True:
            yield from words.paragraphs(plan_pattern(self.rng), self.rng.getrandbits(30))

    def _draw(self) -> list[Art]:
        if self.rng.random() < 0.3:
            plate = draw_stock_plate(self.rng.randrange(STOCK), *self.rng.choice(((620, 800), (840, 600))))
            return [Art(plate.image, plate.title, plate.note.split("；")[0] + "。")]
        entry = draw_stock_entry(self.rng.randrange(3 * STOCK))
        return [entry.pattern, entry.textile]


# Books take their pictures from a stock: the gallery is about layouts, and drawing takes longest.
STOCK = 32


@functools.cache
def draw_stock_entry(number: int) -> EntryArt:
    """One of the stock's patterns with its textile."""
    return draw_entry(number, side_px=520, details=0)


@functools.cache
def draw_stock_plate(number: int, width_px: int, height_px: int) -> PlateArt:
    """One of the stock's murals."""
    return draw_plate(number, width_px=width_px, height_px=height_px)


@functools.cache
def load_converter() -> opencc.OpenCC:
    """From simplified to traditional characters."""
    return opencc.OpenCC("s2t")


def crop_to(image: Image.Image, aspect: float) -> Image.Image:
    """The middle of an image, of that aspect."""
    wide, high = image.size
    new_wide, new_high = min(wide, round(high * aspect)), min(high, round(wide / aspect))
    x, y = (wide - new_wide) // 2, (high - new_high) // 2
    return image.crop((x, y, x + new_wide, y + new_high))
