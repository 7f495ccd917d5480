"""The blocks of measured points in a table: patterns over the kinds of its lines."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..exceptions import Parameter
from ._advice import NoCurvesError, no_curves, refusal
from ._columns import Pair
from ._header import has_names
from ._numbers import SEPARATORS
from ._points import damaged
from ._specimens import is_specimen_header
from ._table import MIN_ROWS, NUMBER, Table
from ._units import bases, is_unit_row, parse_unit
from ._words import has_error, plain, roles_in, word_set

# Measured points with blank lines and remarks between them.
_RUN = re.compile(rb"d(?:[d_#]*d)?")
# More lines than those of any list of results may be points of the test.
_MAX_RESULTS = 12
_MISTYPED = re.compile(r"[+\-−]?[\doOlI]+[.,][\doOlI]+")  # letters in the place of 0 and 1
_NUMBER = re.compile(r"[+\-−]?[\d.,]+(e[+-]?\d+)?", re.IGNORECASE)


class Block(NamedTuple):
    """The lines of a block of measured points."""

    lines: np.ndarray
    breaks: np.ndarray  # those in front of which there was a blank line
    above: list[int]  # the lines since the block before, but for blank ones


def find_blocks(table: Table) -> tuple[list[Block], list[int], list[int]]:
    """The blocks of a table, what stands below the last one, and numbers among the other lines."""
    kinds = np.frombuffer(table.kinds, np.uint8)
    runs: list[Block] = []
    end = 0
    for match in _RUN.finditer(table.kinds):
        lines = np.flatnonzero(kinds[match.start() : match.end()] == ord("d")).astype(np.int32) + match.start()
        gaps = np.flatnonzero(np.diff(lines) > 1) + 1
        breaks = [lines[k] for k in gaps if b"_" in table.kinds[lines[k - 1] : lines[k]]]
        runs.append(Block(lines, np.array(breaks, np.int32), _written(table, end, match.start())))
        end = match.end()
    enough = min(MIN_ROWS, max((len(run.lines) for run in runs), default=0))
    blocks: list[Block] = []
    carried: list[int] = []
    few: list[int] = []
    for run in runs:
        # The last lines of a record, behind a page break, may be few.
        goes_on = bool(blocks) and table.width[run.lines].max() == table.width[blocks[-1].lines[-1]]
        if len(run.lines) >= enough or goes_on:
            blocks.append(run._replace(above=[*carried, *run.above]))
            carried = []
        else:
            # A line of numbers among the lines above, such as the specimen's dimensions.
            few += run.lines.tolist()
            carried += [*run.above, *run.lines.tolist()]
    return blocks, [*carried, *_written(table, end, len(kinds))], few


def _written(table: Table, begin: int, end: int) -> list[int]:
    return [line for line in range(begin, end) if table.kinds[line] != ord("_")]


# Lines of results


def is_summary(table: Table, line: int) -> bool:
    """Whether a line gives a result of the test, such as "Max,1500"."""
    tokens = _label(table, line).split() if table.n_numbers[line] else []
    return bool(tokens) and tokens[0] in word_set("marks", "summary") and not has_error(table.filled(line)[0])


def _label(table: Table, line: int) -> str:
    """The text that a line begins with."""
    return plain(next(iter(table.filled(line)), ""))


def note_results(table: Table, lines: Iterable[int], *, sure: bool = False) -> list[str]:
    """What is noted of the lines of results among those that were left out."""
    results = [int(line) for line in lines if sure or is_summary(table, line)]
    return [f"line {line + 1}: {table.show(line)} left out, a line of results" for line in results]


def find_results(table: Table, block: Block, longest: Block, pairs: Sequence[Pair]) -> np.ndarray:
    """Which lines at the ends of a block are results, such as "Max;1.8;1500".

    They begin with a text in a column that has numbers in all others. So do the points of a column whose numbers become
    text ("1", ..., "1", "B"): what says nothing of a result and goes on stays a point, and so does one with an error.
    """
    lines = block.lines
    found = np.zeros(len(lines), bool)
    if len(longest.lines) < MIN_ROWS or not table.n_texts[lines[[0, -1]]].any():
        return found
    width = int(table.width[longest.lines].max())
    numeric = {k for k in range(width) if np.mean(table.column(longest.lines, k)[1] == NUMBER) >= 0.8}
    measured = {column.position for pair in pairs for column in (pair.displacement, pair.load)}
    clean = longest.lines[table.n_texts[longest.lines] == 0]
    steps = {}
    for pair in pairs:
        u = table.column(clean, pair.displacement.position)[0]
        steps[pair.displacement.position] = float(np.abs(np.diff(u[np.isfinite(u)])).max(initial=0.0))
    first = {k: _first_text(table, int(lines[k])) for k in np.flatnonzero(table.n_texts[lines]).tolist()}
    labelled = {k for k, position in first.items() if position in numeric}
    inner = [k for k in (*range(len(lines)), *range(len(lines))[::-1]) if k not in labelled]

    def cut(places: Sequence[int], point: int | None) -> Sequence[int]:
        """Those behind the first that does not go on from the points beside it."""
        labels = Counter(_label(table, lines[k]) for k in places)
        for number, k in enumerate(places):
            label, is_first = _label(table, lines[k]), first.get(k) in measured
            # Results have names of their own.
            is_result = is_summary(table, lines[k]) and labels[label] == 1
            is_named = is_first and re.search(r"[^\W\d_]{2}", label) and not has_error(table.filled(lines[k])[0])
            u = [table.column(lines[[k, k if point is None else point]], position)[0] for position in steps]
            if (
                is_result
                or is_named
                or any(abs(a - b) > 2 * step for (a, b), step in zip(u, steps.values(), strict=True))
            ):
                return places[number:]
            point = k
        return []

    if not inner:
        # Behind a line of text, such as "Statistics".
        found[cut(range(len(lines)), None)] = True
    else:
        begin, end = min(inner), max(inner)
        found[cut(range(begin)[::-1], begin)] = True
        found[cut(range(end + 1, len(lines)), end)] = True
    if found.sum() > _MAX_RESULTS:
        line = int(lines[found][0])
        raise refusal(
            table.at(line),
            f"{table.show(line)} and {found.sum() - 1} other lines may be results or points of the test; remove them "
            "if they are results, or the texts in their first column if they are points",
        )
    return found


def _first_text(table: Table, line: int) -> int:
    """The position of the first cell that is not blank where it is a text, and -1 elsewhere."""
    position = next(k for k, cell in enumerate(table.cells(line)) if cell)
    return position if table.column(np.array([line]), position)[1][0] != NUMBER else -1


# Damage


def check_below(table: Table, lines: Iterable[int], n_columns: int) -> None:
    """Refuse lines below numbers that are damaged points: neither names, units and remarks nor results."""
    for line in lines:
        cells, numbers = table.filled(line), int(table.n_numbers[line])
        if not table.is_text(line) or is_summary(table, line):
            continue
        if not (_has_errors_alone(table, line) and len(cells) + (numbers > 0) > 1):
            if is_unit_row(cells) or (numbers == 0 and has_names(cells)):
                continue
            if numbers == 0 and (len(cells) != n_columns or any(":" in cell for cell in cells)):
                continue
            begins_so = len(cells) == n_columns and _NUMBER.fullmatch(cells[0])
            if 0 < numbers < table.n_texts[line] and not begins_so:
                continue
        raise damaged(table, line)


def check_above(table: Table, lines: Iterable[int], n_columns: int) -> None:
    """Refuse damaged points between the names and the numbers."""
    for line in lines:
        cells = table.filled(line)
        if not table.is_text(line) or len(cells) > n_columns or all(map(parse_unit, cells)):
            continue
        mistyped = all(map(_MISTYPED.fullmatch, cells))
        if table.n_numbers[line]:
            mistyped = bool(_MISTYPED.fullmatch(cells[0])) or not re.search(r"[^\W\d_]", cells[0])
        if mistyped or _has_errors_alone(table, line):
            raise damaged(table, line)


def _has_errors_alone(table: Table, line: int) -> bool:
    """Whether the cells of a line are numbers and errors; without a number it may be a rule of dashes."""
    texts = [cell for cell in table.filled(line) if not _NUMBER.fullmatch(cell)]
    is_point = table.n_numbers[line] > 0 or any(re.search(r"[^\W_]|#", text) for text in texts)
    return bool(texts) and all(map(has_error, texts)) and is_point


def no_numbers(table: Table) -> NoCurvesError:
    """What is said of a table that holds no curves."""
    lines = [line for line in range(len(table.kinds)) if table.is_text(line)]
    header = next((line for line in lines if is_specimen_header(table, line)), None)
    pass_it = ("pass it beside the files: ", Parameter("metadata", str(table.path)))
    if header is not None:
        of_results = "of results " if "result" in roles_in(bases(table.filled(header))) else ""
        return no_curves(table.where, f"a table {of_results}of specimens and no curve; ", *pass_it)
    is_table = len(table.kinds) > 1 and is_specimen_header(table, 0, sizes=False)
    return no_curves(
        table.where,
        f"no two columns of numbers were found (separators looked for: {', '.join(SEPARATORS.values())}); check that "
        "it is the record of a test, or pass ",
        Parameter("separator", "..."), ", ", Parameter("decimal", "..."),
        *(("; if it is a table of specimens, ", *pass_it) if is_table else ()),
    )  # fmt: skip
