"""The Hugging Face Hub: one commit for a release, and a tag that is its version.

A reader of `main` or of the tag sees the release before or after the commit, never in between. Large files go
ahead of the commit and belong to nothing until it is made; those that are there are not sent again.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from export.publish.contents import INDEXES, File, Release, is_newer
from export.publish.errors import PublishError, check_extra
from export.publish.hub_errors import explain_hub
from export.publish.outlook import Outlook, Sent

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.hf_api import DatasetInfo, RepoFile

_KIND = "dataset"
# The Hub makes the first, people write the others before there is a release.
_HARMLESS = frozenset((".gitattributes", ".gitignore", "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"))


@dataclass(frozen=True, slots=True)
class _Remote:
    """How the data set stands: `head` is main's commit, `files` those on main by path, `tagged` those of the
    release's tag, None where there is no such tag."""

    head: str
    files: dict[str, RepoFile]
    tags: frozenset[str]
    tagged: dict[str, RepoFile] | None
    private: bool
    gated: str | bool


class Hub:
    """A `Target`: the data set `owner/name`. The token is the environment's, or that of `hf auth login`."""

    def __init__(self, repository: str, *, private: bool, gated: Literal["auto", "manual"] | None) -> None:
        check_extra("huggingface_hub", "release", "hf://")
        import huggingface_hub
        from huggingface_hub.utils import disable_progress_bars
        from huggingface_hub.utils import logging as hub_logging

        disable_progress_bars()
        hub_logging.set_verbosity_error()
        self._api: HfApi = huggingface_hub.HfApi(library_name="culti")
        self._repository = repository
        self._private = private
        self._gated = gated

    def look(self, release: Release) -> Outlook:
        with self._told():
            self._api.whoami()
            remote = self._find(release)
        where = f"hf://{self._repository} at tag {release.version}"
        if remote is None:
            made = f"data set {self._repository} is made{', private' if self._private else ''}"
            return Outlook(
                where, release.files, (), (made, *self._settings(None), *_ends(release, commit=True))
            )
        there = remote.files if remote.tagged is None else remote.tagged
        present = tuple(f for f in release.files if _is_same(release, f, there.get(f.path)))
        missing = tuple(f for f in release.files if f not in present)
        if remote.tagged is None:
            self._refuse_foreign(remote)
            steps = (*self._settings(remote), *_ends(release, commit=bool(missing)))
            return Outlook(where, missing, present, steps, notes=_tell_newer(release, remote))
        if not missing:
            return Outlook(where, (), present, self._settings(remote))
        conflict = f"tag {release.version} of {self._repository} holds other content"
        # What is on main counts from now on, for the commit goes there.
        present = tuple(f for f in release.files if _is_same(release, f, remote.files.get(f.path)))
        missing = tuple(f for f in release.files if f not in present)
        steps = (*self._settings(remote), *_ends(release, commit=bool(missing)))
        return Outlook(where, missing, present, steps, conflict, _tell_newer(release, remote))

    def send(self, release: Release, outlook: Outlook, sent: Sent) -> None:
        with self._told():
            remote = self._prepare(release, sent)
            if not self._needs_commit(remote, outlook):
                return
            commit = self._commit(release, remote, outlook, sent)
            if remote.tagged is not None:
                self._api.delete_tag(self._repository, tag=release.version, repo_type=_KIND)
            self._api.create_tag(self._repository, tag=release.version, revision=commit, repo_type=_KIND)
            there = self._list(release.version)
        for file in release.files:
            if not _is_same(release, file, there.get(file.path)):
                raise PublishError(f"hf://{self._repository}: {file.path} did not arrive as it was sent")

    @staticmethod
    def _needs_commit(remote: _Remote, outlook: Outlook) -> bool:
        return remote.tagged is None or bool(outlook.conflict)

    def _prepare(self, release: Release, sent: Sent) -> _Remote:
        """Makes the data set, and closes it as asked before anything is in it."""
        remote = self._find(release)
        if remote is None:
            self._api.create_repo(self._repository, repo_type=_KIND, private=self._private or None)
            sent.begin()
            remote = self._find(release)
            assert remote is not None
        if self._settings(remote):
            self._api.update_repo_settings(
                self._repository,
                repo_type=_KIND,
                gated=self._gated,
                private=True if self._private else None,
            )
            sent.begin()
        return remote

    def _commit(self, release: Release, remote: _Remote, outlook: Outlook, sent: Sent) -> str:
        """The commit that holds the release: a new one, or main's where all of it is there already."""
        from huggingface_hub import CommitOperationAdd

        operations: list[CommitOperationAdd | CommitOperationDelete] = []
        for file in outlook.missing:
            addition = CommitOperationAdd(file.path, release.local(file))
            self._api.preupload_lfs_files(
                self._repository, [addition], repo_type=_KIND, num_threads=1, free_memory=False
            )
            sent.finish(file)
            operations.append(addition)
        operations += self._clear(release, remote)
        if not operations:
            return remote.head
        done = self._api.create_commit(
            self._repository,
            operations,
            commit_message=f"{release.name} {release.version}",
            commit_description=f"manifest digest {release.digest}",
            repo_type=_KIND,
            parent_commit=remote.head,
        )
        sent.begin()
        return str(done.oid)

    def _clear(self, release: Release, remote: _Remote) -> list[CommitOperationDelete]:
        """Files of the release before that this one does not have; what others put there stays."""
        from huggingface_hub import CommitOperationDelete

        ours = self._read_listed(remote) - {file.path for file in release.files}
        return [CommitOperationDelete(path, is_folder=False) for path in sorted(ours & remote.files.keys())]

    def _find(self, release: Release) -> _Remote | None:
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            info: DatasetInfo = self._api.dataset_info(self._repository)
        except RepositoryNotFoundError:
            return None
        refs = self._api.list_repo_refs(self._repository, repo_type=_KIND)
        tags = frozenset(tag.name for tag in refs.tags)
        tagged = self._list(release.version) if release.version in tags else None
        head = str(info.sha)
        return _Remote(head, self._list(head), tags, tagged, bool(info.private), info.gated or False)

    def _list(self, revision: str) -> dict[str, RepoFile]:
        tree = self._api.list_repo_tree(self._repository, recursive=True, revision=revision, repo_type=_KIND)
        return {entry.path: entry for entry in tree if hasattr(entry, "blob_id")}

    def _refuse_foreign(self, remote: _Remote) -> None:
        foreign = sorted(remote.files.keys() - _HARMLESS)
        if foreign and not self._read_listed(remote):
            raise PublishError(
                f"hf://{self._repository} holds {foreign[0]}, which no release put there; choose another name"
            )

    def _read_listed(self, remote: _Remote) -> set[str]:
        """The files that the release or recipe on main lists; none where there is none of ours."""
        index = next((name for name in INDEXES if name in remote.files), None)
        if index is None:
            return set()
        with tempfile.TemporaryDirectory() as folder:
            path = self._api.hf_hub_download(
                self._repository, index, repo_type=_KIND, revision=remote.head, local_dir=folder
            )
            try:
                manifest = json.loads(Path(path).read_text(encoding="utf-8"))
            except ValueError:
                return set()
        if not isinstance(manifest, dict) or manifest.get("format") != INDEXES[index]:
            return set()
        return {index, *(str(entry["path"]) for entry in manifest.get("files", []))}

    def _settings(self, remote: _Remote | None) -> tuple[str, ...]:
        """Which settings differ from what was asked for; a data set is closed here, never opened."""
        closing = self._private and remote is not None and not remote.private
        gating = self._gated is not None and (remote is None or remote.gated != self._gated)
        words = (("private", closing), (f"gated ({self._gated})", gating))
        return tuple(f"{self._repository} becomes {word}" for word, asked in words if asked)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PublishError:
            raise
        except Exception as error:
            raise PublishError(f"hf://{self._repository}: {explain_hub(error)}") from error


def _ends(release: Release, *, commit: bool) -> tuple[str, ...]:
    return ("one commit on main", f"tag {release.version}")[0 if commit else 1 :]


def _tell_newer(release: Release, remote: _Remote) -> tuple[str, ...]:
    newer = sorted(tag for tag in remote.tags if is_newer(tag, release.version))
    return (f"main goes back to {release.version}; tag {newer[-1]} is newer, and stays",) if newer else ()


def _is_same(release: Release, file: File, remote: RepoFile | None) -> bool:
    """By size and what the Hub knows of the content: sha256 of a large file, git's hash of a small one."""
    if remote is None or remote.size != file.size:
        return False
    if remote.lfs is not None:
        return bool(remote.lfs.sha256 == file.sha256)
    content = release.local(file).read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return bool(remote.blob_id == blob.hexdigest())
