"""Crops weighted by the text instead of by the whole image: every pair has weights of its own.

No pooled vector stands for an image then, so scoring costs k times plain CLIP's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.laclip import softmax
from baselines.metrics import Direction
from baselines.ranking import BlockScores

Floats = NDArray[np.float32]
_BLOCK_BYTES = 64 * 2**20


def score_text_weighted(
    texts: Floats, images: Floats, crops: Floats, direction: Direction, whole: float, sharpness: float
) -> BlockScores:
    """`whole`·(u_I·u_T) + (1 − `whole`)·Σ_j w_j (u_j·u_T), w = softmax over j of `sharpness`·(u_j·u_T).

    Texts (t, d), images (n, d), crops (n, k, d). Infinite sharpness takes the best crop.
    """
    n, k, d = crops.shape
    flat = crops.reshape(n * k, d)

    def score_pairs(some: Floats, part: slice) -> Floats:
        """(texts, images)"""
        count = part.stop - part.start
        likeness = (some @ flat[part.start * k : part.stop * k].T).reshape(-1, count, k)
        if np.isinf(sharpness):
            local = likeness.max(axis=2)
        else:
            local = (softmax(sharpness * likeness) * likeness).sum(axis=2)
        return np.asarray(whole * (some @ images[part].T) + (1 - whole) * local, dtype=np.float32)

    def score_texts(part: slice) -> Floats:
        some = texts[part]
        step = max(1, _BLOCK_BYTES // (4 * n * k))
        blocks = [score_pairs(some[i : i + step], slice(0, n)) for i in range(0, len(some), step)]
        return np.concatenate(blocks)

    def score_images(part: slice) -> Floats:
        step = max(1, _BLOCK_BYTES // (4 * len(texts) * k))
        starts = range(part.start, min(part.stop, n), step)
        blocks = [score_pairs(texts, slice(i, min(i + step, part.stop, n))).T for i in starts]
        return np.concatenate(blocks)

    return score_texts if direction == "text_to_image" else score_images
