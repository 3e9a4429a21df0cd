"""One trial: a model as it is, or as one seed fine-tuned it, under every way to score; kept on disk.

A trial is what costs time. It is written whole, under a key made of all that it depends on, so a second
validation, or one that was killed, takes what is there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baselines.errors import writing
from baselines.findings import Answers, Curve
from baselines.metrics import DIRECTIONS, Direction, Ranks
from baselines.ranking import BLOCK_BYTES, BlockScores, Grading
from baselines.results import Run
from baselines.scenes import Scene
from baselines.variants import Choice, Variant, choose_settings, list_scores, rank_variant
from extractors.whole_files import make_folder, sync, sync_tree

_TRIAL, _ARRAYS = "trial.json", "arrays.npz"
_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs by variant name, and of the first seed what reports show: answers, weights (n, k) by preset."""

    seed: int
    runs: Mapping[str, Run]
    answers: Mapping[str, Answers] = field(default_factory=dict)
    crop_weights: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    curve: Curve | None = None


def score_trial(
    seed: int,
    variants: Sequence[Variant],
    validation: tuple[Scene, Grading] | None,
    test: tuple[Scene, Grading],
    *,
    keep_answers: bool,
    curve: Curve | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Trial:
    """Chooses each variant's settings on validation and ranks the test split once; those that do not fit
    the vectors are left out."""
    runs: dict[str, Run] = {}
    answers: dict[str, Answers] = {}
    for variant in variants:
        if not variant.fits(test[0]) or (validation is not None and not variant.fits(validation[0])):
            continue
        choices = _choose(variant, validation)
        before = None if validation is None else rank_variant(variant, choices, *validation)
        runs[variant.name] = Run(seed, rank_variant(variant, choices, *test), before, choices)
        if keep_answers:
            answers[variant.name] = _list_answers(variant, choices, test[0])
        advance(1)
    weights = {name: crops.weights for name, crops in test[0].crops.items()} if keep_answers else {}
    return Trial(seed, runs, answers, weights, curve)


def _choose(variant: Variant, validation: tuple[Scene, Grading] | None) -> dict[Direction, Choice]:
    if validation is None:
        return {direction: Choice(variant.settings[0], float("nan")) for direction in DIRECTIONS}
    return choose_settings(variant, *validation)


def _list_answers(variant: Variant, choices: Mapping[Direction, Choice], scene: Scene) -> Answers:
    top = {}
    for direction in DIRECTIONS:
        scores = list_scores(variant, choices[direction].setting, scene, direction)
        top[direction] = _find_top(scores, len(scene.queries(direction)), len(scene.items(direction)))
    return Answers(variant.name, top)


def _find_top(scores: BlockScores, queries: int, items: int) -> NDArray[np.int32]:
    rows = max(1, BLOCK_BYTES // (8 * max(1, items)))
    found = []
    for start in range(0, queries, rows):
        block = scores(slice(start, min(start + rows, queries)))
        near = np.argpartition(-block, min(_ANSWERS, items) - 1, axis=1)[:, :_ANSWERS]
        order = np.argsort(-np.take_along_axis(block, near, axis=1), axis=1, kind="stable")
        found.append(np.take_along_axis(near, order, axis=1).astype(np.int32))
    return np.concatenate(found) if found else np.zeros((0, _ANSWERS), dtype=np.int32)


def make_key(parts: Mapping[str, Any]) -> str:
    """The name of a trial: 24 hex digits of all that it depends on, this package's code included."""
    content = json.dumps({**parts, "code": hash_code()}, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


@lru_cache(maxsize=1)
def hash_code() -> str:
    """sha256 of this package's modules but for those that only write reports."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def save_trial(folder: Path, trial: Trial) -> None:
    """Writes a trial as a whole or not at all, over a damaged one. BaselineError where it cannot be written.
    What a kill leaves half written is written over by the next run, which alone is in the folder."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, run in trial.runs.items():
        for direction in DIRECTIONS:
            arrays[f"test/{direction}/{name}"] = run.test.get(direction)
            if run.validation is not None:
                arrays[f"validation/{direction}/{name}"] = run.validation.get(direction)
            if name in trial.answers:
                arrays[f"answers/{direction}/{name}"] = trial.answers[name].top[direction]
    arrays |= {f"weights/{name}": weights for name, weights in trial.crop_weights.items()}
    # As a list, for names of methods may hold signs that file names in a zip may not.
    names = list(arrays)
    stored: dict[str, Any] = {f"a{n}": arrays[name] for n, name in enumerate(names)}
    about = {
        "seed": trial.seed,
        "arrays": names,
        "choices": {
            name: {d: [dict(c.setting), c.mean_recall] for d, c in run.choices.items()}
            for name, run in trial.runs.items()
        },
        "curve": None if trial.curve is None else asdict(trial.curve),
    }
    partial = folder.with_name(f"{folder.name}.partial")
    with writing(folder):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            make_folder(partial)
            np.savez(partial / _ARRAYS, **stored)
            (partial / _TRIAL).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            sync_tree(partial)
            shutil.rmtree(folder, ignore_errors=True)
            partial.replace(folder)
        except OSError:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync(folder.parent)


def load_trial(folder: Path) -> Trial | None:
    """A trial from disk; None where there is none or it is damaged, and must be made again."""
    try:
        about = json.loads((folder / _TRIAL).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as stored:
            arrays = {name: stored[f"a{n}"] for n, name in enumerate(about["arrays"])}
        return _assemble(about, arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _assemble(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Trial:
    def ranks(split: str, name: str) -> Ranks:
        return Ranks(*(arrays[f"{split}/{direction}/{name}"] for direction in DIRECTIONS))

    runs, answers = {}, {}
    for name, chosen in about["choices"].items():
        choices: dict[Direction, Choice] = {d: Choice(*chosen[d]) for d in DIRECTIONS}
        seen = f"validation/{DIRECTIONS[0]}/{name}" in arrays
        validation = ranks("validation", name) if seen else None
        runs[name] = Run(about["seed"], ranks("test", name), validation, choices)
        if f"answers/{DIRECTIONS[0]}/{name}" in arrays:
            answers[name] = Answers(name, {d: arrays[f"answers/{d}/{name}"] for d in DIRECTIONS})
    weights = {name.removeprefix("weights/"): a for name, a in arrays.items() if name.startswith("weights/")}
    curve = None
    if about["curve"] is not None:
        known: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in about["curve"].items()}
        curve = Curve(**known)
    return Trial(about["seed"], runs, answers, weights, curve)
