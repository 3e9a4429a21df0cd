"""Two images compared: by their features and, where these agree, by their pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from export.image_matching import Found, measure_overlap
from export.local_features import Features, Pixels
from export.overlap import Overlap
from export.pixel_check import Agreement, compare_pixels, rate_colours

_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two images show the same, in whole or in part; if not, `value` (0–1) is how alike they are."""

    shows_same: bool
    value: float


class Comparisons(Protocol):
    """What comparisons came to, by their keys: a dict, or what lasts longer."""

    def get(self, key: bytes, /) -> Comparison | None:
        """What is known; None where nothing is."""

    def __setitem__(self, key: bytes, comparison: Comparison, /) -> None: ...


def make_key(one_sha256: str, other_sha256: str, pairs: Found) -> bytes:
    """Of all that decides how a comparison ends: the two images, and which of their features were found alike
    (uint16), for that depends on what other images there are."""
    digest = hashlib.blake2b(f"{one_sha256} {other_sha256} ".encode(), digest_size=_KEY_BYTES)
    for places in pairs:
        digest.update(places.astype("<u2").tobytes())
    return digest.digest()


def compare_images(
    one: Features, other: Features, pairs: Found, read: Callable[[], tuple[Pixels | None, Pixels | None]]
) -> Comparison:
    """Compares two images whose features are alike in `pairs`; `read` gives their pixels, None where one
    cannot be decoded, and is called only where the features agree."""
    overlap = measure_overlap(one, other, pairs)
    agreement = _look_closer(overlap, *read()) if overlap.is_worth_a_look else None
    if agreement is not None and overlap.shows_same(agreement):
        return Comparison(True, 1.0)
    return Comparison(False, rate_likeness(overlap, agreement))


def _look_closer(overlap: Overlap, one: Pixels | None, other: Pixels | None) -> Agreement | None:
    if one is None or other is None or overlap.placing is None:
        return None
    return compare_pixels(one, other, overlap.placing)


def rate_likeness(overlap: Overlap, agreement: Agreement | None) -> float:
    """0–1: how much of the smaller image is found in the other with the same lines in the same colours; or in
    other colours, where it is the whole and not a motif of both. Without the pixels the features tell."""
    if agreement is None:
        return overlap.likeness * rate_colours(overlap.off)
    same = min(overlap.likeness, overlap.area * agreement.drawn) * rate_colours(agreement.off)
    recoloured = overlap.likeness * overlap.whole * max(0.0, agreement.worst) * agreement.mapped
    return max(same, recoloured)
