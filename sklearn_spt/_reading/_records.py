"""From the tables of a file to the records of its specimens, with an account of how each was understood."""

import itertools
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ._columns import (
    ROLES,
    Column,
    Header,
    Pair,
    alternate,
    choose_pairs,
    find_header,
    is_unit_row,
    make_columns,
    roles_in,
)
from ._facts import Fact, Specimen, find_facts, gather, is_specimen_header, with_column, with_temperature
from ._tables import MIN_ROWS, OTHER_SUFFIXES, SEPARATORS, SUFFIXES, Row, Table, read_tables
from ._vocabulary import QUANTITIES, Unit, convert, find_words, is_fact, parse_unit, plain, split_unit, understand

# What a small punch test can show. A record outside was read in a wrong unit: refused, because everything computed
# from it would be wrong by a power of ten. What it usually shows: outside of that, a unit that the file names is warned
# of, and one that is only assumed is not taken.
_BOUNDS = {"displacement": (0.01, 100.0), "load": (0.5, 1e6)}
_BOUNDS_USUAL = {"displacement": (0.05, 20.0), "load": (20.0, 2e5)}
# What begins a line of results above or below the numbers.
_SUMMARY = """
    max maximum maximal min minimum minimal maximalwert minimalwert mean average avg median mittel mittelwert moyenne
    media srednia prumer sum summe total std sd stdev stddev deviation standardabweichung range spannweite result
    results ergebnis ergebnisse statistics statistik peak count n
"""
# More lines than those of any such list may be points of the test.
_MAX_RESULTS = 12
# A way back of the displacement that is longer than this part of the stroke is an unloading, as for `SPTCurve`.
_BACK = 0.02
_MISTYPED = re.compile(r"[+\-−]?[\doOlI]+[.,][\doOlI]+")  # letters in the place of 0 and 1


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


class _Block(NamedTuple):
    rows: list[Row]
    breaks: list[int]  # positions in `rows` in front of which there was a blank line
    above: list[Row]  # the lines since the block before


class _Piece(NamedTuple):
    """One specimen's rows in one block."""

    rows: list[Row]
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
        except _NoCurvesError as error:
            # Workbooks have sheets of results and parameters beside those of curves.
            refused.append(error)
    if not pieces:
        raise (
            refused[0]
            if len(refused) == 1
            else ValueError(f"{path}: no sheet has columns of displacement and load; the first: {refused[0]}")
        )
    # A sheet of results has one line per specimen, with its maximum load and the displacement there.
    long = [(table, found) for table, found in pieces if any(len(piece.rows) >= MIN_ROWS for piece in found)]
    pieces = long or pieces
    several_sheets = len(pieces) > 1
    records = [_make_record(table, group, options, several_sheets) for table, found in pieces for group in _join(found)]
    return _with_unique_names(records)


class _NoCurvesError(ValueError):
    """A table that holds no curves; an error unless other sheets of the workbook hold some."""


# Blocks of numbers


def _find_blocks(table: Table, options: Options) -> tuple[list[_Block], list[str], list[Row]]:
    """The blocks of rows of numbers, notes of what was left out, and what stands below the last block."""
    blocks: list[_Block] = []
    notes: list[str] = []
    above: list[Row] = []
    runs: list[tuple[list[Row], list[int], list[Row]]] = []
    rows: list[Row] = []
    breaks: list[int] = []
    blank = False
    for row in table.rows:
        if row.is_data:
            if blank and rows:
                breaks.append(len(rows))
            rows.append(row)
            blank = False
        elif row.is_blank:
            blank = True
        elif _is_remark(table, row) and rows and not roles_in([row.show()]) & set(ROLES) and ":" not in row.show():
            continue  # a remark between two measured points
        else:
            if rows:
                runs.append((rows, breaks, above))
                rows, breaks, above = [], [], []
            above.append(row)
            blank = False
    if rows:
        runs.append((rows, breaks, above))
        above = []
    runs = _without_results(table, runs, options, notes)
    longest = max((len(rows) for rows, _, _ in runs), default=0)
    if longest < MIN_ROWS and longest:
        _refuse_damage(table, [row for rows, _, before in runs for row in (*before, *rows)] + above, runs[0][0])
    carried: list[Row] = []
    for rows, breaks, before in runs:
        # The last lines of a record, behind a page break, may be few.
        goes_on = bool(blocks) and _count_columns(rows) == _count_columns(blocks[-1].rows[-1:])
        if len(rows) < min(MIN_ROWS, longest) and not goes_on:
            # A line of numbers among the lines above, such as the specimen's dimensions.
            if any(row.n_text == 0 for row in rows):
                notes.append(f"line {rows[0].line}: {len(rows)} row(s) of numbers left out")
            carried += [*before, *rows]
        else:
            blocks.append(_Block(rows, breaks, [*carried, *before]))
            carried = []
    return blocks, notes, [*carried, *above]


def _without_results(
    table: Table, runs: list[tuple[list[Row], list[int], list[Row]]], options: Options, notes: list[str]
) -> list[tuple[list[Row], list[int], list[Row]]]:
    """Take lines of results, such as "Max;1.8;1500", off the ends of the rows of measured points.

    They begin with a text in a column that has numbers in all others. So do the points of a column whose numbers
    become text ("1", ..., "1", "B"): what says nothing of a result and goes on stays a point.
    """
    longest = max(runs, key=lambda run: len(run[0]), default=None)
    if longest is None or len(longest[0]) < MIN_ROWS:
        return runs
    counts = Counter(k for row in longest[0] for k, value in enumerate(row.values) if value is not None)
    numeric = {k for k, count in counts.items() if count >= 0.8 * len(longest[0])}
    measured = _measured(table, longest[0], longest[2], options)

    def value(row: Row, k: int) -> float | None:
        return row.values[k] if k < len(row.values) else None

    steps = {}
    for k in measured["displacement"]:
        u = np.array([x for row in longest[0] if not row.n_text and (x := value(row, k)) is not None])
        steps[k] = float(np.abs(np.diff(u)).max(initial=0.0))

    def is_labelled(row: Row) -> bool:
        cells = table.cells(row)
        first = next((k for k, cell in enumerate(cells) if cell.strip()), None)
        return row.n_text > 0 and first in numeric and value(row, first) is None

    def count_points(rows: list[Row], point: Row | None) -> int:
        """How many of the rows go on from the point beside them, before a line of results."""
        labels = Counter(label for row in rows if (label := _label(table, row)))
        for index, row in enumerate(rows):
            # Results have names of their own.
            if _is_summary(table, row) and labels[_label(table, row)] == 1:
                return index
            first = next(k for k, cell in enumerate(table.cells(row)) if cell.strip())
            if first in {*measured["displacement"], *measured["load"]} and re.search(
                r"[^\W\d_]{2}", _label(table, row)
            ):
                return index
            for k, step in steps.items():
                here, there = value(row, k), value(point, k) if point else None
                if here is not None and there is not None and abs(here - there) > 2 * step:
                    return index
            point = row
        return len(rows)

    kept: list[tuple[list[Row], list[int], list[Row]]] = []
    left_out: list[Row] = []
    begun = False
    for rows, breaks, above in runs:
        begun = begun or rows is longest[0]
        first, last = 0, len(rows)
        if begun:
            while first < last and is_labelled(rows[first]):
                first += 1
            while first < last and is_labelled(rows[last - 1]):
                last -= 1
            if first < last:
                first -= count_points(rows[:first][::-1], rows[first])
                last += count_points(rows[last:], rows[last - 1])
            else:
                # Behind a line of text, such as "Statistics".
                first, last = 0, count_points(rows, kept[-1][0][-1] if kept else None)
        left_out += [*rows[:first], *rows[last:]]
        if first < last:
            kept.append((rows[first:last], [b - first for b in breaks if first < b < last], above))
    if len(left_out) > _MAX_RESULTS:
        raise ValueError(
            f"{table.where}, line {left_out[0].line}: {left_out[0].show()} and {len(left_out) - 1} other lines may be "
            "results or points of the test; remove them if they are results, or the texts in their first column if "
            "they are points"
        )
    notes += [f"line {row.line}: {row.show()} left out, a line of results" for row in left_out]
    return kept


def _measured(table: Table, rows: list[Row], above: list[Row], options: Options) -> dict[str, set[int]]:
    """The positions of the columns that may hold displacement and load, as far as their names and units tell."""
    header = find_header(table, above, _count_columns(rows))
    found: dict[str, set[int]] = {role: set() for role in ROLES}
    names = header.names if header else []
    units = header.units if header else []
    for k in range(_count_columns(rows)):
        split = split_unit(names[k] if k < len(names) else "")
        unit = split.unit or (parse_unit(units[k]) if k < len(units) else None)
        role = understand(split.base).role or (unit.quantity if unit else None)
        if role in found:
            found[role].add(k)
    for role, wanted in options.columns.items():
        if role in found:
            found[role] = {wanted} if isinstance(wanted, int) else {k for k, name in enumerate(names) if name == wanted}
    if not any(found.values()) and _count_columns(rows) == len(ROLES):
        found = {role: {k} for k, role in enumerate(ROLES)}
    return found


def _label(table: Table, row: Row) -> str:
    """The text that a row begins with."""
    return plain(next((cell for cell in table.cells(row) if cell.strip()), ""))


def _refuse_damage(table: Table, rows: Sequence[Row], data: Sequence[Row]) -> None:
    """Refuse lines among the numbers that should be numbers."""
    n_columns = max(len(row.values) for row in data)
    for row in rows:
        if row.line > data[0].line and not row.is_data:
            _check_text_row(table, row, n_columns)


def _check_text_row(table: Table, row: Row, n_columns: int) -> None:
    """Refuse a line below numbers that is neither a header nor a remark."""
    if _is_remark(table, row) or _is_summary(table, row):
        return
    cells = [cell for cell in table.cells(row) if cell]
    if is_unit_row(cells) or (row.n_numbers == 0 and roles_in(cells)):
        return
    if row.n_numbers == 0 and (len(cells) != n_columns or any(":" in cell for cell in cells)):
        return
    if 0 < row.n_numbers < row.n_text:
        return
    raise ValueError(
        f"{table.where}, line {row.line}: {row.show()} is not a pair of numbers; remove the line, or repair the record"
    )


def _is_remark(table: Table, row: Row) -> bool:
    """Whether a line is a comment, and no point that begins with "####", as spreadsheets show too wide a number."""
    first = next((cell for cell in table.cells(row) if cell.strip()), "")
    is_overflow = row.n_numbers > 0 and re.fullmatch("#{2,}", first.strip())
    return row.is_comment and not is_overflow


def _is_summary(table: Table, row: Row) -> bool:
    """Whether a line gives a result of the test, such as "Max,1500"."""
    cells = [cell for cell in table.cells(row) if cell]
    words = plain(cells[0]).split() if cells else []
    return row.n_numbers > 0 and bool(words) and words[0] in _SUMMARY.split()


# Columns


def _read_table(table: Table, options: Options) -> list[_Piece]:
    blocks, notes, below = _find_blocks(table, options)
    if not blocks or any(is_specimen_header(table, row) for row in blocks[0].above):
        raise _NoCurvesError(_no_numbers(table))
    pieces: list[_Piece] = []
    header: Header | None = None
    facts: list[Fact] = []
    without: _NoCurvesError | None = None
    n_columns = 0
    for number, block in enumerate(blocks):
        if number:
            for row in block.above:
                _check_text_row(table, row, n_columns)
            notes = [*notes, *_results(table, block.above)]
        n_columns = _count_columns(block.rows)
        found = find_header(table, block.above, n_columns)
        if number and found is not None and not roles_in(found.names) & set(ROLES):
            found = None  # a remark, and no line of names
        own = found is not None
        if found is not None or number == 0:
            header = found
        _check_first_row(table, block, header if own else None)
        new = find_facts(table, [row for row in block.above if not found or row.line not in found.lines])
        keys = {fact.key for fact in new}
        facts = [*new, *(fact for fact in facts if fact.key not in keys)]
        try:
            pieces += _read_block(table, block, header, n_columns, facts, options, notes)
        except _NoCurvesError as error:
            without = without or error
            notes = [*notes, f"lines {block.rows[0].line} to {block.rows[-1].line}: no such columns, left out"]
            continue
        notes = []
    for row in below:
        _check_text_row(table, row, n_columns)
    if not pieces:
        raise without or _NoCurvesError(_no_numbers(table))
    pieces[-1] = pieces[-1]._replace(notes=[*pieces[-1].notes, *_results(table, below)])
    return pieces


def _results(table: Table, rows: Sequence[Row]) -> list[str]:
    return [f"line {row.line}: {row.show()} left out, a line of results" for row in rows if _is_summary(table, row)]


def _no_numbers(table: Table) -> str:
    if any(is_specimen_header(table, row) for row in table.rows):
        return (
            f"{table.where}: a table of specimens and no curve; pass it beside the files: metadata={str(table.path)!r}"
        )
    separators = ", ".join(SEPARATORS.values())
    message = (
        f"{table.where}: no two columns of numbers were found (separators looked for: {separators}); check that it is "
        "the record of a test, or pass separator=..., decimal=..."
    )
    if len(table.rows) > 1 and is_specimen_header(table, table.rows[0], sizes=False):
        message += f"; if it is a table of specimens, pass it beside the files: metadata={str(table.path)!r}"
    return message


def _count_columns(rows: Sequence[Row]) -> int:
    return max(_width(row) for row in rows)


def _width(row: Row) -> int:
    """Cells up to the last that is not blank."""
    if row.n_text:
        return len(row.values)
    width = len(row.values)
    while width and row.values[width - 1] is None:
        width -= 1
    return width


def _check_first_row(table: Table, block: _Block, header: Header | None) -> None:
    """Refuse damaged points between the names and the numbers; without names, directly above the numbers."""
    between = [row for row in block.above if not (row.is_blank or _is_remark(table, row))]
    between = [row for row in between if row.line >= max(header.lines)] if header else between[-1:]
    for row in between:
        if _is_damaged_point(table, row, _count_columns(block.rows)):
            raise ValueError(
                f"{table.where}, line {row.line}: {row.show()} is not a pair of numbers; remove the line, or repair "
                "the record"
            )


def _is_damaged_point(table: Table, row: Row, n_columns: int) -> bool:
    """Whether a line above the numbers is one of them, and no fact, remark or line of units."""
    cells = [cell.strip() for cell in table.cells(row) if cell.strip()]
    if len(cells) > n_columns or all(parse_unit(cell) for cell in cells):
        return False
    if row.n_numbers:
        return bool(_MISTYPED.fullmatch(cells[0])) or not re.search(r"[^\W\d_]", cells[0])
    return all(_MISTYPED.fullmatch(cell) for cell in cells)


def _read_block(
    table: Table,
    block: _Block,
    header: Header | None,
    n_columns: int,
    facts: list[Fact],
    options: Options,
    notes: list[str],
) -> list[_Piece]:
    rows = block.rows
    widths = Counter(_width(row) for row in rows)
    names = len(header.names) if header and header.names else 0
    usual = max(names, widths.most_common(1)[0][0])
    if n_columns > usual:
        wide = next(row for row in rows if _width(row) > usual)
        raise ValueError(
            f"{table.where}, line {wide.line}: {wide.show()} has {_width(wide)} columns where the others have {usual}; "
            "repair the line, or remove it"
        )
    where = f"{table.where}, line {rows[0].line}"
    named = header is not None and header.names
    if not named and n_columns > 2 and not {"displacement", "load"} <= options.columns.keys():
        raise ValueError(
            f"{where}: {n_columns} columns of numbers and no names above them; give their positions: "
            "columns={'displacement': 0, 'load': 1}"
        )
    given = {"displacement", "load"} <= {k for k, v in options.columns.items() if isinstance(v, int)}
    columns = make_columns(None if given and names and names < n_columns else header, n_columns, where)
    numeric = [
        column
        for column in columns
        if any(column.position < len(row.values) and row.values[column.position] is not None for row in rows)
    ]
    taken = set(options.columns.values())
    of_thickness = [c for c in numeric if is_fact(c.name, "thickness") and not {c.position, c.name} & taken]
    free = [c for c in numeric if not {c.position, c.name} & taken]
    of_temperature = [c for c in free if _is_temperature(c)] or [c for c in free if _is_in_degrees(c)]
    numeric = [c for c in numeric if c not in (*of_thickness, *of_temperature)]
    known = {c.meaning.role for c in numeric} | {c.unit.quantity for c in numeric if c.unit}
    measured = any(c.unit or c.meaning.role for c in numeric)
    in_pairs = alternate(numeric)
    if named and not options.columns and not known & set(ROLES) and (len(numeric) > 2 or measured) and not in_pairs:
        raise _NoCurvesError(
            f"{where}: no column is known to hold the displacement or the load; the columns of numbers are "
            f"{', '.join(c.show() for c in numeric)}. Name them: columns={{'displacement': ..., 'load': ...}}"
        )
    by_specimen = _specimen_column(columns, options, where)
    usable = [c for c in numeric if by_specimen is None or c.position != by_specimen.position]
    pairs = choose_pairs(usable, header, options.columns, where)
    # A line of the specimens' names looks like one of a fact.
    labels = {pair.label for pair in pairs}
    facts = [fact for fact in facts if not {fact.key, *fact.values} <= labels]
    decimal = table.dialect.decimal if table.dialect else "."
    pieces = []
    for position, pair in enumerate(pairs):
        specimen = gather(facts, table.where, decimal, options.units, position, len(pairs))
        for label, chosen, breaks in _split_by(by_specimen, table, rows, block.breaks):
            kept, u, f = _numbers(table, chosen, pair)
            if not kept:
                continue
            cuts = [0, *_restarts(u, kept, [chosen[b].line for b in breaks]), len(kept)]
            for begin, end in itertools.pairwise(cuts):
                described = _with_thickness(
                    specimen, of_thickness, kept[begin:end], options, position, len(pairs), where
                )
                pieces.append(
                    _Piece(
                        kept[begin:end],
                        u[begin:end],
                        f[begin:end],
                        pair,
                        label or pair.label,
                        described,
                        notes,
                        of_temperature[position : position + 1]
                        if len(of_temperature) == len(pairs)
                        else of_temperature,
                    )
                )
    return pieces


def _with_thickness(
    specimen: Specimen,
    columns: list[Column],
    rows: list[Row],
    options: Options,
    position: int,
    n_pairs: int,
    where: str,
) -> Specimen:
    """The facts of a specimen with its thickness where that stands in a column."""
    if not columns:
        return specimen
    if len(columns) not in (1, n_pairs):
        listed = ", ".join(column.show() for column in columns)
        problem = f"{where}: {len(columns)} columns may hold the thickness ({listed}); leave one, or pass thickness="
        return specimen._replace(problem=specimen.problem or problem)
    column = columns[position if len(columns) == n_pairs else 0]
    unit = options.units.get("thickness") or (column.unit.text if column.unit else "")
    return with_column(specimen, _values(rows, column), unit, column.show(), where)


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
    specimen: Specimen, columns: list[Column], rows: list[Row], options: Options, where: str
) -> tuple[Specimen, list[str]]:
    """The facts of a specimen with its temperature where that stands in a column, and what is to be warned of."""
    if not columns:
        return specimen, []
    if len(columns) > 1:
        listed = ", ".join(column.show() for column in columns)
        return specimen, [
            f"{where}: {len(columns)} columns may hold the temperature ({listed}), and none is taken; leave one, or "
            "give the temperature in a line above them"
        ]
    (column,) = columns
    unit = options.units.get("temperature") or (column.unit.text if column.unit else "")
    specimen, doubt = with_temperature(specimen, _values(rows, column), unit, column.show(), where)
    return specimen, [doubt] if doubt else []


def _values(rows: list[Row], column: Column) -> list[float]:
    k = column.position
    return [value for row in rows if k < len(row.values) and (value := row.values[k]) is not None]


def _specimen_column(columns: list[Column], options: Options, where: str) -> Column | None:
    """The column that says to which specimen a row belongs."""
    if "specimen" in options.columns:
        wanted = options.columns["specimen"]
        found = [c for c in columns if c.position == wanted or c.name == wanted]
        if not found:
            listed = ", ".join(c.show() for c in columns)
            raise ValueError(f"{where}: there is no column {wanted!r} of the specimens; there are {listed}")
        return found[0]
    taken = set(options.columns.values())
    found = [c for c in columns if c.meaning.role == "specimen" and not {c.position, c.name} & taken]
    if len(found) > 1:
        listed = ", ".join(c.show() for c in found)
        raise ValueError(
            f"{where}: {len(found)} columns may hold the specimen ({listed}); say which: "
            f"columns={{'specimen': {found[0].name!r}}}"
        )
    return found[0] if found else None


def _split_by(
    column: Column | None, table: Table, rows: list[Row], breaks: list[int]
) -> list[tuple[str | None, list[Row], list[int]]]:
    """The rows of each specimen."""
    if column is None:
        return [(None, rows, breaks)]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        cells = table.cells(row)
        name = cells[column.position].strip().strip('"') if column.position < len(cells) else ""
        if not name:
            raise ValueError(
                f"{table.where}, line {row.line}: the specimen's name is missing in column {column.show()}; add it, or "
                "remove the line"
            )
        groups.setdefault(name, []).append(row)
    return [(name, chosen, []) for name, chosen in groups.items()]


def _numbers(table: Table, rows: list[Row], pair: Pair) -> tuple[list[Row], np.ndarray, np.ndarray]:
    """The rows that have a point of this specimen, and its two columns."""
    i, j = pair.displacement.position, pair.load.position
    needed = max(i, j) + 1
    # None becomes nan here.
    u = np.array([row.values[i] if len(row.values) >= needed or len(row.values) > i else None for row in rows], float)
    f = np.array([row.values[j] if len(row.values) >= needed or len(row.values) > j else None for row in rows], float)
    good = np.isfinite(u) & np.isfinite(f)
    if good.all():
        return rows, u, f
    for row in (rows[k] for k in np.flatnonzero(~good)):
        values = [row.values[k] if k < len(row.values) else None for k in (i, j)]
        if values == [None, None]:
            cells = table.cells(row)
            if not any(cells[k].strip() for k in (i, j) if k < len(cells)):
                continue  # a shorter record beside a longer one
        if None in values:
            raise ValueError(
                f"{table.where}, line {row.line}: {row.show()} is not a pair of numbers; remove the line, or repair "
                "the record"
            )
        raise ValueError(
            f"{table.where}, line {row.line}: {row.show()} is not finite; remove the line, or repair the record"
        )
    kept = np.flatnonzero(good)
    return [rows[k] for k in kept], u[kept], f[kept]


# Pieces of one record, and records of several specimens


def _restarts(u: np.ndarray, rows: list[Row], lines: list[int]) -> list[int]:
    """Positions behind blank lines where the displacement starts anew: another specimen."""
    if not lines:
        return []
    position = {row.line: k for k, row in enumerate(rows)}
    cuts = [0]
    for cut in (position[line] for line in lines if line in position):
        if not _continues(u[cuts[-1] : cut], u[cut:]):
            cuts.append(cut)
    return cuts[1:]


def _continues(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a record goes on in the next piece, from where it was."""
    if not (before.size and after.size):
        return True
    sign = _direction(before)
    before, after = sign * before, sign * after
    stroke = before.max() - before.min()
    return bool(after[0] >= before[-1] - 0.02 * stroke)


def _direction(u: np.ndarray) -> int:
    return -1 if u[0] - u.min() > u.max() - u[0] else 1


def _is_reversed(u: np.ndarray, f: np.ndarray, where: str) -> bool:
    """Whether the rows go from the last point of the test to the first.

    Displacements that fall are those of a test whose compression is negative, or of one whose rows were written from
    last to first. The load tells: it is small at the beginning of a test, and its maximum is nearer to the end.
    """
    stroke = float(np.ptp(u))
    if len(u) < MIN_ROWS or not stroke > 0:
        return False
    load = -f if -f.min() > f.max() else f
    top, few = float(load.max()), max(len(u) // 50, 1)
    if not top > 0:
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


def _count_unloading(u: np.ndarray) -> int:
    """How many points at the end of a record are those of the punch's way back; 0 if it goes back elsewhere, too."""
    far = len(u) - 1 - int(np.argmax(u[::-1]))
    there, back = u[: far + 1], u[far:]
    limit = _BACK * float(np.ptp(u))
    if len(there) < MIN_ROWS or there[-1] - back[-1] <= limit:
        return 0
    steady = np.max(np.maximum.accumulate(there) - there) <= limit >= np.max(back - np.minimum.accumulate(back))
    return len(back) - 1 if steady else 0


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
    rows = [row for piece in group for row in piece.rows]
    values = {
        "displacement": np.concatenate([piece.displacement for piece in group]),
        "load": np.concatenate([piece.load for piece in group]),
    }
    where = table.where if first.label is None else f"{table.where}, specimen {first.label!r}"
    specimen, doubts = _with_temperature(first.specimen, first.temperatures, rows, options, where)
    backward = _is_reversed(values["displacement"], values["load"], where)
    if backward:
        values = {role: data[::-1] for role, data in values.items()}
    units: dict[str, str] = {}
    factors: dict[str, float] = {}
    flipped: list[str] = []
    notes = [note for piece in group for note in piece.notes]
    for role in ROLES:
        column = pair.displacement if role == "displacement" else pair.load
        unit, assumed = _unit(column, role, options.units, where)
        units[role] = f"{unit.text} (assumed)" if assumed else unit.text
        factors[role] = unit.factor
        data = values[role]
        negative = _direction(data) < 0 if role == "displacement" else -data.min() > data.max()
        if negative:
            flipped.append(role)
        scaled = convert(data, unit)
        values[role] = -scaled + 0.0 if negative else scaled
        # Records that are too short are refused as curves, by a message of its own.
        if len(rows) >= MIN_ROWS:
            doubt = _check_size(values[role], role, column, unit, assumed, role in options.units, where)
            doubts += [doubt] if doubt else []
    left = _count_unloading(values["displacement"])
    if left:
        u = values["displacement"]
        which = f"the last {left} points" if left > 1 else "the last point"
        way = f"the displacement goes back from {u.max():.4g} to {u[-1]:.4g} mm"
        if not options.cut_unloading:
            raise ValueError(
                f"{where}: {way} over {which}, which is an unloading; cut it out of the record, or pass "
                "cut_unloading=True"
            )
        there, back = (values["load"][part] for part in (slice(None, -left), slice(-left, None)))
        before = np.interp(u[-left:], np.maximum.accumulate(u[:-left]), there)
        if np.mean(back - before) > _BACK * float(np.ptp(there)):
            raise ValueError(
                f"{where}: {way} over {which}, and the load is greater on the way back than at the same displacements "
                "before; if the rows go from the last point to the first, sort them as they were measured"
            )
        values = {role: data[:-left] for role, data in values.items()}
        rows = rows[left:] if backward else rows[:-left]
        notes.append(f"{which} left out, an unloading: {way}")
    if pair.by_position:
        notes.append(f"{' and '.join(pair.by_position)} by the order of the columns")
    if backward:
        notes.append("the rows go from the last point to the first: reversed")
    base = specimen.facts.get("name") or (table.sheet if several_sheets else None) or table.path.stem
    name = base
    if first.label is not None:
        # "1" alone is no name that tells specimens of several files apart.
        name = first.label if re.search(r"[^\W\d_]", first.label) else f"{base}-{first.label}"
    kind = specimen.facts.get("displacement_kind") or pair.displacement.meaning.kind
    source = {
        "path": str(table.path),
        "sheet": table.sheet,
        "encoding": table.encoding,
        "separator": SEPARATORS.get(table.dialect.separator) if table.dialect else None,
        "decimal": table.dialect.decimal if table.dialect else None,
        "thousands": table.dialect.thousands if table.dialect else None,
        "header_lines": first.rows[0].line - 1,
        "lines": (rows[0].line, rows[-1].line),
        "columns": {"displacement": pair.displacement.name, "load": pair.load.name},
        "positions": {"displacement": pair.displacement.position, "load": pair.load.position},
        "units": units,
        "factors": factors,
        "sign_changed": tuple(flipped),
        "origin": dict(specimen.origin),
        "notes": tuple(notes),
    }
    return Record(values["displacement"], values["load"], name, specimen, kind, where, source, tuple(doubts))


def _unit(column: Column, role: str, given: Mapping[str, str], where: str) -> tuple[Unit, bool]:
    """The unit of a column, and whether it is only assumed."""
    if role in given:
        unit = parse_unit(given[role])
        if unit is None or unit.quantity != role:
            raise ValueError(
                f"units[{role!r}] is {given[role]!r}, which is no unit of it that is known; take "
                f"{'mm, µm, cm, m, in' if role == 'displacement' else 'N, kN, mN, MN, kgf, lbf'}"
            )
        return unit, False
    if column.unit is None:
        unit = parse_unit(QUANTITIES[role])
        assert unit is not None
        return unit, True
    if column.unit.quantity != role:
        raise ValueError(
            f"{where}: the {role} in column {column.show()} is in {column.unit.text!r}, which cannot be made "
            f"{QUANTITIES[role]}; choose another column (columns={{'{role}': ...}}), or give its unit: "
            f"units={{'{role}': '{QUANTITIES[role]}'}}"
        )
    return column.unit, False


def _check_size(
    values: np.ndarray, role: str, column: Column, unit: Unit, assumed: bool, given: bool, where: str
) -> str | None:
    """Refuse what was read in a wrong unit, as its size tells; say what is possible and unusual."""
    low, high = _BOUNDS[role]
    usual_low, usual_high = _BOUNDS_USUAL[role]
    size = float(values.max() - values.min()) if role == "displacement" else float(values.max())
    # A record without any displacement or load is refused as a curve, by a message of its own.
    if usual_low <= size <= usual_high or not size > 0:
        return None
    possible = low <= size <= high
    # The user has said so; or the record is short, as those that end in the elastic part are.
    if possible and (given or (role == "displacement" and size < usual_low and not assumed)):
        return None
    what = "goes over" if role == "displacement" else "reaches"
    other = {("displacement", True): "µm", ("displacement", False): "m", ("load", True): "mN", ("load", False): "kN"}
    likely = other[role, size > usual_high]
    if assumed:
        confirm = f" or units={{'{role}': '{QUANTITIES[role]}'}}" if possible else ""
        raise ValueError(
            f"{where}: the column {column.show()} names no unit, and the {role} {what} {size:.4g}, which is not likely "
            f"in {QUANTITIES[role]}; give its unit: units={{'{role}': '{likely}'}}{confirm}. If it is not the {role}, "
            "name the columns: columns="
        )
    if role == "load" and size > usual_high and unit.factor > 1:
        likely = "N"
    elif role == "displacement" and size < usual_low and unit.factor < 1:
        likely = "mm"
    elif unit.text == likely:
        likely = "..."
    remedy = f"units={{'{role}': '{likely}'}}" if likely != "..." else f"units={{'{role}': ...}}"
    if possible:
        return (
            f"{where}: the {role} in column {column.show()}, in {unit.text}, {what} {size:.4g} {QUANTITIES[role]}, "
            f"which is unusual for a small punch test. If the unit is wrong, give the right one: {remedy}; if it is "
            f"right, confirm it: units={{'{role}': '{unit.text}'}}"
        )
    advice = "correct units=" if given else f"correct the unit in the file, or give it: {remedy}"
    raise ValueError(
        f"{where}: the {role} in column {column.show()}, in {unit.text}, {what} {size:.4g} {QUANTITIES[role]}, which "
        f"no small punch test does; {advice}"
    )


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


# Files


def find_files(entries: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files behind paths, folders and patterns, and the folders among the paths."""
    files: list[Path] = []
    folders: list[Path] = []
    for path in entries:
        if path.is_dir():
            found = sorted(_records_in(path))
            if not found:
                endings = ", ".join(SUFFIXES)
                message = f"the folder {path} holds no file of a test (*.csv or one of {endings})"
                if any(_records_in(below) for below in path.iterdir() if below.is_dir() and not _is_hidden(below)):
                    pattern = os.path.join(path, "*", "*.csv")
                    message += f"; there are some in its subfolders: give these, or a pattern such as {pattern!r}"
                raise FileNotFoundError(message)
            folders.append(path)
            files += found
        elif path.is_file():
            files.append(path)
        elif re.search(r"[*?\[]", str(path)):
            found = sorted(p for p in _glob(path) if p.is_file() and not _is_hidden(p))
            if not found:
                raise FileNotFoundError(f"there is no file that fits the pattern {path}")
            files += found
        else:
            raise FileNotFoundError(f"there is no file or folder {path}")
    return files, folders


def _glob(path: Path) -> list[Path]:
    import glob

    return [Path(found) for found in glob.glob(str(path), recursive=True)]


def _is_hidden(path: Path) -> bool:
    # "~$" begins the lock files of open workbooks.
    return path.name.startswith((".", "~$"))


def _records_in(folder: Path) -> list[Path]:
    """The files of a folder whose names end like those of tables."""
    files = [path for path in folder.iterdir() if path.is_file() and not _is_hidden(path)]
    found = [path for path in files if path.suffix.lower() in SUFFIXES]
    # An old workbook beside the new one, or the text, that was saved from it.
    stems = {path.stem for path in found}
    return found + [path for path in files if path.suffix.lower() in OTHER_SUFFIXES and path.stem not in stems]
