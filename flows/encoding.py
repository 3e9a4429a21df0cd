"""`culti encode`: a model's vectors of a release, in the form that `culti validate --features` reads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from flows.configuration import ConfigurationError, ValidationRequest
from flows.console import PROGRAM, say, show_path
from flows.step_progress import show_steps
from flows.validating import make_learner, make_settings


def run_encode(options: argparse.Namespace) -> int:
    """The command."""
    from baselines.errors import CorpusError, DeviceError, WeightsError
    from baselines.release_vectors import encode_release

    out: Path = options.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError(f"{out} is there already; choose a new folder with --out")
    request = ValidationRequest(
        release=options.release,
        out=out,
        work=options.work,
        model=options.model,
        weights=options.weights,
        device=options.device,
    )
    try:
        learner = make_learner(request, make_settings(request))
        about: Mapping[str, object] = learner.about()
    except (CorpusError, DeviceError, WeightsError) as error:
        raise ConfigurationError(str(error)) from error
    with show_steps(sys.stdout) as tell:
        encode_release(learner.corpus, learner.load(), out, str(about["name"]), about, tell)
    say(f"vectors of {show_path(options.release)} are in {show_path(out)}")
    say(f"`{PROGRAM} validate RELEASE --features {show_path(out)}` sets them beside other models")
    return 0
