"""Which split a row goes to: 7:1:2 by entry within each series, decided by hashes alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from export.schema import SPLITS

SHARES: Mapping[str, float] = {"train": 0.7, "validation": 0.1, "test": 0.2}


def find_group(entry_id: str) -> str:
    """The leakage group of an entry's rows: 16 hex digits. For now a group is an entry."""
    return hashlib.sha256(f"group:{entry_id}".encode()).hexdigest()[:16]


def assign_splits(group_sizes: Mapping[str, int], series: Mapping[str, str]) -> dict[str, str]:
    """Group → split, from the number of rows and the series of each group.

    Groups come up series by series in the order of their hashes, whatever order they are given in, and each
    goes to the split that lacks most rows then: so the shares come close to 7:1:2 in each series as in all.
    """
    filled = dict.fromkeys(SPLITS, 0)
    seen = 0
    assigned: dict[str, str] = {}
    for group in sorted(group_sizes, key=lambda g: (series[g], _rank(g))):
        seen += group_sizes[group]
        split = max(SPLITS, key=lambda s: SHARES[s] * seen - filled[s])
        filled[split] += group_sizes[group]
        assigned[group] = split
    return assigned


def _rank(group: str) -> str:
    return hashlib.sha256(f"split:{group}".encode()).hexdigest()
