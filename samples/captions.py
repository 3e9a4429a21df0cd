"""Albums: pictures with captions of the many kinds that books print, among text that cites them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from samples.art import Art, draw_entry
from samples.furniture import BODY, Frame, Press
from samples.plates import count_in_words
from samples.sheets import Sheet
from samples.truth import Box
from samples.typesetting import BLACK, GREY, Style, break_lines, height_of, measure

CAPTION = Style(8.6, 1.5, align="centre")
NAME = Style(8.6, 1.5)
LIST = Style(8.6, 1.75)
PART = Style(8.2, 1.5, align="centre", ink=GREY)
BADGE = Style(9.0, 1.0, ink=(1.0, 1.0, 1.0))

ALBUM_LAYOUTS = ("below", "above", "side", "arrow", "bare", "row", "panels", "union", "list", "badges")
"""below, above, side: 图1-2 …; arrow: ▲…; bare: 《题名》; row: 左：…；右：…; panels: (a) … (b) …; union: one
caption for a row, which is one figure; list: 1. … pooled beside; badges: as list, numbers in the pictures."""

TOPICS = ("地纹", "骨架", "设色", "勾边", "间饰", "边框", "疏密", "主从")
LEADS = (
    "本节所谈见图{0}，其设色与布局可与前页相参照，余不赘述。",
    "纹样的骨架大致有散点、缠枝、团窠数种，图{0}所示为其中之一，读者可细看其花与地的关系，再看主纹与间饰如何相让。",
    "同一纹样施于不同的织物，观感各异。试比较图{0}与前一页的图。",
)

# A section that finds less room than this on a page begins the next.
SECTION_HEIGHT = 286.0


@dataclass(slots=True)
class Album:
    """The pages of an album in work; figures are numbered by chapter, as 图1-2."""

    press: Press
    chapter: int = 1
    _place: tuple[Sheet, Frame, float] | None = None

    def set_section(self, number: int, seed: int, layout: str) -> None:
        """Draw and set one section; `layout` is one of ALBUM_LAYOUTS or "mixed"."""
        rng = random.Random(seed)
        chosen = ALBUM_LAYOUTS[(number - 1) % len(ALBUM_LAYOUTS)] if layout == "mixed" else layout
        entry = draw_entry(seed, side_px=640, details=2)
        sheet, frame, y = self._find_room()
        heading = f"第{count_in_words(number)}节　{rng.choice(TOPICS)}"
        self.press.list_entry(heading)
        y = sheet.set_text(frame.left, y, frame.width, heading, Style(14, 1.7)) + 4
        label = f"{self.chapter}-{number}"
        y = sheet.set_text(frame.left, y, frame.width, rng.choice(LEADS).format(label), BODY) + 14
        arts = [entry.pattern, entry.textile, *entry.details]
        if chosen in ("below", "above", "side", "arrow", "bare"):
            bottom = self._set_one(sheet, frame, y, arts[rng.randrange(2)], label, chosen)
        elif chosen in ("row", "panels", "union"):
            bottom = self._set_row(sheet, frame, y, arts, label, chosen)
        else:
            bottom = self._set_list(sheet, frame, y, arts, badges=chosen == "badges")
        self._place = (sheet, frame, bottom + 20)

    def _find_room(self) -> tuple[Sheet, Frame, float]:
        if self._place is not None:
            _, frame, y = self._place
            if y + SECTION_HEIGHT <= frame.bottom:
                return self._place
        sheet, frame = self.press.start_page()
        return sheet, frame, frame.top

    def _set_one(self, sheet: Sheet, frame: Frame, y: float, art: Art, label: str, layout: str) -> float:
        high = 176.0
        wide = high * art.image.width / art.image.height
        left = frame.left if layout == "side" else frame.centre - wide / 2
        caption = {"arrow": f"▲{art.text}", "bare": f"《{art.name}》"}.get(layout, f"图{label}　{art.text}")
        if layout == "above":
            y = sheet.set_text(left, y, wide, caption, CAPTION) + 6
        box = (left, y, left + wide, y + high)
        sheet.place(box, art.image)
        if layout == "side":
            lines = break_lines(caption, frame.right - box[2] - 14, NAME)
            top = box[3] - height_of(len(lines), NAME)
            sheet.set_lines(box[2] + 14, top, lines, NAME)
        said = caption if layout == "bare" else art.text
        fields = {} if layout in ("arrow", "bare") else {"figure_number": label}
        self.press.book.note_figure(sheet, box, caption, description=said, fields=fields, kind=art.kind)
        if layout in ("side", "above"):
            return box[3]
        return sheet.set_text(left, box[3] + 6, wide, caption, CAPTION)

    def _set_row(
        self, sheet: Sheet, frame: Frame, y: float, arts: list[Art], label: str, layout: str
    ) -> float:
        """Pictures side by side over one caption, which may speak of each."""
        row = {"row": arts[:2], "panels": [arts[0], *arts[2:]], "union": arts[1:]}[layout]
        boxes = _place_row(sheet, frame, y, row)
        bottom = boxes[0][3]
        book = self.press.book
        if layout == "union":
            said = f"{row[0].name}及其细节"
            caption, fields = f"图{label}　{said}", {"figure_number": label}
            box = (boxes[0][0], y, boxes[-1][2], bottom)
            book.note_figure(sheet, box, caption, description=said, fields=fields)
        elif layout == "row":
            caption = "；".join(f"{side}：{art.name}" for side, art in zip("左右", row, strict=True))
            for art, box in zip(row, boxes, strict=True):
                book.note_figure(sheet, box, art.name, description=art.name, fields={}, kind=art.kind)
        else:
            parts = [(f"({letter})", art, box) for letter, art, box in zip("abc", row, boxes, strict=False)]
            caption = f"图{label}　纹样与细节：" + "；".join(f"{mark} {art.name}" for mark, art, _ in parts)
            for mark, art, box in parts:
                sheet.set_text(box[0], box[3] + 3, box[2] - box[0], mark, PART)
                fields = {"figure_number": label}
                book.note_figure(sheet, box, art.name, description=art.name, fields=fields, kind=art.kind)
            bottom += 16
        return sheet.set_text(frame.left, bottom + 6, frame.width, caption, CAPTION)

    def _set_list(self, sheet: Sheet, frame: Frame, y: float, arts: list[Art], *, badges: bool) -> float:
        """Pictures two by two, and a numbered list to the right that names them."""
        side, gap = 84.0, 10.0
        for number, art in enumerate(arts, 1):
            x = frame.left + (number - 1) % 2 * (side + gap)
            top = y + (number - 1) // 2 * (side + gap)
            box = (x, top, x + side, top + side)
            sheet.place(box, _crop_square(art.image))
            if badges:
                sheet.disc((x + 12, top + side - 12), 8.0, BLACK)
                shift = measure(str(number), BADGE.size) / 2
                sheet.write(x + 12 - shift, top + side - 12 + 0.36 * BADGE.size, str(number), BADGE)
            self.press.book.note_figure(sheet, box, art.name, description=art.name, fields={}, kind=art.kind)
        bottom = y + (side + gap) * ((len(arts) + 1) // 2) - gap
        left = frame.left + 2 * (side + gap) + 8
        for number, art in enumerate(arts, 1):
            y = sheet.set_text(left, y, frame.right - left, f"{number}. {art.name}", LIST) + 4
        return max(bottom, y)


def _place_row(sheet: Sheet, frame: Frame, y: float, row: list[Art]) -> list[Box]:
    """Place pictures at one height over the width of the frame."""
    gap = 10.0
    high = (frame.width - gap * (len(row) - 1)) / sum(art.image.width / art.image.height for art in row)
    high = min(high, 172.0)
    total = high * sum(art.image.width / art.image.height for art in row) + gap * (len(row) - 1)
    x = frame.centre - total / 2
    boxes: list[Box] = []
    for art in row:
        wide = high * art.image.width / art.image.height
        boxes.append(sheet.place((x, y, x + wide, y + high), art.image))
        x += wide + gap
    return boxes


def _crop_square(image: Image.Image) -> Image.Image:
    side = min(image.size)
    x, y = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((x, y, x + side, y + side))
