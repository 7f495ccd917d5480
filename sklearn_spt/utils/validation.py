"""Checks of hyper-parameters and input that name the estimator, what is wrong and what is allowed."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np


def check_option(owner: object, name: str, options: Iterable[Any]) -> None:
    """Raise ValueError unless the parameter `name` of `owner` is one of `options`."""
    value = getattr(owner, name)
    # Searches over numpy arrays hand numpy's strings and booleans in.
    value = value.item() if isinstance(value, np.generic) else value
    options = tuple(options)
    if not any(value is option or (type(value) is type(option) and value == option) for option in options):
        allowed = ", ".join(repr(option) for option in options)
        raise ValueError(f"{type(owner).__name__}: {name} must be one of {allowed}; got {value!r}")


def check_number(
    owner: object,
    name: str,
    kind: type[int] | type[float] = float,
    *,
    low: float | None = None,
    high: float | None = None,
    open_low: bool = False,
    open_high: bool = False,
    none: bool = False,
) -> None:
    """Raise TypeError or ValueError unless the parameter `name` of `owner` is a number of `kind` in its interval.

    numpy's numbers count as well: searches over `np.arange` hand them in.
    """
    value: Any = getattr(owner, name)
    if none and value is None:
        return
    what = "an integer" if kind is int else "a number"
    bounds = []
    if low is not None:
        bounds.append(f"{'>' if open_low else '>='} {low:g}")
    if high is not None:
        bounds.append(f"{'<' if open_high else '<='} {high:g}")
    wanted = f"{type(owner).__name__}: {name} must be {what}{' ' if bounds else ''}{' and '.join(bounds)}"
    if none:
        wanted += ", or None"
    is_number: bool = isinstance(value, numbers.Integral if kind is int else numbers.Real)
    if isinstance(value, bool) or not is_number:
        raise TypeError(f"{wanted}; got {value!r}")
    too_low = low is not None and (value <= low if open_low else value < low)
    too_high = high is not None and (value >= high if open_high else value > high)
    if too_low or too_high or value != value:
        raise ValueError(f"{wanted}; got {value!r}")


def check_finite(owner: object, X: np.ndarray) -> None:
    """Raise ValueError, naming the first curve concerned, unless all of `X` (n_curves, ...) is finite."""
    bad = np.flatnonzero(~np.isfinite(X).all(axis=tuple(range(1, X.ndim))))
    if not bad.size:
        return
    kind = "NaN" if np.isnan(X[bad[0]]).any() else "infinity"
    raise ValueError(
        f"Input X contains {kind} in curve {bad[0]} ({bad.size} such {'curve' if bad.size == 1 else 'curves'}); "
        f"{type(owner).__name__} accepts finite numbers only. Leave such curves out, or repair their records"
    )


def draw_seed(random_state: Any) -> int:
    """A seed from a parameter `random_state`."""
    # Here, so that what needs no estimator does not wait for scikit-learn.
    from sklearn.utils import check_random_state

    if random_state is None:
        # Fresh entropy: scikit-learn's default would draw from, and so change, numpy's global state.
        return int(np.random.default_rng().integers(2**31))
    return int(check_random_state(random_state).randint(2**31 - 1))


def as_number(name: str, value: Any) -> float:
    """The value as a finite number; raises TypeError or ValueError by its name."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number; got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite; got {value!r}")
    return number


def as_positive(name: str, value: Any) -> float:
    """The value as a finite number above zero; raises TypeError or ValueError by its name."""
    number = as_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive; got {value!r}")
    return number
