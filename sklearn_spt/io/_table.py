"""The lines of a text or the rows of a sheet, with what stands in each cell."""

import itertools
import re
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ._sniff import Dialect, parse_number, sniff, split_cells
from ._units import ROLES, split_unit
from ._words import has_error, understand

BLANK, NUMBER, TEXT = 0, 1, 2
MIN_ROWS = 5
# Lines of numbers that are given to NumPy at once: enough to be fast, few enough to take little memory.
_CHUNK = 512
_FEW = 8


class Cells:
    """The cells of all lines: their states and numbers, one line behind the other."""

    def __init__(self) -> None:
        self.widths = array("i")
        self.states = bytearray()
        self.values = array("d")

    def add(self, values: Sequence[float | None], states: Iterable[int]) -> None:
        """A line, cell by cell."""
        self.widths.append(len(values))
        self.states.extend(states)
        self.values.extend(0.0 if value is None else value for value in values)

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
    n_numbers, n_texts : ndarray of shape (n_lines,)
        Cells that are numbers, and those that are texts.
    """

    def __init__(
        self,
        path: Path,
        cells: Cells,
        lines: "Lines | Rows",
        *,
        sheet: str | None,
        dialect: Dialect,
        encoding: str | None,
    ) -> None:
        self.path, self.sheet, self.dialect, self.encoding = path, sheet, dialect, encoding
        self.where = str(path) if sheet is None else f"{path}, sheet {sheet!r}"
        self.lines = lines
        self.checksum = ""  # of the file, SHA-256
        widths = np.frombuffer(cells.widths, np.int32)
        self._starts = np.append(np.int32(0), np.cumsum(widths, dtype=np.int32))
        self._states = np.frombuffer(cells.states, np.uint8)
        self._values = np.frombuffer(cells.values, np.float64)
        self.n_numbers, self.n_texts = (self._count(state) for state in (NUMBER, TEXT))
        self.kinds = self._classify()

    def _count(self, state: int) -> np.ndarray:
        total = np.append(np.int32(0), np.cumsum(self._states == state, dtype=np.int32))
        # Whoever has more than so many cells in a line is not in need of their number.
        return np.minimum(total[self._starts[1:]] - total[self._starts[:-1]], 2**15 - 1).astype(np.uint16)

    def _classify(self) -> bytes:
        numbers, texts = self.n_numbers, self.n_texts
        kinds = np.where((numbers >= 2) & (texts <= numbers), ord("d"), ord("t")).astype(np.uint8)
        kinds[(numbers == 0) & (texts == 0)] = ord("_")
        for k in np.flatnonzero(texts > 0).tolist():
            if self._is_remark(k):
                role = understand(split_unit(self.text(k)).base).role
                kinds[k] = ord("c" if ":" in self.text(k) or role in ROLES else "#")
        return kinds.tobytes()

    def _is_remark(self, line: int) -> bool:
        if not self.lines.begins_like_a_remark(line):
            return False
        # An error of a spreadsheet beside numbers is a damaged point, and so is a line of nothing but errors.
        filled = [cell for cell in self.cells(line) if cell.strip()]
        return not (has_error(filled[0]) and (self.n_numbers[line] > 0 or all(map(has_error, filled))))

    def cells(self, line: int) -> list[str]:
        """The cells of a line as text."""
        return self.lines.cells(line)

    def filled(self, line: int) -> list[str]:
        """The cells of a line that are not blank."""
        return [cell.strip() for cell in self.cells(line) if cell.strip()]

    def text(self, line: int) -> str:
        """A line as it stands, or the cells of a row."""
        return self.lines.text(line)

    def show(self, line: int) -> str:
        """A line as messages quote it."""
        return repr(self.text(line).strip()[:60])

    def column(self, lines: np.ndarray, position: int) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a column in these lines, nan where there is none, and the states of its cells."""
        at = self._starts[lines] + np.int32(position)
        has = at < self._starts[lines + 1]
        at[~has] = 0
        states = np.where(has, self._states[at], np.uint8(BLANK))
        values = self._values[at]
        values[states != NUMBER] = np.nan
        return values, states

    def first_text(self, lines: np.ndarray) -> np.ndarray:
        """The position of the first cell of each line that is not blank where it is a text, and -1 elsewhere."""
        found = np.full(len(lines), -1)
        for k in np.flatnonzero(self.n_texts[lines] > 0):
            begin, end = self._starts[lines[k]], self._starts[lines[k] + 1]
            first = int(np.flatnonzero(self._states[begin:end])[0])
            found[k] = first if self._states[begin + first] == TEXT else -1
        return found

    def width(self, lines: np.ndarray) -> np.ndarray:
        """How many cells each line has, but for the blank ones at the end of lines of numbers."""
        width = self._starts[lines + 1] - self._starts[lines]
        for k in np.flatnonzero(self.n_numbers[lines] + self.n_texts[lines] < width):
            begin, end = self._starts[lines[k]], self._starts[lines[k] + 1]
            if not self.n_texts[lines[k]]:
                filled = np.flatnonzero(self._states[begin:end])
                width[k] = filled[-1] + 1 if len(filled) else 0
        return width


class Lines:
    """The lines of a text, decoded when they are looked at."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self.begins: np.ndarray = np.append(0, ends + 1).astype(np.int64 if len(data) > 2**31 - 2 else np.int32)
        self.dialect = Dialect(",")

    def __len__(self) -> int:
        return len(self.begins)

    def raw(self, line: int, end: int | None = None) -> bytes:
        """The bytes of a line, or of several ones, without the last line end."""
        end = line + 1 if end is None else end
        return self.data[self.begins[line] : self.begins[end] - 1 if end < len(self.begins) else len(self.data)]

    def text(self, line: int) -> str:
        return self.raw(line).decode("utf-8", "surrogatepass")

    def cells(self, line: int) -> list[str]:
        return split_cells(self.text(line), self.dialect)

    def begins_like_a_remark(self, line: int) -> bool:
        at = self.begins[line]
        return self.data[at : at + 200].lstrip(b" \t").startswith((b"#", b"%", b"//"))


class Rows:
    """The rows of a sheet. Those without texts are made of their numbers."""

    def __init__(self, cells: Cells, texts: dict[int, tuple[str, ...]]) -> None:
        self._cells, self._texts = cells, texts
        self._starts = [0, *itertools.accumulate(cells.widths)]

    def __len__(self) -> int:
        return len(self._cells.widths)

    def cells(self, line: int) -> list[str]:
        if line in self._texts:
            return list(self._texts[line])
        places = range(self._starts[line], self._starts[line + 1])
        return [show_number(self._cells.values[k]) if self._cells.states[k] else "" for k in places]

    def text(self, line: int) -> str:
        return ", ".join(self.cells(line))

    def begins_like_a_remark(self, line: int) -> bool:
        return next(filter(None, self.cells(line)), "").startswith(("#", "%", "//"))


def show_number(value: float) -> str:
    """A number of a sheet as text."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


# Text


def parse_text(path: Path, data: bytes, encoding: str, separator: str | None, decimal: str | None) -> Table:
    """The table of a text in UTF-8."""
    lines = Lines(data)
    lines.dialect = dialect = sniff(str(path), len(lines), lines.text, separator, decimal)
    cells = Cells()
    keys = _find_clean(lines, dialect)
    cuts = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(lines)]
    for first, last in itertools.pairwise(cuts):
        for begin in range(first, last, _CHUNK):
            end = min(begin + _CHUNK, last)
            values = None
            if keys[first] >= 0 and last - first >= _FEW:
                values = _parse_clean(lines.raw(begin, end), end - begin, dialect)
            if values is not None:
                cells.add_numbers(values)
                continue
            for line in range(begin, end):
                _parse_line(cells, lines.text(line), dialect)
    return Table(path, cells, lines, sheet=None, dialect=dialect, encoding=encoding)


def _find_clean(lines: Lines, dialect: Dialect) -> np.ndarray:
    """The number of separators of each line of nothing but numbers; -1 of others."""
    data = np.frombuffer(lines.data, np.uint8)
    keys = np.full(len(lines), -1, np.int32)
    if dialect.thousands not in (None, *{".", ","} - {dialect.separator}):
        return keys
    allowed = "0123456789+-eE \n" + dialect.decimal + dialect.separator + (dialect.thousands or "")
    allowed += "\t" * (dialect.separator == " ") + '"' * dialect.quoted
    kinds = np.zeros((3, 256), np.int32)  # what else there is, digits, separators
    kinds[0] = 1
    for row, (characters, value) in enumerate(((allowed, 0), ("0123456789", 1), (dialect.separator, 1))):
        kinds[row, list(characters.encode())] = value
    n_filled = int(np.searchsorted(lines.begins, len(data)))
    for first in range(0, n_filled, _CHUNK):
        last = min(first + _CHUNK, n_filled)
        begin, end = lines.begins[first], lines.begins[last] if last < len(lines) else len(data)
        places = lines.begins[first:last] - begin
        other, digits, separators = (np.add.reduceat(kind[data[begin:end]], places) for kind in kinds)
        found = separators if dialect.separator != " " else 0
        keys[first:last] = np.where((other == 0) & (digits > 0), found, -1)
    return keys


def _parse_clean(block: bytes, n_lines: int, dialect: Dialect) -> np.ndarray | None:
    """The numbers of lines that look like nothing else, or None where they are not."""
    if dialect.quoted:
        block = block.replace(b'"', b"")
    if dialect.separator != " ":
        # Lines may all end with separators.
        end = block[len(block.rstrip(dialect.separator.encode())) :]
        if end and block.count(end + b"\n") != n_lines - 1:
            return None
        block = block.removesuffix(end).replace(end + b"\n", b"\n") if end else block
    text = block.decode("ascii")
    if dialect.thousands is not None:
        mark = re.escape(dialect.thousands)
        # A mark stands behind one to three digits that begin with none of zero, and in front of three.
        if re.search(rf"(?<!\d){mark}|{mark}(?!\d{{3}}(?!\d))|\d{{4}}{mark}|(?<![\d{mark}])0\d*{mark}", text):
            return None
        text = text.replace(dialect.thousands, "")
    text = text.replace(",", ".") if dialect.decimal == "," else text
    separator = None if dialect.separator == " " else dialect.separator
    try:
        values = np.loadtxt(text.split("\n"), delimiter=separator, comments=None, ndmin=2)
    except ValueError:
        return None
    return values if len(values) == n_lines else None


def _parse_line(cells: Cells, text: str, dialect: Dialect) -> None:
    comma = dialect.decimal == ","
    # What float() would take for a number and what the dialect does not, or not so.
    if dialect.thousands is None and not re.search(r"[_nNiI.]|[^\0-\x7f]" if comma else r"[_nNiI]|[^\0-\x7f]", text):
        kept = text.rstrip(f"{dialect.separator} ")
        try:
            separator = None if dialect.separator == " " else dialect.separator
            values = [float(cell) for cell in (kept.replace(",", ".") if comma else kept).split(separator)]
        except ValueError:
            pass
        else:
            cells.add(values, [NUMBER] * len(values))
            return
    parse_cells(cells, split_cells(text, dialect) if text.strip() else [], dialect)


def parse_cells(cells: Cells, texts: Sequence[str], dialect: Dialect) -> None:
    """Add a line of cells."""
    values = [parse_number(text, dialect) if text else None for text in texts]
    states = [
        BLANK if not text else TEXT if value is None else NUMBER for text, value in zip(texts, values, strict=True)
    ]
    cells.add(values, states)
