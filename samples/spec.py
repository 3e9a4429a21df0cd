"""What one pattern is made of; the drawing and the words both follow it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from samples.bands import BANDS
from samples.beasts import BEASTS
from samples.birds import BIRDS
from samples.emblems import EMBLEMS
from samples.flowers import FLOWERS
from samples.lattices import LATTICES, WEAVES
from samples.palettes import SCHEMES, Scheme
from samples.strokes import Motif

MOTIFS: Mapping[str, Callable[[], Motif]] = {**FLOWERS, **BIRDS, **BEASTS, **EMBLEMS}

# the measure word of each, and those that look to one side and so can be set face to face
COUNTERS: Mapping[str, str] = {
    **dict.fromkeys(("莲花", "牡丹", "菊花", "梅花", "宝相花", "小朵花", "如意云", "流云", "灵芝"), "朵"),
    **dict.fromkeys(("鹤", "凤", "蝴蝶", "蝙蝠", "鹿", "兔"), "只"),
    **dict.fromkeys(("铜钱", "银锭", "石榴", "寿桃", "葫芦"), "枚"),
    **{"龙": "条", "鱼": "尾", "珊瑚": "枝", "折枝莲": "枝", "火珠": "颗", "瓶花": "瓶"},
}
FACING = ("鹤", "凤", "鹿", "兔", "鱼")

_BLOOMS = ("莲花", "牡丹", "菊花", "宝相花", "梅花")
_BEINGS = ("鹤", "凤", "龙", "鹿", "兔", "鱼", "蝴蝶", "蝙蝠")
_THINGS = ("瓶花", "石榴", "寿桃", "葫芦", "灵芝", "折枝莲")
_SMALL = (
    "小朵花",
    "梅花",
    "菊花",
    "如意云",
    "流云",
    "铜钱",
    "银锭",
    "珊瑚",
    "火珠",
    "蝴蝶",
    "蝙蝠",
    "灵芝",
    "葫芦",
)
_CORNERS = ("如意云", "蝙蝠", "蝴蝶", "小朵花", "菊花", "石榴", "寿桃", "梅花", "铜钱", "灵芝")


@dataclass(frozen=True, slots=True)
class Spec:
    """One silk pattern: names are keys of the tables of motifs, bands, lattices and weaves; "" is none."""

    scheme: Scheme
    weave: str
    lattice: str
    arrangement: str
    main: str
    paired: bool  # the main motif drawn twice, face to face
    second: str
    corner: str  # only where the arrangement has corners (or sides, for a badge)
    ring: str  # band around a roundel or between stripes
    border: str
    columns: int
    rows: int


ARRANGEMENTS: tuple[str, ...] = ("团窠", "团窠列", "散点", "缠枝", "对波", "补子", "柿蒂窠", "横条")


def plan_pattern(rng: random.Random) -> Spec:
    """Choose a pattern whose parts go together and are all different."""
    scheme = rng.choice(SCHEMES)
    arrangement = rng.choice(ARRANGEMENTS)
    main = rng.choice(_mains(arrangement))
    seconds = ("如意云", "流云") if arrangement == "补子" else _SMALL
    second = rng.choice([name for name in seconds if name != main])
    corners = ("珊瑚", "铜钱", "银锭", "灵芝", "火珠") if arrangement == "补子" else _CORNERS
    cornered = arrangement in ("团窠", "柿蒂窠", "补子")
    corner = rng.choice([name for name in corners if name not in (main, second)]) if cornered else ""
    ring = rng.choice(sorted(BANDS)) if arrangement in ("团窠", "团窠列", "横条") else ""
    beside = ("海水",) if arrangement == "补子" else ()
    framed = arrangement == "补子" or rng.random() < 0.55
    return Spec(
        scheme=scheme,
        weave=rng.choice(sorted(WEAVES)),
        lattice=rng.choice(["", "", *(name for name in sorted(LATTICES) if name not in beside)]),
        arrangement=arrangement,
        main=main,
        paired=main in FACING and arrangement in ("团窠", "团窠列", "柿蒂窠") and rng.random() < 0.7,
        second=second,
        corner=corner,
        ring=ring,
        border=rng.choice([name for name in sorted(BANDS) if name != ring]) if framed else "",
        columns=rng.choice(_COLUMNS.get(arrangement, (1,))),
        rows=rng.choice((3, 4)),
    )


_COLUMNS: Mapping[str, tuple[int, ...]] = {
    "团窠列": (2, 3), "散点": (4, 5, 6), "缠枝": (3, 4), "对波": (4, 5, 6), "横条": (4, 5, 6),
}  # fmt: skip


def _mains(arrangement: str) -> tuple[str, ...]:
    if arrangement == "缠枝":
        return _BLOOMS
    if arrangement == "补子":
        return ("鹤", "凤", "龙", "鹿", "鱼", "兔")
    return (*_BLOOMS, *_BEINGS, *_THINGS)
