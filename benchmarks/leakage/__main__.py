"""Are pictures that show the same kept together, and no others?

    python -m benchmarks.leakage [--entries N] [--seed S] [--keep DIR]

Silk entries and mural plates are drawn, and doubles of every third are planted as entries of their own:
details, second scans, other colours, greys. A double is kept if it is in the group of its source. A link by
image between two entries is false where these come from different sources, but for pictures that
show one motif in the same colours, one motif alone, or one scene: these are counted by themselves.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.leakage.planting import Planted, plant_pictures
from export.feature_bank import describe_image
from export.groups import Grouping, group_items
from flows.console import say


def main() -> None:
    """Draw, group and count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leakage", description="Leakage groups.")
    parser.add_argument("--entries", type=int, default=90, help="silk entries, and as many plates")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="folder that keeps the pictures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        planted = list(plant_pictures(options.keep or Path(scratch), options.entries, options.seed))
        started = time.process_time()
        packed = {p.item.image_file: describe_image(p.item.image_file) for p in planted}
        described = time.process_time() - started
        grouping = group_items([p.item for p in planted], packed.__getitem__)
        joined = time.process_time() - started - described
    report(planted, grouping, described, joined)


def report(planted: Sequence[Planted], grouping: Grouping, described: float, joined: float) -> None:
    """The figures, and the joins that are wrong by name."""
    kept, total = count_kept(planted, grouping)
    say("| planted | kept | of |\n| --- | ---: | ---: |")
    for plant, number in total.items():
        say(f"| {plant} | {kept[plant]} | {number} |")
    say(f"| all | {kept.total()} | {total.total()} |\n")
    right, same, wrong = judge_joins(planted, grouping)
    every = len(right) + len(same) + len(wrong)
    share = 100 * len(wrong) / max(1, every)
    say(f"{every} pairs of entries linked by image: {len(right)} of one source, {len(same)} of one motif or")
    say(f"scene, {len(wrong)} false ({share:.1f} %)")
    for one, other in sorted(wrong):
        say(f"  false: {one} and {other}")
    sizes = Counter(grouping.groups.values())
    say(f"Largest group: {max(sizes.values())} of {len(planted)} pictures in {len(sizes)} groups")
    thousand = 1000 / len(planted)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    say(f"CPU seconds per 1,000 images: features {thousand * described:.1f}, joining {thousand * joined:.1f}")
    say(f"Peak memory {peak} MiB")


def count_kept(planted: Sequence[Planted], grouping: Grouping) -> tuple[Counter[str], Counter[str]]:
    """(kept, all) doubles by what was planted."""
    sources = {p.source: grouping.groups[p.item.pair_id] for p in planted if not p.plant}
    doubles = [p for p in planted if p.plant]
    kept = Counter(p.plant for p in doubles if grouping.groups[p.item.pair_id] == sources[p.source])
    return kept, Counter(p.plant for p in doubles)


def judge_joins(
    planted: Sequence[Planted], grouping: Grouping
) -> tuple[set[tuple[str, str]], set[tuple[str, str]], set[tuple[str, str]]]:
    """Pairs of entries that an image joined: of one source, of pictures that show the same, of neither."""
    by_id = {p.item.pair_id: p for p in planted}
    right: set[tuple[str, str]] = set()
    same: set[tuple[str, str]] = set()
    wrong: set[tuple[str, str]] = set()
    for link in grouping.image_links:
        one, other = by_id[link.one], by_id[link.other]
        chosen = right if one.source == other.source else same if one.shows & other.shows else wrong
        chosen.add((min(one.item.entry, other.item.entry), max(one.item.entry, other.item.entry)))
    return right, same - right, wrong


if __name__ == "__main__":
    main()
