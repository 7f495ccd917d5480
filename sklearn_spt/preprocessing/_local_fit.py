"""A straight line through the points around each point of a grid: how a record is put on a grid."""

from collections.abc import Sequence

import numpy as np

# Below, relative to its largest value, the determinant of a fit is rounding: its points have one displacement.
_SINGULAR = 1e-10
# Records that are taken together: the points of more do not fit the processor's cache.
_BLOCK = 32


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
    if n > _BLOCK:
        return np.concatenate([fit_on_grid(grid, curves[i : i + _BLOCK]) for i in range(0, n, _BLOCK)])
    steps = np.diff(grid)
    # One point more at either end: the first and the last have points on their far side, too.
    nodes = np.concatenate([[grid[0] - steps[0]], grid, [grid[-1] + steps[-1]]])
    width = np.diff(nodes)
    u = np.concatenate([curve[0] for curve in curves])
    load = np.concatenate([curve[1] for curve in curves])
    # Between two nodes is a cell; those before the first node and behind the last one are not used.
    cell = np.searchsorted(nodes, u, side="right")
    nodes = np.concatenate([nodes[:1], nodes, nodes[-1:]])
    cell_width = np.concatenate([[np.inf], width, [np.inf]])
    right = (u - nodes[cell]) / cell_width[cell]
    left = 1 - right
    both = left * right
    cell += np.repeat(np.arange(n) * (m + 3), [len(curve[0]) for curve in curves])

    def add(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values, n * (m + 3)).reshape(n, m + 3)[:, 1:-1]

    # Weights, and these times distances and their squares, in widths of the cell: of the points of a cell for the node
    # at its left end, and for that at its right end. A node has a cell on either side.
    behind, before = np.s_[:, 1:], np.s_[:, :-1]
    moment, moment_load = width * add(both), width * add(both * load)
    s0 = add(left)[behind] + add(right)[before]
    s1 = moment[behind] - moment[before]
    s2 = (width**2 * add(both * right))[behind] + (width**2 * add(both * left))[before]
    t0 = add(left * load)[behind] + add(right * load)[before]
    t1 = moment_load[behind] - moment_load[before]
    between = add(both > 0)
    determinant = s0 * s2 - s1**2
    usable = (between[behind] > 0) & (between[before] > 0) & (determinant > _SINGULAR * s0 * s2)
    loads = np.empty((n, m))
    loads[usable] = (s2[usable] * t0[usable] - s1[usable] * t1[usable]) / determinant[usable]
    for row in np.flatnonzero(~usable.all(axis=1)).tolist():
        left_out = ~usable[row]
        loads[row, left_out] = np.interp(grid[left_out], *curves[row])
    return loads
