"""Closed-form statistics under the network: principal components of the curves, and a polynomial trend in them.

The curves of a test differ from one another in a handful of ways, some of them hundreds of times smaller than others.
Principal components tell these apart, so that neither the trend nor the network must find the small ones under the
large ones.
"""

from math import comb

import numpy as np
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import PolynomialFeatures

# A polynomial gets no more terms than half the training curves: nearer to one a curve, what leaves one of them out says
# little of others.
CURVES_PER_TERM = 2
PENALTIES = np.logspace(-8, 2, 11)
# Error below which a scaled target counts as met.
TINY = 1e-10
# Below, a scaled value is rounding.
ROUNDING = 1e-9
# How far the trend is followed beyond the training curves, as a fraction of their range: in the scores as far as
# `predict` does not warn, since a curve from a corner of the training's design is held at a wrong place otherwise; and
# hardly beyond the targets, so that a polynomial is wrong by parts of their range there and not by powers of ten.
SCORE_MARGIN = 0.25
TARGET_MARGIN = 0.1


def fit_components(inputs: np.ndarray, n_components: int) -> tuple[np.ndarray, int]:
    """Principal components of scaled curves, divided by the standard deviations of their scores, and descriptors.

    A descriptor is the same at all points of a curve. It is a coordinate of its own, as it stands: a component that
    mixed the thickness with the load would bend what is straight in either.

    Parameters
    ----------
    inputs : ndarray of shape (n_curves, n_points, n_channels)
        Scaled curves; their mean is zero.
    n_components : int
        At most so many of the channels that are no descriptors.

    Returns
    -------
    components : ndarray of shape (n_components + n_descriptors, n_points * n_channels)
        The scores of the training curves on them have unit variance.
    n_descriptors : int
        How many of them, the last ones, are descriptors.
    """
    descriptors = np.flatnonzero(np.ptp(inputs, axis=1).max(axis=0) <= ROUNDING)
    flat = inputs.copy()
    flat[:, :, descriptors] = 0.0
    _, singular, components = np.linalg.svd(flat.reshape(len(flat), -1), full_matrices=False)
    # What is left of rounding errors is no component.
    kept = min(n_components, int(np.sum(singular > 1e-7 * max(singular[0], 1e-300))))
    spread = inputs[:, 0, descriptors].std(axis=0)
    means = np.zeros((len(descriptors), *inputs.shape[1:]))
    means[np.arange(len(descriptors)), :, descriptors] = 1 / inputs.shape[1] / np.maximum(spread, ROUNDING)[:, None]
    described = means[spread > ROUNDING].reshape(-1, flat[0].size)
    return np.vstack([components[:kept] / (singular[:kept, None] / np.sqrt(len(inputs))), described]), len(described)


def scores(inputs: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Scores of scaled curves on the components: `(n_curves, n_components)`."""
    return inputs.reshape(len(inputs), -1) @ components.T


def whiten(inputs: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Curves rebuilt from their components with all of these of one size, `(n_curves, n_points, n_channels)`."""
    directions = components / np.linalg.norm(components, axis=1, keepdims=True)
    # Unit variance at the average point.
    size = np.sqrt(inputs[0].size / max(len(components), 1))
    return (size * scores(inputs, components) @ directions).reshape(inputs.shape)


def fit_trend(inputs: np.ndarray, targets: np.ndarray, highest: int) -> tuple[int, dict[str, np.ndarray]]:
    """Fit a polynomial by ridge regression; leave-one-out cross-validation chooses its degree and the penalty.

    Parameters
    ----------
    inputs : ndarray of shape (n_curves, n_components)
        Scores.
    targets : ndarray of shape (n_curves, n_outputs)
        Scaled targets.
    highest : int
        Highest degree; 0 for no trend.

    Returns
    -------
    degree : int
        0 also where there are too few curves for any.
    trend : dict of str to ndarray
        Empty for degree 0.
    """
    best, chosen, penalties = -np.inf, 0, PENALTIES[:0]
    for degree in range(1, highest + 1):
        if comb(inputs.shape[1] + degree, degree) * CURVES_PER_TERM > len(inputs):
            break
        terms, scale = _terms(inputs, degree)
        search = RidgeCV(PENALTIES, alpha_per_target=True, store_cv_results=True).fit(terms / scale, targets)
        # The mean absolute error, since a single curve in a corner of the design would decide a mean square; and each
        # target for itself: what the curves hardly tell, such as Young's modulus, must not decide for the rest.
        error = np.sqrt(search.cv_results_).mean(axis=0).reshape(targets.shape[1], -1)
        score = -float(np.mean(np.log(np.maximum(error.min(axis=1), TINY))))
        if score > best:
            best, chosen, penalties = score, degree, PENALTIES[error.argmin(axis=1)]
    if chosen == 0:
        return 0, {}
    terms, scale = _terms(inputs, chosen)
    ridge = Ridge(penalties, solver="svd").fit(terms / scale, targets)
    return chosen, {
        "coef": ridge.coef_.reshape(targets.shape[1], -1) / scale,
        "intercept": np.reshape(ridge.intercept_, targets.shape[1]),
        "score_bounds": _bounds(inputs, SCORE_MARGIN),
        "target_bounds": _bounds(targets, TARGET_MARGIN),
    }


def _terms(inputs: np.ndarray, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """The polynomial's terms, and their standard deviations."""
    terms = _polynomial(inputs, degree)
    return terms, terms.std(axis=0)


def _polynomial(inputs: np.ndarray, degree: int) -> np.ndarray:
    # Arrays, also where frames are the default of scikit-learn.
    return PolynomialFeatures(degree, include_bias=False).set_output(transform="default").fit_transform(inputs)


def _bounds(values: np.ndarray, margin: float) -> np.ndarray:
    low, high = values.min(axis=0), values.max(axis=0)
    return np.stack([low - margin * (high - low), high + margin * (high - low)])


def predict_trend(inputs: np.ndarray, n_outputs: int, degree: int, trend: dict[str, np.ndarray]) -> np.ndarray:
    """Evaluate the polynomial: `(n_curves, n_outputs)`, zero for degree 0.

    Scores and results are held at the edge of the training range, see `SCORE_MARGIN`.
    """
    if degree == 0:
        return np.zeros((len(inputs), n_outputs))
    terms = _polynomial(np.clip(inputs, *trend["score_bounds"]), degree)
    return np.clip(terms @ trend["coef"].T + trend["intercept"], *trend["target_bounds"])
