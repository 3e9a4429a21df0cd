"""Who may ask the review server, and in what form. All that is not expressly let in is refused.

The page lies below a path with a random token; the session's cookie comes with the page and is asked for by
everything else. A page of another site can neither read (`Host` is checked, so a name that is turned to this
machine helps nothing) nor write (`Origin` is checked, and only JSON is taken).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from alignment.review.sessions import Session, Sessions

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

MAX_BODY = 1 << 20
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """How the server may be reached: `password` empty where only this machine reaches it."""

    host: str
    port: int
    password: str = field(default="", repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def address(self) -> str:
        """What to open in a browser on this machine."""
        shown = (
            "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host.replace("::", "::1", self.host == "::")
        )
        shown = f"[{shown}]" if ":" in shown else shown
        return f"http://{shown}:{self.port}/{self.token}/"

    @property
    def cookie(self) -> str:
        """Cookies are shared by all ports of a host, so each server has a name of its own."""
        return f"culti_review_{self.port}"

    def is_own_host(self, host: str) -> bool:
        """Whether a `Host` is ours: a number with our port or, from this machine, localhost. Names are what
        DNS rebinding works with; of these only the one given, and the machine's own, count."""
        name, _, port = host.rpartition(":")
        if not name or not port.isascii() or not port.isdecimal() or int(port) != self.port:
            return False
        name = name.lower()
        if is_loopback(self.host):
            return name in ("127.0.0.1", "localhost", "[::1]", self.host.lower())
        if name in ("localhost", self.host.lower(), socket.gethostname().lower()):
            return True
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """The middleware that lets requests in; `scope["session"]` is then the session, or None on the page
    while the password is still wanted."""

    def __init__(self, app: _App, access: Access, sessions: Sessions, open_paths: Iterable[str]) -> None:
        self._app, self._access, self._sessions = app, access, sessions
        self._open_paths = tuple(open_paths)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._judge(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._app(scope, _with_limit(receive), _with_headers(send))

    def _judge(self, scope: _Scope) -> Response | None:
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or not self._access.is_own_host(headers["host"]):
            return _refuse(403, "host", "this address is not the one that the server was started for")
        _, token, *rest = (*scope["path"].split("/", 2), "")[:3] if scope["path"] != "/" else ("", "", "")
        if not hmac.compare_digest(token.encode(), self._access.token.encode()):
            return _refuse(404, "token", "open the address that `culti review` printed when it started")
        inner = "/" + (rest[0] if rest else "")
        scope["path"], scope["raw_path"] = inner, inner.encode()
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _refuse(405, "method", "only GET and POST")
        if scope["method"] == "POST" and (wrong := self._judge_post(headers)):
            return wrong
        cookie = HTTPConnection(scope).cookies.get(self._access.cookie, "")
        session = self._sessions.find(cookie)
        scope["session"] = session
        if inner in self._open_paths or inner.startswith("/static/"):
            return None
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return _refuse(403, "origin", "asked for by another site")
        if session is None:
            return _refuse(401, "session", "open the page first; cookies must be allowed for it")
        return None

    def _judge_post(self, headers: Headers) -> Response | None:
        if headers.get("origin") != f"http://{headers['host']}":
            return _refuse(403, "origin", "asked for by another site")
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _refuse(415, "type", "only application/json")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            return _refuse(413, "size", f"at most {MAX_BODY} bytes")
        return None


class BodyTooLarge(Exception):
    """A body that is longer than it said, or that did not say."""


def _with_limit(receive: _Receive) -> _Receive:
    taken = 0

    async def limited() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise BodyTooLarge
        return message

    return limited


def _with_headers(send: _Send) -> _Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return sending


def _refuse(status: int, error: str, words: str) -> Response:
    return JSONResponse({"error": error, "words": words}, status)


def start_session(access: Access, sessions: Sessions, response: Response, reviewer: str) -> Session:
    """A new session, its cookie on the response. Strict: no other site's page makes a browser send it."""
    session = sessions.start(reviewer)
    response.set_cookie(
        access.cookie, session.key, path=f"/{access.token}/", httponly=True, samesite="strict"
    )
    return session
