"""What can go wrong in publishing. Every message is one line: what, where, what to do; never a credential.

CultiError
└── PublishError              the release is not published; nothing was written
    ├── Unfinished            it broke off after the first thing was written
    └── MissingExtra          a package that the target needs is not installed
"""

from __future__ import annotations

import importlib.util
import os
import re

from extractors.errors import CultiError

# Of variables that the libraries of the targets read, those that hold what nobody else may see.
_SECRET_NAME = re.compile(r"^(AWS|HF|HUGGING|S3|FSSPEC)\w*(KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL)")
_SHORTEST_SECRET = 6
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@]*@")
_URL_QUERY = re.compile(r"(\w://[^\s?]*)\?\S*")


class PublishError(CultiError):
    """The release is not published; nothing was written."""

    def __init__(self, message: str) -> None:
        super().__init__(conceal(message))


class Unfinished(PublishError):
    """It broke off after the first thing was written; the same call goes on from there."""


class MissingExtra(PublishError):
    """A package that the target needs is not installed."""


def check_extra(package: str, extra: str, target: str) -> None:
    """MissingExtra, which names the extra, where a package is not installed."""
    if importlib.util.find_spec(package) is None:
        raise MissingExtra(f"{target} needs {package}; pip install 'culti[{extra}]'")


def conceal(text: str, *secrets: str) -> str:
    """The text with every credential left out: those of the environment, `secrets`, and those in URLs."""
    named = [value for name, value in os.environ.items() if _SECRET_NAME.match(name)]
    for secret in sorted({*named, *secrets}, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return _URL_QUERY.sub(r"\1?…", _URL_LOGIN.sub("…@", text))
