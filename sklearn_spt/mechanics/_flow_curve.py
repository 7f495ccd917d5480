"""Stress-strain curves as the yield stress and the stresses beyond it, and back."""

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

from ..utils.interpolation import pchip_rows

# A point of the curve counts as elastic up to this deviation from Hooke's line. Tables are rounded to 0.01 MPa.
ELASTIC_TOLERANCE = 2e-4
# A stress above Hooke's line by more than this is not rounding: the elastic modulus or a unit is wrong.
ABOVE_HOOKE = 0.02
# The yield stress is extrapolated, against plastic strain, from this many points beyond it: a cubic errs least on the
# simulated sheets, by 0.04 % at the 95th percentile.
POINTS_BEHIND_YIELD = 4
# Without an elastic point, yielding is looked for down to this fraction of the first plastic strain.
LOWEST_YIELD_FRACTION = 0.05
# What stands in for a modulus or a stress that must be positive, relative to the others.
SMALL = 1e-9
# Strain of the bundled data sets' first column, and their step.
STEP = 0.002
# Stresses of a flow curve, the yield stress included.
POINTS = 40
# By so much, relative to the highest stress before, the stresses of a table fall by rounding alone.
ROUNDED = 1e-4
# The points of a flow curve are evenly spaced up to about this plastic strain, and behind it in its logarithm.
DENSE = 0.004


def check_strain(owner: str, strain: np.ndarray | None, n: int) -> np.ndarray:
    """The strains of `n` columns, 0.002, 0.004 and so on by default; ValueError if they are not valid."""
    strain = STEP * np.arange(1, n + 1) if strain is None else np.asarray(strain, dtype=np.float64)
    if strain.shape != (n,):
        raise ValueError(
            f"{owner}: the curves have {n} columns, but strain has the shape {strain.shape}; it must be one strain per "
            "column"
        )
    if not np.isfinite(strain).all() or strain[0] < 0 or (np.diff(strain) <= 0).any():
        raise ValueError(f"{owner}: strain must be finite, zero or positive, and strictly increasing")
    if (strain > 0).sum() < 2:
        raise ValueError(f"{owner}: a curve needs stresses at two positive strains at least (n_features = {n})")
    return strain


def check_hooke(owner: str, stress: np.ndarray, strain: np.ndarray, elastic_modulus: float | str) -> None:
    """Refuse, by the curve's index, stresses that no flow curve after Hooke's line explains."""
    if (stress < 0).any():
        curve = int(np.flatnonzero((stress < 0).any(axis=1))[0])
        raise ValueError(
            f"{owner}: curve {curve} has the negative stress {stress[curve].min():g} MPa; stress-strain curves begin "
            "at zero and are in tension. Negative values in data passed to it cannot be represented"
        )
    if isinstance(elastic_modulus, str):
        return
    first = int(strain[0] == 0)
    strain, stress = strain[first:], stress[:, first:]
    above = stress / (float(elastic_modulus) * strain) - 1
    if above.max(initial=0) > ABOVE_HOOKE:
        curve, column = (int(i[0]) for i in np.nonzero(above > ABOVE_HOOKE))
        raise ValueError(
            f"{owner}: curve {curve} has {stress[curve, column]:g} MPa at the strain {strain[column]:g}, above Hooke's "
            f"line of elastic_modulus={elastic_modulus:g} MPa; check its unit and the strain's"
        )


def plastic_strains(strain: np.ndarray, n_points: int = POINTS) -> np.ndarray:
    """Plastic strains of the points of a flow curve: 0, then dense, at last as wide apart as they are large.

    Parameters
    ----------
    strain : ndarray of shape (n_strains,)
        Total strains of the table; the last plastic strain is their last.
    n_points : int, default=32

    Returns
    -------
    ndarray of shape (n_points,)
    """
    scale = min(DENSE, 0.1 * float(strain[-1]))
    return scale * np.expm1(np.linspace(0, np.log1p(strain[-1] / scale), n_points))


def to_flow_curve(
    stress: np.ndarray, strain: np.ndarray, elastic_modulus: float | str, n_points: int = POINTS
) -> np.ndarray:
    """The yield stress and the stresses beyond it, see `FlowCurveTransformer`.

    Parameters
    ----------
    stress : ndarray of shape (n_curves, n_strains)
        True stress, MPa; zero or positive.
    strain : ndarray of shape (n_strains,)
        Total strains.
    elastic_modulus : float or "curve"
        Young's modulus, MPa; "curve" takes it from the first stress.
    n_points : int, default=32

    Returns
    -------
    ndarray of shape (n_curves, n_points) or (n_curves, 1 + n_points)
        The modulus stands in front with "curve".
    """
    at = plastic_strains(strain, n_points)
    # The column of zero strain has no modulus, and is zero.
    first = int(strain[0] == 0)
    strain, stress = strain[first:], stress[:, first:]
    if isinstance(elastic_modulus, str):
        # A first stress of zero has no modulus; a small one stands in for it.
        moduli = np.maximum(stress[:, 0], SMALL * np.maximum(stress.max(axis=1), 1.0)) / strain[0]
    else:
        moduli = np.full(len(stress), float(elastic_modulus))
    columns = np.empty((len(stress), n_points))
    for row, values, modulus in zip(columns, stress, moduli, strict=True):
        yield_stress, behind = _yield_point(strain, values, modulus)
        x = np.append(0.0, strain[behind:] - values[behind:] / modulus)
        y = np.append(yield_stress, values[behind:])
        # The yield point may coincide with a point of the table, or be the last one; where a table falls along Hooke's
        # line or rises above it, plastic strain does not increase.
        keep = x > np.append(-1.0, np.maximum.accumulate(x)[:-1]) + 1e-9
        x, y = x[keep], y[keep]
        row[:] = y[-1] if len(x) == 1 else _continued(x, y, at)
    return np.column_stack([moduli, columns]) if isinstance(elastic_modulus, str) else columns


def _continued(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A monotone cubic through the points, and a straight line beyond the last one, which does not fall."""
    slope = max((y[-1] - y[-2]) / (x[-1] - x[-2]), 0.0)
    return PchipInterpolator(x, y)(np.minimum(at, x[-1])) + slope * np.maximum(at - x[-1], 0.0)


def from_flow_curve(
    columns: np.ndarray, strain: np.ndarray, elastic_modulus: float | str, plastic: np.ndarray | None = None
) -> np.ndarray:
    """Stresses on a grid of total strain, from columns as `FlowCurveTransformer` makes them.

    Parameters
    ----------
    columns : ndarray of shape (n_curves, n_points) or (n_curves, 1 + n_points)
        Young's modulus where `elastic_modulus` is "curve"; yield stress and stresses beyond it, MPa.
    strain : ndarray of shape (n_strains,)
        Total strains.
    elastic_modulus : float or "curve"
        Young's modulus, MPa.
    plastic : ndarray of shape (n_points,), default=None
        Plastic strains of the columns. By default those that a table on `strain` has.

    Returns
    -------
    ndarray of shape (n_curves, n_strains)
        True stress, MPa. Beyond the last point of the flow curve, that of the last point.
    """
    if isinstance(elastic_modulus, str):
        modulus, flow = np.maximum(columns[:, :1], SMALL), columns[:, 1:]
    else:
        modulus, flow = np.full((len(columns), 1), float(elastic_modulus)), columns
    if plastic is None:
        plastic = plastic_strains(strain, flow.shape[1])
    # At least some stress to yield at, and none that falls faster than Hooke's line, along which no strain is plastic.
    flow = np.maximum(flow, SMALL)
    total = np.maximum.accumulate(plastic + flow / modulus, axis=1)
    total += np.arange(len(plastic)) * SMALL * total[:, -1:]
    # Against this measure of the strain after yielding the points are nearly evenly spaced.
    behind = np.log1p((np.clip(strain, total[:, :1], total[:, -1:]) - total[:, :1]) / DENSE)
    stress = pchip_rows(np.log1p((total - total[:, :1]) / DENSE), flow, behind)
    return np.where(strain < total[:, :1], modulus * strain, stress)


def _yield_point(strain: np.ndarray, stress: np.ndarray, modulus: float) -> tuple[float, int]:
    """The yield stress, and the index of the first point behind it."""
    hooke = modulus * strain
    plastic = np.abs(stress - hooke) > ELASTIC_TOLERANCE * hooke
    if not plastic.any():
        return float(hooke[-1]), len(strain) - 1
    first = int(np.argmax(plastic))
    behind = slice(first, first + POINTS_BEHIND_YIELD)
    plastic_strain = strain[behind] - stress[behind] / modulus
    # Extrapolated to where plastic strain begins. Data that are not a flow curve may have no such place.
    with np.errstate(all="ignore"):
        yield_stress = _extrapolate(plastic_strain, stress[behind])
    lowest = strain[first - 1] if first else LOWEST_YIELD_FRACTION * strain[0]
    if not np.isfinite(yield_stress):
        yield_stress = modulus * lowest
    return float(np.clip(yield_stress, modulus * lowest, hooke[first])), first


def _extrapolate(x: np.ndarray, y: np.ndarray) -> float:
    """Value at zero of the polynomial through the points (Lagrange)."""
    others = ~np.eye(len(x), dtype=bool)
    weights = [np.prod(x[others[i]] / (x[others[i]] - x[i])) for i in range(len(x))]
    return float(np.dot(weights, y))


def largest_fall(stress: np.ndarray) -> np.ndarray:
    """By which part of the highest stress before the stresses (n_curves, n_strains) fall, at most, curve by curve."""
    highest = np.maximum.accumulate(stress, axis=1)
    parts = np.divide(highest - stress, highest, out=np.zeros(stress.shape), where=highest > 0)
    return parts.max(axis=1, initial=0.0)


def never_falling(flow: np.ndarray) -> np.ndarray:
    """The curves (n_curves, n_points) that do not fall and come nearest to these, by least squares.

    If the true curves do not fall, these are as near to them as the given ones, or nearer: they are the projection on a
    convex set that holds the true ones (Barlow et al., Statistical Inference under Order Restrictions, Wiley 1972,
    cited from memory).
    """
    result = flow.copy()
    for index in np.flatnonzero((np.diff(flow, axis=1) < 0).any(axis=1)):
        result[index] = isotonic_regression(flow[index]).x
    return result
