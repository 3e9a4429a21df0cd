"""A client of the review server without a browser."""

from __future__ import annotations

import http.client
import json
import secrets
from typing import Any
from urllib.parse import urlsplit


class Caller:
    """A client that sends what it is told to, headers included."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        self.host, self.token = split.netloc, split.path.strip("/")
        self.cookie = ""

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
        """(status, headers, body); `path` is below the token unless it begins with a slash."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        sent = {"Host": self.host, "Cookie": self.cookie, "Origin": f"http://{self.host}"}
        sent |= {"Content-Type": "application/json"} if body is not None else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            whole = path if path.startswith("/") else f"/{self.token}/{path}"
            connection.request(method, whole, body, {k: v for k, v in sent.items() if v})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def enter(self) -> None:
        """Takes the cookie that comes with the page."""
        status, headers, _ = self.ask("")
        assert status == 200
        self.cookie = headers["set-cookie"].partition(";")[0]

    def post(self, path: str, value: object, **headers: str):
        status, _, body = self.ask(path, "POST", json.dumps(value).encode(), **headers)
        return status, json.loads(body)

    def decide(self, action: str, items: list[int], payload: object = None, **more: object):
        request = {"id": secrets.token_hex(16), "action": action, "items": items, "payload": payload or {}}
        return self.post("api/decide", request | more)

    def read(self, path: str) -> Any:
        """What a path answers, from JSON."""
        status, _, body = self.ask(path)
        assert status == 200, body
        return json.loads(body)
