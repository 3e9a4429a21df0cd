"""The tree of errors of this stage. Every message is one line: what, where, what to do.

CultiError
└── BaselineError             validation cannot go on
    ├── MissingExtra          a package of the extra `validate` is not installed
    ├── CorpusError           the release cannot be read, or has nothing to validate on
    ├── DeviceError           there is no such device here
    ├── WeightsError          a checkpoint is missing, damaged, not weights, or of another architecture
    ├── FeaturesError         vectors given as files do not fit the release
    ├── TrainingError         fine-tuning cannot begin, or what it was to resume from is another run's
    ├── GateError             a gate file cannot be read
    └── PlaceError            what validation writes cannot be written: a full disk, no permission
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.errors import CultiError


class BaselineError(CultiError):
    """Validation cannot go on."""


class MissingExtra(BaselineError):
    """A package of the extra `validate` is not installed."""


class CorpusError(BaselineError):
    """The release cannot be read, or has nothing to validate on."""


class DeviceError(BaselineError):
    """There is no such device here."""


class WeightsError(BaselineError):
    """A checkpoint is missing, damaged, not weights, or of another architecture."""


class FeaturesError(BaselineError):
    """Vectors given as files do not fit the release."""


class TrainingError(BaselineError):
    """Fine-tuning cannot begin, or what it was to resume from is another run's."""


class GateError(BaselineError):
    """A gate file cannot be read."""


class PlaceError(BaselineError):
    """What validation writes cannot be written: a full disk, no permission."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says of writing to `path` into PlaceError."""
    try:
        yield
    except OSError as error:
        raise PlaceError(
            f"{path} cannot be written ({error.strerror or error}); make room or choose another folder, and "
            "run again to go on from here"
        ) from error
