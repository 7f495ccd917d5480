"""The lines of a text or the rows of a sheet, with what stands in each cell."""

import re
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ._numbers import Dialect, number_pattern, parse_number, sniff, split_cells
from ._units import ROLES, bases
from ._words import has_error, roles_in

BLANK, NUMBER, TEXT = 0, 1, 2
_REMARK = re.compile(r'[\s",;]*(?:#|%|//)[#%/ ]*')
MIN_ROWS = 5
# Lines that are given to NumPy at once: enough to be fast, few enough to take little memory; and lines of which it is
# not worth to look for those that are clean.
_CHUNK, _FEW = 512, 8


class Lines:
    """The lines of a text, decoded when they are looked at."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self.begins: np.ndarray = np.append(0, ends + 1).astype(np.int64 if len(data) > 2**31 - 2 else np.int32)
        self.dialect = Dialect(",")

    def __len__(self) -> int:
        return len(self.begins)

    def raw(self, line: int, end: int) -> bytes:
        """The bytes of some lines, without the last line end."""
        return self.data[self.begins[line] : self.begins[end] - 1 if end < len(self) else len(self.data)]

    def text(self, line: int) -> str:
        return self.raw(line, line + 1).decode("utf-8", "surrogatepass")

    def cells(self, line: int) -> list[str]:
        text = self.text(line)
        return split_cells(text, self.dialect) if text.strip() else []


class Rows:
    """The rows of a sheet: numbers and texts."""

    def __init__(self, rows: list[list[float | str]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, line: int) -> list[str]:
        return [cell if isinstance(cell, str) else show_number(cell) for cell in self.rows[line]]

    def text(self, line: int) -> str:
        return ", ".join(self.cells(line))


def show_number(value: float) -> str:
    """A number of a sheet as text."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


class Cells:
    """The cells of all lines but for blank ones at their ends: states and numbers, one line after the other."""

    def __init__(self) -> None:
        self.widths = array("i")
        self.states = bytearray()
        self.values = array("d")

    def add(self, row: Sequence[float | str], dialect: Dialect) -> None:
        """A line, cell by cell."""
        width = next((k for k in range(len(row), 0, -1) if row[k - 1] != ""), 0)
        self.widths.append(width)
        for cell in row[:width]:
            value = cell if isinstance(cell, float) else parse_number(cell, dialect) if cell else None
            self.values.append(0.0 if value is None else value)
            self.states.append(NUMBER if value is not None else TEXT if cell else BLANK)

    def add_numbers(self, values: np.ndarray) -> None:
        """Lines of nothing but numbers."""
        n, width = values.shape
        self.widths.frombytes(np.full(n, width, np.int32).tobytes())
        self.states.extend(bytes([NUMBER]) * values.size)
        self.values.frombytes(values.tobytes())


class Table:
    """A text file or a sheet. Lines are counted from 0 here, and from 1 in messages.

    Attributes
    ----------
    kinds : bytes
        A letter per line: "_" blank, "d" numbers (perhaps beside texts), "#" a remark, "c" one that states a fact or
        names columns, "t" any other text.
    width, n_numbers, n_texts : ndarray of shape (n_lines,)
        Cells up to the last that is not blank, those that are numbers, and those that are texts.
    """

    def __init__(
        self,
        path: Path,
        cells: Cells,
        lines: Lines | Rows,
        *,
        dialect: Dialect,
        sheet: str | None,
        encoding: str | None,
    ) -> None:
        self.path, self.sheet, self.dialect, self.encoding = path, sheet, dialect, encoding
        self.where = str(path) if sheet is None else f"{path}, sheet {sheet!r}"
        self.lines = lines
        self.checksum = ""  # of the file, SHA-256
        widths = np.frombuffer(cells.widths, np.int32)
        self._starts = np.append(np.int32(0), np.cumsum(widths, dtype=np.int32))
        self.width = _short(widths)
        self._states = np.frombuffer(cells.states, np.uint8)
        self._values = np.frombuffer(cells.values, np.float64)
        self.n_numbers, self.n_texts = (self._count(state) for state in (NUMBER, TEXT))
        self.kinds = self._classify()

    def _count(self, state: int) -> np.ndarray:
        total = np.append(np.int32(0), np.cumsum(self._states == state, dtype=np.int32))
        return _short(total[self._starts[1:]] - total[self._starts[:-1]])

    def _classify(self) -> bytes:
        kinds = np.where((self.n_numbers >= 2) & (self.n_texts <= self.n_numbers), ord("d"), ord("t")).astype(np.uint8)
        kinds[self.width == 0] = ord("_")
        for line in np.flatnonzero(self.n_texts > 0).tolist():
            text = self.lines.text(line)
            if not _REMARK.match(text):
                continue
            filled = [cell for cell in self.lines.cells(line) if cell]
            # An error of a spreadsheet beside numbers is a damaged point, and so is a line of nothing but errors.
            if not (has_error(filled[0]) and (self.n_numbers[line] > 0 or all(map(has_error, filled)))):
                says = ":" in text or not roles_in(bases([text])).isdisjoint(ROLES)
                kinds[line] = ord("c" if says else "#")
        return kinds.tobytes()

    def is_text(self, line: int) -> bool:
        """Whether a line is neither blank nor a remark."""
        return self.kinds[line] in b"td"

    def text(self, line: int) -> str:
        """A line without the sign of a remark, or the cells of a row."""
        text = self.lines.text(line)
        return _REMARK.sub("", text, count=1) if self.kinds[line] in b"#c" else text

    def cells(self, line: int) -> list[str]:
        """The cells of a line as text, without the sign of a remark."""
        if self.kinds[line] in b"#c" and isinstance(self.lines, Lines):
            return split_cells(self.text(line), self.dialect)
        return self.lines.cells(line)

    def filled(self, line: int) -> list[str]:
        """The cells of a line that are not blank."""
        return [cell for cell in self.cells(line) if cell]

    def show(self, line: int) -> str:
        """A line as messages quote it."""
        return repr(self.lines.text(line).strip()[:60])

    def at(self, line: int) -> str:
        """A line as messages name it."""
        return f"{self.where}, line {line + 1}"

    def column(self, lines: np.ndarray, position: int) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a column in these lines, nan where there is none, and the states of its cells."""
        at = self._starts[lines] + np.int32(position)
        has = at < self._starts[lines + 1]
        at[~has] = 0
        states = np.where(has, self._states[at], np.uint8(BLANK)) if self._states.size else np.zeros_like(has, np.uint8)
        values = self._values[at] if self._states.size else np.zeros(len(lines))
        values[states != NUMBER] = np.nan
        return values, states


def _short(numbers: np.ndarray) -> np.ndarray:
    # A line with more cells than this needs no exact count.
    return np.minimum(numbers, 2**15 - 1).astype(np.int16)


# Text


def parse_text(path: Path, data: bytes, encoding: str, separator: str | None, decimal: str | None) -> Table:
    """The table of a text in UTF-8."""
    lines = Lines(data)
    lines.dialect = dialect = sniff(str(path), len(lines), lines.text, separator, decimal)
    cells = Cells()
    for begin in range(0, len(lines), _CHUNK):
        _parse_lines(cells, lines, begin, min(begin + _CHUNK, len(lines)))
    return Table(path, cells, lines, sheet=None, dialect=dialect, encoding=encoding)


def _parse_lines(cells: Cells, lines: Lines, begin: int, end: int) -> None:
    """Parse lines by NumPy where all are numbers; else the halves of them, and few lines cell by cell."""
    if end - begin <= _FEW:
        for line in range(begin, end):
            cells.add(lines.cells(line), lines.dialect)
        return
    values = _parse_clean(lines.raw(begin, end), lines.dialect)
    if values is not None and len(values) == end - begin:
        cells.add_numbers(values)
        return
    middle = (begin + end) // 2
    _parse_lines(cells, lines, begin, middle)
    _parse_lines(cells, lines, middle, end)


def _parse_clean(block: bytes, dialect: Dialect) -> np.ndarray | None:
    """The numbers of lines that hold nothing else, or None where they do."""
    separator, decimal, thousands, quoted = dialect
    allowed = f"0123456789+-eE \n{decimal}{separator}{thousands or ''}" + "\t" * (separator == " ") + '"' * quoted
    if separator in (decimal, thousands) or block.translate(None, allowed.encode()) or not re.search(rb"\d", block):
        return None
    text = block.decode().replace('"', "")
    if separator != " " and text.partition("\n")[0].endswith(separator):
        text = re.sub(rf"{re.escape(separator)}+$", "", text, flags=re.MULTILINE)
    if thousands is not None:
        number, gap = number_pattern(decimal, thousands), r"[ \t]+" if separator == " " else re.escape(separator)
        row = f"(?:{number})?+(?:{gap}(?:{number})?+)*+"
        if not re.fullmatch(rf"{row}(?:\n{row})*+", text):
            return None
        text = text.replace(thousands, "")
    text = text.replace(",", ".") if decimal == "," else text
    try:
        return np.loadtxt(text.split("\n"), delimiter=None if separator == " " else separator, comments=None, ndmin=2)
    except ValueError:
        return None
