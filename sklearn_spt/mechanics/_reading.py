"""How the characteristic quantities of one curve are read, in the order in which they rest on each other."""

from collections.abc import Iterable

import numpy as np

from ..checks.record import find_saturation, noise_of
from ..curves import SPTCurve
from ._bilinear import fit_bilinear, fit_trilinear, widths
from ._parabola import MIN_LOCAL_POINTS, TOP, fit_parabola, vertex
from .quantities import CHARACTERISTIC, FI_DISPLACEMENTS

# The load that is left at uf, as a fraction of Fm: from memory, not checked.
LOAD_AT_FAILURE = 0.8
# A bilinear curve has three parameters, and its knee must not hang on one point alone.
MIN_FIT_POINTS = 6
# Half the width, as a fraction of the thickness, of the neighbourhood that a load is read from.
_READING_WIDTH = 0.05
_INTEGRATION_POINTS = 2001
# What can be a column of a table.
QUANTITIES = (*CHARACTERISTIC, "h0")
_ATTRIBUTES = (*QUANTITIES, "ui")


class Reading:
    """The quantities of one curve, in the order in which they rest on each other."""

    def __init__(
        self,
        u: np.ndarray,
        load: np.ndarray,
        h0: float,
        ui: float,
        slope_range: tuple[float, float],
        displacement_kind: str | None = None,
    ) -> None:
        keep = u >= 0
        self.u, self.load = u[keep], load[keep]
        self.h0, self.ui, self.slope_range = h0, ui, slope_range
        self.displacement_kind = displacement_kind
        self.values: dict[str, float] = {"h0": h0, "ui": ui}
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
        if name in _ATTRIBUTES:
            return float(self.values.get(name, np.nan))
        raise AttributeError(name)

    def _miss(self, names: Iterable[str], reason: str) -> None:
        self.missing.update(dict.fromkeys(names, reason))

    def _transition(self) -> None:
        names = ("Fe", "ue", "Fe_astm", "v0", "FB")
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
        y = np.interp(x, x0, y0)
        v0, ue, Fe, FB = fit_trilinear(x, y) if self.displacement_kind == "punch" else (0.0, *fit_bilinear(x, y))
        if Fe <= 0:
            return self._miss(names, f"the bilinear fit has its knee at a load of {Fe:.4g} N, which is not positive")
        if (FB - Fe) / (h0 - ue) >= Fe / (ue - v0):
            return self._miss(
                names,
                f"the bilinear fit bends upwards (at {ue:.4g} mm), so that there is no transition below h0; "
                "correct the curve's toe first, if it has one",
            )
        self.values |= {"ue": ue, "Fe": Fe, "v0": v0, "FB": FB, "Fe_astm": self._load_at(ue)}

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
        weight = widths(x)
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
        fit = fit_parabola(u[near] - at, self.load[near])
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
        noise = 5 * (noise_of(u[high], load[high]) if high.sum() >= MIN_LOCAL_POINTS else 0.0)
        low = np.flatnonzero(load < TOP * load[peak] - noise)
        top = slice(max(low[low < peak], default=-1) + 1, min(low[low > peak], default=len(u)))
        # A drop by twice as much may come within a step (fracture), and then no parabola knows of it.
        dropped = np.any(load[peak:] < (2 * TOP - 1) * load[peak] - noise)
        fit = fit_parabola(u[top] - u[peak], load[top])
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
        self.values |= {"Fm": Fm, "um": um, "ESP": float(widths(x) @ y)}

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
            names += ["Fe", "ue", "Fe_astm", "v0", "FB", "slope", "u_start", "F_offset", "u_offset"]
        for name in names:
            self.values.pop(name, None)
        self._miss(names, str(limit))


def read_kind(curve: SPTCurve) -> str | None:
    """Whose displacement the quantities are read at: that of a crosshead counts as the punch's."""
    return "punch" if curve.displacement_kind == "crosshead" else curve.displacement_kind


def place_of_fi(curve: SPTCurve) -> float:
    """Where Fi is read off a curve, mm: of a rig that EN 10371 does not know where the standard disc has it."""
    rig, kind = curve.rig, read_kind(curve) or "deflection"
    return FI_DISPLACEMENTS.get((rig or "EN10371", kind), FI_DISPLACEMENTS["EN10371", kind])


def read_curve(curve: SPTCurve, h0: float, ui: float | None, slope_range: tuple[float, float]) -> Reading:
    """The quantities of a curve; where its end was cut off, that is why the end is missing."""
    place = place_of_fi(curve) if ui is None else ui
    reading = Reading(*curve.monotonic(), h0, place, slope_range, read_kind(curve))
    cut = next((c for c in curve.corrections if c.name == "cut" and c.value is not None), None)
    if cut is not None:
        end = [name for name in ("Fm", "um", "uf", "ESP") if name in reading.missing]
        reason = f"the record was cut at {cut.value:.4g} mm ({cut.note}); read it off the record before the cut"
        reading.missing |= dict.fromkeys(end, reason)
    return reading


def _first_reach(x: np.ndarray, y: np.ndarray, level: float) -> float | None:
    """Where a polyline first reaches the level, at its first point or from below; None where it does not."""
    reached = np.flatnonzero(y >= level)
    if not reached.size:
        return None
    i = int(reached[0])
    if i == 0:
        return float(x[0])
    return float(x[i - 1] + (level - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]))
