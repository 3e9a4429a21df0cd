"""Cases of ruled tables: pictures in their cells, tables captioned as figures, tables that are none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from samples.art import Art
from samples.layouts.single import set_below
from samples.layouts.stage import Stage
from samples.sheets import Sheet
from samples.truth import Box, Row
from samples.typesetting import Style, break_lines, height_of

Grid = tuple[list[float], list[float]]
"""The x of all upright and the y of all level lines of a table."""

HEADS = ("纹样", "地色", "用途")
WORDS = ("团窠", "缠枝", "散点", "对波", "横条", "月白", "绛红", "石青", "豆绿", "袍料", "衬里", "包袱", "幡")


def write_cells(path: Path, seed: int) -> list[Row]:
    """A grid of cells, each with a picture and its name under it."""
    stage = Stage("cells", seed)
    for _ in range(stage.rng.randint(1, 2)):
        stage.write_lines(stage.rng.randint(3, 8))
        _set_cells(stage)
    return stage.save(path)


def write_cell_rows(path: Path, seed: int) -> list[Row]:
    """A table whose rows have a number, a picture, its name and what it shows."""
    stage = Stage("cell_rows", seed)
    stage.write_lines(stage.rng.randint(3, 8))
    _set_cell_rows(stage)
    stage.write_lines(stage.rng.randint(3, 8))
    set_below(stage)
    return stage.save(path)


def write_table(path: Path, seed: int) -> list[Row]:
    """Tables of words: one captioned 图 is a figure, one captioned 表 is none."""
    stage = Stage("table", seed)
    stage.write_lines(stage.rng.randint(3, 8))
    set_below(stage)
    for is_figure in (True, False):
        stage.write_lines(stage.rng.randint(3, 8))
        _set_words_table(stage, is_figure=is_figure)
    return stage.save(path)


def _set_cells(stage: Stage) -> None:
    rng, frame = stage.rng, stage.frame
    across, down = rng.choice((2, 3)), rng.choice((1, 2))
    cell, pad = frame.width / across, rng.uniform(5, 9)
    style = Style(stage.caption.size, 1.4, align="centre", ink=stage.caption.ink)
    arts = [stage.next_art(rng.choice((0.9, 1.0, 1.2))) for _ in range(across * down)]
    labels = rng.random() < 0.4
    texts = [(stage.next_label() if labels else "") + art.name for art in arts]
    foot = max(height_of(len(break_lines(text, cell - 2 * pad, style)), style) for text in texts)
    high = min(cell - 2 * pad, 0.26 * frame.height)
    row, space = high + foot + 2 * pad + 4, stage.space()
    stage.make_room(down * row + 2 * space)
    frame, top = stage.frame, stage.y + space
    _rule(
        stage.sheet,
        ([frame.left + k * cell for k in range(across + 1)], [top + k * row for k in range(down + 1)]),
    )
    for k, (art, text) in enumerate(zip(arts, texts, strict=True)):
        x, y = frame.left + k % across * cell + pad, top + k // across * row + pad
        box = _fit_into(stage, art, (x, y, x + cell - 2 * pad, y + high))
        stage.sheet.set_text(x, y + high + 4, cell - 2 * pad, text, style)
        stage.note(box, text)
    stage.y = top + down * row + space


def _set_cell_rows(stage: Stage) -> None:
    rng, frame = stage.rng, stage.frame
    count, pad = rng.randint(3, 4), rng.uniform(4, 7)
    style = Style(stage.caption.size, 1.45)
    shares = rng.choice(((0.1, 0.3, 0.25, 0.35), (0.12, 0.25, 0.28, 0.35), (0.1, 0.35, 0.2, 0.35)))
    xs = [frame.left + frame.width * sum(shares[:k]) for k in range(5)]
    arts = [stage.next_art(rng.uniform(0.9, 1.3)) for _ in range(count)]
    wide = [xs[k + 1] - xs[k] - 2 * pad for k in range(4)]
    tall = [height_of(len(break_lines(art.text, wide[3], style)), style) for art in arts]
    row, head, space = max([*tall, wide[1] * 0.95]) + 2 * pad, height_of(1, style) + 6, stage.space()
    stage.make_room(head + count * row + 2 * space)
    shift = stage.frame.left - frame.left
    xs, top = [x + shift for x in xs], stage.y + space
    _rule(stage.sheet, (xs, [top, *(top + head + k * row for k in range(count + 1))]))
    for x, word in zip(xs, ("编号", "图样", "名称", "说明"), strict=False):
        stage.sheet.set_text(x + pad, top + 3, 60, word, style)
    for k, art in enumerate(arts):
        y = top + head + k * row + pad
        box = _fit_into(stage, art, (xs[1] + pad, y, xs[2] - pad, y + row - 2 * pad))
        for cell, text in ((0, str(k + 1)), (2, art.name), (3, art.text)):
            stage.sheet.set_text(xs[cell] + pad, y, wide[cell], text, style)
        stage.note(box, art.name)
    stage.y = top + head + count * row + space


def _set_words_table(stage: Stage, *, is_figure: bool) -> None:
    rng, frame = stage.rng, stage.frame
    rows, style, space = rng.randint(3, 6), Style(stage.caption.size, 1.4), stage.space()
    row, over = height_of(1, style) + 6, not is_figure
    caption = stage.next_label() if is_figure else f"表{rng.randint(1, 5)}　"
    caption += "各式纹样的地色与用途" if is_figure else "样书所收织物一览"
    lines = break_lines(caption, frame.width, stage.caption)
    tall = height_of(len(lines), stage.caption)
    stage.make_room((rows + 1) * row + tall + stage.gap + 2 * space)
    frame, top = stage.frame, stage.y + space
    if over:
        top = stage.sheet.set_lines(frame.left, top, lines, stage.caption) + stage.gap
    xs = [frame.left + frame.width * k / 3 for k in range(4)]
    _rule(stage.sheet, (xs, [top + k * row for k in range(rows + 2)]))
    for k in range(rows + 1):
        for x, word in zip(xs, HEADS if k == 0 else rng.sample(WORDS, 3), strict=False):
            stage.sheet.set_text(x + 6, top + k * row + 3, 90, word, style)
    box = (frame.left, top, frame.right, top + (rows + 1) * row)
    stage.y = box[3] + space
    if not over:
        stage.y = stage.sheet.set_lines(frame.left, box[3] + stage.gap, lines, stage.caption) + space
        stage.note(box, caption)


def _fit_into(stage: Stage, art: Art, cell: Box) -> Box:
    """Place a picture in the middle of a cell, as large as it allows."""
    wide = min(cell[2] - cell[0], (cell[3] - cell[1]) * art.image.width / art.image.height)
    high = wide * art.image.height / art.image.width
    x, y = (cell[0] + cell[2] - wide) / 2, (cell[1] + cell[3] - high) / 2
    return stage.place((x, y, x + wide, y + high), art)


def _rule(sheet: Sheet, grid: Grid) -> None:
    xs, ys = grid
    for y in ys:
        sheet.rule(xs[0], xs[-1], y)
    for x in xs:
        _rule_upright(sheet, x, ys)


def _rule_upright(sheet: Sheet, x: float, ys: Sequence[float]) -> None:
    sheet.page.draw_line((x, ys[0]), (x, ys[-1]), color=(0.2, 0.2, 0.2), width=0.5)
