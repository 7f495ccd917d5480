"""The load that the cell shows before contact."""

from typing import Any

import numpy as np

from ...checks.beginning import about_zero, below_zero
from ...curves import CurveCorrection, SPTCurve
from ...utils.parameters import Share
from ._base import CurveCorrector, Unchanged

_MIN_PLATEAU = 10
_MIN_LINE = 4


class LoadOffsetCorrector(CurveCorrector):
    """Take the load that the cell shows before contact off the record.

    The record must begin before contact. The plateau is found as the first part of the best division of the beginning
    into a constant and a parabola (least squares); its median is the offset. Where there is none and the load begins
    below zero, by more than noise, the first load is the offset, and that is warned of: the cell was not set to zero.

    Parameters
    ----------
    max_fraction : float, default=0.2
        Largest rise above the first load that belongs to the beginning, as a fraction of the range of the load.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    The rule is this package's own. A curve with fewer than ten points before contact that does not begin below zero is
    left unchanged, as nothing tells an offset from a preload there. A load that begins below zero is off by its first
    value at least; by more if the punch was in contact already.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import LoadOffsetCorrector
    >>> u = np.linspace(-0.1, 1.0, 111)
    >>> curve = SPTCurve(u, 8 + 1000 * np.maximum(u, 0))
    >>> print(LoadOffsetCorrector().transform([curve])[0].corrections[0])
    load_offset 8 N (11 points before contact)
    """

    _name = "load_offset"

    max_fraction: Share = 0.2

    def _correct(self, curve: SPTCurve) -> tuple[Any, ...]:
        try:
            offset, note = self._level(curve.load)
        except Unchanged:
            if not below_zero(curve):
                raise
            offset = float(curve.load[0])
            said = about_zero(
                curve.load,
                ". The record has no level part before contact, and the first load was taken for the offset, which is "
                "at least that; record from before the contact on",
            )
            entry = CurveCorrection(self._name, offset, "N", "first load: no level part before contact")
            return {"load": curve.load - offset}, entry, said
        return {"load": curve.load - offset}, CurveCorrection(self._name, offset, "N", note)

    def _level(self, f: np.ndarray) -> tuple[float, str]:
        """The load before contact, and from what."""
        above = np.flatnonzero(f - f[0] > self.max_fraction * np.ptp(f))
        if not above.size:
            raise Unchanged("the load never rises above its beginning")
        # In the order of the record: before contact the deflection of a specimen stands still, and jitters.
        u, f = np.arange(above[0], dtype=float), f[: above[0]]
        if len(f) < _MIN_PLATEAU + _MIN_LINE:
            raise Unchanged("too few points at the beginning")
        ends = np.arange(_MIN_PLATEAU, len(f) - _MIN_LINE + 1)
        # Of a long record a hundred and fifty divisions are enough: the median hardly depends on the last points.
        ends = np.unique(np.linspace(ends[0], ends[-1], min(len(ends), 150)).astype(int))
        sums = [len(f[:k]) * np.var(f[:k]) + _parabola_residual(u[k:], f[k:]) for k in ends]
        k = int(ends[int(np.argmin(sums))])
        x = u[:k] - u[:k].mean()
        slope = x @ f[:k] / (x @ x)
        scatter = np.sqrt(np.sum((f[:k] - f[:k].mean() - slope * x) ** 2) / (k - 2) / (x @ x))
        if abs(slope) > 4 * scatter + 1e-9 * np.ptp(f) / np.ptp(u):
            raise Unchanged("the record has no level part before contact")
        noise = np.sqrt(_parabola_residual(u[k:], f[k:]) / max(len(f) - k - 3, 1))
        if np.std(f[:k]) > 3 * noise + 1e-9 * np.ptp(f):
            raise Unchanged("the record has no level part before contact")
        return float(np.median(f[:k])), f"{k} points before contact"


def _parabola_residual(u: np.ndarray, f: np.ndarray) -> float:
    x = (u - u[0]) / (u[-1] - u[0])
    matrix = np.vander(x, 3)
    return float(np.sum((f - matrix @ np.linalg.lstsq(matrix, f, rcond=None)[0]) ** 2))
