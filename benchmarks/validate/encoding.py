"""What decoding costs beside the model: images from a release against bare forwards on ready tensors.

    python -m benchmarks.validate.encoding RELEASE [--model ViT-B-16] [--pictures 64] [--device cpu]

Both in the same batches, turn about, the best of five rounds each. `share` is bare over ours: 1 is a model
that never waits. `again` is the same images from the cache. Weights are random: they cost the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from baselines.architectures import MODELS, find_architecture
from baselines.corpus import Picture, read_corpus
from baselines.encoding import ClipEncoder, choose_device
from baselines.models import ChineseClip, build_random
from benchmarks.validate.crops import take_times


def main() -> None:
    """Measures and writes a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--model", default="ViT-B-16", choices=MODELS)
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = choose_device(options.device)
    corpus = read_corpus(options.release)
    known = [p for split in corpus.splits.values() for p in split.pictures]
    pictures = (known * (1 + options.pictures // len(known)))[: options.pictures]
    architecture = find_architecture(options.model)
    model = ChineseClip(architecture, build_random(architecture, 0), "0" * 64, "random")
    ours, bare, again = measure(model, pictures, device, options.batch)
    rate = len(pictures) / ours
    sys.stdout.write(
        "| model | device | pictures | bare | ours | share | images/s | again |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {options.model} | {device} | {len(pictures)} | {bare:.2f} s | {ours:.2f} s | {bare / ours:.3f} "
        f"| {rate:.1f} | {again:.3f} s |\n"
    )


def measure(
    model: ChineseClip, pictures: list[Picture], device: str, batch: int
) -> tuple[float, float, float]:
    """Seconds: from the release, bare, and from the cache."""
    import torch

    encoder = ClipEncoder(model, device, batch=batch)
    weight = next(model.network.parameters())
    # Random, for zeros become numbers so small that processors are slow with them.
    ready = torch.randn((batch, 3, model.side_px, model.side_px), device=device).to(weight.dtype)
    sizes = [len(pictures[n : n + batch]) for n in range(0, len(pictures), batch)]

    def forward() -> None:
        with torch.inference_mode():
            for size in sizes:
                model.network.encode_image(ready[:size])

    ours, bare = take_times((lambda: encoder.encode_images(pictures), forward), device)
    with tempfile.TemporaryDirectory() as folder:
        kept = ClipEncoder(model, device, folder=Path(folder), batch=batch)
        kept.encode_images(pictures)
        (again,) = take_times((lambda: kept.encode_images(pictures),), device)
    return ours, bare, again


if __name__ == "__main__":
    main()
