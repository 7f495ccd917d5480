"""Interpolation of many tables at once."""

import numpy as np


def pchip_rows(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Monotone cubic interpolation, row by row: SciPy's `PchipInterpolator` without a loop over the rows.

    The slopes are those of Fritsch and Butland (A method for constructing local monotone piecewise cubic interpolants,
    SIAM J. Sci. Stat. Comput. 5, 1984, 300-304), and at the ends of Moler (Numerical Computing with MATLAB, 2004), as
    SciPy's documentation cites them.

    Parameters
    ----------
    x : ndarray of shape (n, n_points)
        Strictly increasing in each row; three points at least.
    y : ndarray of shape (n, n_points)
    at : ndarray of shape (n, n_wanted)
        Within the first and the last `x` of the row.

    Returns
    -------
    ndarray of shape (n, n_wanted)
    """
    h = np.diff(x, axis=1)
    secant = np.diff(y, axis=1) / h
    slope = np.empty_like(y)
    w1, w2 = 2 * h[:, 1:] + h[:, :-1], h[:, 1:] + 2 * h[:, :-1]
    left, right = secant[:, :-1], secant[:, 1:]
    flat = left * right <= 0
    # Of values whose product underflows, the slope is as good as flat.
    with np.errstate(divide="ignore", invalid="ignore"):
        slope[:, 1:-1] = np.where(flat, 0.0, (w1 + w2) / (w1 / left + w2 / right))
    slope[:, 0] = _end_slope(h[:, 0], h[:, 1], secant[:, 0], secant[:, 1])
    slope[:, -1] = _end_slope(h[:, -1], h[:, -2], secant[:, -1], secant[:, -2])
    # One search for all rows: each is moved behind the former ones.
    low, span = x[:, :1], x[:, -1:] - x[:, :1]
    shift = 2.0 * np.arange(len(x))[:, None]
    inner = ((x[:, 1:-1] - low) / span + shift).ravel()
    index = np.searchsorted(inner, ((at - low) / span + shift).ravel(), side="right").reshape(at.shape)
    # Of inner points a row has two less than of points.
    index += 2 * np.arange(len(x))[:, None]
    x0, y0 = x.take(index), y.take(index)
    width, change = x.take(index + 1) - x0, y.take(index + 1) - y0
    t = (at - x0) / width
    d0, d1 = width * slope.take(index), width * slope.take(index + 1)
    return y0 + t * (d0 + t * (3 * change - 2 * d0 - d1 + t * (d0 + d1 - 2 * change)))


def _end_slope(h0: np.ndarray, h1: np.ndarray, secant0: np.ndarray, secant1: np.ndarray) -> np.ndarray:
    slope = ((2 * h0 + h1) * secant0 - h0 * secant1) / (h0 + h1)
    slope = np.where(np.sign(slope) != np.sign(secant0), 0.0, slope)
    too_steep = (np.sign(secant0) != np.sign(secant1)) & (np.abs(slope) > 3 * np.abs(secant0))
    return np.where(too_steep, 3 * secant0, slope)
