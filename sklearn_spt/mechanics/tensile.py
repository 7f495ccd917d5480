"""What a tensile test reports, read from a true stress-strain curve."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import uniform_filter1d

from ..utils.parameters import check_parameter
from ..utils.state import Pair
from ._parabola import maximum_of, scatter_of
from ._read_off import ReadOff
from .quantities import TENSILE, Quantity

__all__ = ["TensileProperties", "engineering_curve", "tensile_properties"]

# A specimen that is 0.2 % longer after unloading has this true plastic strain.
PROOF_STRAIN = float(np.log1p(0.002))
# True plastic strains of the fit of K and n, unless asked otherwise.
FIT_RANGE = (0.02, 0.2)
MIN_FIT_POINTS = 3
# A plateau begins at a strain below the first number, and the engineering stress falls on it by more than the second.
YIELD_POINT_STRAIN = 0.02
PLATEAU_DROP = 0.002
# Beyond that, a noisy stress falls by more than this many times what averaging leaves of its noise.
_NOISE_OF_FALL = 4.0
# No tensile curve has a true strain of 500 %: what is greater is in %.
MAX_STRAIN = 5.0
# No metal is near it, MPa: what is greater is in kPa or Pa.
MAX_MODULUS = 1e6


@dataclass(frozen=True, eq=False, kw_only=True)
class TensileProperties(ReadOff):
    """Tensile properties of one material (floats) or of many (arrays of one shape).

    What could not be determined is NaN, and `missing` says why. ``print(properties)`` gives a table.

    Attributes
    ----------
    proof_stress : float or ndarray
        Rp0.2, MPa: the engineering stress that leaves a permanent elongation of 0.2 %.
    lower_yield_strength : float or ndarray
        ReL, MPa: the lowest engineering stress on a yield plateau. NaN where the curve has no plateau; `missing` does
        not list it then, because there is nothing to be found. Of a band (`tensile_property_bounds`), `missing` lists
        it where curves with and without a plateau lie in the band.
    tensile_strength : float or ndarray
        Rm, MPa: the maximum of the engineering stress.
    uniform_elongation : float or ndarray
        Ag: plastic engineering strain at maximum force (1, not %), which is Agt - Rm/E.
    total_uniform_elongation : float or ndarray
        Agt: total engineering strain at maximum force (1, not %).
    necking_strain : float or ndarray
        True total strain at maximum force.
    hardening_exponent : float or ndarray
        n of σ = K·εp^n, fitted over `fit_range`.
    strength_coefficient : float or ndarray
        K of that fit, MPa.
    fit_range : tuple of two floats, or ndarray of shape (..., 2)
        First and last true plastic strain of the points that the fit used.
    missing : dict, or list of dicts, one per material (of the flattened arrays)
        Name of the attribute -> why it is NaN. Empty where nothing is missing.
    """

    proof_stress: Any
    lower_yield_strength: Any
    tensile_strength: Any
    uniform_elongation: Any
    total_uniform_elongation: Any
    necking_strain: Any
    hardening_exponent: Any
    strength_coefficient: Any
    fit_range: Any
    missing: Any

    _quantities: ClassVar[Mapping[str, Quantity]] = TENSILE
    _many: ClassVar[str] = "tensile properties of {} materials"

    def _remark(self, name: str) -> str:
        low, high = self.fit_range
        return f" (plastic strain {low:.3g} to {high:.3g})" if name == "hardening_exponent" else ""


def tensile_properties(
    strain: ArrayLike,
    stress: ArrayLike,
    *,
    E: ArrayLike | None = None,
    fit_range: tuple[float, float] = FIT_RANGE,
) -> TensileProperties:
    """Tensile properties from true stress-strain curves.

    A true curve is what a model of this package predicts. A tensile test reports engineering quantities, so the curve
    is converted: engineering strain e = exp(ε) - 1, engineering stress s = σ·exp(-ε), for constant volume. Nothing is
    read from beyond the ends of the curve.

    Parameters
    ----------
    strain : array-like of shape (n_strains,)
        True total strain (elastic and plastic), increasing, 0 or more.
    stress : array-like of shape (n_strains,) or (n_curves, n_strains)
        True stress, MPa.
    E : float or array-like of shape (n_curves,), default=None
        Young's modulus, MPa. It is not estimated: without it, what rests on the plastic strain (Rp0.2, Ag, n and K) is
        NaN and reported as missing.
    fit_range : tuple of two floats, default=(0.02, 0.2)
        True plastic strains between which n and K are fitted. The upper one is lowered to the strain at maximum force,
        and to the curve's end. Begin after the plateau of a steel that has one.

    Returns
    -------
    TensileProperties
        Floats for one curve, arrays of shape (n_curves,) for a 2-D `stress`. What the curve does not hold is NaN, and
        `missing` says why: above all the maximum force where the curve ends before it.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite numbers, the shapes do not fit, the strain does not increase or is negative,
        a stress is negative, or `E` or `fit_range` is impossible.

    Notes
    -----
    - **Rp0.2** is the engineering stress where the true plastic strain ε - σ/E is ln(1.002), that is, where the
      specimen is 0.2 % longer after unloading; linear interpolation between points. A laboratory draws a line parallel
      to the elastic one at 0.2 % in the engineering diagram. That line meets the curve earlier, by a plastic strain of
      about 1.5·x² + 0.004·x with x = σ/E: for steel at 500 MPa a hundredth of the 0.2 %.
    - **ReL** is the lowest engineering stress between the yield point, a maximum of s at a strain below 0.02, and the
      strain where s comes back to its level, if it falls by more than 0.2 % in between (on a plateau of the true
      stress it falls by the plateau's length). The initial transient, which ISO 6892-1 leaves out of account, is not
      told apart. Of a noisy s as many neighbouring points are averaged as leave a quarter of the 0.2 % as noise, at
      most a quarter of the curve, and what is left must not explain the fall.
    - **Rm** is the largest s among the points. There dσ/dε = σ (Considère). Its strain is the vertex of the parabola
      through this point and its neighbours. Of a noisy curve both are the vertex of the parabola over ln ε through the
      points above 0.98 of the largest s, less five times the noise, if it describes these points.
    - **Ag** and **Agt** are the plastic and the total extension at maximum force, as ISO 6892-1 defines them:
      Agt = exp(ε) - 1 and Ag = Agt - Rm/E. Near the maximum s is flat, so noise shifts them much more than Rm.
    - **n** and **K** are the slope and intercept of ln σ over ln εp, as ISO 10275 prescribes.

    References
    ----------
    .. [1] ISO 6892-1, Metallic materials, Tensile testing, Part 1: Method of test at room temperature.
    .. [2] ISO 10275, Metallic materials, Sheet and strip, Determination of tensile strain hardening exponent.
    .. [3] A. Considère, Mémoire sur l'emploi du fer et de l'acier dans les constructions, Annales des Ponts et
       Chaussées 9 (1885) 574-775.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt.mechanics import tensile_properties
    >>> strain = np.linspace(0.001, 0.3, 300)
    >>> stress = np.minimum(210_000 * strain, 900 * strain**0.2)
    >>> print(tensile_properties(strain, stress, E=210_000))
    Rp0.2, MPa                  286.8
    Rm, MPa                     534.1
    uniform elongation Ag       0.2189
    total elongation at Rm Agt  0.2214
    true strain at Rm           0.2
    n                           0.1942 (plastic strain 0.02 to 0.197)
    K, MPa                      893.4
    """
    strain, stress, modulus, single = check_curves(strain, stress, E)
    check_parameter("", "fit_range", fit_range, Pair(above=0))
    low, high = map(float, fit_range)
    n_curves = len(stress)
    missing: list[dict[str, str]] = [{} for _ in range(n_curves)]
    proof, lower_yield, strength, necking = np.full((4, n_curves), np.nan)
    fit = np.full((4, n_curves), np.nan)

    for i, engineering in enumerate(stress * np.exp(-strain)):
        lower_yield[i] = plateau(strain, engineering)
        top = maximum_of(strain, engineering)
        if top is not None:
            necking[i], strength[i] = top
        elif np.argmax(engineering) < len(strain) / 2:
            missing[i]["tensile_strength"] = (
                f"the engineering stress falls from the first point on (strain {strain[0]:.4g}): "
                "the maximum lies before it"
            )
        else:
            missing[i]["tensile_strength"] = (
                f"the engineering stress still rises at the curve's end (strain {strain[-1]:.4g}): "
                f"Rm is at least {engineering[-1]:.4g} MPa"
            )
    if modulus is None:
        for name in ("proof_stress", "hardening_exponent"):
            for reasons in missing:
                reasons[name] = "it needs Young's modulus E, which was not given"
    else:
        plastic = strain - stress / modulus[:, None]
        proof = proof_stresses(strain, stress, modulus)
        for i in np.flatnonzero(np.isnan(proof)).tolist():
            if plastic[i, 0] >= PROOF_STRAIN:
                missing[i]["proof_stress"] = f"the curve begins at a plastic strain of {plastic[i, 0]:.3g}, above 0.2 %"
            else:
                missing[i]["proof_stress"] = f"the plastic strain stays below 0.2 % (up to {plastic[i].max():.3g})"
        uniform = strain <= np.where(np.isnan(necking), np.inf, necking)[:, None]
        used = (plastic >= low) & (plastic <= high) & uniform & (stress > 0)
        fit = fit_power_law(plastic, stress, used)
        for i in np.flatnonzero(np.isnan(fit[0])).tolist():
            missing[i]["hardening_exponent"] = (
                f"fewer than {MIN_FIT_POINTS} points have a plastic strain between {low:g} and {high:g} "
                "before the maximum force"
            )
    return pack(() if single else (n_curves,), modulus, proof, lower_yield, strength, necking, fit, missing)


def proof_stresses(strain: np.ndarray, stress: np.ndarray, modulus: np.ndarray | float) -> np.ndarray:
    """Rp0.2 of true curves, see `tensile_properties`, which checks them.

    Parameters
    ----------
    strain : ndarray of shape (n_strains,)
    stress : ndarray of shape (n_curves, n_strains)
        MPa.
    modulus : ndarray of shape (n_curves,) or float
        Young's modulus, MPa.

    Returns
    -------
    ndarray of shape (n_curves,)
        MPa; NaN where a curve does not reach the plastic strain of 0.2 %, or begins above it.
    """
    modulus = np.broadcast_to(modulus, len(stress))
    plastic = strain - stress / modulus[:, None]
    reached = plastic >= PROOF_STRAIN
    after = np.argmax(reached, axis=1)
    known = np.flatnonzero(after)
    after = after[known]
    first, last = plastic[known, after - 1], plastic[known, after]
    low, high = stress[known, after - 1], stress[known, after]
    true = low + (high - low) * (PROOF_STRAIN - first) / (last - first)
    proof = np.full(len(stress), np.nan)
    proof[known] = true * np.exp(-PROOF_STRAIN - true / modulus[known])
    return proof


def plateau(strain: np.ndarray, engineering: np.ndarray) -> float:
    """The lowest engineering stress on a yield plateau; NaN where there is none."""
    noise = scatter_of(strain, engineering)
    # As many points are averaged as leave a quarter of the fall that counts.
    width = min(math.ceil((4 * noise / (PLATEAU_DROP * engineering.max())) ** 2), len(strain) // 4)
    if width > 1:
        engineering = uniform_filter1d(engineering, width, mode="nearest")
        noise /= np.sqrt(width)
    falls = np.flatnonzero((np.diff(engineering) < 0) & (strain[:-1] < YIELD_POINT_STRAIN))
    highest = -np.inf
    for start in falls.tolist():
        # Noise falls as well, from lower levels than a yield point is at.
        if engineering[start] <= highest:
            continue
        highest = engineering[start]
        above = np.flatnonzero(engineering[start + 1 :] >= highest)
        if not above.size:  # the stress falls to the curve's end: necking, or nothing that can be told from it
            return np.nan
        lowest = float(engineering[start : start + 2 + int(above[0])].min())
        if lowest < (1 - PLATEAU_DROP) * highest - _NOISE_OF_FALL * noise:
            return lowest
        if not noise:
            return np.nan
    return np.nan


def engineering_curve(strain: ArrayLike, stress: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Engineering strain and stress from true ones.

    Constant volume and a uniform state are assumed: e = exp(ε) - 1 and s = σ·exp(-ε) [1]_. After the maximum force,
    where a specimen necks, the result is not what a tensile test records.

    Parameters
    ----------
    strain : array-like of shape (n_strains,)
        True total strain, increasing, 0 or more.
    stress : array-like of shape (n_strains,) or (n_curves, n_strains)
        True stress, MPa.

    Returns
    -------
    strain : ndarray of shape (n_strains,)
        Engineering strain (1, not %).
    stress : ndarray of the shape of `stress`
        Engineering stress, MPa.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite numbers, the shapes do not fit, the strain does not increase or is negative, or
        a stress is negative.

    References
    ----------
    .. [1] ISO 10275, Metallic materials, Sheet and strip, Determination of tensile strain hardening exponent.

    Examples
    --------
    >>> from sklearn_spt.mechanics import engineering_curve
    >>> strain, stress = engineering_curve([0.0, 0.1, 0.2], [300, 500, 560])
    >>> strain.round(3), stress.round(1)
    (array([0.   , 0.105, 0.221]), array([300. , 452.4, 458.5]))
    """
    strain, true, _, single = check_curves(strain, stress, None)
    engineering = true * np.exp(-strain)
    return np.expm1(strain), engineering[0] if single else engineering


def refuse_percent(strain: np.ndarray) -> None:
    """Raise ValueError where increasing strains end so high that they must be in %."""
    if strain[-1] > MAX_STRAIN:
        raise ValueError(
            f"strain goes up to {strain[-1]:g}; it is true total strain as a number (0.2), not in % (20): divide it by "
            "100"
        )


def check_curves(strain: Any, stress: Any, E: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, bool]:
    strain, stress = _numbers("strain", strain), _numbers("stress", stress)
    if strain.ndim != 1 or len(strain) < 3:
        raise ValueError(f"strain must be 1-D with at least 3 points; got shape {strain.shape}")
    if stress.ndim not in (1, 2) or stress.shape[-1] != len(strain) or not stress.size:
        raise ValueError(
            f"stress must have the shape (n_strains,) or (n_curves, n_strains) with n_strains = {len(strain)}, "
            f"the length of strain; got {stress.shape}"
        )
    if strain[0] < 0 or np.any(np.diff(strain) <= 0):
        raise ValueError("strain must increase from point to point and be 0 or more; it is true total strain, not in %")
    refuse_percent(strain)
    single = stress.ndim == 1
    stress = np.atleast_2d(stress)
    if np.any(stress < 0):
        curve, point = np.argwhere(stress < 0)[0]
        raise ValueError(f"stress of curve {curve} is negative at point {point} ({stress[curve, point]:g} MPa)")
    if E is None:
        return strain, stress, None, single
    modulus = _numbers("E", E)
    if modulus.ndim > (0 if single else 1) or modulus.shape not in ((), (len(stress),)):
        raise ValueError(f"E must be a number, or one number per curve ({len(stress)}); got shape {modulus.shape}")
    if np.any(modulus <= 0):
        raise ValueError(f"E must be positive (MPa); got {modulus.min():g}")
    if np.any(modulus > MAX_MODULUS):
        raise ValueError(
            f"E must be Young's modulus in MPa, and no metal has {modulus.max():g} MPa. Is it in kPa or Pa? 210 GPa "
            "are 210000 MPa"
        )
    # A modulus in GPa would make all of the strain elastic, and more than all.
    elastic = stress[:, -1] / modulus
    if np.any(elastic > 2 * strain[-1]):
        curve = int(np.argmax(elastic))
        raise ValueError(
            f"E must be Young's modulus in MPa; with {np.broadcast_to(modulus, elastic.shape)[curve]:g} the elastic "
            f"strain of curve {curve} would be {elastic[curve]:.3g} where the total strain is {strain[-1]:g}. Is it in "
            "GPa?"
        )
    return strain, stress, np.broadcast_to(modulus, (len(stress),)), single


def _numbers(name: str, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be an array of numbers ({error})") from None
    if not np.all(np.isfinite(array)):
        where = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} is {array[where]} at index {where}; it must be finite everywhere")
    return array


def fit_power_law(plastic: np.ndarray, stress: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Fit ln σ = ln K + n ln εp to the `used` points of each row.

    Returns the rows n, K, first and last plastic strain used; NaN where fewer than three points are used.
    """
    x = np.log(np.where(used, plastic, 1.0))
    y = np.log(np.where(used, stress, 1.0))
    count = used.sum(axis=1)
    count = np.where(count < MIN_FIT_POINTS, np.nan, count)
    x_mean, y_mean = x.sum(axis=1) / count, y.sum(axis=1) / count
    dx = np.where(used, x - x_mean[:, None], 0.0)
    n = (dx * y).sum(axis=1) / np.where(np.isnan(count), np.nan, (dx**2).sum(axis=1))
    low = np.where(used, plastic, np.inf).min(axis=1)
    high = np.where(used, plastic, -np.inf).max(axis=1)
    return np.where(np.isnan(count), np.nan, [n, np.exp(y_mean - n * x_mean), low, high])


def pack(
    shape: tuple[int, ...],
    E: np.ndarray | None,
    proof_stress: np.ndarray,
    lower_yield_strength: np.ndarray,
    tensile_strength: np.ndarray,
    necking_strain: np.ndarray,
    fit: np.ndarray,
    missing: list[dict[str, str]],
) -> TensileProperties:
    """Derive the elongations and give flat arrays the shape of the materials (floats for a single one)."""
    total = np.expm1(necking_strain)
    uniform = np.full_like(total, np.nan) if E is None else total - tensile_strength / E
    for reasons in missing:
        if "tensile_strength" in reasons:
            for name in ("uniform_elongation", "total_uniform_elongation", "necking_strain"):
                reasons[name] = reasons["tensile_strength"]
        elif E is None:
            reasons["uniform_elongation"] = reasons["proof_stress"]
        if "hardening_exponent" in reasons:
            reasons["strength_coefficient"] = reasons["hardening_exponent"]
    values = {
        "proof_stress": proof_stress,
        "lower_yield_strength": lower_yield_strength,
        "tensile_strength": tensile_strength,
        "uniform_elongation": uniform,
        "total_uniform_elongation": total,
        "necking_strain": necking_strain,
        "hardening_exponent": fit[0],
        "strength_coefficient": fit[1],
    }
    if not shape:
        scalars = {name: float(value[0]) for name, value in values.items()}
        return TensileProperties(**scalars, fit_range=(float(fit[2, 0]), float(fit[3, 0])), missing=missing[0])
    arrays = {name: value.reshape(shape) for name, value in values.items()}
    return TensileProperties(**arrays, fit_range=fit[2:].T.reshape(*shape, 2), missing=missing)
