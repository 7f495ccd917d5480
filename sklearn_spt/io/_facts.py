"""What the lines above the numbers, or columns beside them, tell of a specimen."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..curves import check_thickness
from ._columns import header_cells
from ._sniff import SEPARATORS
from ._table import Table
from ._units import convert, is_unit_row, parse_unit, split_unit
from ._words import MAX_NAME, displacement_kind, find_words, is_only, plain, words

# A specimen is described in fewer and shorter lines; a logbook of megabytes is not searched through.
MAX_LINES = 1000
MAX_LENGTH = 500
# The most that a temperature in °C may vary in a column to be that of the test.
TEMPERATURE_RANGE = 10.0
CONCEPTS = ("name", "thickness", "temperature", "rig", "displacement_kind")
_PAIR = re.compile(r"[^:=]*[^\W\d_][^:=]*[:=]\s*\S")
_DATE = r"\d{1,4}([./-])\d{1,2}\1\d{1,4}"
_TIME = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?"
_QUANTITY = re.compile(r"([+\-−]?\d[\d.,']*(?:[eE][+\-]?\d+)?)[\s;,\t]*(\S.*)?")


class Fact(NamedTuple):
    """A line that names something and its values."""

    key: str
    values: list[str]
    unit: str
    line: int  # counted from 1


def is_fact(name: str, concept: str) -> bool:
    """Whether the name of a header line is that of a fact, with no word that makes it another one."""
    if len(name) > MAX_NAME:
        return False
    base, unit = split_unit(name)
    base = re.sub(r"\b([^\W\d_])_0\b", r"\g<1>0", base)
    if concept == "displacement_kind":
        return plain(base).replace(" ", "") == words("concepts")[concept]
    if concept == "temperature" and plain(base) == "t":
        # The letter is that of the time and of the thickness too.
        return unit is not None and unit.quantity == "temperature"
    if concept == "thickness" and plain(base) in words("symbols")["thickness"].split():
        return unit is not None and unit.quantity == "displacement"
    return bool(find_words(plain(base), concept)) and is_only(base, ("concepts", concept), ("qualifiers", concept))


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
        cells = [cell.strip().strip('"') for cell in table.cells(line)]
        if cells and table.kinds[line] in b"#c":
            cells[0] = _bare(cells[0])
        together: dict[str, Fact] = {}
        for fact in _line_facts(table, line, [cell for cell in cells if cell]):
            # Those of one name as one: "Specimen: A1;Specimen: B1" of two side by side.
            before = together.get(plain(fact.key))
            together[plain(fact.key)] = before._replace(values=[*before.values, *fact.values]) if before else fact
        facts += together.values()
        facts += _column_facts(table, cells, lines[index + 1 : index + 5])
    return facts


def _bare(text: str) -> str:
    return re.sub(r"^\s*(#|%|//)+\s*", "", text.strip().strip('"'))


def _line_facts(table: Table, line: int, filled: list[str]) -> list[Fact]:
    if not filled:
        return []
    first, number = filled[0], line + 1
    is_text = table.sheet is None
    inside = re.match(r"[^:=]*[^:=\s]\s*[:=]\s*\S", first)
    if inside and len(filled) > 1 and all(_PAIR.match(cell) for cell in filled):
        return [fact for cell in filled for fact in _split(cell, number)]
    if is_text and inside:
        # "Specimen: A;Thickness: 0.5" above columns that commas separate.
        for mark in SEPARATORS:
            parts = [part.strip() for part in _bare(table.text(line)).split(mark) if part.strip()]
            if mark != " " and len(parts) > 1 and all(_PAIR.match(part) for part in parts):
                return [fact for part in parts for fact in _split(part, number)]
    if is_text and (table.dialect.separator == " " or inside):
        # Instron Bluehill writes "Group : key;value;unit".
        if len(filled) > 1 and " : " in first and table.dialect.separator != " ":
            return _from_cells(first.split(" : ", 1)[1], filled[1:], number)
        text = _bare(table.text(line))
        return _split(text, number) or ([] if inside else _other_separator(text, number))
    if inside and len(filled) == 1:
        return _split(first, number)
    if is_text and re.search(r"[^\W\d_]\s*[\t;|]\s*[+\-−]?\d+$", first):
        # "Thickness;0,5" above columns that commas separate.
        return _other_separator(table.text(line), number)
    if len(filled) > 1:
        again = _repeated(filled) or [filled]
        return [fact for part in again for fact in _from_cells(part[0].rstrip(":= "), part[1:], number)]
    return _other_separator(first, number)


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


def _other_separator(text: str, line: int) -> list[Fact]:
    """A line of key and value that another mark separates than the columns: "Thickness;0.5;mm" above commas."""
    for mark in SEPARATORS:
        # What a comma separates may have a decimal comma.
        cells = [cell.strip().strip('"') for cell in text.split(mark, 1 if mark in ", " else -1)]
        cells = [cell for cell in cells if cell]
        if mark != " " and len(cells) > 1:
            return _from_cells(cells[0].rstrip(":= "), cells[1:], line)
    # "Thickness 0.5 mm" is a sentence like others, unless it begins with the name of a fact.
    return [fact for fact in _split(text, line) if concept_of(fact.key)]


def _from_cells(key: str, cells: list[str], line: int) -> list[Fact]:
    if cells[0].endswith((":", "=")):
        # "Acquisition | Time: | 12 | s": what stands before is a heading.
        return _from_cells(cells[0].rstrip(":= "), cells[1:], line) if len(cells) > 1 else []
    if not _is_key(key):
        return []
    # Units stand behind their values.
    unit = cells[1] if len(cells) > 1 and parse_unit(cells[1]) else ""
    return [Fact(key.strip(), [cells[0], *(cell for cell in cells[1:] if not parse_unit(cell))], unit, line)]


def _split(text: str, line: int) -> list[Fact]:
    match = re.match(r"([^:=]+?)\s*[:=]\s*(.+)", text)
    if not match:
        # "Thickness 0.5 mm", where white space separates.
        match = re.match(r"([^\d:=]*[^\W\d_][^\d:=]*?|[^\W\d_]0)\s+([+\-]?\d[\d.,]*\s*\S*)$", text)
    if not match or not _is_key(match[1]):
        return []
    if re.match(r"[^\W\d_][^\d:=]*[:=](\s|$)", match[2]):
        # "Acquisition: Time: 12 s".
        return _split(match[2], line)
    return [Fact(match[1].strip().strip('"'), [re.sub(r"\s+", " ", match[2]).strip(' ;,"')], "", line)]


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
    units: list[str] = []
    for line in below:
        values = [value.strip().strip('"') for value in table.cells(line)]
        if is_unit_row(header_cells(table, line, len(cells))) or all(parse_unit(v) for v in values if v):
            units = values
            continue
        if table.n_numbers[line] == 0 or len([v for v in values if v]) > len(cells):
            return []
        return [
            Fact(key, [value], units[i] if i < len(units) else "", line + 1)
            for i, (key, value) in enumerate(zip(cells, values, strict=False))
            if key and value and _is_key(key)
        ]
    return []


# Values


class Quantity(NamedTuple):
    """A number, and the unit behind it as it was written."""

    value: float
    unit: str


def parse_quantity(text: str, decimal: str) -> Quantity | None:
    """A number with or without a unit behind it, or None where it cannot be told which number it is."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        return None
    number = match[1].replace("−", "-").replace("'", "")
    marks = [mark for mark in ".," if mark in number]
    point = max(marks, key=number.rfind) if marks else decimal
    if len(marks) == 1 and (
        number.count(point) > 1 or (point != decimal and re.fullmatch(r"[+\-]?[1-9]\d{0,2}[.,]\d{3}", number))
    ):
        return None
    other = "," if point == "." else "."
    try:
        return Quantity(float(number.replace(other, "").replace(point, ".")), (match[2] or "").strip())
    except ValueError:
        return None


def to_mm(quantity: Quantity, unit: str) -> float:
    """A thickness in mm."""
    written = quantity.unit or unit
    known = parse_unit(written) if written else None
    if written and (known is None or known.quantity != "displacement"):
        raise ValueError(f"{written!r} is no unit of length; give it in mm, or pass thickness=")
    value = convert(quantity.value, known) if known else quantity.value
    try:
        check_thickness(value)
    except ValueError as error:
        raise ValueError(f"{error}; correct the number or its unit, or pass thickness=") from None
    return value


def to_celsius(quantity: Quantity, unit: str) -> float | None:
    """A temperature in °C, or None where its unit is none of temperature."""
    written = plain(quantity.unit or unit or "c")
    if written in ("k", "kelvin"):
        return float(f"{quantity.value - 273.15:.12g}")
    if written in ("f", "degf", "fahrenheit"):
        return float(f"{(quantity.value - 32) / 1.8:.12g}")
    return quantity.value if written in ("c", "degc", "celsius") else None


def to_fact(concept: str, value: str, unit: str, decimal: str) -> float | None:
    """A thickness in mm, or a temperature in °C."""
    quantity = parse_quantity(value, decimal)
    if concept == "temperature":
        # What is written of a temperature in words ("RT") stays among the metadata.
        return None if quantity is None else to_celsius(quantity, unit)
    if quantity is None:
        raise ValueError(
            f"the thickness {value!r} is not one number with a unit of length; correct it, or pass thickness="
        )
    return to_mm(quantity, unit)


def unit_of(fact: Fact, concept: str, units: Mapping[str, str]) -> str:
    """The unit of a fact's values: that which the user gave, else that of the line."""
    in_name = split_unit(fact.key).unit
    return units.get(concept) or fact.unit or (in_name.text if in_name else "")


# Specimens


class Specimen(NamedTuple):
    """What is known of a specimen, and where each thing was read."""

    facts: dict[str, Any]
    origin: dict[str, str]
    metadata: dict[str, Any]
    problem: str | None = None  # why the thickness is not known; no error where the user gives it


def gather(
    facts: Iterable[Fact], where: str, decimal: str, units: Mapping[str, str], position: int = 0, n_specimens: int = 1
) -> Specimen:
    """The facts of the specimen at a position of those that stand side by side."""
    known: dict[str, Any] = {}
    origin: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    problem = None
    for fact in facts:
        if len(fact.values) == 2 and re.fullmatch(_DATE, fact.values[0]) and re.fullmatch(_TIME, fact.values[1]):
            # One moment in two columns, and not one value for each of two specimens.
            fact = fact._replace(values=[" ".join(fact.values)])
        each = len(fact.values) == n_specimens
        value = fact.values[position] if each else fact.values[0]
        concept = concept_of(fact.key) or _by_unit(fact, value, decimal)
        result: Any = value if concept is not None and value else None
        if concept == "displacement_kind":
            # What is none of them is refused as a curve, by a message that lists the kinds.
            result = displacement_kind(value) or value.strip().lower() or None
        if concept in ("thickness", "temperature"):
            try:
                if not each and len(set(fact.values)) > 1:
                    raise ValueError(
                        f"{len(fact.values)} values of the {concept} for {n_specimens} "
                        f"specimen{'s' if n_specimens > 1 else ''}; leave one, or pass thickness="
                    )
                result = to_fact(concept, value, unit_of(fact, concept, units), decimal)
                if concept in known and known[concept] != result:
                    raise ValueError(
                        f"the {concept} is {result:g} mm here and {known[concept]:g} mm in {origin[concept]}; leave "
                        "one of them, or pass thickness="
                    )
            except ValueError as error:
                # A temperature that is not understood stays among the metadata; a thickness must be known for sure.
                result = None
                if concept == "thickness":
                    problem = problem or f"{where}, line {fact.line}: {error}"
                    continue
        if result is not None and concept is not None:
            known.setdefault(concept, result)
            origin.setdefault(concept, f"line {fact.line}")
        elif value and value != fact.key:
            number = parse_quantity(value, decimal)
            as_number = number is not None and not (number.unit or fact.unit)
            metadata.setdefault(fact.key, number.value if number and as_number else f"{value} {fact.unit}".strip())
    return Specimen(known, origin, metadata, problem)


def _by_unit(fact: Fact, value: str, decimal: str) -> str | None:
    """What a symbol such as "t" stands for by the unit of its value; without one it may be the time too."""
    key = plain(fact.key)
    quantity = parse_quantity(value, decimal)
    unit = parse_unit(quantity.unit or fact.unit) if quantity else None
    if unit is None:
        return None
    if unit.quantity == "displacement" and key in words("symbols")["thickness"].split():
        return "thickness"
    return "temperature" if unit.quantity == "temperature" and key == "t" else None


def with_column(specimen: Specimen, values: Sequence[float], unit: str, column: str, where: str) -> Specimen:
    """The specimen with the thickness of a column that has it in every row."""
    if not values:
        return specimen
    try:
        if min(values) != max(values):
            raise ValueError(
                f"the thickness in column {column} varies from {min(values):g} to {max(values):g} in one specimen; "
                "leave one value, or pass thickness="
            )
        value = to_mm(Quantity(values[0], ""), unit)
        known = specimen.facts.get("thickness")
        if known not in (None, value):
            raise ValueError(
                f"the thickness is {value:g} mm in column {column} and {known:g} mm in {specimen.origin['thickness']}; "
                "leave one of them, or pass thickness="
            )
    except ValueError as error:
        return specimen._replace(problem=specimen.problem or f"{where}: {error}")
    return specimen._replace(
        facts={"thickness": value} | specimen.facts, origin={"thickness": f"column {column}"} | specimen.origin
    )


def with_temperature(
    specimen: Specimen, values: Sequence[float], unit: str, column: str, where: str
) -> tuple[Specimen, str | None]:
    """The specimen with the temperature of a column that hardly varies, and what is to be warned of."""
    celsius = [t for x in values if math.isfinite(x) and (t := to_celsius(Quantity(x, ""), unit)) is not None]
    # Machines write 0 in every row where no sensor is connected.
    if not any(values) or not celsius:
        return specimen, None
    known = specimen.facts.get("temperature")
    low, high, mean = min(celsius), max(celsius), math.fsum(celsius) / len(celsius)
    if high - low > TEMPERATURE_RANGE:
        if known is not None:
            return specimen, None
        return specimen, (
            f"{where}: the temperature in column {column} varies from {low:.4g} to {high:.4g} °C and is not taken; "
            "give that of the test above the numbers, such as 'Temperature: 600 °C'"
        )
    if known is not None:
        if abs(known - mean) <= TEMPERATURE_RANGE:
            return specimen, None
        return specimen, (
            f"{where}: the temperature is {mean:.4g} °C in column {column} and {known:g} °C in "
            f"{specimen.origin['temperature']}, which is taken; correct one of them"
        )
    return specimen._replace(
        facts=specimen.facts | {"temperature": float(f"{mean:.12g}")},
        origin=specimen.origin | {"temperature": f"column {column}{', mean' if low < high else ''}"},
    ), None
