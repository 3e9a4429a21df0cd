"""The review server by its door: who is let in, what is taken, what is left of one that is killed."""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from book_making import kill, run_culti
from review_calling import Caller
from review_making import serve, wait_until


@contextmanager
def serving(release: Path, folder: Path, **environment: str) -> Iterator[tuple[Caller, object]]:
    with serve(release, "--work", str(folder / "work"), "--reviewer", "甲", **environment) as (
        address,
        process,
    ):
        yield Caller(address), process


@pytest.fixture(scope="module")
def caller(release, tmp_path_factory):
    with serving(release, tmp_path_factory.mktemp("door")) as (caller, _):
        caller.enter()
        yield caller


def test_the_page_comes_with_a_strict_policy_and_a_strict_cookie(caller):
    status, headers, body = caller.ask("", Cookie="")
    assert (
        status == 200 and b"<script" in body and b"unsafe" not in headers["content-security-policy"].encode()
    )
    assert headers["content-security-policy"].startswith("default-src 'none'")
    cookie = headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and caller.token.lower() in cookie
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path, status",
    [("/", 404), ("/wrong/", 404), ("/wrong/api/start", 404), ("/api/start", 404), ("//api/start", 404)],
)
def test_nothing_is_there_without_the_token(caller, path, status):
    assert caller.ask(path)[0] == status


def test_the_token_alone_is_not_enough(caller):
    assert caller.ask("api/start", Cookie="")[0] == 401
    assert caller.ask("picture/1/large", Cookie="culti_review=wrong")[0] == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil:8765"]
)
def test_another_host_is_refused(caller, host):
    assert caller.ask("", Host=host)[0] == 403


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "https://127.0.0.1"])
def test_another_origin_may_not_write(caller, origin):
    status, _, body = caller.ask("api/undo", "POST", b"{}", Origin=origin)
    assert status == 403 and json.loads(body)["error"] == "origin"


def test_another_site_may_not_read(caller):
    assert caller.ask("api/start", Sec_Fetch_Site="cross-site")[0] == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(caller, kind):
    assert caller.ask("api/undo", "POST", b"{}", Content_Type=kind)[0] == 415


def test_other_methods_and_large_bodies_are_refused(caller):
    assert caller.ask("api/undo", "PUT", b"{}")[0] == 405
    assert caller.ask("api/undo", "DELETE")[0] == 405
    assert caller.ask("api/note", "POST", b"x" * (1 << 20) + b"x")[0] == 413


@pytest.mark.parametrize(
    "path",
    [
        "static/../access.py",
        "static/%2e%2e/access.py",
        "static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "static//etc/passwd",
        "picture/..%2f..%2fetc/large",
        "sheet/1/1/../../../1",
    ],
)
def test_no_path_of_the_client_is_opened(caller, path):
    status, _, body = caller.ask(path)
    assert status in (204, 404) and b"import" not in body and b"root:" not in body


@pytest.mark.parametrize(
    "action, payload",
    [
        ("accept everything", {}),
        ("undo", {}),
        ("edit", {}),
        ("edit", {"title": 3}),
        ("edit", {"title": "x" * 60_000}),
        ("repair", {"texts": [{"page": 1, "bbox": [0, 0, 9, 9], "role": "emperor", "text": ""}]}),
        ("repair", {"texts": [{"page": "1", "bbox": [0, 0, 9, 9], "role": "caption", "text": ""}]}),
        ("move", {"bbox": [0, 0, 1, 1]}),
        ("move", {"bbox": [0, 0, "9", 9]}),
        ("move", {"bbox": [0, 0, None, 9]}),
        ("move", {"bbox": [900, 900, 999, 999]}),
        ("kind", {"kind": "castle"}),
        ("merge", {"with": [1]}),
        ("merge", {"with": ["../x"]}),
        ("split", {"parts": [{"bbox": [60, 90, 100, 100]}]}),
        ("note", {}),
    ],
)
def test_what_is_no_decision_is_refused(caller, action, payload):
    status, answer = caller.decide(action, [1], payload)
    assert (status, answer["error"]) == (400, "payload")


def test_unknown_items_and_broken_bodies_are_refused(caller):
    assert caller.decide("accept", [10**9])[0] == 404
    assert caller.decide("accept", ["1"])[0] == 400
    assert caller.ask("api/item/999999999")[0] == 404
    for body in (b"", b"[]", b"{", b"[" * 90_000, b'"\\ud800"'):
        assert caller.ask("api/decide", "POST", body)[0] == 400


def test_a_line_that_is_sent_twice_is_one(caller):
    request = {"id": secrets.token_hex(16), "action": "note", "items": [2], "payload": {"note": "一次"}}
    first, again = caller.post("api/decide", request), caller.post("api/decide", request)
    assert first == again and first[0] == 200
    _, _, body = caller.ask("api/item/2")
    assert json.loads(body)["notes"] == [["甲", "一次"]]


def test_what_was_seen_must_be_what_is(caller):
    assert caller.decide("accept", [3], seen=["0" * 16])[0] == 409
    seen = json.loads(caller.ask("api/item/3")[2])["seen"]
    assert caller.decide("accept", [3], seen=[seen])[0] == 200


def test_an_item_is_not_handed_out_twice(caller):
    ask = {"want": [5, 6], "since": 0}
    assert caller.post("api/pulse", ask | {"client": "one"})[1]["refused"] == {}
    answer = caller.post("api/pulse", ask | {"client": "two"})[1]
    assert answer["refused"] == {"5": "甲", "6": "甲"} == answer["others"]
    caller.post("api/pulse", {"client": "one", "want": []})
    assert caller.post("api/pulse", ask | {"client": "two"})[1]["refused"] == {}


def test_other_machines_need_a_password(release, tmp_path):
    done = run_culti("review", release, "--work", tmp_path / "w", "--host", "0.0.0.0", "--no-open")
    assert done.returncode == 2 and "CULTI_REVIEW_PASSWORD" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "w").exists()
    environment = {"CULTI_REVIEW_PASSWORD": "缠枝莲"}
    arguments = ("--work", str(tmp_path / "w"), "--host", "0.0.0.0")
    with serve(release, *arguments, **environment) as (address, _):
        caller = Caller(address)
        status, headers, body = caller.ask("")
        assert status == 200 and "set-cookie" not in headers and b'data-locked="yes"' in body
        assert caller.ask("api/start")[0] == 401
        assert caller.post("login", {"password": "wrong"})[0] == 401
        status, headers, _ = caller.ask("login", "POST", json.dumps({"password": "缠枝莲"}).encode())
        assert status == 200
        caller.cookie = headers["set-cookie"].partition(";")[0]
        assert caller.ask("api/start")[0] == 200
        port = caller.host.rpartition(":")[2]
        assert caller.ask("api/start", Host=f"evil.example:{port}")[0] == 403
        assert caller.ask("api/start", Host=f"192.168.0.7:{port}")[0] == 200


def test_wrong_calls_are_one_line(release, caller, tmp_path):
    port = caller.host.rpartition(":")[2]
    for arguments, words in (
        ((tmp_path / "none",), "no such folder"),
        ((release, "--work", tmp_path / "w", "--port", port), "--port"),
        ((release, "--work", release / "inside"), "lies in the release"),
        ((release, "--work", tmp_path / "w", "--reviewer", " "), "--reviewer"),
    ):
        done = run_culti("review", *arguments, "--no-open")
        assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_nothing_that_was_answered_is_lost_when_the_server_is_killed(release, tmp_path):
    copied = tmp_path / "release"
    shutil.copytree(release, copied)
    answered: list[str] = []
    with serving(copied, tmp_path) as (caller, process):
        caller.enter()

        def decide(worker: int) -> None:
            for turn in range(400):
                name = secrets.token_hex(16)
                request = {
                    "id": name,
                    "action": "note",
                    "items": [worker + 1],
                    "payload": {"note": f"{turn}"},
                }
                try:
                    if caller.post("api/decide", request)[0] == 200:
                        answered.append(name)
                except (OSError, http.client.HTTPException):
                    return

        workers = [threading.Thread(target=decide, args=(n,)) for n in range(4)]
        for worker in workers:
            worker.start()
        wait_until(lambda: len(answered) > 40, 30)
        kill(process)
        for worker in workers:
            worker.join(30)
    log = tmp_path / "work" / "decisions.jsonl"
    kept = {
        json.loads(line)["id"] for line in log.read_text(encoding="utf-8").splitlines() if line.endswith("}")
    }
    assert len(answered) > 40 and kept.issuperset(answered)
    with serving(copied, tmp_path) as (caller, _):
        caller.enter()
        noted = sum(len(json.loads(caller.ask(f"api/item/{n}")[2])["notes"]) for n in range(1, 5))
        assert noted >= len(answered)
