"""The files behind paths, folders and patterns, and their tables."""

import glob
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ..exceptions import Parameter
from ._advice import refusal
from ._decode import OTHER_SUFFIXES, SUFFIXES, decode, is_workbook, read_bytes
from ._table import Table, parse_text
from ._workbook import read_workbook


class Options(NamedTuple):
    """What the user says of the files."""

    columns: Mapping[str, Any] = MappingProxyType({})
    units: Mapping[str, str] = MappingProxyType({})
    decimal: str | None = None
    separator: str | None = None
    encoding: str | None = None
    sheet: str | int | None = None
    cut_unloading: bool = False


def read_tables(path: Path, options: Options) -> list[Table]:
    """The tables of a file: one of a text file, one per sheet of a workbook."""
    data = read_bytes(path)
    checksum = hashlib.sha256(data).hexdigest()
    if is_workbook(data):
        tables = read_workbook(path, data, options.sheet, options.decimal)
    elif options.sheet is not None:
        raise refusal(str(path), "a text file has no sheets; leave out ", Parameter("sheet"))
    else:
        data, encoding = decode(path, data, options.encoding)
        tables = [parse_text(path, data, encoding, options.separator, options.decimal)]
    for table in tables:
        table.checksum = checksum
    return tables


def find_files(entries: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files behind paths, folders and patterns, and the folders among the paths."""
    files: list[Path] = []
    folders: list[Path] = []
    for path in entries:
        if path.is_dir():
            folders.append(path)
            files += _records_of(path)
        elif path.is_file():
            files.append(path)
        elif re.search(r"[*?\[]", str(path)):
            matching = map(Path, glob.glob(str(path), recursive=True))
            found = sorted(match for match in matching if match.is_file() and not _is_hidden(match))
            if not found:
                raise FileNotFoundError(f"there is no file that fits the pattern {path}")
            files += found
        else:
            raise FileNotFoundError(f"there is no file or folder {path}")
    return files, folders


def _is_hidden(path: Path) -> bool:
    # "~$" begins the lock files of open workbooks.
    return path.name.startswith((".", "~$"))


def _records_of(folder: Path) -> list[Path]:
    found = sorted(_records_in(folder))
    if not found:
        said = f"the folder {folder} holds no file of a test (*.csv or one of {', '.join(SUFFIXES)})"
        if any(_records_in(below) for below in folder.iterdir() if below.is_dir() and not _is_hidden(below)):
            pattern = os.path.join(folder, "*", "*.csv")
            said += f"; there are some in its subfolders: give these, or a pattern such as {pattern!r}"
        raise FileNotFoundError(said)
    return found


def _records_in(folder: Path) -> list[Path]:
    """The files of a folder whose names end like those of tables."""
    files = [path for path in folder.iterdir() if path.is_file() and not _is_hidden(path)]
    found = [path for path in files if path.suffix.lower() in SUFFIXES]
    # An old workbook beside the new one, or the text, that was saved from it.
    stems = {path.stem for path in found}
    return found + [path for path in files if path.suffix.lower() in OTHER_SUFFIXES and path.stem not in stems]
