"""Whether a text layer says what the page shows: fonts without usable Unicode give noise instead of words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

_UNUSUAL_SHARE = 0.4
# Blocks that a wrong encoding is read into: control characters, Latin-1, spacing modifiers, private use.
_LATIN_1 = range(0x80, 0x100)
_LATIN_EXTENDED = range(0x100, 0x250)
_LETTERS_OF_WORDS = frozenset("àâäçéèêëîïôöùûüÿœæñáíóúãõåøßÀÂÄÇÉÈÊËÎÏÔÖÙÛÜÑÁÍÓÚÃÕÅØ")
_PRINT_SIGNS = frozenset("·×÷±°§©®«»“”‘’–—…¥£¶²³¹½¼¾µ¡¿ª º")


def count_illegible(text: str) -> int:
    """Characters that no book prints: unmapped (U+FFFD), private use, control, unassigned, mojibake."""
    return sum(1 for c in text if _is_noise(c)) + _count_mojibake(text)


# A line is asked about more than once while its page is read.
@lru_cache(4096)
def is_illegible(text: str) -> bool:
    """Whether a line says nothing that can be read: a fifth of noise, or Han that no one writes."""
    visible = [c for c in text if not c.isspace()]
    if not visible:
        return False
    return count_illegible(text) > 0.2 * len(visible) or _is_rare_han(visible)


def share_illegible(texts: Iterable[str]) -> float:
    """The share (0–1) of characters that stand in illegible lines."""
    counted = [(sum(not c.isspace() for c in text), is_illegible(text)) for text in texts]
    total = sum(n for n, _ in counted)
    return sum(n for n, bad in counted if bad) / total if total else 0.0


@cache
def _is_noise(c: str) -> bool:
    if c in "\t\n\r\u00ad\u200b\u200c\u200d\ufeff":
        return False
    return c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs")


def _count_mojibake(text: str) -> int:
    """Latin-1 signs that are neither letters of a word nor signs of print, and accents without a word."""
    odd = [c for c in text if ord(c) in _LATIN_1 and c not in _LETTERS_OF_WORDS and c not in _PRINT_SIGNS]
    accented = sum(1 for c in text if c in _LETTERS_OF_WORDS or ord(c) in _LATIN_EXTENDED)
    # Western words have an accented letter in ten, pinyin one in three; bytes or glyph numbers of Chinese
    # read as Latin are nothing but.
    plain = sum(1 for c in text if c.isascii() and c.isalpha())
    return len(odd) + (accented if accented > plain else 0)


def _is_rare_han(visible: list[str]) -> bool:
    """Glyph numbers read as Unicode give Han from all over the block; books keep to the common ones.

    A line of text, simplified or traditional, has hardly a sign in ten that is not among the usual ones of
    either; of a wrong table's characters that stand in a standard at all most are rare.
    """
    han = [c for c in visible if "\u3400" <= c <= "\u9fff"]
    if len(han) < 6:
        return False
    unknown = sum(1 for c in han if not _is_common_han(c))
    unusual = sum(1 for c in han if not _is_usual_han(c))
    return unknown > 0.2 * len(han) or unusual > _UNUSUAL_SHARE * len(han)


@cache
def _is_usual_han(c: str) -> bool:
    """Of the first level of GB 2312 or Big5, which hold the 3,755 and 5,401 characters most in use."""
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            lead = c.encode(encoding)[0]
        except UnicodeEncodeError:
            continue
        if first <= lead <= last:
            return True
    return False


@cache
def _is_common_han(c: str) -> bool:
    for encoding in ("gb2312", "big5"):
        try:
            c.encode(encoding)
        except UnicodeEncodeError:
            continue
        return True
    return False
