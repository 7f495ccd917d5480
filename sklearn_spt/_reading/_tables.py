"""From the bytes of a file to rows of cells: encoding, separator and decimal sign of text, and the sheets of Excel."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ._vocabulary import find_words, parse_unit, plain, split_unit

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".asc", ".tra", ".raw", ".lvm")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")
SUFFIXES = TEXT_SUFFIXES + EXCEL_SUFFIXES
# In a folder they are no files to be passed over in silence: text is often named so, and the others are refused.
OTHER_SUFFIXES = (".xls", ".xlsb", ".ods")
SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "white space"}
# Single-byte and double-byte encodings of the languages whose words are known; UTF-8 and UTF-16 are tried before.
ENCODINGS = ("cp1252", "cp1250", "cp932", "gb18030", "cp949", "cp1251", "cp1254")
SAMPLE = 5000  # lines from which the separator and the decimal sign are told
MIN_ROWS = 5


class Row(NamedTuple):
    """One line of a table. `values` has a float per number and None for blank cells and text."""

    line: int  # counted from 1
    text: str | tuple[str, ...]  # the line, or the cells of a row of a sheet
    values: list[float | None]
    n_text: int  # cells that are neither blank nor a number

    @property
    def n_numbers(self) -> int:
        return sum(value is not None for value in self.values)

    @property
    def is_data(self) -> bool:
        """Whether the row may be one of measured values, perhaps with the specimen's name or the time of day."""
        numbers = self.n_numbers
        return numbers >= 2 and self.n_text <= numbers and not self.is_comment

    @property
    def is_comment(self) -> bool:
        first = self.text if isinstance(self.text, str) else next((cell for cell in self.text if cell), "")
        return first.lstrip().startswith(("#", "%", "//"))

    @property
    def is_blank(self) -> bool:
        return not self.values or (self.n_text == 0 and self.n_numbers == 0)

    def show(self) -> str:
        """The row as a message quotes it."""
        text = self.text if isinstance(self.text, str) else ", ".join(self.text)
        return repr(text.strip()[:60])


class Dialect(NamedTuple):
    """How the numbers of a text file are written."""

    separator: str
    decimal: str
    thousands: str | None = None
    quoted: bool = False


class Table(NamedTuple):
    """The rows of a text file or of a sheet."""

    path: Path
    sheet: str | None
    rows: list[Row]
    dialect: Dialect | None
    encoding: str | None

    @property
    def where(self) -> str:
        return str(self.path) if self.sheet is None else f"{self.path}, sheet {self.sheet!r}"

    def cells(self, row: Row) -> list[str]:
        """The cells of a row as text."""
        if not isinstance(row.text, str):
            return list(row.text)
        assert self.dialect is not None
        return split_cells(row.text, self.dialect)


def read_tables(
    path: Path, *, encoding: str | None, separator: str | None, decimal: str | None, sheet: str | int | None
) -> list[Table]:
    """The tables of a file: one of a text file, one per sheet of a workbook."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}); check the file") from None
    if not data.strip():
        raise ValueError(f"{path}: the file is empty; export the test again, or remove the file")
    if data.startswith(b"PK\x03\x04") and path.suffix.lower() in OTHER_SUFFIXES[1:]:
        raise ValueError(f"{path}: a workbook of another kind than .xlsx; save it as .xlsx or as CSV and read that")
    if data.startswith(b"PK\x03\x04"):
        return _read_workbook(path, data, sheet, decimal)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError(
            f"{path}: an old Excel workbook (.xls) or another binary file; save it as .xlsx or as CSV and read that"
        )
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|table|\?xml)", data[:200], re.IGNORECASE):
        raise ValueError(
            f"{path}: a page of HTML or XML and no table of text; open it in a spreadsheet program and save it as "
            ".xlsx or as CSV"
        )
    if path.suffix.lower() in EXCEL_SUFFIXES:
        raise ValueError(f"{path}: named like an Excel workbook, but it is none; save it anew as .xlsx or as CSV")
    if sheet is not None:
        raise ValueError(f"{path}: a text file has no sheets; leave sheet= out")
    text, encoding = _decode(path, data, encoding)
    lines = re.split(r"\r\n|\n|\r", text)
    dialect = _find_dialect(str(path), lines, separator, decimal)
    return [Table(path, None, list(_parse_lines(lines, dialect)), dialect, encoding)]


# Encoding


def _decode(path: Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    if encoding is None:
        text, encoding = _guess_encoding(path, data)
    else:
        try:
            text = data.decode(encoding)
        except LookupError:
            raise ValueError(
                f"there is no encoding {encoding!r}; encoding= takes a name such as 'utf-8', 'cp1252' or 'cp932'"
            ) from None
        except UnicodeError as error:
            reason = error.reason if isinstance(error, UnicodeDecodeError) else error
            raise ValueError(
                f"{path}: not a text file in {encoding} ({reason}); pass its encoding, such as encoding='cp1252', or "
                "leave encoding= out"
            ) from None
    text = text.removeprefix("\ufeff")
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text.rstrip("\x1a\x00")):
        raise ValueError(
            f"{path}: not a text file (it has control characters); export the test as CSV or text from the machine's "
            "software, and read that"
        )
    return text.rstrip("\x1a\x00"), encoding


def _guess_encoding(path: Path, data: bytes) -> tuple[str, str]:
    candidates: Sequence[str]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    elif data.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    elif b"\0" in data[:1000].rstrip(b"\0"):
        # Western text in UTF-16 without a mark of its order has a zero in every other byte.
        candidates = ("utf-16-le",) if data[1:1000:2].count(0) > data[:1000:2].count(0) else ("utf-16-be",)
    else:
        candidates = ("utf-8", *ENCODINGS, "latin-1")
    texts = {}
    for candidate in candidates:
        try:
            texts[candidate] = data.decode(candidate)
        except UnicodeError:
            continue
        if candidate.startswith("utf"):
            return texts[candidate], candidate
    if not texts:
        raise ValueError(
            f"{path}: not a text file in {candidates[0]}, as its first bytes say; save it as CSV in UTF-8, or pass "
            "encoding=..."
        )
    # The encoding in which most words are known; the first of equals.
    best = max(texts, key=lambda candidate: _count_known(texts[candidate][:4000]))
    return texts[best], best


def _count_known(text: str) -> int:
    concepts = (
        "load",
        "displacement",
        "crosshead",
        "punch",
        "deflection",
        "time",
        "specimen",
        "thickness",
        "temperature",
    )
    known = 0
    for word in set(re.split(r"[\s;,:=\t\"]+", text)):
        if not word or word.isascii():
            continue
        unit = split_unit(word).unit or parse_unit(word)
        # Letters that only look like a word of another language count less than a whole word.
        known += 1 if unit else 0
        known += 2 * any(find_words(plain(word), concept) for concept in concepts)
    return known


# Separator and decimal sign


_ANY_NUMBER = re.compile(r"[+\-−–]?(?:\d[\d.,'’\u00a0\u202f ]*|[.,]\d+)(?:[eE][+\-]?\d{1,3})?")
_THOUSANDS = {
    mark: re.compile(rf"[+\-−–]?[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+(?![\d{re.escape(mark)}])") for mark in ".,"
}
_SPACES = " '’\u00a0\u202f"


def split_cells(line: str, dialect: Dialect) -> list[str]:
    """Split a line. Lines of names in a file separated by white space keep names of several words together."""
    if dialect.separator == " ":
        return line.split()
    if dialect.quoted and '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=dialect.separator))]
        except (csv.Error, StopIteration):
            pass
    return [cell.strip().strip('"').strip() for cell in line.split(dialect.separator)]


def _find_dialect(where: str, lines: list[str], separator: str | None, decimal: str | None) -> Dialect:
    step = max(1, len(lines) // SAMPLE)
    sample = [line for line in (*lines[:200], *lines[200::step]) if line.strip() and not line.lstrip().startswith("#")]
    counts, pure = {}, {}
    for candidate in [separator] if separator is not None else SEPARATORS:
        split = [split_cells(line, Dialect(candidate, ".", quoted=True)) for line in sample]
        counts[candidate] = sum(_looks_like_data(cells, candidate) for cells in split)
        pure[candidate] = sum(_looks_like_data(cells, candidate, pure=True) for cells in split)
    # "0,5 12,3" are two numbers; that "0" and "3" are numbers too says nothing for the comma.
    counts = pure if 2 * max(pure.values()) >= max(counts.values()) else counts
    most = max(counts.values())
    if most == 0:
        # Nothing but text and single numbers: the message comes when the rows are looked at. A table of specimens may
        # have one number in a line.
        chosen = separator or ","
        quoted = any('"' in line for line in sample)
        cells = [cell for line in sample for cell in split_cells(line, Dialect(chosen, ".", quoted=quoted))]
        single = [cell for cell in cells if re.fullmatch(r"\d*[.,]\d+", cell)]
        return Dialect(chosen, decimal or (_find_decimal(where, single, None)[0] if separator else "."), quoted=quoted)
    chosen = next(candidate for candidate, count in counts.items() if 2 * count >= most)
    quoted = any('"' in line for line in sample)
    rows = [split_cells(line, Dialect(chosen, ".", quoted=quoted)) for line in sample]
    # Dates and versions in the header lines are no numbers.
    numbers = [cell for row in rows if _looks_like_data(row, chosen) for cell in row if _ANY_NUMBER.fullmatch(cell)]
    return Dialect(chosen, *_find_decimal(where, numbers, decimal), quoted)


def _looks_like_data(cells: list[str], separator: str, *, pure: bool = False) -> bool:
    cells = [cell for cell in cells if cell]
    numbers = sum(bool(_ANY_NUMBER.fullmatch(cell)) and not (separator in ", " and " " in cell) for cell in cells)
    return numbers >= 2 and (numbers == len(cells) if pure else 2 * numbers >= len(cells))


def _find_decimal(where: str, numbers: list[str], decimal: str | None) -> tuple[str, str | None]:
    """The decimal sign and the mark between thousands, from how the numbers of a file are written."""
    seen = {mark: [number for number in numbers if mark in number] for mark in ".,"}
    # What can be no thousands: "0.5", "12.34", "1234.5"; and what can be no decimal sign: "1.234.567".
    is_decimal = {
        mark: next(
            (n for n in seen[mark] if not _THOUSANDS[mark].match(n.replace("−", "-")) and n.count(mark) == 1), None
        )
        for mark in ".,"
    }
    is_thousands = {
        mark: next((n for n in seen[mark] if n.count(mark) > 1 and _THOUSANDS[mark].match(n)), None) for mark in ".,"
    }
    for number in numbers:
        # Where both stand in one number, the last is the decimal sign.
        if "." in number and "," in number:
            last = max(".,", key=number.rfind)
            is_decimal[last] = is_decimal[last] or number
            first = "," if last == "." else "."
            is_thousands[first] = is_thousands[first] or number
    marks = [mark for mark in ".," if seen[mark]]
    if decimal is None:
        for mark in ".,":
            if is_decimal[mark] and is_thousands[mark]:
                raise ValueError(
                    f"{where}: {mark!r} stands in {is_decimal[mark]!r} and in {is_thousands[mark]!r}; write all "
                    "numbers with one decimal sign, or pass it: decimal='.' or decimal=','"
                )
        if is_decimal["."] and is_decimal[","]:
            raise ValueError(
                f"{where}: both {is_decimal['.']!r} and {is_decimal[',']!r} are written in it; write all numbers with "
                "one decimal sign"
            )
        if len(marks) == 2:
            known = [m for m in ".," if is_decimal[m]] or [m for m in ".," if is_thousands["," if m == "." else "."]]
            if not known:
                raise ValueError(_ambiguous(where, seen))
            decimal = known[0]
        elif marks == [","] and is_thousands[","]:
            decimal = "."
        elif marks == [","] and not is_decimal[","]:
            # "1,234" is 1.234 in Berlin and 1234 in Boston.
            raise ValueError(_ambiguous(where, seen))
        else:
            decimal = "." if is_thousands.get(marks[0] if marks else ".") is None and marks != [","] else ","
    other = "," if decimal == "." else "."
    if seen[other] and all(_THOUSANDS[other].match(number) for number in seen[other]):
        return decimal, other
    spaced = [n for n in numbers if re.fullmatch(rf"[+\-−]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?", n)]
    return decimal, next((c for c in spaced[0] if c in _SPACES), None) if spaced else None


def _ambiguous(where: str, seen: dict[str, list[str]]) -> str:
    example = next(number for mark in ",." for number in seen[mark])
    return (
        f"{where}: {example!r} may be written with a decimal sign or with a mark between thousands; say which: "
        "decimal=',' or decimal='.'"
    )


# Rows


def number_pattern(dialect: Dialect) -> re.Pattern[str]:
    """What a number of this dialect looks like."""
    point = re.escape(dialect.decimal)
    whole = r"\d+"
    if dialect.thousands is not None:
        mark = f"[{_SPACES}]" if dialect.thousands in _SPACES else re.escape(dialect.thousands)
        whole = rf"(?:\d{{1,3}}(?:{mark}\d{{3}})+|\d+)"
    return re.compile(rf"([+\-−–]?)((?:{whole})(?:{point}\d*)?|{point}\d+)([eE][+\-]?\d{{1,3}})?")


_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|1\.#(qnan|ind|inf))", re.IGNORECASE)


def parse_number(cell: str, pattern: re.Pattern[str], dialect: Dialect) -> float | None:
    """The number in a cell (nan where the machine wrote that there is none), or None."""
    match = pattern.fullmatch(cell)
    if match is None:
        return math.nan if _NOT_FINITE.fullmatch(cell) else None
    digits = match[2]
    if dialect.thousands is not None:
        for mark in _SPACES if dialect.thousands in _SPACES else dialect.thousands:
            digits = digits.replace(mark, "")
    sign = "-" if match[1] and match[1] != "+" else ""
    return float(f"{sign}{digits.replace(dialect.decimal, '.')}{match[3] or ''}")


def _parse_lines(lines: list[str], dialect: Dialect) -> Iterator[Row]:
    pattern = number_pattern(dialect)
    separator = None if dialect.separator == " " else dialect.separator
    comma = dialect.decimal == ","
    # What float() would take for a number and what the dialect does not, or not so.
    unsafe = re.compile(r"[_nNiI\u0080-\uffff" + (r"." if comma else "") + "]")
    trailing = f"{dialect.separator} "
    for index, text in enumerate(lines):
        if dialect.thousands is None and not unsafe.search(text):
            kept = text.rstrip(trailing)
            try:
                values: list[float | None] = [
                    float(cell) for cell in (kept.replace(",", ".") if comma else kept).split(separator)
                ]
            except ValueError:
                pass
            else:
                if values:
                    yield Row(index + 1, text, values, 0)
                    continue
        cells = split_cells(text, dialect) if text.strip() else []
        values = [parse_number(cell, pattern, dialect) if cell else None for cell in cells]
        n_text = sum(value is None and bool(cell) for value, cell in zip(values, cells, strict=True))
        yield Row(index + 1, text, values, n_text)


# Excel


def _read_workbook(path: Path, data: bytes, sheet: str | int | None, decimal: str | None) -> list[Table]:
    try:
        import openpyxl
    except ImportError:
        raise ImportError(
            f"{path}: reading Excel workbooks needs openpyxl, which is not installed: "
            'pip install "sklearn-spt[excel]", or save the sheet as CSV'
        ) from None
    try:
        # The zip archive says how large its parts become: no workbook of a test has gigabytes.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > 2**31:
                raise ValueError("its contents are larger than 2 GB")
            sheets_xml = (archive.read(part) for part in archive.namelist() if part.startswith("xl/worksheets/"))
            has_formulas = any(re.search(rb"<f[ >]", xml) for xml in sheets_xml)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {name: book[name] for name in book.sheetnames if hasattr(book[name], "iter_rows")}
        content = {
            name: [list(row) for row in sheets[name].iter_rows(values_only=True)] for name in _choose(sheets, sheet)
        }
        book.close()
        formula = None
        if has_formulas:
            formula = _without_value(openpyxl.load_workbook(io.BytesIO(data), read_only=True), content)
    except _NoSheetError as error:
        raise ValueError(f"{path}: {error}") from None
    # A damaged archive makes openpyxl and the XML parser raise errors of many kinds.
    except Exception as error:
        raise ValueError(
            f"{path}: not a workbook that can be read ({error}); save it anew as .xlsx or as CSV"
        ) from None
    if formula is not None:
        raise ValueError(
            f"{path}, {formula}: the workbook holds formulas without their values, as programs write it that do not "
            "calculate; open it in a spreadsheet program and save it there, or save it as CSV"
        )
    tables = []
    for name, grid in content.items():
        rows = [[cell.strip() for cell in row if isinstance(cell, str)] for row in grid]
        # Numbers that are kept as text, because the workbook was made on a computer of another country.
        numbers = [cell for row in rows if _looks_like_data(row, "") for cell in row if _ANY_NUMBER.fullmatch(cell)]
        dialect = Dialect("", *_find_decimal(f"{path}, sheet {name!r}", numbers, decimal))
        tables.append(Table(path, name, list(_parse_grid(grid, dialect)), None, None))
    return tables


def _without_value(book: Any, content: dict[str, list[list[Any]]]) -> str | None:
    """The first formula, where none in the sheets that were read has a value; None where one has, or there is none."""
    first = None
    for name, grid in content.items():
        for row, formulas in enumerate(book[name].iter_rows(values_only=True)):
            for column, cell in enumerate(formulas):
                if not (isinstance(cell, str) and cell.startswith("=")):
                    continue
                # Texts may begin with "=", and are read as they are.
                if grid[row][column] is not None:
                    return None
                first = first or f"sheet {name!r}, row {row + 1}, {cell[:40]!r}"
    return first


class _NoSheetError(Exception):
    pass


def _choose(sheets: dict[str, Any], sheet: str | int | None) -> list[str]:
    names = list(sheets)
    if sheet is None:
        return names
    if isinstance(sheet, str) and sheet in names:
        return [sheet]
    if isinstance(sheet, int) and not isinstance(sheet, bool) and 0 <= sheet < len(names):
        return [names[sheet]]
    listed = ", ".join(map(repr, names))
    raise _NoSheetError(f"there is no sheet {sheet!r}; sheet= takes one of {listed}, or a position from 0")


def _parse_grid(grid: list[list[Any]], dialect: Dialect) -> Iterator[Row]:
    pattern = number_pattern(dialect)
    for index, row in enumerate(grid):
        texts: list[str] = []
        values: list[float | None] = []
        n_text = 0
        for cell in row:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                texts.append(repr(cell))
                values.append(float(cell))
            else:
                text = "" if cell is None else str(cell).strip()
                value = parse_number(text, pattern, dialect) if text else None
                texts.append(text)
                values.append(value)
                n_text += bool(text) and value is None
        yield Row(index + 1, tuple(texts), values, n_text)
