"""From the deflection of the specimen to the displacement of the punch, and back."""

from typing import Annotated, Any

import numpy as np

from ...curves import CurveCorrection, SPTCurve
from ...exceptions import Message, Parameter
from ...utils.state import Choice
from .._deflection import relation, thinning
from ._base import CurveCorrector, Unchanged


class DeflectionConverter(CurveCorrector):
    """Turn a record of the specimen's deflection into one of the punch's displacement, or the other way round.

    The punch goes further than the middle of the specimen's lower face by as much as the disc gets thinner under it: by
    indentation at first, by stretching later. Simulated tests tell how much, as a function of the displacement and the
    thickness.

    Only records whose `displacement_kind` says what they are are converted. The others are returned as they are,
    without an entry in `corrections`.

    Parameters
    ----------
    to : {"punch", "deflection"}, default="punch"
        What the displacement shall be. Models that were trained on simulated tests want that of the punch.

    See Also
    --------
    standard_corrections : The corrections in their order.

    Notes
    -----
    The value recorded is the thinning at the maximum load, and the note states its error there: the root mean square on
    simulated tests that the relation was not fitted on (:doc:`/results`). How much a disc is stretched depends on its
    friction and hardening, which the conversion does not know; it takes the mean of steels of all kinds and of
    frictions up to 0.5. It is known for the rig "EN10371" and discs of 0.45 to 0.55 mm of steel, and holds as far
    as the simulations do: up to the fracture, and for a stiff ball. Against measured pairs of displacements it was not
    checked. Correct the zero of the displacement before (`ToeCorrector`):
    the thinning grows fastest at the beginning. The displacement of a crosshead counts as the punch's once its
    compliance is corrected.

    That the definition of the displacement changes the yield load, and that the two differ by the thinning, is in [1]_;
    no published conversion was found.

    References
    ----------
    .. [1] M. F. Moreno, G. Bertolino, A. Yawny, The significance of specimen displacement definition on the mechanical
       properties derived from Small Punch Test, Materials and Design 95 (2016) 623-631 (read in the abstract only).

    Examples
    --------
    >>> from sklearn_spt.datasets import load_en10371_steel
    >>> from sklearn_spt.preprocessing import DeflectionConverter
    >>> punch = load_en10371_steel(n_curves=1).data[0]
    >>> (deflection,) = DeflectionConverter("deflection").transform([punch])
    >>> deflection.displacement_kind
    'deflection'
    >>> (back,) = DeflectionConverter().transform([deflection])
    >>> bool(abs(back.displacement - punch.displacement).max() < 0.02)
    True
    """

    _name = "deflection"

    to: Annotated[str, Choice(options=("punch", "deflection"))] = "punch"

    def _correct_one(self, curve: SPTCurve, index: int) -> SPTCurve:
        concerned = ("deflection",) if self.to == "punch" else ("punch", "crosshead")
        if curve.displacement_kind not in concerned:
            return curve
        return super()._correct_one(curve, index)

    def _correct(self, curve: SPTCurve) -> tuple[dict[str, Any], CurveCorrection]:
        done = {correction.name for correction in curve.corrections if correction.value is not None}
        if curve.displacement_kind == "crosshead" and "compliance" not in done:
            raise Unchanged("the compliance of the load train is in the displacement; correct it first")
        if curve.rig is None:
            said = "the rig is not given, and the thinning is known for EN10371 only; name it, "
            raise Unchanged(Message(said, Parameter("rig", "EN10371"), about="rig_unknown"))
        found = relation(curve.rig, "deflection" if self.to == "punch" else "punch")
        if found is None:
            raise Unchanged(f"the thinning is not known for rig {curve.rig}")
        low, high = found["thickness"]
        known = f"the thinning is known for thicknesses from {low:g} to {high:g} mm"
        if curve.thickness is None:
            raise Unchanged(
                Message(f"the thickness is not given, and {known}; give it, ", Parameter("thickness", "..."))
            )
        if not low <= curve.thickness <= high:
            raise Unchanged(f"{known}, and this one has {curve.thickness:.4g} mm")
        top = curve.displacement[np.argmax(curve.load)]
        thin, at_top = (thinning(found, u, curve.thickness) for u in (curve.displacement, top))
        error = 1e3 * float(np.interp(top, found["x"], found["error"]))
        note = f"thinning at the maximum load, ± {error:.2g} µm by simulations"
        last = found["x"][-1]
        if curve.displacement.max() > last:
            note += f"; extrapolated from {last:g} mm on"
        sign = 1 if self.to == "punch" else -1
        changes = {"displacement": curve.displacement + sign * thin, "displacement_kind": self.to}
        return changes, CurveCorrection(self._name, sign * float(at_top), "mm", note)
