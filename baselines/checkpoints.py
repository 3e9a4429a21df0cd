"""Weights and training states on disk: each is there as a whole or not at all (`extractors.whole_files`)."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baselines.errors import TrainingError, writing
from extractors.whole_files import replace_file

_FORMAT = "culti-training-2"
_DAMAGED = (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError)


def save_weights(network: Any, path: Path, about: Mapping[str, object]) -> None:  # noqa: ANN401
    """Writes a checkpoint that `cn_clip.clip.load_from_name` loads and its scripts take: `state_dict` with
    the prefix `module.`, float32. `about` is written beside (plain values only)."""
    state = {f"module.{name}": value.detach().cpu() for name, value in network.state_dict().items()}
    _write({**about, "state_dict": state}, path)


def save_state(path: Path, identity: str, state: Mapping[str, Any]) -> None:
    """Writes all that a run needs to go on. `identity` says what the run is of. BaselineError where it cannot
    be written; the state before then stays."""
    _write({"format": _FORMAT, "identity": identity, **state}, path)


def read_state(path: Path, identity: str) -> dict[str, Any] | None:
    """The state of a run that was stopped; None where there is none. TrainingError where it is damaged or of
    another run."""
    import torch

    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGED as error:
        raise TrainingError(f"{path}: a damaged training state; delete it to begin anew") from error
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise TrainingError(f"{path}: not a training state of this version; delete it to begin anew")
    if state["identity"] != identity:
        raise TrainingError(
            f"{path}: of another run (other weights, release, settings or number of processes); "
            "choose another folder, or delete it to begin anew"
        )
    return state


def read_weights(path: Path) -> dict[str, Any]:
    """The weights of `save_weights` without their prefix. TrainingError where they are damaged or not there,
    for then the state beside them is of no use."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    except (*_DAMAGED, KeyError) as error:
        raise TrainingError(f"{path}: damaged weights; delete {path.parent} to train anew") from error
    return {name.removeprefix("module."): value for name, value in state.items()}


def _write(content: Mapping[str, Any], path: Path) -> None:
    import torch

    with writing(path), replace_file(path) as part, part.open("wb") as file:
        # To an open file, for what torch says of a full disk names none.
        torch.save(dict(content), file)
