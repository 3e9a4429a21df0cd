"""What stands on every page and before the first entry: running heads, folios, title, contents, preface."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from samples.sheets import Book, Sheet
from samples.typesetting import GREY, Ink, Style, break_lines, measure

BODY = Style(10.2, 1.66, 2, align="justify")
SMALL = Style(8.0, 1.5, align="justify")
FOLIO = Style(8.5, 1.2, ink=GREY)
HEAD = Style(8.0, 1.2, ink=GREY)
TITLE = Style(26.0, 1.5, align="centre")


@dataclass(frozen=True, slots=True)
class Look:
    """How the pages of one volume look; lengths in points."""

    title: str
    width: float = 540.0
    height: float = 760.0
    inner: float = 66.0
    outer: float = 56.0
    top: float = 72.0
    bottom: float = 66.0
    tint: Ink | None = None
    ornament: Image.Image | None = None
    accent: Ink = (0.45, 0.16, 0.12)
    folio_centred: bool = False
    running_head: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page that the text may fill, in points."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width of the text area."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height of the text area."""
        return self.bottom - self.top

    @property
    def centre(self) -> float:
        """Where its middle is."""
        return (self.left + self.right) / 2


@dataclass(slots=True)
class Press:
    """A book in work: the look of its pages and what its contents will list."""

    book: Book
    look: Look
    contents: list[tuple[str, int]]

    def start_page(self, *, furniture: bool = True) -> tuple[Sheet, Frame]:
        """Add a page with running head, ornament and folio."""
        sheet = self.book.start_sheet()
        look = self.look
        verso = sheet.number % 2 == 0
        left, right = (look.outer, look.inner) if verso else (look.inner, look.outer)
        frame = Frame(left, look.top, look.width - right, look.height - look.bottom)
        if furniture:
            self._furnish(sheet, frame, verso)
        return sheet, frame

    @property
    def at_verso(self) -> bool:
        """Whether the next page is a left-hand one."""
        return self.book.pages % 2 == 1

    def start_verso(self) -> None:
        """Add an empty page where the next would be a right-hand one."""
        if not self.at_verso:
            self.start_page()

    def list_entry(self, line: str) -> None:
        """Have the contents list what begins on the page in work."""
        self.contents.append((line, self.book.pages))

    def _furnish(self, sheet: Sheet, frame: Frame, verso: bool) -> None:
        look = self.look
        folio = str(sheet.number)
        wide = measure(folio, FOLIO.size)
        x = frame.centre - wide / 2 if look.folio_centred else (frame.left if verso else frame.right - wide)
        sheet.write(x, look.height - look.bottom * 0.5, folio, FOLIO)
        if look.ornament is not None:
            high = 14.0
            wide = high * look.ornament.width / look.ornament.height
            x0 = frame.centre - wide / 2
            sheet.place((x0, 26.0, x0 + wide, 26.0 + high), look.ornament, lossless=True)
        if look.running_head:
            x = frame.left if verso else frame.right - measure(look.title, HEAD.size)
            sheet.write(x, look.top - 22, look.title, HEAD)
            sheet.rule(frame.left, frame.right, look.top - 15, 0.4, GREY)


def write_title_page(press: Press, subtitle: str) -> None:
    """The title page: ornament, title, what the book is."""
    look = press.look
    sheet, frame = press.start_page(furniture=False)
    y = look.height * 0.26
    y = sheet.set_text(frame.left, y, frame.width, look.title, TITLE)
    sheet.rule(frame.centre - 60, frame.centre + 60, y + 8, 0.8, look.accent)
    sheet.set_text(frame.left, y + 18, frame.width, subtitle, Style(12.5, 1.6, align="centre", ink=GREY))
    imprint = Style(9.5, 1.7, align="centre")
    sheet.set_text(frame.left, look.height * 0.82, frame.width, "样书工坊　绘制并排印", imprint)


def write_colophon(press: Press, lines: tuple[str, ...]) -> None:
    """What may be done with the book, small at the foot of a page."""
    sheet, frame = press.start_page(furniture=False)
    style = Style(8.4, 1.8, ink=GREY)
    y = frame.bottom - len(lines) * style.size * style.leading
    for line in lines:
        y = sheet.set_text(frame.left, y, frame.width, line, style)


def write_preface(press: Press, heading: str, paragraphs: tuple[str, ...]) -> None:
    """A page of text without a figure, though it speaks of figures."""
    sheet, frame = press.start_page()
    press.list_entry(heading)
    spaced = "　".join(heading)
    y = sheet.set_text(frame.left, frame.top + 26, frame.width, spaced, Style(16, 1.5, align="centre"))
    y += 22
    for paragraph in paragraphs:
        y = sheet.set_text(frame.left, y, frame.width, paragraph, BODY)


class Contents:
    """Pages kept free for the contents, filled when the rest of the book stands."""

    ROW = Style(10.0, 1.9)

    def __init__(self, press: Press, lines: int) -> None:
        self._press = press
        self._kept: list[tuple[Sheet, Frame]] = []
        rows = self._rows_of(press.look)
        for _ in range(-(-lines // rows)):
            self._kept.append(press.start_page())

    def fill(self) -> None:
        """Write the lines with leaders and page numbers."""
        rows = self._rows_of(self._press.look)
        entries = self._press.contents
        for number, (sheet, frame) in enumerate(self._kept):
            if number == 0:
                heading = Style(16, 1.5, align="centre")
                sheet.set_text(frame.left, frame.top + 10, frame.width, "目　录", heading)
            y = frame.top + 56
            for line, page in entries[number * rows : (number + 1) * rows]:
                self._write_row(sheet, frame, y, line, page)
                y += self.ROW.size * self.ROW.leading

    def _rows_of(self, look: Look) -> int:
        return int((look.height - look.top - look.bottom - 56) // (self.ROW.size * self.ROW.leading))

    def _write_row(self, sheet: Sheet, frame: Frame, y: float, line: str, page: int) -> None:
        style, folio = self.ROW, str(page)
        baseline = y + style.size * 1.3
        end = frame.right - measure(folio, style.size)
        sheet.write(frame.left, baseline, line, style)
        sheet.write(end, baseline, folio, style)
        start = frame.left + measure(line, style.size) + 8
        dot = Style(style.size, ink=GREY)
        dots = int((end - 8 - start) // measure("·", style.size))
        if dots > 0:
            sheet.write(end - 8 - dots * measure("·", style.size), baseline, "·" * dots, dot)


def set_flowing(
    press: Press, sheet: Sheet, frame: Frame, y: float, paragraphs: list[str], style: Style
) -> tuple[Sheet, Frame, float]:
    """Set paragraphs below `y` and over as many further pages as they need."""
    pitch = style.size * style.leading
    for paragraph in paragraphs:
        lines = break_lines(paragraph, frame.width, style)
        while lines:
            room = max(0, int((frame.bottom - y + 0.01) // pitch))
            # No line of a paragraph is left alone at the foot of a page or carried alone to the next.
            if room < len(lines) and (room == 1 or len(lines) - room == 1):
                room = max(0, room - 1)
            y = sheet.set_lines(frame.left, y, lines[:room], style)
            lines = lines[room:]
            if lines:
                sheet, frame = press.start_page()
                y = frame.top
    return sheet, frame, y
