"""Colour schemes of the drawn silks: every name in a caption is the colour that was painted."""

from collections.abc import Mapping
from dataclasses import dataclass

Rgb = tuple[int, int, int]

# name -> (deep tone, light tone); the muted dyes of old silk, not pure hues
HUES: Mapping[str, tuple[Rgb, Rgb]] = {
    "大红": ((168, 48, 44), (206, 98, 84)),
    "粉红": ((200, 112, 116), (234, 182, 176)),
    "藕荷": ((146, 108, 140), (190, 158, 182)),
    "明黄": ((212, 164, 58), (236, 206, 120)),
    "香色": ((160, 126, 76), (204, 176, 126)),
    "石青": ((42, 68, 110), (92, 124, 164)),
    "月白": ((150, 176, 194), (212, 224, 228)),
    "墨绿": ((40, 76, 62), (84, 120, 96)),
    "豆绿": ((112, 140, 96), (168, 188, 140)),
    "湖蓝": ((70, 130, 150), (136, 180, 188)),
    "米白": ((214, 200, 170), (242, 234, 214)),
    "驼褐": ((130, 92, 62), (176, 138, 102)),
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """A ground with the hues painted on it; `name` as a curator would write it, e.g. 绛红地."""

    name: str
    ground: Rgb
    shade: Rgb  # tone on tone: the lattice woven into the ground
    main: str
    second: str
    leaf: str
    outline: str  # 片金 or the name of a dark line
    line: Rgb

    def inks(self) -> dict[str, Rgb]:
        """Return the colour of every ink role that motifs use."""
        main, second, leaf = HUES[self.main], HUES[self.second], HUES[self.leaf]
        return {
            "a": main[0], "A": main[1], "b": second[0], "B": second[1], "l": leaf[0], "L": leaf[1],
            "gold": GOLD, "line": self.line, "ground": self.ground, "shade": self.shade,
            "cap": HUES["大红"][1 if self.name in ("大红地", "绛红地") else 0],
            "pale": (244, 238, 222), "dark": (48, 38, 36),
        }  # fmt: skip


GOLD: Rgb = (204, 164, 88)
_INK: Rgb = (66, 46, 40)

SCHEMES: tuple[Scheme, ...] = (
    Scheme("绛红地", (134, 36, 42), (116, 28, 36), "月白", "明黄", "豆绿", "片金", GOLD),
    Scheme("大红地", (176, 44, 40), (154, 34, 34), "米白", "石青", "墨绿", "片金", GOLD),
    Scheme("明黄地", (220, 176, 74), (204, 156, 54), "大红", "石青", "墨绿", "深褐", _INK),
    Scheme("石青地", (34, 52, 88), (26, 40, 72), "粉红", "明黄", "豆绿", "片金", GOLD),
    Scheme("月白地", (196, 212, 218), (176, 196, 206), "粉红", "石青", "豆绿", "深褐", _INK),
    Scheme("墨绿地", (40, 70, 58), (32, 58, 48), "米白", "粉红", "豆绿", "片金", GOLD),
    Scheme("藕荷地", (178, 146, 168), (160, 128, 152), "米白", "大红", "墨绿", "深褐", _INK),
    Scheme("香色地", (196, 164, 112), (178, 144, 92), "石青", "大红", "墨绿", "深褐", _INK),
    Scheme("玄色地", (42, 38, 42), (60, 54, 58), "大红", "月白", "豆绿", "片金", GOLD),
    Scheme("米色地", (232, 220, 192), (214, 198, 164), "藕荷", "湖蓝", "豆绿", "深褐", _INK),
    Scheme("豆绿地", (160, 178, 138), (142, 162, 120), "米白", "大红", "墨绿", "深褐", _INK),
    Scheme("驼褐地", (140, 102, 70), (122, 86, 58), "明黄", "月白", "墨绿", "片金", (228, 190, 110)),
    Scheme("宝蓝地", (44, 82, 136), (36, 68, 118), "明黄", "粉红", "豆绿", "片金", GOLD),
    Scheme("粉红地", (222, 168, 164), (206, 146, 146), "大红", "湖蓝", "墨绿", "深褐", _INK),
)

ROLES: tuple[str, ...] = tuple(SCHEMES[0].inks())
