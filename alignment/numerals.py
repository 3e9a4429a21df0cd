"""Chinese and full-width numerals as books print them for plates, notes and figures."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
# The forms that cannot be altered, with which journals number their plates: 图版叁.
_FORMAL = str.maketrans("壹贰貳叁叄肆伍陆陸柒捌玖拾", "一二二三三四五六六七八九十")
_ROMAN = re.compile(r"(?P<tens>XL|L?X{0,3})(?P<ones>IX|IV|V?I{0,3})")
_ROMAN_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_TENS = {"廿": 20, "卄": 20, "卅": 30, "丗": 30, "卌": 40}
_CIRCLED = {
    chr(first + i): i + 1 for first, count in ((0x2460, 20), (0x2776, 10), (0x278A, 10)) for i in range(count)
}

NUMERAL_CHARACTERS = "".join(dict.fromkeys([*_DIGITS, *_UNITS, *_TENS]))
CIRCLED_CHARACTERS = "".join(_CIRCLED)
FORMAL_CHARACTERS = "".join(map(chr, _FORMAL))
ROMAN_CHARACTERS = "IVXLⅠ-Ⅻ"


def parse_number(text: str) -> int | None:
    """The integer that `text` stands for: 一六 → 16, 一百零三 → 103, 廿一 → 21, １２ → 12, ③ → 3, 叁 → 3,
    IV → 4; else None.

    Plates are numbered positionally (一六九 = 169) as often as with units (一百六十九); both are read.
    """
    text = text.strip().translate(_FORMAL)
    if not text:
        return None
    if text in _CIRCLED:
        return _CIRCLED[text]
    if text.isdecimal():
        return int(text)
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    if all(c in NUMERAL_CHARACTERS for c in text):
        return _parse_with_units(text)
    return _parse_roman(unicodedata.normalize("NFKC", text))


def _parse_roman(text: str) -> int | None:
    found = _ROMAN.fullmatch(text)
    if not found:
        return None
    tens = 4 if found["tens"] == "XL" else 5 * ("L" in found["tens"]) + found["tens"].count("X")
    return 10 * tens + _ROMAN_ONES.index(found["ones"])


def _parse_with_units(text: str) -> int | None:
    total, digit = 0, None
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c] if digit is None else digit * 10 + _DIGITS[c]
        elif c in _TENS:
            if digit is not None:
                return None
            total += _TENS[c]
        else:
            total += (1 if digit is None else digit) * _UNITS[c]
            digit = None
    return total + (digit or 0)
