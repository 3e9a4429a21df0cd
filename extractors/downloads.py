"""Whether anything may be downloaded: nothing is, unless the user says so in the environment."""

from __future__ import annotations

import os

VARIABLE = "CULTI_DOWNLOAD"
ALLOW = f"set {VARIABLE}=1 in the environment to have it fetched"


def may_download() -> bool:
    """Whether models that were asked for by name may be fetched from where they are published."""
    return os.environ.get(VARIABLE, "").lower() in ("1", "yes", "true", "on")
