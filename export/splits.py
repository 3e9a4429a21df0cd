"""Which split a group goes to: 7:1:2 of all rows, of each series and of each kind in it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from export.schema import SPLITS

SHARES: Mapping[str, float] = {"train": 0.7, "validation": 0.1, "test": 0.2}
Stratum = tuple[str, str]
"""(series, kind)."""


def assign_splits(
    groups: Mapping[str, Mapping[Stratum, int]], fixed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Group → split, from the number of rows that each group has of each series and kind.

    Large groups come first, those of one size in the order of their hashes, whatever order they are given in;
    each goes where its rows, and the groups, are missed most. Groups in `fixed` go where that says and count
    for the rest.
    """
    fixed = fixed or {}
    measures = {group: _measure(counts) for group, counts in groups.items()}
    totals: Counter[str] = Counter()
    for measure in measures.values():
        totals.update(measure)
    filled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    assigned: dict[str, str] = {}

    def assign(group: str, split: str) -> None:
        assigned[group] = split
        filled[split].update(measures[group])

    for group in sorted(set(fixed) & set(groups)):
        assign(group, fixed[group])
    free = [group for group in groups if group not in assigned]
    for group in sorted(free, key=lambda g: (-sum(groups[g].values()), _rank(g))):
        measure = measures[group]
        assign(
            group,
            min(SPLITS, key=lambda s: sum(_strain(s, k, n, filled[s], totals) for k, n in measure.items())),
        )
    return assigned


def choose_fixed(rows: Iterable[tuple[str, str]], before: Mapping[str, str]) -> dict[str, str]:
    """Group → split for groups that have rows with a split in `before`; `rows` are (pair_id, group).

    Of several splits that of most rows wins, of equals the first of train, validation, test.
    """
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pair_id, group in rows:
        if pair_id in before:
            votes[group][before[pair_id]] += 1
    return {group: max(SPLITS, key=lambda s: count[s]) for group, count in votes.items()}


def _measure(counts: Mapping[Stratum, int]) -> Counter[str]:
    """What of a group is shared out: its rows in all, by series, by series and kind; and itself."""
    found: Counter[str] = Counter({"groups": 1})
    for (series, kind), n in counts.items():
        for key in ("rows", f"series {series}", f"kind {series} {kind}"):
            found[key] += n
    return found


def _strain(split: str, key: str, n: int, filled: Counter[str], totals: Counter[str]) -> float:
    """By how much the squared distance from the wanted number, as a share of it, grows with `n` more."""
    wanted = SHARES[split] * totals[key]
    return n * (2 * (filled[key] - wanted) + n) / wanted


def _rank(group: str) -> str:
    return hashlib.sha256(f"split:{group}".encode()).hexdigest()
