"""Units as they are written, and names of columns with their units after them; the units are in words.toml."""

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ._words import MAX_NAME, find_words, plain, roles_in, understand, word_set, words

QUANTITIES = {"displacement": "mm", "load": "N"}
ROLES = tuple(QUANTITIES)
_SIGNS = str.maketrans("μ×·⋅−’′", "µxxx-''")


class Unit(NamedTuple):
    """A unit as it was written, and what it measures."""

    text: str
    quantity: str = "unknown"  # "displacement", "load", "temperature", "other", or "unknown"
    factor: float = 1.0  # to mm or N
    meant: str = ""  # of a unit with a number in it: how `units=` takes it

    def is_like(self, other: "Unit") -> bool:
        """Whether it is the same unit in another spelling."""
        return (self.quantity, self.factor) == (other.quantity, other.factor)


@cache
def _symbols() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """The units by their symbols, and by their symbols in small letters where these tell them apart."""
    exact: dict[str, Unit] = {}
    folded: dict[str, set[Unit]] = {}
    for quantity, table in words("units").items():
        for factor, symbols in table.items():
            for symbol in symbols.split():
                exact[_squash(symbol)] = unit = Unit(symbol, quantity, float(factor))
                folded.setdefault(_squash(symbol).casefold(), set()).add(unit)
    return exact, {symbol: next(iter(units)) for symbol, units in folded.items() if len(units) == 1}


def _squash(text: str) -> str:
    return re.sub(r"(?<=\w)[\s.\-]+(?=\w)", "", unicodedata.normalize("NFKC", text).translate(_SIGNS))


def bare_unit(text: str) -> str:
    """A unit without the brackets around it."""
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    inner = re.fullmatch(r"[\[({<]\s*(.*?)\s*[\])}>]", text)
    return (inner[1] if inner else text).rstrip(".")


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit | None:
    """The unit that a text is, with or without brackets, or None."""
    written = bare_unit(text) if len(text) <= MAX_NAME else ""
    if not written or len(written) > 24:
        return None
    exact, folded = _symbols()
    unit = exact.get(_squash(written)) or folded.get(_squash(written).casefold())
    # The unit's own spelling, but for what only its case tells.
    return unit if unit is None or unit.quantity in QUANTITIES else unit._replace(text=written)


@lru_cache(maxsize=4096)
def parse_measure(text: str) -> Unit | None:
    """The unit that a text is, which may have a number in it: "0.01 mm", "N x 10", "mm/100"."""
    if unit := parse_unit(text):
        return unit
    written = bare_unit(text) if len(text) <= MAX_NAME else ""
    behind = re.fullmatch(r"(\D*?[^\W\d])\s*([x*/])\s*(\d\S*)", written)
    ahead = f"{'1/' if behind[2] == '/' else ''}{behind[3]} {behind[1]}" if behind else written
    number = r"(1\s*/\s*)?(\d[\d.,]*(?:e[+-]?\d+)?)(?:\s*\^\s*([+-]?\d+))?"
    match = re.fullmatch(rf"{number}\s*[x*]?\s*(\D+)", ahead, re.IGNORECASE)
    unit = parse_unit(match[4]) if match else None
    if match is None or unit is None or unit.quantity not in QUANTITIES:
        return None
    try:
        value = float(match[2].replace(",", ".")) ** int(match[3] or 1)
        value = 1 / value if match[1] else value
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


# Names with units


class Name(NamedTuple):
    """A column's name without its unit."""

    base: str
    unit: Unit | None = None


_BRACKETS = re.compile(r"[\[({<]\s*([^\[\](){}<>]*?)\s*[\])}>]")
_TAIL = re.compile(r"^(.*?[^\s_/,:.\-])(\s*[/,:]\s*|_|\s+in\s+|\s+en\s+|\s+-\s+|-|\.|\s+)([^\s_/,:]+)$")


@lru_cache(maxsize=4096)
def split_unit(name: str) -> Name:
    """Split "load (kN)", "load [kN]", "load_kN", "load / kN", "load, kN", "load kN" and "kN".

    What stands in brackets, or after a slash, a comma or "in", and is neither a known unit nor a remark, is a unit
    that is not known.
    """
    name = unicodedata.normalize("NFKC", name).strip()
    if len(name) > MAX_NAME:
        return Name(name)
    # As R writes the brackets of "Load (N)".
    name = re.sub(r"^(.+?)\.\.+([^.]+)\.$", r"\1 (\2)", name)
    if (found := _in_brackets(name)) is not None:
        return found
    if (unit := parse_unit(name)) and name.casefold() not in word_set("marks", "letters"):
        return Name("", unit)
    tail = _TAIL.match(name)
    return Name(name) if tail is None else _at_end(name, tail[1], tail[2].strip(), tail[3])


def _in_brackets(name: str) -> Name | None:
    unknown = None
    for match in _BRACKETS.finditer(name):
        before, after = name[: match.start()], name[match.end() :]
        if unit := parse_measure(match[1]):
            base = f"{before.rstrip()} {after.lstrip()}".strip(" _:-")
            if times := re.search(r"(?:^|[\s(\[])([x*×]\s*\d[\d.,^e+-]*)[)\]]?$", base):
                written = f"{match[1]} {times[1]}"
                unit = parse_measure(written) or Unit(written)
            return Name(base, unit)
        if unknown is None and match[1] and not is_remark(match[1]):
            unknown = Name(before.strip(" _:-"), Unit(match[1]))
    return unknown


def _at_end(name: str, base: str, sign: str, last: str) -> Name:
    """A name with a unit after a sign or a space."""
    unit = parse_unit(last)
    if unit and last != "-":
        # "in" after a space is a preposition more often than a unit, and "Specimen 1 m" is not a length.
        is_measured = unit.quantity in QUANTITIES and last not in ("in", "m")
        if is_measured or sign not in ("", "-", "."):
            return Name(base.strip(" _:-"), unit)
    if unit is None and sign in ("/", ",", "in", "en") and understand(base).role and not is_remark(last):
        return Name(base, Unit(last))
    if is_remark(last) and (inner := split_unit(base)).unit and inner.base:
        return Name(f"{inner.base} {last}", inner.unit)
    return Name(name)


def is_remark(text: str) -> bool:
    """Whether what stands where a unit may stand is none: a word that is known, or a number."""
    tokens = plain(text).split()
    return bool(tokens) and all(
        token in word_set("marks", "remarks")
        or ((number := re.fullmatch(r"([^\W\d_]*)\d+", token)) and not (number[1] and parse_unit(number[1])))
        or any(find_words(token, concept) for concept in words("concepts"))
        for token in tokens
    )


def bases(cells: Sequence[str]) -> list[str]:
    """Names without their units."""
    return [split_unit(cell).base for cell in cells]


# Rows of units


def is_unit_row(cells: Sequence[str]) -> bool:
    """Whether the cells of a line are units: each in brackets, or known, or half of them and one of the record's."""
    # "1" stands below a column of numbers without a unit.
    filled = [cell.strip() for cell in cells if cell.strip() not in ("", "1")]
    units = {cell: parse_unit(cell) for cell in filled}
    others = [cell for cell in filled if units[cell] is None]
    if len(filled) < 2 or any(map(_is_no_unit, others)):
        return False
    plainly = [cell for cell in others if not _BRACKETS.fullmatch(cell)]
    known = {unit.quantity for unit in units.values() if unit}
    if known & set(QUANTITIES) or all(map(_BRACKETS.fullmatch, filled)):
        return 2 * len(plainly) <= len(filled)
    # Of other quantities alone, all must be known, and more than letters and dashes, which names are too.
    return known == {"other"} and not others and any(re.search(r"[^\W\d_]{2}", cell) for cell in filled)


def _is_no_unit(cell: str) -> bool:
    """Whether a cell is a text, a number or the name of a column."""
    return len(cell) > 24 or bool(re.fullmatch(r"[+\-]?[\d.,]+", cell) or roles_in(bases([bare_unit(cell)])))


def unit_of_cell(cell: str) -> Unit | None:
    """What a cell in a row of units states; None where it is blank."""
    written = bare_unit(cell)
    return (parse_measure(cell) or Unit(written)) if written else None
