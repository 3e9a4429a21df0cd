"""An S3-speaking server (moto) in a process of its own, and before it a door that counts, breaks, holds."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

BUCKET = "museum"
# moto asks that there be a signature, and takes any.
_ANYONE = "AWS4-HMAC-SHA256 Credential=any/20200101/us-east-1/s3/aws4_request, SignedHeaders=, Signature=any"
REFUSAL = "<Error><Code>{}</Code><Message>no: {}</Message></Error>"


@contextmanager
def run_moto() -> Iterator[int]:
    """Gives the port of a server that has no bucket yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait(30)


def make_bucket(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("PUT", f"/{BUCKET}")
    assert connection.getresponse().status == 200


def _wait_for(port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("moto did not start")


class Door(ThreadingHTTPServer):
    """Passes requests on to `port`. After `passes` uploads it refuses with `code`, or, with no code, holds
    them until the client goes away. The next `busy` requests, of any kind, are told to come again later.
    `puts` are the keys that were put, `asked` all requests' paths."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.port = port
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.open()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def open(self) -> None:
        """Lets everything through, and counts from nothing."""
        self.puts: list[str] = []
        self.asked: list[str] = []
        self.passes: int | None = None
        self.code: str | None = None
        self.busy = 0
        self.held = threading.Event()

    def shut(self, after: int, code: str | None = None) -> None:
        """Lets so many uploads through."""
        self.open()
        self.passes, self.code = after, code


def ask(door: Door, method: str, key: str = "", body: bytes = b"") -> bytes:
    """Past the door."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port)
    connection.request(
        method, quote(f"/{BUCKET}/{key}", safe="/?=&"), body or None, {"Authorization": _ANYONE}
    )
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status in (200, 204), content
    return content


def list_keys(door: Door, prefix: str) -> list[str]:
    text = ask(door, "GET", f"?list-type=2&prefix={prefix}/").decode()
    return sorted(part.split("</Key>")[0].removeprefix(f"{prefix}/") for part in text.split("<Key>")[1:])


class _Passing(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _pass(self) -> None:
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        if self.server.busy > 0:
            self.server.busy -= 1
            self._answer(503, {"Content-Type": "application/xml"}, REFUSAL.format("SlowDown", "").encode())
            return
        passes = self.server.passes
        if self.command == "PUT" and passes is not None and len(self.server.puts) >= passes:
            self._refuse()
            return
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read()
        if self.command == "PUT" and answer.status == 200:
            self.server.puts.append(self.path.partition("?")[0].removeprefix(f"/{BUCKET}/"))
        self._answer(answer.status, dict(answer.getheaders()), content)

    def _refuse(self) -> None:
        if self.server.code is None:
            self.server.held.set()
            time.sleep(60)
            self.close_connection = True
            return
        # As servers do that say too much: with what they were asked by whom.
        text = REFUSAL.format(self.server.code, self.headers.get("Authorization", "")).encode()
        self._answer(403, {"Content-Type": "application/xml"}, text)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        size = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", size)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass  # noqa: N815
