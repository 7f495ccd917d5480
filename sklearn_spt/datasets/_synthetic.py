"""Synthetic curves with a closed form."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from ..curves import MIN_POINTS, SPTCurve

_STROKE = 2.0  # mm
_MAX_STRAIN = 0.2


def make_spt_curves(
    n_samples: int = 100,
    *,
    n_points: int = 50,
    n_strains: int = 50,
    noise: float = 0.0,
    ragged: bool = False,
    return_strain: bool = False,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[Any, ...]:
    """Generate synthetic load-displacement curves and their stress-strain curves for tests and documentation.

    There is **no physics** in these curves: they are a closed form that has the looks of a small punch test and from
    which, together with the thickness, the stress-strain curve can be learned quickly. Do not draw conclusions about
    the test or about models for it from them; use :func:`load_sheet_steel` for that.

    Parameters
    ----------
    n_samples : int, default=100
        Number of curves.
    n_points : int, default=50
        Points per curve, at least 5.
    n_strains : int, default=50
        Points of every stress-strain curve.
    noise : float, default=0.0
        Standard deviation of the load's noise as a fraction of the load, 0 to 1: 0.002 is 0.2 %.
    ragged : bool, default=False
        Let every curve end somewhere between 70 % and 100 % of the stroke, with the number of points reduced in
        proportion.
    return_strain : bool, default=False
        Return the strain grid as well.
    random_state : int, RandomState instance or None, default=None
        Seed for reproducible curves.

    Returns
    -------
    X : list of SPTCurve of length n_samples
        Displacement 0 to 2 mm, load in N, thickness 0.4 to 0.6 mm.
    Y : ndarray of shape (n_samples, n_strains)
        True stress, MPa.
    strain : ndarray of shape (n_strains,)
        True strain of the columns of `Y`, up to 0.2. Only if `return_strain` is True.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not of its type or outside its range.

    Notes
    -----
    With K uniform in 300 to 1500 MPa, n uniform in 0.05 to 0.35 and the thickness h uniform in 0.4 to 0.6 mm,

    .. math::
        σ(ε) = K (0.01 + ε)^n, \\qquad F(u) = π\\, h\\, u\\; σ\\!\\left(0.05\\, u / h\\right).

    The logarithm of F is linear in log K and n, so every target can be recovered exactly from a curve without noise and
    its thickness. With one `random_state` the materials and thicknesses are the same whatever `noise` and `ragged` are.

    Examples
    --------
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y, strain = make_spt_curves(n_samples=3, n_strains=20, return_strain=True, random_state=0)
    >>> X[0]
    SPTCurve('synthetic-0', 50 points, 0 to 2 mm, max. load 2115 N, thickness 0.4875 mm)
    >>> Y.shape, strain.shape
    ((3, 20), (20,))
    """
    check_scalar(n_samples, "n_samples", Integral, min_val=1)
    check_scalar(n_points, "n_points", Integral, min_val=MIN_POINTS)
    check_scalar(n_strains, "n_strains", Integral, min_val=1)
    check_scalar(noise, "noise", Real)
    if not 0 <= noise <= 1:  # check_scalar lets NaN pass
        raise ValueError(f"noise == {noise}, must be between 0 and 1")
    random = check_random_state(random_state)
    K = random.uniform(300, 1500, n_samples)
    n = random.uniform(0.05, 0.35, n_samples)
    thickness = random.uniform(0.4, 0.6, n_samples)
    # Drawn last, so that neither option changes the materials.
    stroke = _STROKE * random.uniform(0.7, 1.0, n_samples) if ragged else np.full(n_samples, _STROKE)
    strain = _MAX_STRAIN * np.arange(1, n_strains + 1) / n_strains

    def stress(strain: np.ndarray, index: Any) -> np.ndarray:
        return K[index] * (0.01 + strain) ** n[index]

    curves = []
    for i, h in enumerate(thickness):
        u = np.linspace(0, stroke[i], max(MIN_POINTS, round(n_points * stroke[i] / _STROKE)))
        load = np.pi * h * u * stress(0.05 * u / h, i)
        load *= 1 + noise * random.standard_normal(len(u))
        curves.append(SPTCurve(u, load, thickness=h, name=f"synthetic-{i}"))
    Y = stress(strain, (slice(None), None))
    return (curves, Y, strain) if return_strain else (curves, Y)
