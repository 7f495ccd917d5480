"""Noise of the load."""

from typing import Annotated, Any

import numpy as np
from scipy.interpolate import make_smoothing_spline

from ...curves import CurveCorrection, SPTCurve
from ...utils.parameters import Positive
from ...utils.state import Number
from ._base import CurveCorrector, Unchanged
from ._branch import DROP, contact_index, find_failure


class CurveSmoother(CurveCorrector):
    """Smooth the load with a cubic smoothing spline over a stretched displacement.

    One curvature for the whole record would flatten the steep beginning, or leave the rest rough. The spline is
    therefore fitted over asinh((u - u0) / c), which stretches the neighbourhood of the first contact u0, so that the
    bends there are followed closely and the long rest is smoothed more.

    The displacements may be unevenly spaced. A spline rings at a jump, and a fracture is one: from a sudden fall of the
    load on (by 20 %, as `CurveCutter` finds it), the record stays as it was measured, and the entry's note says so.

    Parameters
    ----------
    lam : float, default=None
        Weight of the spline's curvature over the stretched displacement (which has no unit), as of
        `scipy.interpolate.make_smoothing_spline`; by default generalized cross-validation finds it for each curve,
        which leaves a curve free of noise almost as it is.
    stretch : float, default=0.05
        The length c, mm. Up to this distance from the contact the displacement is left about as it is; farther away
        it is compressed, the more the farther.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    u0 is where the load first rises by 5 % of its range. The value recorded is the root mean square change of the load.
    Repeated displacements are averaged before. The stretching and its default are this package's own; what they keep
    stands in :doc:`/results`: Fe and Fm come out as of the noisy curve, neither is made more exact; what becomes
    smaller is the scatter of the loads, and less so that of the initial slope.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import CurveSmoother
    >>> u = np.linspace(0.0, 1.0, 200)
    >>> noisy = SPTCurve(u, 1000 * u + 5 * np.random.default_rng(0).normal(size=200))
    >>> (smooth,) = CurveSmoother().transform([noisy])
    >>> bool(np.std(smooth.load - 1000 * u) < 0.4 * np.std(noisy.load - 1000 * u))
    True
    """

    _name = "smooth"

    lam: Annotated[float | None, Number(low=0, none=True)] = None
    stretch: Positive = 0.05

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        u, measured = curve.monotonic()
        _, begin = find_failure(u, measured, DROP)
        smoothed = slice(None if begin is None else begin + 1)
        f = measured[smoothed]
        contact = u[contact_index(f)]
        # Displacements that differ by rounding alone would leave the spline without a solution.
        stretched = np.round(np.arcsinh((u[smoothed] - contact) / self.stretch), 9)
        x, inverse, counts = np.unique(stretched, return_inverse=True, return_counts=True)
        if len(x) < 5:
            raise Unchanged("fewer than five different displacements")
        spline = make_smoothing_spline(
            x, np.bincount(inverse, weights=f) / counts, w=counts.astype(float), lam=self.lam
        )
        load = measured.copy()
        load[smoothed] = spline(stretched)
        change = float(np.sqrt(np.mean((load[smoothed] - f) ** 2)))
        note = "root mean square change"
        if begin is not None:
            left = len(u) - len(f)
            note += f"; {left} point{'s' if left > 1 else ''} from a sudden fall of the load on left as measured"
        return {"displacement": u, "load": load}, CurveCorrection(self._name, change, "N", note)
