"""How the time and memory of grouping grow with the number of images.

    python -m benchmarks.leakage.growth [SIZE …] [--entries N] [--book IMAGES]

Features are made from those of a few drawn pictures, for to draw and describe thousands takes hours: an image
has a part of one picture, shifted and with some bits turned so that two such differ in a tenth of them; the
rest are features of another with so many bits turned that they are like nothing. A book's motifs are its own:
the same bits of all its features are turned. In one book (`--book` as large as the size) ever more images
share a motif as there are more of them, which is harder than new books that bring new motifs.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.leakage.planting import plant_pictures
from export.feature_bank import describe_image, pack_features, unpack_features
from export.groups import group_items
from export.joins import Item
from export.local_features import DESCRIPTOR_BYTES, Features
from flows.console import say

_SHARED, _TURNED, _UNLIKE = 0.3, 0.05, 0.3
_SHIFT_PX = 40.0


def main() -> None:
    """Groups ever more images."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.leakage.growth", description="Large groupings."
    )
    parser.add_argument("sizes", nargs="*", type=int, default=[500, 1_000, 2_000, 4_000])
    parser.add_argument(
        "--entries", type=int, default=12, help="silk entries and as many plates that are drawn"
    )
    parser.add_argument("--book", type=int, default=500, help="images of one book")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        planted = plant_pictures(Path(scratch), options.entries, seed=61)
        sources = [unpack_features(describe_image(p.item.image_file)) for p in planted if not p.plant]
    say(f"made from {len(sources)} pictures\n")
    say("| images | links | CPU s | CPU s per 1,000 | peak memory, MiB |")
    say(f"|{' ---: |' * 5}")
    for size in options.sizes:
        drawn = _Drawn(sources, options.book)
        started = time.process_time()
        links = len(group_items(list(_make_items(size)), drawn).image_links)
        seconds = time.process_time() - started - drawn.seconds
        # Sizes go up, so the peak so far is that of the last.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        say(f"| {size} | {links} | {seconds:.0f} | {1000 * seconds / size:.1f} | {peak} |")


class _Drawn:
    """The features of an image by the name of its file; and how long making them took."""

    def __init__(self, sources: Sequence[Features], book: int) -> None:
        self._sources, self._book = sources, book
        self.seconds = 0.0

    def __call__(self, path: Path) -> bytes:
        started = time.process_time()
        number = int(path.name, 16)
        made = make_features(self._sources, np.random.default_rng((3, number)))
        mask = np.random.default_rng((5, number // self._book)).integers(0, 256, DESCRIPTOR_BYTES, np.uint8)
        packed = pack_features(replace(made, descriptors=made.descriptors ^ mask))
        self.seconds += time.process_time() - started
        return packed


def _make_items(size: int) -> Iterator[Item]:
    for n in range(size):
        name = f"{n:016x}"
        yield Item(name, n, "silk", "pattern", "book", name, "", "", name, "", Path(name))


def make_features(sources: Sequence[Features], rng: np.random.Generator) -> Features:
    """The features of one image that does not exist."""
    ground, motif = (sources[int(k)] for k in rng.integers(len(sources), size=2))
    # The motif is what stands in a square somewhere in its picture.
    side = _SHARED**0.5 * np.array((motif.width, motif.height))
    corner = rng.uniform(0, 1, 2) * (np.array((motif.width, motif.height)) - side)
    shared = ((motif.points[:, :2] >= corner) & (motif.points[:, :2] <= corner + side)).all(1)
    points = np.concatenate((motif.points[shared], ground.points))
    points[: shared.sum(), :2] += rng.uniform(-_SHIFT_PX, _SHIFT_PX, 2)
    points[:, :2] = np.clip(points[:, :2], 0, (ground.width - 1, ground.height - 1))
    descriptors = np.concatenate(
        (
            _turn(motif.descriptors[shared], _TURNED, rng),
            _turn(ground.descriptors, _UNLIKE, rng),
        )
    )
    colours = np.concatenate((motif.colours[shared], ground.colours))
    # As many as an image has; the finest come first.
    chosen = rng.permutation(len(points))[: len(ground)]
    order = chosen[np.argsort(points[chosen, 2], kind="stable")]
    return replace(ground, points=points[order], descriptors=descriptors[order], colours=colours[order])


def _turn(descriptors: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The same with a share of all bits turned."""
    turned = rng.random((len(descriptors), 8 * DESCRIPTOR_BYTES)) < share
    return descriptors ^ np.packbits(turned, axis=1)


if __name__ == "__main__":
    main()
