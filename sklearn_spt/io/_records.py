"""From the tables of a file to the records of its specimens, with an account of how each was understood."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ._blocks import Block, check_first_line, check_text_line, find_blocks, no_numbers, refuse, results
from ._columns import (
    ROLES,
    Column,
    Header,
    NoCurvesError,
    Pair,
    alternate,
    choose_pairs,
    find_header,
    is_one_per_row,
    listed,
    make_columns,
    roles_in,
)
from ._facts import Fact, Specimen, find_facts, gather, is_fact, with_column, with_temperature
from ._files import read_tables
from ._sizes import check_size, unit_of
from ._sniff import SAMPLE, SEPARATORS
from ._specimens import is_specimen_header, read_rows
from ._table import BLANK, MIN_ROWS, NUMBER, Table
from ._units import convert
from ._words import find_words, plain, words

# A way back of the displacement that is longer than this part of the stroke is an unloading, as for `SPTCurve`.
_BACK = 0.02
# Instruments write 9.9e37 where a value is out of their range.
_OVERFLOW = 1e30


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
    doubts: tuple[str, ...]  # what is to be warned of


class _Piece(NamedTuple):
    """One specimen's points in one block."""

    lines: np.ndarray
    displacement: np.ndarray  # as in the file
    load: np.ndarray
    pair: Pair
    label: str | None
    specimen: Specimen
    notes: list[str]
    temperatures: list[Column]  # that may hold the temperature


def read_file(path: Path, options: Options) -> list[Record]:
    """The records of all specimens of a file."""
    tables = read_tables(
        path,
        encoding=options.encoding,
        separator=options.separator,
        decimal=options.decimal,
        sheet=options.sheet,
    )
    pieces: list[tuple[Table, list[_Piece]]] = []
    refused: list[ValueError] = []
    for table in tables:
        try:
            pieces.append((table, _read_table(table, options)))
        except NoCurvesError as error:
            # Workbooks have sheets of results and parameters beside those of curves.
            refused.append(error)
    if not pieces:
        several = f"{path}: no sheet has columns of displacement and load; the first: " if len(refused) > 1 else ""
        raise ValueError(f"{several}{refused[0]}")
    # A sheet of results has one line per specimen, with its maximum load and the displacement there.
    long = [(table, found) for table, found in pieces if any(len(piece.lines) >= MIN_ROWS for piece in found)]
    pieces = long or pieces
    records = [
        _make_record(table, group, options, len(pieces) > 1) for table, found in pieces for group in _join(found)
    ]
    return _with_sheets_of_results(_with_unique_names(records), tables)


# One table


def _read_table(table: Table, options: Options) -> list[_Piece]:
    blocks, notes, below = find_blocks(table, options.columns)
    if not blocks or any(is_specimen_header(table, line) for line in blocks[0].above):
        raise no_numbers(table)
    short = all(len(block.lines) < MIN_ROWS for block in blocks)
    pieces: list[_Piece] = []
    header: Header | None = None
    facts: list[Fact] = []
    without: NoCurvesError | None = None
    n_columns = 0
    for number, block in enumerate(blocks):
        if number:
            for line in block.above:
                check_text_line(table, line, n_columns)
            notes = [*notes, *results(table, block.above)]
        n_columns = int(table.width(block.lines).max())
        found = find_header(table, block.above, n_columns)
        if number and found is not None and not roles_in(found.names) & {*ROLES, "result"}:
            found = None  # a remark, and no line of names
        own = found is not None
        if own or number == 0:
            header = found
        check_first_line(table, block, header if own else None)
        new = find_facts(table, [line for line in block.above if not found or line not in found.lines])
        keys = {fact.key for fact in new}
        facts = [*new, *(fact for fact in facts if fact.key not in keys)]
        try:
            pieces += _read_block(table, block, header, n_columns, facts, options, notes)
        except NoCurvesError as error:
            without = without or error
            notes = [*notes, f"lines {block.lines[0] + 1} to {block.lines[-1] + 1}: no such columns, left out"]
            continue
        except ValueError as error:
            # A few lines of results on a sheet beside that of the record.
            raise (NoCurvesError(str(error)) if short and table.sheet is not None else error) from None
        notes = []
    for line in below:
        check_text_line(table, line, n_columns)
    if not pieces:
        raise without or no_numbers(table)
    pieces[-1] = pieces[-1]._replace(notes=[*pieces[-1].notes, *results(table, below)])
    return pieces


def _read_block(
    table: Table,
    block: Block,
    header: Header | None,
    n_columns: int,
    facts: list[Fact],
    options: Options,
    notes: list[str],
) -> list[_Piece]:
    where = f"{table.where}, line {block.lines[0] + 1}"
    columns = _columns_of(table, block, header, n_columns, options, where)
    taken = set(options.columns.values())
    filled = [c for c in columns if (table.column(block.lines, c.position)[1] == NUMBER).any()]
    free = [c for c in filled if not {c.position, c.name} & taken]
    of_thickness = [c for c in free if is_fact(c.name, "thickness")]
    of_temperature = [c for c in free if _is_temperature(c)] or [c for c in free if _is_in_degrees(c)]
    numeric = [c for c in filled if c not in (*of_thickness, *of_temperature)]
    _refuse_other_tables(numeric, bool(header and header.names), options, where)
    by_specimen = _specimen_column(columns, options, where)
    usable = [c for c in numeric if by_specimen is None or c.position != by_specimen.position]
    pairs = choose_pairs(usable, header, options.columns, where)
    # A line of the specimens' names looks like one of a fact.
    labels = {pair.label for pair in pairs}
    facts = [fact for fact in facts if not {fact.key, *fact.values} <= labels]
    pieces = []
    groups = _split_by(by_specimen, table, block)
    if by_specimen and all(len(lines) == 1 for _, lines, _ in groups):
        raise NoCurvesError(f"{where}: a table of results, with one line per specimen, and no record of a test")
    for position, pair in enumerate(pairs):
        specimen = gather(facts, table.where, table.dialect.decimal, options.units, position, len(pairs))
        own = [
            columns[position : position + 1] if len(columns) == len(pairs) else columns
            for columns in (of_thickness, of_temperature)
        ]
        for label, lines, breaks in groups:
            kept, u, f = _points(table, lines, pair)
            cuts = [0, *_restarts(u, kept, lines[breaks]), len(kept)] if len(kept) else []
            for begin, end in itertools.pairwise(cuts):
                part = kept[begin:end]
                described = _with_thickness(specimen, own[0], table, part, options, where)
                pieces.append(
                    _Piece(part, u[begin:end], f[begin:end], pair, label or pair.label, described, notes, own[1])
                )
    return pieces


def _columns_of(
    table: Table, block: Block, header: Header | None, n_columns: int, options: Options, where: str
) -> list[Column]:
    """The columns of a block, whose lines must have the same number of them."""
    widths = table.width(block.lines)
    names = len(header.names) if header else 0
    usual = max(names, Counter(widths.tolist()).most_common(1)[0][0])
    if n_columns > usual:
        wide = block.lines[np.argmax(widths > usual)]
        raise ValueError(
            f"{table.where}, line {wide + 1}: {table.show(wide)} has {table.width(np.array([wide]))[0]} columns where "
            f"the others have {usual}; repair the line, or remove it"
        )
    given = {"displacement", "load"} & {role for role, column in options.columns.items() if isinstance(column, int)}
    ignored = len(given) == 2 and 0 < names < n_columns
    columns = make_columns(None if ignored else header, n_columns, where, table, block.above, options.units)
    told = {*options.columns, *(column.unit.quantity for column in columns if column.unit)}
    if not names and n_columns > 2 and not told >= set(ROLES):
        raise ValueError(
            f"{where}: {n_columns} columns of numbers and no names above them; give their positions: "
            "columns={'displacement': 0, 'load': 1}"
        )
    return columns


def _refuse_other_tables(numeric: list[Column], named: bool, options: Options, where: str) -> None:
    """Refuse tables that hold no record: of results, of one specimen per row, of other quantities."""
    if options.columns or not named:
        return
    if is_one_per_row(numeric):
        raise NoCurvesError(
            f"{where}: {len(numeric)} numbered columns ({listed(numeric, 3)}), as in a table of one specimen per row; "
            "write each record as two columns, displacement and load, one point per line"
        )
    roles = {c.meaning.role for c in numeric}
    if "result" in roles and not roles >= set(ROLES):
        raise NoCurvesError(
            f"{where}: a table of results and no record of a test; its columns of numbers are {listed(numeric)}. If it "
            "is a record, name its columns: columns={'displacement': ..., 'load': ...}"
        )
    known = roles | {c.unit.quantity for c in numeric if c.unit}
    measured = any(c.unit or c.meaning.role for c in numeric)
    if not known & set(ROLES) and (len(numeric) > 2 or measured) and not alternate(numeric):
        raise NoCurvesError(
            f"{where}: no column is known to hold the displacement or the load; the columns of numbers are "
            f"{listed(numeric)}. Name them: columns={{'displacement': ..., 'load': ...}}"
        )


def _with_thickness(
    specimen: Specimen, columns: list[Column], table: Table, lines: np.ndarray, options: Options, where: str
) -> Specimen:
    """The facts of a specimen with its thickness where that stands in a column."""
    if len(columns) > 1:
        problem = (
            f"{where}: {len(columns)} columns may hold the thickness ({listed(columns)}); leave one, or pass thickness="
        )
        return specimen._replace(problem=specimen.problem or problem)
    for column in columns:
        unit = options.units.get("thickness") or (column.unit.text if column.unit else "")
        specimen = with_column(specimen, _values(table, lines, column), unit, column.show(), where)
    return specimen


def _is_temperature(column: Column) -> bool:
    by_unit = column.unit is not None and column.unit.quantity == "temperature" and plain(column.name) == "t"
    return by_unit or is_fact(column.name, "temperature")


def _is_in_degrees(column: Column) -> bool:
    """Whether a column of another name, such as "TC1 (°C)", is a temperature by its unit; "K" and "C" may be more."""
    name = plain(column.name)
    return (
        column.unit is not None
        and column.unit.quantity == "temperature"
        and column.unit.text.casefold() not in ("c", "f", "k")
        and column.meaning.role in (None, "other")
        and set(find_words(name, "other")) <= set(find_words(name, "temperature"))
    )


def _with_temperature(
    specimen: Specimen, columns: list[Column], table: Table, lines: np.ndarray, options: Options, where: str
) -> tuple[Specimen, list[str]]:
    """The facts of a specimen with its temperature where that stands in a column, and what is to be warned of."""
    if not columns:
        return specimen, []
    if len(columns) > 1:
        return specimen, [
            f"{where}: {len(columns)} columns may hold the temperature ({listed(columns)}), and none is taken; leave "
            "one, or give the temperature in a line above them"
        ]
    (column,) = columns
    unit = options.units.get("temperature") or (column.unit.text if column.unit else "")
    specimen, doubt = with_temperature(specimen, _values(table, lines, column), unit, column.show(), where)
    return specimen, [doubt] if doubt else []


def _values(table: Table, lines: np.ndarray, column: Column) -> list[float]:
    values, states = table.column(lines, column.position)
    found: list[float] = values[states == NUMBER].tolist()
    return found


def _specimen_column(columns: list[Column], options: Options, where: str) -> Column | None:
    """The column that says to which specimen a line belongs."""
    if "specimen" in options.columns:
        wanted = options.columns["specimen"]
        found = [c for c in columns if c.position == wanted or c.name == wanted]
        if not found:
            raise ValueError(f"{where}: there is no column {wanted!r} of the specimens; there are {listed(columns)}")
        return found[0]
    taken = set(options.columns.values())
    found = [c for c in columns if c.meaning.role == "specimen" and not {c.position, c.name} & taken]
    if len(found) > 1:
        raise ValueError(
            f"{where}: {len(found)} columns may hold the specimen ({listed(found)}); say which: "
            f"columns={{'specimen': {found[0].name!r}}}"
        )
    return found[0] if found else None


def _split_by(column: Column | None, table: Table, block: Block) -> list[tuple[str | None, np.ndarray, list[int]]]:
    """The lines of each specimen."""
    if column is None:
        return [(None, block.lines, block.breaks)]
    groups: dict[str, list[int]] = {}
    for line in block.lines:
        cells = table.cells(line)
        name = cells[column.position].strip().strip('"') if column.position < len(cells) else ""
        if not name:
            raise ValueError(
                f"{table.where}, line {line + 1}: the specimen's name is missing in column {column.show()}; add it, or "
                "remove the line"
            )
        groups.setdefault(name, []).append(line)
    return [(name, np.array(lines), []) for name, lines in groups.items()]


def _points(table: Table, lines: np.ndarray, pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lines that have a point of this specimen, and its two columns."""
    u, u_states = table.column(lines, pair.displacement.position)
    f, f_states = table.column(lines, pair.load.position)
    good = (np.abs(u) < _OVERFLOW) & (np.abs(f) < _OVERFLOW)
    if good.all():
        return lines, u, f
    # A shorter record beside a longer one.
    blank = (u_states == BLANK) & (f_states == BLANK)
    for k in np.flatnonzero(~good & ~blank)[:1]:
        if (u_states[k], f_states[k]) != (NUMBER, NUMBER):
            refuse(table, lines[k])
        line = lines[k]
        raise ValueError(
            f"{table.where}, line {line + 1}: {table.show(line)} is not finite; remove the line, or repair the record"
        )
    return lines[good], u[good], f[good]


# Pieces of one record, and records of several specimens


def _restarts(u: np.ndarray, lines: np.ndarray, breaks: np.ndarray) -> list[int]:
    """Positions behind blank lines where the displacement starts anew: another specimen."""
    cuts = [0]
    for cut in np.flatnonzero(np.isin(lines, breaks)).tolist():
        if not _continues(u[cuts[-1] : cut], u[cut:]):
            cuts.append(cut)
    return cuts[1:]


def _continues(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a record goes on in the next piece, from where it was."""
    if not (before.size and after.size):
        return True
    sign = _direction(before)
    return bool(sign * after[0] >= sign * before[-1] - _BACK * np.ptp(before))


def _direction(u: np.ndarray) -> int:
    return -1 if u[0] - u.min() > u.max() - u[0] else 1


def _is_reversed(u: np.ndarray, f: np.ndarray, where: str) -> bool:
    """Whether the lines go from the last point of the test to the first.

    Displacements that fall are those of a test whose compression is negative, or of one whose points were written from
    last to first. The load tells: it is small at the beginning of a test, and its maximum is nearer to the end.
    """
    stroke = float(np.ptp(u))
    load = -f if -f.min() > f.max() else f
    top, few = float(load.max()), max(len(u) // 50, 1)
    if len(u) < MIN_ROWS or not stroke > 0 or not top > 0:
        return False
    rise = (float(load[-few:].mean()) - float(load[:few].mean())) / top
    place = abs(u[int(np.argmax(load))] - u[0]) / stroke
    # Of a record that ends behind the fracture both ends have little load.
    backward = rise < -0.1 if abs(rise) > 0.1 else place < 0.4 if abs(place - 0.5) > 0.1 else None
    # Where the displacement is zero, the test begins, unless it was not set to zero at all.
    near = 0.1 * stroke
    from_zero, to_zero = abs(u[0]) < near < abs(u[-1]), abs(u[-1]) < near < abs(u[0])
    if _direction(u) > 0:
        # A record that goes up is taken as it is, unless everything says otherwise.
        return bool(to_zero and backward)
    if backward is None:
        backward = True if to_zero else False if from_zero else None
    if backward is None or (backward and from_zero):
        raise ValueError(
            f"{where}: the displacement falls from {u[0]:.4g} to {u[-1]:.4g}, and the load does not tell whether "
            "compression is negative or the rows go from the last point to the first; sort the rows as they were "
            "measured, or change the sign of the displacement"
        )
    return backward


def _count_unloading(u: np.ndarray, f: np.ndarray, cut: bool, where: str) -> tuple[int, str]:
    """How many points at the end of a record are those of the punch's way back, and what is noted of them.

    0 where it goes back elsewhere, too. Refuses the record unless they are to be cut off.
    """
    far = len(u) - 1 - int(np.argmax(u[::-1]))
    there, back = u[: far + 1], u[far:]
    limit = _BACK * float(np.ptp(u))
    if len(there) < MIN_ROWS or there[-1] - back[-1] <= limit:
        return 0, ""
    if not np.max(np.maximum.accumulate(there) - there) <= limit >= np.max(back - np.minimum.accumulate(back)):
        return 0, ""
    left = len(back) - 1
    which = f"the last {left} points" if left > 1 else "the last point"
    way = f"the displacement goes back from {u.max():.4g} to {u[-1]:.4g} mm"
    if not cut:
        raise ValueError(
            f"{where}: {way} over {which}, which is an unloading; cut it out of the record, or pass cut_unloading=True"
        )
    before = np.interp(u[-left:], np.maximum.accumulate(u[:-left]), f[:-left])
    if np.mean(f[-left:] - before) > _BACK * float(np.ptp(f[:-left])):
        raise ValueError(
            f"{where}: {way} over {which}, and the load is greater on the way back than at the same displacements "
            "before; if the rows go from the last point to the first, sort them as they were measured"
        )
    return left, f"{which} left out, an unloading: {way}"


def _join(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Group pieces that a page break or a repeated header separates, and no new specimen."""
    groups: dict[tuple[str | None, int, int], list[list[_Piece]]] = {}
    in_order: list[list[_Piece]] = []
    for piece in pieces:
        key = (piece.label, piece.pair.displacement.position, piece.pair.load.position)
        before = groups.setdefault(key, [])
        last = before[-1][-1] if before else None
        if (
            last is not None
            and last.specimen.facts == piece.specimen.facts
            and _continues(np.append(before[-1][0].displacement[:1], last.displacement), piece.displacement)
        ):
            before[-1].append(piece)
        else:
            before.append([piece])
            in_order.append(before[-1])
    return in_order


def _make_record(table: Table, group: list[_Piece], options: Options, several_sheets: bool) -> Record:
    first = group[0]
    pair = first.pair
    lines, u, f = (
        np.concatenate(parts) if len(group) > 1 else parts[0] for parts in list(zip(*group, strict=True))[:3]
    )
    values = {"displacement": u, "load": f}
    where = table.where if first.label is None else f"{table.where}, specimen {first.label!r}"
    specimen, doubts = _with_temperature(first.specimen, first.temperatures, table, lines, options, where)
    if _is_cut_off(table, pair, lines):
        doubts.append(
            f"{where}, line {lines[-1] + 1}: the file seems to end within the last number of {table.show(lines[-1])}; "
            "this point is left out. Export the test again, or end the line if the number is complete"
        )
        lines = lines[:-1]
        values = {role: data[:-1] for role, data in values.items()}
    backward = _is_reversed(values["displacement"], values["load"], where)
    if backward:
        values = {role: data[::-1] for role, data in values.items()}
    units: dict[str, str] = {}
    factors: dict[str, float] = {}
    flipped: list[str] = []
    notes = [note for piece in group for note in piece.notes]
    for role in ROLES:
        column = pair.displacement if role == "displacement" else pair.load
        unit, assumed = unit_of(column, role, options.units, where)
        units[role] = f"{unit.text} (assumed)" if assumed else unit.text
        factors[role] = unit.factor
        data = values[role]
        negative = _direction(data) < 0 if role == "displacement" else -data.min() > data.max()
        flipped += [role] if negative else []
        scaled = convert(data, unit)
        values[role] = -scaled + 0.0 if negative else scaled
        # Records that are too short are refused as curves, by a message of its own.
        if len(lines) >= MIN_ROWS:
            doubt = check_size(values[role], role, column, unit, assumed, role in options.units, where)
            doubts += [doubt] if doubt else []
    left, note = _count_unloading(values["displacement"], values["load"], options.cut_unloading, where)
    if left:
        values = {role: data[:-left] for role, data in values.items()}
        lines = lines[left:] if backward else lines[:-left]
        notes.append(note)
    if pair.by_position:
        roles = " and ".join(pair.by_position)
        notes.append(f"{roles} by the order of the columns")
        doubts.append(
            f"{where}: nothing in the file says which column is what; {pair.displacement.show()} is taken for the "
            f"displacement and {pair.load.show()} for the load, by their order. If that is right, confirm it: "
            f"columns={{'displacement': {pair.displacement.position!r}, 'load': {pair.load.position!r}}}"
        )
    if backward:
        notes.append("the rows go from the last point to the first: reversed")
    text = table.sheet is None
    source = {
        "path": str(table.path),
        "sheet": table.sheet,
        "sha256": table.checksum,
        "encoding": table.encoding,
        "separator": SEPARATORS[table.dialect.separator] if text else None,
        "decimal": table.dialect.decimal if text else None,
        "thousands": table.dialect.thousands if text else None,
        "header_lines": int(first.lines[0]),
        "lines": (int(lines[0]) + 1, int(lines[-1]) + 1),
        "columns": {"displacement": pair.displacement.name, "load": pair.load.name},
        "positions": {"displacement": pair.displacement.position, "load": pair.load.position},
        "units": units,
        "factors": factors,
        "sign_changed": tuple(flipped),
        "origin": dict(specimen.origin),
        "notes": tuple(notes),
    }
    kind = specimen.facts.get("displacement_kind") or pair.displacement.meaning.kind
    name = _name(table, specimen, first.label, several_sheets)
    return Record(values["displacement"], values["load"], name, specimen, kind, where, source, tuple(doubts))


def _is_cut_off(table: Table, pair: Pair, lines: np.ndarray) -> bool:
    """Whether the file ends within the last number of a record: it has fewer decimals than all others have."""
    last = int(lines[-1])
    if table.sheet is not None or last != len(table.lines) - 1 or len(lines) <= MIN_ROWS:
        return False
    rows = [table.cells(line) for line in lines[-SAMPLE - 1 :]]
    position = len(rows[-1]) - 1
    if position not in (pair.displacement.position, pair.load.position):
        return False
    # -1 without a decimal sign.
    parts = [row[position].partition(table.dialect.decimal) for row in rows if len(row) > position]
    decimals = [len(behind) if point else -1 for _, point, behind in parts]
    before, value = table.column(lines[-2:], position)[0]
    # Of a number without decimals digits are missing where it is a tenth or less of what it should be.
    smaller = min(decimals[:-1]) < 0 and any(abs(value * 10**k - before) < 0.5 * abs(before) for k in range(1, 6))
    return decimals[-1] < min(decimals[:-1]) or smaller


def _name(table: Table, specimen: Specimen, label: str | None, several_sheets: bool) -> str:
    """The name of a specimen: what the file calls it, else the sheet's or the file's own."""
    sheet = ""
    if several_sheets and table.sheet is not None:
        parts = [part for part in table.sheet.split() if plain(part) not in words("marks")["values"].split()]
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
        if counts[record.name] > 1:
            seen[record.name] += 1
            record = record._replace(name=f"{record.name}-{seen[record.name]}")
        named.append(record)
    return named


def _with_sheets_of_results(records: list[Record], tables: Sequence[Table]) -> list[Record]:
    """The records of a workbook with the facts that a sheet of results has of their specimens."""
    described: dict[str, tuple[str, Specimen]] = {}
    for table in tables if len(tables) > 1 else ():
        header = next((line for line in range(min(len(table.lines), 50)) if is_specimen_header(table, line)), None)
        if header is None:
            continue
        try:
            rows = read_rows(table, header)
        except ValueError:
            continue  # no such table, after all: nothing is taken of it
        described |= {name: (f"sheet {table.sheet!r}, ", row) for name, row in rows.items()}
    changed = []
    for record in records:
        place, row = described.get(record.name, ("", None))
        if row is not None:
            facts = {key: row.facts[key] for key in ("thickness", "temperature") if key in row.facts}
            origin = {key: place + row.origin[key].rpartition(", ")[2] for key in facts}
            known = record.specimen
            specimen = known._replace(facts=facts | known.facts, origin=origin | known.origin)
            record = record._replace(specimen=specimen, source=record.source | {"origin": specimen.origin})
        changed.append(record)
    return changed
