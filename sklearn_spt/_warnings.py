"""Warnings as texts, to be shown beside what they are about."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def with_warnings(work: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, list[str]]:
    """The result of a call, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        result = work(*given, **options)
    return result, [one_line(entry.message) for entry in caught]


def name_curves(indices: Sequence[int] | np.ndarray) -> str:
    """Curves by their indices, the first five of them: "curve 3" or "curves 1, 4, ..."."""
    named = ", ".join(map(str, indices[:5])) + (", ..." if len(indices) > 5 else "")
    return f"curve{'s' if len(indices) > 1 else ''} {named}"


def one_line(message: object) -> str:
    """A message without its line breaks."""
    return " ".join(str(message).split())
