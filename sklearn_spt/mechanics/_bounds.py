"""Bounds of the tensile properties of every curve in a band."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .tensile import (
    PLATEAU_DROP,
    YIELD_POINT_STRAIN,
    TensileProperties,
    check_curves,
    pack,
    plateau,
    tensile_properties,
)


class _UnboundedError(Exception):
    """A band does not bound a property; the message says why."""


def _plateau_bounds(strain: np.ndarray, s_low: np.ndarray, s_high: np.ndarray) -> tuple[float, float]:
    """Bounds of `plateau` for the curves between two edges of the engineering stress; NaN where none has a plateau."""
    start = strain < YIELD_POINT_STRAIN
    if np.array_equal(s_low, s_high):
        value = plateau(strain, s_low)
        return value, value
    # The level that every curve has had before, and the one that some curve may have had, where a plateau may begin.
    reached = np.maximum.accumulate(np.where(start, s_low, -np.inf))
    possible = np.maximum.accumulate(np.where(start, s_high, -np.inf))
    may_fall = s_low[1:] < (1 - PLATEAU_DROP) * possible[:-1]
    if not may_fall.any():
        return np.nan, np.nan
    falls = np.flatnonzero(s_high[1:] < (1 - PLATEAU_DROP) * reached[:-1]) + 1
    if not falls.size:
        raise _UnboundedError(
            "curves with and without a yield plateau lie in the band; take the quantiles over sampled curves"
        )
    first = int(falls[0])
    if strain[first - 1] >= YIELD_POINT_STRAIN:
        raise _UnboundedError(
            f"the curves in the band need not fall before a strain of {YIELD_POINT_STRAIN:g}, where a yield point lies"
        )
    top = int(np.argmax(np.where(start[:first], s_low[:first], -np.inf)))
    highest = float(s_high[top:first].max())
    back = np.flatnonzero(s_low[first:] >= highest)
    if not back.size:
        raise _UnboundedError("not every curve in the band comes back to its yield point before the band's end")
    end = first + int(back[0])
    # Every curve is below its yield point where the upper edge is below what the lower one had reached.
    below = [k for k in falls.tolist() if k <= end and s_high[first : k + 1].max() < s_low[top]]
    return float(s_low[top : end + 1].min()), float(s_high[below].min())


def tensile_property_bounds(
    strain: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    E: ArrayLike | None = None,
    maximum_within: bool = False,
) -> tuple[TensileProperties, TensileProperties]:
    """Bounds of the tensile properties of every curve that lies in a band.

    The edges of a band are not stress-strain curves, and the properties of the edges are not in general bounds of the
    properties. These are: whenever the true curve lies between the edges at all strains, its properties lie between the
    bounds. A simultaneous band that holds 90 % of the curves gives intervals that hold at least 90 % of the properties,
    all of them at once. A pointwise band gives no such promise.

    Parameters
    ----------
    strain : array-like of shape (n_strains,)
        True total strain, increasing, 0 or more.
    lower, upper : array-like of shape (n_strains,) or (n_curves, n_strains)
        Edges of the band, true stress, MPa.
    E : float or array-like of shape (n_curves,), default=None
        Young's modulus, MPa, which has no error here; without it Rp0.2 and Ag are missing.
    maximum_within : bool, default=False
        Take it as known that the maximum force lies within the strains of the band, so that Rm, Agt and Ag have a
        maximum even where a curve in the band could still be rising at its end. A band that ends at a strain of
        0.2 mostly needs this.

    Returns
    -------
    low, high : TensileProperties
        The minimum and maximum of each property that is possible in the band. NaN, with the reason in
        `missing`, where the band does not bound it: n and K are never bounded, the maximum force is not if it may lie
        beyond the band's end (but for `maximum_within`), and ReL is only where the band is so narrow that every curve
        in it has a plateau. Where none in it has one, ReL is NaN and not in `missing`.

    Raises
    ------
    TypeError, ValueError
        As `tensile_properties`; and if `lower` lies above `upper` anywhere.

    Notes
    -----
    The engineering stress s = σ·exp(-ε) is bounded by those of the edges at every strain. So **Rm** lies between their
    maxima. **Rp0.2** lies on a rising line of constant plastic strain, which a higher curve meets at a higher stress:
    it lies between those of the edges. The **strain at maximum force** is one at which the upper edge's s is not
    below the lower edge's maximum; this interval is wide, because the maximum is flat. **Ag** is bounded through
    Agt - Rm/E with the minimum and maximum of both, and by 0. The band is taken as linear between its points.

    **ReL**: every curve in the band falls where the upper edge's s lies below what the lower edge's had reached before,
    at the upper yield point. The curves are taken to rise up to that point and to have no smaller falls there; then ReL
    is at most the least of the upper edge's s beyond it, and at least that of the lower edge's up to where every curve
    has come back to its yield point.

    Where curves are sampled (an ensemble, a posterior), take the quantiles of their properties instead:
    ``np.nanquantile(tensile_properties(strain, samples, E=E).tensile_strength, [0.05, 0.95])``, and look at how many
    are NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt.mechanics import tensile_property_bounds
    >>> strain = np.linspace(0.001, 0.5, 500)
    >>> stress = np.minimum(210_000 * strain, 900 * strain**0.2)
    >>> low, high = tensile_property_bounds(strain, 0.97 * stress, 1.03 * stress, E=210_000)
    >>> round(low.tensile_strength, 1), round(high.tensile_strength, 1)
    (518.0, 550.1)
    >>> round(low.necking_strain, 3), round(high.necking_strain, 3)
    (0.082, 0.397)

    A band that ends before the force has fallen clearly:

    >>> _, high = tensile_property_bounds(strain[:300], 0.97 * stress[:300], 1.03 * stress[:300])
    >>> high.missing["tensile_strength"].partition(" (")[0]
    "the maximum force may lie beyond the band's end"
    >>> _, high = tensile_property_bounds(strain[:300], 0.97 * stress[:300], 1.03 * stress[:300], maximum_within=True)
    >>> round(high.tensile_strength, 1), round(high.necking_strain, 3)
    (550.1, 0.3)
    """
    grid, low_edge, modulus, single = check_curves(strain, lower, E)
    _, high_edge, _, single_too = check_curves(strain, upper, E)
    if low_edge.shape != high_edge.shape or single != single_too:
        raise ValueError(f"lower and upper must have one shape; got {np.shape(lower)} and {np.shape(upper)}")
    if np.any(low_edge > high_edge):
        curve, point = np.argwhere(low_edge > high_edge)[0]
        raise ValueError(f"lower lies above upper in curve {curve} at strain {grid[point]:g}; swap them")
    n_curves = len(low_edge)
    edges = [tensile_properties(grid, edge, E=modulus) for edge in (low_edge, high_edge)]
    missing: list[list[dict[str, str]]] = [[{} for _ in range(n_curves)] for _ in edges]
    strength, necking = np.full((2, 2, n_curves), np.nan)
    falloff = np.exp(-grid)
    lower_yield = np.full((2, n_curves), np.nan)
    for i in range(n_curves):
        s_low, s_high = low_edge[i] * falloff, high_edge[i] * falloff
        try:
            lower_yield[:, i] = _plateau_bounds(grid, s_low, s_high)
        except _UnboundedError as unbounded:
            for side in missing:
                side[i]["lower_yield_strength"] = str(unbounded)
        floor = float(s_low.max())
        strength[0, i] = floor
        possible = np.flatnonzero(s_high >= floor)
        first, last = int(possible[0]), int(possible[-1])
        if first == 0:
            necking[0, i] = grid[0]
        else:
            necking[0, i] = np.interp(floor, s_high[first - 1 : first + 1], grid[first - 1 : first + 1])
        if last == len(grid) - 1 and maximum_within:
            necking[1, i], strength[1, i] = grid[-1], s_high.max()
        elif last == len(grid) - 1:
            missing[1][i]["tensile_strength"] = (
                f"the maximum force may lie beyond the band's end (strain {grid[-1]:.4g}): the engineering stress of "
                f"its upper edge there, {s_high[-1]:.4g} MPa, is not below {floor:.4g} MPa, the lower edge's maximum"
            )
        else:
            necking[1, i] = np.interp(-floor, -s_high[last : last + 2], grid[last : last + 2])
            strength[1, i] = s_high.max()
    for side, edge in zip(missing, edges, strict=True):
        for reasons, of_edge in zip(side, edge.missing, strict=True):
            reasons["hardening_exponent"] = "a band does not bound it; take the quantiles over sampled curves"
            if "proof_stress" in of_edge:
                reasons["proof_stress"] = f"at the band's edge {of_edge['proof_stress']}"
    shape = () if single else (n_curves,)
    nothing = np.full((4, n_curves), np.nan)
    results = []
    for k in (0, 1):
        properties = pack(
            shape, modulus, edges[k].proof_stress, lower_yield[k], strength[k], necking[k], nothing, missing[k]
        )
        if modulus is not None:
            # The smallest elastic part belongs to the lowest strength, and is subtracted for the largest elongation.
            uniform = np.maximum(np.expm1(necking[k]) - strength[1 - k] / modulus, 0)
            if np.isnan(uniform).any():
                reason = "it needs the largest possible Rm, which the band does not bound"
                for i in np.flatnonzero(np.isnan(uniform)).tolist():
                    missing[k][i].setdefault("uniform_elongation", reason)
            value: Any = float(uniform[0]) if single else uniform
            properties = replace(properties, uniform_elongation=value)
        results.append(properties)
    return results[0], results[1]
