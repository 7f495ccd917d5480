"""A straight line through the points around each point of a grid: how a record is put on a grid."""

from collections.abc import Sequence

import numpy as np

# Below, relative to its largest value, the determinant of a fit is rounding: its points have one displacement.
_SINGULAR = 1e-10


def fit_on_grid(grid: np.ndarray, curves: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    r"""Evaluate, at each point of the grid, a line fitted to the record around it.

    A point of the record at the displacement :math:`u` between the grid's points :math:`g_i` and :math:`g_{i + 1}`
    counts for the former with the weight :math:`(g_{i + 1} - u) / (g_{i + 1} - g_i)`, and for the latter with the rest
    of one. The weighted line is that of local linear regression with a triangular kernel (Fan and Gijbels, Local
    Polynomial Modelling and Its Applications, Chapman & Hall 1996, cited from memory), so that straight parts are kept
    as they are, and white noise of :math:`n` points to a step of the grid is reduced by :math:`\sqrt{3 n / 2}`. Where
    the record has no points on both sides within a step, as at its ends, the load is interpolated between the
    neighbours; beyond the record, the load of its end is held.

    Parameters
    ----------
    grid : ndarray of shape (n_points,)
        Displacements, mm, strictly increasing.
    curves : sequence of tuples of two ndarrays
        Displacement, mm, strictly increasing, and load, N, of each record.

    Returns
    -------
    ndarray of shape (n_curves, n_points)
        Loads, N.
    """
    n, m = len(curves), len(grid)
    loads = np.empty((n, m))
    for row, (u, load) in zip(loads, curves, strict=True):
        row[:] = np.interp(grid, u, load)
    steps = np.diff(grid)
    # One point more at either end: the first and the last have points on their far side, too.
    nodes = np.concatenate([[grid[0] - steps[0]], grid, [grid[-1] + steps[-1]]])
    width = np.diff(nodes)
    u = np.concatenate([curve[0] for curve in curves])
    load = np.concatenate([curve[1] for curve in curves])
    row = np.repeat(np.arange(n) * (m + 2), [len(curve[0]) for curve in curves])
    cell = np.searchsorted(nodes, u, side="right") - 1
    inside = (cell >= 0) & (cell <= m)
    u, load, row, cell = u[inside], load[inside], row[inside], cell[inside]
    part = (u - nodes[cell]) / width[cell]
    left, right = row + cell, row + cell + 1

    def add(at_left: np.ndarray, at_right: np.ndarray) -> np.ndarray:
        size = n * (m + 2)
        sums = np.bincount(left, at_left, size) + np.bincount(right, at_right, size)
        return sums.reshape(n, m + 2)[:, 1:-1]

    weight_left, weight_right = 1 - part, part
    before, behind = weight_left * part * width[cell], -weight_right * (1 - part) * width[cell]
    s0 = add(weight_left, weight_right)
    s1 = add(before, behind)
    s2 = add(before * part * width[cell], -behind * (1 - part) * width[cell])
    t0 = add(weight_left * load, weight_right * load)
    t1 = add(before * load, behind * load)
    between, none = (part > 0).astype(float), np.zeros(len(u))
    determinant = s0 * s2 - s1**2
    usable = (add(between, none) > 0) & (add(none, between) > 0) & (determinant > _SINGULAR * s0 * s2)
    loads[usable] = (s2[usable] * t0[usable] - s1[usable] * t1[usable]) / determinant[usable]
    return loads
