"""What the lines above the numbers, or columns beside them, tell of a specimen."""

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..curves import check_thickness
from ..exceptions import Message
from ._advice import THICKNESS, refusal
from ._header import header_cells
from ._table import Table
from ._units import convert, is_unit_row, parse_unit, split_unit
from ._words import MAX_NAME, displacement_kind, find_words, is_only, plain, words

# A specimen is described in fewer and shorter lines; a logbook of megabytes is not searched through.
MAX_LINES = 1000
MAX_LENGTH = 500
CONCEPTS = ("name", "thickness", "temperature", "rig", "displacement_kind")
_PAIR = re.compile(r"[^:=]*[^\W\d_][^:=]*[:=]\s*\S")
_DATE = r"\d{1,4}([./-])\d{1,2}\1\d{1,4} \d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?"
_QUANTITY = re.compile(r"([+\-−]?\d[\d.,']*(?:[eE][+\-]?\d+)?)[\s;,\t]*(\S.*)?")


class Fact(NamedTuple):
    """A line that names something and its values."""

    key: str
    values: list[str]
    unit: str
    place: str  # such as "line 3"


def is_fact(name: str, concept: str) -> bool:
    """Whether the name of a header line is that of a fact, with no word that makes it another one."""
    if len(name) > MAX_NAME:
        return False
    base, unit = split_unit(name)
    base = re.sub(r"\b([^\W\d_])_0\b", r"\g<1>0", base)
    if concept == "displacement_kind":
        return plain(base).replace(" ", "") == words("concepts")[concept]
    # A letter is that of the time and of other things, too.
    if _is_symbol(base, concept):
        return unit is not None and unit.quantity == {"thickness": "displacement"}.get(concept, concept)
    return bool(find_words(plain(base), concept)) and is_only(base, ("concepts", concept), ("qualifiers", concept))


def _is_symbol(base: str, concept: str) -> bool:
    return plain(base) in words("symbols").get(concept, "").split()


def concept_of(key: str) -> str | None:
    """The fact that a name stands for, or None."""
    return next((concept for concept in CONCEPTS if is_fact(key, concept)), None)


# Lines


def find_facts(table: Table, lines: Sequence[int]) -> list[Fact]:
    """The lines of the form "key: value", "key;value;unit", and pairs of lines of keys and values."""
    facts: list[Fact] = []
    lines = lines[:MAX_LINES]
    for index, line in enumerate(lines):
        if table.sheet is None and len(table.text(line)) > MAX_LENGTH:
            continue
        together: dict[str, Fact] = {}
        for fact in _line_facts(table, line):
            # Those of one name as one: "Specimen: A1;Specimen: B1" of two side by side.
            before = together.get(plain(fact.key))
            together[plain(fact.key)] = before._replace(values=[*before.values, *fact.values]) if before else fact
        facts += together.values()
        facts += _column_facts(table, table.cells(line), lines[index + 1 : index + 5])
    return facts


def _line_facts(table: Table, line: int) -> list[Fact]:
    """What a line says by the way of splitting it that gives most of what is known, or else anything."""
    own, text = table.filled(line), table.text(line).strip()
    hypotheses = [own]
    if table.sheet is None:
        # What a comma separates may have a decimal comma.
        marks = [text.split(mark) for mark in "\t;|," if mark in text] + [text.split(",", 1)]
        hypotheses = [[text], *marks] if table.dialect.separator == " " else [own, *marks, [text]]
    is_loose = table.dialect.separator == " "
    found = [[] if is_unit_row(p) else _facts_of(p, text, is_loose, f"line {line + 1}") for p in hypotheses]
    return max(found, key=lambda facts: (sum(map(_is_known, facts)), bool(facts)))


def _is_known(fact: Fact) -> bool:
    return concept_of(fact.key) is not None


def _facts_of(parts: list[str], text: str, is_loose: bool, place: str) -> list[Fact]:
    """What the parts of a line say; in one that is loose, white space may separate a name from its value."""
    cells = [part.strip(" ,;\t").strip('"') for part in parts if part.strip(' ,;\t"')]
    if not cells:
        return []
    if len(cells) > 1 and all(map(_PAIR.match, cells)):
        return [fact for cell in cells for fact in _split(cell, place)]
    if re.match(r"[^:=]*[^:=\s]\s*[:=]\s*\S", cells[0]):
        # Instron Bluehill writes "Group : key;value;unit".
        if len(cells) > 1 and " : " in cells[0]:
            return _from_cells([cells[0].split(" : ", 1)[1], *cells[1:]], place)
        return _split(text, place)
    if len(cells) == 1:
        # "Thickness 0.5 mm" is a sentence like others, unless it begins with the name of a fact.
        return [fact for fact in _split(cells[0], place) if is_loose or _is_known(fact)]
    return [fact for part in _repeated(cells) or [cells] for fact in _from_cells(part, place)]


def _repeated(cells: list[str]) -> list[list[str]]:
    """The parts of a line that says the same again for the next specimen: "Thickness;0.5;mm;Thickness;0.6;mm"."""
    keys = [k for k, cell in enumerate(cells) if plain(cell) == plain(cells[0])]
    length = keys[1] if len(keys) > 1 else 0
    if length < 2 or len(cells) % length or keys != list(range(0, len(cells), length)):
        return []
    parts = [cells[k : k + length] for k in keys]
    if length == 3 and all(parse_unit(part[2]) for part in parts):
        return parts
    # Several facts of each: "Specimen;A1;Thickness;0.5".
    return [part[k : k + 2] for part in parts for k in range(0, length, 2)] if length % 2 == 0 else []


def _from_cells(cells: list[str], place: str) -> list[Fact]:
    """The facts of cells, each name but the first with a colon: "Acquisition | Time: | 12 | s", below a heading."""
    starts = [0, *(k for k, cell in enumerate(cells) if k and cell.endswith((":", "="))), len(cells)]
    found = []
    for part in (cells[begin:end] for begin, end in itertools.pairwise(starts) if end - begin > 1):
        key, value, *rest = [part[0].rstrip(":= "), *part[1:]]
        # Units stand after their values.
        unit = rest[0] if rest and parse_unit(rest[0]) else ""
        found.append(Fact(key, [value, *(cell for cell in rest if not parse_unit(cell))], unit, place))
    return [fact for fact in found if _is_key(fact.key)]


def _split(text: str, place: str) -> list[Fact]:
    match = re.match(r"([^:=]+?)\s*[:=]\s*(.+)", text)
    if not match:
        # "Thickness 0.5 mm", where white space separates.
        match = re.match(r"([^\d:=]*[^\W\d_][^\d:=]*?|[^\W\d_]0)\s+([+\-]?\d[\d.,]*\s*\S*)$", text)
    if not match or not _is_key(match[1]):
        return []
    if re.match(r"[^\W\d_][^\d:=]*[:=](\s|$)", match[2]):
        # "Acquisition: Time: 12 s".
        return _split(match[2], place)
    return [Fact(match[1].strip().strip('"'), [re.sub(r"\s+", " ", match[2]).strip(' ;,"')], "", place)]


def _is_key(text: str) -> bool:
    # Bars and the like stand in what machines write for themselves.
    return len(text) <= 80 and bool(re.search(r"[^\W\d_]", text)) and not re.search(r"[|<>{}]", text)


def _column_facts(table: Table, keys: list[str], below: Sequence[int]) -> list[Fact]:
    """A line of names above a line of values, as in the results of a test series."""
    filled = [key for key in keys if key]
    concepts = {concept_of(key) for key in filled}
    if len(filled) < 2 or not concepts & {"thickness", "temperature"} or any(map(_has_value, filled)):
        return []
    units = [""] * len(keys)
    for line in below:
        values = table.cells(line)
        if is_unit_row(header_cells(table, line, len(keys))) or all(parse_unit(value) for value in values if value):
            units = [*values, *units]
            continue
        fits = table.n_numbers[line] > 0 and sum(map(bool, values)) <= len(keys)
        columns = zip(keys, values, units, strict=False) if fits else ()
        return [Fact(key, [value], unit, f"line {line + 1}") for key, value, unit in columns if value and _is_key(key)]
    return []


def _has_value(cell: str) -> bool:
    return not is_fact(cell, "thickness") and bool(re.search(r"\d\s*$|[:=]", split_unit(cell).base))


# Values


class Quantity(NamedTuple):
    """A number, and the unit after it as it was written."""

    value: float
    unit: str = ""


def parse_quantity(text: str, decimal: str) -> Quantity | None:
    """A number with or without a unit after it, or None where it cannot be told which number it is."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        return None
    number = match[1].replace("−", "-").replace("'", "")
    marks = [mark for mark in ".," if mark in number]
    point = max(marks, key=number.rfind) if marks else decimal
    may_be_thousands = point != decimal and re.fullmatch(r"[+\-]?[1-9]\d{0,2}[.,]\d{3}", number)
    if len(marks) == 1 and (number.count(point) > 1 or may_be_thousands):
        return None
    try:
        value = float(number.replace("," if point == "." else ".", "").replace(point, "."))
    except ValueError:
        return None
    return Quantity(value, (match[2] or "").strip())


def to_mm(quantity: Quantity, unit: str) -> float:
    """A thickness in mm."""
    written = quantity.unit or unit
    known = parse_unit(written) if written else None
    if written and (known is None or known.quantity != "displacement"):
        raise ValueError(Message(f"{written!r} is not a unit of length; give it in mm, or ", THICKNESS))
    value = convert(quantity.value, known) if known else quantity.value
    try:
        check_thickness(value)
    except ValueError as error:
        raise ValueError(Message(error, "; correct the number or its unit, or ", THICKNESS)) from None
    return value


def to_celsius(quantity: Quantity, unit: str) -> float | None:
    """A temperature in °C, or None where its unit is not one of temperature."""
    letter = plain(quantity.unit or unit or "c").removeprefix("deg").strip()[:1]
    known = parse_unit(quantity.unit or unit or "C")
    if known is None or known.quantity != "temperature":
        return None
    if letter == "c":
        return quantity.value
    return float(f"{quantity.value - 273.15 if letter == 'k' else (quantity.value - 32) / 1.8:.12g}")


def to_fact(concept: str, value: str, unit: str, decimal: str) -> float | None:
    """A thickness in mm, or a temperature in °C; None for one that is written in words ("RT")."""
    quantity = parse_quantity(value, decimal)
    if concept == "temperature":
        return None if quantity is None else to_celsius(quantity, unit)
    if quantity is None:
        raise ValueError(
            Message(f"the thickness {value!r} is not one number with a unit of length; correct it, or ", THICKNESS)
        )
    return to_mm(quantity, unit)


def unit_of(fact: Fact, concept: str | None, units: Mapping[str, str]) -> str:
    """The unit of a fact's values: that which the user gave, else that of the line."""
    in_name = split_unit(fact.key).unit
    return units.get(concept or "") or fact.unit or (in_name.text if in_name else "")


# Specimens


@dataclass
class Specimen:
    """What is known of a specimen, and where each thing was read."""

    facts: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    problem: ValueError | None = None  # why the thickness is not known; no error where the user gives it

    def learn(self, concept: str, value: Any, place: str) -> None:
        """Add a fact, unless it is known; two thicknesses must be equal."""
        known = self.facts.setdefault(concept, value)
        self.origin.setdefault(concept, place)
        if concept == "thickness" and known != value:
            here, there = (f"{h:g} mm in {where}" for h, where in ((value, place), (known, self.origin[concept])))
            raise ValueError(Message(f"the thickness is {here} and {there}; leave one of them, or ", THICKNESS))


def gather(
    facts: Iterable[Fact], where: str, decimal: str, units: Mapping[str, str], position: int = 0, n_specimens: int = 1
) -> Specimen:
    """The facts of the specimen at a position of those that stand side by side."""
    specimen = Specimen()
    for fact in facts:
        if len(fact.values) == 2 and re.fullmatch(_DATE, " ".join(fact.values)):
            # One moment in two columns, and not one value for each of two specimens.
            fact = fact._replace(values=[" ".join(fact.values)])
        each = len(fact.values) == n_specimens
        value = fact.values[position] if each else fact.values[0]
        number = parse_quantity(value, decimal)
        concept = concept_of(fact.key) or _by_unit(fact, number)
        try:
            if concept == "thickness" and not each and len(set(fact.values)) > 1:
                said = f"{len(fact.values)} values of the thickness for {n_specimens} specimen(s); leave one, or "
                raise ValueError(Message(said, THICKNESS))
            result = _interpret(concept, value, unit_of(fact, concept, units), decimal)
            if concept is not None and result is not None:
                specimen.learn(concept, result, fact.place)
            elif value and value != fact.key:
                is_bare = number is not None and not (number.unit or fact.unit)
                shown = number.value if number and is_bare else f"{value} {fact.unit}".strip()
                specimen.metadata.setdefault(fact.key, shown)
        except ValueError as error:
            # A thickness must be known for sure.
            specimen.problem = specimen.problem or refusal(f"{where}, {fact.place}", error)
    return specimen


def _interpret(concept: str | None, value: str, unit: str, decimal: str) -> Any:
    """What a value says of a concept; None if nothing."""
    if concept == "displacement_kind":
        # Any other word is refused as a curve, by a message that lists the kinds.
        return displacement_kind(value) or value.strip().lower() or None
    return to_fact(concept, value, unit, decimal) if concept in ("thickness", "temperature") else value or None


def _by_unit(fact: Fact, number: Quantity | None) -> str | None:
    """What a symbol such as "t" stands for by the unit of its value; without one it may be the time too."""
    unit = parse_unit(number.unit or fact.unit) if number else None
    quantity = unit.quantity if unit else ""
    concept = {"displacement": "thickness"}.get(quantity, quantity)
    return concept if _is_symbol(fact.key, concept) else None


def mean_temperature(values: Sequence[float], unit: str) -> tuple[float, float, float]:
    """The minimum, maximum and mean of temperatures in °C, nan where there is none."""
    celsius = [t for x in values if math.isfinite(x) and (t := to_celsius(Quantity(x), unit)) is not None]
    # Machines write 0 in every row where no sensor is connected.
    if not any(values) or not celsius:
        return math.nan, math.nan, math.nan
    return min(celsius), max(celsius), float(f"{math.fsum(celsius) / len(celsius):.12g}")
