"""Hardening laws: the true stress of a metal as a function of its plastic strain."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ..utils.docs import parameter_docs, shared_docs
from .tensile import (
    FIT_RANGE,
    PLATEAU_DROP,
    PROOF_STRAIN,
    YIELD_POINT_STRAIN,
    TensileProperties,
    fit_power_law,
    pack,
)

__all__ = [
    "HardeningLaw",
    "Hollomon",
    "Ludwik",
    "PowerLaw",
    "Swift",
    "SwiftVoce",
    "Voce",
    "sheet_steel_law",
]

# name -> (low, high, which ends belong to the interval)
_Limits = dict[str, tuple[float, float, str]]
_POSITIVE = (0.0, np.inf, "neither")
_NOT_NEGATIVE = (0.0, np.inf, "left")
_EXPONENT = (0.0, 1.0, "both")


@dataclass(frozen=True, eq=False, kw_only=True)
class HardeningLaw(ABC):
    """Base class of the hardening laws.

    A law holds Young's modulus as well: it describes the whole curve of a tensile test, the elastic line and the
    hardening. Every parameter may be an array; the parameters are broadcast against each other, and one object then
    stands for many materials, whose shape comes first in every result.

    No law softens; parameters for which one would are refused.

    Parameters
    ----------
    E : float or ndarray
        Young's modulus, MPa.
    plateau_strain : float or ndarray, default=0.0
        Plastic strain at the end of a Lüders plateau, less than 1. Up to it the flow stress is the law's at this
        strain; beyond it the law holds as if there were no plateau.
    """

    E: float | np.ndarray
    plateau_strain: float | np.ndarray = 0.0

    _limits: ClassVar[_Limits] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        shared_docs(**parameter_docs(HardeningLaw.__doc__))(cls)

    def __post_init__(self) -> None:
        limits = {"E": _POSITIVE, "plateau_strain": (0.0, 1.0, "left"), **self._limits}
        for name, interval in limits.items():
            object.__setattr__(self, name, _checked(type(self).__name__, name, getattr(self, name), interval))
        try:
            _ = self.shape
        except ValueError:
            shapes = ", ".join(f"{name} {np.shape(getattr(self, name))}" for name in limits)
            raise ValueError(f"{type(self).__name__}: the parameters' shapes do not fit together: {shapes}") from None

    # The parameters of a law from its yield stress and dimensionless numbers; None of a law that has no such form.
    _from_yield: ClassVar[Callable[..., dict[str, Any]] | None] = None

    @classmethod
    def scaled(cls, *, E: Any, yield_strain: Any, **numbers: Any) -> Self:
        """The law by dimensionless numbers: with the same ones, the curves of all metals have the same shape over σ/E.

        Parameters
        ----------
        E : float or ndarray
            Young's modulus, MPa.
        yield_strain : float or ndarray
            Initial yield stress over Young's modulus.
        **numbers : float or ndarray
            The parameters of the law that have no unit; and `gain`, the stress by which Voce's and Ludwik's laws or
            martensite harden (Q or K) over the initial yield stress.

        Returns
        -------
        HardeningLaw
            Of this class.

        Raises
        ------
        TypeError
            If a number is missing or not one of this law, or the law (Hollomon's) has no such form.
        """
        if cls._from_yield is None:
            raise TypeError(f"{cls.__name__} is not given by dimensionless numbers")
        return cls(E=E, **cls._from_yield(yield_strain * E, **numbers))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the materials that the object stands for; () for a single one."""
        shapes = {np.shape(value) for value in vars(self).values()}
        return shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)

    @property
    def yield_stress(self) -> Any:
        """Initial yield stress, MPa: the flow stress at zero plastic strain (the plateau's, if there is one)."""
        return self.flow_stress(0.0)

    def flow_stress(self, plastic_strain: ArrayLike) -> Any:
        """True stress at plastic strains.

        Parameters
        ----------
        plastic_strain : array-like of shape (..., n_points) or scalar
            True plastic strain, 0 or more. Leading axes are broadcast against the materials; a 1-D array is one
            grid for all of them.

        Returns
        -------
        ndarray of shape (..., n_points), or of shape `shape` for a scalar
            MPa.
        """
        x, E, plateau, parameters = self._broadcast(plastic_strain, "plastic_strain")
        return self._law(np.maximum(x, plateau), E, *parameters)[()]

    def tangent(self, plastic_strain: ArrayLike) -> Any:
        """Slope of the flow stress over the plastic strain; 0 on a plateau.

        Parameters
        ----------
        plastic_strain : array-like of shape (..., n_points) or scalar
            True plastic strain, 0 or more. Axes as in `flow_stress`.

        Returns
        -------
        ndarray of shape (..., n_points), or of shape `shape` for a scalar
            MPa. At the end of a plateau it is the slope to its right.
        """
        x, E, plateau, parameters = self._broadcast(plastic_strain, "plastic_strain")
        return np.where(x < plateau, 0.0, self._slope(np.maximum(x, plateau), E, *parameters))[()]

    def true_stress(self, strain: ArrayLike) -> Any:
        """True stress at true total strains: the elastic line below yield, the plateau if there is one, the hardening.

        Parameters
        ----------
        strain : array-like of shape (..., n_points) or scalar
            True total strain, 0 or more. Axes as in `flow_stress`.

        Returns
        -------
        ndarray of shape (..., n_points), or of shape `shape` for a scalar
            MPa.
        """
        x, E, plateau, parameters = self._broadcast(strain, "strain")
        yield_stress = self._law(plateau, E, *parameters)
        stress = np.array(np.minimum(E * x, yield_stress))
        hardening = x > plateau + yield_stress / E
        if np.any(hardening):
            arguments = [np.broadcast_to(value, stress.shape)[hardening] for value in (x, plateau, E, *parameters)]
            stress[hardening] = self._hardening_stress(*arguments)
        return stress[()]

    def necking_strain(self) -> Any:
        """True total strain at the maximum force of a tensile test, by Considère's criterion dσ/dε = σ.

        Returns
        -------
        ndarray of shape `shape`
            Where the law hardens too little for a second maximum above the force at yield, this is the strain at yield.

        References
        ----------
        A. Considère, Mémoire sur l'emploi du fer et de l'acier dans les constructions, Annales des Ponts et Chaussées
        9 (1885) 574-775.
        """
        return self._maximum()[0][()]

    def tensile_properties(self) -> TensileProperties:
        """What a tensile test of this material gives: Rp0.2, Rm, uniform elongation, and a fit of K and n.

        The definitions are those of :func:`~sklearn_spt.mechanics.tensile_properties`; the values are solutions of the
        law itself, not read from a table. K and n are fitted to the law at 50 plastic strains in the fitted range.

        Returns
        -------
        TensileProperties
            Floats for a single material, arrays of shape `shape` for many.
        """
        strain, stress = (np.ravel(values) for values in self._maximum())
        E = np.broadcast_to(self.E, self.shape).ravel()
        proof = np.broadcast_to(self.flow_stress(PROOF_STRAIN), self.shape).ravel()
        low, high = FIT_RANGE
        end = np.minimum(high, strain - stress / E)
        fraction = np.linspace(0, 1, 50)
        plastic = low + np.maximum(end - low, 0)[:, None] * fraction
        flow = np.reshape(self.flow_stress(plastic.reshape(*self.shape, -1)), plastic.shape)
        missing: list[dict[str, str]] = [
            {} if ends > low else {"hardening_exponent": f"the maximum force comes before a plastic strain of {low:g}"}
            for ends in end
        ]
        fit = fit_power_law(plastic, flow, np.broadcast_to((end > low)[:, None], plastic.shape))
        # On a plateau of the true stress the engineering stress falls, to its end.
        level = np.broadcast_to(self.yield_stress, self.shape).ravel()
        length = np.broadcast_to(self.plateau_strain, self.shape).ravel()
        begin, strength = level * np.exp(-level / E), stress * np.exp(-strain)
        has_plateau = (np.exp(-length) < 1 - PLATEAU_DROP) & (strength >= begin) & (level / E < YIELD_POINT_STRAIN)
        lower_yield = np.where(has_plateau, begin * np.exp(-length), np.nan)
        proof = proof * np.exp(-PROOF_STRAIN - proof / E)
        return pack(self.shape, E, proof, lower_yield, strength, strain, fit, missing)

    @classmethod
    @abstractmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        """Flow stress without plateau; all arguments are arrays that broadcast."""

    @classmethod
    @abstractmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        """Derivative of `_law` by the plastic strain."""

    @classmethod
    def _hardening_stress(cls, strain: Any, plateau: Any, E: Any, *parameters: Any) -> Any:
        """Stress at total strains beyond yield and plateau; all arguments are 1-D and of one length."""

        def residual(x: Any) -> Any:
            return cls._law(x, E, *parameters) - E * (strain - x)

        # The stress is at least the law's at the end of the plateau, so the plastic strain is at most this:
        high = strain - cls._law(plateau, E, *parameters) / E
        # Not the law at this strain: where its tangent is steep (Ludwik), rounding would be magnified.
        return E * (strain - _root(residual, plateau, high))

    @classmethod
    def _hardening_maximum(cls, plateau: Any, E: Any, *parameters: Any) -> tuple[Any, Any]:
        """Total strain and stress beyond the plateau where dσ/dε = σ; the plateau's end where dσ/dε < σ all the way."""

        def shortage(x: Any) -> Any:
            # dσ/dε over the total strain is 1 / (1/H + 1/E); H is infinite at the beginning of some laws, 0 in others.
            with np.errstate(divide="ignore", over="ignore"):
                slope = 1 / (1 / cls._slope(x, E, *parameters) + 1 / E)
            return cls._law(x, E, *parameters) - slope

        # The laws of this module are concave, and have passed their maximum at a plastic strain of 1: n/(ε0 + εp) = 1
        # comes earlier, and so does ln(1 + b)/b, the latest for Voce.
        plastic = _root(shortage, plateau, np.ones_like(plateau))
        stress = cls._law(plastic, E, *parameters)
        return plastic + stress / E, stress

    def _maximum(self) -> tuple[np.ndarray, np.ndarray]:
        """Total strain and true stress at the maximum of the engineering stress."""
        values = [np.broadcast_to(getattr(self, field.name), self.shape).ravel() for field in fields(self)]
        E, plateau, *parameters = values

        strain, stress = self._hardening_maximum(plateau, E, *parameters)
        at_yield = self._law(plateau, E, *parameters)
        # Without enough hardening the force is largest at yield, before the plateau.
        first = at_yield * np.exp(-at_yield / E) >= stress * np.exp(-strain)
        return (
            np.where(first, at_yield / E, strain).reshape(self.shape),
            np.where(first, at_yield, stress).reshape(self.shape),
        )

    def _broadcast(self, strain: ArrayLike, name: str) -> tuple[np.ndarray, Any, Any, list[Any]]:
        """Strains, E, plateau and the law's own parameters, ready for elementwise arithmetic."""
        try:
            x = np.asarray(strain, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} must be an array of numbers ({error})") from None
        # Negated, so that NaN is caught as well.
        if not np.all((x >= 0) & (x < np.inf)):
            raise ValueError(f"{name} must be finite and 0 or more everywhere; got {x[~((x >= 0) & (x < np.inf))][0]}")
        shape = self.shape
        values = [np.asarray(getattr(self, field.name)) for field in fields(self)]
        if shape and x.ndim:
            values = [np.broadcast_to(value, shape)[..., None] for value in values]
            try:
                np.broadcast_shapes(x.shape, (*shape, 1))
            except ValueError:
                raise ValueError(
                    f"{name} of shape {x.shape} does not fit the {shape} materials; give a scalar, a 1-D grid for all "
                    "of them, or an array whose leading axes are those of the materials"
                ) from None
        E, plateau, *parameters = values
        return x, E, plateau, parameters


def _checked(owner: str, name: str, value: Any, limits: tuple[float, float, str]) -> Any:
    """The parameter as a float, or as a read-only array of floats; raises where it is outside its limits."""
    low, high, closed = limits
    # Thousands of single materials are made in a design: a number well inside needs no array.
    if type(value) is float and low < value < high:
        return value
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{owner}: {name} must be a number or an array of numbers; got {value!r}") from None
    good = np.isfinite(array)
    good &= (array >= low) if closed in ("left", "both") else (array > low)
    good &= (array <= high) if closed in ("right", "both") else (array < high)
    if not np.all(good):
        wanted = f"{'>=' if closed in ('left', 'both') else '>'} {low:g}"
        if np.isfinite(high):
            wanted += f" and {'<=' if closed in ('right', 'both') else '<'} {high:g}"
        index = np.argwhere(~good)[0]
        where = f" at index {', '.join(map(str, index))}" if array.ndim else ""
        raise ValueError(f"{owner}: {name} must be {wanted}; got {array[tuple(index)]:g}{where}")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array


def _root(function: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """Where the elements of `function` change from negative to positive between `low` and `high`, by bisection.

    SciPy's elementwise solver takes fewer steps, but its overhead makes a single curve several times slower.
    """
    for _ in range(60):
        middle = (low + high) / 2
        below = function(middle) < 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class PowerLaw(HardeningLaw):
    """Power law from the yield stress on, σ = σ0·(1 + E·εp/σ0)^n: Swift's law with ε0 = σ0/E, the elastic strain.

    Parameters
    ----------
    {E}
    sigma0 : float or ndarray
        Stress at zero plastic strain, MPa.
    n : float or ndarray
        Hardening exponent, 0 (perfectly plastic) to 1.
    {plateau_strain}

    See Also
    --------
    Swift : The same with a prestrain of its own; here K = σ0·(E/σ0)^n and ε0 = σ0/E.

    Examples
    --------
    >>> from sklearn_spt.mechanics import PowerLaw
    >>> steel = PowerLaw(E=210_000, sigma0=350, n=0.15)
    >>> float(steel.yield_stress)
    350.0
    >>> steel.true_stress([0.001, 0.002, 0.1]).round(1)
    array([210. , 358.6, 645.5])
    """

    sigma0: float | np.ndarray
    n: float | np.ndarray

    _limits: ClassVar[_Limits] = {"sigma0": _POSITIVE, "n": _EXPONENT}

    @classmethod
    def _from_yield(cls, sigma0: Any, *, n: Any, plateau_strain: Any = 0.0) -> dict[str, Any]:
        return {"sigma0": sigma0, "n": n, "plateau_strain": plateau_strain}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        sigma0, n = parameters
        return sigma0 * (1 + E * plastic_strain / sigma0) ** n

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        sigma0, n = parameters
        return n * E * (1 + E * plastic_strain / sigma0) ** (n - 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Hollomon(HardeningLaw):
    """Hollomon's law σ = K·ε^n of the true total strain, from its intersection with the elastic line on.

    Hollomon's law of the plastic strain has no yield stress, which a finite-element program cannot use. Here ε is the
    total strain, so the material yields at ε = (K/E)^(1/(1 - n)), and the maximum force lies at ε = n exactly.

    Parameters
    ----------
    {E}
    K : float or ndarray
        Strength coefficient, MPa.
    n : float or ndarray
        Hardening exponent, 0 (perfectly plastic) to below 1.
    {plateau_strain}

    References
    ----------
    J. H. Hollomon, Tensile deformation, Transactions of the AIME 162 (1945) 268-290.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Hollomon
    >>> steel = Hollomon(E=210_000, K=900, n=0.2)
    >>> float(steel.necking_strain().round(12))
    0.2
    >>> round(steel.tensile_properties().tensile_strength, 1)  # K·n^n·exp(-n)
    534.1
    """

    K: float | np.ndarray
    n: float | np.ndarray

    _limits: ClassVar[_Limits] = {"K": _POSITIVE, "n": (0.0, 1.0, "left")}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        K, n = parameters
        yield_strain = (K / E) ** (1 / (1 - n))

        def residual(strain: Any) -> Any:
            return E * (strain - plastic_strain) - K * strain**n

        # The law is concave, so it stays below its tangent at yield, whose slope is nE.
        return K * _root(residual, plastic_strain + yield_strain, plastic_strain / (1 - n) + yield_strain) ** n

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        _, n = parameters
        stress = cls._law(plastic_strain, E, *parameters)
        total = n * stress / (plastic_strain + stress / E)
        return total * E / (E - total)

    @classmethod
    def _hardening_stress(cls, strain: Any, plateau: Any, E: Any, *parameters: Any) -> Any:
        K, n = parameters
        return K * strain**n

    @classmethod
    def _hardening_maximum(cls, plateau: Any, E: Any, *parameters: Any) -> tuple[Any, Any]:
        K, n = parameters
        # d ln σ/dε = n/ε = 1.
        strain = np.maximum(n, plateau + cls._law(plateau, E, K, n) / E)
        return strain, K * strain**n


@dataclass(frozen=True, eq=False, kw_only=True)
class Swift(HardeningLaw):
    """Swift's law σ = K·(ε0 + εp)^n.

    Parameters
    ----------
    {E}
    K : float or ndarray
        Strength coefficient, MPa.
    epsilon0 : float or ndarray
        Prestrain ε0, more than 0. The initial yield stress is K·ε0^n.
    n : float or ndarray
        Hardening exponent, 0 (perfectly plastic) to 1.
    {plateau_strain}

    References
    ----------
    H. W. Swift, Plastic instability under plane stress, Journal of the Mechanics and Physics of Solids 1 (1952) 1-18.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.01, n=[0.1, 0.2])
    >>> steel.flow_stress([0.0, 0.05, 0.1]).round(1)
    array([[567.9, 679.3, 721.7],
           [358.3, 512.7, 578.8]])
    """

    K: float | np.ndarray
    epsilon0: float | np.ndarray
    n: float | np.ndarray

    _limits: ClassVar[_Limits] = {"K": _POSITIVE, "epsilon0": _POSITIVE, "n": _EXPONENT}

    @classmethod
    def _from_yield(cls, sigma0: Any, *, epsilon0: Any, n: Any, plateau_strain: Any = 0.0) -> dict[str, Any]:
        K = sigma0 / (epsilon0 + plateau_strain) ** n
        return {"K": K, "epsilon0": epsilon0, "n": n, "plateau_strain": plateau_strain}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        K, epsilon0, n = parameters
        return K * (epsilon0 + plastic_strain) ** n

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        K, epsilon0, n = parameters
        return n * K * (epsilon0 + plastic_strain) ** (n - 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Voce(HardeningLaw):
    """Voce's law σ = σ0 + Q·(1 - exp(-b·εp)): hardening that saturates.

    Parameters
    ----------
    {E}
    sigma0 : float or ndarray
        Stress at zero plastic strain, MPa.
    Q : float or ndarray
        Stress gained at saturation, MPa, 0 or more.
    b : float or ndarray
        Rate of saturation, more than 0.
    {plateau_strain}

    References
    ----------
    E. Voce, The relationship between stress and strain for homogeneous deformation, Journal of the Institute of Metals
    74 (1948) 537-562.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Voce
    >>> steel = Voce(E=210_000, sigma0=300, Q=250, b=15)
    >>> steel.flow_stress([0.0, 0.1, 1.0]).round(1)
    array([300. , 494.2, 550. ])
    """

    sigma0: float | np.ndarray
    Q: float | np.ndarray
    b: float | np.ndarray

    _limits: ClassVar[_Limits] = {"sigma0": _POSITIVE, "Q": _NOT_NEGATIVE, "b": _POSITIVE}

    @classmethod
    def _from_yield(cls, sigma0: Any, *, gain: Any, b: Any) -> dict[str, Any]:
        return {"sigma0": sigma0, "Q": gain * sigma0, "b": b}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        sigma0, Q, b = parameters
        return sigma0 - Q * np.expm1(-b * plastic_strain)

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        _, Q, b = parameters
        return Q * b * np.exp(-b * plastic_strain)


@dataclass(frozen=True, eq=False, kw_only=True)
class SwiftVoce(HardeningLaw):
    """Weighted sum of Swift's and Voce's laws, σ = w·K·(ε0 + εp)^n + (1 - w)·(σ0 + Q·(1 - exp(-b·εp))).

    Parameters
    ----------
    {E}
    weight : float or ndarray
        Weight w of Swift's law, 0 to 1.
    K, epsilon0, n : float or ndarray
        Parameters of Swift's law, see :class:`Swift`.
    sigma0, Q, b : float or ndarray
        Parameters of Voce's law, see :class:`Voce`.
    {plateau_strain}

    References
    ----------
    The same form is documented for the finite-element program Radioss as /MAT/LAW84 (Swift-Voce).

    Examples
    --------
    >>> from sklearn_spt.mechanics import SwiftVoce
    >>> steel = SwiftVoce(E=210_000, weight=0.5, K=900, epsilon0=0.01, n=0.2, sigma0=340, Q=200, b=20)
    >>> steel.flow_stress([0.0, 0.1]).round(1)
    array([349.1, 545.9])
    """

    weight: float | np.ndarray
    K: float | np.ndarray
    epsilon0: float | np.ndarray
    n: float | np.ndarray
    sigma0: float | np.ndarray
    Q: float | np.ndarray
    b: float | np.ndarray

    _limits: ClassVar[_Limits] = {"weight": (0.0, 1.0, "both"), **Swift._limits, **Voce._limits}

    @classmethod
    def _from_yield(cls, sigma0: Any, *, weight: Any, epsilon0: Any, n: Any, gain: Any, b: Any) -> dict[str, Any]:
        swift = {"K": sigma0 / epsilon0**n, "epsilon0": epsilon0, "n": n}
        return {"weight": weight, **swift, **Voce._from_yield(sigma0, gain=gain, b=b)}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        w, K, epsilon0, n, sigma0, Q, b = parameters
        return w * Swift._law(plastic_strain, E, K, epsilon0, n) + (1 - w) * Voce._law(plastic_strain, E, sigma0, Q, b)

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        w, K, epsilon0, n, sigma0, Q, b = parameters
        return w * Swift._slope(plastic_strain, E, K, epsilon0, n) + (1 - w) * Voce._slope(
            plastic_strain, E, sigma0, Q, b
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Ludwik(HardeningLaw):
    """Ludwik's law σ = σ0 + K·εp^n.

    The tangent is infinite at zero plastic strain where 0 < n < 1.

    Parameters
    ----------
    {E}
    sigma0 : float or ndarray
        Stress at zero plastic strain, MPa.
    K : float or ndarray
        Hardening coefficient, MPa, 0 or more.
    n : float or ndarray
        Hardening exponent, more than 0, to 1 (linear hardening).
    {plateau_strain}

    References
    ----------
    P. Ludwik, Elemente der technologischen Mechanik, Springer, Berlin 1909.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Ludwik
    >>> steel = Ludwik(E=210_000, sigma0=300, K=500, n=0.5)
    >>> steel.flow_stress([0.0, 0.01, 0.04])
    array([300., 350., 400.])
    """

    sigma0: float | np.ndarray
    K: float | np.ndarray
    n: float | np.ndarray

    _limits: ClassVar[_Limits] = {"sigma0": _POSITIVE, "K": _NOT_NEGATIVE, "n": (0.0, 1.0, "right")}

    @classmethod
    def _from_yield(cls, sigma0: Any, *, gain: Any, n: Any) -> dict[str, Any]:
        return {"sigma0": sigma0, "K": gain * sigma0, "n": n}

    @classmethod
    def _law(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        sigma0, K, n = parameters
        return sigma0 + K * plastic_strain**n

    @classmethod
    def _slope(cls, plastic_strain: Any, E: Any, *parameters: Any) -> Any:
        _, K, n = parameters
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            # Infinite at no strain and next to it; 0·∞ where there is no hardening at all.
            return np.where(K == 0, 0.0, n * K * plastic_strain ** (n - 1))


def sheet_steel_law(K: ArrayLike, n: ArrayLike) -> Swift:
    """The law of the sheet steel data set: Swift's with ε0 = 0.01 and E = 70,000 MPa.

    Parameters
    ----------
    K : float or array-like
        Strength coefficient, MPa.
    n : float or array-like
        Hardening exponent.

    Returns
    -------
    Swift

    See Also
    --------
    sklearn_spt.datasets.load_sheet_steel

    Examples
    --------
    >>> from sklearn_spt.mechanics import sheet_steel_law
    >>> float(sheet_steel_law(900, 0.5).yield_stress)
    90.0
    """
    return Swift(E=70_000, K=K, epsilon0=0.01, n=n)  # type: ignore[arg-type]
