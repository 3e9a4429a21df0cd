"""What LACLIP's crops cost: k crops an image against k + 1 bare forwards of the same model.

    python -m benchmarks.validate.crops RELEASE [--model ViT-B-16] [--pictures 8] [--crops 8] [--device cpu]

The first number is of pictures from their files: decoding, sending, the whole image and its crops, nothing
from the cache. The second is of ready tensors in the same batches. Weights are random: they cost the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from baselines.architectures import find_architecture
from baselines.corpus import read_corpus
from baselines.encoding import ClipEncoder, choose_device
from baselines.laclip import LaclipSettings
from baselines.models import ChineseClip, build_random
from baselines.scenes import list_boxes

_ROUNDS = 5
# As the encoder has it on a CPU.
_BATCH = 32


def take_times(works: Sequence[Callable[[], object]], device: str) -> list[float]:
    """Seconds of the fastest of five rounds of each, taken in turns, after one to warm up."""
    import torch

    taken: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS + 1):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            if device.startswith("cuda"):
                torch.cuda.synchronize()
            taken[place].append(time.perf_counter() - started)
    return [min(rounds[1:]) for rounds in taken]


def main() -> None:
    """Runs both and writes a table."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("release", type=Path)
    parser.add_argument("--model", default="ViT-B-16")
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--crops", type=int, default=8)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = choose_device(options.device)
    corpus = read_corpus(options.release)
    pictures = [p for split in corpus.splits.values() for p in split.pictures][: options.pictures]
    architecture = find_architecture(options.model)
    model = ChineseClip(architecture, build_random(architecture, 0), "0" * 64, "random")
    encoder = ClipEncoder(model, device)
    boxes = list_boxes(pictures, LaclipSettings("some", crops=options.crops))

    def encode() -> None:
        encoder.encode_images(pictures)
        encoder.encode_crops(pictures, boxes)

    weight = next(model.network.parameters())
    count = len(pictures) * (options.crops + 1)
    # Random, for zeros become numbers so small that processors are slow with them.
    batch = torch.randn((_BATCH, 3, model.side_px, model.side_px), device=device).to(weight.dtype)
    sizes = [_BATCH] * (count // _BATCH) + ([count % _BATCH] if count % _BATCH else [])

    def forward() -> None:
        with torch.inference_mode():
            for size in sizes:
                model.network.encode_image(batch[:size])

    ours, bare = take_times((encode, forward), device)
    sys.stdout.write(
        f"| model | device | pictures | crops | encode | {options.crops + 1} forwards each | ratio |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {options.model} | {device} | {len(pictures)} | {options.crops} | {ours:.2f} s | {bare:.2f} s "
        f"| {ours / bare:.3f} |\n"
    )


if __name__ == "__main__":
    main()
