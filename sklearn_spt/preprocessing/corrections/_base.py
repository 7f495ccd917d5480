"""What all corrections have in common: curves in, curves out, and a record of what was done."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sklearn.base import BaseEstimator, TransformerMixin

from ...checks.record import about_record
from ...curves import CurveCorrection, SPTCurve, as_curves
from ...exceptions import Message, Owner
from ...utils.parameters import Parametrized
from ...utils.state import Field
from ...utils.warnings import warn

# A later one rests on the earlier ones: compliance multiplies the load, and the toe is where that load is zero.
ORDER = ("unloading", "load_offset", "compliance", "toe", "deflection", "cut", "smooth")
# These change the zero or the scale, so that a second time would be an error; a second cut is not.
_ONCE = ("load_offset", "compliance", "toe")


class Unchanged(Exception):
    """A correction cannot be applied to this curve; the message says why."""


class CurveCorrector(TransformerMixin, Parametrized, BaseEstimator):
    """A correction of curves, one by one. A subclass has a name, and says what it does to a curve."""

    _name: str
    # It learns nothing.
    _fitted_state: ClassVar[Mapping[str, Field]] = {}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags

    def fit(self, X: Any, y: Any = None) -> Any:
        """Check the parameters and the curves; nothing is learned.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2)
            Columns displacement in mm and load in N.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._check_parameters()
        as_curves(X)
        return self

    def transform(self, X: Any) -> list[SPTCurve]:
        """Correct every curve by itself.

        Parameters
        ----------
        X : list of SPTCurve or of arrays of shape (n_points, 2)
            Columns displacement in mm and load in N.

        Returns
        -------
        list of SPTCurve
            New curves with one more entry in `corrections`. Where the correction cannot be applied the record is
            unchanged, and the entry's value is None and its note says why.

        Warns
        -----
        sklearn_spt.exceptions.DoubtfulRecordWarning
            If the record, not corrected before, is damaged: a load cell at its limit, drop-outs or spikes of the load.
        UserWarning
            If what was corrected leaves doubts: an unloading, a load that begins below zero, a curved toe.

        Raises
        ------
        TypeError, ValueError
            If a parameter or a curve is not valid, or the curve was corrected in this way before.
        """
        self._check_parameters()
        return [self._correct_one(curve, index) for index, curve in enumerate(as_curves(X))]

    def _correct_one(self, curve: SPTCurve, index: int) -> SPTCurve:
        label = Message(Owner(type(self).__name__), f"curve {index if curve.name is None else repr(curve.name)}")
        done = [correction.name for correction in curve.corrections if correction.value is not None]
        if self._name in done and self._name in _ONCE:
            said = f" was corrected for {self._name} before; give the measured curve, or leave it out"
            raise ValueError(Message(label, said, about="corrected"))
        late = [name for name in done if name in ORDER and ORDER.index(name) > ORDER.index(self._name)]
        if late:
            said = f": {self._name} comes after {', '.join(late)}, which rests on it; the order is {', '.join(ORDER)}"
            warn(Message(label, said, about="order"), stacklevel=3)
        # Before the first correction: a later one, such as a cut, hides the damage.
        for finding in [] if curve.corrections else about_record(curve):
            warn(Message(label, ": ", finding), type(finding), stacklevel=3)
        changes: dict[str, Any] = {}
        try:
            changes, correction, *remarks = self._correct(curve)
        except Unchanged as reason:
            correction, remarks = CurveCorrection(self._name, None, note=Message(reason)), []
        for remark in remarks:
            warn(Message(label, ": ", remark), stacklevel=3)
        try:
            return curve.replace(**changes, corrections=(*curve.corrections, correction))
        except ValueError as error:
            raise ValueError(Message(label, ": no valid curve is left: ", error)) from None

    def _correct(self, curve: SPTCurve) -> tuple[Any, ...]:
        """What changes, the entry, and what is to be said of it."""
        raise NotImplementedError
