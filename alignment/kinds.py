"""What a figure is – pattern, textile, detail, mural or another – by named evidence, with a score.

Each piece of evidence speaks for one or more kinds with so many nats of log-odds; they are added up, and the
softmax of the sums is the score. Pieces are: the figure's place in its catalogue entry, as pairing found it
(`entry_texts`, `entry_sections`); its size among the entry's pictures; what runs along its edge; the words of
its own title and caption, as a profile lists them; and what the books of the series show at all.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import get_args

from alignment.composition import Draft
from alignment.layout import PageLayout
from alignment.photographs import PAPER_WHITE, has_ground, is_grey
from alignment.records import Kind
from alignment.text.profiles import Profile
from alignment.text.simplifying import simplify
from alignment.texts import find_title, strip_asides
from extractors.geometry import area, union
from extractors.records import Box, Tones

KINDS: tuple[Kind, ...] = get_args(Kind)
Nats = Mapping[Kind, float]
ONLY = "entry:single-figure"

# A series of one kind; books that may show anything; books of silk, of which a figure without other evidence
# may be a portrait or a map.
OF_PROFILE, OF_ANY_BOOK, OF_NO_ENTRY = 3.0, 4.0, 1.0
# What ends a title is its noun (…纹 is a pattern, …纹锦 a textile), unless brackets say which part or view of
# it is shown; elsewhere a word may be about another thing.
ASIDE, TITLE_END, WORD = 6.0, 3.5, 2.0
# A picture half as large again as the next is the pattern for sure; of two alike it is the first.
EQUAL_SIZE, LARGEST, SIZE_NATS = 1.0, 3.0, 5.0
NEAR_HEADING, ALONE, UNDER_RUBRIC = 1.5, 4.0, 4.0
# A 图： line in an entry of one figure may tell of a textile that is not shown.
ALONE_WITH_PHOTO_LINE = 2.0
PHOTO_LINE, OWN_SENTENCE, NO_OWN_TEXT = 4.0, 4.0, 3.5
# A photograph that looks like the details beside it may be one of them, and one of them it.
ALIKE = 3.0
# Studio backdrops are grey, and even; a pattern's ground has a colour, or motifs run over its edge. What is
# cut out stands on the paper's white, as some patterns do.
BACKDROP, CUT_OUT, NO_BACKDROP, SAME_GROUND = 2.0, 0.5, 1.0, 1.0
EVEN = 0.7
NAMED = 3
# （局部）
_ASIDE = re.compile(r"[（(〔［\[【]([^（()）]{1,8})[)）〕］\]】]")


@dataclass(frozen=True, slots=True)
class DecidedKind:
    """`score` is 0–1; `rule` names the evidence that spoke for the kind, what weighed most first."""

    kind: Kind
    score: float
    rule: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of evidence and what it says for each kind."""

    name: str
    nats: Nats


def decide_kinds(
    drafts: Sequence[Draft], layouts: Sequence[PageLayout], profile: Profile
) -> list[DecidedKind]:
    """The kind of each draft of a book, parallel to them."""
    tones = {(la.page.number, p.box): p.tones for la in layouts for p in la.pictures if p.tones}
    entries: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if _is_of_entry(draft):
            entries[draft.entry].append(draft)
    return [
        _decide([
            *_weigh_place(draft, entries.get(draft.entry, [draft]), profile),
            *_weigh_looks(draft, entries.get(draft.entry, ()), tones, profile),
            *_weigh_words(draft, profile),
        ])
        for draft in drafts
    ]  # fmt: skip


def _decide(pieces: Sequence[_Piece]) -> DecidedKind:
    sums = {kind: sum(piece.nats.get(kind, 0.0) for piece in pieces) for kind in KINDS}
    best = max(KINDS, key=lambda kind: sums[kind])
    score = 1 / sum(math.exp(value - sums[best]) for value in sums.values())
    spoke = sorted((p for p in pieces if p.nats.get(best, 0.0) > 0), key=lambda p: -p.nats[best])
    return DecidedKind(best, round(score, 4), "+".join(piece.name for piece in spoke[:NAMED]) or "none")


def _is_of_entry(draft: Draft) -> bool:
    """Whether pairing dealt with the figure as one of a catalogue entry's, each with a part to play."""
    return draft.kind != "figure"


def _weigh_place(draft: Draft, entry: Sequence[Draft], profile: Profile) -> Iterator[_Piece]:
    if profile.kind:
        yield _Piece("profile", {_as_kind(profile.kind): OF_PROFILE})
        return
    if not _is_of_entry(draft):
        yield _Piece("outside-entries", {"figure": OF_NO_ENTRY if profile.kinds else OF_ANY_BOOK})
        return
    if "section" in draft.rule.split("+"):
        yield _Piece("rubric", {draft.kind: UNDER_RUBRIC})
        return
    if draft.rule.startswith(ONLY):
        yield _Piece("single-figure", {"pattern": ALONE})
        if any(block.mark and block.mark.style == "photo" for block, _ in draft.texts):
            yield _Piece("photo-line", {"textile": ALONE_WITH_PHOTO_LINE})
        return
    if draft is min(entry, key=lambda d: (d.page, round(union(d.parts)[1]), round(union(d.parts)[0]))):
        yield _Piece("near-heading", {"pattern": NEAR_HEADING})
    photos = [d for d in entry if d.kind == "textile"]
    if draft.kind == "pattern":
        others = max((_measure(d) for d in entry if d is not draft), default=0.0)
        larger = SIZE_NATS * math.log(max(1.0, _measure(draft) / max(1.0, others)))
        yield _Piece("largest", {"pattern": min(LARGEST, EQUAL_SIZE + larger)})
    elif draft.kind == "textile":
        doubt = max(0.0, ALIKE - draft.margin) if len(entry) > len(photos) + 1 else 0.0
        yield _Piece("photo-line", {"textile": PHOTO_LINE, "cropped_pattern": doubt})
    else:
        name, nats = ("own-sentence", OWN_SENTENCE) if draft.texts else ("no-own-text", NO_OWN_TEXT)
        doubt = max((ALIKE - photo.margin for photo in photos), default=0.0)
        yield _Piece(name, {"cropped_pattern": nats, "textile": max(0.0, doubt)})


def _measure(draft: Draft) -> float:
    return sum(area(part) for part in draft.parts)


def _as_kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind == name)


def _weigh_looks(
    draft: Draft, entry: Sequence[Draft], tones: Mapping[tuple[int, Box], Tones], profile: Profile
) -> Iterator[_Piece]:
    """What runs along the edge of the figure's largest part; only where textiles are told from patterns."""
    found = _find_tones(draft, tones)
    if found is None or profile.kind or not (_is_of_entry(draft) or profile.kinds):
        return
    pattern = next((d for d in entry if d.kind == "pattern" and d is not draft), None)
    ground = _find_tones(pattern, tones) if pattern else None
    if ground and has_ground(found, ground):
        yield _Piece("same-ground", {"cropped_pattern": SAME_GROUND})
        return
    is_even = found.plain >= EVEN
    if is_even and min(found.border) >= PAPER_WHITE:
        yield _Piece("cut-out", {"textile": CUT_OUT})
    elif is_even and is_grey(found.border):
        yield _Piece("backdrop", {"textile": BACKDROP})
    else:
        yield _Piece("no-backdrop", {"pattern": NO_BACKDROP, "cropped_pattern": NO_BACKDROP})


def _find_tones(draft: Draft, tones: Mapping[tuple[int, Box], Tones]) -> Tones | None:
    return tones.get((draft.page, max(draft.parts, key=area)))


def _weigh_words(draft: Draft, profile: Profile) -> Iterator[_Piece]:
    """What brackets in the figure's own title, caption and keeper say, else a title's noun, else words.

    A heading names the whole entry, and an only figure has all that is said in it: no evidence for one.
    """
    heads = [simplify(text) for text in _list_heads(draft)]
    ends = [strip_asides(find_title(head)) for head in heads]
    asides = [aside for head in heads for aside in _ASIDE.findall(head)]
    closing, anywhere = _part_words(profile.kinds)
    for name, nats, kinds in (
        ("aside", ASIDE, [kind for kind, words in closing if any(a.endswith(words) for a in asides)]),
        ("title-noun", TITLE_END, [kind for kind, words in closing if any(e.endswith(words) for e in ends)]),
        ("word", WORD, [kind for kind, words in anywhere if any(w in h for w in words for h in heads)]),
    ):
        if kinds:
            yield from (_Piece(name, {kind: nats}) for kind in kinds)
            return


def _list_heads(draft: Draft) -> list[str]:
    if draft.words:
        return [draft.words.split("：", 1)[1]]
    if draft.rule.startswith(ONLY):
        return []
    roles = ("caption", "collection") if _is_of_entry(draft) else ("title", "caption", "collection")
    return [block.text for block, role in draft.texts if role in roles]


_Words = tuple[tuple[Kind, tuple[str, ...]], ...]


@cache
def _part_words(kinds: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[_Words, _Words]:
    """(those that end a title, the others) by kind."""
    closing = ((_as_kind(kind), tuple(w[:-1] for w in words if w.endswith("$"))) for kind, words in kinds)
    others = ((_as_kind(kind), tuple(w for w in words if not w.endswith("$"))) for kind, words in kinds)
    return tuple(closing), tuple(others)
