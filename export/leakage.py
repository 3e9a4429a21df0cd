"""What may still leak from train to test: for each test row the nearest train row, by image and by text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.joins import REASONS, Reason
from export.nearest_rows import HASH_BITS, Hash, find_nearest_hashes, find_nearest_texts, list_bigrams
from export.plan import Plan
from export.row_file import read_columns
from export.rows import Row

IMAGE_STEPS = (0.1, 0.2, 0.3, 0.5)
HASH_STEPS = (4, 8, 12, 16)
TEXT_STEPS = (0.5, 0.7, 0.9, 1.0)
NEAREST = 10
# A group of more than this share of the release is told of: a test set must not hang on one find.
LARGE = 0.02


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A test row and the train row that is nearest to it by image or text: `value` (0–1) in common."""

    test: str
    train: str
    value: float
    hash_bits: int
    shown: tuple[Shown, Shown]


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it is shown beside its neighbour."""

    pair_id: str
    document: str
    page: int | None
    rights: str
    image_file: Path
    text: str


@dataclass(frozen=True, slots=True)
class LargeGroup:
    """A group of more than 2 % of all rows; `example` is the title of one of them."""

    group_id: str
    rows: int
    share: float
    split: str
    example: str


@dataclass(frozen=True, slots=True)
class Leakage:
    """Test rows by their nearest train row.

    `images` and `texts` count those that have at least so much (0–1) in common with it, `hashes` those that
    differ in at most so many bits of the perceptual hash; `quartiles` are of the texts. `joined` counts the
    links between rows by reason; `large` are the groups above LARGE, largest first.
    """

    test_rows: int
    test_texts: int
    train_rows: int
    groups: int
    joined: Mapping[Reason, int]
    images: Mapping[float, int]
    hashes: Mapping[int, int]
    texts: Mapping[float, int]
    quartiles: tuple[float, float, float]
    nearest: tuple[Neighbour, ...]
    nearest_texts: tuple[Neighbour, ...]
    large: tuple[LargeGroup, ...]


def measure_leakage(rows: Sequence[Row], plan: Plan) -> Leakage:
    """Reads the rows of test and train a few times; only the texts of test are held in memory, as numbers."""
    test, train = (_Side(rows, plan.members[split]) for split in ("test", "train"))
    images = _find_alike(plan, set(test.ids), set(train.ids))
    bits, by_hash = find_nearest_hashes(test.hashes, train.hashes)
    texts = list(test.list_texts(rows))
    dice, by_text = find_nearest_texts(texts, train.list_texts(rows))
    like = np.array([images[t][0] if t in images else 0.0 for t in test.ids])
    partner = [
        images[t][1] if t in images else (train.ids[k] if train.ids else "")
        for t, k in zip(test.ids, by_hash, strict=True)
    ]
    order = np.lexsort((bits, -like))[:NEAREST] if train.ids else []
    likest = [k for k in np.argsort(-dice, kind="stable")[:NEAREST] if dice[k] > 0]
    told = np.array([len(t) > 0 for t in texts], bool)
    return Leakage(
        test_rows=len(test.ids),
        test_texts=int(told.sum()),
        train_rows=len(train.ids),
        groups=len(plan.splits),
        joined={reason: plan.grouping.joined.get(reason, 0) for reason in REASONS},
        images={step: int((like >= step).sum()) for step in IMAGE_STEPS},
        hashes={step: int((bits <= step).sum()) for step in HASH_STEPS},
        texts={step: int((dice >= step - 1e-9).sum()) for step in TEXT_STEPS},
        quartiles=_quartiles(dice[told]),
        nearest=tuple(
            _pair(rows, (test, int(k)), (train, train.ids.index(partner[k])), float(like[k])) for k in order
        ),
        nearest_texts=tuple(
            _pair(rows, (test, int(k)), (train, int(by_text[k])), float(dice[k])) for k in likest
        ),
        large=_find_large(rows, plan),
    )


class _Side:
    """The rows of one split, in the order of pair_id, so that the order of the rows decides nothing."""

    def __init__(self, rows: Sequence[Row], numbers: Sequence[int]) -> None:
        read = zip(numbers, read_columns(rows, numbers, ("pair_id", "phash")), strict=True)
        found = sorted((pair_id, n, _read_hash(phash)) for n, (pair_id, phash) in read)
        self.ids = [pair_id for pair_id, _, _ in found]
        self.numbers = [number for _, number, _ in found]
        self.hashes = [phash for _, _, phash in found]

    def list_texts(self, rows: Sequence[Row]) -> Iterator[NDArray[np.int64]]:
        """The characters of each text, two by two."""
        texts = read_columns(rows, self.numbers, ("description",))
        return (list_bigrams(text) for (text,) in texts)


def _read_hash(text: str) -> Hash:
    try:
        return int(text, 16) & (1 << HASH_BITS) - 1
    except ValueError:
        return None


def _find_alike(plan: Plan, test: set[str], train: set[str]) -> dict[str, tuple[float, str]]:
    """test pair_id → (likeness, train pair_id) of the likest image that was compared."""
    best: dict[str, tuple[float, str]] = {}
    for near in plan.grouping.near:
        for one, other in ((near.one, near.other), (near.other, near.one)):
            if one in test and other in train:
                best[one] = max(best.get(one, (0.0, "")), (near.value, other))
    return best


def _pair(rows: Sequence[Row], one: tuple[_Side, int], other: tuple[_Side, int], value: float) -> Neighbour:
    """A test row and a train row, each by its place on its side."""
    (test, here), (train, there) = one, other
    asked, known = test.hashes[here], train.hashes[there]
    bits = HASH_BITS if asked is None or known is None else (asked ^ known).bit_count()
    shown = _show(rows[test.numbers[here]]), _show(rows[train.numbers[there]])
    return Neighbour(test.ids[here], train.ids[there], value, bits, shown)


def _show(row: Row) -> Shown:
    return Shown(row.pair_id, row.document, row.page, row.rights, row.image_file, row.description)


def _quartiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    if not len(values):
        return 0.0, 0.0, 0.0
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def _find_large(rows: Sequence[Row], plan: Plan) -> tuple[LargeGroup, ...]:
    sizes = Counter(plan.grouping.groups.values())
    total = sizes.total()
    large = {g for g, n in sizes.items() if n > LARGE * total and n > 1}
    titles: dict[str, str] = {}
    for row in plan.select(rows) if large else ():
        if (group := plan.place(row)[1]) in large:
            titles[group] = titles.get(group) or row.title or row.caption
    ordered = sorted(large, key=lambda g: (-sizes[g], g))
    return tuple(LargeGroup(g, sizes[g], sizes[g] / total, plan.splits[g], titles[g]) for g in ordered)
