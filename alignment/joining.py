"""Printed lines joined to running text, by what stands at the join."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef“”‘’—…·]")
_BLANKS_BETWEEN_WIDE = re.compile(
    r"(?<=[\u2e80-\u9fff\uff00-\uffef\u3001-\u303f])[ \t]+(?=[\u2e80-\u9fff\uff00-\uffef\u3001-\u303f])"
)
# Blanks part words of two characters and more; single ones stand apart in 刘  悦 and in letter-spaced titles.
_HAN = r"\u2e80-\u2fff\u3400-\u9fff"
_FIELD_END = re.compile(rf"(?<=[{_HAN}）》][{_HAN}）》])[ \t]+(?=[{_HAN}（《][{_HAN}（《])")


def join_lines(lines: Iterable[str]) -> str:
    """One string from printed lines: no blank where Han characters meet, one where Latin words meet.

    A hyphen that breaks a Latin word at the line's end goes; blanks between words inside a line become one
    ideographic space, and those that are stay, since they part the fields of a plate's caption.
    """
    joined = ""
    for line in (ln.strip().replace("\u00ad", "") for ln in lines):
        if not line:
            continue
        if not joined:
            joined = line
        elif (
            joined.endswith("-")
            and len(joined) > 1
            and joined[-2].isascii()
            and joined[-2].isalpha()
            and line[0].islower()
        ):
            joined = joined[:-1] + line
        elif _WIDE.match(joined[-1]) or _WIDE.match(line[0]):
            joined += line
        else:
            joined += " " + line
    return _BLANKS_BETWEEN_WIDE.sub("", _FIELD_END.sub("\u3000", joined))
