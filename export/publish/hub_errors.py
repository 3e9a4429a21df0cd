"""What the Hub or its library said → what the user can do, with no token in it."""

from __future__ import annotations

from collections.abc import Iterator

from export.publish.errors import conceal

_TOKEN = "check HF_TOKEN, which goes before `hf auth login`, and that it may write"
_BY_STATUS = {
    401: f"the token is not accepted; {_TOKEN}",
    403: f"permission denied; {_TOKEN}",
    404: f"no such data set, or not for this token; {_TOKEN}",
    409: f"it is there already but not for this token, or someone else is at work on it; {_TOKEN}",
    412: "someone else committed meanwhile; run the same command again",
    413: "no room: the server takes no more of this account",
    429: "too many requests; try again later",
}
_BY_TYPE = {
    "LocalTokenNotFoundError": "no token; set HF_TOKEN, or run `hf auth login`",
    "OfflineModeIsEnabled": "HF_HUB_OFFLINE is set; unset it to publish",
    "HFValidationError": "no name of a data set; it is hf://OWNER/NAME",
}
_BROKEN = ("Connect", "Timeout", "Network", "Protocol", "ReadError", "WriteError")
_MOST_CHARACTERS = 160


def explain_hub(error: BaseException) -> str:
    """One line. Of the server's words only its own message is repeated, without what may be a token."""
    chain = list(_causes(error))
    for found in chain:
        if type(found).__name__ in _BY_TYPE:
            return _BY_TYPE[type(found).__name__]
    for found in chain:
        status = getattr(getattr(found, "response", None), "status_code", None)
        if isinstance(status, int):
            said = _shorten(getattr(found, "server_message", None))
            if status in _BY_STATUS:
                return _BY_STATUS[status]
            return f"the server refused (HTTP {status}{': ' + said if said else ''})"
    names = [type(found).__name__ for found in chain]
    if any(word in name for name in names for word in _BROKEN):
        return "the server cannot be reached, or it broke off; check the network and HF_ENDPOINT"
    detail = error.strerror if isinstance(error, OSError) and error.strerror else _shorten(str(error))
    return f"failed ({names[-1]}{': ' + detail if detail else ''})"


def _shorten(message: object) -> str:
    text = conceal(" ".join(str(message or "").split()), *_stored_token())
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _stored_token() -> list[str]:
    """The token that `hf auth login` keeps: it is not in the environment."""
    from huggingface_hub import get_token

    token = get_token()
    return [token] if token else []


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        current = current.__cause__ or current.__context__
