"""What is said of one specimen, and how it looks as plain values."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..exceptions import DoubtfulRecordWarning, Message, UntrustedPredictionWarning, message_of
from ..mechanics import CharacteristicQuantities, Correlation, TensileProperties, engineering_curve

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
class Band:
    """The band around a predicted curve, and intervals of the properties.

    Parameters
    ----------
    alpha : float
        The part of the curves like those of the calibration that may leave their bands.
    simultaneous : bool
        Whether the band holds the whole curve with that probability, or the stress at each strain by itself.
    lower, upper : ndarray of shape (n_strains,)
        Its edges, true stress in MPa. The upper one is infinite where there is a lower bound alone.
    intervals : dict of str to tuple of two floats
        By the keys of `TensileProperties`, what holds the property with that probability; each by itself. Empty where
        the model knows none, or Young's modulus was given.
    errors : dict of str to tuple of two floats
        Errors of measurement that the records of the calibration have, as in `MeasurementErrors`. Empty where it was
        calibrated on records as they are.

    See Also
    --------
    sklearn_spt.uncertainty.ConformalCurveRegressor : Gives models a band.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_spt.evaluation import Band
    >>> edges = {"lower": np.array([280.0, 450.0]), "upper": np.array([310.0, 520.0])}
    >>> Band(alpha=0.1, simultaneous=True, **edges, intervals={}, errors={}).confidence
    0.9
    """

    alpha: float
    simultaneous: bool
    lower: np.ndarray
    upper: np.ndarray
    intervals: Mapping[str, tuple[float, float]]
    errors: Mapping[str, tuple[float, float]]

    @property
    def confidence(self) -> float:
        """1 - `alpha`, without what rounding adds."""
        return round(1 - self.alpha, 12)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values; None for what is infinite.

        Returns
        -------
        dict
            See the user guide on reports for the keys.
        """
        return {"confidence": self.confidence, **plain(asdict(self))}


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
    band : Band or None
        The band around the predicted curve; None if the model was not calibrated for one.
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
    band: Band | None
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
            "band": None if self.band is None else self.band.to_dict(),
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
        # After the maximum force a specimen necks, and a uniform engineering curve would not be what a test records.
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
