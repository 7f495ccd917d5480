"""The table of specimens beside the files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ._columns import roles_in
from ._facts import CONCEPTS, Fact, Specimen, concept_of, gather, is_fact, to_fact, unit_of
from ._files import read_tables
from ._sniff import SEPARATORS
from ._table import Table
from ._units import parse_unit
from ._words import find_words, plain


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
        for table in read_tables(path, separator=separator):
            lines = [line for line, kind in enumerate(table.kinds) if kind in b"td"]
            header = next((line for line in lines if is_specimen_header(table, line)), None)
            # A table may give nothing but the material. Then only its first line is taken for names.
            if header is None and lines and is_specimen_header(table, lines[0], sizes=False):
                header = lines[0]
            if header is not None:
                return SpecimenTable(str(path), read_rows(table, header))
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
        concept = key if key in CONCEPTS else concept_of(key) if isinstance(key, str) else None
        if concept is None or (concept == "name" and key != "name"):
            others[key] = value
            continue
        if concept in facts:
            raise ValueError(f"{where}: {key!r} is a second key for the {concept}; leave one of them")
        if key != concept and value is not None and concept in ("thickness", "temperature"):
            try:
                value = to_fact(concept, str(value), unit_of(Fact(key, [], "", 0), concept, {}), ".")
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
        facts[concept] = value
    return Specimen(facts, dict.fromkeys(facts, "metadata="), others)


def is_specimen_header(table: Table, line: int, *, sizes: bool = True) -> bool:
    """Whether a line names the columns of a table of specimens; with `sizes`, one must be thickness or temperature."""
    cells = table.filled(line)
    if table.n_numbers[line] or not cells:
        return False
    has = {concept for cell in cells for concept in ("name", "thickness", "temperature") if is_fact(cell, concept)}
    has |= {"name"} if find_words(plain(cells[0]), "number") else set()
    enough = len(has) > 1 if sizes else len(cells) > 1
    others = [cell for cell in cells if concept_of(cell) is None]
    return "name" in has and enough and not roles_in(others) & {"displacement", "load"}


def read_rows(table: Table, header: int) -> dict[str, Specimen]:
    """The specimens below a line of names."""
    keys = table.cells(header)
    concepts = [concept_of(key) for key in keys]
    first = next((k for k, key in enumerate(keys) if key.strip()), 0)
    name_at = concepts.index("name") if "name" in concepts else first
    for concept in set(concepts) - {None, "name"}:
        if concepts.count(concept) > 1:
            several = ", ".join(repr(key) for key, c in zip(keys, concepts, strict=True) if c == concept)
            raise ValueError(f"{table.where}: several columns hold the {concept} ({several}); leave one of them")
    rows: dict[str, Specimen] = {}
    units: list[str] = []
    for line in range(header + 1, len(table.lines)):
        if table.kinds[line] in b"_#c":
            continue
        where = f"{table.where}, line {line + 1}"
        cells = table.cells(line)
        cells += [""] * (len(keys) - len(cells))
        if any(cells[len(keys) :]):
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
            Fact(key, [cell], units[i] if units else "", line + 1)
            for i, (key, cell) in enumerate(zip(keys, cells, strict=False))
            if cell and key and i != name_at
        ]
        specimen = gather(facts, table.where, table.dialect.decimal, {})
        if specimen.problem:
            raise ValueError(specimen.problem)
        origin = {concept: f"{table.path.name}, {place}" for concept, place in specimen.origin.items()}
        rows[name] = Specimen(specimen.facts, origin, specimen.metadata)
    if not rows:
        raise ValueError(f"{table.where}: the table of specimens has no lines below its names; add one per specimen")
    return rows
