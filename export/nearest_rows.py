"""For each of some rows the nearest of others: by perceptual hash, and by the characters of its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Indexes = NDArray[np.int64]
Hash = int | None

HASH_BITS = 64
# So many pairs are compared at once: some 30 MB.
_CELLS = 2_000_000
# So many bigrams are counted cell by cell.
_OFTEN = 128


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
    vocabulary = _Vocabulary(asked)
    ours = vocabulary.describe(asked)
    lines, chunk = np.arange(len(asked)), _fit(len(asked))
    # Tables of some megabytes, which to have anew for each chunk costs as much as to fill them.
    tables = np.empty((3, len(asked) * chunk), np.float32)
    first, unread = 0, iter(known)
    while some := list(islice(unread, chunk)):
        theirs = vocabulary.describe(some)
        common, seldom, sums = (table[: len(asked) * len(some)].reshape(len(asked), -1) for table in tables)
        np.matmul(ours.often, theirs.often.T, out=common)
        common += (ours.seldom @ theirs.seldom.T).toarray(out=seldom)
        # A text without bigrams has none in common, whatever that is divided by.
        np.add(np.maximum(1, ours.sizes)[:, None], theirs.sizes, out=sums)
        nearest = np.divide(common, sums, out=sums).argmax(1)
        dice = 2 * common[lines, nearest].astype(np.float64)
        dice /= np.maximum(1, ours.sizes + theirs.sizes[nearest])
        better = dice > best
        best[better], places[better] = dice[better], first + nearest[better]
        first += len(some)
    return best, places


@dataclass(frozen=True, slots=True)
class _Described:
    """Texts by their bigrams, 1 where a text has one: `often` (text, bigram) has the most frequent in all
    cells, `seldom` the others; `sizes` counts those of each text, known or not."""

    often: NDArray[np.float32]
    seldom: csr_matrix
    sizes: NDArray[np.float32]


class _Vocabulary:
    """The bigrams of some texts, the most frequent first. A few dozen are in so many texts that to count them
    cell by cell is far less work than to look them up."""

    def __init__(self, texts: Sequence[Indexes]) -> None:
        bigrams, counts = np.unique(np.concatenate([np.zeros(1, np.int64), *texts]), return_counts=True)
        self._bigrams = bigrams
        self._columns = np.argsort(np.argsort(-counts, kind="stable"))

    def describe(self, texts: Sequence[Indexes]) -> _Described:
        """The texts; bigrams that are not in the vocabulary count in their sizes only."""
        sizes = np.array([len(text) for text in texts])
        flat = np.concatenate([np.zeros(0, np.int64), *texts])
        places = np.minimum(np.searchsorted(self._bigrams, flat), len(self._bigrams) - 1)
        known = self._bigrams[places] == flat
        lines = np.repeat(np.arange(len(texts)), sizes)[known]
        columns = self._columns[places[known]]
        frequent = columns < _OFTEN
        often = np.zeros((len(texts), _OFTEN), np.float32)
        often[lines[frequent], columns[frequent]] = 1
        rest = lines[~frequent], columns[~frequent]
        shape = len(texts), len(self._bigrams)
        seldom = csr_matrix((np.ones(len(rest[0]), np.float32), rest), shape=shape)
        return _Described(often, seldom, sizes.astype(np.float32))


def list_bigrams(text: str) -> Indexes:
    """The different pairs of neighbouring characters, blanks left out, as sorted numbers."""
    whole = "".join(text.split()).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(whole, np.uint32).astype(np.int64)
    return np.unique((codes[:-1] << 21) + codes[1:])


def _fit(others: int) -> int:
    return max(1, _CELLS // max(1, others))
