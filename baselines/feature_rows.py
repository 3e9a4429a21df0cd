"""Models that are known by their vectors only, scored like our own."""

from __future__ import annotations

from collections.abc import Sequence

from baselines.corpus import Corpus
from baselines.features import Features, SplitFeatures
from baselines.ranking import Grading, grade_split
from baselines.results import Method
from baselines.scenes import Bank, Scene
from baselines.trials import Trial, score_trial
from baselines.variants import PLAIN, list_variants


def list_feature_methods(features: Sequence[Features], corpus: Corpus) -> list[Method]:
    """Two rows a model known by its vectors: as they are, and corrected for hubness where train is there."""
    found: list[Method] = []
    for model in features:
        trial = score_features(model, corpus)
        for name, run in trial.runs.items():
            row, base = (model.name, "") if name == PLAIN.name else (f"{model.name}, {name}", model.name)
            found.append(Method(row, "vectors from files", base, (run,)))
    return found


def score_features(model: Features, corpus: Corpus) -> Trial:
    """A trial of vectors that came as files."""
    train = model.splits.get("train")
    bank = Bank(train.texts, train.images) if train is not None and len(train.texts) else None

    def place(name: str) -> tuple[Scene, Grading] | None:
        vectors: SplitFeatures | None = model.splits.get(name)
        if vectors is None or not len(vectors.texts):
            return None
        return Scene(vectors.texts, vectors.images, bank=bank), grade_split(corpus.splits[name])

    test = place("test")
    assert test is not None
    validation = place("validation")
    variants = [PLAIN, *(list_variants([]) if validation is not None else [])]
    return score_trial(0, variants, validation, test, keep_answers=False)
