"""What the lines above the numbers, or columns beside them, tell of a specimen."""

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
    own, place = table.filled(line), f"line {line + 1}"
    if not own:
        return []
    text = own[0] if len(own) == 1 and table.dialect.separator != " " else table.text(line).strip()
    hypotheses = [own]
    if table.sheet is None:
        # What a comma separates may have a decimal comma.
        hypotheses += [text.split(mark) for mark in "\t;|" if mark in text] + [text.split(",", 1)]
    hypotheses = [[part.strip().strip('"') for part in parts if part.strip(' "')] for parts in hypotheses]
    inside = re.match(r"[^:=]*[^:=\s]\s*[:=]\s*\S", own[0])
    for parts in [*hypotheses, text.split(",")] if inside else []:
        if len(parts) > 1 and all(map(_PAIR.match, parts)):
            return [fact for part in parts for fact in _split(part, place)]
    if inside and (len(own) == 1 or table.sheet is None):
        # Instron Bluehill writes "Group : key;value;unit".
        if len(own) > 1 and " : " in own[0] and table.dialect.separator != " ":
            return _from_cells(own[0].split(" : ", 1)[1], own[1:], place)
        return _split(text, place)
    # Other marks than those between the numbers separate where these do not, or are the decimal commas of "h0;0,5".
    weak = table.sheet is None and table.dialect.separator in ", "
    others = [parts for parts in hypotheses[1:] if len(parts) > 1]
    cells = others[0] if others and (len(own) < 2 or (weak and set(text) & set("\t;|"))) else own
    if weak and table.dialect.separator == " " and cells is own:
        cells = others[0] if others else [text]
    if len(cells) == 1:
        # "Thickness 0.5 mm" is a sentence like others, unless it begins with the name of a fact, or spaces separate.
        said = _split(text, place)
        return said if table.dialect.separator == " " else [fact for fact in said if concept_of(fact.key)]
    again = _repeated(cells) or [cells]
    return [fact for part in again for fact in _from_cells(part[0].rstrip(":= "), part[1:], place)]


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


def _from_cells(key: str, cells: list[str], place: str) -> list[Fact]:
    if cells[0].endswith((":", "=")):
        # "Acquisition | Time: | 12 | s": what stands before is a heading.
        return _from_cells(cells[0].rstrip(":= "), cells[1:], place) if len(cells) > 1 else []
    # Units stand behind their values.
    unit = cells[1] if len(cells) > 1 and parse_unit(cells[1]) else ""
    values = [cells[0], *(cell for cell in cells[1:] if not parse_unit(cell))]
    return [Fact(key.strip(), values, unit, place)] if _is_key(key) else []


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


def _column_facts(table: Table, cells: list[str], below: Sequence[int]) -> list[Fact]:
    """A line of keys above a line of values, as in the results of a test series."""
    filled = [cell for cell in cells if cell]
    sizes = any(is_fact(cell, concept) for cell in filled for concept in ("thickness", "temperature"))
    values_too = any(re.search(r"\d\s*$|[:=]", split_unit(c).base) and not is_fact(c, "thickness") for c in filled)
    if len(filled) < 2 or not sizes or values_too:
        return []
    units = [""] * len(cells)
    for line in below:
        values = table.cells(line)
        if is_unit_row(header_cells(table, line, len(cells))) or all(parse_unit(v) for v in values if v):
            units = [*values, *units]
        elif table.n_numbers[line] == 0 or sum(map(bool, values)) > len(cells):
            return []
        else:
            found = zip(cells, values, units, strict=False)
            return [Fact(key, [v], unit, f"line {line + 1}") for key, v, unit in found if key and v and _is_key(key)]
    return []


# Values


class Quantity(NamedTuple):
    """A number, and the unit behind it as it was written."""

    value: float
    unit: str = ""


def parse_quantity(text: str, decimal: str) -> Quantity | None:
    """A number with or without a unit behind it, or None where it cannot be told which number it is."""
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
        raise ValueError(Message(f"{written!r} is no unit of length; give it in mm, or ", THICKNESS))
    value = convert(quantity.value, known) if known else quantity.value
    try:
        check_thickness(value)
    except ValueError as error:
        raise ValueError(Message(error, "; correct the number or its unit, or ", THICKNESS)) from None
    return value


def to_celsius(quantity: Quantity, unit: str) -> float | None:
    """A temperature in °C, or None where its unit is none of temperature."""
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


def unit_of(fact: Fact, concept: str, units: Mapping[str, str]) -> str:
    """The unit of a fact's values: that which the user gave, else that of the line."""
    in_name = split_unit(fact.key).unit
    return units.get(concept) or fact.unit or (in_name.text if in_name else "")


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
        result: Any = value if concept is not None and value else None
        if concept == "displacement_kind":
            # What is none of them is refused as a curve, by a message that lists the kinds.
            result = displacement_kind(value) or value.strip().lower() or None
        elif concept in ("thickness", "temperature"):
            try:
                if not each and len(set(fact.values)) > 1:
                    raise ValueError(
                        Message(
                            f"{len(fact.values)} values of the {concept} for {n_specimens} specimen(s); ", THICKNESS
                        )
                    )
                result = to_fact(concept, value, unit_of(fact, concept, units), decimal)
                if result is not None:
                    specimen.learn(concept, result, fact.place)
                    continue
            except ValueError as error:
                # A temperature that is not understood stays among the metadata; a thickness must be known for sure.
                result = None
                if concept == "thickness":
                    specimen.problem = specimen.problem or refusal(f"{where}, {fact.place}", error)
                    continue
        if result is not None and concept is not None:
            specimen.learn(concept, result, fact.place)
        elif value and value != fact.key:
            is_number = number is not None and not (number.unit or fact.unit)
            shown = number.value if number and is_number else f"{value} {fact.unit}".strip()
            specimen.metadata.setdefault(fact.key, shown)
    return specimen


def _by_unit(fact: Fact, number: Quantity | None) -> str | None:
    """What a symbol such as "t" stands for by the unit of its value; without one it may be the time too."""
    unit = parse_unit(number.unit or fact.unit) if number else None
    quantity = unit.quantity if unit else ""
    concept = {"displacement": "thickness"}.get(quantity, quantity)
    return concept if _is_symbol(fact.key, concept) else None


def mean_temperature(values: Sequence[float], unit: str) -> tuple[float, float, float]:
    """The least, the greatest and the mean of temperatures in °C, nan where there is none."""
    celsius = [t for x in values if math.isfinite(x) and (t := to_celsius(Quantity(x), unit)) is not None]
    # Machines write 0 in every row where no sensor is connected.
    if not any(values) or not celsius:
        return math.nan, math.nan, math.nan
    return min(celsius), max(celsius), float(f"{math.fsum(celsius) / len(celsius):.12g}")
