"""Asking a model: many texts at an OpenAI-compatible endpoint, a few at a time, within a stated time each.

The client is `openai`'s, an extra, imported where it is used. It retries what may pass (429, 500 and above,
lost connections) with growing waits, or as long as the server asks for.
"""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from extractors.errors import CultiError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# With these every text would be answered alike: no key, a wrong one, no such model.
_HOPELESS = frozenset({401, 403, 404})
# So many failures in a row, each after its own retries, say that the endpoint is down.
_MOST_FAILURES = 8
_SAID_CHARACTERS = 300
NOT_ASKED = "not_asked"


class MissingClient(CultiError):
    """The extra is not installed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and how hard: `timeout_s` for each try, and `retries` after the first."""

    base_url: str
    api_key: str = field(repr=False)
    concurrency: int = 4
    timeout_s: float = 60.0
    retries: int = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, and the tokens that the endpoint counted (0 where it does not tell)."""

    content: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class NoReply:
    """Why there is none: `timeout`, `connection`, a status such as `429`, `broken` for what is no chat
    completion, or `not_asked` where others had shown that it is of no use. `said` is the server's reason."""

    cause: str
    said: str = ""


OnReply = Callable[[str, Reply | NoReply, float], None]
"""Called with key, reply and seconds as each text is done."""


def check_client() -> None:
    """MissingClient where the extra is not installed."""
    if importlib.util.find_spec("openai") is None:
        raise MissingClient("[refine] needs the openai client; pip install 'culti[llm]'")


def ask_all(endpoint: Endpoint, bodies: Mapping[str, Mapping[str, Any]], on_reply: OnReply) -> None:
    """Sends every body, by key, as a chat completion; what comes of each goes to `on_reply`, whose own errors
    end it."""
    try:
        asyncio.run(_ask_all(endpoint, bodies, on_reply))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


async def _ask_all(endpoint: Endpoint, bodies: Mapping[str, Mapping[str, Any]], on_reply: OnReply) -> None:
    from openai import AsyncOpenAI

    waiting = iter(bodies.items())
    failed_in_a_row = 0

    async def work(client: AsyncOpenAI) -> None:
        nonlocal failed_in_a_row
        # Whoever is done takes the next: as many are under way as there are workers.
        for key, body in waiting:
            started = time.monotonic()
            reply: Reply | NoReply = NoReply(NOT_ASKED)
            if failed_in_a_row < _MOST_FAILURES:
                reply, is_hopeless = await _ask(client, endpoint, body)
                failed_in_a_row = 0 if isinstance(reply, Reply) else failed_in_a_row + 1
                if is_hopeless:
                    failed_in_a_row = _MOST_FAILURES
            on_reply(key, reply, time.monotonic() - started)

    client = AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        timeout=endpoint.timeout_s,
        max_retries=endpoint.retries,
    )
    async with client, asyncio.TaskGroup() as group:
        for _ in range(min(endpoint.concurrency, len(bodies))):
            group.create_task(work(client))


async def _ask(
    client: AsyncOpenAI, endpoint: Endpoint, body: Mapping[str, Any]
) -> tuple[Reply | NoReply, bool]:
    """The reply, and whether its failure is that of all others too."""
    import openai

    try:
        # The client's own limit is for silence: a server that sends a blank now and then is never silent.
        async with asyncio.timeout(endpoint.timeout_s * (endpoint.retries + 1)):
            completion = await client.chat.completions.create(**body)
    except (TimeoutError, openai.APITimeoutError):
        return NoReply("timeout"), False
    except openai.APIStatusError as error:
        status = error.status_code
        # Who is told that a key is wrong is often told the key.
        said = "" if status in _HOPELESS else str(error).replace(endpoint.api_key, "…")
        return NoReply(str(status), said[:_SAID_CHARACTERS]), status in _HOPELESS
    except openai.APIConnectionError:
        return NoReply("connection"), False
    except (openai.OpenAIError, ValueError, TypeError):
        return NoReply("broken"), False
    return _read_completion(completion), False


def _read_completion(completion: Any) -> Reply | NoReply:  # noqa: ANN401 - servers send what they like
    try:
        content = completion.choices[0].message.content
        usage = completion.usage
    except (AttributeError, IndexError, TypeError):
        return NoReply("broken")
    counts = [getattr(usage, name, 0) for name in ("prompt_tokens", "completion_tokens")]
    prompt, said = (count if isinstance(count, int) else 0 for count in counts)
    return Reply(content if isinstance(content, str) else "", prompt, said)
