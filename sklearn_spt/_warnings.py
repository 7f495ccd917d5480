"""Warnings, caught to be shown beside what they are about."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np


def with_warnings(work: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, list[Warning]]:
    """The result of a call, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        result = work(*given, **options)
    # Python makes a warning of every text.
    return result, [entry.message for entry in caught if isinstance(entry.message, Warning)]


def not_said(heard: Iterable[Warning], said: Iterable[Warning]) -> list[Warning]:
    """Those of what was heard that say more than a name in front of what was said before."""
    known = [one_line(warning) for warning in said]
    new = {one_line(warning): warning for warning in heard}
    return [warning for text, warning in new.items() if not any(text.endswith(before) for before in known)]


def by_text(said: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """The names of those of whom the same is said, by what it is."""
    names: dict[str, list[str]] = {}
    for name, texts in said:
        for text in texts:
            names.setdefault(text, []).append(name)
    return names


def name_curves(indices: Sequence[int] | np.ndarray) -> str:
    """Curves by their indices, the first five of them: "curve 3" or "curves 1, 4, ..."."""
    named = ", ".join(map(str, indices[:5])) + (", ..." if len(indices) > 5 else "")
    return f"curve{'s' if len(indices) > 1 else ''} {named}"


def one_line(message: object) -> str:
    """A message without its line breaks."""
    return " ".join(str(message).split())
