"""The vectors of a whole release by one model, in the form that `--features` reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from baselines.corpus import Corpus
from baselines.features import SplitFeatures, write_features
from baselines.scenes import CropEncoder
from baselines.validation_settings import Counter, Progress, keep_silent


def encode_release(
    corpus: Corpus,
    encoder: CropEncoder,
    folder: Path,
    name: str,
    about: Mapping[str, object],
    progress: Progress = keep_silent,
) -> None:
    """Encodes every split that has texts and writes images.parquet, texts.parquet and features.json."""
    asked = {split: found for split, found in corpus.splits.items() if found.texts}
    total = sum(len(split.pictures) + len(split.texts) for split in asked.values())
    counter = Counter("encode", total, progress)
    splits = {}
    for split, found in asked.items():
        images = encoder.encode_images(found.pictures)
        counter.add(len(images))
        splits[split] = SplitFeatures(images, encoder.encode_texts(found.texts))
        counter.add(len(found.texts))
    write_features(folder, name, corpus, splits, about)
