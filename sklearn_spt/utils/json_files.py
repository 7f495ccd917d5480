"""JSON texts of others, read with limits."""

import json
import os
from pathlib import Path
from typing import Any

# JSON that people and this package write has a few levels, and is far smaller.
_JSON_CHARACTERS = 2**24
_JSON_LEVELS = 50


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
