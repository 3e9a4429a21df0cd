"""Numbers of plates as art books print them."""

from __future__ import annotations

from collections.abc import Callable

from samples.plates import DIGITS, count_in_words, spell_number

Numeral = Callable[[int], str]


def count_hundreds(number: int) -> str:
    """As they are spoken, below a thousand: 103 is 一百零三, 115 is 一百一十五."""
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return count_in_words(number)
    if not rest:
        return DIGITS[hundreds] + "百"
    tens = "零" if rest < 10 else ("一" if rest < 20 else "")
    return f"{DIGITS[hundreds]}百{tens}{count_in_words(rest)}"


def count_in_short(number: int) -> str:
    """With 廿 and 卅 for twenty and thirty: 21 is 廿一, 30 is 卅."""
    tens, ones = divmod(number, 10)
    if tens not in (2, 3):
        return count_hundreds(number)
    return "廿卅"[tens - 2] + (DIGITS[ones] if ones else "")


NUMERALS: dict[str, Numeral] = {
    "digits": spell_number,
    "words": count_hundreds,
    "short": count_in_short,
    "arabic": str,
}
