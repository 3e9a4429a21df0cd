"""Draws the pairs that the tiny model learns from: figures of the sample books, part of their motifs only.

Usage: python scripts/draw_tiny_pairs.py OUT.npz [--entries N] [--plates N]

Entries and plates come from seeds of 2**31 and more, those of any sample book from seeds below (they are
`getrandbits(31)`), so no picture of a sample book is among them. What has one of HELD_OUT in its words is
left out, so that fine-tuning on a release of the sample books has something to learn.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples import words
from samples.art import Art, draw_entry, draw_plate
from samples.spec import plan_pattern

FIRST_SEED = 2**31
# 14 of the 26 motifs of `samples.spec.MOTIFS`. With 10 held out it knew so much of a sample release already
# that what fine-tuning gained there lay within its interval.
HELD_OUT = (
    *("牡丹", "凤", "龙", "兔", "蝙蝠", "石榴", "葫芦", "珊瑚", "铜钱", "火珠"),
    *("宝相花", "鹿", "流云", "寿桃"),
)
# Drawn larger than the model sees them (64 px), as pictures of books are; kept with room for random crops.
DRAWN_PX = 224
KEPT_PX = 72

Pair = tuple[NDArray[np.uint8], tuple[str, ...]]


def is_known(text: str) -> bool:
    """Whether a text keeps to the motifs that the model may see."""
    return not any(name in text for name in HELD_OUT)


def choose_entries(count: int) -> list[int]:
    """The first seeds whose patterns keep to known motifs."""

    def fits(seed: int) -> bool:
        spec = plan_pattern(random.Random(seed))
        return is_known(words.title(spec) + spec.corner + "".join(words.paragraphs(spec, seed)))

    return list(itertools.islice(filter(fits, itertools.count(FIRST_SEED)), count))


def draw_silk(seed: int) -> list[Pair]:
    """The pattern with its words as a caption and as paragraphs, the textile and the details with theirs."""
    entry = draw_entry(seed, side_px=DRAWN_PX, details=2)
    whole = "\n".join(entry.paragraphs)
    found = [_pair(entry.pattern, entry.pattern.text, whole, entry.paragraphs[-1])]
    found.append(_pair(entry.textile, entry.textile.text, f"{entry.textile.text}\n{whole}"))
    found += [_pair(detail, detail.text) for detail in entry.details]
    return found


def draw_mural(seed: int) -> list[Pair]:
    """A plate with its note; none where the note names a motif held out."""
    plate = draw_plate(
        seed, width_px=DRAWN_PX, height_px=round(DRAWN_PX * random.Random(seed).uniform(0.7, 1.4))
    )
    if not is_known(plate.title + plate.note):
        return []
    return [_pair(Art(plate.image, plate.title, plate.note), plate.note)]


def _pair(art: Art, *texts: str) -> Pair:
    small = art.image.convert("RGB").resize((KEPT_PX, KEPT_PX), Image.Resampling.BICUBIC)
    return np.asarray(small).transpose(2, 0, 1), texts


def draw_pairs(entries: int, plates: int) -> Iterator[Pair]:
    """All pairs in the order of their seeds."""
    with Pool(2) as pool:
        for found in pool.imap(draw_silk, choose_entries(entries), chunksize=8):
            yield from found
        for found in pool.imap(draw_mural, range(FIRST_SEED, FIRST_SEED + plates), chunksize=8):
            yield from found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--entries", type=int, default=1600)
    parser.add_argument("--plates", type=int, default=3000)
    options = parser.parse_args()
    pixels, texts = zip(*draw_pairs(options.entries, options.plates), strict=True)
    flat = [text for group in texts for text in group]
    np.savez_compressed(
        options.out,
        pixels=np.stack(pixels),
        texts=np.array(flat),
        counts=np.array([len(group) for group in texts]),
    )


if __name__ == "__main__":
    main()
