"""Writing files so that nobody ever reads half of one, names for them, and reading JSON that may be anything."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# JSON that people and this package write has a few levels, and is far smaller.
_JSON_CHARACTERS = 2**24
_JSON_LEVELS = 50


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well, remove it otherwise.

    The temporary file has the suffix of `path`, because some writers (matplotlib, numpy) look at it.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {target}: the folder {target.parent} does not exist; create it first")
    handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; the result gets the permissions that an ordinary open() would have given it.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def file_name(name: str) -> str:
    """A file's name for a specimen: what its name holds beside letters, digits and .-_ must not lead anywhere else."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".")[:100] or "_"


def check_writable(path: Path) -> None:
    """Find out before the work, not after it, that its result cannot be written."""
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no folder {path.parent}; create it first")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: no permission to write into {path.parent}")


def read_json(path: str | os.PathLike[str]) -> Any:
    """The content of a JSON file; raises ValueError, which does not name the file, where it is none."""
    if Path(path).exists() and not Path(path).is_file():
        raise ValueError("it is no file")
    with open(path, encoding="utf-8") as file:
        return parse_json(file.read(_JSON_CHARACTERS + 1))


def parse_json(text: str) -> Any:
    """The value of a JSON text; raises ValueError where it is none, or larger or deeper than anyone means."""
    if len(text) > _JSON_CHARACTERS:
        raise ValueError(f"it has more than {_JSON_CHARACTERS} characters")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [value]
    for _ in range(_JSON_LEVELS):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return value
    raise ValueError("it is nested too deeply")


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
