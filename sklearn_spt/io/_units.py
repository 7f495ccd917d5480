"""Units as they are written, and names of columns with their units behind them; the units are in words.toml."""

import math
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ._words import MAX_NAME, find_words, plain, understand, words

QUANTITIES = {"displacement": "mm", "load": "N"}
ROLES = tuple(QUANTITIES)
_SIGNS = str.maketrans("μ×·⋅−’′", "µxxx-''")


class Unit(NamedTuple):
    """A unit as it was written, and what it measures."""

    text: str
    quantity: str  # "displacement", "load", "temperature", "other", or "unknown"
    factor: float = 1.0  # to mm or N
    meant: str = ""  # of a unit with a number in it: how `units=` takes it


@cache
def _symbols() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """The units by their symbols, and by their symbols in small letters where these tell them apart."""
    exact: dict[str, Unit] = {}
    folded: dict[str, set[Unit]] = {}
    for quantity, table in words("units").items():
        for factor, symbols in table.items():
            for symbol in symbols.split():
                unit = Unit(symbol, quantity, float(factor))
                exact[_squash(symbol)] = unit
                folded.setdefault(_squash(symbol).casefold(), set()).add(unit)
    return exact, {symbol: next(iter(units)) for symbol, units in folded.items() if len(units) == 1}


def _squash(text: str) -> str:
    return re.sub(r"(?<=\w)[\s.\-]+(?=\w)", "", unicodedata.normalize("NFKC", text).translate(_SIGNS))


def _strip(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    inner = re.fullmatch(r"[\[({<]\s*(.*?)\s*[\])}>]", text)
    return (inner[1] if inner else text).rstrip(".")


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit that a text is, with or without brackets, or None."""
    written = _strip(text) if len(text) <= MAX_NAME else ""
    if not written or len(written) > 24:
        return None
    exact, folded = _symbols()
    unit = exact.get(_squash(written)) or folded.get(_squash(written).casefold())
    if unit is not None:
        # The unit's own spelling, but for what only its case tells.
        return unit if unit.quantity in QUANTITIES else unit._replace(text=written)
    return None


@lru_cache(maxsize=4096)
def parse_measure(text: str) -> Unit | None:
    """The unit that a text is, which may have a number in it: "0.01 mm", "N x 10"."""
    if unit := parse_unit(text):
        return unit
    written = _strip(text) if len(text) <= MAX_NAME else ""
    number = r"(1\s*/\s*)?([\d.,]+(?:e[+-]?\d+)?)(?:\s*\^\s*([+-]?\d+))?"
    match = re.fullmatch(rf"{number}\s*[x*]?\s*(?P<unit>\D.*)", written, re.IGNORECASE)
    behind = re.fullmatch(rf"(?P<unit>.*?\S)\s*(?P<sign>[x*/])\s*{number}", written, re.IGNORECASE)
    found = match or behind
    unit = parse_unit(found["unit"]) if found and not re.search(r"\d", found["unit"]) else None
    if found is None or unit is None or unit.quantity not in QUANTITIES:
        return None
    groups = [found[k] for k in ((1, 2, 3) if match else (3, 4, 5))]
    try:
        value = float(groups[1].replace(",", ".")) ** int(groups[2] or 1)
        value = 1 / value if groups[0] or (behind is found and found["sign"] == "/") else value
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return Unit(written, unit.quantity, value * unit.factor, f"{value:.12g} {unit.text}")


def convert(values: Any, unit: Unit) -> Any:
    """Values in mm or N."""
    if unit.factor == 1.0:
        return values
    inverse = round(1 / unit.factor) if unit.factor else 0
    if unit.factor < 1.0 and math.isclose(inverse * unit.factor, 1.0, rel_tol=1e-12):
        # 250 µm are 0.25 mm to the last bit; 250 * 0.001 are not.
        return values / inverse
    return values * unit.factor


class Name(NamedTuple):
    """A column's name without its unit."""

    base: str
    unit: Unit | None


_BRACKETS = re.compile(r"[\[({<]\s*([^\[\](){}<>]*?)\s*[\])}>]")
_TAIL = re.compile(r"^(.*?[^\s_/,:.\-])(\s*[/,:]\s*|_|\s+in\s+|\s+en\s+|\s+-\s+|-|\.|\s+)([^\s_/,:]+)$")


@lru_cache(maxsize=4096)
def split_unit(name: str) -> Name:
    """Split "load (kN)", "load [kN]", "load_kN", "load / kN", "load, kN", "load kN" and "kN".

    What stands in brackets, or behind a slash, a comma or "in", and is neither a known unit nor a remark, is a unit
    that is not known.
    """
    name = unicodedata.normalize("NFKC", name).strip()
    if len(name) > MAX_NAME:
        return Name(name, None)
    # As R writes the brackets of "Load (N)".
    name = re.sub(r"^(.+?)\.\.+([^.]+)\.$", r"\1 (\2)", name)
    unknown = None
    for match in _BRACKETS.finditer(name):
        unit = parse_measure(match[1])
        if unit is not None:
            base = (name[: match.start()].rstrip() + " " + name[match.end() :].lstrip()).strip(" _:-")
            if times := re.search(r"(?:^|[\s(\[])([x*×]\s*\d[\d.,^e+-]*)[)\]]?$", base):
                written = f"{match[1]} {times[1]}"
                unit = parse_measure(written) or Unit(written, "unknown")
            return Name(base, unit)
        if unknown is None and match[1] and not is_remark(match[1]):
            unknown = Name(name[: match.start()].strip(" _:-"), Unit(match[1], "unknown"))
    if unknown:
        return unknown
    if (unit := parse_unit(name)) and name.casefold() not in ("f", "c", "d", "h", "k", "p", "a", "v", "-"):
        return Name("", unit)
    tail = _TAIL.match(name)
    if tail is None:
        return Name(name, None)
    unit, sign = parse_unit(tail[3]), tail[2].strip()
    measured = unit is not None and unit.quantity in QUANTITIES
    # "in" after a space is a preposition more often than a unit, and "Specimen 1 m" is no length.
    if unit and tail[3] != "-" and ((sign and sign not in "-.") or (measured and tail[3] not in ("in", "m"))):
        return Name(tail[1].strip(" _:-"), unit)
    if unit is None and sign in ("/", ",", "in", "en") and understand(tail[1]).role and not is_remark(tail[3]):
        return Name(tail[1], Unit(tail[3], "unknown"))
    if is_remark(tail[3]) and (inner := split_unit(tail[1])).unit and inner.base:
        return Name(f"{inner.base} {tail[3]}", inner.unit)
    return Name(name, None)


def is_remark(text: str) -> bool:
    """Whether what stands where a unit may stand is none: a word that is known, or a number."""
    tokens = plain(text).split()
    remarks = words("marks")["remarks"].split()
    return bool(tokens) and all(
        token in remarks
        or ((number := re.fullmatch(r"([^\W\d_]*)\d+", token)) and not (number[1] and parse_unit(number[1])))
        or any(find_words(token, concept) for concept in words("concepts"))
        for token in tokens
    )


def is_unit_row(cells: list[str]) -> bool:
    """Whether the cells of a line are units: each in brackets, or most of them known, one of displacement or load."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2 or any(len(cell) > 24 or re.fullmatch(r"[+\-]?[\d.,]+", cell) for cell in filled):
        return False
    units = [parse_unit(cell) for cell in filled]
    if any(u is None and understand(split_unit(_strip(c)).base).role for u, c in zip(units, filled, strict=True)):
        return False
    bracketed = [bool(_BRACKETS.fullmatch(cell)) for cell in filled]
    known = sum(unit is not None or brackets for unit, brackets in zip(units, bracketed, strict=True))
    measured = any(unit is not None and unit.quantity in QUANTITIES for unit in units)
    return all(bracketed) or (measured and 2 * known >= len(filled))


def unit_of_cell(cell: str) -> Unit | None:
    """What a cell in a row of units states; None where it is blank."""
    written = _strip(cell)
    return (parse_measure(cell) or Unit(written, "unknown")) if written else None
