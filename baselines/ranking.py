"""Ranks: where the best relevant item of each query stands among all items, in bounded memory.

**The rule.** A query's rank is 1 plus the number of irrelevant items that score at least as high as its best
relevant item. So ties count against, and a model that gives everything the same score ranks last; of several
relevant items the best one counts, and the others never stand in its way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.corpus import RetrievalSet
from baselines.metrics import Ranks

Floats = NDArray[np.float32]
Relevant = Sequence[Sequence[int]]
# Scores of some queries against all items: (slice of queries) → (queries in it, items), float32.
BlockScores = Callable[[slice], Floats]
# One block of scores; what is beside it (a mask of bytes) takes a quarter more.
BLOCK_BYTES = 128 * 2**20


@dataclass(frozen=True, slots=True)
class Grading:
    """Which items are relevant: those of texts among images, and those of images among texts."""

    images_of_text: Relevant
    texts_of_image: Relevant


def grade_split(split: RetrievalSet) -> Grading:
    """Which answers are right in a split."""
    return Grading(split.images_of_text, split.texts_of_image)


def rank_both(texts: Floats, images: Floats, grading: Grading, block_bytes: int = BLOCK_BYTES) -> Ranks:
    """Ranks both ways of unit vectors (n_texts, d) and (n_images, d)."""
    return Ranks(
        text_to_image=rank_vectors(texts, images, grading.images_of_text, block_bytes),
        image_to_text=rank_vectors(images, texts, grading.texts_of_image, block_bytes),
    )


def rank_vectors(
    queries: Floats, items: Floats, relevant: Relevant, block_bytes: int = BLOCK_BYTES
) -> NDArray[np.int32]:
    """1-based ranks (n_queries,) by the dot product of rows.

    Items with the same vector are scored once, for a matrix product may give equal columns scores that differ
    in the last bit, and then ties would be decided by chance.
    """
    distinct, place, copies = _find_distinct(items)
    if len(distinct) == len(items):
        return rank_blocks(lambda part: queries[part] @ items.T, relevant, len(items), None, block_bytes)
    placed = [place[list(found)] for found in relevant]
    return rank_blocks(lambda part: queries[part] @ distinct.T, placed, len(distinct), copies, block_bytes)


def rank_blocks(
    scores: BlockScores,
    relevant: Sequence[Sequence[int] | NDArray[np.intp]],
    n_items: int,
    copies: NDArray[np.intp] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> NDArray[np.int32]:
    """1-based ranks of any scores, a block of queries at a time.

    `copies` says how many items each column stands for (default: one); then `relevant` names columns, one
    for each relevant item. Raises ValueError for a query without relevant items and for scores that are not
    finite, which would otherwise rank first.
    """
    ranks = np.empty(len(relevant), dtype=np.int32)
    rows = max(1, block_bytes // (4 * max(1, n_items)))
    more = None if copies is None else np.flatnonzero(copies > 1)
    for start in range(0, len(relevant), rows):
        part = slice(start, min(start + rows, len(relevant)))
        block = scores(part)
        best, ties = _find_best(block, relevant[part])
        at_least = block >= best[:, None]
        ahead = np.count_nonzero(at_least, axis=1)
        if copies is not None and more is not None:
            ahead = ahead + at_least[:, more] @ (copies[more] - 1)
        # What scores at least as high as the best relevant item and is itself relevant is equal to it.
        ranks[part] = 1 + ahead - ties
        # Else this block would live until the next one is full.
        del block, at_least
    return ranks


def _find_best(
    block: Floats, relevant: Sequence[Sequence[int] | NDArray[np.intp]]
) -> tuple[Floats, NDArray[np.intp]]:
    """The best relevant score of each row, and how many relevant items have it."""
    counts = np.fromiter((len(found) for found in relevant), dtype=np.intp, count=len(relevant))
    if len(counts) and counts.min() == 0:
        raise ValueError("a query without a relevant item has no rank")
    # NaN goes through min and max, and no mask as large as the block is needed.
    if not (np.isfinite(block.min()) and np.isfinite(block.max())):
        raise ValueError("scores that are not finite cannot be ranked")
    rows = np.repeat(np.arange(len(relevant)), counts)
    columns = np.concatenate([np.asarray(found, dtype=np.intp) for found in relevant])
    values = block[rows, columns]
    starts = np.cumsum(counts) - counts
    best = np.maximum.reduceat(values, starts)
    ties = np.add.reduceat((values == best[rows]).astype(np.intp), starts)
    return best, ties


def _find_distinct(items: Floats) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Distinct rows in the order they come first, the place of each item among them, and their counts."""
    rows = np.ascontiguousarray(items)
    firsts: dict[bytes, int] = {}
    place = np.fromiter(
        (firsts.setdefault(hashlib.blake2b(row, digest_size=16).digest(), len(firsts)) for row in rows),
        dtype=np.intp,
        count=len(rows),
    )
    if len(firsts) == len(rows):
        return rows, place, np.ones(len(rows), dtype=np.intp)
    _, first = np.unique(place, return_index=True)
    return rows[first], place, np.bincount(place, minlength=len(firsts))


def list_top(scores: BlockScores, query: int, count: int) -> tuple[NDArray[np.intp], Floats]:
    """The `count` best items of one query and their scores; equal scores in the order of the items."""
    row = scores(slice(query, query + 1))[0]
    order = np.argsort(-row, kind="stable")[:count]
    return order, row[order]
