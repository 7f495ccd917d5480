"""The zero of the displacement."""

from typing import Annotated, Any

import numpy as np

from ...checks.beginning import about_seating, certain, is_seating, steepest, tolerance
from ...curves import CurveCorrection, SPTCurve
from ...utils.state import Choice, Number
from ._base import CurveCorrector, Unchanged
from ._branch import LOAD_RANGE, rising_branch

_LOAD_RANGE = (0.01, 0.1)
# Where a toe is not found up to there, these come next: what they are worth stands in
# benchmarks/results/record_sampling.json.
_WIDER = (0.15, 0.2, 0.25, 0.3)
# But the branch must end this near to the toe: as a part of the thickness, or, where that is not known, in mm. Beyond
# it a disc yields, and few points far apart would be extrapolated over the knee.
_REACH, _REACH_MM = 0.4, 0.2
_DEGREE = 2
# Where simulated curves without a toe extrapolate to zero load, mm: medians of every third curve of load_en10371_steel
# with points every 2.5 µm (python -m benchmarks.corrections). Half of the curves lie within 0.5 µm of the first, and
# within 1.5 µm of the second; with a point every 10 µm both are 1.5 µm less.
FEET = {("EN10371", "punch"): 0.0009, ("EN10371", "deflection"): -0.0014}


class ToeCorrector(CurveCorrector):
    """Put the zero of the displacement where the initial branch, extrapolated, has no load.

    Parameters
    ----------
    load_range : tuple of two floats, default=(0.01, 0.1)
        Loads, as fractions of the largest, between which the initial branch is fitted. Where the default finds no toe,
        because the record has few points there, it is tried up to 0.15, 0.2, 0.25 and 0.3, as long as the branch ends
        within 0.4 of the thickness (0.2 mm where that is not known) from the toe, and the entry's note says so.
    degree : {1, 2}, default=2
        Degree of the polynomial that is fitted to the load over the displacement. The branch is curved already at
        small loads, and a line puts the zero too early by an amount that depends on the material.
    foot : float, default=None
        Extrapolated zero of a test without a toe, mm, which is not taken for a toe: the ball's contact grows first, so
        that the branch starts slowly. It depends on the rig; find it with curves whose zero is known. By default it is
        0.0009 mm for curves whose `rig` is "EN10371", and -0.0014 mm where these have the deflection of the specimen
        (from simulated curves, for the default `load_range` and `degree` only), and 0 for all others; the entry's note
        says which.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    Points before the corrected zero are kept, with negative displacements. The rule is this package's own.

    A seating that is curved up to loads where the branch is fitted, and a branch that bends over the knee already, put
    the zero too early. Where the steepest line through the beginning (up to 0.3 of the maximum, within 0.4 of the
    thickness of the contact) meets zero load later than the branch by more than 0.012 of the thickness and three of its
    standard errors, or no toe is found otherwise, the toe is where this line has no load, and the entry's note says so.
    If the load begins in front of it, that is warned of: of a seating that is curved up to where a disc yields, nothing
    tells the zero exactly.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import ToeCorrector
    >>> u = np.linspace(0.0, 1.0, 101)
    >>> curve = SPTCurve(u, 1000 * np.maximum(u - 0.02, 0))
    >>> print(ToeCorrector().transform([curve])[0].corrections[0])
    toe 0.02 mm (9 points from 10 to 90 N, foot 0: rig not given)
    """

    _name = "toe"

    load_range: Annotated[tuple[float, float], LOAD_RANGE] = _LOAD_RANGE
    degree: Annotated[int, Choice(options=(1, 2))] = _DEGREE
    foot: Annotated[float | None, Number(low=0, none=True)] = None

    def _correct(self, curve: SPTCurve) -> tuple[Any, ...]:
        tangent = steepest(*curve.monotonic(), curve.thickness)
        missed: Unchanged | None = None
        try:
            toe, note = self._branch(curve)
        except Unchanged as reason:
            missed = reason
        remarks = []
        # A line that is steeper than the branch and meets zero later: the branch is the toe itself, or bends over the
        # knee already.
        if (
            tangent is not None
            and not self._own()
            and certain(tangent, curve.thickness)
            and (missed is not None or tangent.zero - toe > tolerance(tangent, curve.thickness))
        ):
            toe = tangent.zero
            note = (
                f"steepest line, {tangent.points} points from {tangent.low:.3g} to {tangent.high:.3g} N, as the branch "
                "of the first loads does not lead to zero"
            )
        elif missed is not None:
            raise missed
        if tangent is not None and is_seating(tangent, curve.thickness):
            remarks = [about_seating(tangent, ". Nothing tells the zero of the displacement exactly then")]
        return {"displacement": curve.displacement - toe}, CurveCorrection(self._name, toe, "mm", note), *remarks

    def _own(self) -> bool:
        """Whether the user chose how the branch is fitted."""
        return (*map(float, self.load_range), self.degree) != (*_LOAD_RANGE, _DEGREE)

    def _branch(self, curve: SPTCurve) -> tuple[float, str]:
        """Where the branch between two loads, and no more than the foot of the rig, has no load, and from what."""
        low, high = map(float, self.load_range)
        first: Unchanged | None = None
        for upper in (high, *(() if self._own() else _WIDER)):
            try:
                toe, note, end = self._extrapolate(curve, low, upper)
                reach = _REACH_MM if curve.thickness is None else _REACH * curve.thickness
                if upper != high and end - toe > reach:
                    raise Unchanged("the initial branch would be extrapolated over the knee")
            except Unchanged as reason:
                first = first or reason
                continue
            if upper != high:
                note += f" (up to {upper:.0%} of the maximum: below {high:.0%} it was not found)"
            foot, remark = self._foot(curve)
            return toe - foot, note + remark
        assert first is not None
        raise first

    def _extrapolate(self, curve: SPTCurve, low: float, high: float) -> tuple[float, str, float]:
        """Where the branch between two loads, fractions of the largest, has no load, from what, and where it ends."""
        u, f = curve.monotonic()
        low, high = low * float(f.max()), high * float(f.max())
        _, rising = rising_branch(u, f)
        top = len(rising)
        begin, end = int(np.searchsorted(rising, low)), int(np.searchsorted(rising, high, side="right"))
        if end == top:
            raise Unchanged(f"the load does not pass {high:.4g} N")
        u, f = u[begin:end], f[begin:end]
        if len(u) < self.degree + 2:
            many = f"{len(u)} point{'s' if len(u) != 1 else ''}"
            raise Unchanged(f"{many} between {low:.4g} and {high:.4g} N, too few to find it")
        middle = float(u.mean())
        roots = np.roots(np.polyfit(u - middle, f, self.degree))
        roots = roots.real[np.abs(roots.imag) < 1e-12] + middle
        # The branch rises through zero before the points that were fitted.
        roots = roots[roots <= u[0] + 1e-9]
        if not roots.size or np.polyfit(u - middle, f, 1)[0] <= 0:
            raise Unchanged("the initial branch does not extrapolate to zero load")
        toe = float(roots.max())
        if u[0] - toe > np.ptp(u):
            raise Unchanged("the initial branch would be extrapolated by more than its own length")
        return toe, f"{len(u)} points from {f.min():.3g} to {f.max():.3g} N", float(u[-1])

    def _foot(self, curve: SPTCurve) -> tuple[float, str]:
        if self.foot is not None:
            return float(self.foot), f", foot {1e3 * self.foot:.3g} µm"
        if curve.rig is None:
            return 0.0, ", foot 0: rig not given"
        kind = "deflection" if curve.displacement_kind == "deflection" else "punch"
        if (curve.rig, kind) not in FEET:
            return 0.0, f", foot 0: none known for rig {curve.rig}"
        if self._own():
            return 0.0, ", foot 0: none known for this load range and degree"
        foot = FEET[curve.rig, kind]
        of = " and the deflection" if kind == "deflection" else ""
        return foot, f", foot {1e3 * foot:.3g} µm of rig {curve.rig}{of}"
