"""Images as placed → pictures: strips and tiles united, grounds under text and watermarks left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from extractors.geometry import area, height, intersection, iou, overlap_share, union, width
from extractors.page_trace import PlacedImage
from extractors.records import Box, TextLine

# Print is trimmed and scanners crop: what takes up four fifths of a page is meant to fill it.
FULL_PAGE_SHARE = 0.8
# A plate that fills the page may carry its caption; a ground carries a page of text.
_GROUND_CHARACTERS = 150
_PANEL_CHARACTERS = 40
_TEXT_AREA_SHARE = 0.3
# Tiles are cut at whole pixels, so their edges meet within a fraction of a point.
_SEAM = 1.2
_CROSSING_LINES = 2
_RULE_THICKNESS = 4.0
_FAINT = 0.35
_BLEED = 4.0
# Art at a page's corner carries its head or folio. A photograph as large as a quarter of the page carries no
# more than a caption, which is set small.
_DECORATION_SHARES, _TITLE_RATIO = (0.25, 0.5), 1.3
_SPECK = 3.0


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


def sort_images(images: Sequence[PlacedImage], lines: Sequence[TextLine], page: Box) -> Sorted:
    """Tells pictures from rules, grounds, watermarks and specks; `page` is the page's own box."""
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
    united = [_unite(group) for group in _group_tiles(_drop_copies(rest))]
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


def _group_tiles(images: Sequence[PlacedImage]) -> list[list[PlacedImage]]:
    """Images that continue each other edge to edge."""
    groups: list[list[PlacedImage]] = []
    for image in sorted(images, key=lambda i: (i.visible[1], i.visible[0])):
        touching = [g for g in groups[-60:] if any(_continues(other, image) for other in g[-60:])]
        merged = [image] if not touching else [*(i for g in touching for i in g), image]
        groups = [g for g in groups if all(g is not t for t in touching)]
        groups.append(merged)
    # A grid's rows meet as wholes though their tiles do not line up.
    return _join_rows(groups)


def _join_rows(groups: list[list[PlacedImage]]) -> list[list[PlacedImage]]:
    boxes = [union(i.visible for i in g) for g in groups]
    result: list[tuple[Box, list[PlacedImage]]] = []
    for box, group in sorted(zip(boxes, groups, strict=True), key=lambda item: (item[0][1], item[0][0])):
        for index, (other, members) in enumerate(result):
            if _are_aligned(other, box):
                result[index] = (union([other, box]), members + group)
                break
        else:
            result.append((box, list(group)))
    return [group for _, group in result]


def _continues(a: PlacedImage, b: PlacedImage) -> bool:
    return _are_aligned(a.visible, b.visible)


def _are_aligned(a: Box, b: Box) -> bool:
    """Whether two boxes share a whole side."""
    below = abs(a[3] - b[1]) <= _SEAM or abs(b[3] - a[1]) <= _SEAM
    beside = abs(a[2] - b[0]) <= _SEAM or abs(b[2] - a[0]) <= _SEAM
    same_columns = abs(a[0] - b[0]) <= _SEAM and abs(a[2] - b[2]) <= _SEAM
    same_rows = abs(a[1] - b[1]) <= _SEAM and abs(a[3] - b[3]) <= _SEAM
    return (below and same_columns) or (beside and same_rows)


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
    small, large = _DECORATION_SHARES
    is_title = any(line.size > _TITLE_RATIO * _usual_size(lines) for line in inside)
    if area(box) < (large if is_title else small) * page_area and inside and _count_bled(box, page) > 1:
        return "page decoration under text"
    return ""


def _usual_size(lines: Sequence[TextLine]) -> float:
    """The type size (points) of the page's middle line."""
    return median(line.size for line in lines)


def _crosses_edge(line: TextLine, box: Box) -> bool:
    """Whether a line of text runs over the picture's left or right edge, which text beside a figure never
    does."""
    middle = (line.box[1] + line.box[3]) / 2
    covered = min(line.box[2], box[2]) - max(line.box[0], box[0])
    outside = max(box[0] - line.box[0], line.box[2] - box[2])
    return box[1] < middle < box[3] and min(covered, outside) > 2 * line.size


def _count_bled(box: Box, page: Box) -> int:
    """How many of the page's edges the box reaches."""
    near = (box[0] - page[0], box[1] - page[1], page[2] - box[2], page[3] - box[3])
    return sum(distance < _BLEED for distance in near)


def _lies_inside(inner: Box, outer: Box) -> bool:
    return overlap_share(inner, outer) > 0.95 and area(inner) < 0.7 * area(outer)


def _unite_overlapping(pictures: Sequence[PlacedPicture]) -> list[PlacedPicture]:
    """A picture drawn over another (an inset, a badge, a cut-out) is part of it."""
    united: list[PlacedPicture] = []
    for picture in pictures:
        current = picture
        while True:
            touching = [u for u in united if _overlap(u.box, current.box)]
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


def _overlap(a: Box, b: Box) -> bool:
    smaller = min(area(a), area(b))
    return area(intersection(a, b)) > 0.25 * smaller
