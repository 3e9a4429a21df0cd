"""What the evidence for a caption costs: one sum in nats, roughly the negative log-likelihood that a caption
stands so.

The numbers are estimates from how books are set and the same for every book; what a book itself does (on
which side its captions stand) is learned from its sure pairs and replaces the first estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from alignment.evidence import Evidence, TextSide
from alignment.marks import Style

# Captions stand below figures in most books; the others follow at a distance.
SIDE_PRIOR: dict[TextSide, float] = {
    "below": 0.62,
    "above": 0.14,
    "left": 0.09,
    "right": 0.09,
    "inside": 0.06,
}
# Between a picture and a text that says its place may stand its neighbour and that one's text.
MOST_BETWEEN = 2
# How much a text needs, beside its place, to be taken for a caption.
STYLE_COST: dict[Style, float] = {
    "figure": 0.0,
    "plate": 0.0,
    "photo": 0.0,
    "pointer": 0.0,
    "quoted": 0.3,
    "list": 0.6,
    "panel": 0.3,
    "page": 0.3,
    "label": 0.3,
    "heading": 0.8,
    "outline": 2.0,
    "bare": 1.2,
}
GAP_COST_PER_EM = 0.32
MAX_GAP_EM, LEVEL_GAP_EM, TOLD_GAP_EM = 14.0, 6.0, 3.0
BLOCKED_COST = 2.5
MISALIGNED_COST = 2.2
POINTER_COST = 5.0
GUTTER_COST = 1.5
DIAGONAL_COST = 1.5
PARAGRAPH_COST = 3.0
LARGE_TYPE_COST = 1.5
OVERHANG_COST = 2.0
# Rows of a table are parted by rules, and what belongs together stands in one row.
RULED_OFF_COST = 4.0
# Where each picture of a plate has words of its own, the plate's number is of all of them.
SHEET_COST = 2.0
# In a book that numbers its captions, a text without a number is seldom one.
UNMARKED_COST = 2.5
# Above this a pair is not believed.
MAX_COST = 6.5

# On a page without any marked caption less so: an essay between the chapters is set in its own way.
UNMARKED_PAGE_COST = 1.0
# Where figures are numbered by themselves, other numbers at a text's head are those of an enumeration.
ENUMERATION_COST = 2.0
# A text that is marked as a caption stands for a figure; one that is left over was missed.
ORPHAN_COST: dict[Style, float] = {
    "figure": 2.5,
    "plate": 2.5,
    "label": 2.5,
    "pointer": 2.5,
    "panel": 2.5,
    "list": 2.0,
    "quoted": 1.5,
}
# What a book does on the outer side of a left page it does on that of a right one; its texts without a
# number are alike, whatever they begin with.
MIRRORED_SHARE, ALIKE_SHARE = 0.5, 0.5

_UNMARKED = ("bare", "list", "heading", "outline")
_ENUMERATED = ("list", "heading", "outline")
_UNNUMBERED: tuple[Style, ...] = ("bare", "label", "quoted", "heading")
_MIRRORED: dict[TextSide, TextSide] = {"left": "right", "right": "left"}


@dataclass(slots=True)
class Habits:
    """Where a book's captions stand, by style of caption: pairs by side, each counted by how sure it is.

    `numbers_captions` says that its figures are captioned 图1, 图2 … throughout, `marks_captions` that they
    are captioned so or with ▲ throughout.
    """

    counts: dict[Style, dict[TextSide, float]] = field(default_factory=dict)
    numbers_captions: bool = False
    marks_captions: bool = False

    _pooled: dict[Style, dict[TextSide, float]] = field(default_factory=dict, init=False, repr=False)

    def learn(self, style: Style, side: TextSide, weight: float) -> None:
        """Counts a pair by how sure it is, 0–1."""
        sides = self.counts.setdefault(style, {})
        sides[side] = sides.get(side, 0.0) + weight
        self._pooled.clear()

    def side_cost(self, style: Style, side: TextSide) -> float:
        """−log of the share of captions on that side, the first estimate weighing as much as three pairs."""
        if style not in self._pooled:
            self._pooled[style] = self._pool_counts(style)
        counts = self._pooled[style]
        share = (counts.get(side, 0.0) + 3 * SIDE_PRIOR[side]) / (sum(counts.values()) + 3)
        return -math.log(share) + math.log(SIDE_PRIOR["below"])

    def _pool_counts(self, style: Style) -> dict[TextSide, float]:
        """Counts by side, with those of like styles and of the other side of a facing page in part."""
        counts: dict[TextSide, float] = {}
        for other, sides in self.counts.items():
            alike = other in _UNNUMBERED and style in _UNNUMBERED
            weight = 1.0 if other == style else ALIKE_SHARE if alike else 0.0
            for own, count in sides.items():
                shared = MIRRORED_SHARE * weight * count if own in _MIRRORED else 0.0
                counts[own] = counts.get(own, 0.0) + weight * count - shared
                if own in _MIRRORED:
                    counts[_MIRRORED[own]] = counts.get(_MIRRORED[own], 0.0) + shared
        return counts


def cost(evidence: Evidence, habits: Habits) -> float:
    """Nats; lower is likelier."""
    total = STYLE_COST[evidence.style] + habits.side_cost(evidence.style, evidence.side)
    # A table's columns are as wide as their words, and a place that is said need not be shown, if it can be
    # seen from there.
    is_placed = evidence.place == "this" and evidence.blocked <= MOST_BETWEEN
    is_told = is_placed or evidence.same_row or evidence.is_pointed
    # A label's lines end where they end: level with its picture it is seen from any distance.
    is_level = evidence.style == "label" and evidence.side in ("left", "right") and not evidence.is_diagonal
    limit = TOLD_GAP_EM if is_told else LEVEL_GAP_EM if is_level else MAX_GAP_EM * 2
    total += GAP_COST_PER_EM * min(evidence.gap_em, limit)
    if not is_placed:
        total += MISALIGNED_COST * evidence.misalignment
        total += BLOCKED_COST * (0 if evidence.is_pointed else min(evidence.blocked, 3))
    is_unmarked = evidence.style in _UNMARKED or (evidence.style == "label" and habits.numbers_captions)
    if is_unmarked and habits.marks_captions and not (evidence.same_row or evidence.counted):
        total += UNMARKED_COST if evidence.marked_page else UNMARKED_PAGE_COST
        total += ENUMERATION_COST * (habits.numbers_captions and evidence.style in _ENUMERATED)
    total += POINTER_COST * (evidence.pointer_disagrees or evidence.place == "other")
    total += DIAGONAL_COST * (evidence.is_diagonal and not is_told)
    total += GUTTER_COST * evidence.crosses_gutter
    total += RULED_OFF_COST * evidence.ruled_off
    total += PARAGRAPH_COST * evidence.is_paragraph
    total += SHEET_COST * evidence.heads_sheet
    total += OVERHANG_COST * (evidence.overhangs and evidence.style in ("bare", "label"))
    return total + LARGE_TYPE_COST * evidence.is_large_type


def orphan_cost(evidence: Evidence, habits: Habits) -> float:
    """Nats for leaving a text so marked without a figure; a book with marks of its own has other lists, and
    the number of a sheet or a column's head needs none."""
    style = evidence.style
    if evidence.heads_sheet or (style == "label" and (evidence.overhangs or habits.numbers_captions)):
        return 0.0
    if style in _UNMARKED and habits.marks_captions and not evidence.counted:
        return 0.0
    return ORPHAN_COST.get(style, 0.0)


def score(best: float, runner_up: float) -> float:
    """0–1 from the cost of the chosen text and of the next best one for the same figure."""
    margin = min(runner_up - best, 6.0)
    return 1 / (1 + math.exp(0.9 * best - 2.6 - 0.45 * margin))
