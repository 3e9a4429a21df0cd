"""A page's own text → printed lines: parted at gutters, pieces of a line joined, columns of glyphs read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from extractors.backend import OpenPage
from extractors.geometry import height, overlap_share, shared_area, union, width
from extractors.glyphs import Glyph, GlyphRun
from extractors.legibility import has_renamed_signs, is_illegible, may_rename_signs
from extractors.page_trace import Trace
from extractors.records import Box, TextLine
from extractors.stacks import stack_glyphs
from extractors.upright_rules import UprightRules

# An ideographic space is one em, and a caption may hold two; the gutter between columns is wider.
_SPLIT_EM = 2.6
# Pieces of one printed line, set one by one, stand within about an em.
_JOIN_EM = 1.2
# A line this long is no label before its words; so many lines begin together only in a column.
_COLUMN_EM, _FLUSH_LINES = 8.0, 4
# Han fill their em: the box of a line is taken from its baseline, as fonts' own heights vary wildly.
_ASCENT, _DESCENT = 0.88, 0.12
_LOST = "\ufffd"
_UNPRINTED = "\u00ad\u200b\u200c\u200d\ufeff\x00"


@dataclass(frozen=True, slots=True)
class LayerReading:
    """Lines of a text layer that can be seen and read; `illegible` are seen but not readable.

    `hidden` lines are drawn invisibly or under an image, as OCR programs put them; `slanted` ones run
    aslant, as watermarks do. `unprinted` counts characters that leave neither ink nor white.
    """

    lines: tuple[TextLine, ...]
    illegible: tuple[TextLine, ...]
    hidden: tuple[TextLine, ...]
    slanted: tuple[TextLine, ...]
    unprinted: int = 0


def read_layer(page: OpenPage, trace: Trace) -> LayerReading:
    """All lines of the page's text layer. The library's errors are passed on."""
    unprinted: list[Glyph] = []
    rules = UprightRules(trace.paths)
    pieces, slanted = _split_runs(page.read_runs(), unprinted, rules)
    is_renamed = has_renamed_signs(piece.text for piece in pieces)
    if is_renamed:
        pieces, slanted = _split_runs(_lose_renamed(page.read_runs()), [], rules)
    pieces = [piece for piece in pieces if _is_on(page, piece.box)]
    # Columns come first: glyphs that two of them have at one height are no line.
    joined = _join_pieces(stack_glyphs(_drop_doubles(pieces)), rules)
    lines, hidden = _part_hidden(joined, trace)
    legible: list[TextLine] = []
    illegible: list[TextLine] = []
    for line in lines:
        is_lost = is_illegible(line.text) or (is_renamed and _LOST in line.text)
        (illegible if is_lost else legible).append(line)
    return LayerReading(tuple(legible), tuple(illegible), tuple(hidden), tuple(slanted), len(unprinted))


def _split_runs(
    runs: Iterable[GlyphRun], unprinted: list[Glyph], rules: UprightRules
) -> tuple[list[TextLine], list[TextLine]]:
    """Pieces of lines, and of those that run aslant; what is not printed goes to `unprinted`."""
    pieces: list[TextLine] = []
    slanted: list[TextLine] = []
    for run in runs:
        (slanted if run.is_slanted else pieces).extend(_split_run(run, unprinted, rules))
    return pieces, slanted


def _lose_renamed(runs: Iterable[GlyphRun]) -> Iterator[GlyphRun]:
    """The runs with U+FFFD for what fonts have that give signs other names."""
    kept = [replace(run, glyphs=tuple(run.glyphs)) for run in runs]
    used: dict[str, set[str]] = defaultdict(set)
    for run in kept:
        for glyph in run.glyphs:
            if not glyph.text.isspace():
                used[glyph.font].add(glyph.text)
    lost = {font for font, characters in used.items() if may_rename_signs(characters)}
    for run in kept:
        glyphs = (
            g._replace(text=_LOST) if g.font in lost and not g.text.isspace() else g for g in run.glyphs
        )
        yield replace(run, glyphs=tuple(glyphs))


def _is_on(page: OpenPage, box: Box) -> bool:
    """Whether most of a line lies on the page: print shops leave notes beside it."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(0 <= x <= page.width and 0 <= y <= page.height)


def _split_run(run: GlyphRun, unprinted: list[Glyph], rules: UprightRules) -> Iterator[TextLine]:
    """The library's line, split where a gutter or a table's rule runs through it."""
    glyphs = _clean(run.glyphs, unprinted)
    if run.is_vertical and _rises(glyphs):
        yield from _make_line(glyphs, is_vertical=True)
        return
    is_parted = _strays if run.is_vertical else _stands_off
    part: list[Glyph] = []
    for glyph in glyphs:
        is_ruled = part and rules and not run.is_vertical and rules.part(part[-1].box, glyph.box)
        if part and (is_ruled or is_parted(part, glyph)):
            yield from _make_line(part, run.is_vertical)
            part = []
        part.append(glyph)
    yield from _make_line(part, run.is_vertical)


def _rises(glyphs: Sequence[Glyph]) -> bool:
    """Whether a line runs up the page: that of a plate set on its side."""
    printed = [g for g in glyphs if not g.text.isspace()]
    aside = [abs((a.box[0] + a.box[2]) - (b.box[0] + b.box[2])) / 2 for a, b in pairwise(printed)]
    is_straight = all(shift <= 0.5 * g.size for shift, g in zip(aside, printed, strict=False))
    return len(printed) > 1 and is_straight and all(b.box[1] < a.box[1] for a, b in pairwise(printed))


def _strays(run: Sequence[Glyph], glyph: Glyph) -> bool:
    """Whether a glyph does not stand below the last one of its column: where each is placed by itself, a
    library may take what stands on one height in several columns for a line."""
    last = run[-1]
    aside = abs((last.box[0] + last.box[2]) - (glyph.box[0] + glyph.box[2])) / 2
    return aside > 0.5 * glyph.size or glyph.box[1] <= last.box[1]


def _stands_off(run: Sequence[Glyph], glyph: Glyph) -> bool:
    """Whether a gutter runs between a glyph and the line before it."""
    last, limit = run[-1], _SPLIT_EM * glyph.size
    # Asked for every character; nearly all follow right behind the last.
    if glyph.box[0] - last.box[2] <= limit and not last.text.isspace():
        return False
    return _gap_between(run, glyph) > limit


def _gap_between(run: Sequence[Glyph], glyph: Glyph) -> float:
    """White between the last printed glyph and this one; spaces are white that the layer states."""
    if glyph.text.isspace():
        return 0.0
    spaces = 0.0
    for last in reversed(run):
        if not last.text.isspace():
            # Spaces that the book sets itself (ideographic) belong to the text.
            return glyph.box[0] - last.box[2] - spaces
        spaces += last.size if last.text == "\u3000" else 0.0
    return 0.0


def _clean(glyphs: Iterable[Glyph], unprinted: list[Glyph]) -> list[Glyph]:
    """Without what is not printed; all spaces of Latin print are one."""
    kept = list(glyphs)
    printed = [g for g in kept if g.text not in _UNPRINTED]
    if len(printed) < len(kept):
        unprinted += (g for g in kept if g.text in _UNPRINTED)
    return [g._replace(text=" ") if g.text in "\u00a0\t" else g for g in printed]


def _make_line(run: Sequence[Glyph], is_vertical: bool) -> Iterator[TextLine]:
    printed = [g for g in run if not g.text.isspace()]
    if not printed:
        return
    text = "".join(g.text for g in run).strip()
    weights: dict[float, int] = defaultdict(int)
    exact_sizes = Counter([g.size for g in printed])
    for exact, count in exact_sizes.items():
        weights[round(exact, 1)] += count
    size = max(weights, key=lambda s: (weights[s], s))
    if size <= 0.5:
        return
    around = union([g.box for g in printed])
    bold = 2 * sum([g.bold for g in printed]) > len(printed)
    if is_vertical:
        yield TextLine(text, around, size, "vertical", "layer", printed[0].font, bold)
        return
    usual = {exact for exact in exact_sizes if round(exact, 1) == size}
    baseline = median([g.baseline for g in printed if g.size in usual])
    box = (around[0], baseline - _ASCENT * size, around[2], baseline + _DESCENT * size)
    yield TextLine(text, box, size, "horizontal", "layer", printed[0].font, bold)


def _drop_doubles(lines: Sequence[TextLine]) -> list[TextLine]:
    """Bold and shadow are sometimes made by setting the same text twice, a hair apart."""
    kept: dict[str, list[TextLine]] = defaultdict(list)
    for line in lines:
        if not any(overlap_share(line.box, other.box) > 0.7 for other in kept[line.text][-8:]):
            kept[line.text].append(line)
    seen = {id(line) for group in kept.values() for line in group}
    return [line for line in lines if id(line) in seen]


def _join_pieces(pieces: Sequence[TextLine], rules: UprightRules) -> list[TextLine]:
    """Pieces of one printed line, left to right, become one line, but for those that a rule parts."""
    rows: dict[int, list[TextLine]] = defaultdict(list)
    starts = Counter(round(p.box[0]) for p in pieces)
    done: list[TextLine] = [p for p in pieces if p.direction == "vertical"]
    for piece in sorted(
        (p for p in pieces if p.direction == "horizontal"), key=lambda p: (p.box[0], p.box[1])
    ):
        key = round(piece.box[3] / 4)
        row = next(
            (
                (rows[k], i)
                for k in (key, key - 1, key + 1)
                for i in range(len(rows[k]) - 1, max(-1, len(rows[k]) - 12), -1)
                if _goes_on(rows[k][i], piece)
                and not _begins_column(rows[k][i], piece, starts)
                and not rules.part(rows[k][i].box, piece.box)
            ),
            None,
        )
        if row is None:
            rows[key].append(piece)
        else:
            row[0][row[1]] = _join(row[0][row[1]], piece)
    return done + [line for key in sorted(rows) for line in rows[key]]


def _goes_on(line: TextLine, piece: TextLine) -> bool:
    small, large = sorted((line.size, piece.size))
    gap = piece.box[0] - line.box[2]
    base = abs(_baseline(line) - _baseline(piece))
    return large <= 1.6 * small and base <= 0.25 * small and -0.3 * small <= gap <= _JOIN_EM * small


def _begins_column(line: TextLine, piece: TextLine, starts: Counter[int]) -> bool:
    """Whether the gap is a gutter: a long line before it, and other lines flush behind it."""
    x = round(piece.box[0])
    flush = starts[x - 1] + starts[x] + starts[x + 1]
    gap = piece.box[0] - line.box[2]
    return width(line.box) > _COLUMN_EM * line.size and gap > 0.5 * line.size and flush >= _FLUSH_LINES


def _baseline(line: TextLine) -> float:
    return line.box[3] - _DESCENT * line.size


def _join(line: TextLine, piece: TextLine) -> TextLine:
    gap = (piece.box[0] - line.box[2]) / min(line.size, piece.size)
    is_latin = line.text[-1].isascii() or piece.text[0].isascii()
    space = "\u3000" if gap > 0.75 and not is_latin else (" " if is_latin and gap > 0.15 else "")
    longer = line if len(line.text) >= len(piece.text) else piece
    return replace(
        longer, text=line.text + space + piece.text, box=union([line.box, piece.box]), size=longer.size
    )


def _part_hidden(lines: Sequence[TextLine], trace: Trace) -> tuple[list[TextLine], list[TextLine]]:
    """Lines that can be seen, and those that are drawn invisibly or painted over by an image."""
    if not trace.texts:
        return list(lines), []
    boxes = np.array([t.box for t in trace.texts])
    invisible = np.array([t.is_hidden for t in trace.texts])
    orders = np.array([t.order for t in trace.texts])
    is_any_invisible = bool(invisible.any())
    opaque = [i for i in trace.images if i.alpha > 0.9 and not i.is_masked and not i.is_stencil]
    seen: list[TextLine] = []
    hidden: list[TextLine] = []
    for line in lines:
        covers = [i for i in opaque if _covers(i.visible, line.box)]
        if not covers and not is_any_invisible:
            seen.append(line)
            continue
        x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
        slack = 0.5 * line.size
        mine = (
            (boxes[:, 0] <= x + slack)
            & (boxes[:, 2] >= x - slack)
            & (boxes[:, 1] <= y + slack)
            & (boxes[:, 3] >= y - slack)
        )
        is_hidden = bool(mine.any() and invisible[mine].all())
        if not is_hidden and mine.any():
            last = int(orders[mine].max())
            is_hidden = any(i.order > last for i in covers)
        (hidden if is_hidden else seen).append(line)
    return seen, hidden


def _covers(box: Box, line: Box) -> bool:
    return shared_area(box, line) > 0.9 * max(width(line) * height(line), 1e-6)
