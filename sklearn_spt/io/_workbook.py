"""The sheets of Excel workbooks."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..exceptions import Message, Parameter
from ._advice import refusal
from ._numbers import Dialect, find_decimal, looks_like_data
from ._table import Cells, Rows, Table

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
        if has_formulas:
            _check_formulas(openpyxl.load_workbook(io.BytesIO(data), read_only=True), content)
    except _RefusedError as error:
        raise refusal(str(path), error) from None
    # A damaged archive makes openpyxl and the XML parser raise errors of many kinds.
    except Exception as error:
        raise refusal(
            str(path), f"not a workbook that can be read ({error}); save it again as .xlsx or as CSV"
        ) from None
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


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """The rows of a sheet up to the last cell of each that is not blank, whatever it says of its size."""
    sheet.reset_dimensions()
    n_cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        filled = next((k for k in range(len(row), 0, -1) if row[k - 1] is not None), 0)
        n_cells += filled
        if n_cells > MAX_CELLS or number > MAX_ROWS:
            raise _too_large()
        yield list(row[:filled])


def _check_formulas(book: Any, content: dict[str, list[list[Any]]]) -> None:
    """Refuse formulas none of which has a value in the sheets that were read."""
    first = None
    for name, grid in content.items():
        for number, formulas in enumerate(_rows(book[name])):
            for column, cell in enumerate(formulas):
                if isinstance(cell, str) and cell.startswith("="):
                    # Texts may begin with "=", and are read as they are.
                    if column < len(grid[number]) and grid[number][column] is not None:
                        return
                    first = first or f"sheet {name!r}, row {number + 1}, {cell[:40]!r}"
    if first:
        raise _RefusedError(
            f"{first}: the workbook holds formulas without their values, as programs write it that do not calculate; "
            "open it in a spreadsheet program and save it there, or save it as CSV"
        )


def _choose(names: list[str], sheet: str | int | None) -> list[str]:
    if sheet is None:
        return names
    chosen = sheet
    if isinstance(sheet, int) and not isinstance(sheet, bool) and 0 <= sheet < len(names):
        chosen = names[sheet]
    if chosen not in names:
        listed = ", ".join(map(repr, names[:6]))
        said = f"there is no sheet {sheet!r}; there are {listed}; "
        raise _RefusedError(Message(said, Parameter("sheet"), " takes one of them, or a position from 0"))
    return [str(chosen)]


def _make_table(path: Path, name: str, rows: list[list[Any]], decimal: str | None) -> Table:
    for row in rows:
        row[:] = [
            float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool)
            else "" if cell is None else str(cell).strip()
            for cell in row
        ]  # fmt: skip
    # Numbers that are kept as text, because the workbook was made on a computer of another country.
    texts = (tuple(cell for cell in row if isinstance(cell, str)) for row in rows)
    written, _ = find_decimal(f"{path}, sheet {name!r}", dict.fromkeys(filter(looks_like_data, texts), 1), decimal)
    cells = Cells()
    for row in rows:
        cells.add(row, Dialect("", *written))
    return Table(path, cells, Rows(rows), sheet=name, dialect=Dialect("", *written), encoding=None)
