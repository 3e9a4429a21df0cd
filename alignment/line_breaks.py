"""Where the end of a printed line ends a field of the text too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from alignment.data_lines import is_data
from extractors.records import TextLine

# A line is full when less is left of it than the next word and a comma need.
BREAK_EM, SLACK_EM = 1.2, 0.8
MOST_DATA_LINES = 4
_STOPS = tuple("。．.，,、；;：:—-～~（(《“")
_CARD_FIELD = re.compile(r"\s*[\u4e00-\u9fff\u3000]{2,5}[：:]")
_MARKS = re.compile("[，。；、]")
_LATIN_WORD = re.compile(r"[!-~]+")


def cut_at_breaks(lines: Sequence[TextLine], em: float) -> list[list[str]]:
    """The texts of lines, cut where the next one's first word would have found room: there a new field begins
    (a title, under it the dynasty), as it does with each line of data and of a card (编号：…, 名称：…)."""
    pieces: list[list[str]] = [[lines[0].text]]
    right, left = max(line.box[2] for line in lines), min(line.box[0] for line in lines)
    for line, following in pairwise(lines):
        begin, rest = line.box[0] - left, right - line.box[2]
        room = begin + rest if abs(begin - rest) <= SLACK_EM * em else rest
        word = _LATIN_WORD.match(following.text.strip())
        needed = (0.5 * len(word[0]) if word else 1.0) + BREAK_EM
        is_horizontal = line.direction == following.direction == "horizontal"
        ends = is_horizontal and room > needed * em and not line.text.rstrip().endswith(_STOPS)
        is_card = _CARD_FIELD.match(lines[0].text) and _CARD_FIELD.match(following.text)
        is_title = len(lines) <= MOST_DATA_LINES and not _MARKS.search(line.text)
        states = is_title and is_data(following.text)
        if ends or is_card or states:
            pieces.append([following.text])
        else:
            pieces[-1].append(following.text)
    return pieces
