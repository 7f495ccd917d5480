"""What the displacement of curves is, in training and in use: the punch's, or the deflection of the specimen."""

import warnings
from collections.abc import Sequence
from typing import Any

from ._warnings import name_curves
from .curves import SPTCurve

_SHOWN = {"punch": "the displacement of the punch", "deflection": "the deflection of the specimen"}
_REMEDY = "convert the displacement (DeflectionConverter, on the command line --correct)"


def learn_kind(estimator: Any, curves: Sequence[SPTCurve] | None) -> None:
    """Keep in `displacement_kind_` what the training curves have: "punch", "deflection", or None if it is not known."""
    kinds = {_kind(curve) for curve in curves or ()} - {None}
    if len(kinds) == 2:
        warnings.warn(
            f"{type(estimator).__name__}: some of the training curves have {_SHOWN['punch']} and some "
            f"{_SHOWN['deflection']}; {_REMEDY}",
            UserWarning,
            stacklevel=4,
        )
    estimator.displacement_kind_ = kinds.pop() if len(kinds) == 1 else None


def check_kind(estimator: Any, curves: Sequence[SPTCurve]) -> None:
    """Warn of curves that have the other kind of displacement than the training curves."""
    # Models of before have no such attribute.
    learned: str | None = getattr(estimator, "displacement_kind_", None)
    wrong = [i for i, curve in enumerate(curves) if _kind(curve) not in (None, learned)]
    if learned is None or not wrong:
        return
    other = "deflection" if learned == "punch" else "punch"
    which = "the curve has"
    if len(curves) > 1:
        have = "has" if len(wrong) == 1 else "have"
        which = f"{len(wrong)} of {len(curves)} curves ({name_curves(wrong)}) {have}"
    warnings.warn(
        f"{type(estimator).__name__}: {which} {_SHOWN[other]}, and the training curves had {_SHOWN[learned]}; what is "
        f"found means little: {_REMEDY}",
        UserWarning,
        stacklevel=4,
    )


def _kind(curve: SPTCurve) -> str | None:
    # The crosshead's displacement is the punch's and the deformation of the load train.
    return "punch" if curve.displacement_kind == "crosshead" else curve.displacement_kind
