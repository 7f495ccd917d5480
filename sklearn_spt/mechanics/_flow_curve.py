"""Stress-strain curves as the yield stress and the stresses behind it, and back."""

import numpy as np
from scipy.interpolate import PchipInterpolator

# A point of the curve counts as elastic up to this deviation from Hooke's line. Tables are rounded to 0.01 MPa.
ELASTIC_TOLERANCE = 2e-4
# A stress above Hooke's line by more than this is no rounding: the elastic modulus or a unit is wrong.
ABOVE_HOOKE = 0.02
# The yield stress is extrapolated, against plastic strain, from so many points behind it: a cubic errs least on the
# simulated sheets, by 0.04 % at the 95th percentile.
POINTS_BEHIND_YIELD = 4
# Without an elastic point, yielding is looked for down to this fraction of the first plastic strain.
LOWEST_YIELD_FRACTION = 0.05
# What stands in for a modulus or a stress that must be positive, relative to the others.
SMALL = 1e-9
# Strain of the bundled data sets' first column, and their step.
STEP = 0.002
# Stresses of a flow curve, the yield stress included.
POINTS = 32


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
    """Refuse, by the curve's index, stresses that no flow curve behind Hooke's line explains."""
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


def to_flow_curve(
    stress: np.ndarray, strain: np.ndarray, elastic_modulus: float | str, n_points: int = POINTS
) -> np.ndarray:
    """The yield stress and the stresses behind it, see `FlowCurveTransformer`.

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
    # The column of zero strain has no logarithm, and is zero.
    first = int(strain[0] == 0)
    strain, stress = strain[first:], stress[:, first:]
    if isinstance(elastic_modulus, str):
        # A first stress of zero has no modulus; a small one stands in for it.
        moduli = np.maximum(stress[:, 0], SMALL * np.maximum(stress.max(axis=1), 1.0)) / strain[0]
    else:
        moduli = np.full(len(stress), float(elastic_modulus))
    at = np.linspace(0, 1, n_points)
    log_strain = np.log(strain)
    columns = np.empty((len(stress), n_points))
    for row, values, modulus in zip(columns, stress, moduli, strict=True):
        start, behind = _yield_point(strain, values, modulus)
        x = np.append(start, log_strain[behind:])
        y = np.append(modulus * np.exp(start), values[behind:])
        # The yield point may coincide with a point of the table, or be the last one.
        keep = np.append(np.diff(x) > 1e-9, True)
        x, y = x[keep], y[keep]
        row[:] = y[-1] if len(x) == 1 else PchipInterpolator(x, y)(np.minimum(x[0] + at * (x[-1] - x[0]), x[-1]))
    return np.column_stack([moduli, columns]) if isinstance(elastic_modulus, str) else columns


def from_flow_curve(columns: np.ndarray, strain: np.ndarray, elastic_modulus: float | str) -> np.ndarray:
    """Stresses on a grid of total strain, from columns as `FlowCurveTransformer` makes them.

    Parameters
    ----------
    columns : ndarray of shape (n_curves, n_points) or (n_curves, 1 + n_points)
        Young's modulus where `elastic_modulus` is "curve"; yield stress and stresses behind it, MPa.
    strain : ndarray of shape (n_strains,)
        Total strains.
    elastic_modulus : float or "curve"
        Young's modulus, MPa.

    Returns
    -------
    ndarray of shape (n_curves, n_strains)
        True stress, MPa.
    """
    per_curve = isinstance(elastic_modulus, str)
    first = int(strain[0] == 0)
    loaded = strain[first:]
    log_strain = np.log(loaded)
    at = np.linspace(0, 1, columns.shape[1] - per_curve)
    result = np.zeros((len(columns), len(strain)))
    for row, values in zip(result[:, first:], columns, strict=True):
        modulus = max(values[0], SMALL) if per_curve else float(elastic_modulus)
        flow = values[per_curve:]
        start = np.log(max(flow[0], SMALL)) - np.log(modulus)
        # At least some width for the interpolation, and not so much that nothing of the curve is resolved.
        start = np.clip(start, log_strain[0] - 20, log_strain[-1] - 1e-6)
        x = start + at * (log_strain[-1] - start)
        x[-1] = log_strain[-1]
        plastic = PchipInterpolator(x, flow)(np.maximum(log_strain, start))
        row[:] = np.where(log_strain < start, modulus * loaded, plastic)
    return result


def _yield_point(strain: np.ndarray, stress: np.ndarray, modulus: float) -> tuple[float, int]:
    """Logarithm of the yield strain, and the index of the first point behind it."""
    hooke = modulus * strain
    plastic = np.abs(stress - hooke) > ELASTIC_TOLERANCE * hooke
    if not plastic.any():
        return float(np.log(strain[-1])), len(strain) - 1
    first = int(np.argmax(plastic))
    behind = slice(first, first + POINTS_BEHIND_YIELD)
    plastic_strain = strain[behind] - stress[behind] / modulus
    # Extrapolated to where plastic strain begins. Data that are no flow curve may have no such place.
    with np.errstate(all="ignore"):
        yield_stress = _extrapolate(plastic_strain, stress[behind])
    lowest = strain[first - 1] if first else LOWEST_YIELD_FRACTION * strain[0]
    if not np.isfinite(yield_stress):
        yield_stress = modulus * lowest
    return float(np.log(np.clip(yield_stress / modulus, lowest, strain[first]))), first


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
