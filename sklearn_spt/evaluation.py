"""One curve and one model: corrected, checked, predicted, judged and read off.

This is the only place in which they meet. The commands, reports and Python users differ in how they write the result.
"""

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from .checks.beginning import about_beginning
from .checks.displacement import about_displacement, learned_kind
from .checks.domain import about_given_modulus, about_modulus, about_rig, about_toe
from .checks.record import about_record
from .curves import SPTCurve, as_curves
from .exceptions import DoubtfulRecordWarning, Message, UntrustedPredictionWarning, about, message_of
from .mechanics import (
    CharacteristicQuantities,
    Correlation,
    TensileProperties,
    characteristic_quantities,
    engineering_curve,
    tensile_properties,
)
from .mechanics.correlations import NEEDS
from .persistence import ModelInfo, load_model
from .preprocessing import CurveCutter, CurveSmoother, standard_corrections
from .utils.warnings import recorded, with_warnings

__all__ = ["CorrelationValue", "Evaluation", "evaluate"]

UNTRUSTED = "not to be trusted"
NOT_EVALUATED = "not evaluated"
USABLE = "no objection"


@dataclass(frozen=True, kw_only=True)
class CorrelationValue:
    """What a correlation gives for one specimen, beside what the model predicts.

    Parameters
    ----------
    correlation : Correlation
        The correlation, with its coefficients and how well they are known.
    value : float or None
        What it gives, MPa, or 1 for the uniform elongation; None if a quantity that it needs is missing.
    predicted : float or None
        The same property of the predicted curve.
    missing : str or None
        Why there is no value.

    Attributes
    ----------
    difference : float or None
        `predicted` - `value`.

    See Also
    --------
    Evaluation : Lists them in `correlations`.

    Examples
    --------
    >>> from sklearn_spt.evaluation import CorrelationValue
    >>> from sklearn_spt.mechanics import published_correlations
    >>> alpha = published_correlations()["Rp0.2 0.346"]
    >>> CorrelationValue(correlation=alpha, value=400.0, predicted=412.0, missing=None).difference
    12.0
    """

    correlation: Correlation
    value: float | None
    predicted: float | None
    missing: str | None

    @property
    def difference(self) -> float | None:
        """`predicted` - `value`; None without either."""
        return None if self.value is None or self.predicted is None else self.predicted - self.value


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """Everything that is said of one specimen. `evaluate` makes it.

    Parameters
    ----------
    name : str
        Name of the specimen.
    measured : SPTCurve
        The curve as it was given.
    corrected : SPTCurve
        The curve that the model was given; `measured` if nothing was corrected.
    quantities_curve : SPTCurve
        The curve that the quantities were read off: `corrected` before it was cut or smoothed.
    quantities : CharacteristicQuantities or None
        What was read off `quantities_curve`; None if the curve could not be corrected.
    strain, stress : ndarray of shape (n_strains,) or None
        The predicted curve, true strain and true stress in MPa; None if there is no prediction.
    elastic_modulus : float or None
        Young's modulus that the properties rest on, MPa.
    elastic_modulus_origin : str or None
        Where it comes from.
    properties : TensileProperties or None
        Properties of the predicted curve.
    correlations : tuple of CorrelationValue
        The values of the correlations.
    remarks : tuple of Warning
        What was warned of when this specimen was read, corrected, checked and predicted.
    error : str or None
        Why the specimen could not be evaluated.

    See Also
    --------
    evaluate : Makes it.
    sklearn_spt.reporting.make_report : Does so for many specimens.

    Examples
    --------
    See `evaluate`.
    """

    name: str
    measured: SPTCurve
    corrected: SPTCurve
    quantities_curve: SPTCurve
    quantities: CharacteristicQuantities | None
    strain: np.ndarray | None
    stress: np.ndarray | None
    elastic_modulus: float | None
    elastic_modulus_origin: str | None
    properties: TensileProperties | None
    correlations: tuple[CorrelationValue, ...]
    remarks: tuple[Warning, ...]
    error: str | None

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What was warned of, as text."""
        return tuple(map(message_of, self.remarks))

    @property
    def untrusted(self) -> tuple[Message, ...]:
        """Those of the warnings after which the predicted values are not to be used.

        They are the :class:`~sklearn_spt.exceptions.UntrustedPredictionWarning` among `remarks`, such as one of a
        thickness outside the training range. Mean and scatter leave the predicted values of such a specimen out.
        """
        return tuple(message_of(r) for r in self.remarks if isinstance(r, UntrustedPredictionWarning))

    @property
    def record_in_doubt(self) -> bool:
        """Whether the record is damaged or its unit in doubt.

        What was read off the record is left out of mean and scatter as well then. It is so after a
        :class:`~sklearn_spt.exceptions.DoubtfulRecordWarning`.
        """
        return any(isinstance(remark, DoubtfulRecordWarning) for remark in self.remarks)

    @property
    def verdict(self) -> str:
        """What to think of the prediction: "no objection", "not to be trusted" or "not evaluated"."""
        return NOT_EVALUATED if self.error is not None else UNTRUSTED if self.untrusted else USABLE

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is no better."""
        return self.untrusted + (() if self.error is None else (self.error,))

    @property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Strain and stress of the predicted curve; empty without a prediction."""
        if self.strain is None or self.stress is None:
            return np.empty(0), np.empty(0)
        return self.strain, self.stress

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values, as it stands in JSON files.

        Returns
        -------
        dict
            See the user guide on reports for the keys.
        """
        curve = self.corrected
        return {
            "name": self.name,
            "verdict": self.verdict,
            "thickness": curve.thickness,
            "temperature": curve.temperature,
            "rig": curve.rig,
            "displacement_kind": self.measured.displacement_kind,
            "metadata": plain(self.measured.metadata),
            "source": None if self.measured.source is None else plain(asdict(self.measured.source)),
            "corrections": [plain(asdict(correction)) for correction in curve.corrections],
            "measured": _record(self.measured),
            "corrected": _record(curve),
            "quantities_record": _record(self.quantities_curve) if differ(self.quantities_curve, curve) else None,
            "characteristic": None if self.quantities is None else self.quantities.to_dict(),
            "elastic_modulus": self.elastic_modulus,
            "elastic_modulus_origin": self.elastic_modulus_origin,
            "stress_strain": self._stress_strain(),
            "properties": None if self.properties is None else self.properties.to_dict(),
            "correlations": [_correlation(found) for found in self.correlations],
            "warnings": list(map(str, self.warnings)),
            "untrusted": list(map(str, self.untrusted)),
            "record_in_doubt": self.record_in_doubt,
            "error": None if self.error is None else str(self.error),
        }

    def _stress_strain(self) -> dict[str, Any] | None:
        if self.stress is None:
            return None
        strain, stress = self.curve
        columns: dict[str, Any] = {"true_strain": strain.tolist(), "true_stress": stress.tolist()}
        # Behind the maximum force a specimen necks, and a uniform engineering curve would not be what a test records.
        columns |= {"engineering_strain": None, "engineering_stress": None}
        if self.properties is not None:
            end = self.properties.necking_strain
            engineering = engineering_curve(strain, stress)
            uniform = strain <= (np.inf if math.isnan(end) else end)
            for name, values in zip(("engineering_strain", "engineering_stress"), engineering, strict=True):
                columns[name] = [v if u else None for v, u in zip(values.tolist(), uniform.tolist(), strict=True)]
        return columns


def _correlation(found: CorrelationValue) -> dict[str, Any]:
    values = {"value": found.value, "predicted": found.predicted, "difference": found.difference}
    return {**asdict(found.correlation), **values, "missing": found.missing}


def _record(curve: SPTCurve) -> dict[str, list[float]]:
    return {"displacement": curve.displacement.tolist(), "load": curve.load.tolist()}


def differ(one: SPTCurve, other: SPTCurve) -> bool:
    """Whether two curves have different points."""
    return not (np.array_equal(one.displacement, other.displacement) and np.array_equal(one.load, other.load))


def plain(value: Any) -> Any:
    """As JSON has it: metadata may hold anything."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int | bool) else str(value)


def evaluate(
    curve: Any,
    model: Any,
    *,
    corrections: Any = "standard",
    elastic_modulus: float | None = None,
    correlations: Iterable[Correlation] = (),
    name: str | None = None,
    remarks: Sequence[Warning] = (),
) -> Evaluation:
    """Correct one curve, check it, predict its stress-strain curve, judge and read off both.

    An error in this ends the evaluation; what was found until then is kept, and `Evaluation.error` says what is wrong.

    Parameters
    ----------
    curve : SPTCurve or array-like of shape (n_points, 2)
        The record; columns displacement in mm and load in N.
    model : str, path-like or fitted model
        Name of a model that comes with the package, see `pretrained_model_path`; a file of `save_model`; or what
        `load_model` returns.
    corrections : transformer, "standard" or None, default="standard"
        What corrects the curve first: a transformer that takes and returns a list of SPTCurve, such as a Pipeline of
        several; None for none. By default `standard_corrections`, unless the curve was corrected before or the first
        steps of the model's pipeline correct it, which count as corrections too. The characteristic quantities are read
        off the curve before it is cut (`CurveCutter`) and smoothed (`CurveSmoother`).
    elastic_modulus : float, default=None
        Young's modulus, MPa, that Rp0.2, Ag, n and K rest on. By default that of the model file, else, of a model that
        was trained with ``elastic_modulus="curve"``, the slope of the predicted curve at its start.
    correlations : iterable of Correlation, default=()
        Correlations whose values stand beside the prediction. Published ones that hold for another displacement than
        the record's are left out.
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
        If `curve` is no curve, an option is not valid, or the model does not say what it is.
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
    its thickness, 5 mm, lies outside the training range, 1.0006 to 3.9988 mm; do not trust the stresses
    """
    (curve,) = as_curves([curve])
    model, _ = find_model(model)
    steps_for = check_corrections(corrections, model)
    check_modulus(elastic_modulus)
    label = name if name is not None else curve.name if curve.name is not None else "specimen"
    return evaluate_checked(curve, model, steps_for(curve), elastic_modulus, list(correlations), label, remarks)


def evaluate_checked(
    curve: SPTCurve,
    model: Any,
    corrections: Sequence[Any],
    elastic_modulus: float | None,
    correlations: Sequence[Correlation],
    name: str,
    remarks: Sequence[Warning],
) -> Evaluation:
    """As `evaluate`, with arguments that were checked: a loaded model and the steps of the corrections."""
    info: ModelInfo = model.model_info_
    strain = np.asarray(info.strain)
    found: dict[str, Any] = dict.fromkeys(
        ("quantities", "strain", "stress", "elastic_modulus", "elastic_modulus_origin", "properties", "error")
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
        found["corrected"], whole = _corrected_in(model, given, whole, said.attempt)
        corrected = found["corrected"]
        found["quantities_curve"] = whole
        found["quantities"] = quantities = characteristic_quantities(whole)
        found["correlations"] = _correlate(correlations, quantities, None)
        said.add(about_rig(curve, info.domain) + about_displacement(corrected, learned_kind(model)))
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
        for step in _flatten(part):
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


# What is given


def find_model(model: Any) -> tuple[Any, Path | None]:
    """The fitted model, with its `ModelInfo`, and its file if a name or a path was given."""
    path = None
    if isinstance(model, str | os.PathLike):
        from .datasets._models import find_model as find_file

        path = find_file(model)
        model = load_model(path)
    info = getattr(model, "model_info_", None)
    if not isinstance(info, ModelInfo):
        raise TypeError(
            "model must be the name of a model that comes with the package, a model file, or what load_model returns, "
            f"which says what the model is for; got {type(model).__name__}. Save it with save_model"
        )
    if info.strain is None:
        raise ValueError(
            "the model does not say at which strains it gives stresses; save it anew with save_model(..., strain=...)"
        )
    if not hasattr(model, "predict"):
        raise TypeError(f"{type(model).__name__} predicts nothing; give a model that ends in a regressor")
    return model, path


def check_modulus(elastic_modulus: float | None) -> None:
    """Refuse what is no Young's modulus."""
    if elastic_modulus is not None and not (math.isfinite(elastic_modulus) and elastic_modulus > 0):
        raise ValueError(f"elastic_modulus must be a positive number (MPa); got {elastic_modulus!r}")


def check_corrections(corrections: Any, model: Any) -> Callable[[SPTCurve], list[Any]]:
    """What gives the steps of the corrections of a curve, one by one."""
    if corrections is None:
        return lambda curve: []
    if isinstance(corrections, str) and corrections == "standard":
        # A second time would be an error; who has corrected a curve, or made a model that does it, has chosen how.
        standard = [] if _corrects(model) else list(_flatten(standard_corrections()))
        return lambda curve: [] if curve.corrections else standard
    if isinstance(corrections, type) or not hasattr(corrections, "fit_transform"):
        what = type(corrections).__name__ if not isinstance(corrections, type | str) else repr(corrections)
        if isinstance(corrections, type):
            what = f"the class {corrections.__name__}"
        raise TypeError(
            "corrections must be one transformer of curves, such as standard_corrections() or "
            f"ToeCorrector(); got {what}. Several make a Pipeline: make_pipeline(LoadOffsetCorrector(), ToeCorrector())"
        )
    steps = list(_flatten(corrections))
    return lambda curve: steps


def _corrects(model: Any) -> bool:
    """Whether a pipeline begins with steps that change the curves before they are put on a grid or read off."""
    steps = [step for _, part in getattr(model, "steps", [])[:-1] for step in _flatten(part)]
    return bool(steps) and not getattr(type(steps[0]), "_takes_curves", False)


def _flatten(transformer: Any) -> Iterable[Any]:
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            yield from _flatten(step)
    elif transformer not in (None, "passthrough"):
        yield transformer
