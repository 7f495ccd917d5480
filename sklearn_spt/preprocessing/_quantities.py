"""What the estimators that read characteristic quantities have in common: their input."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from sklearn.utils.validation import validate_data

from ..checks.displacement import check_kind, learn_kind
from ..checks.domain import check_domain, forget_domain
from ..curves import as_curves, is_table
from ..mechanics._reading import Reading, read_curve
from ..mechanics.characteristic import thicknesses
from ..mechanics.quantities import FI_DISPLACEMENTS
from ..utils.state import Pair
from ..utils.validation import HOLD_OR_REPAIR, check_finite

SlopeRange = Annotated[tuple[float, float], Pair(low=0, high=1)]
# Rows of loads do not say whose displacement their columns have.
FI_OF_TABLES = FI_DISPLACEMENTS["EN10371", "deflection"]


def read_quantities(estimator: Any, X: Any, *, reset: bool, y: Any = None) -> tuple[list[Reading], list[str], Any]:
    """The quantities of every curve of X, how messages name it, and y, validated where X is a table.

    `estimator` has the parameters `displacement`, `thickness`, `ui` and `slope_range`.
    """
    owner = type(estimator).__name__
    estimator._check_parameters()
    low, high = map(float, estimator.slope_range)
    ui, slope_range = None if estimator.ui is None else float(estimator.ui), (low, high)
    try:
        if not is_table(X):
            curves = as_curves(X)
            h0 = thicknesses(estimator.thickness, curves)
            readings = [read_curve(curve, h, ui, slope_range) for curve, h in zip(curves, h0, strict=True)]
            if reset:
                learn_kind(estimator, curves)
                forget_domain(estimator)
            else:
                check_kind(estimator, curves)
                check_domain(estimator, curves)
            labels = [f"curve {i}" + (f" {curve.name!r}" if curve.name else "") for i, curve in enumerate(curves)]
            if reset:
                for name in ("n_features_in_", "feature_names_in_"):
                    estimator.__dict__.pop(name, None)
        else:
            options = {
                "dtype": np.float64,
                "ensure_min_features": 1 + reset,
                "ensure_all_finite": False,
                "reset": reset,
            }
            if y is None:
                X = validate_data(estimator, X, **options)
            else:
                X, y = validate_data(estimator, X, y, multi_output=True, y_numeric=True, **options)
            check_finite(estimator, X, HOLD_OR_REPAIR)
            u = _columns(estimator, X.shape[1])
            if reset:
                learn_kind(estimator, None)
                forget_domain(estimator)
            h0 = thicknesses(estimator.thickness, [None] * len(X))
            readings = [
                Reading(u, row, h, FI_OF_TABLES if ui is None else ui, slope_range)
                for row, h in zip(X, h0, strict=True)
            ]
            labels = [f"row {i}" for i in range(len(X))]
    except (TypeError, ValueError) as error:
        if owner in str(error) or is_table(X):
            raise
        raise type(error)(f"{owner}: {error}") from None
    return readings, labels, y


def _columns(estimator: Any, n_features: int) -> np.ndarray:
    """Displacements of the columns of a 2-D X."""
    if estimator.displacement is None:
        return np.linspace(0.0, 1.0, n_features)
    owner = type(estimator).__name__
    try:
        u = np.array(estimator.displacement, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"{owner}: displacement must be an array of numbers (mm); got {estimator.displacement!r}"
        ) from None
    if u.ndim != 1 or not np.all(np.isfinite(u)) or not np.all(np.diff(u) > 0):
        raise ValueError(f"{owner}: displacement must be 1-D, finite and strictly increasing (mm); got {u!r}")
    if len(u) != n_features:
        raise ValueError(f"{owner}: displacement has {len(u)} values for {n_features} columns of X; each needs one")
    return u


def check_names(owner: object, name: str, known: Sequence[str]) -> list[str]:
    """The names that the parameter `name` of `owner` lists, each one of `known`."""
    values = getattr(owner, name)
    if not isinstance(values, list | tuple) or not values or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{type(owner).__name__}: {name} must be a tuple or list of names; got {values!r}")
    unknown = [value for value in values if value not in known]
    if unknown:
        raise ValueError(f"{type(owner).__name__}: {name} has {unknown[0]!r}, which is not one of {', '.join(known)}")
    if len(set(values)) < len(values):
        raise ValueError(f"{type(owner).__name__}: {name} lists something twice: {values!r}")
    return list(values)
