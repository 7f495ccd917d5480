"""The table of specimens beside the files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..exceptions import Message, Parameter
from ._advice import refusal
from ._facts import CONCEPTS, Fact, Specimen, concept_of, gather, is_fact, to_fact, unit_of
from ._files import Options, read_tables
from ._numbers import SEPARATORS
from ._table import Table
from ._units import bases, parse_unit, split_unit
from ._words import find_words, is_only, plain, roles_in


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
        said = f"there is no table of specimens {path}; "
        raise FileNotFoundError(Message(said, Parameter("metadata"), " takes a file or a mapping"))
    # What separates the columns is not seen where a line has one number or none.
    for separator in (None, *SEPARATORS):
        for table in read_tables(path, Options(separator=separator)):
            lines = [line for line in range(len(table.kinds)) if table.is_text(line)]
            headers = [line for line in lines if is_specimen_header(table, line)]
            # A table may give nothing but the material. Then only its first line is taken for names.
            headers += [line for line in lines[:1] if is_specimen_header(table, line, sizes=False)]
            if headers:
                return SpecimenTable(str(path), read_rows(table, headers[0]))
    raise refusal(
        str(path),
        "no line of names with a column of the specimens' names beside others, such as their thickness; the table "
        "must begin like 'name,thickness (mm)'",
    )


def _read_mapping(where: str, given: Mapping[Any, Any]) -> Specimen:
    """The facts that a mapping gives, its keys as they may stand in a file ("h0 (µm)") or as `CONCEPTS`."""
    specimen = Specimen()
    for key, value in given.items():
        # The specimen is named already: what else is called a sample or specimen stays as it is.
        concept = key if key in CONCEPTS else concept_of(key) if isinstance(key, str) else None
        if concept is None or (concept == "name" and key != "name"):
            specimen.metadata[key] = value
            continue
        if concept in specimen.facts:
            raise refusal(where, f"{key!r} is a second key for the {concept}; leave one of them")
        if key != concept and value is not None and concept in ("thickness", "temperature"):
            try:
                value = to_fact(concept, str(value), unit_of(Fact(key, [], "", ""), concept, {}), ".")
            except ValueError as error:
                raise refusal(where, error) from None
        specimen.facts[concept] = value
        specimen.origin[concept] = "metadata="
    return specimen


def is_number(name: str) -> bool:
    """Whether a column so called has the numbers of specimens or files."""
    base = split_unit(name).base
    return bool(find_words(plain(base), "number")) and is_only(base, ("concepts", "number"), ("qualifiers", "name"))


def is_specimen_header(table: Table, line: int, *, sizes: bool = True) -> bool:
    """Whether a line names the columns of a table of specimens; with `sizes`, one must be thickness or temperature."""
    cells = table.filled(line)
    if table.n_numbers[line] or not cells:
        return False
    has = {concept for cell in cells for concept in ("name", "thickness", "temperature") if is_fact(cell, concept)}
    has |= {"name"} if is_number(cells[0]) else set()
    enough = len(has) > 1 if sizes else len(cells) > 1
    others = roles_in(bases([cell for cell in cells if concept_of(cell) is None]))
    return "name" in has and enough and not others & {"displacement", "load"}


def read_rows(table: Table, header: int) -> dict[str, Specimen]:
    """The specimens below a line of names."""
    keys = table.cells(header)
    name_at = _name_column(table, keys)
    rows: dict[str, Specimen] = {}
    units = [""] * len(keys)
    for line in filter(table.is_text, range(header + 1, len(table.kinds))):
        where, cells = table.at(line), table.cells(line)
        cells += [""] * (len(keys) - len(cells))
        name = cells[name_at]
        if not rows and not name and all(parse_unit(cell) for cell in cells if cell):
            units = cells
            continue
        if any(cells[len(keys) :]):
            raise refusal(where, f"{len(cells)} cells, and the line of names has {len(keys)}; correct the line")
        if not name:
            raise refusal(where, "the name of the specimen is missing; add it, or remove the line")
        if name in rows:
            raise refusal(where, f"a second line for the specimen {name!r}; leave one of them")
        named = [each for k, each in enumerate(zip(keys, cells, units, strict=False)) if k != name_at]
        facts = [Fact(key, [cell], unit, f"line {line + 1}") for key, cell, unit in named if cell and key]
        rows[name] = specimen = gather(facts, table.where, table.dialect.decimal, {})
        if specimen.problem:
            raise specimen.problem
        specimen.origin = {concept: f"{table.path.name}, {place}" for concept, place in specimen.origin.items()}
    if not rows:
        raise refusal(table.where, "the table of specimens has no lines below its names; add one per specimen")
    return rows


def _name_column(table: Table, keys: list[str]) -> int:
    """The position of the specimens' names; refuses two columns of the same fact."""
    concepts = [concept_of(key) for key in keys]
    for concept in {*concepts} - {None, "name"}:
        several = [repr(key) for key, of in zip(keys, concepts, strict=True) if of == concept]
        if len(several) > 1:
            said = f"several columns hold the {concept} ({', '.join(several)}); leave one of them"
            raise refusal(table.where, said)
    return concepts.index("name") if "name" in concepts else next((k for k, key in enumerate(keys) if key), 0)
