"""`culti validate` and `culti encode`: the call → checked settings; the recipe; what to say of it."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.configuration import ConfigurationError
from flows.console import PROGRAM, say, show_path
from flows.step_progress import show_steps

if TYPE_CHECKING:
    from baselines.learning import ClipLearner
    from baselines.validation import Validation
    from baselines.validation_settings import ValidationSettings

NO_MODEL = "none"
CUSTOM = "custom"
# On a laptop crops are what takes time; the tiny model has to be done within minutes.
_TINY_CROPS = 8


def run_validate(options: argparse.Namespace) -> int:
    """The command; 0 where all was done and the gate, if there is one, passed."""
    started = time.monotonic()
    validation = validate(options)
    if validation is None:
        return 0
    report_validation(validation)
    page = show_path(validation.folder / "report.html")
    say(f"took {time.monotonic() - started:.0f} s; open {page} in a browser")
    return 0 if validation.passed else 1


def validate(options: argparse.Namespace) -> Validation | None:
    """Runs the recipe; None in a process of `torchrun` that is not the first.

    ConfigurationError for a call that is wrong, with nothing begun.
    """
    from baselines.corpus import read_corpus
    from baselines.errors import CorpusError, FeaturesError, GateError, WeightsError
    from baselines.validation import train_along, validate_release

    settings = make_settings(options)
    begun = False
    try:
        learner = None if options.model == NO_MODEL else _make_learner(options, settings)
        if learner is not None and int(os.environ.get("RANK", "0")) > 0:
            train_along(settings, learner, read_corpus(settings.release))
            return None
        with show_steps(sys.stdout) as tell:

            def note(step: str, done: int, total: int) -> None:
                nonlocal begun
                begun = True
                tell(step, done, total)

            return validate_release(settings, learner, note)
    except (CorpusError, FeaturesError, GateError, WeightsError) as error:
        if begun:
            raise
        raise ConfigurationError(str(error)) from error


def make_settings(options: argparse.Namespace) -> ValidationSettings:
    """The call as settings; ConfigurationError where it cannot be."""
    from baselines.laclip import PRESETS, LaclipSettings
    from baselines.validation_settings import ValidationSettings

    out = options.out or options.release.with_name(f"{options.release.name}.validation")
    if out.exists() and not out.is_dir():
        raise ConfigurationError(f"{out} is a file; choose a folder with --out")
    if options.model == NO_MODEL and options.features is None:
        raise ConfigurationError("--model none: nothing to validate without --features")
    crops = options.crops or (_TINY_CROPS if is_tiny(options) else None)
    presets = tuple(dataclasses.replace(p, crops=crops or p.crops) for p in PRESETS.values())
    if options.laclip:
        try:
            presets += (LaclipSettings(CUSTOM, **read_pairs("--laclip", options.laclip, LaclipSettings)),)
        except ValueError as error:
            raise ConfigurationError(f"--laclip: {error}") from error
    return ValidationSettings(
        release=options.release,
        out=out,
        work=options.work,
        seeds=options.seeds,
        zero_shot_only=options.zero_shot_only,
        features=options.features,
        gate=options.gate,
        presets=presets,
        grid=bool(options.crops) or not is_tiny(options),
    )


def is_tiny(options: argparse.Namespace) -> bool:
    """Whether the call is for the model that comes with this package."""
    return options.model == "tiny" or (options.model is None and options.weights is None)


def _make_learner(options: argparse.Namespace, settings: ValidationSettings) -> ClipLearner:
    from baselines.chinese_clip import check_extra

    check_extra()
    from baselines.corpus import read_corpus
    from baselines.learning import ClipLearner
    from baselines.training_settings import TrainingSettings

    training = read_pairs("--train", options.train, TrainingSettings)
    try:
        TrainingSettings(**training)
    except ValueError as error:
        raise ConfigurationError(f"--train: {error}") from error
    return ClipLearner(
        corpus=read_corpus(settings.release),
        work=settings.work_folder,
        model=options.model,
        weights=options.weights,
        device=options.device,
        training=training,
    )


def read_pairs(option: str, texts: Sequence[str], kind: type[Any]) -> dict[str, Any]:
    """`a=1` `b=x` as the fields of a dataclass, each in the type of its default."""
    defaults = {f.name: f.default for f in dataclasses.fields(kind) if f.name not in ("name", "seed")}
    found: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in defaults or not value:
            raise ConfigurationError(
                f"{option} {text}: need NAME=VALUE; names are {', '.join(sorted(defaults))}"
            )
        try:
            found[name] = _convert(value, defaults[name])
        except ValueError:
            raise ConfigurationError(f"{option} {text}: {value} is no value for {name}") from None
    return found


def _convert(value: str, default: object) -> object:
    """A bool, int, float or tuple of floats like the default; an int where the default is None."""
    if isinstance(default, bool):
        if value not in ("true", "false"):
            raise ValueError(value)
        return value == "true"
    if isinstance(default, tuple):
        return tuple(float(part) for part in value.split(",") if part)
    if default is None:
        return int(value)
    if isinstance(default, int):
        return int(value)
    return float(value) if isinstance(default, float) else value


def report_validation(validation: Validation) -> None:
    """The table and what helped, on standard output; gate lines last."""
    from baselines.metrics import MR
    from baselines.verdicts import list_verdicts

    findings = validation.findings
    width = max(len(name) for name in findings.names())
    say(f"{'':{width}}  T→I R@1  I→T R@1       MR  95 % interval")
    for summary in findings.summaries:
        interval = summary.intervals[MR]
        there, back = (summary.metrics[f"{d}_R@1"] for d in ("text_to_image", "image_to_text"))
        say(
            f"{summary.name:{width}}  {there:7.1f}  {back:7.1f}  {interval.value:7.1f}  "
            f"{interval.low:.1f}–{interval.high:.1f}"
        )
    for line in (*list_verdicts(findings.summaries), *findings.notes):
        say(line)
    for verdict in findings.verdicts:
        say(verdict.describe())


def run_encode(options: argparse.Namespace) -> int:
    """The command."""
    from baselines.errors import CorpusError, WeightsError
    from baselines.release_vectors import encode_release
    from baselines.validation_settings import ValidationSettings

    out: Path = options.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError(f"{out} is there already; choose a new folder with --out")
    options.train = ()
    settings = ValidationSettings(options.release, out, options.work)
    try:
        learner = _make_learner(options, settings)
        about: Mapping[str, object] = learner.about()
    except (CorpusError, WeightsError) as error:
        raise ConfigurationError(str(error)) from error
    with show_steps(sys.stdout) as tell:
        encode_release(learner.corpus, learner.load(), out, str(about["name"]), about, tell)
    say(f"vectors of {show_path(options.release)} are in {show_path(out)}")
    say(f"`{PROGRAM} validate RELEASE --features {show_path(out)}` sets them beside other models")
    return 0
