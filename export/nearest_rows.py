"""For each of some rows the nearest of others: by perceptual hash, and by the characters of its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Indexes = NDArray[np.int64]
Hash = int | None

HASH_BITS = 64
# So many pairs are compared at once: some 30 MB.
_CELLS = 4_000_000


def find_nearest_hashes(asked: Sequence[Hash], known: Sequence[Hash]) -> tuple[Indexes, Indexes]:
    """For each hash the fewest bits to a known one, and the place of the first such."""
    bits = np.full(len(asked), HASH_BITS, np.int64)
    places = np.zeros(len(asked), np.int64)
    ours, theirs = (np.array([h or 0 for h in hashes], np.uint64) for hashes in (asked, known))
    missing = np.array([h is None for h in known], bool)
    chunk = _fit(len(known))
    for start in range(0, len(asked) if len(known) else 0, chunk):
        some = slice(start, start + chunk)
        apart = np.bitwise_count(ours[some, None] ^ theirs[None, :])
        apart[:, missing] = HASH_BITS
        places[some] = apart.argmin(1)
        bits[some] = apart.min(1)
    bits[[h is None for h in asked]] = HASH_BITS
    return bits, places


def find_nearest_texts(
    asked: Sequence[Indexes], known: Iterable[Indexes]
) -> tuple[NDArray[np.float64], Indexes]:
    """For each text, given by its `list_bigrams`, the highest Dice coefficient with a known one, and the
    place of the first such. Of the known texts some are in memory at a time."""
    best, places = np.zeros(len(asked)), np.zeros(len(asked), np.int64)
    if not asked:
        return best, places
    vocabulary = np.unique(np.concatenate([np.zeros(1, np.int64), *asked]))
    ours, sizes = _make_matrix(asked, vocabulary), _measure(asked)
    columns = np.arange(len(asked))
    first, unread = 0, iter(known)
    while some := list(islice(unread, _fit(len(asked)))):
        common = (_make_matrix(some, vocabulary) @ ours.T).toarray()
        dice = 2 * common / np.maximum(1, _measure(some)[:, None] + sizes[None, :])
        nearest = dice.argmax(0)
        better = dice[nearest, columns] > best
        best[better] = dice[nearest, columns][better]
        places[better] = first + nearest[better]
        first += len(some)
    return best, places


def list_bigrams(text: str) -> Indexes:
    """The different pairs of neighbouring characters, blanks left out, as sorted numbers."""
    codes = np.array([ord(c) for c in "".join(text.split())], np.int64)
    return np.unique((codes[:-1] << 21) + codes[1:])


def _fit(others: int) -> int:
    return max(1, _CELLS // max(1, others))


def _measure(texts: Sequence[Indexes]) -> Indexes:
    return np.array([len(text) for text in texts], np.int64)


def _make_matrix(texts: Sequence[Indexes], vocabulary: Indexes) -> csr_matrix:
    """(text, bigram), 1 where it has that one; bigrams that are not in the vocabulary are left out."""
    flat = np.concatenate([np.zeros(0, np.int64), *texts])
    places = np.minimum(np.searchsorted(vocabulary, flat), len(vocabulary) - 1)
    known = vocabulary[places] == flat
    ends = np.concatenate([[0], np.cumsum(known)])[np.concatenate([[0], np.cumsum(_measure(texts))])]
    ones = np.ones(int(ends[-1]), np.float32)
    return csr_matrix((ones, places[known], ends), shape=(len(texts), len(vocabulary)))
