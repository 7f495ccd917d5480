"""The blocks of measured points in a table: patterns over the kinds of its lines."""

import itertools
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
    breaks: list[int]  # those in front of which there was a blank line
    above: list[int]  # the lines since the block before, but for blank ones
    width: int  # columns


def find_blocks(table: Table) -> tuple[list[Block], list[int], list[int]]:
    """The blocks of a table, what stands below the last one, and numbers among the other lines."""
    kinds = np.frombuffer(table.kinds, np.uint8)
    runs: list[Block] = []
    end = 0
    for match in _RUN.finditer(table.kinds):
        lines = np.flatnonzero(kinds[match.start() : match.end()] == ord("d")).astype(np.int32) + match.start()
        gaps = np.flatnonzero(np.diff(lines) > 1) + 1
        breaks = [int(lines[k]) for k in gaps if b"_" in table.kinds[lines[k - 1] : lines[k]]]
        runs.append(Block(lines, breaks, _written(table, end, match.start()), _width(table, lines)))
        end = match.end()
    enough = min(MIN_ROWS, max((len(run.lines) for run in runs), default=0))
    blocks: list[Block] = []
    carried: list[int] = []
    few: list[int] = []
    for run in runs:
        # The last lines of a record, after a page break, may be few.
        goes_on = bool(blocks) and run.width == table.width[blocks[-1].lines[-1]]
        if len(run.lines) >= enough or goes_on:
            blocks.append(run._replace(above=[*carried, *run.above]))
            carried = []
        else:
            # A line of numbers among the lines above, such as the specimen's dimensions.
            few += run.lines.tolist()
            carried += [*run.above, *run.lines.tolist()]
    return blocks, [*carried, *_written(table, end, len(kinds))], few


def _width(table: Table, lines: np.ndarray) -> int:
    """How many columns the points have; results at their ends may have others."""
    ends = {*lines[:_MAX_RESULTS].tolist(), *lines[-_MAX_RESULTS:].tolist()}
    results = [line for line in ends if table.n_texts[line] and is_summary(table, line)]
    points = lines[~np.isin(lines, results)] if results else lines
    return int(table.width[points if len(points) else lines].max())


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


def find_results(table: Table, block: Block, longest: Block, pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many lines at the beginning and at the end of a block are results, such as "Max;1.8;1500".

    They begin with a text in a column that has numbers in all others. So do the points of a column whose numbers become
    text ("1", ..., "1", "B"): what says nothing of a result and goes on stays a point, and so does one with an error.
    """
    lines = block.lines
    if len(longest.lines) < MIN_ROWS or not table.n_texts[lines[[0, -1]]].any():
        return 0, 0
    numeric = {k for k in range(longest.width) if np.mean(table.column(longest.lines, k)[1] == NUMBER) >= 0.8}
    measured = {column.position for pair in pairs for column in (pair.displacement, pair.load)}
    clean = longest.lines[table.n_texts[longest.lines] == 0]
    strokes = {pair.displacement.position for pair in pairs}
    steps = {k: np.nanmax(np.abs(np.diff(table.column(clean, k)[0])), initial=0.0) for k in strokes}

    def is_result(line: int, inner: int, labels: Counter[str]) -> bool:
        label = _label(table, line)
        # Results have names of their own.
        if is_summary(table, line) and labels[label] == 1:
            return True
        if _first_text(table, line) in measured and re.search(r"[^\W\d_]{2}", label):
            return not has_error(table.filled(line)[0])
        return any(np.ptp(table.column(np.array([inner, line]), k)[0]) > 2 * step for k, step in steps.items())

    def count(inward: np.ndarray) -> int:
        ends = list(itertools.takewhile(lambda line: _first_text(table, line) in numeric, inward))
        labels = Counter(_label(table, line) for line in ends)
        beside = [*inward[1:], inward[-1]]
        return max((k + 1 for k, line in enumerate(ends) if is_result(line, beside[k], labels)), default=0)

    after = count(lines[::-1])
    before = 0 if after == len(lines) else count(lines)
    if before + after > _MAX_RESULTS:
        line = int(lines[0] if before else lines[-after])
        said = f"{table.show(line)} and {before + after - 1} other lines may be results or points of the test; remove "
        said += "them if they are results, or the texts in their first column if they are points"
        raise refusal(table.at(line), said)
    return before, after


def _first_text(table: Table, line: int) -> int:
    """The position of the first cell that is not blank where it is a text, and -1 elsewhere."""
    position = next(k for k, cell in enumerate(table.cells(line)) if cell)
    return position if table.column(np.array([line]), position)[1][0] != NUMBER else -1


# Damage


def check_below(table: Table, lines: Iterable[int], n_columns: int) -> None:
    """Refuse lines below numbers that are damaged points: neither names, units and remarks nor results."""
    for line in lines:
        cells, numbers = table.filled(line), table.n_numbers[line]
        if not table.is_text(line) or is_summary(table, line):
            continue
        if is_unit_row(cells) or (not numbers and has_names(cells)):
            is_point = False
        elif numbers:
            begins_so = len(cells) == n_columns and _NUMBER.fullmatch(cells[0])
            is_point = bool(begins_so) or numbers >= table.n_texts[line]
        else:
            is_point = len(cells) == n_columns and not any(":" in cell for cell in cells)
        if is_point or (_has_errors_alone(table, line) and len(cells) + (numbers > 0) > 1):
            raise damaged(table, line)


def check_above(table: Table, lines: Iterable[int], n_columns: int) -> None:
    """Refuse damaged points between the names and the numbers."""
    for line in lines:
        cells = table.filled(line)
        if not table.is_text(line) or len(cells) > n_columns or all(map(parse_unit, cells)):
            continue
        mistyped = [bool(_MISTYPED.fullmatch(cell)) for cell in cells]
        begins_so = table.n_numbers[line] > 0 and (mistyped[0] or not re.search(r"[^\W\d_]", cells[0]))
        if all(mistyped) or begins_so or _has_errors_alone(table, line):
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
    metadata = Parameter("metadata", str(table.path))
    if header is not None:
        of_results = "of results " if "result" in roles_in(bases(table.filled(header))) else ""
        said = f"a table {of_results}of specimens, not a curve; pass it beside the files: "
        return no_curves(table.where, said, metadata)
    separators = ", ".join(SEPARATORS.values())
    said = (
        f"no two columns of numbers were found (separators looked for: {separators}); check that it is the record of "
    )
    advice = [f"{said}a test, or pass ", Parameter("separator", "..."), " and ", Parameter("decimal", "...")]
    if len(table.kinds) > 1 and is_specimen_header(table, 0, sizes=False):
        advice += ["; if it is a table of specimens, pass it beside the files: ", metadata]
    return no_curves(table.where, *advice)
