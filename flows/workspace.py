"""The work directory of a build: store, Prefect's home, overlays, logs; everything that is volatile."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from export.place import check_output
from extractors.errors import CultiError
from extractors.whole_files import sweep_parts
from flows.configuration import ConfigurationError
from flows.store import StoreAddress, StoreError, open_store


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where things are in a work directory; nothing is created by looking. `far_store` is the address of a
    store on S3 that is used instead of the one that lies here."""

    root: Path
    far_store: str = ""

    @property
    def store(self) -> StoreAddress:
        """The content-addressed store."""
        return StoreAddress(self.far_store or str(self.root / "store"), str(self.root))

    @property
    def prefect_home(self) -> Path:
        """Prefect's home: its database and settings."""
        return self.root / "prefect"

    @property
    def overlays(self) -> Path:
        """`<book>/p0001.png`: pages with all that was seen on them."""
        return self.root / "overlays"

    @property
    def logs(self) -> Path:
        """Logs of Prefect and of the workers."""
        return self.root / "logs"

    @property
    def answers(self) -> Path:
        """A language model's answers (`flows.answer_cache`)."""
        return self.root / "refinements.jsonl"

    @property
    def comparisons(self) -> Path:
        """What images were found to be to each other (`flows.kept_comparisons`)."""
        return self.root / "comparisons.db"

    @property
    def refine_log(self) -> Path:
        """What a language model was asked and what it cost, a JSON object a text."""
        return self.logs / "refine.jsonl"

    @property
    def rejects(self) -> Path:
        """All that was left out, one JSON object a line."""
        return self.root / "rejects.jsonl"

    @property
    def build_report(self) -> Path:
        """How the build went, for programs."""
        return self.root / "build_report.json"

    @property
    def ledgers(self) -> Path:
        """What the last build of each release here was made of (`flows.ledger`)."""
        return self.root / "ledgers"

    @property
    def review(self) -> Path:
        """What the release was made from, for the review page."""
        return self.root / "review.json"

    @property
    def full_report(self) -> Path:
        """The release's report with the pixels of all books, whatever their rights: not to be passed on."""
        return self.root / "report.html"


def find_workspace(out: Path, work: Path | None) -> Workspace:
    """The work directory for a release, by default beside it."""
    if out.name in ("", ".."):
        raise ConfigurationError(f"--out {out} names no folder of its own; choose one below it")
    return Workspace(work or out.with_name(f"{out.name}.work"))


def hash_file(path: Path) -> str:
    """The sha256 (hex) of a file's bytes; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


@contextmanager
def hold_workspace(workspace: Workspace, out: Path, patience_s: float = 0) -> Iterator[None]:
    """Makes the work directory and keeps other builds off it and off the release; one that is at work there
    is waited for as long as `patience_s`.

    ConfigurationError, with nothing begun, where it or the release cannot be written or another build runs.
    """
    root = workspace.root
    if root.resolve().is_relative_to(out.resolve()):
        raise ConfigurationError(f"{root} lies in the release; choose another --work")
    try:
        check_output(out)
    except CultiError as error:
        raise ConfigurationError(str(error)) from error
    try:
        root.mkdir(parents=True, exist_ok=True)
        workspace.logs.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{root} cannot be written ({error.strerror}); choose another --work"
        ) from error
    with ExitStack() as held:
        for place, lock in ((root, root / "lock"), (out, find_lock(out))):
            try:
                held.enter_context(FileLock(lock, timeout=patience_s))
            except Timeout as error:
                raise ConfigurationError(
                    f"another build is at work on {place}; wait for it to end"
                ) from error
            except OSError as error:
                raise ConfigurationError(f"{lock} cannot be written ({error.strerror})") from error
        sweep_parts(root)
        try:
            open_store(workspace.store).begin()
        except StoreError as error:
            raise ConfigurationError(str(error)) from error
        yield


def find_lock(out: Path) -> Path:
    """The file that is locked while a command writes to a folder."""
    # Not beside the release: the file stays behind, and there it would be in the way.
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"culti-{user}-{name}.lock"
