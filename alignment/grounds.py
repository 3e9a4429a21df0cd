"""Pictures that repeat through the book, taken off the figures with which they were seen as one.

A pale picture may lie under each page. Where text runs over it a page alone shows what it is, but where a
figure lies on it only the other pages do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from extractors.geometry import area, intersection, union
from extractors.records import Dropped, Page, Picture

REPEATED = "ornament repeated on many pages"
# As readers unite what is drawn one over the other.
OVERLAP_SHARE = 0.25


def count_fingerprints(pages: Sequence[Page]) -> Counter[str]:
    """On how many pages each picture is, alone, as a piece of another or left out for a reason."""
    counts: Counter[str] = Counter()
    for page in pages:
        # A ground or watermark may have been told by the text on it, on the pages where there was text.
        known = {p.fingerprint for p in page.pictures} | {d.fingerprint for d in page.dropped}
        known |= {piece.fingerprint for p in page.pictures for piece in p.pieces}
        counts.update(known - {""})
    return counts


def lift_off(page: Page, repeated: Collection[str]) -> Page:
    """The page with its pictures freed of the pieces whose fingerprints are `repeated`."""
    pictures: list[Picture] = []
    dropped: list[Dropped] = []
    for picture in page.pictures:
        ornaments = [piece for piece in picture.pieces if piece.fingerprint in repeated]
        if not ornaments:
            pictures.append(picture)
            continue
        dropped += [Dropped(page.number, "picture", REPEATED, p.box, p.fingerprint) for p in ornaments]
        pictures += _unite([p for p in picture.pieces if p.fingerprint not in repeated], page)
    if not dropped:
        return page
    return replace(page, pictures=tuple(pictures), dropped=(*page.dropped, *dropped))


def _unite(pieces: Sequence[Picture], page: Page) -> list[Picture]:
    """Pieces that lie on each other, without what lay under them all, as one picture."""
    groups: list[list[Picture]] = []
    for piece in pieces:
        touching = [g for g in groups if any(_overlap(piece, other) for other in g)]
        groups = [g for g in groups if all(g is not t for t in touching)]
        groups.append([*(p for g in touching for p in g), piece])
    return [_join(group, page) for group in groups]


def _join(group: Sequence[Picture], page: Page) -> Picture:
    largest = max(group, key=lambda p: area(p.box))
    box = union(p.box for p in group)
    share = round(min(1.0, area(box) / (page.width * page.height)), 4)
    return replace(largest, box=box, coverage=share)


def _overlap(a: Picture, b: Picture) -> bool:
    return area(intersection(a.box, b.box)) > OVERLAP_SHARE * min(area(a.box), area(b.box))
