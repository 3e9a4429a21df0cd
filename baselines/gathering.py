"""Puts together what a report tells of: rows, the variant to look at, notes, the gate."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from baselines.corpus import Corpus
from baselines.environment import describe_environment
from baselines.features import Features
from baselines.findings import CropWeights, Curve, Findings
from baselines.gate import Bar, Verdict, judge
from baselines.metrics import MR
from baselines.results import Summary, hits_of
from baselines.statistics import find_gains
from baselines.subsets import Subset
from baselines.trials import Trial
from baselines.validation_settings import FINE_TUNED, ZERO_SHOT, Learner, ValidationSettings
from baselines.variants import PLAIN

# A share of texts that are cut below this changes no number that could be seen.
_CUT_SHARE = 0.02


def gather_findings(
    settings: ValidationSettings,
    corpus: Corpus,
    learner: Learner | None,
    trials: tuple[list[Trial], list[Trial]],
    features: Sequence[Features],
    summaries: tuple[Summary, ...],
    subsets: tuple[Subset, ...],
) -> Findings:
    """All that the report tells of."""
    zero_shot, tuned = trials
    judged, base = (
        (tuned, FINE_TUNED) if tuned else (zero_shot, ZERO_SHOT if zero_shot else summaries[0].name)
    )
    featured = choose_featured(summaries, base, [p.name for p in settings.presets])
    answers = {}
    if judged:
        names = {base: PLAIN.name, featured: featured}
        answers = {row: judged[0].answers[name] for row, name in names.items() if name in judged[0].answers}
    preset = next((p for p in settings.presets if f"LACLIP {p.name}" in featured), None)
    crops = None
    if judged and preset is not None and preset.name in judged[0].crop_weights:
        crops = CropWeights(dataclasses.replace(preset, seed=0), judged[0].crop_weights[preset.name])
    curves = tuple(trial.curve for trial in tuned if trial.curve is not None)
    about = learner.about() if learner else {"name": ", ".join(f.name for f in features)}
    return Findings(
        corpus=corpus,
        model=about,
        settings=describe_settings(settings, learner),
        environment=describe_environment(),
        seeds=tuple(range(settings.seeds)) if judged else (0,),
        summaries=summaries,
        base=base,
        featured=featured,
        curves=curves,
        answers=answers,
        crops=crops,
        subsets=subsets,
        notes=tuple(list_notes(corpus, features, curves, about)),
    )


def choose_featured(summaries: Sequence[Summary], base: str, presets: Sequence[str]) -> str:
    """The LACLIP row with the best MR on validation of those in which crops have a share under the seed that
    is shown; the base where there is none. A mix that is the whole image alone moves no query."""
    rows = [
        s
        for s in summaries
        if s.method.baseline == base
        and any(f"LACLIP {p}" in s.name for p in presets)
        and any(c.setting.get("whole", 0.0) < 1 for c in s.method.runs[0].choices.values())
    ]
    if not rows:
        return base
    return max(rows, key=lambda s: s.validation.get(MR, 0.0)).name


def describe_settings(settings: ValidationSettings, learner: Learner | None) -> dict[str, Any]:
    """For metrics.json: no paths, which differ between machines."""
    found: dict[str, Any] = {"seeds": settings.seeds, "zero_shot_only": settings.zero_shot_only}
    if learner is not None:
        found["laclip"] = {
            p.name: {k: v for k, v in dataclasses.asdict(p).items() if k != "seed"} for p in settings.presets
        }
        if not settings.zero_shot_only:
            found["fine-tuning"] = dict(learner.recipe)
    return found


def list_notes(
    corpus: Corpus,
    features: Sequence[Features],
    curves: Sequence[Curve] = (),
    model: Mapping[str, Any] = MappingProxyType({}),
) -> list[str]:
    """What a reader should know before the numbers."""
    notes = []
    sizes = {name: len(split.texts) for name, split in corpus.splits.items()}
    if sizes["validation"] < 30:
        notes.append(
            f"The validation split has {sizes['validation']} texts: what is chosen on it is chosen nearly "
            "by chance."
        )
    if sizes["test"] < 100:
        notes.append(f"The test split has {sizes['test']} texts: only large differences can be seen.")
    if (share := model.get("share_of_texts_cut", 0.0)) >= _CUT_SHARE:
        notes.append(
            f"{100 * share:.0f} % of the texts are longer than the {model['context']} tokens that are read "
            "of each: their ends play no part."
        )
    if kept := [str(curve.seed) for curve in curves if curve.best_epoch == 0]:
        notes.append(
            f"No epoch was better on validation than the start (seeds {', '.join(kept)}): the start was kept."
        )
    notes += [
        f"{f.name}: its folder does not say which release it was made from; ids were checked, texts were not."
        for f in features
        if not f.checked
    ]
    return notes


def apply_gate(bars: Sequence[Bar], findings: Findings) -> tuple[Verdict, ...]:
    """Verdicts, with gains over any row that a bar names."""
    rows = {s.name: s for s in findings.summaries}
    test = findings.corpus.splits["test"]
    pairs = {(b.method, b.over) for b in bars if b.over and b.method in rows and b.over in rows}
    gains = {
        (method, over): find_gains(hits_of(rows[method].method, test), hits_of(rows[over].method, test))
        for method, over in pairs
    }
    return judge(bars, {name: s.intervals for name, s in rows.items()}, gains)
