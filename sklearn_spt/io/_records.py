"""From the tables of a file to the records of its specimens, with an account of how each was understood."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..exceptions import Message
from ._advice import THICKNESS, NoCurvesError, refusal
from ._advice import columns as name_columns
from ._advice import unit as give_unit
from ._columns import ROLES, listed
from ._facts import Specimen, mean_temperature, to_fact
from ._files import Options, read_tables
from ._numbers import SEPARATORS
from ._pieces import Piece, TableReader
from ._points import count_unloading, falls, goes_on, is_cut_off, is_reversed
from ._sizes import check_size, unit_of
from ._specimens import is_specimen_header, read_rows
from ._table import MIN_ROWS, NUMBER, Table
from ._units import convert
from ._words import plain, word_set

# The most that a temperature in °C may vary in a column to be that of the test.
_TEMPERATURE_RANGE = 10.0


class Record(NamedTuple):
    """A specimen's record, and what it was understood from."""

    displacement: np.ndarray  # mm
    load: np.ndarray  # N
    name: str
    specimen: Specimen
    displacement_kind: str | None
    where: str
    source: dict[str, Any]
    doubts: Sequence[str]  # what is to be warned of


def read_file(path: Path, options: Options) -> list[Record]:
    """The records of all specimens of a file."""
    tables = read_tables(path, options)
    found: list[tuple[Table, list[Piece]]] = []
    refused: list[ValueError] = []
    for table in tables:
        try:
            found.append((table, TableReader(table, options).read()))
        except ValueError as error:
            # Workbooks have sheets of results and parameters beside those of curves.
            is_other = isinstance(error, NoCurvesError) or table.kinds.count(b"d") < MIN_ROWS
            if table.sheet is None or not is_other:
                raise ValueError(*error.args) from None
            refused.append(error)
    if not found:
        several = f"{path}: no sheet has columns of displacement and load; the first: " if len(refused) > 1 else ""
        raise ValueError(Message(several, refused[0]))
    # A sheet of results has one line per specimen, with its maximum load and the displacement there.
    found = [each for each in found if any(len(piece.lines) >= MIN_ROWS for piece in each[1])] or found
    records = [
        _make_record(table, group, options, len(found) > 1) for table, pieces in found for group in _join(pieces)
    ]
    return _with_sheets_of_results(_with_unique_names(records), tables)


def _join(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces that a page break or a repeated header separates, and no new specimen."""
    groups: dict[tuple[str | None, int, int], list[list[Piece]]] = {}
    in_order: list[list[Piece]] = []
    for piece in pieces:
        key = (piece.label, piece.pair.displacement.position, piece.pair.load.position)
        of_key = groups.setdefault(key, [])
        if of_key and of_key[-1][-1].specimen.facts == piece.specimen.facts:
            last = of_key[-1]
            if goes_on(np.append(last[0].displacement[:1], last[-1].displacement), piece.displacement):
                last.append(piece)
                continue
        of_key.append([piece])
        in_order.append(of_key[-1])
    return in_order


def _make_record(table: Table, group: list[Piece], options: Options, several_sheets: bool) -> Record:
    first, pair = group[0], group[0].pair
    parts = list(zip(*group, strict=True))[:3]
    lines, u, f = (np.concatenate(each) if len(group) > 1 else each[0] for each in parts)
    where = table.where if first.label is None else f"{table.where}, specimen {first.label!r}"
    specimen, doubts = _with_columns(first, table, lines, options, where)
    notes = list(dict.fromkeys(note for piece in group for note in piece.notes))
    if is_cut_off(table, pair, lines):
        said = f"the file seems to end within the last number of {table.show(lines[-1])}; this point is left out"
        doubts.append(f"{table.at(lines[-1])}: {said}. Export the test again, or end the line if it is complete")
        lines, u, f = lines[:-1], u[:-1], f[:-1]
    if is_backward := is_reversed(u, f, where):
        lines, u, f = lines[::-1], u[::-1], f[::-1]
    source = _account(table, first)
    u, doubt_u = _scale("displacement", u, group, options, source, where)
    f, doubt_f = _scale("load", f, group, options, source, where)
    doubts += [doubt_u, doubt_f]
    left, note = count_unloading(u, f, options.cut_unloading, where)
    kept = slice(len(lines) - left)
    notes += [note] if left else []
    if pair.by_order:
        notes.append(f"{' and '.join(pair.by_order)} by the order of the columns")
        said = f"{where}: nothing in the file says which column is what; {pair.displacement.show()} is taken for the "
        said += f"displacement and {pair.load.show()} for the load, by their order. If that is right, confirm it: "
        doubts.append(Message(said, name_columns(pair.displacement.position, pair.load.position)))
    notes += ["the rows go from the last point to the first: reversed"] if is_backward else []
    source["lines"] = (int(lines[kept].min()) + 1, int(lines[kept].max()) + 1)
    source |= {"origin": dict(specimen.origin), "notes": tuple(notes)}
    kind = specimen.facts.get("displacement_kind") or pair.displacement.meaning.kind
    name = _name(table, specimen, first.label, several_sheets)
    return Record(u[kept], f[kept], name, specimen, kind, where, source, list(filter(None, doubts)))


def _account(table: Table, piece: Piece) -> dict[str, Any]:
    """The account of how a record was read, as far as its file tells."""
    dialect = table.dialect
    of_text = {
        "encoding": table.encoding,
        "separator": SEPARATORS.get(dialect.separator),
        "decimal": dialect.decimal,
        "thousands": dialect.thousands,
    }
    columns = dict(zip(ROLES, piece.pair[:2], strict=True))
    return {
        "path": str(table.path),
        "sheet": table.sheet,
        "sha256": table.checksum,
        "header_lines": int(piece.lines[0]),
        "columns": {role: column.name for role, column in columns.items()},
        "positions": {role: column.position for role, column in columns.items()},
        "units": {},
        "factors": {},
        "sign_changed": (),
        **(of_text if table.sheet is None else {}),
    }


def _scale(
    role: str, values: np.ndarray, group: list[Piece], options: Options, source: dict[str, Any], where: str
) -> tuple[np.ndarray, Message | None]:
    """A column in mm or N, compression positive, with what is to be warned of; its account goes to the source."""
    columns = [piece.pair.displacement if role == "displacement" else piece.pair.load for piece in group]
    units = [unit_of(c, role, options.units, p.stated, where) for c, p in zip(columns, group, strict=True)]
    column, (unit, assumed) = columns[0], units[0]
    if other := next((each for each, _ in units if not each.is_like(unit)), None):
        said = f"the unit of the {role} changes from {unit.text!r} to {other.text!r} within the record; give it: "
        raise refusal(where, said, give_unit(role))
    source["units"][role] = f"{unit.text} (assumed)" if assumed else unit.text
    source["factors"][role] = unit.factor
    scaled = convert(values, unit)
    if falls(values) if role == "displacement" else -values.min() > values.max():
        source["sign_changed"] += (role,)
        scaled = -scaled + 0.0
    # Records that are too short are refused as curves, by a message of its own.
    is_long = len(values) >= MIN_ROWS
    return scaled, check_size(scaled, role, column, unit, assumed, role in options.units, where) if is_long else None


def _with_columns(
    piece: Piece, table: Table, lines: np.ndarray, options: Options, where: str
) -> tuple[Specimen, list[Any]]:
    """The specimen with the facts that stand in columns, and what is to be warned of."""
    known = piece.specimen
    specimen = replace(known, facts=dict(known.facts), origin=dict(known.origin))
    doubts: list[Any] = []
    for concept, columns in piece.fact_columns.items():
        try:
            if len(columns) > 1:
                said = f"{len(columns)} columns may hold the {concept} ({listed(columns)}); leave one, or "
                raise ValueError(
                    Message(said, THICKNESS if concept == "thickness" else "give it in a line above; none is taken")
                )
            for column in columns:
                values, states = table.column(lines, column.position)
                unit = options.units.get(concept) or (column.unit.text if column.unit else "")
                learn = _learn_thickness if concept == "thickness" else _learn_temperature
                learn(specimen, values[states == NUMBER], unit, f"column {column.show()}")
        except ValueError as error:
            if concept == "thickness":
                specimen.problem = specimen.problem or refusal(where, error)
            else:
                doubts.append(Message(f"{where}: ", error))
    return specimen, doubts


def _learn_thickness(specimen: Specimen, values: np.ndarray, unit: str, place: str) -> None:
    if not values.size:
        return
    if values.min() != values.max():
        said = (
            f"the thickness in {place} varies from {values.min():g} to {values.max():g} in one specimen; leave one, or "
        )
        raise ValueError(Message(said, THICKNESS))
    specimen.learn("thickness", to_fact("thickness", repr(float(values[0])), unit, "."), place)


def _learn_temperature(specimen: Specimen, values: np.ndarray, unit: str, place: str) -> None:
    low, high, mean = mean_temperature(values.tolist(), unit)
    known = specimen.facts.get("temperature")
    if high - low > _TEMPERATURE_RANGE and known is None:
        said = (
            f"the temperature in {place} varies from {low:.4g} to {high:.4g} °C and is not taken; give that of the test"
        )
        raise ValueError(f"{said} above the numbers, such as 'Temperature: 600 °C'")
    if high - low <= _TEMPERATURE_RANGE:
        if known is not None and abs(known - mean) > _TEMPERATURE_RANGE:
            taken = f"{known:g} °C in {specimen.origin['temperature']}, which is taken; correct one of them"
            raise ValueError(f"the temperature is {mean:.4g} °C in {place} and {taken}")
        specimen.learn("temperature", mean, place + (", mean" if low < high else ""))


def _name(table: Table, specimen: Specimen, label: str | None, several_sheets: bool) -> str:
    """The name of a specimen: what the file calls it, else the sheet's or the file's own."""
    sheet = ""
    if several_sheets and table.sheet is not None:
        parts = [part for part in table.sheet.split() if plain(part) not in word_set("marks", "values")]
        sheet = " ".join(parts) or table.sheet
    base = str(specimen.facts.get("name") or sheet or table.path.stem)
    if label is None:
        return base
    # "1" alone is not a name that tells specimens of several files apart.
    return label if re.search(r"[^\W\d_]", label) else f"{base}-{label}"


def _with_unique_names(records: list[Record]) -> list[Record]:
    """Number the records of a file that have the same name."""
    counts = Counter(record.name for record in records)
    seen: Counter[str] = Counter()
    named = []
    for record in records:
        seen[record.name] += 1
        again = counts[record.name] > 1
        named.append(record._replace(name=f"{record.name}-{seen[record.name]}") if again else record)
    return named


def _with_sheets_of_results(records: list[Record], tables: Sequence[Table]) -> list[Record]:
    """The records of a workbook with the facts that a sheet of results has of their specimens."""
    described: dict[str, tuple[str, Specimen]] = {}
    for table in tables if len(tables) > 1 else ():
        header = next((line for line in range(min(len(table.kinds), 50)) if is_specimen_header(table, line)), None)
        try:
            rows = {} if header is None else read_rows(table, header)
        except ValueError:
            continue  # no such table, after all: nothing is taken of it
        described |= {name: (f"sheet {table.sheet!r}, ", row) for name, row in rows.items()}
    for record in records:
        place, row = described.get(record.name, ("", Specimen()))
        for key in {"thickness", "temperature"} & {*row.facts} - {*record.specimen.facts}:
            record.specimen.facts[key] = row.facts[key]
            record.source["origin"][key] = place + row.origin[key].rpartition(", ")[2]
    return records
