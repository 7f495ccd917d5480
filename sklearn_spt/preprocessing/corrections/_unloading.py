"""Where a record goes back."""

from typing import Any

import numpy as np

from ...checks._unloading import find_unloadings, without_unloadings
from ...checks.beginning import about_unloadings
from ...curves import CurveCorrection, SPTCurve
from ._base import CurveCorrector


class UnloadingCorrector(CurveCorrector):
    """Take unloadings out of the record, such as a cycle of preload.

    An unloading is where the displacement goes back and the load falls with it, by more than the scatter of either. The
    points from where it turns to where the displacement has been before are left away. What a transducer jitters stays,
    and so do records without an unloading, which get no entry in `corrections`.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    Where the displacement goes back by more than 2 % of the stroke, no `SPTCurve` is made of the record. The rule is
    this package's own. The value recorded is how far the displacement goes back, at most.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import UnloadingCorrector
    >>> from sklearn_spt.utils.warnings import with_warnings
    >>> u = np.concatenate([np.arange(0, 15), np.arange(15, 8, -1), np.arange(8, 500)]) / 500
    >>> ((curve,), _) = with_warnings(UnloadingCorrector().transform, [SPTCurve(u, 1000 * u)])
    >>> print(curve.corrections[0])
    unloading 0.014 mm (15 points left away)
    """

    _name = "unloading"

    def _correct_one(self, curve: SPTCurve, index: int) -> SPTCurve:
        return super()._correct_one(curve, index) if find_unloadings(curve.displacement, curve.load) else curve

    def _correct(self, curve: SPTCurve) -> tuple[Any, ...]:
        keep = without_unloadings(curve.displacement, curve.load)
        back = float((np.maximum.accumulate(curve.displacement) - curve.displacement).max())
        entry = CurveCorrection(self._name, back, "mm", f"{np.sum(~keep)} points left away")
        (said,) = about_unloadings(curve, "; these points were left away")
        return {"displacement": curve.displacement[keep], "load": curve.load[keep]}, entry, said
