"""What may happen to a command: it is killed before its nth change on disk; its clock jumps."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from book_making import make_environment

# Python runs a module of this name when it starts, in the command and in each of its workers. Every change on
# disk that Python makes below the watched folder is told to it before it is made.
_WATCH = """\
import importlib.util, json, os, signal, sys

_FOLDER = os.environ["CULTI_TEST_FOLDER"]
_KILL_AT, _KILLED = int(os.environ["CULTI_TEST_KILL_AT"]), os.environ["CULTI_TEST_KILLED"]
_COMMAND = int(os.environ.setdefault("CULTI_TEST_COMMAND", str(os.getpid())))
_CHANGES = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link", "os.truncate", "shutil.rmtree"}

def _append(name):
    path = os.path.join(os.environ["CULTI_TEST_NOTES"], name)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

_counted, _log, _jobs = _append("changes"), _append("log"), _append("jobs")

def _find_paths(event, arguments):
    if event == "open":
        writes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        return arguments[:1] if writes else ()
    if event in ("os.remove", "os.rmdir") and arguments[1] != -1:
        return (_FOLDER,)  # of a tree that is removed, named within it
    if event == "ctypes.dlsym" and arguments[1] == "renameat2":
        return (_FOLDER,)
    return arguments if event in _CHANGES else ()

def _note(event, arguments):
    try:
        found = [p for p in _find_paths(event, arguments) if isinstance(p, (str, bytes, os.PathLike))]
        paths = [os.path.abspath(os.fsdecode(p)) for p in found]
    except Exception:
        return
    if not any(p.startswith(_FOLDER) and "/prefect/" not in p and "/logs/" not in p for p in paths):
        return
    os.write(_counted, b".")
    os.write(_log, (json.dumps([event, *paths]) + "\\n").encode())
    if _KILL_AT and os.fstat(_counted).st_size >= _KILL_AT:
        if _KILLED == "group":
            os.killpg(os.getpgid(_COMMAND), signal.SIGKILL)
        os.kill(_COMMAND, signal.SIGKILL)

_sync = os.fsync

def _note_sync(descriptor):
    _sync(descriptor)
    os.write(_log, (json.dumps(["sync", os.readlink(f"/proc/self/fd/{descriptor}")]) + "\\n").encode())

os.fsync = _note_sync
sys.addaudithook(_note)

class _NoteJobs:
    # Stands before the other finders until flows.stages is wanted, which not all processes want.

    def find_spec(self, name, path=None, target=None):
        if name != "flows.stages":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def run_and_wrap(module):
            run(module)
            finish = module.finish_job

            def finish_job(job, *rest):
                receipt = finish(job, *rest)
                os.write(_jobs, (job.key + "\\n").encode())
                return receipt

            module.finish_job = finish_job

        spec.loader.exec_module = run_and_wrap
        return spec

sys.meta_path.insert(0, _NoteJobs())
"""

# The wall clock of all that is run under it: a year ahead, back a month, right, two seconds each.
_CLOCK = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

static time_t jump(void) {
    static int (*real)(clockid_t, struct timespec *);
    static const time_t jumps[] = {365 * 86400, -30 * 86400, 0};
    struct timespec now;
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    real(CLOCK_MONOTONIC, &now);
    return jumps[now.tv_sec / 2 % 3];
}

int clock_gettime(clockid_t clock, struct timespec *found) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, found);
    if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) found->tv_sec += jump();
    return status;
}

int gettimeofday(struct timeval *found, void *zone) {
    static int (*real)(struct timeval *, void *);
    if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
    int status = real(found, zone);
    if (!status) found->tv_sec += jump();
    return status;
}

time_t time(time_t *found) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (found) *found = now.tv_sec;
    return now.tv_sec;
}
"""


@dataclass(frozen=True)
class Watched:
    """A command to be run with all its changes below `folder` noted; `notes` keeps the notes of all runs."""

    folder: Path
    notes: Path

    def run(self, *call: object, kill_at: int = 0, killed: str = "group") -> subprocess.CompletedProcess[str]:
        """Python with `call`, killed before its change number `kill_at`: the whole group of its processes, or
        the command alone."""
        self.notes.mkdir(exist_ok=True)
        (self.notes / "changes").unlink(missing_ok=True)
        (self.notes / "sitecustomize.py").write_text(_WATCH, encoding="utf-8")
        told = {
            "CULTI_TEST_FOLDER": str(self.folder.resolve()) + os.sep,
            "CULTI_TEST_NOTES": str(self.notes),
            "CULTI_TEST_KILL_AT": str(kill_at),
            "CULTI_TEST_KILLED": killed,
        }
        # What it says goes to files: a worker that lives on for a moment would keep a pipe open.
        with (self.notes / "out").open("w+b") as out, (self.notes / "err").open("w+b") as err:
            status = subprocess.run(
                [sys.executable, *map(str, call)],
                stdout=out,
                stderr=err,
                timeout=600,
                check=False,
                env={**make_environment(self.notes), **told},
                start_new_session=True,
            ).returncode
            if kill_at:
                assert status == -signal.SIGKILL, "it ended before it could be killed"
            out.seek(0), err.seek(0)
            return subprocess.CompletedProcess(call, status, out.read().decode(), err.read().decode())

    def count(self) -> int:
        """The changes of the last run."""
        return (self.notes / "changes").stat().st_size

    def list_jobs(self) -> list[str]:
        """The keys of all jobs that were done in all runs."""
        return (self.notes / "jobs").read_text().split()

    def read_log(self) -> list[list[str]]:
        """(what, paths) of every change and sync of all runs."""
        return [json.loads(line) for line in (self.notes / "log").read_text().splitlines()]


def list_unsafe(log: Iterable[list[str]], lasting: Iterable[Path]) -> Iterator[str]:
    """A line on each file in `lasting` that a power cut may lose or tear: whose bytes were not synced before
    it was renamed into its place, whose place was not synced afterwards, or that was never renamed."""
    synced: set[str] = set()
    placed: dict[str, str] = {}
    unsynced: dict[str, str] = {}
    for what, *paths in log:
        if what == "open":
            synced.discard(paths[0])
        elif what == "sync":
            synced.add(paths[0])
            placed |= {name: "" for name, folder in unsynced.items() if folder == paths[0]}
            unsynced = {name: folder for name, folder in unsynced.items() if folder != paths[0]}
        elif what == "os.rename":
            source, target = paths[:2]
            own = (p for p in synced if p == source or p.startswith(f"{source}/"))
            moved = {p.replace(source, target, 1) for p in own}
            synced |= moved
            for name in moved:
                placed[name] = "its name was not synced"
                unsynced[name] = str(Path(target).parent)
    for path in lasting:
        trouble = placed.get(str(path), "never renamed, or not synced before")
        if trouble:
            yield f"{path}: {trouble}"


def make_jumping_clock(folder: Path) -> dict[str, str]:
    """The environment of a command whose wall clock jumps; skips where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("a C compiler on Linux is needed to shift a command's clock")
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}
