"""Checkpoints → the weights of a model in cn_clip's layout, whatever they were saved as.

Read are: a file as Chinese-CLIP publishes and its trainer saves (`{"state_dict": …}`, names with or without
`module.`, often fp16), a bare state dict, `.safetensors`, and a directory that holds one of these or a model
in transformers' layout. Only tensors are unpickled: a file that wants to run code is refused.
"""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.architectures import Architecture, guess_architecture
from baselines.errors import WeightsError
from baselines.hub_layout import CONFIG, is_hub_folder, list_hub_files, rename_hub_weights

if TYPE_CHECKING:
    from torch import Tensor

_SUFFIXES = (".pt", ".pth", ".bin", ".safetensors")
# The trainer saves BERT's pooler along, the model has none (cn_clip.clip.utils.create_model drops it too).
_UNUSED = ("bert.pooler.", "bert.embeddings.position_ids")


def find_files(place: Path) -> tuple[Path, ...]:
    """The files that hold the weights: the file itself, or those of the directory. WeightsError where there
    are none or too many."""
    if place.is_file():
        return (place,)
    if not place.is_dir():
        raise WeightsError(f"{place}: no such file or folder; --weights takes a checkpoint or its folder")
    if is_hub_folder(place):
        return list_hub_files(place)
    found = sorted(p for p in place.iterdir() if p.suffix in _SUFFIXES and p.is_file())
    if not found:
        raise WeightsError(f"{place}: holds no checkpoint ({', '.join(_SUFFIXES)})")
    if len(found) > 1:
        raise WeightsError(f"{place}: holds {len(found)} checkpoints; name one of them with --weights")
    return (found[0],)


def hash_weights(files: tuple[Path, ...]) -> str:
    """sha256 of the file, or of the files' hashes where there are several."""
    hashes = []
    for path in files:
        with path.open("rb") as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def hash_file_beside(path: Path) -> Path:
    """Where the sha256 of this package's weights is kept, as `sha256sum -c` reads it."""
    return path.with_name(f"{path.name}.sha256")


def is_whole(path: Path) -> bool:
    """Whether a file has the sha256 that is kept beside it. WeightsError where there is none."""
    try:
        expected = hash_file_beside(path).read_text(encoding="ascii").split()[0]
    except (OSError, IndexError, ValueError) as error:
        raise WeightsError(f"{hash_file_beside(path)}: cannot be read; install culti again") from error
    return hash_weights((path,)) == expected


def read_weights(place: Path) -> dict[str, Tensor]:
    """Weights by cn_clip's names, as they were saved (fp16 stays fp16). WeightsError where the file is cut
    short, not a checkpoint, or not Chinese-CLIP's."""
    files = find_files(place)
    found: dict[str, Tensor] = {}
    for path in files:
        found |= _pick_tensors(path, _open(path))
    if place.is_dir() and is_hub_folder(place):
        found = rename_hub_weights(found, place / CONFIG)
    elif "text_model.embeddings.word_embeddings.weight" in found:
        found = rename_hub_weights(found, files[0].parent / CONFIG)
    return {name: value for name, value in found.items() if not name.startswith(_UNUSED)}


def check_weights(weights: Mapping[str, Tensor], wanted: Architecture, place: Path) -> None:
    """WeightsError where the weights are those of another architecture, or of none."""
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    guessed = guess_architecture(shapes)
    if guessed is None:
        raise WeightsError(f"{place}: these are not weights of a Chinese-CLIP that is known here")
    if guessed.name != wanted.name:
        raise WeightsError(
            f"{place}: weights of {guessed.name}, not of {wanted.name}; say --model {guessed.name}"
        )


def check_shapes(weights: Mapping[str, Tensor], needed: Mapping[str, Tensor], place: Path) -> None:
    """WeightsError where a tensor is missing, left over, or of another shape than the model's."""
    missing = sorted(needed.keys() - weights.keys())
    extra = sorted(weights.keys() - needed.keys())
    wrong = sorted(n for n in needed.keys() & weights.keys() if needed[n].shape != weights[n].shape)
    if wrong:
        name = wrong[0]
        shapes = f"{tuple(weights[name].shape)}, not {tuple(needed[name].shape)}"
        raise WeightsError(f"{place}: {name} has the shape {shapes}; the file is of another model or damaged")
    if missing or extra:
        said = f"without {missing[0]}" if missing else f"with {extra[0]}, which the model has not"
        more = len(missing) + len(extra) - 1
        raise WeightsError(f"{place}: {said}{f' ({more} more)' if more else ''}; another model's, or damaged")


def _open(path: Path) -> object:
    """What the file holds, on the CPU and where possible mapped, not read."""
    import torch

    if path.stat().st_size == 0:
        raise WeightsError(f"{path}: empty; copy or download it again")
    if path.suffix == ".safetensors":
        return _open_safetensors(path)
    try:
        with warnings.catch_warnings():
            # Of pickles that no checkpoint uses; that the file is refused says enough.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(path, map_location="cpu", weights_only=True, mmap=_is_zip(path))
    except pickle.UnpicklingError as error:
        raise WeightsError(f"{path}: not a checkpoint of tensors alone; it was not opened further") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise WeightsError(f"{path}: cut short or not a checkpoint; copy or download it again") from error


def _open_safetensors(path: Path) -> object:
    import safetensors.torch

    try:
        return safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, OSError) as error:
        raise WeightsError(f"{path}: cut short or not safetensors; copy or download it again") from error


def _is_zip(path: Path) -> bool:
    """Whether it is of torch's newer format, the only one that can be mapped."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _pick_tensors(path: Path, content: object) -> dict[str, Tensor]:
    import torch

    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not content:
        raise WeightsError(f"{path}: a {type(content).__name__}, not weights by name")
    tensors: dict[Any, Tensor] = {n: v for n, v in content.items() if isinstance(v, torch.Tensor)}
    if len(tensors) != len(content):
        raise WeightsError(f"{path}: holds something else than weights by name; is it a training state?")
    return {str(name).removeprefix("module."): value for name, value in tensors.items()}
