"""From the tables of a file to the records of its specimens, with an account of how each was understood."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..exceptions import Message
from ._advice import THICKNESS, NoCurvesError, no_curves, refusal
from ._advice import columns as name_columns
from ._blocks import Block, check_above, check_below, find_blocks, find_results, no_numbers, note_results
from ._columns import ROLES, Column, Pair, alternate, ambiguous, choose_pairs, is_one_per_row, listed, make_columns
from ._facts import Fact, Specimen, find_facts, gather, is_fact, mean_temperature, to_fact
from ._files import read_tables
from ._header import Header, find_header
from ._numbers import SEPARATORS
from ._points import count_unloading, falls, find_points, find_restarts, goes_on, is_cut_off, is_reversed
from ._sizes import check_size, unit_of
from ._specimens import is_specimen_header, read_rows
from ._stated import Stated, stated_units
from ._table import MIN_ROWS, NUMBER, Table
from ._units import bases, convert
from ._words import find_words, plain, roles_in, word_set

# The most that a temperature in °C may vary in a column to be that of the test.
_TEMPERATURE_RANGE = 10.0


class Options(NamedTuple):
    """What the user says of the files."""

    columns: Mapping[str, Any]
    units: Mapping[str, str]
    decimal: str | None
    separator: str | None
    encoding: str | None
    sheet: str | int | None
    cut_unloading: bool


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


class _Columns(NamedTuple):
    """The columns of a block by what they hold."""

    pairs: list[Pair]
    names: Column | None  # of the specimens
    facts: dict[str, list[Column]]  # thicknesses and temperatures


class _Piece(NamedTuple):
    """One specimen's points in one block."""

    lines: np.ndarray
    displacement: np.ndarray  # as in the file
    load: np.ndarray
    pair: Pair
    label: str | None
    specimen: Specimen
    fact_columns: dict[str, list[Column]]
    stated: Stated
    notes: list[str]


def read_file(path: Path, options: Options) -> list[Record]:
    """The records of all specimens of a file."""
    tables = read_tables(
        path,
        encoding=options.encoding,
        separator=options.separator,
        decimal=options.decimal,
        sheet=options.sheet,
    )
    found: list[tuple[Table, list[_Piece]]] = []
    refused: list[ValueError] = []
    for table in tables:
        try:
            found.append((table, _read_table(table, options)))
        except NoCurvesError as error:
            # Workbooks have sheets of results and parameters beside those of curves.
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


# One table


def _read_table(table: Table, options: Options) -> list[_Piece]:
    blocks, below, few = find_blocks(table)
    if not blocks or any(is_specimen_header(table, line) for line in blocks[0].above):
        raise no_numbers(table)
    longest = max(blocks, key=lambda block: len(block.lines))
    pieces: list[_Piece] = []
    header, stated = Header(), Stated()
    facts: list[Fact] = []
    without: NoCurvesError | None = None
    notes = [f"line {line + 1}: a row of numbers left out" for line in few if not table.n_texts[line]]
    n_columns = 0
    for number, block in enumerate(blocks):
        if number:
            check_below(table, block.above, n_columns)
            notes += note_results(table, block.above)
        n_columns = int(table.width[block.lines].max())
        own = find_header(table, block.above, n_columns)
        if number and own and roles_in(bases(own.names)).isdisjoint((*ROLES, "result")):
            own = None  # a remark, and no line of names
        header = own or header
        names = own.lines if own else frozenset(block.above[:-1])
        check_above(table, [line for line in block.above if line >= max(names, default=-1)], n_columns)
        others = [line for line in block.above if own is None or line not in own.lines]
        stated = stated_units(table, others, stated)
        new = find_facts(table, others)
        facts = [*new, *(fact for fact in facts if fact.key not in {fact.key for fact in new})]
        try:
            found = _read_block(table, block, longest, header, facts, stated, options, notes)
        except NoCurvesError as error:
            without = without or error
            notes.append(f"lines {block.lines[0] + 1} to {block.lines[-1] + 1}: no such columns, left out")
            continue
        except ValueError as error:
            # A few lines of results on a sheet beside that of the record.
            is_small = len(longest.lines) < MIN_ROWS and table.sheet is not None
            raise (NoCurvesError(*error.args) if is_small else error) from None
        pieces += found
        notes = [] if found else notes
    check_below(table, below, n_columns)
    if not pieces:
        raise without or no_numbers(table)
    pieces[-1].notes.extend([*notes, *note_results(table, below)])
    return pieces


def _read_block(
    table: Table,
    block: Block,
    longest: Block,
    header: Header,
    facts: list[Fact],
    stated: Stated,
    options: Options,
    notes: list[str],
) -> list[_Piece]:
    where = table.at(int(block.lines[0]))
    columns = _find_columns(table, block, header, stated, options, where)
    before, after = find_results(table, block, longest, columns.pairs)
    lines = block.lines[before : len(block.lines) - after]
    notes += note_results(table, [*block.lines[:before], *block.lines[before + len(lines) :]], sure=True)
    # A line of the specimens' names looks like one of a fact.
    labels = {pair.label for pair in columns.pairs}
    facts = [fact for fact in facts if not {fact.key, *fact.values} <= labels]
    groups = {None: lines} if columns.names is None else _split_by(columns.names, table, lines)
    if columns.names and all(len(group) == 1 for group in groups.values()):
        raise no_curves(where, "a table of results, with one line per specimen, and no record of a test")
    pieces = []
    for position, pair in enumerate(columns.pairs):
        specimen = gather(facts, table.where, table.dialect.decimal, options.units, position, len(columns.pairs))
        of_pair = {
            concept: of[position : position + 1] if len(of) == len(columns.pairs) else of
            for concept, of in columns.facts.items()
        }
        for label, group in groups.items():
            kept, u, f = find_points(table, group, pair)
            for begin, end in find_restarts(kept, u, block.breaks if columns.names is None else []):
                part = (kept[begin:end], u[begin:end], f[begin:end])
                pieces.append(_Piece(*part, pair, label or pair.label, specimen, of_pair, stated, notes))
    return pieces


def _find_columns(table: Table, block: Block, header: Header, stated: Stated, options: Options, where: str) -> _Columns:
    """The columns of a block, whose lines must have the same number of them, by what they hold."""
    widths, wanted = table.width[block.lines], options.columns
    n_columns = int(widths.max())
    usual = max(len(header.names), Counter(widths.tolist()).most_common(1)[0][0])
    if n_columns > usual:
        wide = int(block.lines[np.argmax(widths > usual)])
        said = f"{table.show(wide)} has {table.width[wide]} columns where the others have {usual}"
        raise refusal(table.at(wide), f"{said}; repair the line, or remove it")
    if 0 < len(header.names) < n_columns and all(isinstance(wanted.get(role), int) for role in ROLES):
        header = Header()
    columns = make_columns(header, n_columns, stated.rows, where)
    told = {*wanted, *options.units, *(column.quantity for column in columns)}
    if not header.names and n_columns > 2 and not told >= set(ROLES):
        said = f"{n_columns} columns of numbers and no names above them; give their positions: "
        raise refusal(where, said, name_columns(0, 1))
    filled = [c for c in columns if (table.column(block.lines, c.position)[1] == NUMBER).any()]
    free = [c for c in filled if not c.is_in([*wanted.values()])]
    facts = {
        "thickness": [c for c in free if is_fact(c.name, "thickness")],
        "temperature": [c for c in free if _is_temperature(c)] or [c for c in free if _is_in_degrees(c)],
    }
    numeric = [c for c in filled if c not in (*facts["thickness"], *facts["temperature"])]
    if header.names and not wanted:
        _refuse_other_tables(numeric, where)
    names = _specimen_column(columns, filled, wanted, where)
    usable = [c for c in numeric if c != names]
    return _Columns(choose_pairs(usable, header, wanted, where), names, facts)


def _refuse_other_tables(numeric: list[Column], where: str) -> None:
    """Refuse tables that hold no record: of results, of one specimen per row, of other quantities."""
    roles = {c.meaning.role for c in numeric}
    known = roles | {c.quantity for c in numeric}
    if is_one_per_row(numeric):
        said = f"{len(numeric)} numbered columns ({listed(numeric, 3)}), as in a table of one specimen per row"
        raise no_curves(where, f"{said}; write each record as two columns, displacement and load, one point per line")
    what = "no column is known to hold the displacement or the load"
    if "result" in roles and not roles >= set(ROLES):
        what = "a table of results and no record of a test"
    elif known & set(ROLES) or (len(numeric) <= 2 and not known - {None}) or alternate(numeric):
        return
    raise no_curves(where, f"{what}; the columns of numbers are {listed(numeric)}. Name them: ", name_columns())


def _is_temperature(column: Column) -> bool:
    by_unit = column.quantity == "temperature" and plain(column.name) == "t"
    return by_unit or is_fact(column.name, "temperature")


def _is_in_degrees(column: Column) -> bool:
    """Whether a column of another name, such as "TC1 (°C)", is a temperature by its unit; "K" and "C" may be more."""
    name = plain(column.name)
    return (
        column.unit is not None
        and column.quantity == "temperature"
        and len(column.unit.text) > 1
        and column.meaning.role in (None, "other")
        and set(find_words(name, "other")) <= set(find_words(name, "temperature"))
    )


def _specimen_column(
    columns: list[Column], filled: list[Column], wanted: Mapping[str, Any], where: str
) -> Column | None:
    """The column that says to which specimen a line belongs; `filled` are those of numbers."""
    if "specimen" in wanted:
        found = [c for c in columns if c.is_in([wanted["specimen"]])]
        if not found:
            said = f"there is no column {wanted['specimen']!r} of the specimens; there are {listed(columns)}"
            raise refusal(where, said)
        return found[0]
    free = [c for c in columns if not c.is_in([*wanted.values()])]
    texts = [c for c in free if c not in filled and find_words(plain(c.name), "number")]
    found = [c for c in free if c.meaning.role == "specimen"] or texts
    if len(found) > 1:
        raise ambiguous("specimen", found, where)
    return found[0] if found else None


def _split_by(column: Column, table: Table, lines: np.ndarray) -> dict[str | None, np.ndarray]:
    """The lines of each specimen."""
    groups: dict[str | None, list[int]] = {}
    for line in lines:
        name = dict(enumerate(table.cells(line))).get(column.position)
        if not name:
            said = f"the specimen's name is missing in column {column.show()}; add it, or remove the line"
            raise refusal(table.at(line), said)
        groups.setdefault(name, []).append(line)
    return {name: np.array(of) for name, of in groups.items()}


# Records


def _join(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Group pieces that a page break or a repeated header separates, and no new specimen."""
    groups: dict[tuple[str | None, int, int], list[list[_Piece]]] = {}
    in_order: list[list[_Piece]] = []
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


def _make_record(table: Table, group: list[_Piece], options: Options, several_sheets: bool) -> Record:
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
    values = {"displacement": u, "load": f}
    source: dict[str, Any] = {"columns": {}, "positions": {}, "units": {}, "factors": {}}
    turned = {"displacement": falls(u), "load": -f.min() > f.max()}
    for role, column in zip(ROLES, pair[:2], strict=True):
        unit, assumed = unit_of(column, role, options.units, first.stated, where)
        scaled = convert(values[role], unit)
        values[role] = -scaled + 0.0 if turned[role] else scaled
        # Records that are too short are refused as curves, by a message of its own.
        if len(lines) >= MIN_ROWS:
            doubts.append(check_size(values[role], role, column, unit, assumed, role in options.units, where))
        what = (column.name, column.position, f"{unit.text} (assumed)" if assumed else unit.text, unit.factor)
        for account, value in zip(source.values(), what, strict=True):
            account[role] = value
    left, note = count_unloading(values["displacement"], values["load"], options.cut_unloading, where)
    kept = len(lines) - left
    notes += [note] if left else []
    if pair.by_order:
        notes.append(f"{' and '.join(pair.by_order)} by the order of the columns")
        u_column, f_column = pair.displacement, pair.load
        said = (
            f"{where}: nothing in the file says which column is what; {u_column.show()} is taken for the displacement "
            f"and {f_column.show()} for the load, by their order. If that is right, confirm it: "
        )
        doubts.append(Message(said, name_columns(u_column.position, f_column.position)))
    notes += ["the rows go from the last point to the first: reversed"] if is_backward else []
    is_text = table.sheet is None
    source |= {
        "path": str(table.path),
        "sheet": table.sheet,
        "sha256": table.checksum,
        "encoding": table.encoding,
        "separator": SEPARATORS[table.dialect.separator] if is_text else None,
        "decimal": table.dialect.decimal if is_text else None,
        "thousands": table.dialect.thousands if is_text else None,
        "header_lines": int(first.lines[0]),
        "lines": (int(lines[:kept].min()) + 1, int(lines[:kept].max()) + 1),
        "sign_changed": tuple(role for role, negative in turned.items() if negative),
        "origin": dict(specimen.origin),
        "notes": tuple(notes),
    }
    return Record(
        values["displacement"][:kept],
        values["load"][:kept],
        _name(table, specimen, first.label, several_sheets),
        specimen,
        specimen.facts.get("displacement_kind") or pair.displacement.meaning.kind,
        where,
        source,
        [doubt for doubt in doubts if doubt],
    )


def _with_columns(
    piece: _Piece, table: Table, lines: np.ndarray, options: Options, where: str
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
    # "1" alone is no name that tells specimens of several files apart.
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
