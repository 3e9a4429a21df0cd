"""What is printed on every page and belongs to none: running heads, folios, ornaments, watermarks.

Books repeat them at the same place; that, and not what they look like, is how they are known.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from alignment.lone_numbers import MAX_BLANK_EM
from alignment.marks import read_mark
from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from alignment.ornaments import count_needed, find_ornaments, find_usual_size
from extractors.geometry import gap, overlap_y
from extractors.records import Box, Page, TextLine

# Running heads and folios stand in the outer tenth of the page; type area begins further in.
MARGIN_SHARE = 0.1
SIDE_MARGIN_SHARE = 0.08
# Running heads are set small; titles of entries repeat as well (折枝牡丹纹), in large type.
LARGE_TYPE, LEAST_USUAL = 1.3, 9.0
FLUSH_EM, SAME_SIZE = 0.5, 1.06

# Digits that stand one below the other come as pieces.
_FOLIO = re.compile(
    rf"^[\s\-–—·•.~～|/]*(?:[0-9０-９](?:\s?[0-9０-９]){{0,3}}|[ivxlcIVXLC]{{1,7}}|[{NUMERAL_CHARACTERS}]{{1,5}}|第?[0-9{NUMERAL_CHARACTERS}]{{1,5}}页)[\s\-–—·•.~～|/]*$"
)
# 图版说明　一七九: a title and the folio behind it, in small type.
_COUNTING = re.compile(
    rf"^(?P<title>[\u3400-\u9fff]{{2,16}})[\s\u3000·|/—-]+(?P<number>[0-9]{{1,4}}|[{NUMERAL_CHARACTERS}]{{1,5}})$"
)
SMALL_TYPE = 0.95
RULE_SHARE, MAX_RULE_EM = 0.6, 2.0
MIN_COLUMNS = 3
MIN_COUNTING = 2
# A work may be cited at the foot of many pages; what begins with a note's number is no running foot.
_NOTE = re.compile(r"^\s*(?:[\[［〔][0-9]{1,3}[\]］〕]|[①-⑳])\s*\S")


@dataclass(frozen=True, slots=True)
class Furniture:
    """Per page number: the lines that are running heads or folios; per picture: why it is no figure."""

    heads: dict[int, frozenset[TextLine]]
    folios: dict[int, frozenset[TextLine]]
    ornaments: dict[tuple[int, Box], str]


def find_furniture(pages: Sequence[Page]) -> Furniture:
    """Looks at the whole book; single pages and short extracts still lose what stands alone in a margin."""
    heads: dict[int, set[TextLine]] = defaultdict(set)
    folios: dict[int, set[TextLine]] = defaultdict(set)
    repeated = _repeated_texts(pages)
    counting = _find_counting(pages)
    for page in pages:
        usual = find_usual_size(page)
        for line in page.lines:
            if not _in_margin(line, page):
                continue
            if line.size > LARGE_TYPE * max(usual, LEAST_USUAL) or _NOTE.match(line.text):
                continue
            if _FOLIO.match(line.text) and (_heads_column(line, page) or _heads_columns(line, page)):
                continue
            if _FOLIO.match(line.text) and _stands_alone(line, page, repeated):
                folios[page.number].add(line)
            elif (
                line in counting.get(page.number, ())
                or _is_repeated(line, page, repeated)
                or _shares_line_with_folio(line, page)
            ):
                heads[page.number].add(line)
    return Furniture(
        {n: frozenset(v) for n, v in heads.items()},
        {n: frozenset(v) for n, v in folios.items()},
        find_ornaments(pages),
    )


def _find_counting(pages: Sequence[Page]) -> dict[int, set[TextLine]]:
    """By page the lines of a few words and a number that rises as the pages do: a chapter's title with the
    folio, which two pages tell. Nothing else of the page stands right at them."""
    found: dict[tuple[str, bool, int, int], list[tuple[int, TextLine]]] = defaultdict(list)
    for page in pages:
        small = SMALL_TYPE * find_usual_size(page)
        for line in page.lines:
            words = _COUNTING.match(line.text.strip())
            # 图版 三 and 展品 12 count what is shown.
            if words is None or line.size > small or read_mark(line.text) is not None:
                continue
            if _in_margin(line, page) and _is_apart(line, page):
                number = parse_number(words["number"]) or 0
                key = words["title"], *_key(line, page)[1:], number - page.number
                found[key].append((page.number, line))
    counting: dict[int, set[TextLine]] = defaultdict(set)
    for lines in found.values():
        if len({number for number, _ in lines}) >= MIN_COUNTING:
            for number, line in lines:
                counting[number].add(line)
    return counting


def _is_apart(line: TextLine, page: Page) -> bool:
    """Whether no other text stands within two lines of a line, nor a picture, whose number it might be."""
    near = 2 * line.size
    others = [ln.box for ln in page.lines if ln is not line] + [p.box for p in page.pictures]
    return all(gap(line.box, box) > near for box in others)


def _in_margin(line: TextLine, page: Page) -> bool:
    y = (line.box[1] + line.box[3]) / 2
    x = (line.box[0] + line.box[2]) / 2
    top, side = MARGIN_SHARE * page.height, SIDE_MARGIN_SHARE * page.width
    return not top < y < page.height - top or not side < x < page.width - side


def _normalise(text: str) -> str:
    return re.sub(
        rf"[0-9０-９\s\u3000]+|(?<![\u4e00-\u9fff])[{NUMERAL_CHARACTERS}]+(?![\u4e00-\u9fff])", "#", text
    ).strip("#")


def _key(line: TextLine, page: Page) -> tuple[str, bool, int]:
    """Text without its numbers, and where it stands: books set left and right pages mirrored. 图版3 under a
    plate is another text than 图版4."""
    top = (line.box[1] + line.box[3]) / 2 < page.height / 2
    edge = line.box[1] if top else page.height - line.box[3]
    mark = read_mark(line.text)
    text = line.text if mark and mark.style == "figure" else _normalise(line.text)
    return text, top, round(edge / 8)


def _is_repeated(line: TextLine, page: Page, repeated: Collection[tuple[str, bool, int]]) -> bool:
    """Whether a line stands on other pages too. One that counts (编号：SZ-007) may begin or end a text: then
    another stands right at it, flush and in its type, as none does at a running head."""
    if _key(line, page) not in repeated:
        return False
    return _normalise(line.text) == line.text.strip() or not any(
        other is not line
        and abs(other.box[0] - line.box[0]) <= FLUSH_EM * line.size
        and max(other.size, line.size) <= SAME_SIZE * min(other.size, line.size)
        and 0 <= max(other.box[1] - line.box[3], line.box[1] - other.box[3]) <= line.size
        for other in page.lines
    )


def _repeated_texts(pages: Sequence[Page]) -> set[tuple[str, bool, int]]:
    counts: Counter[tuple[str, bool, int]] = Counter()
    for page in pages:
        counts.update({_key(line, page) for line in page.lines if _in_margin(line, page)})
    needed = count_needed(len(pages))
    common = {key for key, n in counts.items() if n >= needed and key[0]}
    # Scans shift by a few points from page to page.
    return {(text, top, edge + d) for text, top, edge in common for d in (-1, 0, 1)}


def _stands_alone(line: TextLine, page: Page, repeated: Collection[tuple[str, bool, int]]) -> bool:
    """A plate's numeral may stand in the margin too, but then its title stands beside or under it, and so
    may an entry's, beside a title in large type. Beside a running head it is the folio."""
    if _numbers_title(line, page):
        return False
    near = [
        other
        for other in page.lines
        if other is not line
        and abs(other.box[1] - line.box[1]) < 3 * line.size
        and abs(other.box[0] - line.box[2]) < 6 * line.size
        and other.size > 0.8 * line.size
        and _in_margin(other, page)
        and not (_is_level(line, other) and _is_repeated(other, page, repeated))
    ]
    return not near


def _is_level(line: TextLine, other: TextLine) -> bool:
    return abs(other.box[3] - line.box[3]) < 0.5 * line.size


def _numbers_title(line: TextLine, page: Page) -> bool:
    """Whether a number stands on the row of a title, set larger, that begins right behind it."""
    return any(
        other.size > LARGE_TYPE * line.size
        and not _FOLIO.match(other.text)
        and overlap_y(other.box, line.box) > 0.5 * line.size
        and 0 <= other.box[0] - line.box[2] <= MAX_BLANK_EM * line.size
        for other in page.lines
    )


def _heads_column(line: TextLine, page: Page) -> bool:
    """Whether a number stands over a column in its type: a caption's, with a blank between."""
    return any(
        other.direction == line.direction == "vertical"
        and max(other.size, line.size) <= SAME_SIZE * min(other.size, line.size)
        and abs(other.box[0] + other.box[2] - line.box[0] - line.box[2]) <= FLUSH_EM * line.size
        and 0 <= other.box[1] - line.box[3] <= MAX_BLANK_EM * line.size
        for other in page.lines
        if other is not line
    )


def _heads_columns(line: TextLine, page: Page) -> bool:
    """Whether a number stands where the columns of a page begin: one that keys a note is in the type area."""
    columns = [
        other
        for other in page.lines
        if other.direction == "vertical" and abs(other.box[1] - line.box[1]) <= FLUSH_EM * line.size
    ]
    return len(columns) >= MIN_COLUMNS


def _is_ruled_off(line: TextLine, page: Page) -> bool:
    """Whether a rule over most of the page stands right under a head, or over a foot."""
    is_head = line.box[3] < page.height / 2
    away = [
        rule[1] - line.box[3] if is_head else line.box[1] - rule[3]
        for rule in page.rules
        if _spans_page(rule, page)
    ]
    return any(0 <= distance <= MAX_RULE_EM * line.size for distance in away)


def _spans_page(rule: Box, page: Page) -> bool:
    return rule[2] - rule[0] >= RULE_SHARE * page.width


def _shares_line_with_folio(line: TextLine, page: Page) -> bool:
    """A running foot beside the folio, at the outermost line of the page; what may be a caption's words needs
    a rule between it and the page."""
    if any(c in line.text for c in "图圖：《") and not _is_ruled_off(line, page):
        return False
    outer = (
        max(page.lines, key=lambda ln: ln.box[3])
        if line.box[1] > page.height / 2
        else min(page.lines, key=lambda ln: ln.box[1])
    )
    if abs(outer.box[1] - line.box[1]) > line.size:
        return False
    return any(
        other is not line
        and _FOLIO.match(other.text)
        and abs(other.box[1] - line.box[1]) < 0.6 * line.size
        and _in_margin(other, page)
        for other in page.lines
    )
