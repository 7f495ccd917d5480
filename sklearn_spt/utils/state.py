"""What an attribute of an estimator may be: a parameter, or what `fit` learns.

An estimator describes its own state, attribute by attribute. A file may have been made by anybody; a state that passes
here cannot fail, or fill the memory, in `predict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

Size = int | str


class StateError(ValueError):
    """What is wrong with the state of an estimator."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """An attribute; `optional` where older files do not have it, `none` where it may be None."""

    optional: bool = False
    none: bool = False

    def problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        """What is wrong with a value: "shape" or "value"; None if nothing is. Learns sizes from it."""
        if value is None:
            return None if self.none else "value"
        return self._problem(value, sizes)

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        raise NotImplementedError

    def __str__(self) -> str:
        """What is allowed, in words."""
        return self._words() + (", or None" if self.none else "")

    def _words(self) -> str:
        return f"a {type(self).__name__.lower()}"


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of several values, such as texts."""

    options: tuple[Any, ...]

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        # Searches over arrays hand numpy's strings and booleans in. 1 is not True.
        value = value.item() if isinstance(value, np.generic) else value
        return None if any(type(value) is type(each) and value == each for each in self.options) else "value"

    def _words(self) -> str:
        return ("one of " if len(self.options) > 1 else "") + ", ".join(map(repr, self.options))


@dataclass(frozen=True, kw_only=True)
class Flag(Choice):
    """True or False."""

    options: tuple[Any, ...] = (True, False)

    def _words(self) -> str:
        return "True or False"


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A finite number within bounds, in a `unit`; with `size`, it is a size of arrays."""

    kind: type = float
    low: float = -np.inf
    above: float = -np.inf
    high: float = np.inf
    below: float = np.inf
    unit: str = ""
    size: str | None = None

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        # numpy's numbers are among these.
        if isinstance(value, bool) or not isinstance(value, Integral if self.kind is int else Real):
            return "value"
        value = float(value)
        if not (self.low <= value <= self.high and self.above < value < self.below):
            return "value"
        if self.size is not None and sizes.setdefault(self.size, int(value)) != value:
            return "shape"
        return None

    def _words(self) -> str:
        bounds = {">=": self.low, ">": self.above, "<=": self.high, "<": self.below}
        said = " and ".join(f"{sign} {bound:g}" for sign, bound in bounds.items() if np.isfinite(bound))
        unit = f" ({self.unit})" if self.unit else ""
        return f"{'an integer' if self.kind is int else 'a number'} {said}".rstrip() + unit


@dataclass(frozen=True, kw_only=True)
class Array(Field):
    """An array of numbers; a name in `shape` is the same size everywhere, and "a*b" the product of two."""

    shape: tuple[Size, ...]
    kind: str = "f"
    low: float = -np.inf
    above: float = -np.inf
    increasing: bool = False
    finite: bool = True
    infinite: bool = False

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        if not isinstance(value, np.ndarray) or value.dtype.kind not in self.kind:
            return "shape"
        if value.ndim != len(self.shape) or not all(map(_fits, self.shape, value.shape, [sizes] * value.ndim)):
            return "shape"
        if self.finite and not (np.isfinite(value) | (np.isposinf(value) & self.infinite)).all():
            return "value"
        known = value[~np.isnan(value)] if value.dtype.kind == "f" else value
        if (known < self.low).any() or (known <= self.above).any() or (self.increasing and (np.diff(value) <= 0).any()):
            return "value"
        return None


def _fits(wanted: Size, size: int, sizes: dict[str, int]) -> bool:
    if isinstance(wanted, int):
        return size == wanted
    if "*" in wanted:
        one, other = wanted.split("*")
        return one in sizes and other in sizes and size == sizes[one] * sizes[other]
    return sizes.setdefault(wanted, size) == size


@dataclass(frozen=True, kw_only=True)
class Either(Field):
    """A value that fits one of several fields."""

    fields: tuple[Field, ...]

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        problems = [field.problem(value, sizes) for field in self.fields]
        return None if None in problems else problems[-1]

    def _words(self) -> str:
        return " or ".join(map(str, self.fields))


@dataclass(frozen=True, kw_only=True)
class Several(Field):
    """A list, tuple or 1-D array, not empty, of what fits a field."""

    each: Field

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        is_list = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
        if not is_list or not len(value):
            return "value"
        return next((p for item in value if (p := self.each.problem(item, sizes))), None)

    def _words(self) -> str:
        return f"a list, tuple or array of such ({self.each})"


@dataclass(frozen=True, kw_only=True)
class Pair(Field):
    """Two numbers within bounds, the first smaller than the second."""

    low: float = -np.inf
    above: float = -np.inf
    high: float = np.inf

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        try:
            first, second = map(float, value)
        except (TypeError, ValueError):
            return "value"
        return None if self.low <= first < second <= self.high and first > self.above else "value"

    def _words(self) -> str:
        least = f"{self.low:g} <= " if self.low >= self.above else f"{self.above:g} < "
        return f"two numbers, {least}first < second <= {self.high:g}"


@dataclass(frozen=True, kw_only=True)
class Record(Field):
    """A mapping with these keys and no others."""

    fields: Mapping[str, Field]

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        if not isinstance(value, dict) or set(value) - set(self.fields):
            return "value"
        lacking = [key for key, field in self.fields.items() if key not in value and not field.optional]
        if lacking:
            return "value"
        return next((p for key, item in value.items() if (p := self.fields[key].problem(item, sizes))), None)


@dataclass(frozen=True, kw_only=True)
class Anything(Field):
    """A value of one of these types, which the estimator checks by itself or never looks into."""

    kind: type | tuple[type, ...]

    def _problem(self, value: Any, sizes: dict[str, int]) -> str | None:
        return None if isinstance(value, self.kind) else "value"

    def _words(self) -> str:
        kinds = self.kind if isinstance(self.kind, tuple) else (self.kind,)
        return " or ".join(f"a {kind.__name__}" for kind in kinds)


# What scikit-learn's own validation leaves behind.
INPUT: Mapping[str, Field] = {
    "n_features_in_": Number(kind=int, low=0, optional=True),
    "feature_names_in_": Anything(kind=np.ndarray, optional=True),
}


def check_state(estimator: Any, fields: Mapping[str, Field]) -> dict[str, int]:
    """Raise StateError unless the fitted attributes of an estimator are as described; the sizes of the arrays.

    Attributes of meta-estimators that hold estimators are described by those.
    """
    name = type(estimator).__name__
    fields = {**INPUT, **fields}
    state = {key: value for key, value in vars(estimator).items() if key.endswith("_") and not key.startswith("_")}
    lacking = [key for key, field in fields.items() if key not in state and not field.optional]
    if lacking:
        raise StateError(f"its {name} lacks {', '.join(lacking)}")
    unknown = [key for key in state if key not in fields]
    if unknown:
        raise StateError(f"{unknown[0]!r:.40} cannot be a fitted attribute of {name}")
    sizes: dict[str, int] = {}
    problems = {key: fields[key].problem(state[key], sizes) for key in fields if key in state}
    wrong = [key for key, problem in problems.items() if problem == "shape"]
    if wrong:
        raise StateError(f"the arrays of its {name} do not fit one another ({', '.join(wrong)})")
    odd = [key for key, problem in problems.items() if problem == "value"]
    if odd:
        raise StateError(f"its {name} has numbers that none can have ({', '.join(odd)})")
    return sizes
