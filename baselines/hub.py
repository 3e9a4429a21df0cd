"""Published weights by name: from the local cache, or from the hub where the user allows it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from baselines.architectures import Architecture
from baselines.errors import WeightsError
from extractors.downloads import ALLOW, may_download

# cn_clip's own cache, which `load_from_name` fills.
_CLIP_CACHE = Path("~/.cache/clip")
_HUB = "https://huggingface.co"
_PATIENCE_S = 3.0


def find_published(architecture: Architecture) -> Path:
    """The file with the published weights: one that was fetched before or, where that is allowed, from the
    hub. WeightsError says where to get it by hand.

    Without a network cn_clip's own download tries for 23 s. So whether the hub answers is asked first, and
    nothing is asked where HF_HUB_OFFLINE is set.
    """
    cached = _CLIP_CACHE.expanduser() / architecture.file
    if cached.is_file():
        return cached
    offline = not may_download() or _is_offline()
    try:
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(architecture.hub, architecture.file, local_files_only=offline))
    except Exception as error:  # the hub's client raises its own and its transport's errors
        cure = f"download {architecture.file} from {_HUB}/{architecture.hub} and pass --weights FILE"
        if not may_download():
            why, cure = "nothing is downloaded by itself", f"{ALLOW}, or {cure}"
        else:
            why = "no hub in reach" if offline else "none from the hub"
        raise WeightsError(f"{architecture.name}: no weights here and {why}; {cure}") from error


def _is_offline() -> bool:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return True
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return False
    place = urlsplit(os.environ.get("HF_ENDPOINT", _HUB))
    port = place.port or (80 if place.scheme == "http" else 443)
    try:
        with socket.create_connection((place.hostname or "", port), timeout=_PATIENCE_S):
            return False
    except OSError:
        return True
