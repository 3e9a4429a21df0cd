"""The recipe of a validation: release → zero-shot → fine-tuning, seed by seed → LACLIP and others → report.

Everything that is chosen is chosen on validation; the test split is ranked once. Trials (a seed's model under
every way to score) are kept in the work folder under a key of all they depend on, so the same call again, or
after a kill, does only what is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baselines.corpus import Corpus, read_corpus
from baselines.errors import CorpusError
from baselines.feature_rows import list_feature_methods
from baselines.features import find_folders, read_features
from baselines.findings import Curve, Findings
from baselines.gate import read_gate
from baselines.gathering import apply_gate, gather_findings
from baselines.laclip import GRID_CROPS, LaclipSettings
from baselines.ranking import grade_split
from baselines.report.writing import write_report
from baselines.results import Method, summarise
from baselines.scenes import CropEncoder, encode_bank, encode_scene
from baselines.subsets import find_near_duplicates, list_subsets
from baselines.trials import Trial, load_trial, make_key, save_trial, score_trial
from baselines.validation_settings import (
    FINE_TUNED,
    ZERO_SHOT,
    Counter,
    Learner,
    Progress,
    ValidationSettings,
    keep_silent,
)
from baselines.variants import PLAIN, Variant, list_variants


@dataclass(frozen=True, slots=True)
class Validation:
    """What came out: the findings, and the files of the report."""

    findings: Findings
    folder: Path

    @property
    def passed(self) -> bool:
        """Whether every bar of the gate was reached; true without a gate."""
        return all(verdict.passed for verdict in self.findings.verdicts)


def validate_release(
    settings: ValidationSettings, learner: Learner | None, progress: Progress = keep_silent
) -> Validation:
    """Validates a release and writes the report into `settings.out`. Without a learner only `features` are.

    Raises BaselineError: no release, no test split, wrong weights, features or gate file.
    """
    bars = read_gate(settings.gate) if settings.gate else ()
    corpus = read_corpus(settings.release)
    check_corpus(corpus)
    features = (
        [read_features(folder, corpus) for folder in find_folders(settings.features)]
        if settings.features
        else []
    )
    zero_shot, tuned = run_model(settings, corpus, learner, progress) if learner else ([], [])
    methods = [*list_methods(zero_shot, tuned), *list_feature_methods(features, corpus)]
    progress("statistics", 0, 1)
    subsets = list_subsets(corpus.splits["test"], find_near_duplicates(corpus, "test"))
    summaries = summarise(methods, corpus.splits["test"], subsets)
    findings = gather_findings(settings, corpus, learner, (zero_shot, tuned), features, summaries, subsets)
    findings = dataclasses.replace(findings, verdicts=apply_gate(bars, findings))
    progress("statistics", 1, 1)
    write_report(settings.out, findings)
    return Validation(findings, settings.out)


def check_corpus(corpus: Corpus) -> None:
    """CorpusError where there is nothing to test on."""
    if len(corpus.splits["test"].texts) == 0:
        raise CorpusError(f"{corpus.root}: its test split has no row with text; there is nothing to test on")


def run_model(
    settings: ValidationSettings, corpus: Corpus, learner: Learner, progress: Progress
) -> tuple[list[Trial], list[Trial]]:
    """Trials of the model as it is, and fine-tuned under each seed."""
    seeds = range(settings.seeds)
    if settings.zero_shot_only:
        return [run_trial(settings, corpus, learner, ZERO_SHOT, seed, progress) for seed in seeds], []
    if not len(corpus.splits["train"].texts):
        raise CorpusError(f"{corpus.root}: its train split has no row with text; use --zero-shot-only")
    before = run_trial(settings, corpus, learner, ZERO_SHOT, 0, progress)
    return [before], [run_trial(settings, corpus, learner, FINE_TUNED, s, progress) for s in seeds]


def run_trial(
    settings: ValidationSettings, corpus: Corpus, learner: Learner, stage: str, seed: int, progress: Progress
) -> Trial:
    """One trial, from the work folder if it is there. A model that is to be fine-tuned is scored plainly
    before; crops, clauses and a bank are for the model that is judged."""
    plain = stage == ZERO_SHOT and not settings.zero_shot_only
    presets = [] if plain else [dataclasses.replace(p, seed=seed) for p in settings.presets]
    grid = [GRID_CROPS] if settings.grid and not plain else []
    variants = [PLAIN] if plain else [PLAIN, *list_variants([p.name for p in presets])]
    key = make_key(
        {
            "release": corpus.release_sha256,
            "weights": learner.weights_sha256,
            "recipe": dict(learner.recipe) if stage == FINE_TUNED else {},
            "stage": stage,
            "seed": seed,
            "crops": [dataclasses.asdict(p) for p in [*presets, *grid]],
            "variants": [v.name for v in variants],
            "answers": seed == 0,
        }
    )
    folder = settings.work_folder / "trials" / f"{stage}-{seed}-{key}"
    name = stage if settings.seeds == 1 or plain else f"{stage}, seed {seed}"
    if (kept := load_trial(folder)) is not None:
        progress(f"{name}: scored before", 1, 1)
        return kept
    curve = None
    if stage == FINE_TUNED:
        encoder, curve = learner.finetune(corpus, seed, progress)
    else:
        encoder = learner.load()
    trial = _score(corpus, encoder, [*presets, *grid], variants, seed, name, curve, progress)
    save_trial(folder, trial)
    return trial


def _score(
    corpus: Corpus,
    encoder: CropEncoder,
    presets: Sequence[LaclipSettings],
    variants: Sequence[Variant],
    seed: int,
    name: str,
    curve: Curve | None,
    progress: Progress,
) -> Trial:
    asked = [corpus.splits[s] for s in ("validation", "test") if corpus.splits[s].texts]
    total = sum(len(split.pictures) for split in asked) * (1 + len(presets))
    counter = Counter(f"{name}: encode", total, progress)
    bank = encode_bank(encoder, corpus.splits["train"]) if presets else None
    scenes = {split.name: encode_scene(encoder, split, presets, bank, counter.add) for split in asked}
    counted = Counter(f"{name}: score", len(variants), progress)
    return score_trial(
        seed,
        getattr(encoder, "weights_sha256", ""),
        variants,
        (scenes["validation"], grade_split(corpus.splits["validation"])) if "validation" in scenes else None,
        (scenes["test"], grade_split(corpus.splits["test"])),
        keep_answers=seed == 0,
        curve=curve,
        advance=counted.add,
    )


def list_methods(zero_shot: Sequence[Trial], tuned: Sequence[Trial]) -> list[Method]:
    """The rows of the model that was run: zero-shot, fine-tuned, and variants of the last of these."""
    found: list[Method] = []
    if zero_shot:
        # As it is the model has one result, whatever the seed.
        found.append(Method(ZERO_SHOT, "the model as it comes", "", (zero_shot[0].runs[PLAIN.name],)))
    if tuned:
        runs = tuple(trial.runs[PLAIN.name] for trial in tuned)
        found.append(Method(FINE_TUNED, "fine-tuned on the train split", ZERO_SHOT, runs))
    judged, base = (tuned, FINE_TUNED) if tuned else (zero_shot, ZERO_SHOT)
    if not judged:
        return found
    abouts = {v.name: v.about for v in list_variants(list(judged[0].crop_weights) or [])}
    for name in judged[0].runs:
        if name != PLAIN.name:
            runs = tuple(trial.runs[name] for trial in judged)
            found.append(Method(name, abouts.get(name, ""), base, runs))
    return found
