"""Chinese and full-width numerals as books print them for plates, notes and figures."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TENS = {"廿": 20, "卄": 20, "卅": 30, "丗": 30, "卌": 40}
_CIRCLED = {
    chr(first + i): i + 1 for first, count in ((0x2460, 20), (0x2776, 10), (0x278A, 10)) for i in range(count)
}

NUMERAL_CHARACTERS = "".join(dict.fromkeys([*_DIGITS, *_UNITS, *_TENS]))
CIRCLED_CHARACTERS = "".join(_CIRCLED)


def parse_number(text: str) -> int | None:
    """The integer that `text` stands for: 一六 → 16, 一百零三 → 103, 廿一 → 21, １２ → 12, ③ → 3; else None.

    Plates are numbered positionally (一六九 = 169) as often as with units (一百六十九); both are read.
    """
    text = text.strip()
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
    return None


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
