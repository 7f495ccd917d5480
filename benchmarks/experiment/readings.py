"""Errors of predicted curves, and of the tensile properties that are read off them."""

from typing import Any

import numpy as np

from sklearn_spt.metrics import curve_mean_absolute_error, curve_mean_relative_error

# MPa. What a model says of a curve unlike all others may be no number, and the mean of the errors would be none.
LIMIT = 1e5


def of_curves(true: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    """Errors of curves: mean, median, 95th percentile, greatest and least."""
    predicted = np.clip(np.nan_to_num(predicted, nan=LIMIT), -LIMIT, LIMIT)
    result = {}
    for unit, errors in (
        ("%", 100 * curve_mean_relative_error(true, predicted)), ("MPa", curve_mean_absolute_error(true, predicted))
    ):  # fmt: skip
        statistics = {
            "mean": errors.mean(), "median": np.median(errors), "p95": np.quantile(errors, 0.95), "worst": errors.max(),
            "best": errors.min(),
        }  # fmt: skip
        result[unit] = {name: float(f"{value:.4g}") for name, value in statistics.items()}
    return result


def of_properties(true: dict[str, np.ndarray], read: dict[str, np.ndarray]) -> dict[str, Any]:
    """Root mean square and mean of the errors, % of stresses and % of strain of Ag; how many could not be read."""
    result = {}
    for name, values in true.items():
        known = np.isfinite(values)
        errors = 100 * (read[name][known] - values[known])
        if name != "Ag":
            errors = errors / values[known]
        good = errors[np.isfinite(errors)]
        rms, mean = (np.sqrt(np.mean(good**2)), good.mean()) if len(good) else (np.nan, np.nan)
        result[name] = {
            "rms": float(f"{rms:.4g}"), "mean": float(f"{mean:.4g}"), "unread": int(len(errors) - len(good)),
        }  # fmt: skip
    return result
