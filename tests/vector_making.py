"""A release and a stand-in for a model: vectors drawn from names, near where text and image belong together.

What is tested with it is all that comes after a model; the models themselves have tests of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from release_making import make_build, make_info, make_rows, make_source

from baselines.corpus import Corpus, Picture
from baselines.findings import Curve
from export.release import write_release

DIM = 48


def write_drawn_release(folder: Path, count: int = 220, closed: int = 60) -> Path:
    """A release of two books, `closed` rows of it without the right to be shown."""
    rows = make_rows(folder / "one", "vol1.pdf", count - closed)
    rows += make_rows(folder / "two", "vol2.pdf", closed, "no-redistribution", first=count - closed)
    sources = make_source("vol1.pdf"), make_source("vol2.pdf", rights="no-redistribution")
    write_release(folder / "release", rows, make_info(*sources), make_build(*sources))
    return folder / "release"


def draw(name: str) -> np.ndarray:
    """A unit vector that follows from a name."""
    seed = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
    return scale(np.random.default_rng(seed).standard_normal(DIM))


def scale(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


class DrawnEncoder:
    """Texts and images near their text's own vector, off by `noise`; small crops are further off."""

    dim = DIM

    def __init__(self, corpus: Corpus, name: str, noise: float) -> None:
        self.name, self.noise = name, noise
        self.weights_sha256 = hashlib.sha256(name.encode()).hexdigest()
        self.encoded = 0
        self.text_of = {
            picture.image_sha256: split.texts[texts[0]]
            for split in corpus.splits.values()
            for picture, texts in zip(split.pictures, split.texts_of_image, strict=True)
        }

    def _near(self, text: str, own: str) -> np.ndarray:
        self.encoded += 1
        return draw(text) + self.noise * draw(f"{self.name}:{own}")

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return scale(np.stack([self._near(t, f"text {t}") for t in texts]))

    def encode_images(self, pictures: Sequence[Picture]) -> np.ndarray:
        return scale(np.stack([self._near(self.text_of[p.image_sha256], p.image_sha256) for p in pictures]))

    def encode_crops(self, pictures: Sequence[Picture], boxes: np.ndarray) -> np.ndarray:
        """Each crop sees less of the image the smaller it is, and is off in its own way."""
        rows = []
        for picture, some in zip(pictures, boxes, strict=True):
            whole = self._near(self.text_of[picture.image_sha256], picture.image_sha256)
            lost = 1.2 - (some[:, 2] - some[:, 0])
            own = np.stack([draw(f"{picture.image_sha256} {box.tobytes().hex()}") for box in some])
            rows.append(whole + lost[:, None] * own)
        return scale(np.stack(rows))


class DrawnLearner:
    """Fine-tuning makes its encoder nearer; counts how often it was asked to."""

    weights_sha256 = "0" * 64

    def __init__(self, corpus: Corpus, gain: float = 1.2) -> None:
        self.corpus, self.gain = corpus, gain
        self.recipe = {"epochs": 3, "gain": gain}
        self.loaded = self.finetuned = 0

    def load(self) -> DrawnEncoder:
        self.loaded += 1
        return DrawnEncoder(self.corpus, "start", 2.6)

    def finetune(self, corpus, seed, progress):
        self.finetuned += 1
        curve = Curve(
            seed,
            (1, 2, 3, 4),
            (3.0, 2.0, 1.5, 1.0),
            (1.0, 2.0, 3.0),
            (20.0, 40.0, 35.0),
            2.0,
            {"cut texts": "3 %"},
        )
        return DrawnEncoder(corpus, f"seed {seed}", 2.6 - self.gain), curve

    def about(self):
        return {"name": "drawn", "weights_sha256": self.weights_sha256}
