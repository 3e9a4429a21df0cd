"""A server on loopback that speaks the calls of the Hugging Face Hub which publishing uses, in memory.

Data sets have commits on main and tags; large files (Parquet) go by Git LFS, the others within the commit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

WRITER, READER = "hf_writerSecret0123456789", "hf_readerSecret0123456789"


@dataclass
class Commit:
    oid: str
    message: str
    files: dict[str, bytes]


@dataclass
class Repository:
    """`log` tells what happened to it, in order."""

    private: bool = False
    gated: str | bool = False
    commits: list[Commit] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def commit(self, message: str, files: dict[str, bytes]) -> str:
        text = f"{len(self.commits)} {message} {sorted(files)}"
        oid = hashlib.sha1(text.encode()).hexdigest()
        self.commits.append(Commit(oid, message, files))
        return oid

    def find(self, revision: str) -> Commit | None:
        oid = self.tags.get(revision, self.commits[-1].oid if revision == "main" else revision)
        return next((c for c in self.commits if c.oid == oid), None)


class HubServer(ThreadingHTTPServer):
    """Runs in a thread. After `passes` uploads of large files it refuses with `status`, or, with none, holds
    them. `uploads` are the hashes of large files that were sent, `asked` all requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}
        self.lock = threading.Lock()
        self.open()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def open(self) -> None:
        self.uploads: list[str] = []
        self.asked: list[str] = []
        self.passes: int | None = None
        self.status: int | None = None
        self.held = threading.Event()
        self.commits_refused = 0

    def shut(self, after: int, status: int | None = None) -> None:
        self.open()
        self.passes, self.status = after, status

    def make(self, name: str, files: dict[str, bytes] | None = None) -> Repository:
        """A data set as the Hub makes it, with a first commit."""
        repository = Repository()
        repository.commit("initial commit", {".gitattributes": b"*.parquet filter=lfs\n", **(files or {})})
        self.repositories[name] = repository
        return repository


class _Refused(Exception):
    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_ROUTES: list[tuple[str, str, str]] = [
    ("GET", r"/api/whoami-v2", "whoami"),
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/validate-yaml", "validate_yaml"),
    ("GET", r"/api/datasets/([^/]+/[^/]+)", "info"),
    ("GET", r"/api/datasets/([^/]+/[^/]+)/revision/([^/]+)", "info"),
    ("GET", r"/api/datasets/([^/]+/[^/]+)/refs", "refs"),
    ("GET", r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)", "tree"),
    ("PUT", r"/api/datasets/([^/]+/[^/]+)/settings", "settings"),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/preupload/([^/]+)", "preupload"),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/commit/([^/]+)", "commit"),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/tag/([^/]+)", "tag"),
    ("DELETE", r"/api/datasets/([^/]+/[^/]+)/tag/([^/]+)", "untag"),
    ("POST", r"/datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
    ("PUT", r"/storage/([0-9a-f]{64})", "store"),
    ("POST", r"/storage/([0-9a-f]{64})/verify", "verify"),
    ("HEAD", r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", "resolve"),
    ("GET", r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", "resolve"),
]
_READS = ("GET", "HEAD")


class _Answering(BaseHTTPRequestHandler):
    server: HubServer
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _answer(self) -> None:
        path = urlsplit(self.path).path
        self.body = self._read_body()
        self.server.asked.append(f"{self.command} {path}")
        found = [
            (name, m)
            for method, shape, name in _ROUTES
            if method == self.command and (m := re.fullmatch(shape, path))
        ]
        try:
            if not found:
                raise _Refused(404, message=f"no such call: {self.command} {path}")
            name, match = found[0]
            self._check_token(name)
            with self.server.lock if name != "store" else threading.Lock():
                result = getattr(self, f"_{name}")(*map(unquote, match.groups()))
        except _Refused as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self._send(refused.status, {k: v for k, v in headers.items() if v}, b"{}")
            return
        if isinstance(result, tuple):
            self._send(200, *result)
        elif result is not None:
            self._send(200, {"Content-Type": "application/json"}, json.dumps(result).encode())

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _check_token(self, name: str) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if name == "store":
            return  # signed URLs carry no token
        if token not in (WRITER, READER):
            raise _Refused(401, message="Invalid credentials in Authorization header")
        if token == READER and self.command not in _READS:
            # As servers do that say too much.
            raise _Refused(403, message=f"your token {token} may not write")

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _repository(self, name: str) -> Repository:
        if name not in self.server.repositories:
            raise _Refused(404, "RepoNotFound", "Repository not found")
        return self.server.repositories[name]

    def _revision(self, name: str, revision: str) -> Commit:
        commit = self._repository(name).find(revision)
        if commit is None:
            raise _Refused(404, "RevisionNotFound", "Invalid rev id")
        return commit

    def _json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def _whoami(self) -> object:
        return {"type": "user", "name": "curator", "orgs": []}

    def _validate_yaml(self) -> object:
        return {"errors": [], "warnings": []}

    def _create(self) -> object:
        asked = self._json()
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.server.repositories:
            raise _Refused(409, message="You already created this dataset repo")
        repository = self.server.make(name)
        repository.private = asked.get("visibility") == "private" or bool(asked.get("private"))
        repository.log.append("created")
        return {"url": f"{self.server.url}/datasets/{name}", "name": name, "id": name}

    def _info(self, name: str, revision: str = "main") -> object:
        repository, commit = self._repository(name), self._revision(name, revision)
        return {
            "id": name,
            "sha": commit.oid,
            "private": repository.private,
            "gated": repository.gated,
            "tags": [],
            "siblings": [{"rfilename": path} for path in commit.files],
        }

    def _refs(self, name: str) -> object:
        repository = self._repository(name)
        tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": c} for n, c in repository.tags.items()]
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commits[-1].oid}
        return {"branches": [main], "converts": [], "tags": tags}

    def _tree(self, name: str, revision: str) -> object:
        entries: list[dict[str, Any]] = []
        for path, content in self._revision(name, revision).files.items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": hash_blob(content)}
            if path.endswith(".parquet"):
                sha256 = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
            entries.append(entry)
        folders = {path.rsplit("/", 1)[0] for path in self._revision(name, revision).files if "/" in path}
        return entries + [{"type": "directory", "path": f, "oid": "0" * 40, "size": 0} for f in folders]

    def _settings(self, name: str) -> object:
        repository, asked = self._repository(name), self._json()
        repository.gated = asked.get("gated", repository.gated)
        if "visibility" in asked or "private" in asked:
            repository.private = asked.get("visibility") == "private" or bool(asked.get("private"))
        repository.log.append(f"settings {sorted(asked)}")
        return {}

    def _preupload(self, name: str, revision: str) -> object:
        there = self._revision(name, revision).files
        return {
            "files": [
                {
                    "path": f["path"],
                    "shouldIgnore": False,
                    "oid": hash_blob(there[f["path"]]) if f["path"] in there else None,
                    "uploadMode": "lfs" if f["path"].endswith(".parquet") else "regular",
                }
                for f in self._json()["files"]
            ]
        }

    def _batch(self, name: str) -> object:
        self._repository(name)
        objects = []
        for asked in self._json()["objects"]:
            answer = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.server.objects:
                place = f"{self.server.url}/storage/{asked['oid']}"
                answer["actions"] = {
                    "upload": {"href": f"{place}?X-Amz-Signature=sIgNeD"},
                    "verify": {"href": f"{place}/verify"},
                }
            objects.append(answer)
        return {"objects": objects, "transfer": "basic"}

    def _store(self, oid: str) -> object:
        if self.server.passes is not None and len(self.server.uploads) >= self.server.passes:
            if self.server.status is None:
                self.server.held.set()
                time.sleep(60)
                self.close_connection = True
                return None
            raise _Refused(self.server.status, message="no more for now")
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise _Refused(400, message="damaged")
        self.server.objects[oid] = self.body
        self.server.uploads.append(oid)
        return {}

    def _verify(self, oid: str) -> object:
        if len(self.server.objects.get(oid, b"")) != self._json()["size"]:
            raise _Refused(404, message="not there")
        return {}

    def _commit(self, name: str, revision: str) -> object:
        repository = self._repository(name)
        header, *operations = [json.loads(line) for line in self.body.splitlines() if line.strip()]
        parent = repository.commits[-1]
        if header["value"].get("parentCommit", parent.oid) != parent.oid or revision != "main":
            raise _Refused(412, message="A commit has happened since")
        if self.server.commits_refused:
            self.server.commits_refused -= 1
            raise _Refused(403, message="not now")
        files = dict(parent.files)
        for operation in operations:
            key, value = operation["key"], operation["value"]
            if key == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                files[value["path"]] = self.server.objects[value["oid"]]
            elif key == "deletedFile":
                del files[value["path"]]
        oid = repository.commit(header["value"]["summary"], files)
        repository.log.append("committed")
        return {
            "commitUrl": f"{self.server.url}/datasets/{name}/commit/{oid}",
            "commitOid": oid,
            "success": True,
        }

    def _tag(self, name: str, revision: str) -> object:
        repository, tag = self._repository(name), self._json()["tag"]
        if tag in repository.tags:
            raise _Refused(409, message="Tag reference exists already")
        repository.tags[tag] = self._revision(name, revision).oid
        repository.log.append(f"tagged {tag}")
        return {}

    def _untag(self, name: str, tag: str) -> object:
        del self._repository(name).tags[tag]
        return {}

    def _resolve(self, name: str, revision: str, path: str) -> object:
        commit = self._revision(name, revision)
        if path not in commit.files:
            raise _Refused(404, "EntryNotFound", "Entry not found")
        content = commit.files[path]
        headers = {"ETag": f'"{hash_blob(content)}"', "X-Repo-Commit": commit.oid, "Accept-Ranges": "none"}
        if self.command == "HEAD":
            self.send_response_only(200)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            return None
        return headers, content

    def log_message(self, *_: object) -> None:
        pass

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer  # noqa: N815


def hash_blob(content: bytes) -> str:
    """git's name for a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
