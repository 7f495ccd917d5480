"""The words and units that testing machines and laboratories write, and how a column's name is understood."""

import math
import re
import unicodedata
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

# Words are compared in small letters without accents (`plain`). "*" stands for any letters, for compounds such as
# "Standardkraft"; words in Chinese characters, kana, Hangul and Cyrillic are looked for anywhere in the name.
# The names that machines write were read in exports of ZwickRoell testXpert ("Standardkraft", "Traversenweg absolut",
# "Standardweg"), MTS MultiPurpose TestWare ("Ch 1 Weg", "Ch 1 Kraft", "Ch 1 Kraft Sollwert"), Instron Bluehill
# ("Extension", "Load", "Traversenweg", "Last") and Shimadzu Trapezium ("Force", "Stroke"); docs/user_guide/reading.rst
# names the files.
_WORDS = {
    "load": """
        load force axialforce *kraft *kraefte last prueflast belastung effort efforts charge force fuerza carga
        forza forze carico sila zatizeni obciazenie obciazeniowa kracht belasting voima kuorma kuvvet yuk forca
        荷重 試験力 力 载荷 負荷 负荷 載荷 力值 하중 힘 сила нагрузка усилие
    """,
    "displacement": """
        displacement displ disp *weg *verschiebung deplacement desplazamiento deslocamento spostamento posunuti posuv
        draha przemieszczenie verplaatsing forskjutning siirtyma deplasman yerdegistirme
        変位 位移 변위 перемещение
    """,
    "crosshead": """
        crosshead stroke actuator ram position travel traverse* kolben* zylinder* querhaupt* traversen* kolbenweg
        course vastago travesano carrera corsa traversa pricnik pricniku trawersa trawersy
        ストローク クロスヘッド 行程 横梁 활차 스트로크 ход траверса траверсы
    """,
    "punch": """
        punch plunger indenter stempel* poincon punzon punzone puncon raznik razniku stempla stempel
        パンチ 冲头 冲杆 压头 펀치 пуансон пуансона
    """,
    "deflection": """
        deflection deflections lvdt extensometer clipgauge dialgauge *durchbiegung fleche flexion deflexion freccia
        inflessione pruhyb ugiecie doorbuiging taipuma sehim deflexao wegaufnehmer
        たわみ 撓み 挠度 引伸计 처짐 прогиб
    """,
    "extension": """
        extension elongation verlaengerung verlangerung allongement alargamiento allungamento prodlouzeni wydluzenie
        verformung deformation
    """,
    "time": """
        time zeit *zeit laufzeit temps tiempo tempo cas czas tijd tid aika zaman 時間 时间 시간 время elapsed
    """,
    "specimen": """
        specimen sample *probe probekoerper eprouvette echantillon probeta muestra provino campione vzorek probka
        試験片 試料 试样 样品 시편 образец
    """,
    # What is neither, although its name may have a word of the others: set points, rates, stresses, strains.
    "other": """
        setpoint command sollwert* *sollwert sollweg sollkraft consigne consigna comando target demand rate speed
        velocity *geschwindigkeit vitesse velocidad velocita rychlost predkosc stress *spannung contrainte tension
        tensione napeti naprezenie strain *dehnung *stauchung deformacion temperature temperatur temperatura teplota
        energy energie work arbeit travail cycle cycles zyklus voltage limit grenze error abweichung stiffness
        *steifigkeit compliance
        応力 应力 ひずみ 歪 应变 速度 温度 圧力 压力 电压 エネルギー 能量 응력 변형률 속도 напряжение скорость
        деформация
    """,
    # Facts of a specimen in the lines before the numbers.
    "thickness": """
        thickness thicknesses h0 *dicke epaisseur espesor spessore tloustka grubosc dikte tjocklek paksuus kalinlik
        espessura
        厚さ 厚み 板厚 厚度 두께 толщина
    """,
    "temperature": """
        temperature *temperatur temp *temp temperatura teplota temperatuur lampotila sicaklik 温度 온도 температура
    """,
    "name": """
        name specimen sample *probe proben probenbezeichnung probebezeichnung probenkennung probenname
        probenbeschriftung probennummer probekoerper eprouvette echantillon probeta muestra provino campione vzorek
        probka probki vzorku proefstuk prove koekappale numune provete spezimen pruefling pruefkoerper
        試験片 試験片名 試料 試料名 试样 试样编号 试样名称 样品 시편 образец
    """,
    "rig": """
        rig testrig fixture testfixture jig *vorrichtung montage dispositif utillaje dispositivo attrezzatura pripravek
        治具 夹具 지그 оснастка
    """,
    "displacement_kind": "displacementkind",
}
# Words that may stand beside those of a fact without changing what it is.
_QUALIFIERS = {
    "thickness": "before test initial original specimen sample disc disk mean average measured t0 a0 e0 g0 s0 h t of "
    "the der de la l d du probe probeta eprouvette provino initiale inicial iniziale mittlere mittel anfangs ist "
    "vzorku probki moyenne medio media",
    "temperature": "test testing *pruef* pruf specimen sample essai d de del dell des der l la ensayo prova zkousky "
    "badania of the probe probeta eprouvette provino vzorku probki disc disk 試験",
    "name": "id label name no nr number nummer bezeichnung kennung beschriftung numero n of the der de del di la l "
    "cislo numer 名 名前 名称 编号 番号 nazev nazwa nombre nom nome proben reference referenz "
    "referencia riferimento repere identification identificacion identificativo kennzeichen kennzeichnung oznaczenie "
    "oznaceni",
    "rig": "name id type typ used test testing spt small punch the of for pruef d de del essai ensayo di prova",
    "displacement_kind": "",
}
# One letter is a name only where nothing else is known.
_SYMBOLS = dict.fromkeys("fp", "load") | dict.fromkeys("uvdδ", "displacement")
_PREPOSITIONS = frozenset({"at", "of", "in", "on", "for", "bei", "beim", "von", "am", "an", "de", "du", "des", "del"})
_CHANNELS = {"ch", "channel", "kanal", "canal", "canale", "voie"}

# Symbol -> factor to mm or N. Those of inch, pound-force and kilogram-force are exact by definition (BIPM SI brochure;
# NIST SP 811): 25.4 mm, 9.80665 N/kgf, 0.45359237 kg/lb.
_LENGTHS = {
    "mm": 1.0, "µm": 1e-3, "um": 1e-3, "nm": 1e-6, "cm": 10.0, "dm": 100.0, "m": 1000.0, "in": 25.4, "inch": 25.4,
    "inches": 25.4, "mil": 0.0254, "mils": 0.0254, "thou": 0.0254, "micron": 1e-3, "microns": 1e-3,
    "millimeter": 1.0, "millimeters": 1.0, "millimetre": 1.0, "millimetres": 1.0, "metre": 1000.0, "metres": 1000.0,
    "meter": 1000.0, "meters": 1000.0, "micrometer": 1e-3, "micrometre": 1e-3, "мм": 1.0, "мкм": 1e-3, "毫米": 1.0,
}  # fmt: skip
_FORCES = {
    "N": 1.0, "kN": 1000.0, "MN": 1e6, "mN": 1e-3, "daN": 10.0, "cN": 0.01, "µN": 1e-6, "kgf": 9.80665, "kp": 9.80665,
    "gf": 9.80665e-3, "tf": 9806.65, "lbf": 4.4482216152605, "lb": 4.4482216152605, "lbs": 4.4482216152605,
    "kip": 4448.2216152605, "kips": 4448.2216152605, "newton": 1.0, "newtons": 1.0, "kilonewton": 1000.0,
    "kilonewtons": 1000.0, "н": 1.0, "кн": 1000.0, "牛": 1.0,
}  # fmt: skip
_TEMPERATURES = ("°C", "℃", "C", "degC", "Celsius", "K", "Kelvin", "°F", "F", "degF", "Fahrenheit")
# Units of what is neither displacement nor load, in small letters; they make a row of units known as one.
_OTHERS = """
    s sec secs second seconds sek ms min h hr hour d deg ° % %% - [-] 1 mpa gpa kpa pa psi ksi v mv a ma hz khz mm/mm
    in/in mm/min mm/s µm/min um/min n/s n/mm n/mm2 n/mm^2 mm2 mm^2 j mj nm kg g cycles cycle segments segment t to ton
    tons tonf oz ozf dyn ft 秒 сек
"""
_OTHER_UNITS = frozenset(_OTHERS.split())
MAX_NAME = 200  # what is longer is a text, and no name
QUANTITIES = {"displacement": "mm", "load": "N"}


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Small letters and digits without accents, words separated by one space."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for letter, latin in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ł", "l"), ("ø", "o"), ("ı", "i")):
        text = text.replace(letter, latin)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", text))


def _compile(words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Patterns of whole words, and what is looked for anywhere."""
    whole, anywhere = [], []
    for word in words.split():
        if word.isascii():
            whole.append(word)
        else:
            anywhere.append(plain(word))
    return tuple(dict.fromkeys(whole)), tuple(sorted(set(anywhere), key=len, reverse=True))


_PATTERNS = {concept: _compile(words) for concept, words in _WORDS.items()}


@lru_cache(maxsize=4096)
def find_words(text: str, concept: str) -> tuple[str, ...]:
    """The words of a concept in a text that `plain` made."""
    whole, anywhere = _PATTERNS[concept]
    found = [token for token in text.split() if any(fnmatchcase(token, word) for word in whole)]
    return (*found, *(word for word in anywhere if word in text))


def is_fact(name: str, concept: str) -> bool:
    """Whether the name of a header line is that of a fact, with no word that makes it another one."""
    if len(name) > MAX_NAME:
        return False
    base, unit = split_unit(name)
    text = plain(base)
    if concept == "temperature" and text == "t":
        # The letter is that of the time and of the thickness too.
        return unit is not None and unit.quantity == "temperature"
    if concept == "displacement_kind":
        return text.replace(" ", "") == _WORDS[concept]
    words = find_words(text, concept)
    if not words:
        return False
    allowed, allowed_anywhere = _compile(_QUALIFIERS[concept])
    rest = [token for token in text.split() if token not in words]
    rest = [token for token in rest if not any(fnmatchcase(token, word) for word in allowed)]
    joined = "".join(rest)
    for word in (*words, *allowed_anywhere, *_PATTERNS[concept][1]):
        if not word.isascii():
            joined = joined.replace(word, "")
    return not joined


# Units


class Unit(NamedTuple):
    """A unit as it was written, and what it measures."""

    text: str
    quantity: str  # "displacement", "load", "temperature" or "other"
    factor: float  # to mm or N


def parse_unit(text: str) -> Unit | None:
    """The unit that a text is, with or without brackets, or None."""
    cleaned = unicodedata.normalize("NFKC", text).strip()
    inner = re.fullmatch(r"[\[({<]\s*(.*?)\s*[\])}>]", cleaned)
    written = (inner[1] if inner else cleaned).replace("μ", "µ").rstrip(".")
    if not written or len(written) > 14:
        return None
    for quantity, table in (("displacement", _LENGTHS), ("load", _FORCES)):
        # The case tells mN from MN; elsewhere machines write "KN" and "MM" as well.
        if written in table:
            return Unit(written, quantity, table[written])
    for quantity, table in (("displacement", _LENGTHS), ("load", _FORCES)):
        for symbol, factor in table.items():
            if symbol.casefold() == written.casefold() and written.casefold() not in ("mn", "c"):
                return Unit(symbol, quantity, factor)
    if written.casefold() in {unit.casefold() for unit in _TEMPERATURES}:
        return Unit(written, "temperature", 1.0)
    if written.casefold() in _OTHER_UNITS:
        return Unit(written, "other", 1.0)
    return None


def convert(values: Any, unit: Unit) -> Any:
    """Values in mm or N."""
    inverse = round(1 / unit.factor)
    if unit.factor < 1.0 and math.isclose(inverse * unit.factor, 1.0, rel_tol=1e-12):
        # 250 µm are 0.25 mm to the last bit; 250 * 0.001 are not.
        return values / inverse
    return values * unit.factor


class Name(NamedTuple):
    """A column's name without its unit."""

    base: str
    unit: Unit | None


_BRACKETS = re.compile(r"^(.*?)\s*[\[({<]\s*([^\[\](){}<>]*?)\s*[\])}>]$")
_TAIL = re.compile(r"^(.*?)(\s*/\s*|\s*,\s*|_|\s+in\s+|\s+en\s+|\s+)([^\s_/,]+)$")


@lru_cache(maxsize=4096)
def split_unit(name: str) -> Name:
    """Split "load (kN)", "load [kN]", "load_kN", "load / kN", "load, kN", "load kN" and "kN"."""
    name = unicodedata.normalize("NFKC", name).strip()
    if len(name) > MAX_NAME:
        return Name(name, None)
    if match := _BRACKETS.match(name):
        unit = parse_unit(match[2])
        return Name(match[1].strip(" _:-") if unit else name, unit)
    if (unit := parse_unit(name)) and name.casefold() not in ("f", "c", "d", "h", "k", "p", "a", "v", "1", "-"):
        return Name("", unit)
    if match := _TAIL.match(name):
        unit = parse_unit(match[3])
        separator = match[2].strip()
        # "in" after a space is a preposition more often than a unit, and "Specimen 1 m" is no length.
        separated = bool(separator) or (
            unit is not None and unit.quantity in QUANTITIES and match[3] not in ("in", "m")
        )
        if unit is not None and separated and match[3] not in ("1", "-"):
            return Name(match[1].strip(" _:-"), unit)
    return Name(name, None)


# Names of columns


class Meaning(NamedTuple):
    """What the name of a column tells."""

    role: str | None  # "displacement", "load", "time", "specimen", "other" or None
    kind: str | None  # of a displacement: "crosshead", "punch" or "deflection"
    label: str  # what is left of the name, such as the specimen's name
    is_symbol: bool = False


def displacement_kind(text: str) -> str | None:
    """What a text says of a displacement: "deflection", "punch" or "crosshead", in any language; None if neither."""
    words = plain(text)
    return next((kind for kind in ("deflection", "punch", "crosshead") if find_words(words, kind)), None)


@lru_cache(maxsize=4096)
def understand(name: str) -> Meaning:
    """Tell from a column's name, without its unit, what it holds."""
    text = plain(name) if len(name) <= MAX_NAME else ""
    if not text:
        return Meaning(None, None, "")
    kind = displacement_kind(text)
    if find_words(text, "other"):
        return Meaning("other", None, "")
    if text.removesuffix(" raw") in _SYMBOLS:
        text = text.removesuffix(" raw")
        return Meaning(_SYMBOLS[text], None, "", is_symbol=True)
    # The last noun before a preposition says what it is: a "load-line displacement" is a displacement, a "load at this
    # stroke" a load.
    tokens = text.split()
    cut = next((i for i, token in enumerate(tokens) if token in _PREPOSITIONS and i), len(tokens))
    role = None
    concepts = dict.fromkeys(("displacement", "crosshead", "extension", "deflection"), "displacement")
    concepts |= {role: role for role in ("load", "time", "specimen")}
    for part in (" ".join(tokens[:cut]), text):
        last = -1
        for concept, role_of in concepts.items():
            for word in find_words(part, concept):
                at = part.rfind(word) + len(word)
                # Of words that end together the longer one counts: 試験力 is more than 力.
                if at > last:
                    last, role = at, role_of
        if role:
            break
    if role is None:
        # "Punch" alone is a displacement where its unit or its place says so.
        return Meaning(None, kind, "")
    label = name
    for concept in ("load", "displacement", "crosshead", "punch", "deflection", "extension", "time", "specimen"):
        label = _without(label, concept)
    return Meaning(role, kind if role == "displacement" else None, " ".join(label.split()).strip(" _:-/.,|"))


def _without(text: str, concept: str) -> str:
    """A text without the words of a concept."""
    words = set(find_words(plain(text), concept))
    kept = [part for part in re.split(r"([\s_:;,/|]+)", text) if not plain(part) or plain(part) not in words]
    return "".join(kept)


def has_channel_number(label: str) -> bool:
    """Whether a label numbers the machine's channels and not specimens."""
    return any(re.sub(r"\d+$", "", token) in _CHANNELS for token in plain(label).split())
