"""Characteristic quantities of a load-displacement curve: what a standard has a laboratory read off it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve, as_curves
from ..utils.parameters import check_parameter
from ..utils.state import Number, Pair
from ._read_off import ReadOff
from ._reading import read_curve
from .quantities import CHARACTERISTIC, Quantity

__all__ = ["CharacteristicQuantities", "characteristic_quantities"]

# Fractions of Fe between which the initial line is fitted: above the seating, below the yielding that counts.
SLOPE_RANGE = (0.1, 0.5)


@dataclass(frozen=True, eq=False, kw_only=True)
class CharacteristicQuantities(ReadOff):
    """Characteristic quantities of one curve (floats) or of many (arrays of one shape).

    What could not be determined is NaN, and `missing` says why. ``print(quantities)`` gives a table.

    Attributes
    ----------
    Fe : float or ndarray
        Elastic-plastic transition load of EN 10371, N: the load at the knee of the bilinear fit, of the trilinear one
        where the displacement is that of the punch.
    ue : float or ndarray
        Displacement at the knee, mm.
    Fe_astm : float or ndarray
        Transition load in the variant of ASTM E3205, N: the curve's own load at `ue`.
    F_offset : float or ndarray
        Load where the initial line, shifted by a tenth of the thickness, meets the curve, N.
    Fi : float or ndarray
        Load at the displacement `ui`, N.
    Fm : float or ndarray
        Maximum load, N.
    um : float or ndarray
        Displacement at the maximum load, mm.
    uf : float or ndarray
        Displacement where the load has dropped by 20 % after the maximum, mm. (The 20 % are not checked, see Notes.)
    ESP : float or ndarray
        Energy up to the maximum load, mJ (N·mm): the area under the curve from 0 to `um`.
    slope : float or ndarray
        Slope of the initial line, N/mm.
    h0 : float or ndarray
        Initial thickness of the specimen, mm.
    ui : float or ndarray
        Displacement that `Fi` was read at, mm.
    v0 : float or ndarray
        Displacement where the trilinear fit begins to rise, mm; 0 of a bilinear fit.
    FB : float or ndarray
        Load of the bilinear or trilinear fit at its end B, where the displacement is `h0`, N.
    u_start : float or ndarray
        Displacement at which the initial line crosses zero load, mm.
    u_offset : float or ndarray
        Displacement at `F_offset`, mm.
    displacement_kind : {"punch", "deflection"} or None, or list of them, one per curve
        Whose displacement the quantities were read at, as far as the curve says it; that of a crosshead counts as the
        punch's.
    missing : dict, or list of dicts, one per curve
        Name of the attribute -> why it is NaN. Empty where nothing is missing.
    """

    Fe: Any
    ue: Any
    Fe_astm: Any
    F_offset: Any
    Fi: Any
    Fm: Any
    um: Any
    uf: Any
    ESP: Any
    slope: Any
    h0: Any
    ui: Any
    v0: Any
    FB: Any
    u_start: Any
    u_offset: Any
    displacement_kind: Any
    missing: Any

    _quantities: ClassVar[Mapping[str, Quantity]] = CHARACTERISTIC
    _many: ClassVar[str] = "characteristic quantities of {} curves"

    def _remark(self, name: str) -> str:
        return f" (at {self.ui:g} mm)" if name == "Fi" else ""


def characteristic_quantities(
    X: SPTCurve | Iterable[Any],
    *,
    thickness: ArrayLike | None = None,
    ui: float | None = None,
    slope_range: tuple[float, float] = SLOPE_RANGE,
) -> CharacteristicQuantities:
    """Characteristic quantities of load-displacement curves.

    The curves are taken as they are, with their zero where the record has it: correct load offset, toe and compliance
    first. EN 10371 has the displacement of the punch, v, and the deflection of the specimen's lower face, u; they
    differ, and so do the places and the correlations that belong to them. A curve's `displacement_kind` says which it
    has; where it does not, the definitions for the deflection are used.

    Parameters
    ----------
    X : SPTCurve, or list of SPTCurve or of arrays of shape (n_points, 2)
        One curve, or curves of any lengths (columns displacement in mm, load in N).
    thickness : float or array-like of shape (n_curves,), default=None
        Initial thickness of the specimens, mm. By default that of each curve. Without one, the quantities that rest on
        it (Fe, ue, the offset load and the initial slope) are NaN and reported as missing.
    ui : float, default=None
        Displacement at which `Fi` is read, mm. By default 0.552 mm where it is the deflection of the specimen, or the
        curve does not say what it is, and 0.645 mm where it is that of the punch; on the rig "MINIATURE" 0.282 and
        0.320 mm [4]_. It is not scaled with the thickness, because no source was found that does.
    slope_range : tuple of two floats, default=(0.1, 0.5)
        Loads, as fractions of Fe, between which the initial line is fitted.

    Returns
    -------
    CharacteristicQuantities
        Floats for one SPTCurve, arrays of shape (n_curves,) for a list. What a curve does not hold is NaN, and
        `missing` says why: above all the maximum where the curve ends before it, or where it was cut
        (:class:`~sklearn_spt.preprocessing.CurveCutter`).

    Raises
    ------
    TypeError, ValueError
        If a curve is not valid, a thickness is not positive, their number is not that of the curves, or `ui` or
        `slope_range` is impossible.

    Notes
    -----
    Displacements u < 0 are left out; between points the curve is linear.

    - **Fe** and **ue**, of the deflection: the bilinear function from (0, 0) over A = (ue, Fe) to B = (h0, FB) with the
      least squared distance from the curve, integrated over the displacement [1]_, so that a denser sampling of one
      part does not draw the fit. The minimum is found directly, without iteration, and is the global one. FB is fitted
      too; there are implementations that hold it at the curve's load [3]_. If the second branch is the steeper one,
      there is no transition. Of the displacement of the punch: the trilinear function, which is 0 up to a free start v0
      and bilinear from there on [4]_; v0 is not negative here.
    - **Fe_astm**: the curve's load at the same ue [2]_.
    - **slope**: least squares line through the curve between two fractions of Fe (`slope_range`). The lower one leaves
      the seating of the punch out. Neither standard's rule for it was available: the range is this package's.
    - **F_offset**: first load on the line parallel to the initial line at a distance of h0/10 from it (not from the
      origin, so that a wrong zero of the displacement does not matter).
    - **Fm**, **um**: the maximum. **ESP**: the integral of the load up to um. **uf**: first
      displacement after um at which the load is 0.8 Fm. The definitions of uf and ESP are from memory, not checked
      against the standards; no text of a standard or publication that states the 20 % was available.

    Noise: Fe and the slope are fits over many points and need nothing more. Loads at one displacement (Fe_astm, Fi)
    and the maximum are read from a least squares parabola: over h0/20 on each side of the displacement, and over the
    loads above 0.98 of the largest (less five times the noise, whose peaks the largest load is one of). It is used only
    if it describes these points: if what it leaves is no more than 1.5 times the noise that the differences between
    neighbouring points show. Otherwise, at kinks and in records that are coarse or free of noise, the points themselves
    count: loads are interpolated between them, Fm is the largest and um the vertex of the parabola through it and its
    neighbours. The maximum counts as reached only if the load falls after it by more than the noise explains (three
    standard errors of the parabola's slope at its end).

    A load cell or amplifier at its limit: where the largest loads are equal, or scatter no more than the noise, over
    more than 3 % of the stroke, and are entered with a break of slope, there is no maximum. Fm, um, uf and ESP are
    missing then, and Fe and what rests on it too where the limit is reached before h0.

    References
    ----------
    .. [1] EN 10371, Metallic materials, Small punch test method.
    .. [2] ASTM E3205, Standard test method for small punch testing of metallic materials.
    .. [3] S. Lubbad, analyse_LDC.py, code to the thesis "Numerical methods for interpreting small punch test results
       for the assessment and qualification of nuclear fusion reactor materials", University of Oxford, 2025.
    .. [4] M. Bruchhausen et al., European standard on small punch testing of metallic materials, Ubiquity Proceedings
       1(S1) 11 (2018), doi 10.5334/uproc.11: the state of the standard in 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.mechanics import characteristic_quantities
    >>> u = np.linspace(0, 2, 201)
    >>> load = np.where(u < 0.1, 3000 * u, 300 + 1000 * (u - 0.1)) - np.where(u > 1.5, 4000 * (u - 1.5), 0)
    >>> print(characteristic_quantities(SPTCurve(u, load, thickness=0.5)))
    Fe, N (EN 10371)      300
    ue, mm                0.1
    Fe, N (ASTM E3205)    300
    F at offset h0/10, N  375
    Fi, N                 752 (at 0.552 mm)
    Fm, N                 1700
    um, mm                1.498
    uf, mm                1.613
    ESP, mJ               1411
    initial slope, N/mm   3000
    """
    single = isinstance(X, SPTCurve)
    curves = as_curves([X] if isinstance(X, SPTCurve) else X)
    h0 = thicknesses(thickness, curves, single)
    check_parameter("", "ui", ui, Number(above=0, unit="mm", none=True))
    check_parameter("", "slope_range", slope_range, Pair(low=0, high=1))
    low, high = map(float, slope_range)
    found = [read_curve(curve, h, ui, (low, high)) for curve, h in zip(curves, h0, strict=True)]
    names = [f.name for f in fields(CharacteristicQuantities) if f.name not in ("displacement_kind", "missing")]
    values = {name: np.array([reading.values.get(name, np.nan) for reading in found]) for name in names}
    if single:
        scalars = {name: float(value[0]) for name, value in values.items()}
        return CharacteristicQuantities(
            **scalars, displacement_kind=found[0].displacement_kind, missing=found[0].missing
        )
    kinds = [reading.displacement_kind for reading in found]
    return CharacteristicQuantities(**values, displacement_kind=kinds, missing=[reading.missing for reading in found])


def thicknesses(thickness: Any, curves: Sequence[SPTCurve | None], single: bool = False) -> np.ndarray:
    """One thickness per curve: what is given, else the curve's own, else NaN. None stands for a curve without one."""
    if thickness is None:
        return np.array([getattr(curve, "thickness", None) or np.nan for curve in curves])
    try:
        values = np.asarray(thickness, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"thickness must be a number or an array of numbers (mm); got {thickness!r}") from None
    if values.shape != () and (single or values.shape != (len(curves),)):
        count = "one curve" if single else f"{len(curves)} curves"
        raise ValueError(f"thickness must be one number, or one number per curve; got shape {values.shape} for {count}")
    if not np.all((values > 0) & np.isfinite(values)):
        raise ValueError(f"thickness must be positive (mm); got {thickness!r}")
    return np.broadcast_to(values, (len(curves),))
