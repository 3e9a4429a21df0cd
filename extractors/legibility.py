"""Whether a text layer says what the page shows: fonts without usable Unicode give noise instead of words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import cache, lru_cache
from typing import Literal

_UNUSUAL_SHARE = 0.4
# Blocks that a wrong encoding is read into: control characters, Latin-1, spacing modifiers, private use.
_LETTERS_OF_WORDS = frozenset("àâäçéèêëîïôöùûüÿœæñáíóúãõåøßÀÂÄÇÉÈÊËÎÏÔÖÙÛÜÑÁÍÓÚÃÕÅØ")
_PRINT_SIGNS = frozenset("·×÷±°§©®«»“”‘’–—…¥£¶²³¹½¼¾µ¡¿ª º")
# Signs that follow Han in Chinese print, and those that only a font's own numbering puts there.
_PROPER_SIGN = re.compile(r"[，。、；：！？,.;:…”』」》）]")
_ODD_SIGN = re.compile(r"""(?<=[\u4e00-\u9fff])[!"#$%&'*+] ?(?=[\u4e00-\u9fff]|$)""")
_MIN_ODD = 5
_SIGN_RUN = re.compile(r"[\x80-\xbf×÷‹›™…–—‘’“”•]{4,}")


def count_illegible(text: str) -> int:
    """Characters that no book prints: unmapped (U+FFFD), private use, control, unassigned, mojibake."""
    return sum(map(_is_noise, text)) + _count_mojibake(text)


# A line is asked about more than once while its page is read.
@lru_cache(4096)
def is_illegible(text: str) -> bool:
    """Whether a line says nothing that can be read: a fifth of noise, or Han that no one writes."""
    visible = "".join(text.split())
    if not visible:
        return False
    return count_illegible(text) > 0.2 * len(visible) or _is_rare_han(visible)


def share_illegible(texts: Iterable[str]) -> float:
    """The share (0–1) of characters that stand in illegible lines."""
    counted = [(len("".join(text.split())), is_illegible(text)) for text in texts]
    total = sum(n for n, _ in counted)
    return sum(n for n, bad in counted if bad) / total if total else 0.0


def has_renamed_signs(texts: Iterable[str]) -> bool:
    """Whether punctuation comes out as `!`, `"`, `#`, `$` …: programs of book houses put the signs and
    digits that a page needs into fonts of their own, numbered from 33 in the order in which they come."""
    proper = odd = 0
    for text in texts:
        proper += len(_PROPER_SIGN.findall(text))
        odd += len(_ODD_SIGN.findall(text))
    return odd >= _MIN_ODD and odd > proper


def may_rename_signs(characters: Iterable[str]) -> bool:
    """Whether a font has nothing but what such a font may have: ASCII without a small letter."""
    return all(c.isascii() and not c.islower() for c in characters)


@cache
def _is_noise(c: str) -> bool:
    if c in "\t\n\r\u00ad\u200b\u200c\u200d\ufeff":
        return False
    return c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs")


def _count_mojibake(text: str) -> int:
    """Latin-1 signs that are neither letters of a word nor signs of print, and accents without a word."""
    latin = [c for c in text if "\x80" <= c < "\u0250"]
    if not latin:
        return 0
    odd = [c for c in latin if c < "\u0100" and c not in _LETTERS_OF_WORDS and c not in _PRINT_SIGNS]
    # Signs of print stand alone or in pairs, and leaders are all alike.
    odd += [c for run in _SIGN_RUN.findall(text) if len(set(run)) > 2 for c in run if c not in odd]
    accented = sum(1 for c in latin if c in _LETTERS_OF_WORDS or c >= "\u0100")
    # Western words have an accented letter in ten, pinyin one in three; bytes or glyph numbers of Chinese
    # read as Latin are nothing but.
    plain = sum(1 for c in text if c.isascii() and c.isalpha())
    return len(odd) + (accented if accented > plain else 0)


def _is_rare_han(visible: str) -> bool:
    """Glyph numbers read as Unicode give Han from all over the block; books keep to the common ones.

    A line of text, simplified or traditional, has hardly a sign in ten that is not among the usual ones of
    either; of a wrong table's characters that stand in a standard at all most are rare.
    """
    han = [c for c in visible if "\u3400" <= c <= "\u9fff"]
    if len(han) < 6:
        return False
    ranks = Counter(map(_rank_han, han))
    return ranks["rare"] > 0.2 * len(han) or ranks.total() - ranks["usual"] > _UNUSUAL_SHARE * len(han)


@cache
def _rank_han(c: str) -> Literal["usual", "common", "rare"]:
    """`usual` is the first level of GB 2312 or Big5, the 3,755 and 5,401 characters most in use; `common` is
    the rest of either."""
    rank: Literal["usual", "common", "rare"] = "rare"
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        with suppress(UnicodeEncodeError):
            if first <= c.encode(encoding)[0] <= last:
                return "usual"
            rank = "common"
    return rank
