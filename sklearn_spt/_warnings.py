"""Warnings as texts, to be shown beside what they are about."""

import warnings
from collections.abc import Callable
from typing import Any


def with_warnings(work: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, list[str]]:
    """The result of a call, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        result = work(*given, **options)
    return result, [one_line(entry.message) for entry in caught]


def one_line(message: object) -> str:
    """A message without its line breaks."""
    return " ".join(str(message).split())
