"""Where culti keeps what is made once for a user and machine, and may be deleted at any time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def find_cache(part: str) -> Path:
    """The folder for `part` in the user's cache: in `CULTI_CACHE`, the platform's, or a temporary one. It
    need not be there yet."""
    if named := os.environ.get("CULTI_CACHE"):
        return Path(named) / part
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        cache = Path(base) if base else Path.home() / ".cache"
        (cache / "culti").mkdir(parents=True, exist_ok=True)
        if os.access(cache / "culti", os.W_OK):
            return cache / "culti" / part
    except (OSError, RuntimeError):
        pass
    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"culti-{part}-{user}"
