"""Curves of straight lines, fitted to the beginning of a record."""

import numpy as np

# This many starting points are tried in a round.
_PLACES = 9


def fit_bilinear(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """The bilinear function from (0, 0) over (ue, Fe) to (x[-1], FB) that fits the points best.

    Least squares with the trapezoidal rule's weights, which make the sum an integral over x. For every interval between
    neighbouring points the best knee in it is either where the two free lines (the first through the origin) meet, or
    at the interval's ends: all are compared, so the minimum is global and exact.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Displacements, strictly increasing and positive.
    y : ndarray of shape (n_points,)
        Loads.

    Returns
    -------
    ue, Fe, FB : float
    """
    return _fit(x, y)[1:]


def fit_trilinear(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """The function that is 0 up to a free start v0 and bilinear from there to (x[-1], FB), fitted to the points.

    The start is one of the points, not beyond half the knee of the bilinear function. It is found by looking at some of
    them, and then more and more closely around the best one.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Displacements, strictly increasing and positive.
    y : ndarray of shape (n_points,)
        Loads.

    Returns
    -------
    v0, ve, Fe, FB : float
    """
    # Squares of the loads up to each point, which the zero in front of the start leaves.
    left = np.append(0.0, np.cumsum(widths(np.append(0.0, x))[1:] * y**2))

    def squares(k: int) -> float:
        return float(left[k]) + _fit(x[k:] - start(k), y[k:])[0]

    def start(k: int) -> float:
        return float(x[k - 1]) if k else 0.0

    least, ue, Fe, FB = _fit(x, y)
    low, high = 0, int(np.searchsorted(x, ue / 2))
    known = {k: squares(k) for k in (1, high // _PLACES, high // 2)} | {0: least}
    if min(known, key=known.__getitem__) == 0:
        return 0.0, ue, Fe, FB
    while True:
        tried = np.unique(np.linspace(low, high, _PLACES).astype(int)).tolist()
        known |= {k: squares(k) for k in tried if k not in known}
        i = int(np.argmin([known[k] for k in tried]))
        if len(tried) < _PLACES:
            break
        low, high = tried[max(i - 1, 0)], tried[min(i + 1, len(tried) - 1)]
    _, knee, at_knee, at_end = _fit(x[tried[i] :] - start(tried[i]), y[tried[i] :])
    return start(tried[i]), start(tried[i]) + knee, at_knee, at_end


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Sum of squares, ue, Fe and FB of the bilinear function that fits best."""
    end, scale = x[-1], np.abs(y).max() or 1.0
    x, y = x / end, y / scale
    weight = widths(np.append(0.0, x))[1:]
    total = np.cumsum(weight * np.stack([np.ones_like(x), x, x * x, y, x * y, y * y]), axis=1)
    left = total[:, :-1]  # sums over the points 0 to k
    right = total[:, -1:] - left  # sums over the points k + 1 to the last

    def squares(knee: np.ndarray, at_knee: np.ndarray, at_end: np.ndarray) -> np.ndarray:
        """Sum of squares for knees between the points k and k + 1."""
        first, second = at_knee / knee, (at_end - at_knee) / (1 - knee)
        constant = at_knee - second * knee
        return np.asarray(
            left[5] - 2 * first * left[4] + first**2 * left[2]
            + right[5] - 2 * second * right[4] - 2 * constant * right[3]
            + second**2 * right[2] + 2 * second * constant * right[1] + constant**2 * right[0]
        )  # fmt: skip

    # The free lines and where they meet. The last interval has one point on the right and no free line there.
    with np.errstate(divide="ignore", invalid="ignore"):
        first = left[4] / left[2]
        second = (right[0] * right[4] - right[1] * right[3]) / (right[0] * right[2] - right[1] ** 2)
        constant = (right[3] - second * right[1]) / right[0]
        meet = constant / (first - second)
        between = (meet > x[:-1]) & (meet < x[1:]) & (np.arange(len(meet)) < len(meet) - 1)
        free = np.where(between, squares(meet, first * meet, second + constant), np.inf)
    # Knees at the points 0 to n - 2: normal equations of the hat functions of the knee and of the end.
    knee = x[:-1]
    span = 1 - knee
    hat = (right[1] - knee * right[0]) / span  # sum of t = (x - knee) / span over the right
    hat2 = (right[2] - 2 * knee * right[1] + knee**2 * right[0]) / span**2
    hat_y = (right[4] - knee * right[3]) / span
    a, b, c = left[2] / knee**2 + right[0] - 2 * hat + hat2, hat - hat2, hat2
    p, q = left[4] / knee + right[3] - hat_y, hat_y
    determinant = a * c - b * b
    at_knee, at_end = (c * p - b * q) / determinant, (a * q - b * p) / determinant
    # A knee at the last point but one would have one point on its right only, and fit it whatever it is.
    node = np.where(np.arange(len(knee)) < len(knee) - 1, squares(knee, at_knee, at_end), np.inf)
    i, k = int(np.argmin(free)), int(np.argmin(node))
    # Where a knee lies at a point but for rounding, the two agree, and the node's numbers are as good.
    if free[i] < node[k]:
        return (
            float(free[i] * end * scale**2),
            float(meet[i] * end),
            float(first[i] * meet[i] * scale),
            float((second[i] + constant[i]) * scale),
        )
    return float(node[k] * end * scale**2), float(knee[k] * end), float(at_knee[k] * scale), float(at_end[k] * scale)


def widths(x: np.ndarray) -> np.ndarray:
    """The trapezoidal rule's weights."""
    step = np.diff(x)
    return np.asarray((np.append(step, 0.0) + np.append(0.0, step)) / 2)
