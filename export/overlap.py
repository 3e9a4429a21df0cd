"""What two images have in common where one is laid on the other, and whether they then show the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from export.local_features import STEP, Features, count_bits
from export.pixel_check import Agreement

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]
Points = NDArray[np.float32]

_LEVEL_SLACK = 0.75
# Features of the one image lie no nearer to its edge; the other's may.
_EDGE_PX = 16.0
_PART_FEATURES, _MOST_PARTS = 10, 5
_TOLD, _PART_SHARE = 0.5, 0.25
# What printing and scanning do to colours: contrast and brightness of a channel change, within limits.
_GAIN, _BRIGHTNESS = (0.7, 1.4), 36.0
_GREY_CHROMA = 8.0
# Fewer matched features than this are no image.
_ENOUGH = 40
_LEAST_AREA, _LEAST_LIKENESS, _MOST_OFF = 0.3, 0.3, 14.0
_LUMA = np.array([[0.299], [0.587], [0.114]])


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two images laid on each other.

    `area` is the overlap as a share of the smaller image, `whole` of the larger. Of the features there, as
    many as both could have, `matched` are found in both, a `share` of 0–1; `spread` is the share of the
    overlap's parts in which some are. `bits` is how far matched descriptors differ on average (of 256), `off`
    how far colours do after a change of contrast and brightness (grey levels).
    """

    area: float = 0.0
    whole: float = 0.0
    share: float = 0.0
    spread: float = 0.0
    matched: int = 0
    bits: float = 256.0
    off: float = 255.0
    placing: Reals | None = field(default=None, compare=False)

    @property
    def likeness(self) -> float:
        """0–1: how much of the smaller image is found again in the other, in whatever colours; a few features
        prove little."""
        return self.area * self.share * self.spread * min(1.0, self.matched / _ENOUGH)

    @property
    def is_worth_a_look(self) -> bool:
        """Whether the pixels may yet say that both images show the same."""
        return (
            self.area >= _LEAST_AREA
            and self.likeness >= _LEAST_LIKENESS
            and (
                self.off <= _MOST_OFF or (self.area >= RECOLOURED.area and self.matched >= RECOLOURED.matched)
            )
        )

    def shows_same(self, agreement: Agreement) -> bool:
        """Whether one image shows what the other shows, or a part of it."""
        return any(rule.holds(self, agreement) for rule in (SAME_COLOURS, RECOLOURED))


@dataclass(frozen=True, slots=True)
class Rule:
    """The least that an overlap must have, and the most of `off`; found on drawn pictures
    (benchmarks/leakage)."""

    area: float
    matched: int
    drawn: float
    whole: float = 0.0
    share: float = 0.0
    worst: float = -1.0
    mapped: float = 0.0
    off: float = 255.0

    def holds(self, overlap: Overlap, agreement: Agreement) -> bool:
        """Whether two images agree as well as this."""
        return (
            overlap.area >= self.area
            and overlap.whole >= self.whole
            and overlap.matched >= self.matched
            and overlap.share >= self.share
            and agreement.drawn >= self.drawn
            and agreement.worst >= self.worst
            and agreement.mapped >= self.mapped
            and agreement.off <= self.off
        )


# The same lines in the same colours: a detail, a second scan. A motif that two pictures share stands on
# another ground, or in other colours, in one of them.
SAME_COLOURS = Rule(area=0.3, matched=30, share=0.45, drawn=0.9, worst=0.7, off=7.5)
# In other colours only where it is the whole of one of them, line by line, and the colours of the one follow
# from those of the other: where two things have one colour, they have one colour in the other as well.
RECOLOURED = Rule(area=0.8, whole=0.8, matched=100, share=0.5, drawn=0.97, worst=0.8, mapped=0.975)
NO_OVERLAP = Overlap()


def scale_of(placing: Reals) -> float:
    """By how much a similarity (2, 3) enlarges."""
    return float(np.hypot(placing[0, 0], placing[1, 0]))


def place_points(points: Points, placing: Reals) -> Reals:
    """The x, y of `points` (n, 2 or more) where `placing` puts them: (n, 2)."""
    placed: Reals = points[:, :2] @ placing[:, :2].T + placing[:, 2]
    return placed


def judge_overlap(one: Features, other: Features, placing: Reals, found: tuple[Counts, Counts]) -> Overlap:
    """Measures the overlap where `placing` puts `one` on `other`; `found` are the features alike there."""
    scale = scale_of(placing)
    shift = np.log(scale) / np.log(STEP)
    inverse: Reals = np.linalg.inv(np.vstack((placing, [0, 0, 1])))[:2]
    back = place_points(other.points, inverse)
    mine = _could_match(place_points(one.points, placing), one.points[:, 2] + shift, other)
    theirs = _could_match(back, other.points[:, 2] - shift, one)
    matched = mine[found[0]]
    corners = place_points(np.array([(0, 0), (one.width, one.height)], np.float32), placing)
    low, high = np.maximum(0, corners[0]), np.minimum((other.width, other.height), corners[1])
    common = float(np.prod(np.maximum(0, high - low)))
    areas = sorted((max(1.0, one.width * one.height * scale**2), max(1.0, other.width * other.height)))
    total = min(int(mine.sum()), int(theirs.sum()))
    span = place_points(np.array([low, high], np.float32), inverse)
    hits = place_points(one.points[found[0][matched]], np.eye(2, 3))
    return Overlap(
        area=min(1.0, common / areas[0]),
        whole=min(1.0, common / areas[1]),
        share=min(1.0, float(matched.sum()) / max(1, total)),
        spread=_measure_spread(one.points[mine], back[theirs], hits, span, total),
        matched=int(matched.sum()),
        bits=float(count_bits(one.descriptors[found[0]], other.descriptors[found[1]]).mean()),
        off=_compare_colours(one, other, found),
        placing=placing,
    )


def _could_match(places: Reals, levels: Reals, image: Features) -> NDArray[np.bool_]:
    """Which features, placed on another image at these levels, it could have as well."""
    margin = (_EDGE_PX * STEP**levels)[:, None]
    inside = ((places >= margin) & (places <= np.array([image.width, image.height]) - margin)).all(1)
    known: NDArray[np.bool_] = (
        inside & (levels >= -_LEVEL_SLACK) & (levels <= image.points[:, 2].max() + _LEVEL_SLACK)
    )
    return known


def _measure_spread(mine: Points, theirs: Reals, hits: Reals, span: Reals, total: int) -> float:
    """The share of parts of the overlap with matches, of those in which either image has features.

    Where one has features and the other has none, the two differ.
    """
    parts = int(np.clip(np.sqrt(total / _PART_FEATURES), 2, _MOST_PARTS))
    ours, yours, both = (_count_parts(p, span, parts) for p in (mine, theirs, hits))
    told = (ours >= _TOLD * ours.mean()) | (yours >= _TOLD * yours.mean())
    expected = np.minimum(total / parts**2, np.minimum(ours, yours))
    agrees = (both >= 1) & (both >= _PART_SHARE * expected)
    return float(agrees[told].mean()) if told.any() else 0.0


def _count_parts(points: Reals | Points, span: Reals, parts: int) -> Counts:
    size = np.maximum(1e-6, span[1] - span[0])
    cells = np.clip(np.floor((points[:, :2] - span[0]) / size * parts), 0, parts - 1).astype(np.int64)
    return np.bincount(cells[:, 0] * parts + cells[:, 1], minlength=parts * parts)


def _compare_colours(one: Features, other: Features, found: tuple[Counts, Counts]) -> float:
    """Grey levels by which the colours around matched features differ, after the change of contrast and
    brightness of each channel that a scan may have made. Where one image is grey, by brightness alone."""
    a, b = one.colours[found[0]].astype(np.float64), other.colours[found[1]].astype(np.float64)
    if min(_measure_chroma(one), _measure_chroma(other)) < _GREY_CHROMA:
        a, b = a @ _LUMA, b @ _LUMA
    return max(_leave_over(a, b), _leave_over(b, a))


def _measure_chroma(image: Features) -> float:
    return float((image.colours.max(1).astype(np.int64) - image.colours.min(1)).mean())


def _leave_over(a: Reals, b: Reals) -> float:
    x, y = a - a.mean(0), b - b.mean(0)
    gain = np.clip((x * y).sum(0) / np.maximum(1.0, (x * x).sum(0)), *_GAIN)
    brightness = b.mean(0) - a.mean(0)
    rest = y - gain * x + brightness - np.clip(brightness, -_BRIGHTNESS, _BRIGHTNESS)
    return float(np.sqrt((rest * rest).mean()))
