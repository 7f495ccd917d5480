"""The blocks of measured points in a table: patterns over the kinds of its lines."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._columns import ROLES, Header, NoCurvesError, find_header, roles_in
from ._sniff import SEPARATORS
from ._specimens import is_specimen_header
from ._table import MIN_ROWS, NUMBER, Table
from ._units import is_unit_row, parse_unit, split_unit
from ._words import has_error, plain, understand, words

# Measured points with blank lines and remarks between them.
_RUN = re.compile(rb"d(?:[d_#]*d)?")
# More lines than those of any list of results may be points of the test.
_MAX_RESULTS = 12
_MISTYPED = re.compile(r"[+\-−]?[\doOlI]+[.,][\doOlI]+")  # letters in the place of 0 and 1


class Block(NamedTuple):
    """The lines of a block of measured points."""

    lines: np.ndarray
    breaks: list[int]  # positions in `lines` in front of which there was a blank line
    above: list[int]  # the lines since the block before


def find_blocks(table: Table, columns: Mapping[str, Any]) -> tuple[list[Block], list[str], list[int]]:
    """The blocks of a table, notes of what was left out, and what stands below the last block."""
    kinds = np.frombuffer(table.kinds, np.uint8)
    notes: list[str] = []
    runs: list[Block] = []
    end = 0
    for match in _RUN.finditer(table.kinds):
        within = np.flatnonzero(kinds[match.start() : match.end()] == ord("d")).astype(np.int32) + match.start()
        gaps = np.flatnonzero(np.diff(within) > 1) + 1
        breaks = [int(k) for k in gaps if b"_" in table.kinds[within[k - 1] : within[k]]]
        runs.append(Block(within, breaks, _written(table, end, match.start())))
        end = match.end()
    below = _written(table, end, len(kinds))
    runs = _without_results(table, runs, columns, notes)
    longest = max((len(run.lines) for run in runs), default=0)
    if 0 < longest < MIN_ROWS:
        # Lines between such a few points should be numbers.
        n_columns = max(int(table.width(run.lines).max()) for run in runs)
        for line in [line for run in runs for line in run.above if line > runs[0].lines[0]] + below:
            check_text_line(table, line, n_columns)
    blocks: list[Block] = []
    carried: list[int] = []
    for run in runs:
        # The last lines of a record, behind a page break, may be few.
        goes_on = bool(blocks) and table.width(run.lines).max() == table.width(blocks[-1].lines[-1:]).max()
        if len(run.lines) < min(MIN_ROWS, longest) and not goes_on:
            # A line of numbers among the lines above, such as the specimen's dimensions.
            if not table.n_texts[run.lines].all():
                notes.append(f"line {run.lines[0] + 1}: {len(run.lines)} row(s) of numbers left out")
            carried += [*run.above, *run.lines.tolist()]
        else:
            blocks.append(run._replace(above=[*carried, *run.above]))
            carried = []
    return blocks, notes, [*carried, *below]


def _written(table: Table, begin: int, end: int) -> list[int]:
    return [line for line in range(begin, end) if table.kinds[line] != ord("_")]


# Lines of results


def is_summary(table: Table, line: int) -> bool:
    """Whether a line gives a result of the test, such as "Max,1500"."""
    tokens = _label(table, line).split() if table.n_numbers[line] else []
    return bool(tokens) and tokens[0] in words("marks")["summary"].split() and not has_error(table.filled(line)[0])


def _label(table: Table, line: int) -> str:
    """The text that a line begins with."""
    return plain(next(iter(table.filled(line)), ""))


def _without_results(table: Table, runs: list[Block], columns: Mapping[str, Any], notes: list[str]) -> list[Block]:
    """Take lines of results, such as "Max;1.8;1500", off the ends of the measured points.

    They begin with a text in a column that has numbers in all others. So do the points of a column whose numbers become
    text ("1", ..., "1", "B"): what says nothing of a result and goes on stays a point, and so does one with an error.
    """
    longest = max(runs, key=lambda run: len(run.lines), default=None)
    if longest is None or len(longest.lines) < MIN_ROWS:
        return runs
    begin = next(k for k, run in enumerate(runs) if run is longest)
    if (table.first_text(np.concatenate([run.lines[[0, -1]] for run in runs[begin:]])) < 0).all():
        return runs
    n_columns = int(table.width(longest.lines).max())
    numeric = [k for k in range(n_columns) if np.mean(table.column(longest.lines, k)[1] == NUMBER) >= 0.8]
    measured = _measured(table, longest, n_columns, columns)
    clean = longest.lines[table.n_texts[longest.lines] == 0]
    steps = {}
    for k in measured["displacement"]:
        u = table.column(clean, k)[0]
        steps[k] = float(np.abs(np.diff(u[np.isfinite(u)])).max(initial=0.0))

    def count_points(lines: np.ndarray, point: int | None) -> int:
        """How many of the lines go on from the point beside them, before a line of results."""
        labels = Counter(_label(table, line) for line in lines)
        for index, line in enumerate(lines):
            label = _label(table, line)
            first = int(table.first_text(np.array([line]))[0])
            # Results have names of their own.
            if is_summary(table, line) and labels[label] == 1:
                return index
            is_measured = first in measured["displacement"] | measured["load"]
            if is_measured and re.search(r"[^\W\d_]{2}", label) and not has_error(table.filled(line)[0]):
                return index
            for k, step in steps.items():
                here, there = table.column(np.array([line, line if point is None else point]), k)[0]
                if point is not None and abs(here - there) > 2 * step:
                    return index
            point = line
        return len(lines)

    kept = list(runs[:begin])
    left_out: list[int] = []
    for run in runs[begin:]:
        labelled = np.isin(table.first_text(run.lines), numeric)
        inner = np.flatnonzero(~labelled)
        if len(inner):
            first, last = int(inner[0]), int(inner[-1]) + 1
            first -= count_points(run.lines[:first][::-1], run.lines[first])
            last += count_points(run.lines[last:], run.lines[last - 1])
        else:
            # Behind a line of text, such as "Statistics".
            first, last = 0, count_points(run.lines, kept[-1].lines[-1] if kept else None)
        left_out += [*run.lines[:first], *run.lines[last:]]
        if first < last:
            kept.append(Block(run.lines[first:last], [b - first for b in run.breaks if first < b < last], run.above))
    if len(left_out) > _MAX_RESULTS:
        raise ValueError(
            f"{table.where}, line {left_out[0] + 1}: {table.show(left_out[0])} and {len(left_out) - 1} other lines may "
            "be results or points of the test; remove them if they are results, or the texts in their first column if "
            "they are points"
        )
    notes += [f"line {line + 1}: {table.show(line)} left out, a line of results" for line in left_out]
    return kept


def _measured(table: Table, block: Block, n_columns: int, wanted: Mapping[str, Any]) -> dict[str, set[int]]:
    """The positions of the columns that may hold displacement and load, as far as their names and units tell."""
    header = find_header(table, block.above, n_columns)
    names, units = (header.names, header.units) if header else ([], [])
    found: dict[str, set[int]] = {role: set() for role in ROLES}
    for k in range(n_columns):
        split = split_unit(names[k] if k < len(names) else "")
        unit = split.unit or (parse_unit(units[k]) if k < len(units) else None)
        role = understand(split.base).role or (unit.quantity if unit else None)
        if role in found:
            found[role].add(k)
    for role in set(wanted) & set(ROLES):
        given = wanted[role]
        found[role] = {given} if isinstance(given, int) else {k for k, name in enumerate(names) if name == given}
    if not any(found.values()) and n_columns == len(ROLES):
        found = {role: {k} for k, role in enumerate(ROLES)}
    return found


# Damage


def refuse(table: Table, line: int) -> None:
    """Refuse a line that should be a point of the record."""
    raise ValueError(
        f"{table.where}, line {line + 1}: {table.show(line)} is not a pair of numbers; remove the line, or repair the "
        "record"
    )


def check_text_line(table: Table, line: int, n_columns: int) -> None:
    """Refuse a line below numbers that is neither a header nor a remark."""
    if table.kinds[line] in b"_#c" or is_summary(table, line):
        return
    cells, numbers = table.filled(line), table.n_numbers[line]
    if _has_errors_alone(table, line) and len(cells) + (numbers > 0) > 1:
        refuse(table, line)
    if is_unit_row(cells) or (numbers == 0 and roles_in(cells)):
        return
    if numbers == 0 and (len(cells) != n_columns or any(":" in cell for cell in cells)):
        return
    if 0 < numbers < table.n_texts[line]:
        return
    refuse(table, line)


def _has_errors_alone(table: Table, line: int) -> bool:
    """Whether the cells of a line are numbers and errors; without a number it may be a rule of dashes."""
    texts = [
        cell for cell in table.filled(line) if not re.fullmatch(r"[+\-−]?[\d.,]+(e[+-]?\d+)?", cell, re.IGNORECASE)
    ]
    is_point = table.n_numbers[line] > 0 or any(re.search(r"[^\W_]|#", text) for text in texts)
    return bool(texts) and all(map(has_error, texts)) and is_point


def check_first_line(table: Table, block: Block, header: Header | None) -> None:
    """Refuse damaged points between the names and the numbers; without names, directly above the numbers."""
    between = [line for line in block.above if table.kinds[line] not in b"_#c"]
    between = [line for line in between if line >= max(header.lines)] if header else between[-1:]
    n_columns = int(table.width(block.lines).max())
    for line in between:
        cells = table.filled(line)
        if len(cells) > n_columns or all(parse_unit(cell) for cell in cells):
            continue
        damaged = all(_MISTYPED.fullmatch(cell) for cell in cells)
        if table.n_numbers[line]:
            damaged = bool(_MISTYPED.fullmatch(cells[0])) or not re.search(r"[^\W\d_]", cells[0])
        if damaged or _has_errors_alone(table, line):
            refuse(table, line)


def no_numbers(table: Table) -> NoCurvesError:
    """What is said of a table that holds no curves."""
    lines = [line for line, kind in enumerate(table.kinds) if kind in b"td"]
    header = next((line for line in lines if is_specimen_header(table, line)), None)
    if header is not None:
        what = (
            "a table of results of specimens" if "result" in roles_in(table.filled(header)) else "a table of specimens"
        )
        return NoCurvesError(
            f"{table.where}: {what} and no curve; pass it beside the files: metadata={str(table.path)!r}"
        )
    message = (
        f"{table.where}: no two columns of numbers were found (separators looked for: "
        f"{', '.join(SEPARATORS.values())}); check that it is the record of a test, or pass separator=..., decimal=..."
    )
    if len(table.lines) > 1 and is_specimen_header(table, 0, sizes=False):
        message += f"; if it is a table of specimens, pass it beside the files: metadata={str(table.path)!r}"
    return NoCurvesError(message)


def results(table: Table, lines: Sequence[int]) -> list[str]:
    """Notes of the lines of results among others."""
    return [
        f"line {line + 1}: {table.show(line)} left out, a line of results" for line in lines if is_summary(table, line)
    ]
