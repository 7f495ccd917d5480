"""The sheets of Excel workbooks."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ._columns import listed
from ._sniff import Dialect, find_decimal, looks_like_data, parse_number
from ._table import BLANK, NUMBER, TEXT, Cells, Rows, Table

# What a workbook may be unpacked to, bytes; its texts, of which each becomes an object, less. Cells, with the blank
# ones between them; and the rows of a sheet, which Excel has.
MAX_SIZE = 2**29
MAX_TEXTS = 2**26
MAX_CELLS = 20_000_000
MAX_ROWS = 2**20


class _RefusedError(Exception):
    pass


def read_workbook(path: Path, data: bytes, sheet: str | int | None, decimal: str | None) -> list[Table]:
    """The tables of a workbook's sheets."""
    try:
        import openpyxl
    except ImportError:
        raise ImportError(
            f"{path}: reading Excel workbooks needs openpyxl, which is not installed: "
            'pip install "sklearn-spt[excel]", or save the sheet as CSV'
        ) from None
    try:
        has_formulas = _look_into(data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        names = _choose([name for name in book.sheetnames if hasattr(book[name], "iter_rows")], sheet)
        content = {name: list(_rows(book[name])) for name in names}
        book.close()
        formula = (
            _without_value(openpyxl.load_workbook(io.BytesIO(data), read_only=True), content) if has_formulas else None
        )
    except _RefusedError as error:
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
    return [_make_table(path, name, rows, decimal) for name, rows in content.items()]


def _look_into(data: bytes) -> bool:
    """Whether there are formulas; refuses what becomes too large before it is unpacked."""
    found = False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        texts = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
        if sum(part.file_size for part in parts) > MAX_SIZE or texts > MAX_TEXTS:
            raise _too_large()
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and not part.is_dir():
                with archive.open(part) as file:
                    before = b""
                    while not found and (piece := file.read(2**20)):
                        found = re.search(rb"<f[ >]", before + piece) is not None
                        before = piece[-2:]
    return found


def _too_large() -> _RefusedError:
    return _RefusedError("a workbook that is too large for the record of a test; save the sheet of the record as CSV")


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a sheet up to the last cell of each that is not blank, whatever it says of its size."""
    sheet.reset_dimensions()
    n_cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        filled = len(row)
        while filled and row[filled - 1] is None:
            filled -= 1
        n_cells += filled
        if n_cells > MAX_CELLS or number > MAX_ROWS:
            raise _too_large()
        yield tuple(row[:filled])


def _without_value(book: Any, content: dict[str, list[tuple[Any, ...]]]) -> str | None:
    """The first formula, where none in the sheets that were read has a value; None where one has, or there is none."""
    first = None
    for name, grid in content.items():
        for number, formulas in enumerate(_rows(book[name])):
            for column, cell in enumerate(formulas):
                if not (isinstance(cell, str) and cell.startswith("=")):
                    continue
                # Texts may begin with "=", and are read as they are.
                if column < len(grid[number]) and grid[number][column] is not None:
                    return None
                first = first or f"sheet {name!r}, row {number + 1}, {cell[:40]!r}"
    return first


def _choose(names: list[str], sheet: str | int | None) -> list[str]:
    if sheet is None:
        return names
    if isinstance(sheet, str) and sheet in names:
        return [sheet]
    if isinstance(sheet, int) and not isinstance(sheet, bool) and 0 <= sheet < len(names):
        return [names[sheet]]
    raise _RefusedError(f"there is no sheet {sheet!r}; sheet= takes one of {listed(names)}, or a position from 0")


def _make_table(path: Path, name: str, rows: list[tuple[Any, ...]], decimal: str | None) -> Table:
    # Numbers that are kept as text, because the workbook was made on a computer of another country.
    as_text = ([cell.strip() for cell in row if isinstance(cell, str)] for row in rows)
    written, _ = find_decimal(f"{path}, sheet {name!r}", filter(looks_like_data, as_text), decimal)
    dialect = Dialect("", *written)
    cells = Cells()
    texts: dict[int, tuple[str, ...]] = {}
    for line, row in enumerate(rows):
        values: list[float | None] = []
        states = []
        for cell in row:
            is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
            text = "" if cell is None or is_number else str(cell).strip()
            values.append(float(cell) if is_number else parse_number(text, dialect) if text else None)
            states.append(NUMBER if values[-1] is not None else TEXT if text else BLANK)
            if text and line not in texts:
                texts[line] = ()
        if line in texts:
            texts[line] = tuple("" if c is None else str(c).strip() for c in row)
        cells.add(values, states)
    return Table(path, cells, Rows(cells, texts), sheet=name, dialect=dialect, encoding=None)
