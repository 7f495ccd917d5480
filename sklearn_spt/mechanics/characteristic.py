"""Characteristic quantities of a load-displacement curve: what a standard has a laboratory read off it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks.record import find_saturation, noise_of
from ..curves import SPTCurve, as_curves
from .quantities import CHARACTERISTIC
from .tensile import vertex

__all__ = ["CharacteristicQuantities", "characteristic_quantities"]

# Fractions of Fe between which the initial line is fitted: above the seating, below the yielding that counts.
SLOPE_RANGE = (0.1, 0.5)
FI_DISPLACEMENT = 0.552
# The load that is left at uf, as a fraction of Fm: from memory, not checked.
LOAD_AT_FAILURE = 0.8
# A bilinear curve has three parameters, and its knee must not hang on one point alone.
MIN_FIT_POINTS = 6
# Half the width, as a fraction of the thickness, of the neighbourhood that a load is read from.
_READING_WIDTH = 0.05
# The neighbourhood of the maximum: loads above this fraction of the largest.
_TOP = 0.98
_MIN_LOCAL_POINTS = 7
_INTEGRATION_POINTS = 2001
# A parabola describes the points if it leaves no more than this many times their noise.
_NOISE_FACTOR = 1.5
# What can be a column of a table.
QUANTITIES = (*CHARACTERISTIC, "h0")


@dataclass(frozen=True, eq=False, kw_only=True)
class CharacteristicQuantities:
    """Characteristic quantities of one curve (floats) or of many (arrays of one shape).

    What could not be determined is NaN, and `missing` says why. ``print(quantities)`` gives a table.

    Attributes
    ----------
    Fe : float or ndarray
        Elastic-plastic transition load of EN 10371, N: the load at the knee of the bilinear fit.
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
    ui : float
        Displacement that `Fi` was read at, mm.
    FB : float or ndarray
        Load of the bilinear fit at its end B, where the displacement is `h0`, N.
    u_start : float or ndarray
        Displacement at which the initial line crosses zero load, mm.
    u_offset : float or ndarray
        Displacement at `F_offset`, mm.
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
    FB: Any
    u_start: Any
    u_offset: Any
    missing: Any

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values for JSON: lists for arrays, None for NaN.

        Returns
        -------
        dict
            The values by the name of the attribute.
        """
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def __str__(self) -> str:
        if np.ndim(self.Fe):
            return f"characteristic quantities of {np.size(self.Fe)} curves"
        lines: list[str] = []
        reasons: dict[str, list[str]] = {}
        for name, quantity in CHARACTERISTIC.items():
            shown = "-" if name in self.missing else f"{getattr(self, name):.4g}"
            if name == "Fi" and name not in self.missing:
                shown += f" (at {self.ui:g} mm)"
            lines.append(f"{quantity.label:<24}{shown}")
            if name in self.missing:
                reasons.setdefault(self.missing[name], []).append(name)
        lines += [f"not determined: {', '.join(names)}: {reason}" for reason, names in reasons.items()]
        return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value != value else float(value)


def characteristic_quantities(
    X: SPTCurve | Iterable[Any],
    *,
    thickness: ArrayLike | None = None,
    ui: float = FI_DISPLACEMENT,
    slope_range: tuple[float, float] = SLOPE_RANGE,
) -> CharacteristicQuantities:
    """Characteristic quantities of load-displacement curves.

    The curves are taken as they are, with their zero where the record has it: correct load offset, toe and compliance
    first. Whether the displacement is that of the punch or the deflection of the specimen's lower face is not known
    here; EN 10371 has both, they differ, and so do the correlations that were found with them.

    Parameters
    ----------
    X : SPTCurve, or list of SPTCurve or of arrays of shape (n_points, 2)
        One curve, or curves of any lengths (columns displacement in mm, load in N).
    thickness : float or array-like of shape (n_curves,), default=None
        Initial thickness of the specimens, mm. By default that of each curve. Without one, the quantities that rest on
        it (Fe, ue, the offset load and the initial slope) are NaN and reported as missing.
    ui : float, default=0.552
        Displacement at which `Fi` is read, mm. The default is that of prEN 10371:2019, table C.1, as cited by [3]_. It
        is not scaled with the thickness, because no source was found that does.
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

    - **Fe** and **ue**: the bilinear function from (0, 0) over A = (ue, Fe) to B = (h0, FB) with the least squared
      distance from the curve, integrated over the displacement [1]_, so that a denser sampling of one part does not
      draw the fit. The minimum is found directly, without iteration, and is the global one. FB is fitted too; there are
      implementations that hold it at the curve's load [3]_. If the second branch is the steeper one, there is no
      transition.
    - **Fe_astm**: the curve's load at the same ue [2]_.
    - **slope**: least squares line through the curve between two fractions of Fe (`slope_range`). The lower one leaves
      the seating of the punch out. Neither standard's rule for it was at hand: the range is this package's.
    - **F_offset**: first load on the line parallel to the initial line at a distance of h0/10 from it (not from the
      origin, so that a wrong zero of the displacement does not matter).
    - **Fm**, **um**: the maximum. **ESP**: the integral of the load up to um. **uf**: first
      displacement after um at which the load is 0.8 Fm. The definitions of uf and ESP are from memory, not checked
      against the standards; no text of a standard or publication that states the 20 % was at hand.

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

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.mechanics import characteristic_quantities
    >>> u = np.linspace(0, 2, 201)
    >>> load = np.where(u < 0.1, 3000 * u, 300 + 1000 * (u - 0.1)) - np.where(u > 1.5, 4000 * (u - 1.5), 0)
    >>> print(characteristic_quantities(SPTCurve(u, load, thickness=0.5)))
    Fe, N (EN 10371)        300
    ue, mm                  0.1
    Fe, N (ASTM E3205)      300
    F at offset h0/10, N    375
    Fi, N                   752 (at 0.552 mm)
    Fm, N                   1700
    um, mm                  1.498
    uf, mm                  1.613
    ESP, mJ                 1411
    initial slope, N/mm     3000
    """
    single = isinstance(X, SPTCurve)
    curves = as_curves([X] if isinstance(X, SPTCurve) else X)
    h0 = thicknesses(thickness, curves, single)
    ui, slope_range = check_ui(ui), check_slope_range(slope_range)
    found = [read_curve(curve, h, ui, slope_range) for curve, h in zip(curves, h0, strict=True)]
    names = [field.name for field in fields(CharacteristicQuantities) if field.name not in ("ui", "missing")]
    values = {name: np.array([reading.values.get(name, np.nan) for reading in found]) for name in names}
    if single:
        scalars = {name: float(value[0]) for name, value in values.items()}
        return CharacteristicQuantities(**scalars, ui=ui, missing=found[0].missing)
    return CharacteristicQuantities(**values, ui=ui, missing=[reading.missing for reading in found])


class Reading:
    """The quantities of one curve, in the order in which they rest on each other."""

    def __init__(self, u: np.ndarray, load: np.ndarray, h0: float, ui: float, slope_range: tuple[float, float]) -> None:
        keep = u >= 0
        self.u, self.load = u[keep], load[keep]
        self.h0, self.ui, self.slope_range = h0, ui, slope_range
        self.values: dict[str, float] = {"h0": h0}
        self.missing: dict[str, str] = {}
        if len(self.u) < 2:
            self._miss(list(CHARACTERISTIC), "the curve has fewer than two points at displacements of 0 or more")
            return
        self._fi()
        if not np.any(self.load > 0):
            self._miss([name for name in CHARACTERISTIC if name != "Fi"], "the load is never positive")
            return
        self._transition()
        self._offset()
        self._maximum()
        self._failure()
        self._saturation()

    def __getattr__(self, name: str) -> float:
        """The quantities as attributes, as of CharacteristicQuantities; NaN where there is none."""
        if name in QUANTITIES:
            return float(self.values.get(name, np.nan))
        raise AttributeError(name)

    def _miss(self, names: Iterable[str], reason: str) -> None:
        self.missing.update(dict.fromkeys(names, reason))

    def _transition(self) -> None:
        names = ("Fe", "ue", "Fe_astm", "FB")
        u, h0 = self.u, self.h0
        if np.isnan(h0):
            return self._miss(names, "it needs the thickness h0, which the curve does not have")
        if u[-1] < h0:
            return self._miss(names, f"the curve ends at {u[-1]:.4g} mm, before the displacement h0 = {h0:.4g} mm")
        inside = (u > 0) & (u < h0)
        if inside.sum() < MIN_FIT_POINTS:
            return self._miss(
                names,
                f"the curve has {inside.sum()} points before h0 = {h0:.4g} mm, fewer than {MIN_FIT_POINTS}",
            )
        # The sum over the points stands for an integral over the curve, also where a coarse record has few of them.
        x = np.linspace(0, h0, max(_INTEGRATION_POINTS, 2 * int(inside.sum())))[1:]
        x0, y0 = (u, self.load) if u[0] == 0 else (np.append(0.0, u), np.append(0.0, self.load))
        ue, Fe, FB = fit_bilinear(x, np.interp(x, x0, y0))
        if Fe <= 0:
            return self._miss(names, f"the bilinear fit has its knee at a load of {Fe:.4g} N, which is not positive")
        if (FB - Fe) / (h0 - ue) >= Fe / ue:
            return self._miss(
                names,
                f"the bilinear fit bends upwards (at {ue:.4g} mm), so that there is no transition below h0; "
                "correct the curve's toe first, if it has one",
            )
        self.values |= {"ue": ue, "Fe": Fe, "FB": FB, "Fe_astm": self._load_at(ue)}

    def _offset(self) -> None:
        names = ("slope", "u_start", "F_offset", "u_offset")
        if "Fe" in self.missing:
            return self._miss(names, self.missing["Fe"])
        u, load, Fe = self.u, self.load, self.values["Fe"]
        low, high = (_first_reach(u, load, fraction * Fe) for fraction in self.slope_range)
        if low is None or high is None or low >= high:
            low_load, high_load = (fraction * Fe for fraction in self.slope_range)
            return self._miss(
                names, f"the curve does not rise from {low_load:.4g} to {high_load:.4g} N, where the slope is fitted"
            )
        inside = (u > low) & (u < high)
        x = np.concatenate([[low], u[inside], [high]])
        y = np.interp(x, u, load)
        weight = _widths(x)
        x_mean, y_mean = np.average(x, weights=weight), np.average(y, weights=weight)
        slope = np.sum(weight * (x - x_mean) * (y - y_mean)) / np.sum(weight * (x - x_mean) ** 2)
        if slope <= 0:
            return self._miss(names, "the curve does not rise at its start; correct its load offset first")
        start = x_mean - y_mean / slope
        self.values |= {"slope": float(slope), "u_start": float(start)}
        # What the curve is above the shifted line; it begins positive, because the line begins at zero load there.
        begin = start + self.h0 / 10
        grid = np.append(max(begin, u[0]), u[u > begin])
        crossing = _first_reach(grid, slope * (grid - begin) - np.interp(grid, u, load), 0.0)
        if crossing is None:
            return self._miss(names[2:], "the line at the offset h0/10 does not meet the curve")
        self.values |= {"u_offset": crossing, "F_offset": float(np.interp(crossing, u, load))}

    def _fi(self) -> None:
        if not self.u[0] <= self.ui <= self.u[-1]:
            self._miss(["Fi"], f"{self.ui:g} mm lie outside the curve, {self.u[0]:.4g} to {self.u[-1]:.4g} mm")
        else:
            self.values["Fi"] = self._load_at(self.ui)

    def _load_at(self, at: float) -> float:
        """The load at a displacement: of a local parabola where it describes the points, else interpolated."""
        u = self.u
        width = _READING_WIDTH * (self.h0 if self.h0 == self.h0 else at)
        near = (u >= at - width) & (u <= at + width)
        fit = _fit_parabola(u[near] - at, self.load[near])
        if fit is not None and u[near][0] < at < u[near][-1]:
            return float(fit.coefficients[0])
        return float(np.interp(at, u, self.load))

    def _maximum(self) -> None:
        names = ("Fm", "um", "uf", "ESP")
        u, load = self.u, self.load
        peak = int(np.argmax(load))
        rises = (
            f"the load still rises at the curve's end ({u[-1]:.4g} mm): Fm is at least {load[peak]:.4g} N; "
            "the curve was cut, or the test stopped, before its maximum"
        )
        high = load > load[peak] / 2
        noise = 5 * (noise_of(u[high], load[high]) if high.sum() >= _MIN_LOCAL_POINTS else 0.0)
        low = np.flatnonzero(load < _TOP * load[peak] - noise)
        top = slice(max(low[low < peak], default=-1) + 1, min(low[low > peak], default=len(u)))
        # A drop by twice as much may come within a step (fracture), and then no parabola knows of it.
        dropped = np.any(load[peak:] < (2 * _TOP - 1) * load[peak] - noise)
        fit = _fit_parabola(u[top] - u[peak], load[top])
        um, Fm = None, float(load[peak])
        if fit is not None and fit.vertex is not None and u[top][0] < u[peak] + fit.vertex < u[top][-1]:
            if not dropped and not fit.falls_at(u[top][-1] - u[peak]):
                return self._miss(names, rises)
            um, Fm = float(u[peak] + fit.vertex), float(fit.value(fit.vertex))
        elif not dropped and (fit is not None or peak >= len(u) - 2):  # one lower point at the end proves nothing
            return self._miss(names, rises)
        if um is None:
            if peak in (0, len(u) - 1):
                return self._miss(names, f"the largest load is that of the curve's first point ({u[0]:.4g} mm)")
            around = slice(peak - 1, peak + 2)
            um = vertex(u[around], load[around])
        before = u < um
        x = np.append(u[before], um)
        y = np.append(load[before], np.interp(um, u, load))
        if x[0] > 0:  # the curve begins at (0, 0), as for the bilinear fit
            x, y = np.append(0.0, x), np.append(0.0, y)
        self.values |= {"Fm": Fm, "um": um, "ESP": float(_widths(x) @ y)}

    def _failure(self) -> None:
        if "Fm" in self.missing:
            return
        u, load, um, Fm = self.u, self.load, self.values["um"], self.values["Fm"]
        after = u > um
        x = np.append(um, u[after])
        y = np.append(np.interp(um, u, load), load[after])
        uf = _first_reach(x, Fm - y, (1 - LOAD_AT_FAILURE) * Fm)
        if uf is None:
            self._miss(
                ["uf"],
                f"the load has not dropped by 20 % up to the curve's end ({u[-1]:.4g} mm, {y[-1] / Fm:.0%} of Fm)",
            )
        else:
            self.values["uf"] = uf

    def _saturation(self) -> None:
        """What rests on loads that were not measured is missing."""
        limit = find_saturation(self.u, self.load)
        if limit is None:
            return
        names = ["Fm", "um", "uf", "ESP"]
        if limit.start < self.ui <= limit.end:
            names.append("Fi")
        if limit.start < self.h0:
            names += ["Fe", "ue", "Fe_astm", "FB", "slope", "u_start", "F_offset", "u_offset"]
        for name in names:
            self.values.pop(name, None)
        self._miss(names, str(limit))


def read_curve(curve: SPTCurve, h0: float, ui: float, slope_range: tuple[float, float]) -> Reading:
    """The quantities of a curve; where its end was cut off, that is why the end is missing."""
    reading = Reading(*curve.monotonic(), h0, ui, slope_range)
    cut = next((c for c in curve.corrections if c.name == "cut" and c.value is not None), None)
    if cut is not None:
        end = [name for name in ("Fm", "um", "uf", "ESP") if name in reading.missing]
        reason = f"the record was cut at {cut.value:.4g} mm ({cut.note}); read it off the record before the cut"
        reading.missing |= dict.fromkeys(end, reason)
    return reading


def fit_bilinear(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """The bilinear function from (0, 0) over (ue, Fe) to (x[-1], FB) that fits the points best.

    Least squares with the trapezoidal rule's weights, which make the sum an integral over x. For every interval between
    neighbouring points the best knee in it is either where the two free lines (the first through the origin) meet, or
    at the interval's ends: all are compared, so the minimum is global and exact.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Displacements, strictly increasing and positive.
    y : ndarray of shape (n_points,)
        Loads.

    Returns
    -------
    ue, Fe, FB : float
    """
    end, scale = x[-1], np.abs(y).max() or 1.0
    x, y = x / end, y / scale
    weight = _widths(np.append(0.0, x))[1:]
    total = np.cumsum(weight * np.stack([np.ones_like(x), x, x * x, y, x * y, y * y]), axis=1)
    left = total[:, :-1]  # sums over the points 0 to k
    right = total[:, -1:] - left  # sums over the points k + 1 to the last

    def squares(knee: np.ndarray, at_knee: np.ndarray, at_end: np.ndarray) -> np.ndarray:
        """Sum of squares for knees between the points k and k + 1."""
        first, second = at_knee / knee, (at_end - at_knee) / (1 - knee)
        constant = at_knee - second * knee
        return np.asarray(
            left[5] - 2 * first * left[4] + first**2 * left[2]
            + right[5] - 2 * second * right[4] - 2 * constant * right[3]
            + second**2 * right[2] + 2 * second * constant * right[1] + constant**2 * right[0]
        )  # fmt: skip

    # The free lines and where they meet. The last interval has one point on the right and no free line there.
    with np.errstate(divide="ignore", invalid="ignore"):
        first = left[4] / left[2]
        second = (right[0] * right[4] - right[1] * right[3]) / (right[0] * right[2] - right[1] ** 2)
        constant = (right[3] - second * right[1]) / right[0]
        meet = constant / (first - second)
        between = (meet > x[:-1]) & (meet < x[1:]) & (np.arange(len(meet)) < len(meet) - 1)
        free = np.where(between, squares(meet, first * meet, second + constant), np.inf)
    # Knees at the points 0 to n - 2: normal equations of the hat functions of the knee and of the end.
    knee = x[:-1]
    span = 1 - knee
    hat = (right[1] - knee * right[0]) / span  # sum of t = (x - knee) / span over the right
    hat2 = (right[2] - 2 * knee * right[1] + knee**2 * right[0]) / span**2
    hat_y = (right[4] - knee * right[3]) / span
    a, b, c = left[2] / knee**2 + right[0] - 2 * hat + hat2, hat - hat2, hat2
    p, q = left[4] / knee + right[3] - hat_y, hat_y
    determinant = a * c - b * b
    at_knee, at_end = (c * p - b * q) / determinant, (a * q - b * p) / determinant
    # A knee at the last point but one would have one point on its right only, and fit it whatever it is.
    node = np.where(np.arange(len(knee)) < len(knee) - 1, squares(knee, at_knee, at_end), np.inf)
    i, k = int(np.argmin(free)), int(np.argmin(node))
    # Where a knee lies at a point but for rounding, the two agree, and the node's numbers are as good.
    if free[i] < node[k]:
        return float(meet[i] * end), float(first[i] * meet[i] * scale), float((second[i] + constant[i]) * scale)
    return float(knee[k] * end), float(at_knee[k] * scale), float(at_end[k] * scale)


@dataclass(frozen=True)
class _Parabola:
    """A least squares parabola, which was found to describe its points."""

    coefficients: np.ndarray
    covariance: np.ndarray

    @property
    def vertex(self) -> float | None:
        """Place of the maximum; None where there is none."""
        _, slope, curvature = self.coefficients
        return None if curvature >= 0 else float(-slope / (2 * curvature))

    def value(self, x: float) -> float:
        return float(self.coefficients @ [1.0, x, x * x])

    def falls_at(self, x: float) -> bool:
        """Whether the parabola falls at x by more than its uncertainty explains (three standard errors)."""
        direction = np.array([0.0, 1.0, 2 * x])
        return bool(direction @ self.coefficients < -3 * np.sqrt(direction @ self.covariance @ direction))


def _fit_parabola(x: np.ndarray, y: np.ndarray) -> _Parabola | None:
    """The parabola through noisy points; None where there are too few, or what it leaves is more than their noise."""
    if len(x) < _MIN_LOCAL_POINTS:
        return None
    scale = np.abs(x).max()
    design = np.vander(x / scale, 3, increasing=True)
    inverse = np.linalg.pinv(design.T @ design)
    coefficients = inverse @ (design.T @ y)
    variance = np.sum((y - design @ coefficients) ** 2) / (len(x) - 3)
    noise = noise_of(x, y)
    if variance > (_NOISE_FACTOR * noise) ** 2:
        return None
    powers = scale ** np.arange(3)
    return _Parabola(coefficients / powers, variance * inverse / np.outer(powers, powers))


def _widths(x: np.ndarray) -> np.ndarray:
    """The trapezoidal rule's weights."""
    step = np.diff(x)
    return np.asarray((np.append(step, 0.0) + np.append(0.0, step)) / 2)


def _first_reach(x: np.ndarray, y: np.ndarray, level: float) -> float | None:
    """Where a polyline first reaches the level, at its first point or from below; None where it does not."""
    reached = np.flatnonzero(y >= level)
    if not reached.size:
        return None
    i = int(reached[0])
    if i == 0:
        return float(x[0])
    return float(x[i - 1] + (level - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]))


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


def check_ui(ui: Any) -> float:
    if isinstance(ui, bool) or not isinstance(ui, int | float | np.number):
        raise TypeError(f"ui must be a displacement in mm; got {ui!r}")
    if not 0 < ui < np.inf:
        raise ValueError(f"ui must be a positive displacement in mm; got {ui!r}")
    return float(ui)


def check_slope_range(slope_range: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in slope_range)
    except (TypeError, ValueError):
        raise TypeError(f"slope_range must be a pair of fractions of Fe; got {slope_range!r}") from None
    if not 0 <= low < high <= 1:
        raise ValueError(f"slope_range must be two fractions of Fe with 0 <= low < high <= 1; got {slope_range!r}")
    return low, high
