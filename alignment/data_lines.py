"""Lines of data under a title: when a piece was made, its size, where it was found and who keeps it."""

from __future__ import annotations

import re

MAX_DATA, MAX_COLLECTION = 36, 40

_DYNASTY = (
    "新石器|旧石器|商|西周|东周|東周|周|春秋|战国|戰國|秦|西汉|西漢|东汉|東漢|汉|漢|三国|三國|曹魏|西晋|西晉|东晋|東晉|晋|晉|"
    "十六国|十六國|前秦|后秦|西秦|北凉|北涼|西凉|南北朝|北朝|南朝|北魏|东魏|東魏|西魏|北齐|北齊|北周|隋|初唐|盛唐|中唐|晚唐|"
    "唐|吐蕃|五代|辽|遼|北宋|南宋|宋|西夏|金|蒙元|元|明|清|民国|民國|近代|现代|現代"
)
# Reigns, as they follow the dynasty: 清乾隆（1736—1795）.
_REIGN = (
    "贞观|貞觀|开元|開元|天宝|天寶|元和|大中|咸通|洪武|永乐|永樂|洪熙|宣德|正统|正統|景泰|天顺|天順|成化|弘治|正德|嘉靖|隆庆|隆慶|"
    "万历|萬曆|天启|天啟|崇祯|崇禎|顺治|順治|康熙|雍正|乾隆|嘉庆|嘉慶|道光|咸丰|咸豐|同治|光绪|光緒|宣统|宣統"
)
_DATA = re.compile(
    rf"^(?:(?:{_DYNASTY})(?:{_REIGN})?(?:代|朝|时期|時期|年间|年間|末|初|早期|中期|晚期)?"
    r"(?:[\s　·（(，,至—―–-].{0,24})?$"
    r"|(?:约|約|通|残|殘|全)?(?:高|宽|寬|长|長|口径|口徑|底径|底徑|腹径|直径|直徑|径|徑|纵|縱|横|橫|厚|深|重|幅宽|门幅|"
    r"衣长|身长|身長|通袖长|通袖長|袖长|下摆|尺寸|规格|規格)[：: 　约約]*[0-9０-９一二三四五六七八九十百]"
    r"|.{0,24}[0-9一二三四五六七八九十百]\s*(?:厘米|公分|毫米|cm|mm|CM)"
    r"|.{0,16}[0-9]\s*[×xX＊*]\s*[0-9]"
    r"|(?:约|約|公元|公元前)?[0-9０-９]{3,4}(?:年|[-–—―~～][0-9]{2,4}年?)?.{0,16}(?:出土|征集|發現|发现|捐赠|捐贈|采集|採集|$)"
    r"|.{0,24}(?:出土|征集|徵集|旧藏|舊藏|捐赠|捐贈)[。.]?$"
    # A mural is told by its cave, where on the wall, and the dynasty.
    r"|(?:[\u4e00-\u9fff]{2,6}[石]?窟?)?第?[0-9〇零一二三四五六七八九十百]{1,4}窟[^。，,；;]{0,18}$"
    r"|(?:绢本|絹本|纸本|紙本|布面|木板|设色|設色|水墨|油画|油畫|壁画|壁畫|版画|版畫|"
    r"材质|材質|质地|質地|年代|时代|時代|作者|来源|來源)[^。；;]{0,28}$)"
)

_MEASURES = re.compile(
    r"[高宽寬长長径徑纵縱横橫厚深重][^0-9]{0,4}[0-9]|[0-9]\s*[×xX]\s*[0-9]|[一二三四五六七八九十百][^0-9]{0,4}(?:厘米|公分|毫米)"
)

_KEEPER = "博物馆|博物館|博物院|研究院|研究所|考古所|美术馆|美術館|图书馆|文物局|文管所|基金会|寺|院|馆|館"
_NAME = r"[\u4e00-\u9fff·　 ]"
# A sentence may speak of what is kept somewhere too; a line that says where ends with it, or its place.
_COLLECTION = re.compile(
    rf"^[（(]?(?:(?:现?藏(?:于|地|址)?[：:]?|私人|.{{0,30}}(?:Museum|Collection)){_NAME}{{0,20}}|"
    rf"{_NAME}{{0,30}}(?:{_KEEPER})?收?藏(?:品|[　 ]{_NAME}{{0,20}})?|"
    r"[\u4e00-\u9fff]{2,14}(?:博物[馆館院]|美[术術][馆館]|[图圖][书書][馆館]|考古(?:研究)?所|文管所))[）)]?[。.]?$"
)
# How a piece came to who keeps it, which stands beside that: 1957年捐赠, 考古队借展.
_GIVEN = re.compile(
    rf"^(?:[0-9〇零一二三四五六七八九十]{{2,4}}年)?{_NAME}{{0,20}}"
    r"(?:捐赠|捐贈|征集|徵集|借展|寄存|移交|拨交|撥交|收购|收購|购藏|購藏|入藏)[。.]?$"
)
# What a painting is on, how it is mounted, and in which year of the cycle it was made.
_PAINTING = re.compile(
    r"^(?:(?:绢本|絹本|纸本|紙本|金笺|金箋|设色|設色|水墨|淡设色|淡設色|浅绛|淺絳|白描)[\u4e00-\u9fff]{0,6}"
    r"|(?:册页|冊頁|立轴|立軸|手卷|横卷|橫卷|横披|橫披|扇面|扇页|扇頁|团扇|團扇|成扇|镜心|鏡心|中堂|[条條]屏)"
    r"(?:[之第共]?[0-9〇零一二三四五六七八九十]{1,3}[开開页頁幅]?)?"
    r"|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥][\u4e00-\u9fff]{0,6})$"
)
_PAINTER = re.compile("^(?:[(（\\[〔][\u4e00-\u9fff]{1,3}[)）\\]〕])?[\u4e00-\u9fff]{2,4}$")
_INVENTORY = re.compile(r"(?<=[\u3400-\u9fff])[（(][^（）()。]{0,24}[0-9][^（）()。]{0,12}[)）]$")


def is_data(text: str) -> bool:
    """Whether a line states a piece's date, measures, material, find or keeper, and no more."""
    text = text.strip()
    fields = [field for field in re.split(r"[\s\u3000/／|｜]+", text) if field]
    if len(text) > MAX_DATA and len(fields) > 1 and max(map(len, fields)) <= MAX_DATA:
        return sum(map(is_data, fields)) >= max(2, len(fields) - 1)
    # A line that ends one sentence and begins another is prose, whatever it measures.
    return (
        len(text) <= MAX_DATA
        and "。" not in text[:-1]
        and (_DATA.match(text) is not None or is_collection(text))
    )


def is_painters(text: str) -> bool:
    """Whether a line under a title names the painter and what the painting is on: 赵仲穆　册页之三. Over it
    the name would be a title."""
    first, *others = text.split()
    return bool(others) and _PAINTER.match(first) is not None and all(map(_PAINTING.match, others))


def is_measured(text: str) -> bool:
    """Whether a line states how large or heavy a piece is."""
    return is_data(text) and _MEASURES.search(text) is not None


def is_collection(text: str) -> bool:
    """Whether a line names where the piece is kept (私人收藏, …博物馆藏)."""
    # Behind the keeper may stand the piece's number there.
    text = _INVENTORY.sub("", text.strip()) or text.strip()
    # A title, a dynasty and a keeper on one line are a caption.
    before = text.split()[:-1]
    if len(text) <= MAX_COLLECTION and _COLLECTION.match(text) is not None and all(map(_states, before)):
        return True
    clauses = re.split("[，,；;]", text)
    told = [_COLLECTION.match(clause) or _GIVEN.match(clause) for clause in clauses]
    return len(text) <= MAX_COLLECTION and len(clauses) > 1 and None not in told


def _states(field: str) -> bool:
    return _DATA.match(field) is not None or _COLLECTION.match(field) is not None
