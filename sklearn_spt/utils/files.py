"""Writing files so that nobody ever reads half of one, no input is lost, and names for them."""

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well, remove it otherwise.

    Links are followed, a file that exists keeps its mode, and a pipe or a device gets the content written into it. The
    temporary file has the suffix of `path`, because some writers (matplotlib, numpy) look at it.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: the folder {target.parent} does not exist; create it first")
    through = target.exists() and not target.is_file()
    folder = None if through else target.parent
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=Path(path).suffix, dir=folder)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if through:
            with temporary.open("rb") as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            return
        temporary.chmod(_mode(target))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """The permissions of a file, or those that an ordinary open() would give a new one: mkstemp makes files private."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def write_csv(path: str | os.PathLike[str], rows: Iterable[Sequence[Any]], *, mark: bool = False) -> None:
    """Write a table with commas; with `mark`, the bytes come first by which spreadsheets recognize UTF-8.

    Texts that a spreadsheet would evaluate get an apostrophe in front: names and metadata come from other people's
    files.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([[_harmless(cell) for cell in row] for row in rows])
    # Names of files may hold bytes that are no text.
    content = text.getvalue().encode("utf-8-sig" if mark else "utf-8", errors="backslashreplace")
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def _harmless(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.lstrip(" \0\N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}").startswith(
        _FORMULA
    ):
        return cell
    try:
        # "-5" is the number, whoever reads it.
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def file_name(name: str) -> str:
    """A file's name for a specimen: what its name holds beside letters, digits and .-_ must not lead anywhere else."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".")[:100] or "_"


def file_names(names: Iterable[str], reserved: Iterable[str] = (), endings: Sequence[str] = ("",)) -> list[str]:
    """A file's name, without its type, for each specimen.

    With each of the endings behind it, no two differ in case alone, and none is reserved.
    """
    taken = {name.lower() for name in reserved}
    found = []
    for name in names:
        base = unique = file_name(name)
        number = 1
        while taken & {unique.lower() + ending for ending in endings}:
            number += 1
            unique = f"{base}_{number}"
        taken |= {unique.lower() + ending for ending in endings}
        found.append(unique)
    return found


def check_writable(path: Path) -> None:
    """Find out before the work, not after it, that its result cannot be written."""
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")
    parent = Path(os.path.realpath(path)).parent
    if not parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {parent}; create it first")
    if not os.access(parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: no permission to write into {parent}")


def check_folder(path: Path) -> None:
    """As `check_writable` for a folder, which is made if need be."""
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"cannot write to {path}: it is a file, and a folder is needed")
    inside = path if path.exists() else path.parent
    if not inside.is_dir():
        raise FileNotFoundError(f"cannot write to {path}: there is no folder {inside}; create it first")
    if not os.access(inside, os.W_OK):
        raise PermissionError(f"cannot write to {path}: no permission to write into {inside}")


def check_outputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse outputs that are inputs, which would be lost, or one another, of which one would be lost."""
    read = {_identity(path): path for path in inputs if path.exists()}
    written: dict[Any, Path] = {}
    for path in outputs:
        identity = _identity(path)
        if identity in read:
            raise FileExistsError(f"cannot write {path}: it is the input {read[identity]}; give another name or folder")
        if identity in written:
            raise FileExistsError(f"cannot write {path}: two results would go there; give another name to one of them")
        written[identity] = path
    files = {os.path.realpath(path) for path in written.values()}
    for path in written.values():
        if os.path.realpath(path.parent) in files:
            raise FileExistsError(
                f"cannot write {path}: {path.parent} is to be a file; give another name to one of them"
            )


def _identity(path: Path) -> Any:
    """What is the same for all names of one file, hard links included; devices may be written to again and again."""
    try:
        status = path.stat()
    except OSError:
        # No two names of a new file differ in case alone: on some systems they are one.
        return os.path.realpath(path).lower()
    return (status.st_dev, status.st_ino) if path.is_file() else object()
