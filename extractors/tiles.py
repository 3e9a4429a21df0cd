"""Images that are tiles of one: strips and grids that programs cut pictures into."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.geometry import height, overlap_x, overlap_y, union, width
from extractors.page_trace import PlacedImage
from extractors.records import Box

# Tiles are cut at whole pixels, so their edges meet within a fraction of a point.
_SEAM = 1.2
_BLEED = 4.0
# Tiles of one image have one resolution, up to pixels that are cut in two, and meet along a side.
_ROUNDED, _SAME_SCALE, _MOST_OF_SIDE = 2.0, 0.01, 0.6


def group_tiles(images: Sequence[PlacedImage], page: Box) -> list[list[PlacedImage]]:
    """Images that continue each other edge to edge."""
    groups: list[list[PlacedImage]] = []
    for image in sorted(images, key=lambda i: (i.visible[1], i.visible[0])):
        touching = [g for g in groups[-60:] if any(_continues(other, image, page) for other in g[-60:])]
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


def _continues(a: PlacedImage, b: PlacedImage, page: Box) -> bool:
    return _are_aligned(a.visible, b.visible) or (
        count_bled(a.visible, page) + count_bled(b.visible, page) > 1 and _are_cut_apart(a, b)
    )


def _are_cut_apart(a: PlacedImage, b: PlacedImage) -> bool:
    """Whether two images meet along a side and have one resolution: art at a page's corner is cut into tiles
    of all sizes."""
    beside, above = (-overlap_x(a.visible, b.visible), -overlap_y(a.visible, b.visible))
    if max(beside, above) > _SEAM or min(abs(beside), abs(above)) > _SEAM:
        return False
    side = height if abs(beside) <= _SEAM else width
    shorter = min(side(a.visible), side(b.visible))
    return -min(beside, above) > _MOST_OF_SIDE * shorter and _have_one_resolution(a, b)


def _have_one_resolution(a: PlacedImage, b: PlacedImage) -> bool:
    """Whether both have the same pixels a point, as far as whole pixels can tell."""
    if min(width(b.box), height(b.box)) < 1:
        return False
    across = b.width_px * width(a.box) / width(b.box)
    down = b.height_px * height(a.box) / height(b.box)
    pairs = ((a.width_px, across), (a.height_px, down))
    return all(abs(own - other) <= _ROUNDED + _SAME_SCALE * other for own, other in pairs)


def _are_aligned(a: Box, b: Box) -> bool:
    """Whether two boxes share a whole side."""
    below = abs(a[3] - b[1]) <= _SEAM or abs(b[3] - a[1]) <= _SEAM
    beside = abs(a[2] - b[0]) <= _SEAM or abs(b[2] - a[0]) <= _SEAM
    same_columns = abs(a[0] - b[0]) <= _SEAM and abs(a[2] - b[2]) <= _SEAM
    same_rows = abs(a[1] - b[1]) <= _SEAM and abs(a[3] - b[3]) <= _SEAM
    return (below and same_columns) or (beside and same_rows)


def count_bled(box: Box, page: Box) -> int:
    """How many of the page's edges the box reaches."""
    near = (box[0] - page[0], box[1] - page[1], page[2] - box[2], page[3] - box[3])
    return sum(distance < _BLEED for distance in near)
