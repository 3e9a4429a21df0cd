"""A server that speaks OpenAI's chat completions over real HTTP, and answers as a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True)
class Say:
    """A reply: the message's content, or another `status`, a `body` that is no completion, a `wait` before
    it, or blanks sent for as long as the client listens (`trickles`)."""

    content: str | None = None
    status: int = 200
    body: str | None = None
    wait: float = 0.0
    trickles: bool = False
    headers: tuple[tuple[str, str], ...] = ()


def correct(text: str, **more: str) -> Say:
    """A well-formed correction."""
    return Say(json.dumps({"text": text, **more}, ensure_ascii=False))


@dataclass
class ModelServer:
    """`answer` is called with the text and how often it was asked before. What was asked is in `asked`
    (texts), `bodies` and `keys`; `most_at_once` counts requests that were open together."""

    answer: Callable[[str, int], Say]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    most_at_once: int = 0
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def take(self, body: dict[str, Any], key: str) -> Say:
        text = json.loads(body["messages"][-1]["content"])["text"]
        with self._lock:
            before = self.asked.count(text)
            self.asked.append(text)
            self.bodies.append(body)
            self.keys.add(key)
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
        try:
            said = self.answer(text, before)
            self.closing.wait(said.wait)
            return said
        finally:
            with self._lock:
                self._open -= 1


@contextmanager
def serve_model(answer: Callable[[str, int], Say]) -> Iterator[ModelServer]:
    """The server, on a port of its own, for as long as the block lasts."""
    model = ModelServer(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            assert self.path == "/v1/chat/completions", self.path
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Authorization"].removeprefix("Bearer ")
            said = model.take(body, key)
            try:
                if said.trickles:
                    self._trickle()
                else:
                    self._reply(said, body, key)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has given up

        def _reply(self, said: Say, body: dict[str, Any], key: str) -> None:
            payload = said.body
            if payload is None and said.status != 200:
                # As servers do: the key is repeated.
                payload = json.dumps({"error": {"message": f"no: {key}", "type": "error"}})
            elif payload is None:
                payload = json.dumps(describe_completion(said.content, body["model"]))
            data = payload.encode()
            self.send_response(said.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in said.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def _trickle(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            while not model.closing.is_set():
                self.wfile.write(b"\n")
                self.wfile.flush()
                time.sleep(0.05)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            pass  # clients that give up

    server = Server(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def describe_completion(content: str | None, model: str) -> dict[str, Any]:
    """A chat completion of 100 + 50 tokens."""
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }
