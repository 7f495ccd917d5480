"""Errors of predicted stress-strain curves, curve by curve.

scikit-learn's regression metrics average over the curves at every strain. Here every curve has its own error first, as
in the tables of the field, so that one bad curve cannot hide in the average of many good ones.

In all functions the rows are curves and the columns strains, in MPa. As in scikit-learn a 1-D array holds one value per
curve (one strain); a single curve is a row, ``stress[None, :]``.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import make_scorer

__all__ = [
    "curve_error_table",
    "curve_mean_absolute_error",
    "curve_mean_relative_error",
    "curve_r2_score",
    "curve_root_mean_squared_error",
    "mean_curve_r2_score",
    "mean_curve_r2_scorer",
    "neg_worst_curve_mean_absolute_error_scorer",
    "neg_worst_curve_mean_relative_error_scorer",
    "worst_curve_mean_absolute_error",
    "worst_curve_mean_relative_error",
    "worst_curve_r2_score",
    "worst_curve_r2_scorer",
]


def curve_mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """Mean absolute error of each curve over its strains.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains) or (n_curves,)
        True and predicted stress, MPa.

    Returns
    -------
    ndarray of shape (n_curves,)
        MPa.

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, are empty, or hold something else than finite numbers.

    Examples
    --------
    >>> from sklearn_spt.metrics import curve_mean_absolute_error
    >>> curve_mean_absolute_error([[200, 300], [400, 500]], [[202, 300], [390, 490]])
    array([ 1., 10.])
    """
    true, predicted = _check(y_true, y_pred)
    return np.abs(predicted - true).mean(axis=1)


def curve_root_mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """Root of the mean squared error of each curve over its strains.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains) or (n_curves,)
        True and predicted stress, MPa.

    Returns
    -------
    ndarray of shape (n_curves,)
        MPa.

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, are empty, or hold something else than finite numbers.

    Examples
    --------
    >>> from sklearn_spt.metrics import curve_root_mean_squared_error
    >>> curve_root_mean_squared_error([[200, 300], [400, 500]], [[203, 304], [400, 500]]).round(3)
    array([3.536, 0.   ])
    """
    true, predicted = _check(y_true, y_pred)
    return np.sqrt(((predicted - true) ** 2).mean(axis=1))


def curve_mean_relative_error(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """Mean of the absolute error over the true stress, ``|Δσ|/|σ|``, of each curve over its strains.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains) or (n_curves,)
        True and predicted stress, MPa.

    Returns
    -------
    ndarray of shape (n_curves,)
        A fraction: 0.01 is 1 %. Points whose true stress is 0 (the origin of a curve) have no relative error and are
        left out; NaN for a curve that has no others.

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, are empty, or hold something else than finite numbers.

    Examples
    --------
    >>> from sklearn_spt.metrics import curve_mean_relative_error
    >>> curve_mean_relative_error([[200, 300], [400, 500]], [[202, 300], [404, 495]])
    array([0.005, 0.01 ])
    """
    true, predicted = _check(y_true, y_pred)
    counted = true != 0
    relative = np.abs(predicted - true) / np.where(counted, np.abs(true), np.inf)
    number = counted.sum(axis=1)
    return relative.sum(axis=1) / np.where(number == 0, np.nan, number)


def curve_r2_score(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """R² (coefficient of determination) of each curve over its strains.

    It is 1 - Σ(Δσ)²/Σ(σ - mean σ)² with the mean over the strains of this curve. It measures an error against how much
    the curve rises: for a curve that hardens little it is low although the stress is nearly right.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains)
        True and predicted stress, MPa.

    Returns
    -------
    ndarray of shape (n_curves,)
        At most 1. For a constant true curve it is 1 if the prediction is exact and 0 otherwise, as in scikit-learn.
        NaN, with a warning, where there is only one strain.

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, are empty, or hold something else than finite numbers.

    Examples
    --------
    >>> from sklearn_spt.metrics import curve_r2_score
    >>> curve_r2_score([[200, 300, 400], [500, 500, 500]], [[200, 300, 410], [500, 500, 501]])
    array([0.995, 0.   ])
    """
    true, predicted = _check(y_true, y_pred)
    if true.shape[1] < 2:
        warnings.warn("R² of a curve needs at least two strains", UndefinedMetricWarning, stacklevel=2)
        return np.full(len(true), np.nan)
    residual = ((predicted - true) ** 2).sum(axis=1)
    # Of a constant curve the mean is off by rounding, and the sum of squares not quite 0.
    constant = np.ptp(true, axis=1) == 0
    total = np.where(constant, 1.0, ((true - true.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    return np.where(constant, (residual == 0).astype(np.float64), 1 - residual / total)


def worst_curve_mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The largest mean absolute error of a curve.

    The mean over the curves is scikit-learn's own `mean_absolute_error`.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains) or (n_curves,)
        True and predicted stress, MPa.

    Returns
    -------
    float
        MPa.

    See Also
    --------
    curve_mean_absolute_error : The errors of all curves.
    neg_worst_curve_mean_absolute_error_scorer : The scorer for ``GridSearchCV(scoring=...)``.

    Examples
    --------
    >>> from sklearn_spt.metrics import worst_curve_mean_absolute_error
    >>> worst_curve_mean_absolute_error([[200, 300], [400, 500]], [[202, 300], [390, 490]])
    10.0
    """
    return float(curve_mean_absolute_error(y_true, y_pred).max())


def worst_curve_mean_relative_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The largest mean relative error of a curve.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains) or (n_curves,)
        True and predicted stress, MPa.

    Returns
    -------
    float
        A fraction: 0.01 is 1 %.

    See Also
    --------
    curve_mean_relative_error : The errors of all curves.
    neg_worst_curve_mean_relative_error_scorer : The scorer for ``GridSearchCV(scoring=...)``.

    Examples
    --------
    >>> from sklearn_spt.metrics import worst_curve_mean_relative_error
    >>> worst_curve_mean_relative_error([[200, 300], [400, 500]], [[202, 300], [404, 495]])
    0.01
    """
    return float(curve_mean_relative_error(y_true, y_pred).max())


def mean_curve_r2_score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The mean of the curves' R².

    It differs from scikit-learn's `r2_score`, which compares the curves with each other, strain by strain.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains)
        True and predicted stress, MPa.

    Returns
    -------
    float

    See Also
    --------
    curve_r2_score : R² of all curves.
    mean_curve_r2_scorer : The scorer for ``GridSearchCV(scoring=...)``.

    Examples
    --------
    >>> from sklearn_spt.metrics import mean_curve_r2_score
    >>> mean_curve_r2_score([[200, 300, 400], [300, 400, 500]], [[200, 300, 410], [300, 400, 500]])
    0.9975
    """
    return float(curve_r2_score(y_true, y_pred).mean())


def worst_curve_r2_score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """The lowest R² of a curve.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_curves, n_strains)
        True and predicted stress, MPa.

    Returns
    -------
    float

    See Also
    --------
    curve_r2_score : R² of all curves.
    worst_curve_r2_scorer : The scorer for ``GridSearchCV(scoring=...)``.

    Examples
    --------
    >>> from sklearn_spt.metrics import worst_curve_r2_score
    >>> worst_curve_r2_score([[200, 300, 400], [300, 400, 500]], [[200, 300, 410], [300, 400, 500]])
    0.995
    """
    return float(curve_r2_score(y_true, y_pred).min())


#: Scorers: give them as they are, ``GridSearchCV(..., scoring=neg_worst_curve_mean_absolute_error_scorer)``.
neg_worst_curve_mean_absolute_error_scorer = make_scorer(worst_curve_mean_absolute_error, greater_is_better=False)
neg_worst_curve_mean_relative_error_scorer = make_scorer(worst_curve_mean_relative_error, greater_is_better=False)
mean_curve_r2_scorer = make_scorer(mean_curve_r2_score)
worst_curve_r2_scorer = make_scorer(worst_curve_r2_score)

_METRICS: dict[str, Callable[[ArrayLike, ArrayLike], np.ndarray]] = {
    "MAE, MPa": curve_mean_absolute_error,
    "RMSE, MPa": curve_root_mean_squared_error,
    "relative error": curve_mean_relative_error,
    "R²": curve_r2_score,
}
_STATISTICS: dict[str, Callable[[np.ndarray], Any]] = {
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
    "median": np.median,
    "95th percentile": lambda values: np.quantile(values, 0.95),
}


def curve_error_table(y_true: ArrayLike, y_pred: Any, *, as_frame: bool = False) -> Any:
    """Maximum, minimum, mean, median and 95th percentile over the curves of their errors and R².

    Parameters
    ----------
    y_true : array-like of shape (n_curves, n_strains)
        True stress, MPa.
    y_pred : array-like of the same shape, or mapping of str to such
        Predicted stress, MPa; or the predictions of several models by name.
    as_frame : bool, default=False
        Return a pandas DataFrame instead of a dict. Needs pandas.

    Returns
    -------
    dict or DataFrame
        ``table[metric][statistic]`` for one prediction, ``table[name][metric][statistic]`` for several; the metrics are
        "MAE, MPa", "RMSE, MPa", "relative error" and "R²", the statistics "max", "min", "mean", "median" and
        "95th percentile". As a DataFrame it has one row per metric and a column per statistic, or one row per name and
        the columns (metric, statistic). The worst curve is the "max" of the errors, but the "min" of R².

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, are empty, or hold something else than finite numbers. With several predictions
        the message names the one.
    ImportError
        If `as_frame` is True and pandas is not installed.

    Examples
    --------
    >>> from sklearn_spt.metrics import curve_error_table
    >>> true = [[200, 300, 400], [300, 400, 500], [250, 320, 390]]
    >>> table = curve_error_table(true, [[200, 303, 400], [300, 400, 500], [250, 320, 396]])
    >>> table["MAE, MPa"]
    {'max': 2.0, 'min': 0.0, 'mean': 1.0, 'median': 1.0, '95th percentile': 1.9}
    >>> several = curve_error_table(true, {"good": true, "bad": [[0, 0, 0]] * 3})
    >>> several["bad"]["MAE, MPa"]["max"]
    400.0
    """
    table: dict[str, Any] = {}
    if isinstance(y_pred, Mapping):
        if not y_pred:
            raise ValueError("y_pred is an empty mapping; give at least one prediction")
        for name, predicted in y_pred.items():
            try:
                table[name] = _statistics(y_true, predicted)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{name}: {error}") from None
    else:
        table = _statistics(y_true, y_pred)
    if not as_frame:
        return table
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "curve_error_table with as_frame=True needs pandas; install it (pip install pandas) or use as_frame=False"
        ) from None
    if not isinstance(y_pred, Mapping):
        return pandas.DataFrame.from_dict(table, orient="index")
    columns = pandas.MultiIndex.from_product([_METRICS, _STATISTICS], names=["metric", "statistic"])
    rows = [[table[name][metric][statistic] for metric, statistic in columns] for name in table]
    return pandas.DataFrame(rows, index=list(table), columns=columns)


def _statistics(y_true: ArrayLike, y_pred: ArrayLike) -> dict[str, dict[str, float]]:
    table = {}
    for name, metric in _METRICS.items():
        values = metric(y_true, y_pred)
        table[name] = {statistic: float(function(values)) for statistic, function in _STATISTICS.items()}
    return table


def _check(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, values in (("y_true", y_true), ("y_pred", y_pred)):
        try:
            array = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} must be an array of numbers, one row per curve ({error})") from None
        if array.ndim not in (1, 2) or not array.size:
            raise ValueError(
                f"{name} must have the shape (n_curves, n_strains), with at least one of each; got {array.shape}"
            )
        arrays.append(array)
    true, predicted = arrays
    if true.shape != predicted.shape:
        raise ValueError(f"y_true and y_pred must have one shape; got {true.shape} and {predicted.shape}")
    true, predicted = true.reshape(len(true), -1), predicted.reshape(len(predicted), -1)
    for name, array in (("y_true", true), ("y_pred", predicted)):
        if not np.all(np.isfinite(array)):
            curve, point = np.argwhere(~np.isfinite(array))[0]
            raise ValueError(f"{name} is {array[curve, point]} in curve {curve} at point {point}; it must be finite")
    return true, predicted
