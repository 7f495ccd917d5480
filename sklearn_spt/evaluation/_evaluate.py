"""How one curve and one model meet."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..checks.beginning import about_beginning
from ..checks.displacement import about_displacement, learned_kind
from ..checks.domain import about_given_modulus, about_modulus, about_rig, about_toe
from ..checks.record import about_record
from ..curves import SPTCurve, as_curves
from ..exceptions import about, message_of
from ..mechanics import (
    CharacteristicQuantities,
    Correlation,
    TensileProperties,
    characteristic_quantities,
    tensile_properties,
)
from ..mechanics.correlations import NEEDS
from ..persistence import ModelInfo
from ..preprocessing import CurveCutter, CurveSmoother
from ..utils.warnings import recorded, with_warnings
from ._given import check_alpha, check_corrections, check_modulus, described, find_model, flatten, pipeline_of
from ._result import Band, CorrelationValue, Evaluation


@described
def evaluate(
    curve: Any,
    model: Any,
    *,
    corrections: Any = "standard",
    elastic_modulus: float | None = None,
    correlations: Iterable[Correlation] = (),
    alpha: float | None = None,
    name: str | None = None,
    remarks: Sequence[Warning] = (),
) -> Evaluation:
    """Correct one curve, check it, predict its stress-strain curve, judge and read off both.

    An error in this ends the evaluation; what was found until then is kept, and `Evaluation.error` says what is wrong.

    Parameters
    ----------
    curve : SPTCurve or array-like of shape (n_points, 2)
        The record; columns displacement in mm and load in N.
    {model}
    {corrections}
    {elastic_modulus}
    correlations : iterable of Correlation, default=()
        Correlations whose values stand beside the prediction. Published ones that hold for another displacement than
        the record's are left out.
    alpha : float, default=None
        The part of the curves that may leave the band, of a model that was calibrated for one
        (`ConformalCurveRegressor`): 0.1 for a band of 90 %. By default what the model has.
    name : str, default=None
        Name of the specimen; by default that of the curve.
    remarks : sequence of Warning, default=()
        What was warned of when the curve was read.

    Returns
    -------
    Evaluation

    Raises
    ------
    TypeError, ValueError
        If `curve` is not a curve, an option is not valid, or the model does not say what it is.
    sklearn_spt.persistence.ModelFileError
        If the model file is not usable.

    See Also
    --------
    sklearn_spt.reporting.make_report : Evaluates many curves, or files of them.

    Examples
    --------
    >>> from sklearn_spt.datasets import load_demo_curve
    >>> from sklearn_spt.evaluation import evaluate
    >>> curve, _, _ = load_demo_curve()
    >>> found = evaluate(curve.replace(thickness=5.0), "sheet")
    >>> found.verdict
    'not to be trusted'
    >>> print(found.reasons[0])
    its thickness, 5 mm, lies outside the training range, 1.0001 to 3.9983 mm; do not trust the stresses
    """
    (curve,) = as_curves([curve])
    model, _ = find_model(model)
    steps_for = check_corrections(corrections, model)
    check_modulus(elastic_modulus)
    check_alpha(alpha, model)
    label = name if name is not None else curve.name if curve.name is not None else "specimen"
    return evaluate_checked(curve, model, steps_for(curve), elastic_modulus, list(correlations), alpha, label, remarks)


def evaluate_checked(
    curve: SPTCurve,
    model: Any,
    corrections: Sequence[Any],
    elastic_modulus: float | None,
    correlations: Sequence[Correlation],
    alpha: float | None,
    name: str,
    remarks: Sequence[Warning],
) -> Evaluation:
    """As `evaluate`, with arguments that were checked: a loaded model and the steps of the corrections."""
    info: ModelInfo = model.model_info_
    strain = np.asarray(info.strain)
    found: dict[str, Any] = dict.fromkeys(
        ("quantities", "strain", "stress", "elastic_modulus", "elastic_modulus_origin", "properties", "band", "error")
    )
    found |= {"corrected": curve, "quantities_curve": curve, "correlations": ()}
    said = _Remarks(remarks)
    # Before anything is corrected: a cut or a smoothing hides the damage.
    said.add(about_record(curve))
    try:
        given = whole = curve
        for step in corrections:
            given, whole = _advance(step, step.fit_transform, given, whole, said.attempt)
        # Before the model says the same of the curve, with the name of one of its steps in front.
        said.add(info.domain.findings(given, whole))
        found["corrected"], whole = _corrected_in(pipeline_of(model), given, whole, said.attempt)
        corrected = found["corrected"]
        found["quantities_curve"] = whole
        found["quantities"] = quantities = characteristic_quantities(whole)
        found["correlations"] = _correlate(correlations, quantities, None)
        said.add(about_rig(curve, info.domain) + about_displacement(corrected, learned_kind(pipeline_of(model))))
        said.add(about_beginning(corrected) + about_toe(corrected) + info.domain.findings(corrected, whole))
        stress = said.attempt(model.predict, [given])[0]
        found |= {"strain": strain, "stress": stress}
        modulus, origin = _find_modulus(elastic_modulus, info, strain, stress)
        found |= {"elastic_modulus": modulus, "elastic_modulus_origin": origin}
        if elastic_modulus is None:
            said.add(about_modulus(curve, info.domain, modulus))
        else:
            said.add(about_given_modulus(elastic_modulus, info.domain))
        found["properties"] = properties = tensile_properties(strain, stress, E=modulus)
        said.add(info.domain.about_yield(properties.proof_stress))
        found["correlations"] = _correlate(correlations, quantities, properties)
        if hasattr(model, "predict_interval"):
            found["band"] = said.attempt(_find_band, model, given, alpha, elastic_modulus is None)
    except (TypeError, ValueError) as error:
        found["error"] = message_of(error)
    return Evaluation(name=name, measured=curve, remarks=tuple(said.remarks), **found)


class _Remarks:
    """What is said of one curve, each thing once."""

    def __init__(self, remarks: Iterable[Warning]) -> None:
        self.remarks: list[Warning] = list(remarks)

    def add(self, more: Iterable[Warning]) -> None:
        """Take what is about something else than what was said before."""
        for remark in more:
            subject = about(remark)
            if subject is None or subject not in map(about, self.remarks):
                self.remarks.append(remark)

    def attempt(self, work: Callable[..., Any], *given: Any) -> Any:
        """The result of a call; what it warns of is kept, also where it fails."""
        with recorded() as heard:
            try:
                return work(*given)
            finally:
                self.add(heard)


def _advance(
    step: Any, work: Callable[..., Any], given: SPTCurve, whole: SPTCurve, attempt: Callable[..., Any]
) -> tuple[SPTCurve, SPTCurve]:
    """What a step makes of the curve, and of what it would be if it had been neither cut nor smoothed."""

    def one(result: Any) -> SPTCurve:
        if not (isinstance(result, list) and len(result) == 1 and isinstance(result[0], SPTCurve)):
            raise TypeError(f"the correction {type(step).__name__} made no list of one SPTCurve of the curve")
        return result[0]

    changed = one(attempt(work, [given]))
    if isinstance(step, CurveCutter | CurveSmoother):
        return changed, whole
    return changed, changed if whole is given else one(attempt(work, [whole]))


def _corrected_in(
    model: Any, given: SPTCurve, whole: SPTCurve, attempt: Callable[..., Any]
) -> tuple[SPTCurve, SPTCurve]:
    """The curve behind those first steps of a pipeline that make curves of curves; the same if not cut or smoothed.

    What fails here fails in `predict` as well; until then, what there is can be read off.
    """
    for _, part in getattr(model, "steps", [])[:-1]:
        for step in flatten(part):
            try:
                given, whole = _advance(step, step.transform, given, whole, attempt)
            except (TypeError, ValueError):
                return given, whole
    return given, whole


def _find_modulus(
    given: float | None, info: ModelInfo, strain: np.ndarray, stress: np.ndarray
) -> tuple[float | None, str | None]:
    if given is not None:
        return float(given), "given"
    if info.elastic_modulus is not None:
        return float(info.elastic_modulus), "model file"
    if any(key.endswith("elastic_modulus") and value == "curve" for key, value in info.parameters.items()):
        first = int(strain[0] == 0)
        return float(stress[first] / strain[first]), "slope of the predicted curve at its start"
    return None, None


def _find_band(model: Any, given: SPTCurve, alpha: float | None, own_modulus: bool) -> Band:
    (edges,) = model.predict_interval([given], alpha=alpha)
    intervals = {}
    # Those of another modulus than the calibration's were not calibrated.
    if own_modulus and model.property_residuals_:
        found = model.predict_property_interval([given], alpha=alpha)
        intervals = {key: (float(low), float(high)) for key, ((low, high),) in found.items() if not math.isnan(low)}
    return Band(
        alpha=model.alpha if alpha is None else alpha,
        simultaneous=model.simultaneous,
        lower=edges[:, 0],
        upper=edges[:, 1],
        intervals=intervals,
        errors=dict(model.errors_),
    )


def _correlate(
    chosen: Iterable[Correlation], quantities: CharacteristicQuantities, properties: TensileProperties | None
) -> tuple[CorrelationValue, ...]:
    values = []
    for correlation in chosen:
        # The result states the evidence of every coefficient.
        value = float(with_warnings(correlation.estimate, quantities)[0])
        mismatch = correlation.mismatch(quantities.displacement_kind, quantities.ui)
        # Of the published ones there is one for each displacement.
        if mismatch is not None and correlation.evidence != "own":
            continue
        missing = mismatch or next(
            (quantities.missing[n] for n in NEEDS[correlation.predictor] if n in quantities.missing), None
        )
        if math.isnan(value) and missing is None:
            missing = "it needs the thickness h0, which the curve does not have"
        predicted = math.nan if properties is None else float(getattr(properties, correlation.property))
        values.append(
            CorrelationValue(
                correlation=correlation,
                value=None if math.isnan(value) else value,
                predicted=None if math.isnan(predicted) else predicted,
                missing=missing,
            )
        )
    return tuple(values)
