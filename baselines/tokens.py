"""Texts → tokens of cn_clip's own tokenizer, and how long a context they need.

Chinese-CLIP cuts at 52 tokens. Its text encoder has positions for 512, and padding is masked, so a longer
context changes nothing for texts that fit and keeps what the others lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baselines.chinese_clip import import_chinese_clip

if TYPE_CHECKING:
    from torch import Tensor

# Chinese-CLIP's own, see `cn_clip.clip.utils.tokenize`.
USUAL_CONTEXT = 52
# Attention costs the square of it; nearly all notes of a plate fit.
LONGEST_CONTEXT = 256
_STEP = 4


@dataclass(frozen=True, slots=True)
class Context:
    """How many tokens are kept (the first and last included), and the share (0–1) of texts that are cut."""

    length: int
    cut_share: float


def count_tokens(texts: Sequence[str]) -> list[int]:
    """Tokens of each text, the first and last ([CLS], [SEP]) included."""
    tokenizer = _find_tokenizer()
    return [len(tokenizer.tokenize(text)) + 2 for text in texts]


def choose_context(texts: Sequence[str], longest: int, asked: int | None = None) -> Context:
    """A context that holds all texts, in steps of 4 tokens, if `longest` allows; or the one asked for."""
    lengths = count_tokens(texts)
    wanted = -(-max(lengths, default=USUAL_CONTEXT) // _STEP) * _STEP
    length = min(asked or min(wanted, LONGEST_CONTEXT), longest)
    return Context(length, measure_cut(lengths, length))


def measure_cut(lengths: Sequence[int], context: int) -> float:
    """Share (0–1) of texts longer than the context."""
    return sum(n > context for n in lengths) / len(lengths) if lengths else 0.0


def tokenize(texts: Sequence[str], context_length: int) -> Tensor:
    """(n, context_length) int64, as `cn_clip.clip.tokenize` gives it."""
    tokens: Tensor = import_chinese_clip().tokenize(list(texts), context_length=context_length)
    return tokens


def trim(tokens: Tensor) -> Tensor:
    """Without the columns that are padding in every row: they are masked and only cost time."""
    used = (tokens != 0).any(dim=0).sum()
    return tokens[:, : max(1, int(used))]


def _find_tokenizer() -> Any:  # noqa: ANN401 - cn_clip has no types
    import_chinese_clip()
    from cn_clip.clip import _tokenizer

    return _tokenizer
