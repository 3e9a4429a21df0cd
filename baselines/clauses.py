"""Long descriptions cut into clauses, for a text of several statements is matched by none of them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ENDS = re.compile(r"(?<=[，。；：！？、,;:!?\n])")
# Shorter pieces say too little to stand alone: 明代， 二， 左：
SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Clauses:
    """Vectors (m, d) of the clauses of all texts, in order; `starts` (n_texts,) is where each text begins."""

    vectors: NDArray[np.float32]
    starts: NDArray[np.intp]


def split_clauses(text: str, shortest: int = SHORTEST) -> tuple[str, ...]:
    """The clauses of a text, in order, without what ends them; short ones join the one after, or before.

    A text of one clause, or of none that is long enough, is given back whole.
    """
    pieces: list[str] = []
    held = ""
    for piece in _ENDS.split(text.strip()):
        held += piece
        if len(_trim(held)) >= shortest:
            pieces.append(held)
            held = ""
    if held and pieces:
        pieces[-1] += held
    return tuple(_trim(piece) for piece in pieces) or (text,)


def _trim(piece: str) -> str:
    return piece.strip().rstrip("，。；：！？、,;:!?")


def list_clauses(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """All clauses of all texts, and where each text begins among them."""
    split = [split_clauses(text) for text in texts]
    counts = np.array([len(clauses) for clauses in split], dtype=np.intp)
    return tuple(clause for clauses in split for clause in clauses), np.cumsum(counts) - counts
