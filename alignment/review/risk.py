"""Which pairs to look at first: how likely each is wrong, as its numbers tell, and of what sort it is."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Literal

# Mean confidences of pages without an error are about this; what is less counts in full.
SURE_OCR = 0.98
Flag = Literal["rebased", "stale", "conflict"]
_FLAG_RISKS: dict[Flag, float] = {
    # A decision that was made on something else than the pair is now.
    "rebased": 0.5,
    "stale": 0.7,
    "conflict": 1.0,
}
LOW_SCORE, FAIR_SCORE = 0.5, 0.9
_DOUBTFUL_RULES = ("shared", "split", "facing-page", "note")


def measure_risk(
    score: float | None,
    rule: str,
    kind_score: float | None,
    ocr_confidence: float | None,
    flags: Collection[Flag] = (),
) -> float:
    """The chance, 0-1, that something about a pair is wrong: its pairing, its kind or its characters, as if
    these were independent. What is not known counts nothing."""
    # A figure without text may lack one; the page shows what else there is, so half is a fair guess.
    pairing = 0.5 if rule.startswith("none:") else 1.0 - _bound(score)
    kind = 1.0 - _bound(kind_score)
    characters = max(0.0, SURE_OCR - _bound(ocr_confidence)) / SURE_OCR
    return 1.0 - (1.0 - pairing) * (1.0 - kind) * (1.0 - characters) * (1.0 - rate_flags(flags))


def rate_flags(flags: Collection[Flag]) -> float:
    """The chance, 0-1, that a pair is wrong for what became of the decisions on it."""
    return max(_FLAG_RISKS[flag] for flag in flags) if flags else 0.0


def find_stratum(score: float | None, rule: str, ocr_confidence: float | None) -> str:
    """The sort of pairs in which errors are counted together: how it was read, how it was paired, how sure.
    There are a dozen at most, so that some of each can be checked."""
    read = "printed text" if ocr_confidence is None else "OCR"
    if rule.startswith("none:"):
        return f"{read}, no text"
    how = "derived" if any(word in rule for word in _DOUBTFUL_RULES) else "direct"
    sure = _bound(score)
    grade = "low" if sure < LOW_SCORE else "fair" if sure < FAIR_SCORE else "high"
    return f"{read}, {how}, {grade} score"


def _bound(value: float | None) -> float:
    return 1.0 if value is None or math.isnan(value) else min(1.0, max(0.0, value))
