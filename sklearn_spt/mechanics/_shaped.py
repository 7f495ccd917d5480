"""Hardening curves that are not concave, or follow no law at all."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .laws import _EXPONENT, _NOT_NEGATIVE, _POSITIVE, HardeningLaw, Swift, _Limits, _root

__all__ = ["FreeForm", "OlsonCohen"]

# Plastic strains at which the maximum of the engineering stress is looked for, parts of the way from the plateau to 1.
_LOOK = np.concatenate([[0.0], np.geomspace(1e-4, 1, 400)])


class _Shaped(HardeningLaw):
    """A law whose engineering stress may have several maxima."""

    @classmethod
    def _hardening_maximum(cls, plateau: Any, E: Any, *parameters: Any) -> tuple[Any, Any]:
        def shortage(x: Any) -> Any:
            slope = cls._slope(x, E, *parameters)
            return cls._law(x, E, *parameters) - slope * E / (slope + E)

        plastic = plateau + (1 - plateau) * _LOOK[:, None]
        stress = cls._law(plastic, E, *parameters)
        best = np.argmax(np.log(stress) - plastic - stress / E, axis=0)
        column = np.arange(plastic.shape[1])
        low, high = plastic[np.maximum(best - 1, 0), column], plastic[np.minimum(best + 1, len(_LOOK) - 1), column]
        plastic = np.where(best == 0, plateau, _root(shortage, low, high))
        stress = cls._law(plastic, E, *parameters)
        return plastic + stress / E, stress


@dataclass(frozen=True, eq=False, kw_only=True)
class OlsonCohen(_Shaped):
    """Swift's law, and the strength that martensite adds as it forms under strain: the S-shaped curve of TRIP steels.

    σ = K·(ε0 + εp)^n + Q·f, with the part of martensite f = 1 - exp(-β·(1 - exp(-α·εp))^m).

    Parameters
    ----------
    {E}
    K, epsilon0, n : float or ndarray
        Parameters of Swift's law, see :class:`Swift`.
    Q : float or ndarray
        Stress that martensite adds when it has formed everywhere, MPa, 0 or more.
    alpha, beta : float or ndarray
        How fast shear bands form, and how likely martensite forms where they meet; more than 0.
    m : float or ndarray, default=4.5
        Exponent, 1 or more. The default, 4.5, is the reference's for 304 stainless steel, from memory.
    {plateau_strain}

    References
    ----------
    G. B. Olson, M. Cohen, Kinetics of strain-induced martensitic nucleation, Metallurgical Transactions A 6 (1975)
    791-795: f. That stress grows in proportion to f is the simplest choice; it is not from there.

    Examples
    --------
    >>> from sklearn_spt.mechanics import OlsonCohen
    >>> steel = OlsonCohen(E=195_000, K=700, epsilon0=0.01, n=0.2, Q=600, alpha=6, beta=2)
    >>> steel.flow_stress([0.0, 0.1, 0.3]).round(1)
    array([278.7, 482.7, 906.7])
    """

    K: float | np.ndarray
    epsilon0: float | np.ndarray
    n: float | np.ndarray
    Q: float | np.ndarray
    alpha: float | np.ndarray
    beta: float | np.ndarray
    m: float | np.ndarray = 4.5

    _limits: ClassVar[_Limits] = {
        "K": _POSITIVE,
        "epsilon0": _POSITIVE,
        "n": _EXPONENT,
        "Q": _NOT_NEGATIVE,
        "alpha": _POSITIVE,
        "beta": _POSITIVE,
        "m": (1.0, np.inf, "left"),
    }

    @classmethod
    def _from_yield(
        cls, sigma0: Any, *, epsilon0: Any, n: Any, gain: Any, alpha: Any, beta: Any, m: Any = 4.5
    ) -> dict[str, Any]:
        swift = Swift._from_yield(sigma0, epsilon0=epsilon0, n=n)
        return {**swift, "Q": gain * sigma0, "alpha": alpha, "beta": beta, "m": m}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        K, epsilon0, n, Q, alpha, beta, m = parameters
        bands = -np.expm1(-alpha * plastic_strain)
        return Swift._law(plastic_strain, E, K, epsilon0, n) - Q * np.expm1(-beta * bands**m)

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        K, epsilon0, n, Q, alpha, beta, m = parameters
        bands = -np.expm1(-alpha * plastic_strain)
        growth = m * bands ** (m - 1) * alpha * np.exp(-alpha * plastic_strain)
        return Swift._slope(plastic_strain, E, K, epsilon0, n) + Q * beta * growth * np.exp(-beta * bands**m)


@dataclass(frozen=True, eq=False, kw_only=True)
class FreeForm(_Shaped):
    """A flow curve of no law: any that does not fall, through given points with a monotone cubic between them.

    The points lie at the plastic strains `STRAINS`; between them the curve is a monotone piecewise cubic of
    asinh(εp / 0.002), beyond the last one straight.

    Parameters
    ----------
    {E}
    sigma0 : float or ndarray
        Stress at zero plastic strain, MPa.
    rise1, rise2, rise3, rise4, rise5, rise6, rise7, rise8, rise9 : float or ndarray
        By which part the stress grows from one point to the next, 0 or more.
    {plateau_strain}

    References
    ----------
    F. N. Fritsch, J. Butland, A method for constructing local monotone piecewise cubic interpolants, SIAM Journal on
    Scientific and Statistical Computing 5 (1984) 300-304: the slopes at the points.

    Examples
    --------
    >>> from sklearn_spt.mechanics import FreeForm
    >>> rises = {f"rise{i}": 0.1 for i in range(1, 10)}
    >>> FreeForm(E=210_000, sigma0=200, **rises).flow_stress([0.0, 0.002, 0.005, 1.0]).round(1)
    array([200. , 220. , 242. , 471.6])
    """

    sigma0: float | np.ndarray
    rise1: float | np.ndarray
    rise2: float | np.ndarray
    rise3: float | np.ndarray
    rise4: float | np.ndarray
    rise5: float | np.ndarray
    rise6: float | np.ndarray
    rise7: float | np.ndarray
    rise8: float | np.ndarray
    rise9: float | np.ndarray

    #: Plastic strains of the points after the first.
    STRAINS: ClassVar[tuple[float, ...]] = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    _SCALE: ClassVar[float] = 0.002

    _limits: ClassVar[_Limits] = {"sigma0": _POSITIVE, **{f"rise{i}": _NOT_NEGATIVE for i in range(1, 10)}}

    @classmethod
    def _from_yield(
        cls, sigma0: Any, *, rise1: Any, rise2: Any, rise3: Any, rise4: Any, rise5: Any, rise6: Any, rise7: Any,
        rise8: Any, rise9: Any,
    ) -> dict[str, Any]:  # fmt: skip
        rises = (rise1, rise2, rise3, rise4, rise5, rise6, rise7, rise8, rise9)
        return {"sigma0": sigma0, **{f"rise{i}": rise for i, rise in enumerate(rises, start=1)}}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        return cls._interpolate(plastic_strain, parameters)[0]

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        return cls._interpolate(plastic_strain, parameters)[1]

    @classmethod
    def _interpolate(cls, plastic_strain: Any, parameters: Any) -> tuple[Any, Any]:
        """Flow stress and its slope over the plastic strain."""
        sigma0, *rises = np.broadcast_arrays(*parameters)
        level = np.cumprod(np.stack([sigma0, *(1 + rise for rise in rises)]), axis=0)
        places = np.arcsinh(np.array([0.0, *cls.STRAINS]) / cls._SCALE)
        width = np.diff(places).reshape(-1, *[1] * sigma0.ndim)
        secant = np.diff(level, axis=0) / width
        # Fritsch and Butland's weighted harmonic mean inside; the secants at the ends.
        before, after = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
        both = (secant[:-1] > 0) & (secant[1:] > 0)
        safe = np.where(both, secant[:-1], 1.0), np.where(both, secant[1:], 1.0)
        inner = np.where(both, (before + after) / (before / safe[0] + after / safe[1]), 0.0)
        slope = np.concatenate([secant[:1], inner, secant[-1:]])
        x = np.asarray(plastic_strain, dtype=np.float64)
        inside = np.minimum(x, cls.STRAINS[-1])
        place = np.arcsinh(inside / cls._SCALE)
        stress = np.zeros(np.broadcast_shapes(x.shape, sigma0.shape))
        rate = np.zeros_like(stress)
        segment = np.clip(np.searchsorted(places, place, side="right") - 1, 0, len(secant) - 1)
        for i in range(len(secant)):
            t = (place - places[i]) / width[i]
            value = level[i] + width[i] * t * (
                slope[i]
                + t * ((3 * secant[i] - 2 * slope[i] - slope[i + 1]) + t * (slope[i] + slope[i + 1] - 2 * secant[i]))
            )
            change = slope[i] + t * (
                2 * (3 * secant[i] - 2 * slope[i] - slope[i + 1]) + 3 * t * (slope[i] + slope[i + 1] - 2 * secant[i])
            )
            stress = np.where(segment == i, value, stress)
            rate = np.where(segment == i, change, rate)
        rate = rate / np.hypot(inside, cls._SCALE)
        return stress + rate * (x - inside), rate
