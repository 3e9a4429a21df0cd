"""Cases of several pictures together: what is printed once for all of them, or for each in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from samples.art import Art
from samples.layouts.single import set_below
from samples.layouts.stage import Stage
from samples.truth import Box, Row
from samples.typesetting import BLACK, Style, break_lines, height_of, measure

SIDES = {2: "左右", 3: "左中右"}
LEVELS = {2: "上下", 3: "上中下"}
LIST_MARKS: tuple[Callable[[int], str], ...] = (
    lambda n: f"{n}. ",
    lambda n: f"{n}．",
    lambda n: f"{n}、",
    lambda n: f"{n}　",
    lambda n: "①②③④⑤⑥"[n - 1] + " ",
)
PART_FORMS: tuple[Callable[[str, str], str], ...] = (
    lambda side, words: f"{side}：{words}",
    lambda side, words: f"{side}图：{words}",
    lambda side, words: f"（{side}）{words}",
    lambda side, words: f"{words}（{side}）",
)


def write_list(path: Path, seed: int) -> list[Row]:
    """A group of pictures and a numbered list beside or below it, in reading order."""
    return _write(path, Stage("list", seed), lambda stage: _set_list(stage, badges=False))


def write_badges(path: Path, seed: int) -> list[Row]:
    """As write_list, with the numbers in the pictures, in any order."""
    return _write(path, Stage("badges", seed), lambda stage: _set_list(stage, badges=True))


def write_sides(path: Path, seed: int) -> list[Row]:
    """A row of two or three under one caption that speaks of 左, 中 and 右."""
    return _write(path, Stage("sides", seed), _set_sides)


def write_levels(path: Path, seed: int) -> list[Row]:
    """A column of two or three with one caption that speaks of 上, 中 and 下."""
    return _write(path, Stage("levels", seed), _set_levels)


def write_panels(path: Path, seed: int) -> list[Row]:
    """Panels (a) (b) … under one caption that says nothing of each: one figure."""
    return _write(path, Stage("panels", seed), lambda stage: _set_panels(stage, "one"))


def write_panels_told(path: Path, seed: int) -> list[Row]:
    """Panels (a) (b) … whose common caption has words for each: a figure each."""
    return _write(path, Stage("panels_told", seed), lambda stage: _set_panels(stage, "told"))


def write_panels_named(path: Path, seed: int) -> list[Row]:
    """Panels with (a) and its words under each, and a common caption below: a figure each."""
    return _write(path, Stage("panels_named", seed), lambda stage: _set_panels(stage, "named"))


def write_row(path: Path, seed: int) -> list[Row]:
    """One caption for a row, or for two rows, of pictures: one figure."""
    return _write(path, Stage("row", seed), _set_row)


def _write(path: Path, stage: Stage, set_group: Callable[[Stage], None]) -> list[Row]:
    for number in range(stage.rng.randint(2, 4)):
        stage.write_lines(stage.rng.randint(3, 8))
        set_group(stage)
        if number == 0 or stage.rng.random() < 0.4:
            stage.write_lines(stage.rng.randint(3, 6))
            set_below(stage)
    return stage.save(path)


def _set_list(stage: Stage, *, badges: bool) -> None:
    rng = stage.rng
    arts = [stage.next_art(1.0) for _ in range(rng.randint(3, 6))]
    order = list(range(1, len(arts) + 1))
    if badges:
        rng.shuffle(order)
    mark = rng.choice(LIST_MARKS)
    style = Style(stage.caption.size, 1.6, ink=stage.caption.ink)
    beside, gap, space = rng.random() < 0.6, rng.uniform(5, 11), stage.space()
    across = 2 if beside else min(len(arts), 3)
    area = stage.frame.width * (0.58 if beside else 1.0)
    side = (area - gap * (across - 1)) / across
    rows = -(-len(arts) // across)
    list_width = stage.frame.width - area - 14 if beside else stage.frame.width
    named = sorted(zip(order, arts, strict=True), key=lambda item: item[0])
    entries = [break_lines(mark(n) + art.name, list_width, style) for n, art in named]
    tall = sum(height_of(len(lines), style) for lines in entries)
    high = rows * (side + gap) - gap
    stage.make_room((max(high, tall) if beside else high + 8 + tall) + 2 * space)
    frame, top = stage.frame, stage.y + space
    for k, (number, art) in enumerate(zip(order, arts, strict=True)):
        x, y = frame.left + k % across * (side + gap), top + k // across * (side + gap)
        box = stage.place((x, y, x + side, y + side), art)
        if badges:
            _set_badge(stage, box, number)
        stage.note(box, art.name)
    x, y = (frame.left + area + 14, top) if beside else (frame.left, top + high + 8)
    for lines in entries:
        y = stage.sheet.set_lines(x, y, lines, style)
    stage.y = max(y, top + high) + space


def _set_badge(stage: Stage, box: Box, number: int) -> None:
    style = Style(9.0, 1.0, ink=(1.0, 1.0, 1.0))
    x, y = box[0] + 13, box[3] - 13
    stage.sheet.disc((x, y), 8.0, BLACK)
    stage.sheet.write(x - measure(str(number), 9.0) / 2, y + 0.36 * 9.0, str(number), style)


def _set_sides(stage: Stage) -> None:
    count = stage.rng.choice((2, 2, 3))
    arts = [stage.next_art() for _ in range(count)]
    caption = _join_parts(stage, arts, SIDES[count])
    for art, box in zip(arts, _set_rows(stage, [arts], [], caption)[0], strict=True):
        stage.note(box, art.name)


def _set_levels(stage: Stage) -> None:
    """Stacked pictures with the caption below them or beside the lowest."""
    rng = stage.rng
    count = rng.choice((2, 2, 3))
    arts = [stage.next_art(rng.uniform(1.2, 1.7)) for _ in range(count)]
    caption = _join_parts(stage, arts, LEVELS[count])
    frame, gap, space = stage.frame, rng.uniform(5, 11), stage.space()
    beside = rng.random() < 0.4
    wide = frame.width * (rng.uniform(0.45, 0.6) if beside else rng.uniform(0.5, 0.7))
    heights = [wide * art.image.height / art.image.width for art in arts]
    scale = min(1.0, 0.62 * frame.height / sum(heights))
    wide, heights = wide * scale, [high * scale for high in heights]
    style = Style(stage.caption.size, stage.caption.leading, ink=stage.caption.ink)
    lines = break_lines(caption, frame.width - wide - 14 if beside else frame.width, style)
    tall, total = height_of(len(lines), style), sum(heights) + gap * (count - 1)
    stage.make_room(total + (0 if beside else tall + stage.gap) + 2 * space)
    frame, y = stage.frame, stage.y + space
    left = frame.left if beside else frame.centre - wide / 2
    for art, high in zip(arts, heights, strict=True):
        box = stage.place((left, y, left + wide, y + high), art)
        stage.note(box, art.name)
        y = box[3] + gap
    y -= gap
    x, top = (left + wide + 14, y - tall) if beside else (frame.left, y + stage.gap)
    stage.sheet.set_lines(x, top, lines, style)
    stage.y = top + tall + space


def _set_panels(stage: Stage, words: str) -> None:
    count = stage.rng.choice((2, 3, 3, 4))
    arts = [stage.next_art() for _ in range(count)]
    letter = stage.rng.choice(("({})", "（{}）", "{}"))
    marks = [letter.format(c) for c in ("abcd" if letter != "{}" else "ABCD")]
    label = stage.next_label()
    labels = marks[:count]
    if words == "one":
        caption = f"{label}{stage.next_art().name}的{'两三四'[count - 2]}种式样"
    elif words == "told":
        told = [f"{mark} {art.name}" for mark, art in zip(marks, arts, strict=False)]
        caption = f"{label}纹样比较：" + "；".join(told)
    else:
        caption = f"{label}纹样比较"
        labels = [f"{mark} {art.name}" for mark, art in zip(marks, arts, strict=False)]
    rows = [arts[:2], arts[2:]] if count == 4 else [arts]
    boxes = [box for row in _set_rows(stage, rows, labels, caption) for box in row]
    if words == "one":
        stage.note(_unite(boxes), caption)
        return
    for art, box in zip(arts, boxes, strict=True):
        stage.note(box, art.name)


def _set_row(stage: Stage) -> None:
    rows = stage.rng.choice(((2,), (3,), (3,), (2, 2), (3, 2)))
    arts = [[stage.next_art() for _ in range(count)] for count in rows]
    label, name = stage.next_label(), arts[0][0].name
    caption = label + stage.rng.choice((f"{name}及其他", f"与{name}同类的织物数种", f"{name}各式"))
    boxes = [box for row in _set_rows(stage, arts, [], caption) for box in row]
    stage.note(_unite(boxes), caption)


def _join_parts(stage: Stage, arts: Sequence[Art], places: str) -> str:
    form = stage.rng.choice(PART_FORMS)
    label = stage.next_label() if stage.rng.random() < 0.5 else ""
    mark = stage.rng.choice(("；", "；", "　", "，"))
    return label + mark.join(form(place, art.name) for place, art in zip(places, arts, strict=True))


def _set_rows(stage: Stage, rows: list[list[Art]], labels: Sequence[str], caption: str) -> list[list[Box]]:
    """Rows of pictures, each row of one height, a label under each picture, one caption under all."""
    rng = stage.rng
    gap, space, frame = rng.uniform(5, 12), stage.space(), stage.frame
    limit = frame.height * rng.uniform(0.2, 0.3)
    heights = [min(limit, _fit_height(row, frame.width, gap)) for row in rows]
    scale = min(_fit_height(row, frame.width, gap) / high for row, high in zip(rows, heights, strict=True))
    heights = [high * min(1.0, scale) for high in heights]
    label_style = Style(stage.caption.size * 0.95, 1.35, align="centre", ink=stage.caption.ink)
    widths = [
        [high * art.image.width / art.image.height for art in row]
        for row, high in zip(rows, heights, strict=True)
    ]
    flat = [wide for row in widths for wide in row]
    set_labels = [break_lines(text, wide, label_style) for text, wide in zip(labels, flat, strict=False)]
    foot = max((height_of(len(lines), label_style) for lines in set_labels), default=0.0) + 2
    lines = break_lines(caption, frame.width, stage.caption)
    stage.make_room(
        sum(heights) + len(rows) * (foot + gap) + height_of(len(lines), stage.caption) + 2 * space
    )
    frame, y, boxes = stage.frame, stage.y + space, list[list[Box]]()
    waiting = iter(set_labels)
    for row, wides, high in zip(rows, widths, heights, strict=True):
        x = frame.centre - (sum(wides) + gap * (len(row) - 1)) / 2
        boxes.append([])
        for art, wide in zip(row, wides, strict=True):
            boxes[-1].append(stage.place((x, y, x + wide, y + high), art))
            stage.sheet.set_lines(x, y + high + 2, next(waiting, []), label_style)
            x += wide + gap
        y += high + foot + (gap if row is not rows[-1] else stage.gap)
    stage.y = stage.sheet.set_lines(frame.left, y, lines, stage.caption) + space
    return boxes


def _fit_height(row: list[Art], width: float, gap: float) -> float:
    """The height at which a row fills the width."""
    return (width - gap * (len(row) - 1)) / sum(art.image.width / art.image.height for art in row)


def _unite(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))
