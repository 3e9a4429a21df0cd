"""Scores of texts that were cut into clauses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.clauses import Clauses
from baselines.metrics import Direction
from baselines.ranking import BlockScores

Floats = NDArray[np.float32]


def score_clauses(
    clauses: Clauses, texts: Floats, images: Floats, direction: Direction, whole: float, *, best: bool
) -> BlockScores:
    """`whole`·(u_T·u_I) and 1 − `whole` times the mean over the text's clauses, or its best clause."""

    def score_texts(part: slice) -> Floats:
        ends = np.append(clauses.starts, len(clauses.vectors))
        first, last = ends[part.start], ends[min(part.stop, len(texts))]
        likeness = clauses.vectors[first:last] @ images.T
        local = _gather(likeness, clauses.starts[part] - first, 0, best=best)
        return np.asarray(whole * (texts[part] @ images.T) + (1 - whole) * local, np.float32)

    def score_images(part: slice) -> Floats:
        local = _gather(images[part] @ clauses.vectors.T, clauses.starts, 1, best=best)
        return np.asarray(whole * (images[part] @ texts.T) + (1 - whole) * local, np.float32)

    return score_texts if direction == "text_to_image" else score_images


def _gather(likeness: Floats, starts: NDArray[np.intp], axis: int, *, best: bool) -> Floats:
    if best:
        return np.asarray(np.maximum.reduceat(likeness, starts, axis=axis), np.float32)
    counts = np.diff(np.append(starts, likeness.shape[axis])).astype(np.float32)
    sums = np.add.reduceat(likeness, starts, axis=axis)
    return np.asarray(sums / (counts[:, None] if axis == 0 else counts), np.float32)
