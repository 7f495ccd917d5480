"""What the displacement of curves is, in training and in use: the punch's, the crosshead's, or the deflection."""

from collections.abc import Sequence
from typing import Any

from ..curves import SPTCurve
from ..exceptions import Message, Owner, Parameter, UntrustedPredictionWarning
from ..utils.warnings import name_curves, warn

_SHOWN = {
    "punch": "the displacement of the punch",
    "deflection": "the deflection of the specimen",
    "crosshead": "the displacement of the crosshead, with the compliance of the load train in it",
}
_CONVERT = Message(
    "convert the displacement with ", Parameter("correct", "deflection", python="DeflectionConverter"),
    ", which needs ", Parameter("rig", python="the rig of the curve"),
)  # fmt: skip
_TAKE_OUT = Message(
    "take it out with ", Parameter("compliance", python="ComplianceCorrector"), ", or say ",
    Parameter("displacement_kind", "punch"), " where the machine has taken it out; left in, it makes Rp0.2 too low",
)  # fmt: skip


def learn_kind(estimator: Any, curves: Sequence[SPTCurve] | None) -> None:
    """Keep in `displacement_kind_` what the training curves have, or None if it is not known."""
    kinds = {_kind(curve) for curve in curves or ()} - {None}
    if "deflection" in kinds and len(kinds) > 1:
        warn(
            Message(
                Owner(type(estimator).__name__),
                f"some of the training curves have {_SHOWN['punch']} and some {_SHOWN['deflection']}; ",
                _CONVERT,
            ),
            UserWarning,
            stacklevel=4,
        )
        kinds = set()
    estimator.displacement_kind_ = "punch" if len(kinds) > 1 else kinds.pop() if kinds else None


def learned_kind(model: Any) -> str | None:
    """What the training curves of an estimator, or of the steps of a pipeline, had; None if that is not known."""
    for step in (model, *(step for _, step in getattr(model, "steps", ()))):
        # Models of before have no such attribute.
        kind: str | None = getattr(step, "displacement_kind_", None)
        if kind is not None:
            return kind
    return None


def check_kind(estimator: Any, curves: Sequence[SPTCurve]) -> None:
    """Warn of curves that have another kind of displacement than the training curves."""
    learned = learned_kind(estimator)
    if learned is None:
        return
    kinds = [_kind(curve) for curve in curves]
    for other in _SHOWN:
        wrong = [i for i, kind in enumerate(kinds) if kind == other != learned]
        if not wrong:
            continue
        which = "the curve has"
        if len(curves) > 1:
            have = "has" if len(wrong) == 1 else "have"
            which = f"{len(wrong)} of {len(curves)} curves ({name_curves(wrong)}) {have}"
        said = f"{which} {_SHOWN[other]}, and the training curves had {_SHOWN[learned]}; the prediction is unreliable: "
        remedy = _TAKE_OUT if (other, learned) == ("crosshead", "punch") else _CONVERT
        warn(
            Message(Owner(type(estimator).__name__), said, remedy, about="displacement_kind"),
            UntrustedPredictionWarning,
            stacklevel=4,
        )


def about_displacement(curve: SPTCurve, learned: str | None) -> list[Warning]:
    """Say that nothing tells what the displacement is; `learned` is what the training curves had."""
    corrected = any(c.name == "compliance" and c.value is not None for c in curve.corrections)
    if curve.displacement_kind is not None or learned is None or corrected:
        return []
    said = (
        "nothing says whether the displacement is that of the punch, of the crosshead or the deflection of the "
        "specimen: it was taken as it is, and no compliance was taken out of it. A compliance left in makes Rp0.2 too "
        "low, and a deflection taken for the displacement of the punch makes the whole prediction wrong. Say it with "
    )
    return [UserWarning(Message(said, Parameter("displacement_kind"), about="displacement_kind_unknown"))]


def _kind(curve: SPTCurve) -> str | None:
    done = {correction.name for correction in curve.corrections if correction.value is not None}
    return "punch" if curve.displacement_kind == "crosshead" and "compliance" in done else curve.displacement_kind
