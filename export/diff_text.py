"""What changed in a text, character by character."""

from __future__ import annotations

from difflib import SequenceMatcher

Piece = tuple[str, str]
"""("=" kept, "-" taken out or "+" put in, the characters)"""

# Comparing costs up to the product of the lengths; beyond this a changed middle is told as a whole.
_MOST_WORK = 400_000
_ALIKE = 0.4


def diff_characters(old: str, new: str) -> list[Piece]:
    """The pieces that make `old` of "=" and "-", and `new` of "=" and "+"."""
    head = _count_equal(old, new)
    tail = _count_equal(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pieces = [("=", old[:head]), *_diff_middle(middle_old, middle_new), ("=", old[len(old) - tail :])]
    return [piece for piece in pieces if piece[1]]


def _count_equal(a: str, b: str) -> int:
    """Characters that both begin with."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _diff_middle(old: str, new: str) -> list[Piece]:
    if not old or not new or len(old) * len(new) > _MOST_WORK:
        return [("-", old), ("+", new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    # Two texts that have nothing in common share characters by chance, and such a diff reads badly.
    if matcher.ratio() < _ALIKE:
        return [("-", old), ("+", new)]
    pieces: list[Piece] = []
    for tag, i0, i1, j0, j1 in matcher.get_opcodes():
        pieces += [("=", old[i0:i1])] if tag == "equal" else [("-", old[i0:i1]), ("+", new[j0:j1])]
    return pieces


def shorten_pieces(pieces: list[Piece], around: int = 12) -> list[Piece]:
    """The same with long kept pieces cut to what stands next to a change."""
    shown: list[Piece] = []
    for place, (tag, text) in enumerate(pieces):
        first, last = place == 0, place == len(pieces) - 1
        limit = around if first or last else 2 * around
        if tag == "=" and len(text) > limit + 1:
            before = "" if first else text[:around]
            after = "" if last else text[-around:]
            shown.append((tag, f"{before}…{after}"))
        else:
            shown.append((tag, text))
    return shown
