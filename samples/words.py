"""Says in Chinese what a pattern shows; every statement is read off the spec that the drawing follows."""

import random
from collections.abc import Mapping
from functools import cache

import numpy as np

from samples.palettes import ROLES
from samples.spec import COUNTERS, MOTIFS, Spec
from samples.strokes import Canvas

_DIGITS = "〇一二三四五六七八九"

# how each motif is drawn; see the functions of flowers, birds, beasts and emblems
LOOKS: Mapping[str, str] = {
    "莲花": "侧面盛开，尖瓣层叠，中露莲蓬",
    "牡丹": "花瓣层层环抱，瓣缘起伏",
    "菊花": "三重细瓣环列，花心圆润",
    "梅花": "五瓣圆正，蕊丝放射",
    "宝相花": "八出花瓣层层相套",
    "小朵花": "五瓣团簇，内套小花",
    "鹤": "展翅飞翔，曲颈丹顶，双足后伸",
    "凤": "振翅翘首，头顶羽冠，拖曳三根长尾",
    "龙": "身躯蟠曲成团，遍体鳞片，四足张爪，首前饰宝珠",
    "鹿": "枝角昂首，身饰圆点，作行走状",
    "兔": "长耳后掠，四足舒展，作奔走状",
    "鱼": "身披鳞片，背鳍高耸，长须扇尾",
    "蝴蝶": "四翅张开，翅面饰圆斑，触须上扬",
    "蝙蝠": "双翅平展，翅缘波曲，翅端回卷",
    "如意云": "云头作如意形，内卷双涡，下曳一尾",
    "流云": "三朵卷云相连，两侧曳尾",
    "铜钱": "圆钱方孔，两侧飘带上扬",
    "银锭": "形如小船，中央隆起",
    "珊瑚": "枝杈分张，下承山石",
    "火珠": "圆珠居下，火焰上腾",
    "瓶花": "瓶中插牡丹一朵，旁出两叶",
    "石榴": "果皮开裂，露出籽粒，顶生萼片",
    "寿桃": "桃尖朝上，衬以绿叶",
    "葫芦": "上小下大，束腰系带，旁出卷须",
    "灵芝": "菌盖圆展，层纹相套，下具曲柄",
    "折枝莲": "一枝莲花亭亭而上，枝侧生叶",
}

BAND_LOOKS: Mapping[str, str] = {
    "回纹": "方折回旋，首尾相接",
    "联珠": "圆珠排列，珠心点彩",
    "卷草": "草茎起伏，卷须与叶片相间",
    "莲瓣": "瓣尖朝外，两色相套",
    "小花": "五瓣小花逐朵排列",
    "如意头": "如意云头逐一排列",
}

CLOTHS: Mapping[str, str] = {"斜纹": "绫", "平纹": "绢", "缎纹": "缎", "纬棱": "锦"}
_WEAVES: Mapping[str, str] = {
    "斜纹": "织物表面可见细密的斜向纹路",
    "平纹": "织物表面经纬交织，细匀如方格",
    "缎纹": "织物表面平滑，浮点散布",
    "纬棱": "织物表面可见横向纬棱",
}


def number(n: int) -> str:
    """Return 1 to 99 in Chinese numerals as counts are written."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones else "")


def count(n: int, name: str) -> str:
    """Return `n` of a motif with its measure word: 八朵, 两只."""
    return ("两" if n == 2 else number(n)) + COUNTERS.get(name, "")


def main_name(spec: Spec) -> str:
    """Return the main motif as a title says it: 对鹤, 团龙, 牡丹."""
    if spec.main == "龙":
        return "团龙"
    return "对" + spec.main if spec.paired else spec.main


def tone(spec: Spec, part: str) -> str:
    """Return the hue that dominates a part of the pattern (main, second or corner)."""
    name = spec.main if part == "main" else spec.second if part == "second" else spec.corner
    family = _family(name)
    if family == "gold":
        return "金"
    own = family == "a"
    return spec.scheme.main if own == (part == "main") else spec.scheme.second


@cache
def _family(name: str) -> str:
    """Return which family of inks, a, b or gold, covers most of a motif as painted."""
    families = ("a", "b", "gold")
    marks = {"a": (1, 0, 0), "A": (1, 0, 0), "b": (0, 1, 0), "B": (0, 1, 0), "gold": (0, 0, 1)}
    inks = {role: marks.get(role, (0, 0, 0)) for role in ROLES}
    pixels = np.zeros((96, 96, 3), np.uint8)
    Canvas(pixels, inks, 0.096).draw(MOTIFS[name](), 500, 500, 470)
    return families[int(pixels.reshape(-1, 3).sum(axis=0).argmax())]


def ground(spec: Spec) -> str:
    """Return the ground with its lattice: 绛红卍字地, or the colour alone: 绛红地."""
    return f"{spec.scheme.name[:-1]}{spec.lattice}地" if spec.lattice else spec.scheme.name


def title(spec: Spec) -> str:
    """Return the pattern's title, which ends in 纹."""
    main, second = main_name(spec), spec.second
    lattice = f"{spec.lattice}地" if spec.lattice else ""
    forms = {
        "团窠": f"{spec.ring}团窠{main}纹",
        "团窠列": f"{spec.ring}团窠{main}间{second}纹",
        "散点": f"散点{main}{second}纹",
        "缠枝": f"缠枝{main}间{second}纹",
        "对波": f"对波{main}间{second}纹",
        "补子": f"海水江崖{second}{main}纹",
        "柿蒂窠": f"柿蒂窠{main}{second}纹",
        "横条": f"横条{main}{second}纹",
    }
    return lattice + forms[spec.arrangement]


def layout(spec: Spec, rng: random.Random) -> str:
    """Return one clause or two on what stands where."""
    n, main, second = spec.columns, main_name(spec), spec.second
    corner, around = spec.corner, 4 if spec.paired else 8
    half, rest = (n * n + 1) // 2, n * n // 2
    forms = {
        "团窠": [
            f"主纹为{spec.ring}团窠{main}，窠内间饰{second}{count(around, second)}，四角填{corner}",
            f"中央置{spec.ring}团窠，窠心饰{main}，周围点缀{second}，四角各饰{corner}{count(1, corner)}",
        ],
        "团窠列": [
            f"{spec.ring}团窠纵横各{number(n)}列，窠内饰{main}，窠间填{second}",
            f"主纹为{main}，居{spec.ring}团窠之内，共{number(n * n)}窠，间饰{second}",
        ],
        "散点": [
            f"{spec.main}{count(half, spec.main)}与{second}{count(rest, second)}交错散点排列",
            f"主纹为{main}，间饰{second}，逐行错位，凡{number(n)}行",
        ],
        "缠枝": [
            f"缠枝{main}作{number(n)}行，花分两色，行间缀{second}",
            f"枝茎{number(n)}道起伏，弯内各托{main}，间饰{second}",
        ],
        "对波": [
            f"枝茎对波成{number(n)}列，内置{main}与{second}，逐列相间",
            f"主纹为对波骨架内的{main}，间饰{second}，茎交处缀小朵花",
        ],
        "补子": [
            f"中央饰{main}，上有红日与{second}七朵，下为海水江崖，两侧水上各置{spec.corner}",
            f"主纹为{main}，居海水江崖之上，间饰{second}，右上角悬红日，水上置{corner}",
        ],
        "柿蒂窠": [
            f"中央柿蒂窠内饰{main}，四瓣各填{second}{count(1, second)}，四角饰{spec.corner}",
            f"主纹为柿蒂窠{main}，间饰{second}，四角填{spec.corner}",
        ],
        "横条": [
            f"横条排列，{main}每行{count(n, spec.main)}，与{second}逐行相间，以{spec.ring}带分隔",
            f"主纹{main}与间饰{second}各成横行，行间界以{spec.ring}带",
        ],
    }
    return rng.choice(forms[spec.arrangement])


def caption(spec: Spec, rng: random.Random) -> str:
    """Return the pattern's caption: ground, what stands where, border and colour while they fit."""
    lattice = f"，织{spec.lattice}地纹" if spec.lattice else ""
    text = rng.choice((ground(spec), f"以{spec.scheme.name[:-1]}为地{lattice}"))
    text += "，" + layout(spec, rng)
    border = f"，四周以{spec.border}为边" if spec.border else ""
    colour = f"，{spec.main}用{tone(spec, 'main')}色" if spec.arrangement != "缠枝" else ""
    for extra in (border, colour):
        if len(text) + len(extra) < 60:
            text += extra
    return text + "。"


def textile_words(spec: Spec, garment: str, look: str) -> tuple[str, str]:
    """Return what the textile is called, e.g. 绛红地团窠对鹤纹锦袍, and a sentence on its make."""
    pattern = title(spec).removeprefix(spec.lattice + "地")
    kind = "补服" if spec.arrangement == "补子" else garment
    name = f"{spec.scheme.name}{pattern}{CLOTHS[spec.weave]}{kind}"
    carried = f"胸前缀方补，补内饰{main_name(spec)}" if spec.arrangement == "补子" else f"通体饰{pattern}"
    return name, f"{kind}为{spec.scheme.name}，{carried}，{look.format(trim=spec.scheme.leaf)}。"


def detail_words(spec: Spec, part: str) -> tuple[str, str]:
    """Return name and sentence of a crop that shows one main, second or corner motif."""
    name = {"main": spec.main, "second": spec.second, "corner": spec.corner}[part]
    where = {"main": "主纹", "second": "间饰的", "corner": "角隅的"}[part]
    if spec.arrangement == "补子" and part == "corner":
        where = "水上的"
    shown = main_name(spec) if part == "main" else name
    return f"{shown}细节", f"{ground(spec)}上{where}{shown}：{LOOKS[name]}。"


def paragraphs(spec: Spec, seed: int) -> tuple[str, ...]:
    """Return one to three paragraphs: composition, motifs, and colour with weave."""
    rng = random.Random(f"paragraphs {seed}")
    return (_composition(spec, rng), _motifs(spec), _colours(spec))[: rng.choice((1, 2, 2, 3))]


def _composition(spec: Spec, rng: random.Random) -> str:
    lattice = f"地上满织{spec.lattice}，色与地相近，隐约可辨" if spec.lattice else "地素无纹，衬出主题"
    corner = {"团窠": "四角与中央呼应", "柿蒂窠": "四角与四瓣呼应", "补子": "上天下水，层次分明"}
    shape = corner.get(spec.arrangement, rng.choice(("循环往复，布局匀称", "疏密有致，节奏分明")))
    border = (
        f"四周饰{spec.border}边，{BAND_LOOKS[spec.border]}，边角各置一朵小花。"
        if spec.border
        else "图案四周不设边框，纹样直抵织物边缘。"
    )
    return f"此图案为{spec.scheme.name[:-1]}地，{lattice}。{layout(spec, rng)}，{shape}。{border}"


def _motifs(spec: Spec) -> str:
    pair = "两相对望，" if spec.paired else ""
    text = f"主纹{main_name(spec)}，{pair}{LOOKS[spec.main]}，以{tone(spec, 'main')}为主色；"
    if spec.arrangement == "缠枝":
        text = f"主纹{spec.main}{LOOKS[spec.main]}，{spec.scheme.main}与{spec.scheme.second}两色相间；"
    text += f"间饰的{spec.second}{LOOKS[spec.second]}，施{tone(spec, 'second')}色。"
    if spec.corner:
        where = "两侧水上的" if spec.arrangement == "补子" else "四角的"
        colour, also = tone(spec, "corner"), "亦" if tone(spec, "corner") == tone(spec, "second") else ""
        text += f"{where}{spec.corner}{LOOKS[spec.corner]}，{also}用{colour}色。"
    if spec.ring:
        place = "横带所饰" if spec.arrangement == "横条" else "窠外环绕"
        text += f"{place}{spec.ring}，{BAND_LOOKS[spec.ring]}。"
    if len(text) < 70:
        text += (
            "各部轮廓皆以"
            + ("片金" if spec.scheme.outline == "片金" else "深褐细线")
            + "勾勒，花色分深浅两晕。"
        )
    return text


def _colours(spec: Spec) -> str:
    outline = (
        "以片金勾边，在深色地上格外醒目"
        if spec.scheme.outline == "片金"
        else "以深褐细线勾边，在浅色地上轮廓清晰"
    )
    return (
        f"全幅以{spec.scheme.name[:-1]}作地，{spec.scheme.main}与{spec.scheme.second}为主要花色，同一色相分深浅两晕，花纹{outline}。"
        f"{_WEAVES[spec.weave]}，花纹随之微有起伏，质感温润。"
    )
