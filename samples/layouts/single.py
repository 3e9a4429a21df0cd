"""Cases of one picture with one caption: on each side of it, in each form, among running text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samples.layouts.stage import Stage
from samples.truth import Box, Row
from samples.typesetting import Style, break_lines, height_of

Setter = Callable[[Stage], object]


def write_below(path: Path, seed: int) -> list[Row]:
    """A numbered caption under each picture, in one column or two."""
    return _write(path, Stage("below", seed, columns=None), set_below)


def write_above(path: Path, seed: int) -> list[Row]:
    """A numbered caption over each picture."""
    return _write(path, Stage("above", seed, columns=None), _set_above)


def write_left(path: Path, seed: int) -> list[Row]:
    """Captions in the margin left of the pictures."""
    return _write(path, Stage("left", seed), lambda stage: _set_beside(stage, on_right=False))


def write_right(path: Path, seed: int) -> list[Row]:
    """Captions to the right of the pictures."""
    return _write(path, Stage("right", seed), lambda stage: _set_beside(stage, on_right=True))


def write_bare(path: Path, seed: int) -> list[Row]:
    """《题名》 alone under each picture, now and then with where it is kept."""
    return _write(path, Stage("bare", seed, columns=None), lambda stage: set_below(stage, _title_bare))


def write_arrow(path: Path, seed: int) -> list[Row]:
    """▲ and a sentence under each picture."""
    return _write(path, Stage("arrow", seed, columns=None), lambda stage: set_below(stage, _title_arrow))


def write_lines(path: Path, seed: int) -> list[Row]:
    """Captions of several lines, some with a hanging second line."""
    return _write(path, Stage("lines", seed, columns=None), lambda stage: set_below(stage, _title_long))


def write_columns(path: Path, seed: int) -> list[Row]:
    """A wide picture whose long caption runs over two columns below it."""
    return _write(path, Stage("columns", seed), _set_over_columns)


def write_vertical(path: Path, seed: int) -> list[Row]:
    """Captions in vertical columns beside the picture, from right to left."""
    return _write(path, Stage("vertical", seed), _set_vertical)


def write_cited(path: Path, seed: int) -> list[Row]:
    """Text that cites figures, right under a picture too, where it is no caption."""
    stage = Stage("cited", seed)
    for _ in range(stage.rng.randint(3, 5)):
        label = set_below(stage)
        stage.cite(label)
        stage.write_lines(stage.rng.randint(4, 9))
    return stage.save(path)


def write_traditional(path: Path, seed: int) -> list[Row]:
    """Numbered captions in a book in traditional characters."""
    return _write(path, Stage("traditional", seed, columns=None, traditional=True), set_below)


def _write(path: Path, stage: Stage, set_figure: Setter) -> list[Row]:
    for _ in range(stage.rng.randint(3, 6)):
        stage.write_lines(stage.rng.randint(3, 10))
        set_figure(stage)
    return stage.save(path)


def set_below(stage: Stage, title: Callable[[Stage, str, str], str] | None = None) -> str:
    """Set a picture with its caption below; return the figure's label."""
    art = stage.next_art()
    label = stage.next_label()
    caption = title(stage, art.name, art.text) if title else label + stage.word(art)
    wide, high = _choose_size(stage, art.image.width / art.image.height)
    measure_width = stage.frame.width if title is _title_long else max(wide, 0.6 * stage.frame.width)
    lines = break_lines(caption, measure_width, stage.caption)
    space = stage.space()
    stage.make_room(high + height_of(len(lines), stage.caption) + stage.gap + 2 * space)
    box = _centre(stage, stage.y + space, wide, high)
    stage.place(box, art)
    left = (box[0] + box[2] - measure_width) / 2
    left = min(max(left, stage.frame.left), stage.frame.right - measure_width)
    if stage.caption.align == "left" and title is not _title_long:
        left = box[0] if box[0] + measure_width <= stage.frame.right else left
    stage.y = stage.sheet.set_lines(left, box[3] + stage.gap, lines, stage.caption) + space
    description, fields = stage.said or ("", None)
    stage.note(box, caption, description=description, fields=fields)
    return label


def _set_above(stage: Stage) -> None:
    art = stage.next_art()
    caption = stage.next_label() + stage.word(art)
    wide, high = _choose_size(stage, art.image.width / art.image.height)
    lines = break_lines(caption, max(wide, 0.6 * stage.frame.width), stage.caption)
    space = stage.space()
    stage.make_room(high + height_of(len(lines), stage.caption) + stage.gap + 2 * space)
    box = _centre(stage, stage.y + space, wide, high)
    left = (box[0] + box[2] - max(wide, 0.6 * stage.frame.width)) / 2
    y = stage.sheet.set_lines(left, stage.y + space, lines, stage.caption) + stage.gap
    box = (box[0], y, box[2], y + high)
    stage.place(box, art)
    stage.note(box, caption)
    stage.y = box[3] + space


def _set_beside(stage: Stage, *, on_right: bool) -> None:
    art = stage.next_art(stage.rng.uniform(0.75, 1.3))
    caption = stage.next_label() + stage.word(art)
    frame, gutter = stage.frame, stage.rng.uniform(9.0, 15.0)
    wide = frame.width * stage.rng.uniform(0.42, 0.66)
    high = wide * art.image.height / art.image.width
    style = Style(stage.caption.size, stage.caption.leading, ink=stage.caption.ink)
    lines = break_lines(caption, frame.width - wide - gutter, style)
    tall, space = height_of(len(lines), style), stage.space()
    stage.make_room(max(high, tall) + 2 * space)
    frame, top = stage.frame, stage.y + space
    left = frame.left if on_right else frame.right - wide
    box = stage.place((left, top, left + wide, top + high), art)
    at = {"top": top, "foot": max(top, box[3] - tall), "middle": top + max(0.0, (high - tall) / 2)}
    x = box[2] + gutter if on_right else frame.left
    stage.sheet.set_lines(x, at[stage.rng.choice(("top", "foot", "middle"))], lines, style)
    stage.note(box, caption)
    stage.y = max(box[3], top + tall) + space


def _set_over_columns(stage: Stage) -> None:
    art, more = stage.next_art(stage.rng.uniform(1.3, 1.7)), stage.next_art()
    caption = f"{stage.next_label()}{art.name}。{art.text}与此相类者有{more.name}，{more.text}"
    frame, gutter, space = stage.frame, 2 * stage.body.size, stage.space()
    high = frame.width * art.image.height / art.image.width
    style = Style(stage.caption.size, stage.caption.leading, ink=stage.caption.ink, align="justify")
    lines = break_lines(caption, (frame.width - gutter) / 2, style)
    half = -(-len(lines) // 2)
    stage.make_room(high + height_of(half, style) + stage.gap + 2 * space)
    frame, top = stage.frame, stage.y + space
    box = stage.place((frame.left, top, frame.right, top + high), art)
    y = stage.sheet.set_lines(frame.left, box[3] + stage.gap, lines[:half], style)
    right = frame.left + (frame.width + gutter) / 2
    stage.sheet.set_lines(right, box[3] + stage.gap, lines[half:], style)
    stage.note(box, caption)
    stage.y = y + space


def _set_vertical(stage: Stage) -> None:
    art = stage.next_art(stage.rng.uniform(0.7, 1.2))
    caption = stage.next_label().rstrip(" .") + "　" + art.name
    style = Style(stage.caption.size * 1.1, stage.rng.uniform(1.1, 1.3), ink=stage.caption.ink)
    pitch, space = style.size * 1.6, stage.space()
    wide = stage.frame.width * stage.rng.uniform(0.55, 0.75)
    high = wide * art.image.height / art.image.width
    rows = max(6, int(high / (style.size * style.leading)))
    caption = caption.replace("　　", "　")
    parts = [caption[k : k + rows] for k in range(0, len(caption), rows)]
    stage.make_room(high + 2 * space)
    on_right, top = stage.rng.random() < 0.6, stage.y + space
    shift = len(parts) * pitch + 10.0
    left = stage.frame.centre - (wide + shift) / 2 + (0.0 if on_right else shift)
    box = stage.place((left, top, left + wide, top + high), art)
    outer = box[2] + shift - style.size if on_right else box[0] - 10.0 - style.size
    for number, part in enumerate(parts):
        stage.sheet.set_column(outer - number * pitch, top, part, style)
    stage.note(box, caption)
    stage.y = box[3] + space


def _title_bare(stage: Stage, name: str, _text: str) -> str:
    return f"《{name}》" + stage.rng.choice(("", "", "局部", "　青禾丝绸博物馆藏"))


def _title_arrow(stage: Stage, name: str, text: str) -> str:
    return stage.rng.choice(("▲", "▲ ")) + stage.rng.choice((name, text))


def _title_long(stage: Stage, name: str, text: str) -> str:
    kept = stage.rng.choice(("青禾丝绸博物馆藏", "云溪织绣馆藏", "私人收藏"))
    size = f"高{stage.rng.randint(20, 160)}厘米，宽{stage.rng.randint(20, 130)}厘米"
    label, said = stage.next_label(), f"{name}，{size}，{kept}。{text}图为原件的一部分，依实物比例绘出。"
    number = "plate_number" if "版" in label else "figure_number"
    digits = label.strip(" 　：.").lstrip("图插版Fig. ")
    stage.said = said, {number: digits, "dimensions": size, "collection": kept}
    return label + said


def _choose_size(stage: Stage, aspect: float) -> tuple[float, float]:
    """Width and height of a picture in the column: neither wider nor much taller than half the page."""
    wide = stage.frame.width * stage.rng.uniform(0.5, 1.0)
    high = min(wide / aspect, stage.frame.height * stage.rng.uniform(0.28, 0.46))
    return high * aspect, high


def _centre(stage: Stage, top: float, wide: float, high: float) -> Box:
    middle = stage.frame.centre
    return (middle - wide / 2, top, middle + wide / 2, top + high)
