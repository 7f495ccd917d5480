"""Scaling of inputs and targets: plain functions on plain arrays, so that a fitted estimator holds nothing else."""

import numpy as np

# The logarithm of loads bends into a straight line below this fraction of a point's median load: there the record is
# noise and toe, and may be zero or negative.
LINEAR_FRACTION = 0.01


def learn_input_scaling(
    X: np.ndarray, kind: str, linear_fraction: float = LINEAR_FRACTION
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Statistics of the channels of the training curves, point by point; what is missing (NaN) is left out.

    Parameters
    ----------
    X : ndarray of shape (n, n_points, n_channels)
    kind : {"log", "standard"}
    linear_fraction : float, default=0.01
        Part of the median below which a logarithm bends into a straight line.

    Returns
    -------
    linear, mean, std : ndarrays of shape (n_points, n_channels)
        `linear` is zero for kind="standard".
    """
    linear = np.zeros(X.shape[1:])
    if kind == "log":
        median = np.zeros(X.shape[1:])
        known = ~np.isnan(X).all(axis=0)
        median[known] = np.nanmedian(np.abs(X[:, known]), axis=0)
        linear = linear_fraction * np.where(median > 0, median, 1.0)
    bent = _bend(X, linear)
    return linear, *moments(bent)


def scale_input(X: np.ndarray, linear: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Apply what `learn_input_scaling` learned."""
    return (_bend(X, linear) - mean) / std


def learn_target_scaling(y: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the targets, or of their logarithm, of shape `(n_outputs,)`."""
    return moments(np.log(y) if kind == "log" else y)


def scale_target(y: np.ndarray, kind: str, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Targets in MPa to what the network learns."""
    return ((np.log(y) if kind == "log" else y) - mean) / std


def unscale_target(y: np.ndarray, kind: str, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """What the network predicts to MPa."""
    values = y * std + mean
    return np.exp(values) if kind == "log" else values


def _bend(X: np.ndarray, linear: np.ndarray) -> np.ndarray:
    # asinh(x / 2c) is log(x / c) for x >> c, odd, and x / 2c near zero.
    return np.where(linear > 0, np.arcsinh(X / np.where(linear > 0, 2 * linear, 1.0)), X)


def moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over the curves; 1 in the place of one that is rounding.

    What is missing (NaN) is left out. Where it is missing from all curves, the mean is 0.
    """
    known = ~np.isnan(values)
    # No mean of nothing, of which numpy would warn.
    known |= ~known.any(axis=0)
    values = np.nan_to_num(values, nan=0.0)
    mean = values.mean(axis=0, dtype=np.float64, where=known)
    std = values.std(axis=0, dtype=np.float64, where=known)
    # A point at which all curves agree carries nothing; its rounding errors must not be blown up to unit variance.
    constant = std <= 1e-6 * np.abs(mean) + np.finfo(np.float64).tiny
    return mean, np.where(constant, 1.0, std)
