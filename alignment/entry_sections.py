"""Entries whose texts stand under rubrics (纹样 … 实物 … 细节 …): what is under one belongs together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from alignment.entries import Entry
from alignment.entry_shares import Share, find_role
from alignment.entry_spans import Placed, get_picture
from alignment.records import Kind
from alignment.regions import Block
from extractors.geometry import area, centre, gap

MIN_RUBRICS, COLUMN_EM = 2, 3.0
_RULES: dict[Kind, str] = {
    "pattern": "entry:heading",
    "textile": "entry:photo-line",
    "cropped_pattern": "entry:own-sentence",
}
_DETAIL = re.compile("[细細][节節部]|局部|放大|特[写寫]")


@dataclass(slots=True)
class _Section:
    """What stands under a rubric; the first one has what stands before all rubrics, and no word."""

    word: str = ""
    pictures: list[Placed] = field(default_factory=list)
    texts: list[Placed] = field(default_factory=list)


def share_sections(entry: Entry) -> list[Share]:
    """The entry's pictures with the texts of their sections; empty without rubrics that head any of them.

    The pattern has what stands before the rubrics, and what is under one without a picture is of the picture
    before.
    """
    sections = _cut_sections(entry)
    if len(sections) <= MIN_RUBRICS or not any(s.pictures for s in sections[1:]):
        return []
    shares: list[Share] = []
    waiting: list[Placed] = []
    for section in sections:
        own = [_open_share(p, section, is_first=not shares and k == 0) for k, p in enumerate(_rank(section))]
        if not (own or shares):
            waiting += section.texts
            continue
        texts, waiting = [*waiting, *section.texts], []
        for item in texts:
            assert item.block
            taker = (
                _find_nearest(own, item) if len(own) > 1 else (own or shares)[-1 if own else _last(shares)]
            )
            taker.texts.append((item.block, _find_text_role(entry, item, taker)))
        shares += own
    for share in shares:
        if share.texts:
            share.rule, share.score = f"{_RULES[share.kind]}+section", 0.9
    return shares


def _last(shares: Sequence[Share]) -> int:
    """The index of the picture that was last described: a detail has one sentence."""
    return max((k for k, share in enumerate(shares) if share.kind != "cropped_pattern"), default=-1)


def _rank(section: _Section) -> list[Placed]:
    return sorted(section.pictures, key=lambda p: -area(get_picture(p).box))


def _open_share(placed: Placed, section: _Section, *, is_first: bool) -> Share:
    kind: Kind = "pattern" if is_first else "cropped_pattern" if _DETAIL.search(section.word) else "textile"
    return Share(placed.page, get_picture(placed), kind, "none:no text printed for this detail", 0.0)


def _find_nearest(shares: Sequence[Share], item: Placed) -> Share:
    assert item.block
    here = [s for s in shares if s.page == item.page] or list(shares)
    box = item.block.box
    return min(here, key=lambda s: gap(s.picture.box, box))


def _find_text_role(entry: Entry, item: Placed, taker: Share) -> str:
    role = find_role(entry, item)
    return "caption" if role == "body" and not taker.texts else role


def _cut_sections(entry: Entry) -> list[_Section]:
    """The sections in printed order. Under a rubric is what begins below its top, on its page and side of it,
    down to the next rubric; what stands on later pages is of the last one."""
    rubrics = [item for item in entry.items if item.role == "rubric" and item.block]
    sections = [_Section(), *(_Section(_get_block(r).text) for r in rubrics)]
    for item in entry.items:
        if item.role in ("rubric", "reference"):
            continue
        section = sections[_find_section(item, rubrics)]
        (section.pictures if item.picture else section.texts).append(item)
    return sections


def _find_section(item: Placed, rubrics: Sequence[Placed]) -> int:
    """0 for what stands before all rubrics, else 1 + the rubric's index."""
    over = [(k, _get_block(r)) for k, r in enumerate(rubrics) if r.page == item.page]
    if not over:
        return sum(r.page < item.page for r in rubrics)
    box = item.picture.box if item.picture else _get_block(item).box
    first = min(k for k, _ in over)
    # A picture left of the rubrics is that of the entry; text may stand beside its rubric.
    before = [(k, b) for k, b in over if b.box[0] <= centre(box)[0] and b.box[1] <= box[1] + b.size]
    if not before:
        return first
    column = max(b.box[0] for _, b in before) - COLUMN_EM * before[0][1].size
    return 1 + max((b.box[1], k) for k, b in before if b.box[0] >= column)[1]


def _get_block(item: Placed) -> Block:
    assert item.block
    return item.block
