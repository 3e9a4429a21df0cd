"""Local features of the figures' images: found by the workers, kept in the store, handed to export."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from export.feature_bank import describe_image, find_packed, pack_features
from export.local_features import NOTHING
from flows.jobs import DescribeJob, Receipt
from flows.limits import limit_time
from flows.stages import finish_job, load, save
from flows.store import Store, make_key, open_store

Described = tuple[str, ...]
"""The blob that holds the features of some images, then the names of those in their order."""


def describe_job(job: DescribeJob) -> Receipt:
    """Finds the features of images and keeps them together in one blob."""
    store = open_store(job.store)
    folder = store.bring_blobs(job.names)
    packed: list[bytes] = []
    with limit_time() as renew:
        for name in job.names:
            packed.append(describe_image(folder / name))
            renew()
    blob = _keep_features(store, packed)
    return finish_job(job, Described, (blob, *job.names), Receipt(job.key, blobs=(blob,)))


def abandon_describe(job: DescribeJob, reason: str) -> Receipt:
    """Images that are like no other."""
    store, key = open_store(job.store), make_key("abandoned", job.key, reason)
    blob = _keep_features(store, [pack_features(NOTHING) for _ in job.names])
    save(store, key, Described, (blob, *job.names))
    return Receipt(key, blobs=(blob,))


def _keep_features(store: Store, packed: Sequence[bytes]) -> str:
    data = b"".join(packed)
    name = f"{sha256(data).hexdigest()}.features"
    with store.open_tray() as tray:
        (tray / name).write_bytes(data)
    return name


class StoredFeatures:
    """Packed features of image files, from the blobs that the jobs of the records `keys` made."""

    def __init__(self, store: Store, keys: Sequence[str]) -> None:
        self._places: dict[str, tuple[Path, int, int]] = {}
        records = [load(store, key, Described) for key in keys]
        folder = store.bring_blobs([blob for blob, *_ in records])
        for blob, *names in records:
            path = folder / blob
            with path.open("rb") as file:
                for name, (start, end) in zip(names, find_packed(file), strict=True):
                    self._places[name] = (path, start, end)

    def __call__(self, image: Path) -> bytes:
        """The features of an image of the store; found now where they were not before."""
        if image.name not in self._places:
            return describe_image(image)
        path, start, end = self._places[image.name]
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)
