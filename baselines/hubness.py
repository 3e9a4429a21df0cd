"""Hubness: items that are near to all queries stand in the way of the others; a bank of queries shows which.

Sources: CSLS (Conneau et al., ICLR 2018), with training queries as in QB-Norm (Bogolin et al., CVPR 2022).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from baselines.ranking import BLOCK_BYTES

Floats = NDArray[np.float32]
NEIGHBOURS = 10


def find_hubness(items: Floats, bank: Floats, neighbours: int = NEIGHBOURS) -> Floats:
    """(n,) mean cosine of each item with the bank's queries nearest to it: high for hubs."""
    count = min(neighbours, len(bank))
    found = np.empty(len(items), dtype=np.float32)
    rows = max(1, BLOCK_BYTES // (4 * max(1, len(bank))))
    for start in range(0, len(items), rows):
        likeness = items[start : start + rows] @ bank.T
        nearest = np.partition(likeness, len(bank) - count, axis=1)[:, len(bank) - count :]
        found[start : start + rows] = nearest.mean(axis=1)
    return found
