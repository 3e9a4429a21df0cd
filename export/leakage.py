"""What may still leak from train to test: for each test row the nearest train row, by image and by text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from export.joins import REASONS, Reason
from export.plan import Plan
from export.rows import Row

IMAGE_STEPS = (0.1, 0.2, 0.3, 0.5)
HASH_STEPS = (4, 8, 12, 16)
TEXT_STEPS = (0.5, 0.7, 0.9, 1.0)
NEAREST = 10
# A group of more than this share of the release is told of: a test set must not hang on one find.
LARGE = 0.02
_HASH_BITS = 64
_CHUNK = 256


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


def measure_leakage(rows: Iterable[Row], plan: Plan) -> Leakage:
    """Goes through the rows a few times and keeps what is compared of test and train, texts as numbers."""
    test, train = _Side(), _Side()
    for row in plan.select(rows):
        split = plan.place(row)[0]
        if split in ("test", "train"):
            (test if split == "test" else train).add(row)
    # In the order of pair_id, so that the order of the rows decides nothing.
    test.sort()
    train.sort()
    images = _find_alike(plan, set(test.ids), set(train.ids))
    bits, by_hash = _find_hashes(test.hashes, train.hashes)
    dice, by_text = _find_texts(test.texts, train.texts)
    like = np.array([images[t][0] if t in images else 0.0 for t in test.ids])
    partner = [
        images[t][1] if t in images else (train.ids[k] if train.ids else "")
        for t, k in zip(test.ids, by_hash, strict=True)
    ]
    order = np.lexsort((bits, -like))[:NEAREST] if train.ids else []
    texts = [k for k in np.argsort(-dice, kind="stable")[:NEAREST] if dice[k] > 0]
    wanted = (
        {test.ids[k] for k in (*order, *texts)}
        | {partner[k] for k in order}
        | {train.ids[by_text[k]] for k in texts}
    )
    shown = {row.pair_id: _show(row) for row in plan.select(rows) if row.pair_id in wanted}
    told = np.array([len(t) > 0 for t in test.texts], bool)
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
        nearest=tuple(_pair(shown, test.ids[k], partner[k], like[k], test, train) for k in order),
        nearest_texts=tuple(
            _pair(shown, test.ids[k], train.ids[by_text[k]], dice[k], test, train) for k in texts
        ),
        large=_find_large(rows, plan),
    )


class _Side:
    """The rows of one split, as they are compared."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.hashes: list[int | None] = []
        self.texts: list[NDArray[np.int64]] = []

    def add(self, row: Row) -> None:
        self.ids.append(row.pair_id)
        try:
            self.hashes.append(int(row.phash, 16) & (1 << _HASH_BITS) - 1)
        except ValueError:
            self.hashes.append(None)
        self.texts.append(list_bigrams(row.description))

    def sort(self) -> None:
        order = sorted(range(len(self.ids)), key=lambda k: self.ids[k])
        self.ids = [self.ids[k] for k in order]
        self.hashes = [self.hashes[k] for k in order]
        self.texts = [self.texts[k] for k in order]

    def find_hash(self, pair_id: str) -> int | None:
        return self.hashes[self.ids.index(pair_id)]


def list_bigrams(text: str) -> NDArray[np.int64]:
    """The different pairs of neighbouring characters, blanks left out, as sorted numbers."""
    codes = np.array([ord(c) for c in "".join(text.split())], np.int64)
    return np.unique((codes[:-1] << 21) + codes[1:])


def _find_alike(plan: Plan, test: set[str], train: set[str]) -> dict[str, tuple[float, str]]:
    """test pair_id → (likeness, train pair_id) of the likest image that was compared."""
    best: dict[str, tuple[float, str]] = {}
    for near in plan.grouping.near:
        for one, other in ((near.one, near.other), (near.other, near.one)):
            if one in test and other in train:
                best[one] = max(best.get(one, (0.0, "")), (near.value, other))
    return best


def _find_hashes(
    test: Sequence[int | None], train: Sequence[int | None]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each test hash the fewest bits to a train hash, and the place of that one."""
    asked = np.array([h or 0 for h in test], np.uint64)
    known = np.array([h or 0 for h in train], np.uint64)
    missing = np.array([h is None for h in train], bool)
    bits = np.full(len(asked), _HASH_BITS, np.int64)
    places = np.zeros(len(asked), np.int64)
    for start in range(0, len(asked) if len(known) else 0, _CHUNK):
        some = slice(start, start + _CHUNK)
        apart = np.bitwise_count(asked[some, None] ^ known[None, :]).astype(np.int64)
        apart[:, missing] = _HASH_BITS
        places[some] = apart.argmin(1)
        bits[some] = apart.min(1)
    bits[[h is None for h in test]] = _HASH_BITS
    return bits, places


def _find_texts(
    test: Sequence[NDArray[np.int64]], train: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """For each test text the highest Dice coefficient of character pairs with a train text, and its place."""
    best, places = np.zeros(len(test)), np.zeros(len(test), np.int64)
    if not test or not train:
        return best, places
    vocabulary = np.unique(np.concatenate([np.zeros(1, np.int64), *train]))
    known = _make_matrix(train, vocabulary).T.tocsc()
    sizes = np.array([len(t) for t in train])
    for start in range(0, len(test), _CHUNK):
        some = test[start : start + _CHUNK]
        common = (_make_matrix(some, vocabulary) @ known).toarray()
        own = np.array([len(t) for t in some])
        dice = 2 * common / np.maximum(1, own[:, None] + sizes[None, :])
        places[start : start + len(some)] = dice.argmax(1)
        best[start : start + len(some)] = dice.max(1)
    return best, places


def _make_matrix(texts: Sequence[NDArray[np.int64]], vocabulary: NDArray[np.int64]) -> csr_matrix:
    columns = [np.searchsorted(vocabulary, t) for t in texts]
    columns = [
        c[(c < len(vocabulary)) & (vocabulary[np.minimum(c, len(vocabulary) - 1)] == t)]
        for c, t in zip(columns, texts, strict=True)
    ]
    ends = np.concatenate([[0], np.cumsum([len(c) for c in columns])])
    flat = np.concatenate([np.zeros(0, np.int64), *columns])
    return csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(texts), len(vocabulary)))


def _pair(
    shown: Mapping[str, Shown], test: str, train: str, value: float, asked: _Side, known: _Side
) -> Neighbour:
    one, other = asked.find_hash(test), known.find_hash(train)
    bits = _HASH_BITS if one is None or other is None else (one ^ other).bit_count()
    return Neighbour(test, train, float(value), bits, (shown[test], shown[train]))


def _show(row: Row) -> Shown:
    return Shown(row.pair_id, row.document, row.page, row.rights, row.image_file, row.description)


def _quartiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    if not len(values):
        return 0.0, 0.0, 0.0
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def _find_large(rows: Iterable[Row], plan: Plan) -> tuple[LargeGroup, ...]:
    sizes = Counter(plan.grouping.groups.values())
    total = sizes.total()
    large = {g for g, n in sizes.items() if n > LARGE * total and n > 1}
    titles: dict[str, str] = {}
    for row in plan.select(rows) if large else ():
        if (group := plan.place(row)[1]) in large:
            titles[group] = titles.get(group) or row.title or row.caption
    ordered = sorted(large, key=lambda g: (-sizes[g], g))
    return tuple(LargeGroup(g, sizes[g], sizes[g] / total, plan.splits[g], titles[g]) for g in ordered)
