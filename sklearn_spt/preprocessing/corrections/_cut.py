"""The end of a record."""

from typing import Annotated, Any

import numpy as np

from ...curves import CurveCorrection, SPTCurve
from ...utils.parameters import Share
from ...utils.state import Choice
from ._base import CurveCorrector, Unchanged
from ._branch import DROP, find_failure

CUTS = ("fracture", "drop", "maximum")


class CurveCutter(CurveCorrector):
    """Leave the end of the record away: from the fracture on, or from the maximum on.

    Parameters
    ----------
    at : {"fracture", "drop", "maximum"}, default="fracture"
        The last point that is left.

        - ``"fracture"``: the last before the load falls suddenly by `drop`; where no fall is sudden, as "drop".
        - ``"drop"``: the last before the load has fallen by `drop`, suddenly or not. With the default `drop` this is
          the fracture displacement uf, see :func:`~sklearn_spt.mechanics.characteristic_quantities`.
        - ``"maximum"``: the maximum load.
    drop : float, default=0.2
        How far the load must have fallen after the maximum, as a fraction of it. Smaller falls are not a fracture.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    A fall is sudden if at least half of `drop` lies within 1 % of the displacement since the contact (which is where
    the load has first risen by 5 % of its range). It begins at the point farthest above the line through the ends of
    that piece, so that what a fast machine records during the fall is left away too. This rule is the package's own;
    the drop of 20 % at uf is from memory and was not checked against EN 10371. A fall before the maximum, from which
    the load recovers, is not looked for.

    Examples
    --------
    >>> from sklearn_spt import SPTCurve
    >>> from sklearn_spt.preprocessing import CurveCutter
    >>> u = [0.0, 0.1, 0.2, 0.3, 0.4, 0.498, 0.499, 0.5, 0.501, 0.502]
    >>> curve = SPTCurve(u, [0, 90, 170, 230, 260, 256, 256, 255, 225, 150])
    >>> for at in ("fracture", "drop", "maximum"):
    ...     print(CurveCutter(at).transform([curve])[0].corrections[0])
    cut 0.5 mm (2 points left away from a sudden fall of the load on)
    cut 0.501 mm (1 point left away after a drop of 20 %)
    cut 0.4 mm (5 points left away after the maximum)
    """

    _name = "cut"

    at: Annotated[str, Choice(options=CUTS)] = "fracture"
    drop: Share = DROP

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        u, f = curve.displacement, curve.load
        last = int(np.argmax(f))
        where = "after the maximum"
        if self.at != "maximum":
            end, begin = find_failure(u, f, self.drop)
            if end is None:
                raise Unchanged(f"the load does not fall by {self.drop * 100:g} % after the maximum")
            where = f"after a drop of {self.drop * 100:g} %"
            last = end - 1
            if begin is not None and self.at == "fracture":
                last, where = begin, "from a sudden fall of the load on"
        left = len(f) - 1 - last
        if not left:
            raise Unchanged("the record ends at the maximum")
        note = f"{left} point{'s' if left > 1 else ''} left away {where}"
        changes = {"displacement": u[: last + 1], "load": f[: last + 1]}
        return changes, CurveCorrection(self._name, float(u[last]), "mm", note)
