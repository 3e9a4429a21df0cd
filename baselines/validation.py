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
class Task:
    """One trial to run: a stage under a seed, with its crop sets and ways to score; `folder` keeps it."""

    name: str
    stage: str
    seed: int
    crops: tuple[LaclipSettings, ...]
    variants: tuple[Variant, ...]
    folder: Path


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
    tasks = plan_trials(settings, corpus, learner)
    trials = [(task.stage, run_trial(task, corpus, learner, progress)) for task in tasks]
    before = [trial for stage, trial in trials if stage == ZERO_SHOT]
    return before, [trial for stage, trial in trials if stage == FINE_TUNED]


def plan_trials(settings: ValidationSettings, corpus: Corpus, learner: Learner) -> list[Task]:
    """What is to be run, in order. A model that is to be fine-tuned is scored plainly before; crops, clauses
    and a bank are for the model that is judged."""
    seeds = range(settings.seeds)
    if settings.zero_shot_only:
        return [_plan_full(settings, corpus, learner, ZERO_SHOT, seed) for seed in seeds]
    if not corpus.splits["train"].texts:
        raise CorpusError(f"{corpus.root}: its train split has no row with text; use --zero-shot-only")
    before = _plan(settings, corpus, learner, ZERO_SHOT, 0, (), (PLAIN,))
    return [before, *(_plan_full(settings, corpus, learner, FINE_TUNED, seed) for seed in seeds)]


def _plan_full(settings: ValidationSettings, corpus: Corpus, learner: Learner, stage: str, seed: int) -> Task:
    presets = [dataclasses.replace(preset, seed=seed) for preset in settings.presets]
    variants = (PLAIN, *list_variants([preset.name for preset in presets]))
    return _plan(settings, corpus, learner, stage, seed, (*presets, GRID_CROPS), variants)


def _plan(
    settings: ValidationSettings,
    corpus: Corpus,
    learner: Learner,
    stage: str,
    seed: int,
    crops: tuple[LaclipSettings, ...],
    variants: tuple[Variant, ...],
) -> Task:
    key = make_key(
        {
            "release": corpus.release_sha256,
            "model": dict(learner.about()),
            "recipe": dict(learner.recipe) if stage == FINE_TUNED else {},
            "stage": stage,
            "seed": seed,
            "crops": [dataclasses.asdict(preset) for preset in crops],
            "variants": [variant.name for variant in variants],
        }
    )
    name = f"{stage}, seed {seed}" if len(variants) > 1 else stage
    return Task(name, stage, seed, crops, variants, settings.work_folder / "trials" / f"{stage}-{seed}-{key}")


def run_trial(task: Task, corpus: Corpus, learner: Learner, progress: Progress) -> Trial:
    """One trial, from the work folder if it is there."""
    if (kept := load_trial(task.folder)) is not None:
        progress(f"{task.name}: scored before", 1, 1)
        return kept
    if task.stage == FINE_TUNED:
        encoder, curve = learner.finetune(corpus, task.seed, progress)
        trial = _score(task, corpus, encoder, curve, progress)
    else:
        trial = _score(task, corpus, learner.load(), None, progress)
    save_trial(task.folder, trial)
    return trial


def train_along(settings: ValidationSettings, learner: Learner, corpus: Corpus) -> None:
    """What a process of `torchrun` that is not the first does: its share of each fine-tuning, and no more."""
    # Looked up before anything is trained, as the first process does, so that all agree.
    tasks = [task for task in plan_trials(settings, corpus, learner) if task.stage == FINE_TUNED]
    for task in [task for task in tasks if load_trial(task.folder) is None]:
        learner.finetune(corpus, task.seed, keep_silent)


def _score(
    task: Task, corpus: Corpus, encoder: CropEncoder, curve: Curve | None, progress: Progress
) -> Trial:
    asked = [corpus.splits[s] for s in ("validation", "test") if corpus.splits[s].texts]
    total = sum(len(split.pictures) for split in asked) * (1 + len(task.crops))
    counter = Counter(f"{task.name}: encode", total, progress)
    bank = encode_bank(encoder, corpus.splits["train"]) if task.crops else None
    scenes = {split.name: encode_scene(encoder, split, task.crops, bank, counter.add) for split in asked}
    counted = Counter(f"{task.name}: score", len(task.variants), progress)
    return score_trial(
        task.seed,
        task.variants,
        (scenes["validation"], grade_split(corpus.splits["validation"])) if "validation" in scenes else None,
        (scenes["test"], grade_split(corpus.splits["test"])),
        keep_answers=task.seed == 0,
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
