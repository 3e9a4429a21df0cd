"""How often Python looks for garbage that refers to itself."""

from __future__ import annotations

import gc

_ALLOCATIONS = 50_000


def collect_less() -> None:
    """Has it look more seldom. What a process imports are hundreds of thousands of objects that stay, and
    going through them again and again takes a sixth of the time until a build is at work."""
    gc.set_threshold(_ALLOCATIONS, 20, 20)
