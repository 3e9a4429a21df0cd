"""Images, crops and texts → unit vectors, float32, on any device, with those known already not made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.corpus import Picture
from baselines.crops import cut_crops, shrink_for_crops
from baselines.errors import DeviceError
from baselines.models import ChineseClip
from baselines.pictures import PREPROCESSING, decode, normalise, read_ahead, squash
from baselines.tokens import USUAL_CONTEXT, tokenize, trim
from baselines.vector_cache import VectorCache

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]
Precision = Literal["fp32", "bf16", "fp16"]
VECTORS = "vectors.sqlite"
CROP_PREPROCESSING = "crops-bicubic-1"
_BATCH = {"cpu": 32, "cuda": 256}
# Written so often, that a run that is killed loses little and the disk has little to do.
_KEPT_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit rows: images (n, d), texts (m, d), crops (n, k, d)."""

    images: Floats
    texts: Floats
    crops: Floats | None


class Encoder(Protocol):
    """What gives vectors. Boxes of crops are (n, k, 4) in 0–1 of width and height."""

    name: str
    weights_sha256: str
    side_px: int
    dim: int
    context_length: int
    logit_scale: float

    def encode_images(self, pictures: Sequence[Picture]) -> Floats: ...
    def encode_texts(self, texts: Sequence[str]) -> Floats: ...
    def encode_crops(self, pictures: Sequence[Picture], boxes: Floats) -> Floats: ...


def choose_device(asked: str = "auto") -> str:
    """A device's name for torch: the one asked for, or CUDA, Apple's, or the CPU. DeviceError where the one
    asked for is not known or not here."""
    import torch

    apple = torch.backends.mps.is_available()
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "mps" if apple else "cpu"
    kind, _, place = asked.partition(":")
    counts = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(apple)}
    if kind not in counts or (place and not place.isdecimal()):
        raise DeviceError(f"--device {asked}: not known; there are auto, cpu, cuda, cuda:1 …, mps")
    if int(place or 0) >= counts[kind]:
        here = [name for name, count in counts.items() if count]
        raise DeviceError(f"--device {asked}: torch finds none here, only {', '.join(here)}")
    return asked


class ClipEncoder:
    """A model on a device. Weights are cast to `precision` (default: fp16 on CUDA, as cn_clip does, else
    fp32); `folder` is where vectors are kept, None for nowhere. The model given is not to be used meanwhile:
    its network is moved."""

    def __init__(
        self,
        model: ChineseClip,
        device: str = "auto",
        context_length: int = USUAL_CONTEXT,
        folder: Path | None = None,
        precision: Precision | None = None,
        batch: int | None = None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._device = choose_device(device)
        kind = self._device.split(":")[0]
        self.precision: Precision = precision or ("fp16" if kind == "cuda" else "fp32")
        self.name = model.name
        self.weights_sha256 = model.weights_sha256
        self.side_px = model.side_px
        self.dim = model.dim
        self.context_length = min(context_length, model.longest_text)
        self.logit_scale = float(model.network.logit_scale.detach().exp())
        self._network = _place(model.network, self._device, self.precision)
        self._batch = batch or _BATCH.get(kind, 32)
        self._advance = advance
        owner = f"{model.weights_sha256} {PREPROCESSING} {CROP_PREPROCESSING} {self.precision}"
        self._cache = VectorCache(folder / VECTORS, owner) if folder else None

    def encode_images(self, pictures: Sequence[Picture]) -> Floats:
        """(n, d) unit vectors of whole images."""
        ids = [(b"image", p.image_sha256.encode()) for p in pictures]
        return self._fill(
            ids, (self.dim,), lambda missing: self._encode_images([pictures[n] for n in missing])
        )

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """(n, d) unit vectors of texts, cut at the context length."""
        ids = [(b"text", str(self.context_length).encode(), text.encode()) for text in texts]
        return self._fill(ids, (self.dim,), lambda missing: self._encode_texts([texts[n] for n in missing]))

    def encode_crops(self, pictures: Sequence[Picture], boxes: Floats) -> Floats:
        """(n, k, d) unit vectors of parts of the images."""
        ids = [
            (b"crops", p.image_sha256.encode(), np.ascontiguousarray(box, dtype=np.float32).tobytes())
            for p, box in zip(pictures, boxes, strict=True)
        ]
        return self._fill(
            ids,
            (boxes.shape[1], self.dim),
            lambda missing: self._encode_crops([pictures[n] for n in missing], boxes[missing]),
        )

    def _fill(
        self,
        ids: Sequence[tuple[bytes, ...]],
        shape: tuple[int, ...],
        encode: Callable[[list[int]], Iterator[Floats]],
    ) -> Floats:
        """What is kept, and the rest from `encode`, which gives blocks of rows for the places asked of it."""
        found = np.empty((len(ids), *shape), dtype=np.float32)
        cache = self._cache
        if cache is None:
            _write_blocks(found, list(range(len(ids))), encode, self._advance)
            return found
        keys = [cache.make_key(*parts) for parts in ids]
        known = cache.find(keys, shape)
        first: dict[bytes, int] = {}
        for n, key in enumerate(keys):
            if key not in known:
                first.setdefault(key, n)
        missing = list(first.values())
        self._advance(len(ids) - len(missing))
        for start in range(0, len(missing), _KEPT_AT_ONCE):
            part = missing[start : start + _KEPT_AT_ONCE]
            _write_blocks(found, part, encode, self._advance)
            cache.keep({keys[n]: found[n] for n in part})
        for n, key in enumerate(keys):
            found[n] = known[key] if key in known else found[first[key]]
        return found

    def _encode_images(self, pictures: Sequence[Picture]) -> Iterator[Floats]:
        def work(_: int, picture: Picture, content: bytes) -> NDArray[np.uint8]:
            return squash(decode(picture, content), self.side_px)

        for group in _batch(read_ahead(pictures, work), self._batch):
            yield self._look(normalise(self._send(np.stack(group))))

    def _encode_texts(self, texts: Sequence[str]) -> Iterator[Floats]:
        import torch

        for start in range(0, len(texts), self._batch):
            tokens = trim(tokenize(texts[start : start + self._batch], self.context_length))
            with torch.inference_mode():
                yield _finish(self._network.encode_text(tokens.to(self._device)))

    def _encode_crops(self, pictures: Sequence[Picture], boxes: Floats) -> Iterator[Floats]:
        import torch

        def work(n: int, picture: Picture, content: bytes) -> tuple[NDArray[np.uint8], Floats]:
            image = shrink_for_crops(decode(picture, content), boxes[n], self.side_px)
            return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1)), boxes[n]

        count = boxes.shape[1]
        for group in _batch(read_ahead(pictures, work), max(1, self._batch // max(1, count))):
            with torch.inference_mode():
                crops = [
                    cut_crops(self._send(pixels), torch.from_numpy(box).to(self._device), self.side_px)
                    for pixels, box in group
                ]
                ready = normalise(torch.cat(crops))
            seen = [self._look(part) for part in torch.split(ready, self._batch)]
            yield np.concatenate(seen).reshape(len(group), count, self.dim)

    def _send(self, pixels: NDArray[np.uint8]) -> Tensor:
        import torch

        sent = torch.from_numpy(pixels)
        if self._device.startswith("cuda"):
            return sent.pin_memory().to(self._device, non_blocking=True)
        return sent.to(self._device)

    def _look(self, pixels: Tensor) -> Floats:
        import torch

        with torch.inference_mode():
            return _finish(self._network.encode_image(pixels))


def _place(network: Any, device: str, precision: Precision) -> Any:  # noqa: ANN401 - cn_clip has no types
    import torch

    kinds = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    return network.to(device=device, dtype=kinds[precision]).eval()


def _finish(vectors: Tensor) -> Floats:
    """Rows of length 1, in float32 whatever the model computes in."""
    import torch

    found = torch.nn.functional.normalize(vectors.float(), dim=-1)
    return np.asarray(found.cpu().numpy(), dtype=np.float32)


def _batch(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    group: list[Any] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _write_blocks(
    found: Floats,
    places: list[int],
    encode: Callable[[list[int]], Iterator[Floats]],
    advance: Callable[[int], None],
) -> None:
    done = 0
    for block in encode(places):
        found[places[done : done + len(block)]] = block
        done += len(block)
        advance(len(block))
