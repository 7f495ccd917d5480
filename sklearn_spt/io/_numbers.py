"""How the numbers of a file are written: what separates columns, the decimal sign, marks between thousands."""

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..exceptions import Parameter
from ._advice import refusal

SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "white space"}
SPACES = " '’\u00a0\u202f"
SAMPLE = 200  # lines from which all is told where they tell it
MAX_LINE = 5000  # characters of a line that are looked at
_ANY_NUMBER = re.compile(r"[+\-−–]?(?:\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?:[eE][+\-]?\d{1,3})?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|1\.#(qnan|ind|inf))", re.IGNORECASE)
_ONES = str.maketrans("23456789", "11111111")
_INNER_ZERO = re.compile("(?<=[01])0")


class Dialect(NamedTuple):
    """How the numbers of a file are written; the separator of a sheet is empty."""

    separator: str
    decimal: str = "."
    thousands: str | None = None
    quoted: bool = False


@lru_cache(maxsize=64)
def number_pattern(decimal: str, thousands: str | None) -> str:
    """The expression of a number, in three groups."""
    whole = r"\d+"
    if thousands is not None:
        mark = f"[{SPACES}]" if thousands in SPACES else re.escape(thousands)
        whole = rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|\d+)"
    point = re.escape(decimal)
    return rf"([+\-−–]?)((?:{whole})(?:{point}\d*)?|{point}\d+)([eE][+\-]?\d{{1,3}})?"


def parse_number(cell: str, dialect: Dialect) -> float | None:
    """The number in a cell (nan where the machine wrote that there is none), or None."""
    match = re.fullmatch(number_pattern(dialect.decimal, dialect.thousands), cell)
    if match is None:
        return math.nan if _NOT_FINITE.fullmatch(cell) else None
    digits = match[2]
    for mark in () if dialect.thousands is None else SPACES if dialect.thousands in SPACES else dialect.thousands:
        digits = digits.replace(mark, "")
    sign = "-" if match[1] and match[1] != "+" else ""
    return float(f"{sign}{digits.replace(dialect.decimal, '.')}{match[3] or ''}")


def split_cells(line: str, dialect: Dialect) -> list[str]:
    """Split a line into its cells."""
    if dialect.separator == " ":
        return line.split()
    if dialect.quoted and '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=dialect.separator))]
        except (csv.Error, StopIteration):
            pass
    return [cell.strip().strip('"').strip() for cell in line.split(dialect.separator)]


def looks_like_data(cells: Sequence[str], separator: str = "", *, pure: bool = False) -> bool:
    """Whether at least two cells are numbers, and half of those that are not blank; with `pure`, all of these."""
    filled = [cell for cell in cells if cell]
    numbers = sum(bool(_ANY_NUMBER.fullmatch(cell)) and not (separator in ", " and " " in cell) for cell in filled)
    return numbers >= 2 and (numbers == len(filled) if pure else 2 * numbers >= len(filled))


def sniff(where: str, n_lines: int, line: Callable[[int], str], separator: str | None, decimal: str | None) -> Dialect:
    """The hypothesis of how numbers are written by which most lines are numbers; two that say others are refused."""
    few = sorted({*range(min(n_lines, SAMPLE // 2)), *range(0, n_lines, max(1, n_lines // (SAMPLE // 2)))})
    for lines in (few, range(n_lines)):
        sample = _alike(map(line, lines))
        found, has_data = _find_separator(sample, separator)
        if has_data:
            break
    quoted = any('"' in text for text in sample)

    def rows(sample: Counter[str]) -> dict[tuple[str, ...], int]:
        # Dates and versions in the header lines are not numbers.
        split = {text: tuple(split_cells(text, Dialect(found, quoted=quoted))) for text in sample}
        return {row: sample[text] for text, row in split.items() if looks_like_data(row, found)}

    if not has_data:
        # Nothing but text and single numbers: a table of specimens may have one number in a line.
        split = [split_cells(text, Dialect(found, quoted=quoted)) for text in sample]
        single = [tuple(cell for cell in row if separator and re.fullmatch(r"\d*[.,]\d+", cell)) for row in split]
        return Dialect(found, *find_decimal(where, dict.fromkeys(single, 1), decimal)[0], quoted)
    known = rows(sample)
    written, is_sure = find_decimal(where, known, decimal, refuse=False)
    if not is_sure:
        others = _alike(text for text in map(line, range(n_lines)) if "." in text or "," in text)
        written, _ = find_decimal(where, rows(others) | known, decimal)
    return Dialect(found, *written, quoted)


def _alike(lines: Iterable[str]) -> Counter[str]:
    """Lines that may be numbers, one for all that are written in the same way, and how many these are.

    Digits count as equal, but for a zero in front, which stands in front of no mark between thousands.
    """
    first: dict[str, str] = {}
    found: Counter[str] = Counter()
    for text in lines:
        if text.strip() and not text.lstrip().startswith("#"):
            text = text[:MAX_LINE]
            found[first.setdefault(_INNER_ZERO.sub("1", text.translate(_ONES)), text)] += 1
    return found


@lru_cache(maxsize=4096)
def _score(shape: str, separator: str) -> tuple[bool, bool]:
    cells = split_cells(shape, Dialect(separator, quoted=True))
    return looks_like_data(cells, separator), looks_like_data(cells, separator, pure=True)


def _find_separator(sample: Counter[str], separator: str | None) -> tuple[str, bool]:
    """What separates the cells of most lines of numbers, and whether there is any such line."""
    shapes: Counter[str] = Counter()
    for text, n in sample.items():
        shapes[re.sub(r"\d+", "0", text)] += n
    scores = {
        candidate: [sum(n for shape, n in shapes.items() if _score(shape, candidate)[k]) for k in (0, 1)]
        for candidate in ([separator] if separator is not None else SEPARATORS)
    }
    # "0,5 12,3" are two numbers; that "0" and "3" are numbers too says nothing for the comma.
    pure = 2 * max(score[1] for score in scores.values()) >= max(score[0] for score in scores.values())
    most = max(score[pure] for score in scores.values())
    if not most:
        return separator or ",", False
    return next(candidate for candidate, score in scores.items() if 2 * score[pure] >= most), True


def find_decimal(
    where: str, rows: dict[tuple[str, ...], int], decimal: str | None = None, *, refuse: bool = True
) -> tuple[tuple[str, str | None], bool]:
    """The decimal sign and the mark between thousands, and whether the numbers leave no other choice.

    `rows` are cells, with the number of lines that are written so. The hypothesis by which most cells are numbers wins.
    Where another one has as many with other values, the file is refused; "1.234" alone is a number with a decimal
    point.
    """
    cells = [(k, cell, n) for row, n in rows.items() for k, cell in enumerate(row) if _ANY_NUMBER.fullmatch(cell)]
    numbers, weights = [number for _, number, _ in cells], [n for *_, n in cells]
    parsed = _hypotheses(numbers, decimal)
    if not parsed:
        return (decimal or ".", None), decimal is not None
    counts = {written: _count(values, weights) for written, values in parsed.items()}
    best = max(counts, key=counts.__getitem__)
    if decimal:
        return best, True
    if 10 * counts[best] < 9 * sum(weights):
        _check_one_sign(where, {mark: parsed[mark, None] for mark in ".,"}, numbers)
    rivals = [written for written in parsed if counts[written] == counts[best] and parsed[written] != parsed[best]]
    if rivals and refuse:
        _check_sure(where, best, cells)
    return best, not rivals


def _count(values: list[float | None], weights: list[int]) -> int:
    return sum(n for n, value in zip(weights, values, strict=True) if value is not None)


def _hypotheses(numbers: list[str], decimal: str | None) -> dict[tuple[str, str | None], list[float | None]]:
    """What numbers are by each decimal sign and mark between thousands; none if they have no marks at all."""
    marks = {mark for mark in f".,{SPACES}" if any(mark in number for number in numbers)}
    spaces = [mark for mark in SPACES if mark in marks][:1]
    return {
        (point, mark): [parse_number(number, Dialect("", point, mark)) for number in numbers]
        for point in (decimal or ".," if marks else "")
        for mark in (None, "," if point == "." else ".", *spaces)
    }


def _check_one_sign(where: str, parsed: dict[str, list[float | None]], numbers: list[str]) -> None:
    """Refuse numbers of which some have a decimal point and others a decimal comma."""
    examples = [
        next((n for n, value in zip(numbers, values, strict=True) if mark in n and value is not None), None)
        for mark, values in parsed.items()
    ]
    if all(examples):
        both = " and ".join(map(repr, examples))
        raise refusal(where, f"both {both} are written in it; write all numbers with one decimal sign")


def _check_sure(where: str, best: tuple[str, str | None], cells: Sequence[tuple[int, str, int]]) -> None:
    """Refuse numbers that can be read in two ways: "1,234" is 1.234 in Berlin and 1234 in Boston.

    "1.001" is a number with a decimal point unless it stands below "992": a machine that writes decimals writes those
    of whole numbers, too.
    """
    columns = {k: [number for column, number, _ in cells if column == k] for k, *_ in cells}
    mixed = [
        any("." in number for number in column) and any(re.fullmatch(r"[+\-]?[1-9]\d*", n) for n in column)
        for column in columns.values()
    ]
    if best != (".", None) or any(mixed):
        example = next(number for mark in ",." for _, number, _ in cells if mark in number)
        said = f"{example!r} may be written with a decimal sign or with a mark between thousands; say which: "
        raise refusal(where, said, Parameter("decimal", ","), " or ", Parameter("decimal", "."))
