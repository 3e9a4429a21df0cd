"""Images as placed → pictures: strips and tiles united, grounds under text and watermarks left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.geometry import (
    area,
    height,
    intersection,
    iou,
    overlap_share,
    union,
    width,
)
from extractors.page_trace import PlacedImage
from extractors.records import Box, TextLine
from extractors.seams import Draw, part_pictures
from extractors.tiles import count_bled, group_tiles

# Print is trimmed and scanners crop: what takes up four fifths of a page is meant to fill it.
FULL_PAGE_SHARE = 0.8
# A plate that fills the page may carry its caption; a ground carries a page of text.
_GROUND_CHARACTERS = 150
_PANEL_CHARACTERS = 40
_TEXT_AREA_SHARE = 0.3
_CROSSING_LINES = 2
_RULE_THICKNESS = 4.0
_FAINT = 0.35
# Art at a page's corner carries its head or folio. A photograph as large as a quarter of the page may carry a
# caption, or the title of an article that begins there.
_DECORATION_SHARE = 0.25
_SPECK = 3.0
_OVERLAP_SHARE, _MANY_PAIRS = 0.25, 10_000
# Art at a page's corner takes up little of it.
_CORNER_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """One picture and the images that it is made of; `pieces` are pictures that lie on each other."""

    box: Box
    fingerprint: str
    images: tuple[PlacedImage, ...]
    pieces: tuple[PlacedPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that is no figure, and why."""

    box: Box
    reason: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Images of a page: pictures, thin ones that are rules, and what was left out with its reason."""

    pictures: tuple[PlacedPicture, ...]
    rules: tuple[Box, ...]
    dropped: tuple[LeftOut, ...]


def sort_images(images: Sequence[PlacedImage], lines: Sequence[TextLine], page: Box, draw: Draw) -> Sorted:
    """Tells pictures from rules, grounds, watermarks and specks; `page` is the page's own box, parts of which
    `draw` shows."""
    rules: list[Box] = []
    dropped: list[LeftOut] = []
    rest: list[PlacedImage] = []
    for image in images:
        short, long = sorted((width(image.visible), height(image.visible)))
        if short < _RULE_THICKNESS and long > 8 * max(short, 0.1):
            rules.append(image.visible)
        elif short < _SPECK:
            continue
        elif image.alpha < _FAINT:
            dropped.append(LeftOut(image.visible, "watermark", image.key))
        else:
            rest.append(image)
    touching = group_tiles(_drop_copies(rest), page)
    united = [_unite(group) for images in touching for group in part_pictures(images, lines, page, draw)]
    grounds = [_find_reason(p, united, lines, page) for p in united]
    dropped += [
        LeftOut(p.box, reason, p.fingerprint) for p, reason in zip(united, grounds, strict=True) if reason
    ]
    pictures = [p for p, reason in zip(united, grounds, strict=True) if not reason]
    return Sorted(tuple(_unite_overlapping(pictures)), tuple(rules), tuple(dropped))


def _drop_copies(images: Sequence[PlacedImage]) -> list[PlacedImage]:
    """The last of images that lie on the same place: shadows and previews under the real one."""
    kept: list[PlacedImage] = []
    for image in images:
        if kept and len(images) < 400:
            kept = [k for k in kept if iou(k.visible, image.visible) < 0.97 or image.is_masked]
        kept.append(image)
    return kept


def _unite(images: Sequence[PlacedImage]) -> PlacedPicture:
    ordered = sorted(images, key=lambda i: i.order)
    if len(ordered) == 1:
        fingerprint = ordered[0].key
    else:
        fingerprint = hashlib.sha256("".join(i.key for i in ordered).encode()).hexdigest()[:32]
    return PlacedPicture(union(i.visible for i in ordered), fingerprint, tuple(ordered))


def _find_reason(
    picture: PlacedPicture, all_pictures: Sequence[PlacedPicture], lines: Sequence[TextLine], page: Box
) -> str:
    """Why a picture is no figure but a ground for others or for text; empty if it is none."""
    page_area = area(page)
    box = picture.box
    inner = [p for p in all_pictures if p is not picture and _lies_inside(p.box, box)]
    inside = [
        line
        for line in lines
        if overlap_share(line.box, box) > 0.8 and not any(overlap_share(line.box, p.box) > 0.5 for p in inner)
    ]
    characters = sum(len(line.text.replace(" ", "")) for line in inside)
    if area(box) > FULL_PAGE_SHARE * page_area:
        if characters > _GROUND_CHARACTERS:
            return "page background under text"
        if sum(area(p.box) > 0.03 * page_area for p in inner) > 1:
            return "page background under pictures"
    if inner and characters > _PANEL_CHARACTERS:
        return "panel under pictures and text"
    if characters > _PANEL_CHARACTERS and sum(area(x.box) for x in inside) > _TEXT_AREA_SHARE * area(box):
        return "panel under text"
    if len([line for line in lines if _crosses_edge(line, box)]) >= _CROSSING_LINES:
        return "ground or watermark under text"
    if _is_under_picture(picture, all_pictures, page):
        return "page decoration under a picture"
    if area(box) < _DECORATION_SHARE * page_area and inside and count_bled(box, page) > 1:
        return "page decoration under text"
    return ""


def _is_under_picture(picture: PlacedPicture, others: Sequence[PlacedPicture], page: Box) -> bool:
    """Whether art at a page's corner is partly covered by a larger picture, as no figure is."""
    if area(picture.box) > _CORNER_SHARE * area(page) or count_bled(picture.box, page) < 2:
        return False
    first = picture.images[0].order
    return any(
        area(other.box) > area(picture.box)
        and other.images[0].order > first
        and 0.02 < _share_covered(picture, other.box) < 0.9
        for other in others
    )


def _share_covered(picture: PlacedPicture, box: Box) -> float:
    tiles = [i.visible for i in picture.images]
    return sum(area(intersection(t, box)) for t in tiles) / max(1.0, sum(map(area, tiles)))


def _crosses_edge(line: TextLine, box: Box) -> bool:
    """Whether a line of text runs over the picture's left or right edge, which text beside a figure never
    does."""
    middle = (line.box[1] + line.box[3]) / 2
    covered = min(line.box[2], box[2]) - max(line.box[0], box[0])
    outside = max(box[0] - line.box[0], line.box[2] - box[2])
    return box[1] < middle < box[3] and min(covered, outside) > 2 * line.size


def _lies_inside(inner: Box, outer: Box) -> bool:
    return overlap_share(inner, outer) > 0.95 and area(inner) < 0.7 * area(outer)


def _unite_overlapping(pictures: Sequence[PlacedPicture]) -> list[PlacedPicture]:
    """A picture drawn over another (an inset, a badge, a cut-out) is part of it."""
    united: list[PlacedPicture] = []
    for picture in pictures:
        current = picture
        while True:
            touching = [u for u in united if _overlap(u, current)]
            if not touching:
                break
            united = [u for u in united if all(u is not t for t in touching)]
            current = _lay_over([*touching, current])
        united.append(current)
    return united


def _lay_over(pictures: Sequence[PlacedPicture]) -> PlacedPicture:
    pieces = [piece for p in pictures for piece in (p.pieces or (p,))]
    pieces.sort(key=lambda p: p.images[0].order)
    return replace(_unite([i for p in pictures for i in p.images]), pieces=tuple(pieces))


def _overlap(a: PlacedPicture, b: PlacedPicture) -> bool:
    smaller = _OVERLAP_SHARE * min(area(a.box), area(b.box))
    if area(intersection(a.box, b.box)) <= smaller:
        return False
    if len(a.images) * len(b.images) == 1 or len(a.images) * len(b.images) > _MANY_PAIRS:
        return True
    # Tiles around a picture's corner have a box that reaches into it.
    return sum(area(intersection(i.visible, k.visible)) for i in a.images for k in b.images) > smaller
