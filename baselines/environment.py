"""What a validation ran on: versions and the kind of machine, so that a number can be had again."""

from __future__ import annotations

import importlib.metadata
import os
import platform

_PACKAGES = (
    "culti",
    "numpy",
    "pandas",
    "pyarrow",
    "pillow",
    "torch",
    "torchvision",
    "cn_clip",
    "transformers",
    "accelerate",
)


def describe_environment() -> dict[str, str]:
    """Versions by package, and the machine: no name, no path, no time."""
    found = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": str(os.cpu_count() or 1),
    }
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
