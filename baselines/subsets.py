"""Parts of the test queries that are looked at alone: by series, kind, length of the text, review, likeness.

Queries are picked; they are ranked among all items of the split as before, so numbers of subsets and of the
whole can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from baselines.corpus import Corpus, Picture, RetrievalSet
from baselines.metrics import Ranks

Mask = NDArray[np.bool_]
# Bounds of short, medium and long texts in characters; the paper's samples have 11 to 49.
LENGTHS = (20, 50)
# pHashes of 64 bits that differ in so few are of the same motif, printed, scanned or cut again.
NEAR_BITS = 8
_ONES = np.array([n.bit_count() for n in range(256)], dtype=np.int64)
# Fewer queries than this say nothing.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Subset:
    """Which texts and which images of a split are asked for; `column` is what it is made by."""

    column: str
    value: str
    texts: Mask
    images: Mask

    @property
    def name(self) -> str:
        """column: value"""
        return f"{self.column}: {self.value}"

    def pick(self, ranks: Ranks) -> Ranks:
        """The ranks of the queries in it."""
        return Ranks(ranks.text_to_image[self.texts], ranks.image_to_text[self.images])


def list_subsets(split: RetrievalSet, near: Mask | None = None, fewest: int = FEWEST) -> tuple[Subset, ...]:
    """All subsets of a split with at least `fewest` queries each way that are not the whole.

    A text belongs to a series, kind … when one of its pictures does. `near` marks the pictures that have a
    near-duplicate (`find_near_duplicates`).
    """
    found = [
        *_by_value(split, "series", [p.series for p in split.pictures]),
        *_by_value(split, "kind", [p.kind for p in split.pictures]),
        *_by_length(split),
        _make(split, "review", "reviewed only", np.array([is_reviewed(p) for p in split.pictures], bool)),
    ]
    if near is not None:
        found.append(_make(split, "likeness", "without near-duplicates", ~near))
    return tuple(s for s in found if _is_worth(s, fewest))


def is_reviewed(picture: Picture) -> bool:
    """Whether a curator has looked at the pair."""
    return picture.review_status not in ("", "unreviewed")


def _is_worth(subset: Subset, fewest: int) -> bool:
    whole = bool(subset.texts.all() and subset.images.all())
    return not whole and min(subset.texts.sum(), subset.images.sum()) >= fewest


def _by_value(split: RetrievalSet, column: str, values: Sequence[str]) -> Iterable[Subset]:
    for value in sorted({v for v in values if v}):
        yield _make(split, column, value, np.array([v == value for v in values], dtype=bool))


def _make(split: RetrievalSet, column: str, value: str, images: Mask) -> Subset:
    texts = np.array([bool(images[list(found)].any()) for found in split.images_of_text], dtype=bool)
    return Subset(column, value, texts, images)


def _by_length(split: RetrievalSet) -> Iterable[Subset]:
    lengths = np.array([len(text) for text in split.texts], dtype=np.int64)
    short, long = LENGTHS
    bands = {
        f"up to {short} characters": lengths <= short,
        f"{short + 1} to {long} characters": (lengths > short) & (lengths <= long),
        f"over {long} characters": lengths > long,
    }
    for value, texts in bands.items():
        images = np.array([bool(texts[list(found)].any()) for found in split.texts_of_image], dtype=bool)
        yield Subset("text", value, np.asarray(texts, dtype=bool), images)


def find_near_duplicates(corpus: Corpus, split: str, bits: int = NEAR_BITS) -> Mask | None:
    """Marks pictures of a split whose pHash is within `bits` of another picture of the release.

    None where the release has no pHashes. Which split the other is in does not matter: in train it may have
    been learned, in the same split it stands in the way.
    """
    hashes = _read_hashes({p.shard for found in corpus.splits.values() for p in found.pictures})
    pictures = [(p, name == split) for name, found in corpus.splits.items() for p in found.pictures]
    if not pictures or any(p.pair_id not in hashes for p, _ in pictures):
        return None
    values = np.array([hashes[p.pair_id] for p, _ in pictures], dtype=np.uint64)
    octets = values.view(np.uint8).reshape(-1, 8)
    ours = np.flatnonzero([asked for _, asked in pictures])
    near = np.zeros(len(ours), dtype=bool)
    for n, place in enumerate(ours):
        apart = _ONES[octets ^ octets[place]].sum(axis=1)
        near[n] = np.count_nonzero(apart <= bits) > 1
    return near


def _read_hashes(shards: Iterable[Path]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for shard in sorted(shards):
        names = pq.read_schema(shard).names
        if "phash" not in names:
            return {}
        table = pq.read_table(shard, columns=["pair_id", "phash"]).to_pydict()
        for pair_id, value in zip(table["pair_id"], table["phash"], strict=True):
            if value:
                found[pair_id] = int(value, 16)
    return found
