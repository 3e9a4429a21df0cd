"""Which failures of a task are worth another try: those that pass by themselves.

A bad PDF is bad again, and a worker that died is the crew's affair. What passes is the trouble of a network:
a share or an object store that does not answer for a moment, a connection that was reset.
"""

from __future__ import annotations

import errno
from typing import Any

RETRIES = 2
RETRY_DELAYS_S = [2.0, 10.0]
# What a network share says while its server is away or busy.
_PASSING = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.EINTR,
    errno.EIO,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENOLCK,
    errno.EREMOTEIO if hasattr(errno, "EREMOTEIO") else errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


def can_pass(error: BaseException) -> bool:
    """Whether `error`, or what it was raised from, is a trouble that passes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionError | TimeoutError):
            return True
        if isinstance(cause, OSError) and cause.errno in _PASSING:
            return True
        cause = cause.__cause__
    return False


def should_retry(task: object, run: object, state: Any) -> bool:  # noqa: ANN401 - Prefect's State
    """Prefect's `retry_condition_fn`."""
    failed = getattr(state.data, "result", state.data)
    return isinstance(failed, BaseException) and can_pass(failed)
