"""The edges of conformal bands: ranks, order statistics, and what is known of every flow curve."""

import math

import numpy as np

# So many curves without a pattern count beside those that the modulation is learned from. With 5 to 50 curves of
# `load_en10371_discs` the bands are 5 to 20 % narrower than with none, at the same coverage.
PRIOR = 10
# What rounding makes of a product that is a whole number.
ROUNDING = 1e-9


def least_number(alpha: float) -> int:
    """How many scores a band of this `alpha` needs: with fewer, the rank would be beyond the last one."""
    return math.ceil((1 - alpha) / alpha - ROUNDING)


def rank(n: int, alpha: float) -> int:
    """Which of `n` scores, from 1 on, is the limit: the finite-sample quantile, ceil((n + 1)(1 - alpha))."""
    return math.ceil((n + 1) * (1 - alpha) - ROUNDING)


def learn_modulation(residuals: np.ndarray) -> np.ndarray:
    """The pattern of the residuals (n_curves, n_strains) over the strain, (n_strains,), with a mean of one.

    It is their mean absolute value, drawn towards a constant: the fewer curves, the more.
    """
    size = np.abs(residuals).mean(axis=0)
    level = float(size.mean())
    if level == 0:
        return np.ones(len(size))
    return (len(residuals) * size / level + PRIOR) / (len(residuals) + PRIOR)


def group_scores(residuals: np.ndarray, groups: np.ndarray, *, side: str, simultaneous: bool) -> np.ndarray:
    """The largest residual of each group, (n_groups, n_strains), or (n_groups, 1) of simultaneous bands.

    For a lower bound alone only what lies below the prediction counts.
    """
    size = -residuals if side == "lower" else np.abs(residuals)
    # What is not known may be anything.
    size = np.where(np.isnan(size), np.inf, size)
    if simultaneous:
        size = size.max(axis=1, keepdims=True)
    scores = np.full((groups.max() + 1, size.shape[1]), -np.inf)
    np.maximum.at(scores, groups, size)
    return scores


def order_edges(
    centres: np.ndarray, scales: np.ndarray, scores: np.ndarray, folds: np.ndarray, alpha: float, side: str
) -> tuple[np.ndarray, np.ndarray]:
    r"""Lower and upper edge, (n_curves, n_strains), of the bands of CV+; those of a single fold are split conformal's.

    Parameters
    ----------
    centres, scales : ndarray of shape (n_folds, n_curves, n_strains)
        Prediction of the model of each fold, and what a score of one is worth.
    scores : ndarray of shape (n_scores, n_strains) or (n_scores, 1)
    folds : ndarray of shape (n_scores,)
        Which fold each score is of.
    alpha : float
    side : {"both", "lower"}

    Notes
    -----
    With the scores :math:`R_i` the edges at each strain are order statistics (Barber et al. 2021),

    .. math::
        q^-\{\hat\mu_{-S(i)} - R_i s_{-S(i)}\}, \quad q^+\{\hat\mu_{-S(i)} + R_i s_{-S(i)}\},

    the :math:`\lfloor \alpha (n + 1) \rfloor`-th smallest and the :math:`\lceil (1 - \alpha)(n + 1) \rceil`-th
    smallest. Their proof is about curves whose scores by the models of the folds are at most :math:`R_i` for more than
    :math:`\alpha (n + 1) - 1` of the :math:`i`. Such a curve lies between the edges at every strain: the proof holds
    for simultaneous scores as well.
    """
    n = len(scores)
    k = rank(n, alpha) - 1
    lower, upper = np.empty((2, *centres.shape[1:]))
    for curve in range(centres.shape[1]):
        centre = centres[folds, curve]
        reach = scores * scales[folds, curve]
        lower[curve] = np.partition(centre - reach, n - 1 - k, axis=0)[n - 1 - k]
        upper[curve] = np.partition(centre + reach, k, axis=0)[k]
    if side == "lower":
        upper[:] = np.inf
    return lower, upper


def never_falling_edges(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges (n_curves, n_strains) of the curves in a band that do not fall.

    Where such a curve is at least at some stress, it is so at all greater strains; where it is at most at one, it is so
    at all smaller strains.
    """
    return np.maximum.accumulate(lower, axis=1), np.minimum.accumulate(upper[:, ::-1], axis=1)[:, ::-1]


def no_steeper_edges(
    lower: np.ndarray, upper: np.ndarray, strain: np.ndarray, slope: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The edges (n_curves, n_strains) of the curves in a band that begin at zero and rise no faster than `slope`.

    `slope` (n_curves, 1), MPa, is infinite where it is not known.
    """
    line = np.where(np.isfinite(slope), slope, 0.0) * strain
    steeper = np.maximum.accumulate((lower - line)[:, ::-1], axis=1)[:, ::-1] + line
    flatter = np.minimum(np.minimum.accumulate(upper - line, axis=1), 0.0) + line
    known = np.isfinite(slope)
    return np.where(known, steeper, lower), np.where(known, flatter, upper)
