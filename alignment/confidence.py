"""How sure a pair is: named features of what decided it, and a logistic model that was fitted on other books.

The coefficients lie in `confidence.toml`; `benchmarks/confidence.py` fits them on sample books whose pages
were damaged on purpose (figures missed, split or invented, captions lost), and tests them on other ones.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from statistics import median

from alignment.composition import Draft
from alignment.costs import MAX_COST, SIDE_PRIOR
from alignment.layout import PageLayout
from alignment.regions import Block
from extractors.geometry import area, gap, union

Features = Mapping[str, float]

MAX_MARGIN = 6.0
# Of a page's things left over, the fourth says no more than the third.
MANY = 3.0
SMALL_SHARE = 0.02
ENOUGH = 4
NEAR_EMS = 1.5
_BESIDE = ("running_head", "folio", "label", "reference")


def estimate(features: Features) -> float:
    """The probability, 0–1, that a pair with these features is right; what was not fitted counts nothing."""
    weights = _load_weights()
    return 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in features.items())))


@cache
def _load_weights() -> Mapping[str, float]:
    text = files("alignment").joinpath("confidence.toml").read_text(encoding="utf-8")
    return {str(k): float(v) for k, v in tomllib.loads(text)["weights"].items()}


def describe_drafts(drafts: Sequence[Draft], layouts: Sequence[PageLayout]) -> list[dict[str, float]]:
    """The features of each draft, those of its page and book among them.

    `cost` (nats) is that of the chosen caption and `margin` its lead over the next best; `orphans` are
    captions of the page that nothing was found for, `widows` its figures without text, both in thirds up to
    1; `neighbours` is the share of the numbers before and after a figure's own that the book has too;
    `odd` is the share of catalogue entries that are built otherwise; `unusual size` compares the figure with
    the others that its rule decided in the book; `alone` falls with the number of figures that have their
    text in the same way in it; `loose` counts texts right at the figure or its words that belong to nothing,
    in thirds up to 1.
    """
    pages = {layout.page.number: layout for layout in layouts}
    used = {id(b) for d in drafts for b, _ in d.texts}
    widows = Counter(d.page for d in drafts if not d.texts)
    numbers = _collect_numbers(drafts)
    built = _describe_entries(drafts)
    usual = _find_usual_sizes(drafts)
    ways = Counter(d.rule for d in drafts)
    loose = {number: _find_loose(layout, used) for number, layout in pages.items()}
    described = []
    for draft in drafts:
        layout = pages[draft.page]
        features = {"constant": 1.0, f"rule {_find_family(draft.rule)}": 1.0}
        features |= {f"with {step}": 1.0 for step in draft.rule.split("+")[1:]}
        features["cost"] = min(draft.cost, MAX_COST)
        features["margin"] = min(draft.margin, MAX_MARGIN)
        features["orphans"] = _share_of_many(sum(id(b) not in used for b in layout.with_role("caption")))
        features["widows"] = _share_of_many(widows[draft.page])
        features["neighbours"] = _find_neighbours(draft, numbers)
        features["small"] = _measure_smallness(draft, layout)
        features["unusual size"] = _measure_strangeness(draft, usual)
        features["alone"] = 1 / ways[draft.rule]
        features["loose"] = _share_of_many(_count_loose(draft, loose[draft.page]))
        features["scan"] = float(layout.page.source == "scan")
        features["doubtful print"] = _measure_doubt(draft)
        if draft.entry in built:
            features["odd"] = 1 - built[draft.entry]
        described.append({k: round(v, 4) for k, v in features.items() if v})
    return described


def _find_family(rule: str) -> str:
    """`caption:figure` of `caption:figure:below+panels`: on which side it stands is in the cost."""
    parts = rule.split("+", maxsplit=1)[0].split(":")
    return ":".join(part for part in parts if part not in SIDE_PRIOR)


def _share_of_many(count: int) -> float:
    return min(float(count), MANY) / MANY


def _key(block: Block) -> tuple[str, int] | None:
    mark = block.mark
    return (mark.style, mark.number) if mark and mark.number is not None else None


def _collect_numbers(drafts: Sequence[Draft]) -> set[tuple[str, int]]:
    return {key for d in drafts for b, _ in d.texts if (key := _key(b)) is not None}


def _find_neighbours(draft: Draft, numbers: set[tuple[str, int]]) -> float:
    keys = [key for b, role in draft.texts if role == "caption" and (key := _key(b)) is not None]
    if not keys:
        return 0.0
    style, number = keys[0]
    return sum((style, number + step) in numbers for step in (-1, 1)) / 2


def _measure_smallness(draft: Draft, layout: PageLayout) -> float:
    """0 for a figure of a fiftieth of the page or more, up to 1 for one that vanishes."""
    share = area(union(draft.parts)) / max(1.0, layout.page.width * layout.page.height)
    return max(0.0, 1 - share / SMALL_SHARE)


def _find_usual_sizes(drafts: Sequence[Draft]) -> dict[str, float]:
    """Rule → the area (pt²) of the book's middle figure that it decided, where there are enough to tell."""
    sizes: dict[str, list[float]] = defaultdict(list)
    for draft in drafts:
        sizes[_find_family(draft.rule)].append(area(union(draft.parts)))
    return {rule: median(found) for rule, found in sizes.items() if len(found) >= ENOUGH}


def _measure_strangeness(draft: Draft, usual: Mapping[str, float]) -> float:
    """0 for a figure of the size that others of its rule have, 1 for a quarter or four times its area."""
    typical = usual.get(_find_family(draft.rule))
    if not typical:
        return 0.0
    return min(1.0, abs(math.log(max(1.0, area(union(draft.parts))) / typical, 4)))


def _find_loose(layout: PageLayout, used: Collection[int]) -> list[Block]:
    """Texts of a page that belong to no figure, and are neither running text nor about the page."""
    return [
        b
        for k, (b, role) in enumerate(zip(layout.blocks, layout.roles, strict=True))
        if id(b) not in used and k not in layout.running and role not in _BESIDE
    ]


def _count_loose(draft: Draft, loose: Sequence[Block]) -> int:
    """How many of the texts stand within a line of the figure or of its words."""
    own = [*draft.parts, *(b.box for b, _ in draft.texts if b.page == draft.page)]
    return sum(any(gap(box, b.box) < NEAR_EMS * b.size for box in own) for b in loose)


def _measure_doubt(draft: Draft) -> float:
    read = [b.confidence for b, _ in draft.texts if b.confidence is not None]
    return 1 - min(read) if read else 0.0


def _describe_entries(drafts: Sequence[Draft]) -> dict[str, float]:
    """Entry → the share of the book's entries that have as many figures, with and without text."""
    entries: dict[str, list[bool]] = defaultdict(list)
    for draft in drafts:
        if draft.rule.startswith(("entry:", "none:no text printed")):
            entries[draft.entry].append(bool(draft.texts))
    shapes = {entry: (len(texts), sum(texts)) for entry, texts in entries.items()}
    counts = Counter(shapes.values())
    return {entry: counts[shape] / len(shapes) for entry, shape in shapes.items()}
