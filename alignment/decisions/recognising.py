"""Finding the pairs of another build again, by box, image or text; also in a new file of the same book."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from statistics import median_low

from alignment.decisions.records import MAX_TARGET_TEXT, Target
from extractors.geometry import iou

SAME_BOX = 0.7
# Bits of 64 in which perceptual hashes may differ: of one picture cut or rendered anew; in another file.
NEAR_IMAGE, NEAR_IN_FILE = 8, 6
SAME_TEXT, LIKE_TEXT = 0.85, 0.5
# Shorter texts stand under many figures: one of them, with its picture, makes no book.
MIN_TEXT, ENOUGH_VOTES = 8, 2
_UNHEARD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair of this build as decisions may name it: what `Target` has, text in full length."""

    pair_id: str
    document: str
    document_sha256: str
    page: int
    bbox: tuple[float, float, float, float]
    phash: str
    text: str

    @property
    def folded(self) -> str:
        """As much of its text as a target has, without punctuation."""
        return fold_text(self.text)


def fold_text(text: str) -> str:
    """What a target keeps of a text, without punctuation and white space."""
    return _UNHEARD.sub("", text[:MAX_TARGET_TEXT])


def find_targets(targets: Iterable[Target], candidates: Sequence[Candidate]) -> dict[str, Candidate]:
    """The candidate that each target is now, by the target's pair_id; those that cannot be told are left out.

    Several targets may be one candidate: it was decided on in several builds. But of one file only those with
    one box are: two pictures with one image, or one text, stay two.
    """
    by_file: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_file[candidate.document_sha256].append(candidate)
    wanted: defaultdict[str, list[Target]] = defaultdict(list)
    for target in sorted(targets, key=lambda t: t.pair_id):
        wanted[target.document_sha256].append(target)
    found: dict[str, Candidate] = {}
    for sha256, own in sorted(wanted.items()):
        if sha256 in by_file:
            found |= _match(own, by_file[sha256], is_same_file=True)
        elif moved := find_file(own, candidates):
            there, shift = moved
            shifted = [replace(t, page=t.page + shift) for t in own]
            found |= _match(shifted, by_file[there], is_same_file=False)
    return found


def find_file(targets: Sequence[Target], candidates: Sequence[Candidate]) -> tuple[str, int] | None:
    """(document_sha256, by how many pages it is shifted) of the file that has the pictures and texts of
    another; None where none has. A file of the same name counts before others with as many."""
    by_text: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if folded := candidate.folded:
            by_text[folded].append(candidate)
    votes: Counter[str] = Counter()
    shifts: defaultdict[str, list[int]] = defaultdict(list)
    names = {target.document for target in targets}
    for target in targets:
        folded = fold_text(target.text)
        for candidate in by_text.get(folded, ()):
            if _differ(target.phash, candidate.phash) <= NEAR_IN_FILE:
                votes[candidate.document_sha256] += ENOUGH_VOTES if len(folded) >= MIN_TEXT else 1
                shifts[candidate.document_sha256].append(candidate.page - target.page)
    named = {c.document_sha256 for c in candidates if c.document in names}
    best = max(sorted(votes), key=lambda sha256: (votes[sha256], sha256 in named), default=None)
    return (best, median_low(shifts[best])) if best and votes[best] >= ENOUGH_VOTES else None


def _match(
    targets: Sequence[Target], candidates: Sequence[Candidate], *, is_same_file: bool
) -> dict[str, Candidate]:
    """In the order of how sure a sign is: the id, the box, the image, the text."""
    found: dict[str, Candidate] = {}
    by_id = {candidate.pair_id: candidate for candidate in candidates}
    for target in targets:
        if target.pair_id in by_id:
            found[target.pair_id] = by_id[target.pair_id]
    left = [target for target in targets if target.pair_id not in found]
    for _, target, candidate in sorted(_rate_boxes(left, candidates, is_same_file), key=_by_likeness):
        found.setdefault(target.pair_id, candidate)
    for rate in (_rate_images, _rate_texts):
        taken = {candidate.pair_id for candidate in found.values()}
        left = [target for target in targets if target.pair_id not in found]
        found |= _take_best(rate(left, [c for c in candidates if c.pair_id not in taken]))
    return found


Rated = tuple[tuple[float, ...], Target, Candidate]
"""(how unlike, lower is better; target; candidate)."""


def _take_best(rated: Iterable[Rated]) -> dict[str, Candidate]:
    """Best first, each target and each candidate once; a target with two that are equally good has none."""
    ordered = sorted(rated, key=_by_likeness)
    ties = Counter((r[1].pair_id, r[0]) for r in ordered)
    found: dict[str, Candidate] = {}
    taken: set[str] = set()
    settled: set[str] = set()
    for unlike, target, candidate in ordered:
        if target.pair_id in settled or candidate.pair_id in taken:
            continue
        settled.add(target.pair_id)
        if ties[target.pair_id, unlike] == 1:
            found[target.pair_id] = candidate
            taken.add(candidate.pair_id)
    return found


def _by_likeness(rated: Rated) -> tuple[tuple[float, ...], str, str]:
    return rated[0], rated[1].pair_id, rated[2].pair_id


def _rate_boxes(
    targets: Sequence[Target], candidates: Sequence[Candidate], is_same_file: bool
) -> Iterable[Rated]:
    by_page = _group_pages(candidates)
    for target in targets:
        for candidate in by_page.get(target.page, ()):
            share = iou(target.bbox, candidate.bbox)
            if share >= SAME_BOX and (is_same_file or _looks_like(target, candidate)):
                yield (1 - share,), target, candidate


def _looks_like(target: Target, candidate: Candidate) -> bool:
    near = _differ(target.phash, candidate.phash) <= 2 * NEAR_IMAGE
    return near or _compare_texts(target, candidate) >= SAME_TEXT


def _rate_images(targets: Sequence[Target], candidates: Sequence[Candidate]) -> Iterable[Rated]:
    for target in targets:
        for candidate in candidates:
            distance = _differ(target.phash, candidate.phash)
            if distance <= NEAR_IMAGE:
                alike = _compare_texts(target, candidate)
                if alike >= LIKE_TEXT:
                    yield (distance, 1 - alike, abs(candidate.page - target.page)), target, candidate


def _rate_texts(targets: Sequence[Target], candidates: Sequence[Candidate]) -> Iterable[Rated]:
    by_page = _group_pages(candidates)
    by_text: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_text[candidate.folded].append(candidate)
    for target in targets:
        folded = fold_text(target.text)
        if len(folded) < MIN_TEXT:
            continue
        near = {c.pair_id: c for c in (*by_text.get(folded, ()), *by_page.get(target.page, ()))}
        for candidate in near.values():
            alike = _compare_texts(target, candidate)
            if alike >= SAME_TEXT:
                yield (1 - alike, abs(candidate.page - target.page)), target, candidate


def _group_pages(candidates: Collection[Candidate]) -> Mapping[int, list[Candidate]]:
    by_page: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_page[candidate.page].append(candidate)
    return by_page


def _differ(one: str, other: str) -> int:
    """Bits in which two perceptual hashes differ; 64 where one is not known."""
    if not one or not other:
        return 64
    try:
        return (int(one, 16) ^ int(other, 16)).bit_count()
    except ValueError:
        return 64


def _compare_texts(target: Target, candidate: Candidate) -> float:
    """How alike two texts are, 0-1; 1 where neither has any."""
    one, other = fold_text(target.text), candidate.folded
    if not one and not other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
