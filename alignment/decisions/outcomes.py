"""What became of each decision in a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Fate = Literal["applied", "rebased", "stale", "conflict"]
FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`applied`: made on what was seen; `rebased`: on what that has become; `stale`: not made, `why` says for
    what; `conflict`: another reviewer's stands. `pair_id` is the target's in this build, empty if stale."""

    decision_id: str
    reviewer: str
    action: str
    document: str
    page: int
    target_id: str
    fate: Fate
    pair_id: str = ""
    why: str = ""

    def describe(self) -> str:
        """One line: where, what, by whom, and why not."""
        line = f"{self.document}, page {self.page}: {self.action} by {self.reviewer}"
        return f"{line}: {self.why}" if self.why else line


def count_fates(outcomes: Iterable[Outcome]) -> dict[Fate, int]:
    """How many of each fate, all named."""
    counts = Counter(outcome.fate for outcome in outcomes)
    return {fate: counts[fate] for fate in FATES}
