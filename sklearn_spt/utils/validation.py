"""Checks of hyper-parameters and input that name the estimator, what is wrong and what is allowed."""

import math
from typing import Any

import numpy as np

from ..exceptions import Message, Parameter
from .parameters import check_parameter
from .state import Number


def check_number(owner: object, name: str, kind: type[int] | type[float] = float, **bounds: Any) -> None:
    """Raise ParameterError unless the attribute `name` of `owner` is a number of `kind` within bounds, see `Number`."""
    check_parameter(type(owner).__name__, name, getattr(owner, name), Number(kind=kind, **bounds))


_REPAIR = Message("Leave such curves out, or repair their records")
#: The same where a `CurveResampler` may stand before.
HOLD_OR_REPAIR = Message(
    _REPAIR, "; if they end early, and a CurveResampler before marks that, let it hold their last load with ",
    Parameter("ends", "hold"),
)  # fmt: skip


def check_finite(owner: object, X: np.ndarray, advice: Message = _REPAIR) -> None:
    """Raise ValueError, naming the first curve concerned, unless all of `X` (n_curves, ...) is finite."""
    bad = np.flatnonzero(~np.isfinite(X).all(axis=tuple(range(1, X.ndim))))
    if not bad.size:
        return
    kind = "NaN" if np.isnan(X[bad[0]]).any() else "infinity"
    raise ValueError(
        Message(
            f"Input X contains {kind} in curve {bad[0]} ({bad.size} such {'curve' if bad.size == 1 else 'curves'}); "
            f"{type(owner).__name__} accepts finite numbers only. ",
            advice if kind == "NaN" else _REPAIR,
        )
    )


def check_recorded(
    owner: object, load: np.ndarray, others: np.ndarray | None = None, image: np.ndarray | None = None
) -> np.ndarray:
    """Raise ValueError unless loads are finite, or NaN where a record has no point, and all else is finite.

    Parameters
    ----------
    owner : object
        Who asks.
    load : ndarray of shape (n_curves, n_points)
    others : ndarray of shape (n_curves, n_points, n_others), default=None
        Other channels of the curves.
    image : ndarray of shape (n_curves, n_points, n_points), default=None
        Images of the loads, which may be NaN in the rows and columns of points that are missing.

    Returns
    -------
    ndarray of bool of shape (n_curves, n_points)
        Which points are missing.
    """
    missing = np.isnan(load)
    check_finite(owner, np.where(missing, 0.0, load))
    if others is not None:
        check_finite(owner, others)
    if image is not None:
        lacking = missing[:, :, None] | missing[:, None, :]
        check_finite(owner, np.where(lacking, 0.0, image) if missing.any() else image)
    check_any_recorded(owner, ~missing)
    return missing


def check_any_recorded(owner: object, recorded: np.ndarray) -> None:
    """Raise ValueError, naming the first one, if a record has no point at all that is read; (n_curves, n_points)."""
    empty = np.flatnonzero(~recorded.any(axis=1))
    if empty.size:
        raise ValueError(
            f"Input X contains NaN at all points of curve {empty[0]} that {type(owner).__name__} reads "
            f"({empty.size} such {'curve' if empty.size == 1 else 'curves'}); leave such curves out"
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
