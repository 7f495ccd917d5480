"""What the lines above the numbers, or a table beside the files, tell of a specimen."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ._columns import header_cells, is_unit_row, roles_in
from ._tables import SEPARATORS, Row, Table, read_tables
from ._vocabulary import convert, displacement_kind, is_fact, parse_unit, plain, split_unit

# A specimen is described in fewer and shorter lines; a logbook of megabytes is not searched through.
MAX_LINES = 1000
MAX_LENGTH = 500
# From less than the thinnest foil to more than the thickest sheet that is pressed, mm: what is outside was given in
# another unit, µm or m.
THICKNESS_RANGE = (0.01, 50.0)
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
    line: int


class Quantity(NamedTuple):
    value: float
    unit: str


def find_facts(table: Table, rows: Sequence[Row]) -> list[Fact]:
    """The lines of the form "key: value", "key;value;unit", and pairs of lines of keys and values."""
    facts: list[Fact] = []
    rows = rows[:MAX_LINES]
    for index, row in enumerate(rows):
        if row.is_blank or (isinstance(row.text, str) and len(row.text) > MAX_LENGTH):
            continue
        cells = [cell.strip().strip('"') for cell in table.cells(row)]
        if cells and row.is_comment:
            cells[0] = re.sub(r"^\s*(#|%|//)+\s*", "", cells[0])
        facts += _together(_line_facts(table, row, cells))
        facts += _column_facts(table, cells, rows[index + 1 : index + 5])
    return facts


def _together(facts: list[Fact]) -> list[Fact]:
    """The facts of a line, those of one name as one: "Specimen: A1;Specimen: B1" of two side by side."""
    found: dict[str, Fact] = {}
    for fact in facts:
        before = found.setdefault(plain(fact.key), fact)
        if before is not fact:
            found[plain(fact.key)] = before._replace(values=[*before.values, *fact.values])
    return list(found.values())


def _line_facts(table: Table, row: Row, cells: list[str]) -> list[Fact]:
    filled = [cell for cell in cells if cell]
    if not filled:
        return []
    first = filled[0]
    inside = re.match(r"[^:=]*[^:=\s]\s*[:=]\s*\S", first)
    if inside and len(filled) > 1 and all(_PAIR.match(cell) for cell in filled):
        return [fact for cell in filled for fact in _split(cell, row.line)]
    if isinstance(row.text, str) and inside:
        # "Specimen: A;Thickness: 0.5" above columns that commas separate.
        text = re.sub(r"^\s*(#|%|//)+\s*", "", row.text.strip().strip('"'))
        for mark in SEPARATORS:
            parts = [part.strip() for part in text.split(mark) if part.strip()]
            if mark != " " and len(parts) > 1 and all(_PAIR.match(part) for part in parts):
                return [fact for part in parts for fact in _split(part, row.line)]
    if isinstance(row.text, str) and table.dialect and (table.dialect.separator == " " or inside):
        # Instron Bluehill writes "Group : key;value;unit".
        if len(filled) > 1 and " : " in first and table.dialect.separator != " ":
            return _from_cells(first.split(" : ", 1)[1], filled[1:], row.line)
        text = re.sub(r"^\s*(#|%|//)+\s*", "", row.text.strip().strip('"'))
        return _split(text, row.line) or ([] if inside else _other_separator(text, row.line))
    if inside and len(filled) == 1:
        return _split(first, row.line)
    if isinstance(row.text, str) and re.search(r"[^\W\d_]\s*[\t;|]\s*[+\-−]?\d+$", first):
        # "Thickness;0,5" above columns that commas separate.
        return _other_separator(row.text, row.line)
    if len(filled) > 1:
        again = _repeated(filled)
        if again:
            return [fact for part in again for fact in _from_cells(part[0].rstrip(":= "), part[1:], row.line)]
        return _from_cells(first.rstrip(":= "), filled[1:], row.line)
    return _other_separator(first, row.line)


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
    return [fact for fact in _split(text, line) if any(is_fact(fact.key, concept) for concept in CONCEPTS)]


def _from_cells(key: str, cells: list[str], line: int) -> list[Fact]:
    if cells[0].endswith((":", "=")):
        # "Acquisition | Time: | 12 | s": what stands before is a heading.
        return _from_cells(cells[0].rstrip(":= "), cells[1:], line) if len(cells) > 1 else []
    if not _is_key(key):
        return []
    # Units stand behind their values.
    unit = cells[1] if len(cells) > 1 and parse_unit(cells[1]) else ""
    values = [cells[0], *(cell for cell in cells[1:] if not parse_unit(cell))]
    return [Fact(key.strip(), values, unit, line)]


def _split(text: str, line: int) -> list[Fact]:
    match = re.match(r"([^:=]+?)\s*[:=]\s*(.+)", text)
    if not match:
        # "Thickness 0.5 mm", where white space separates.
        match = re.match(r"([^\d:=]*[^\W\d_][^\d:=]*?|h0)\s+([+\-]?\d[\d.,]*\s*\S*)$", text)
    if not match or not _is_key(match[1]):
        return []
    if re.match(r"[^\W\d_][^\d:=]*[:=](\s|$)", match[2]):
        # "Acquisition: Time: 12 s".
        return _split(match[2], line)
    return [Fact(match[1].strip().strip('"'), [re.sub(r"\s+", " ", match[2]).strip(' ;,"')], "", line)]


def _is_key(text: str) -> bool:
    # Bars and the like stand in what machines write for themselves.
    return len(text) <= 80 and bool(re.search(r"[^\W\d_]", text)) and not re.search(r"[|<>{}]", text)


def _column_facts(table: Table, cells: list[str], below: Sequence[Row]) -> list[Fact]:
    """A line of keys above a line of values, as in the results of a test series."""
    filled = [cell for cell in cells if cell]
    if len(filled) < 2 or not any(
        is_fact(cell, concept) for cell in filled for concept in ("thickness", "temperature")
    ):
        return []
    if any(re.search(r"\d\s*$|[:=]", split_unit(cell).base) for cell in filled):
        return []
    units: list[str] = []
    for row in below:
        if row.is_blank:
            continue
        values = [value.strip().strip('"') for value in table.cells(row)]
        if is_unit_row(header_cells(table, row, len(cells))) or all(parse_unit(v) for v in values if v):
            units = values
            continue
        if row.n_numbers == 0 or len([v for v in values if v]) > len(cells):
            return []
        return [
            Fact(key, [value], units[i] if i < len(units) else "", row.line)
            for i, (key, value) in enumerate(zip(cells, values, strict=False))
            if key and value and _is_key(key)
        ]
    return []


# Values


def parse_quantity(text: str, decimal: str) -> Quantity | None:
    """A number with or without a unit behind it, or None where it cannot be told which number it is."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        return None
    number, unit = match[1].replace("−", "-").rstrip(",;").replace("'", ""), (match[2] or "").strip()
    if unit and parse_unit(unit) is None:
        return None
    marks = {mark for mark in ".," if mark in number}
    if len(marks) == 2:
        point = max(".,", key=number.rfind)
    elif marks:
        (mark,) = marks
        if number.count(mark) > 1:
            return None
        if mark != decimal and re.fullmatch(r"[+\-]?[1-9]\d{0,2}[.,]\d{3}", number):
            return None
        point = mark
    else:
        point = decimal
    other = "," if point == "." else "."
    try:
        return Quantity(float(number.replace(other, "").replace(point, ".")), unit)
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


def check_thickness(value: float) -> None:
    """Refuse what is no specimen's thickness in mm, wherever it comes from: a file, an option or a curve."""
    low, high = THICKNESS_RANGE
    if not low <= value <= high:
        raise ValueError(f"a thickness of {value:g} mm is no specimen's")


def to_celsius(quantity: Quantity, unit: str) -> float | None:
    """A temperature in °C, or None where its unit is none of temperature."""
    written = plain(quantity.unit or unit or "c")
    if written in ("k", "kelvin"):
        return float(f"{quantity.value - 273.15:.12g}")
    if written in ("f", "degf", "fahrenheit"):
        return float(f"{(quantity.value - 32) / 1.8:.12g}")
    return quantity.value if written in ("c", "degc", "celsius") else None


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
        concept = next((concept for concept in CONCEPTS if is_fact(fact.key, concept)), None)
        if concept is None and plain(fact.key) == "t":
            # The unit tells; without one it may be the time too.
            concept = {"temperature": "temperature", "displacement": "thickness"}.get(
                _quantity_of(value, fact.unit, decimal)
            )
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
                result = _number_fact(concept, value, _unit_of(fact, concept, units), decimal)
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
            metadata.setdefault(fact.key, _plain_value(value, fact.unit, decimal))
    return Specimen(known, origin, metadata, problem)


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
    celsius = [
        t for value in values if math.isfinite(value) and (t := to_celsius(Quantity(value, ""), unit)) is not None
    ]
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


def _quantity_of(value: str, unit: str, decimal: str) -> str:
    """What the unit of a value measures; "" where it has none."""
    quantity = parse_quantity(value, decimal)
    written = parse_unit(quantity.unit or unit) if quantity else None
    return written.quantity if written else ""


def _unit_of(fact: Fact, concept: str, units: Mapping[str, str]) -> str:
    in_name = split_unit(fact.key).unit
    return units.get(concept) or fact.unit or (in_name.text if in_name else "")


def _plain_value(value: str, unit: str, decimal: str) -> float | str:
    """A number without a unit as a number, all else as text."""
    number = parse_quantity(value, decimal)
    return f"{value} {unit}".strip() if number is None or number.unit or unit else number.value


def _number_fact(concept: str, value: str, unit: str, decimal: str) -> float | None:
    quantity = parse_quantity(value, decimal)
    if concept == "temperature":
        # What is written of a temperature in words ("RT") stays among the metadata.
        return None if quantity is None else to_celsius(quantity, unit)
    if quantity is None:
        raise ValueError(
            f"the thickness {value!r} is not one number with a unit of length; correct it, or pass thickness="
        )
    return to_mm(quantity, unit)


# The table beside the files


class SpecimenTable(NamedTuple):
    """Facts by the name of the specimen or of its file."""

    where: str
    rows: dict[str, Specimen]


def read_specimens(source: Any) -> SpecimenTable:
    """Read the table of specimens from a file, or check a mapping of names to facts."""
    if isinstance(source, Mapping):
        rows = {}
        for name, given in source.items():
            if not isinstance(given, Mapping):
                raise TypeError(f"metadata[{name!r}] must be a mapping such as {{'thickness': 0.5}}; got {given!r}")
            rows[str(name)] = _read_mapping(f"metadata[{name!r}]", given)
        return SpecimenTable("metadata", rows)
    path = Path(source)
    if not path.is_file():
        raise FileNotFoundError(f"there is no table of specimens {path}; metadata= takes a file or a mapping")
    # What separates the columns is not seen where a line has one number or none.
    for separator in (None, *SEPARATORS):
        for table in read_tables(path, encoding=None, separator=separator, decimal=None, sheet=None):
            first = next((row for row in table.rows if not row.is_blank and not row.is_comment), None)
            header = next((row for row in table.rows if is_specimen_header(table, row)), None)
            # A table may give nothing but the material. Then only its first line is taken for names.
            if header is None and first is not None and is_specimen_header(table, first, sizes=False):
                header = first
            if header is not None:
                return SpecimenTable(str(path), _read_rows(table, header))
    raise ValueError(
        f"{path}: no line of names with a column of the specimens' names beside others, such as their thickness; "
        "the table must begin like 'name,thickness (mm)'"
    )


def _read_mapping(where: str, given: Mapping[Any, Any]) -> Specimen:
    """The facts that a mapping gives, its keys as they may stand in a file ("h0 (µm)") or as `CONCEPTS`."""
    facts: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for key, value in given.items():
        # The specimen is named already: what else is called a sample or specimen stays as it is.
        by_word = (c for c in CONCEPTS if c != "name" and isinstance(key, str) and is_fact(key, c))
        concept = key if key in CONCEPTS else next(by_word, None)
        if concept is None:
            others[key] = value
            continue
        if concept in facts:
            raise ValueError(f"{where}: {key!r} is a second key for the {concept}; leave one of them")
        if key != concept and value is not None and concept in ("thickness", "temperature"):
            try:
                value = _number_fact(concept, str(value), _unit_of(Fact(key, [], "", 0), concept, {}), ".")
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
        facts[concept] = value
    return Specimen(facts, dict.fromkeys(facts, "metadata="), others)


def is_specimen_header(table: Table, row: Row, *, sizes: bool = True) -> bool:
    """Whether a line names the columns of a table of specimens; with `sizes`, one must be thickness or temperature."""
    cells = [cell for cell in table.cells(row) if cell]
    has = {concept for cell in cells for concept in ("name", "thickness", "temperature") if is_fact(cell, concept)}
    has |= {"name"} if cells and plain(cells[0]) in ("file", "datei", "fichier", "curve", "id") else set()
    enough = len(has) > 1 if sizes else len(cells) > 1
    others = [cell for cell in cells if not any(is_fact(cell, concept) for concept in CONCEPTS)]
    return "name" in has and enough and row.n_numbers == 0 and not roles_in(others) & {"displacement", "load"}


def _read_rows(table: Table, header: Row) -> dict[str, Specimen]:
    keys = table.cells(header)
    concepts = [next((c for c in CONCEPTS if is_fact(key, c)), None) for key in keys]
    name_at = concepts.index("name") if "name" in concepts else 0
    for concept in set(concepts) - {None, "name"}:
        if concepts.count(concept) > 1:
            several = ", ".join(repr(key) for key, c in zip(keys, concepts, strict=True) if c == concept)
            raise ValueError(f"{table.where}: several columns hold the {concept} ({several}); leave one of them")
    decimal = table.dialect.decimal if table.dialect else "."
    rows: dict[str, Specimen] = {}
    units: list[str] = []
    for row in table.rows:
        cells = table.cells(row)
        if row.line <= header.line or row.is_blank or row.is_comment:
            continue
        where = f"{table.where}, line {row.line}"
        cells += [""] * (len(keys) - len(cells))
        if len(cells) > len(keys) and any(cells[len(keys) :]):
            raise ValueError(f"{where}: {len(cells)} cells, and the line of names has {len(keys)}; correct the line")
        if not rows and not cells[name_at] and all(parse_unit(cell) for cell in cells if cell):
            units = cells
            continue
        name = cells[name_at].strip()
        if not name:
            raise ValueError(f"{where}: the name of the specimen is missing; add it, or remove the line")
        if name in rows:
            raise ValueError(f"{where}: a second line for the specimen {name!r}; leave one of them")
        facts = [
            Fact(key, [cell], units[i] if units else "", row.line)
            for i, (key, cell) in enumerate(zip(keys, cells, strict=False))
            if cell and key and i != name_at
        ]
        specimen = gather(facts, table.where, decimal, {})
        if specimen.problem:
            raise ValueError(specimen.problem)
        origin = {concept: f"{table.path.name}, {place}" for concept, place in specimen.origin.items()}
        rows[name] = Specimen(specimen.facts, origin, specimen.metadata)
    if not rows:
        raise ValueError(f"{table.where}: the table of specimens has no lines below its names; add one per specimen")
    return rows
