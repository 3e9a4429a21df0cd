"""`culti validate`: the call → a checked request; the recipe; what to say of it."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from flows.configuration import ConfigurationError, ValidationRequest
from flows.console import say, show_path
from flows.step_progress import Tell, show_steps
from flows.workspace import find_lock

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
    request = read_request(options)
    with show_steps(sys.stdout) as tell:
        validation = validate_from_the_start(request, tell)
    if validation is None:
        return 0
    report_validation(validation)
    say(f"took {time.monotonic() - started:.0f} s")
    return 0 if validation.passed else 1


def read_request(options: argparse.Namespace) -> ValidationRequest:
    """The options that are set, as a request."""
    names = ValidationRequest.model_fields.keys() & vars(options).keys()
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return ValidationRequest(**given)


def validate_from_the_start(request: ValidationRequest, tell: Tell) -> Validation | None:
    """As `validate`; what is found wrong before anything began is a wrong call."""
    from baselines.errors import BaselineError, MissingExtra, PlaceError

    begun = False

    def note(step: str, done: int, total: int) -> None:
        nonlocal begun
        begun = True
        tell(step, done, total)

    try:
        return validate(request, note)
    except (MissingExtra, PlaceError):
        raise
    except BaselineError as error:
        if begun:
            raise
        raise ConfigurationError(str(error)) from error


def validate(request: ValidationRequest, tell: Tell) -> Validation | None:
    """Runs the recipe; None in a process of `torchrun` that is not the first.

    ConfigurationError for a request that is wrong, with nothing begun; BaselineError for a release or files
    that it cannot be done with.
    """
    from baselines.corpus import read_corpus
    from baselines.validation import train_along, validate_release

    settings = make_settings(request)
    learner = None if request.model == NO_MODEL else make_learner(request, settings)
    if learner is not None and int(os.environ.get("RANK", "0")) > 0:
        train_along(settings, learner, read_corpus(settings.release))
        return None
    with _hold(settings):
        return validate_release(settings, learner, tell)


@contextmanager
def _hold(settings: ValidationSettings) -> Iterator[None]:
    """Keeps a second validation off the folders: both would train into the same checkpoints, or write one
    report."""
    with ExitStack() as held:
        for place in (settings.work_folder, settings.out):
            lock = find_lock(place)
            try:
                held.enter_context(FileLock(lock, timeout=0))
            except Timeout as error:
                raise ConfigurationError(
                    f"another validation is at work on {place}; wait for it to end"
                ) from error
            except OSError as error:
                raise ConfigurationError(f"{lock} cannot be written ({error.strerror})") from error
        yield


def check_request(request: ValidationRequest) -> None:
    """What can be known before there is a release: ConfigurationError, or MissingExtra."""
    from baselines.chinese_clip import check_extra
    from baselines.encoding import choose_device
    from baselines.errors import DeviceError, GateError, WeightsError
    from baselines.gate import read_gate
    from baselines.models import load_model

    check_extra()
    make_settings(request)
    try:
        if request.gate:
            read_gate(request.gate)
        choose_device(request.device)
        load_model(request.model, request.weights)
    except (DeviceError, GateError, WeightsError) as error:
        raise ConfigurationError(str(error)) from error


def make_settings(request: ValidationRequest) -> ValidationSettings:
    """The request as settings; ConfigurationError where it cannot be."""
    from baselines.laclip import PRESETS, LaclipSettings
    from baselines.validation_settings import ValidationSettings

    out = choose_out(request)
    if request.model == NO_MODEL and request.features is None:
        raise ConfigurationError("--model none: nothing to validate without --features")
    crops = request.crops or (_TINY_CROPS if is_tiny(request) else None)
    presets = tuple(dataclasses.replace(p, crops=crops or p.crops) for p in PRESETS.values())
    if request.laclip:
        try:
            presets += (LaclipSettings(CUSTOM, **read_pairs("--laclip", request.laclip, LaclipSettings)),)
        except ValueError as error:
            raise ConfigurationError(f"--laclip: {error}") from error
    return ValidationSettings(
        release=request.release,
        out=out,
        work=request.work,
        seeds=request.seeds,
        zero_shot_only=request.zero_shot_only,
        features=request.features,
        gate=request.gate,
        presets=presets,
    )


def choose_out(request: ValidationRequest) -> Path:
    """The folder for the report: new, empty, or with a report in it. ConfigurationError for another, or for
    one in the release, which would not be whole then."""
    from baselines.report.writing import METRICS

    release = request.release.resolve()
    named = release if request.release.name in ("", "..") else request.release
    out = request.out or named.with_name(f"{named.name}.validation")
    if out.name in ("", ".."):
        raise ConfigurationError(f"--out {out} names no folder of its own; choose one below it")
    if out.exists() and not out.is_dir():
        raise ConfigurationError(f"{out} is a file; choose a folder with --out")
    if out.resolve() == release or release in out.resolve().parents:
        raise ConfigurationError(f"{out} is in the release; choose a folder beside it with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / METRICS).is_file():
        raise ConfigurationError(f"{out} holds something else than a report; choose a new folder with --out")
    return out


def is_tiny(request: ValidationRequest) -> bool:
    """Whether it is for the model that comes with this package."""
    return request.model == "tiny" or (request.model is None and request.weights is None)


def make_learner(request: ValidationRequest, settings: ValidationSettings) -> ClipLearner:
    """The model that is asked for, not loaded yet."""
    from baselines.chinese_clip import check_extra

    check_extra()
    from baselines.corpus import read_corpus
    from baselines.learning import ClipLearner
    from baselines.training_settings import TrainingSettings

    training = read_pairs("--train", request.train, TrainingSettings)
    try:
        TrainingSettings(**training)
    except ValueError as error:
        raise ConfigurationError(f"--train: {error}") from error
    return ClipLearner(
        corpus=read_corpus(settings.release),
        work=settings.work_folder,
        model=request.model,
        weights=request.weights,
        device=request.device,
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
    """The table and what helped, on standard output; then the gate's lines, and where to look."""
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
    say(f"open {show_path(validation.folder / 'report.html')} in a browser")
