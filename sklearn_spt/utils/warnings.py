"""Warnings, caught to be shown beside what they are about."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

import numpy as np

# What is warned of in this thread or task goes there. `warnings.catch_warnings` changes the state of the whole process,
# and loses or mixes up what several threads say.
_heard: ContextVar[list[Warning] | None] = ContextVar("sklearn_spt_heard", default=None)


def warn(message: str, category: type[Warning] = UserWarning, *, stacklevel: int = 1) -> None:
    """Warn the caller of the package, or whoever records what is said; `stacklevel` as in `warnings.warn`."""
    warning = category(message)
    heard = _heard.get()
    if heard is None:
        warnings.warn(warning, stacklevel=stacklevel + 1)
    else:
        heard.append(warning)


@contextmanager
def recorded() -> Iterator[list[Warning]]:
    """What this thread warns of in the block, users' own steps included; nobody else hears it."""
    heard: list[Warning] = []
    token = _heard.set(heard)
    try:
        with _hook:
            yield heard
    finally:
        _heard.reset(token)


class _Hook:
    """Hears what others than the package warn of, for all threads that record at the time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._caught: Any = None
        self._show: Any = None

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                self._show = warnings.showwarning
                warnings.simplefilter("always", UserWarning)
                warnings.showwarning = self._hear

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._caught.__exit__()

    def _hear(self, message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        heard = _heard.get()
        if heard is None:
            self._show(message, category, *place, **more)
        elif issubclass(category, UserWarning):
            heard.append(message)


_hook = _Hook()


@contextmanager
def without_warnings(unwanted: Callable[[Warning], bool]) -> Iterator[None]:
    """Keep to itself what the package warns of in the block and is unwanted, and say the rest afterwards."""
    with recorded() as heard:
        yield
    for warning in heard:
        if not unwanted(warning):
            warn(warning.args[0], type(warning), stacklevel=3)


def with_warnings(work: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, list[Warning]]:
    """The result of a call, and what was warned of in it."""
    with recorded() as heard:
        return work(*given, **options), heard


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
