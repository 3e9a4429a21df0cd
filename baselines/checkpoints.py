"""Weights and training states on disk: written aside and moved into place, so a kill leaves whole files."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from baselines.errors import TrainingError

_FORMAT = "culti-training-2"


def save_weights(network: Any, path: Path, about: Mapping[str, object]) -> None:  # noqa: ANN401
    """Writes a checkpoint that `cn_clip.clip.load_from_name` loads and its scripts take: `state_dict` with
    the prefix `module.`, float32. `about` is written beside (plain values only)."""
    state = {f"module.{name}": value.detach().cpu() for name, value in network.state_dict().items()}
    _write({**about, "state_dict": state}, path)


def save_state(path: Path, identity: str, state: Mapping[str, Any]) -> None:
    """Writes all that a run needs to go on. `identity` says what the run is of."""
    _write({"format": _FORMAT, "identity": identity, **state}, path)


def read_state(path: Path, identity: str) -> dict[str, Any] | None:
    """The state of a run that was stopped; None where there is none. TrainingError where it is damaged or of
    another run."""
    import torch

    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path}: a damaged training state; delete it to begin anew") from error
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise TrainingError(f"{path}: not a training state of this version; delete it to begin anew")
    if state["identity"] != identity:
        raise TrainingError(
            f"{path}: of another run (other weights, release, settings or number of processes); "
            "choose another folder, or delete it to begin anew"
        )
    return state


def _write(content: Mapping[str, Any], path: Path) -> None:
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    torch.save(dict(content), part)
    part.replace(path)
