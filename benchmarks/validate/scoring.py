"""How fast vectors are scored, and in how much memory.

    python -m benchmarks.validate.scoring [--queries 100000] [--dim 512]

1. LACLIP against plain CLIP: ranks both ways of 5,000 pairs by pooled and by whole-image vectors, taken in
   turns; the ratio of the fastest rounds is to be at most 1.05.
2. Ranks of `--queries` texts among as many images: time, and how much memory it takes beyond the vectors.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.laclip import PRESETS, pool_images
from baselines.ranking import BLOCK_BYTES, Grading, rank_both, rank_vectors

Floats = NDArray[np.float32]
_PAIRS, _CROPS, _ROUNDS = 5_000, 8, 15


@dataclass(frozen=True, slots=True)
class Large:
    """Ranks of many among many: seconds, and bytes at the peak beyond what there was before."""

    seconds: float
    extra_bytes: int


def draw_vectors(random: np.random.Generator, *shape: int) -> Floats:
    """Unit rows, float32, drawn without a second array of their size."""
    vectors = random.standard_normal(shape, dtype=np.float32)
    vectors /= np.sqrt(np.einsum("...d,...d->...", vectors, vectors))[..., None]
    return vectors


def compare_laclip(dim: int) -> tuple[float, float]:
    """Fewest seconds of plain CLIP's scoring and of LACLIP's, pooled vectors made before."""
    random = np.random.default_rng(0)
    texts, images = draw_vectors(random, _PAIRS, dim), draw_vectors(random, _PAIRS, dim)
    pooled = pool_images(images, draw_vectors(random, _PAIRS, _CROPS, dim), PRESETS["wca"])
    alone = [(n,) for n in range(_PAIRS)]
    grading = Grading(alone, alone)
    taken: dict[str, list[float]] = {"plain": [], "laclip": []}
    for turn in range(_ROUNDS + 1):
        for name, vectors in (("plain", images), ("laclip", pooled)):
            started = time.perf_counter()
            rank_both(texts, vectors, grading)
            # The first turn warms up.
            if turn:
                taken[name].append(time.perf_counter() - started)
    return min(taken["plain"]), min(taken["laclip"])


def rank_many(queries: int, dim: int) -> Large:
    """Ranks one way of as many items as queries."""
    random = np.random.default_rng(1)
    texts, images = draw_vectors(random, queries, dim), draw_vectors(random, queries, dim)
    before = find_memory()
    started = time.perf_counter()
    ranks = rank_vectors(texts, images, [(n,) for n in range(queries)])
    seconds = time.perf_counter() - started
    # Vectors drawn by chance rank in the middle; anything else would mean that they were not ranked.
    assert 0.48 < float(np.mean(ranks)) / queries < 0.52
    return Large(seconds, find_peak() - before)


def find_memory() -> int:
    """The memory that this process has now, in bytes; where that cannot be had, the most that it has had."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return find_peak()
    return int(status.read_text().split()[1]) * resource.getpagesize()


def find_peak() -> int:
    """The most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """Runs both and writes a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=512)
    options = parser.parse_args()
    large = rank_many(options.queries, options.dim)
    plain, laclip = compare_laclip(options.dim)
    lines = (
        "| what | measured | asked for |",
        "| --- | --- | --- |",
        f"| LACLIP scoring / plain CLIP's, {_PAIRS:,} pairs, {options.dim} numbers | {laclip / plain:.3f} "
        f"({1000 * laclip:.0f} ms / {1000 * plain:.0f} ms) | ≤ 1.05 |",
        f"| ranks of {options.queries:,} × {options.queries:,}, one way | {large.seconds:.0f} s | reported |",
        f"| memory beyond the vectors | {large.extra_bytes / 2**20:.0f} MiB | "
        f"about {1.25 * BLOCK_BYTES / 2**20:.0f} MiB a block |",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
