"""What is to be said of a curve that a model is given."""

from dataclasses import replace

from ._displacement import LEFT_IN, MEASURED_WITH, OF_DEFLECTION
from .curves import CurveCorrection, SPTCurve
from .exceptions import DoubtfulRecordWarning, UntrustedPredictionWarning
from .persistence import ModelInfo

# Room temperature as tensile tests have it, °C: ISO 6892-1, from memory, not checked.
ROOM = (10.0, 35.0)
# A maximum load outside the training range by more than this factor is in another unit, not of another material.
_UNIT_FACTOR = 20.0
# Young's moduli that differ by more than this factor are not those of one kind of material.
_MODULUS_FACTOR = 1.5
# From benchmarks/results/record_displacement.json.
WRONG_ZERO = "a zero that lies 20 µm before the contact lowers Rp0.2 by 29 % on average and up to 51 %"


def outside_training(curve: SPTCurve, info: ModelInfo, uncut: SPTCurve | None = None) -> list[UserWarning]:
    """Say where a curve lies outside what the model was trained on; `uncut` is it before it was cut and smoothed."""
    findings: list[UserWarning] = []
    loads = [float(curve.load.max())] + ([] if uncut is None else [float(uncut.load.max())])
    if curve.rig is not None and info.rig is not None and curve.rig != info.rig:
        findings.append(
            UntrustedPredictionWarning(
                f"recorded on the rig {curve.rig!r}, and the model is for {info.rig!r}; the stresses mean nothing"
            )
        )
    for name, value, unit in (
        ("thickness", curve.thickness, "mm"),
        ("max_load", _farthest(loads, info.training.get("max_load")), "N"),
        ("temperature", curve.temperature, "°C"),
    ):
        if value is not None and name in info.training:
            low, high = info.training[name]
            slack = 1e-6 * max(abs(low), abs(high))
            if not low - slack <= value <= high + slack:
                in_doubt = name == "max_load" and not low / _UNIT_FACTOR <= value <= high * _UNIT_FACTOR
                kind = DoubtfulRecordWarning if in_doubt else UntrustedPredictionWarning
                findings.append(
                    kind(
                        f"its {name.replace('max_', 'maximum ')}, {value:.5g} {unit}, lies outside the training range, "
                        f"{low:.5g} to {high:.5g} {unit}; do not trust the stresses"
                        + (", and check the unit of the load" if in_doubt else "")
                    )
                )
    return findings


def _farthest(values: list[float], known: tuple[float, float] | None) -> float:
    """That of the values which lies farthest outside a range; the first if none does."""
    low, high = known or (values[0], values[0])
    return max(values, key=lambda value: max(low - value, value - high, 0.0))


def about_displacement(curve: SPTCurve, learned: str | None) -> list[UserWarning]:
    """Say that nothing tells what the displacement is; `learned` is what the training curves had."""
    corrected = any(c.name == "compliance" and c.value is not None for c in curve.corrections)
    if curve.displacement_kind is not None or learned is None or corrected:
        return []
    return [
        UserWarning(
            "nothing says whether the displacement is that of the punch, of the crosshead or the deflection of the "
            f"specimen: it was taken as it is, and no compliance was taken out of it ({MEASURED_WITH}, {LEFT_IN}; "
            f"{OF_DEFLECTION}). Say it with displacement_kind="
        )
    ]


def about_rig(curve: SPTCurve, info: ModelInfo) -> list[UserWarning]:
    """Say that nothing tells whether a curve was recorded on the rig of the model."""
    if curve.rig is not None or info.rig is None:
        return []
    return [
        UserWarning(
            f"nothing says the rig that it was recorded on, and the model is for {info.rig!r} alone: check that it was "
            "this one, and name it with rig="
        )
    ]


def about_toe(curve: SPTCurve) -> list[UserWarning]:
    """Say that a toe was looked for in vain."""
    toes = [correction for correction in curve.corrections if correction.name == "toe"]
    if not toes or any(correction.value is not None for correction in toes):
        return []
    return [
        UserWarning(
            f"the toe was not corrected: {toes[-1].note}. The displacement counts from the zero of the record, and "
            f"{MEASURED_WITH} {WRONG_ZERO}: check where the load begins to rise"
        )
    ]


def model_version(info: ModelInfo) -> str:
    """The version of a model: its author's, from the metadata, else that of the package that wrote the file."""
    return str(info.metadata.get("version") or f"sklearn_spt {info.versions.get('sklearn_spt', '?')}")


def about_modulus(curve: SPTCurve, info: ModelInfo, modulus: float | None) -> list[UserWarning]:
    """Say where Young's modulus was not given and is that of another temperature."""
    at = curve.temperature
    if at is None or modulus is None or ROOM[0] <= at <= ROOM[1]:
        return []
    low, high = info.training.get("temperature", ROOM)
    if low <= at <= high:
        return []
    return [
        UserWarning(
            f"tested at {at:g} °C, and Young's modulus is the model's, {modulus:.6g} MPa, not that of the steel at "
            f"{at:g} °C; Rp0.2, Ag, n and K rest on it: give it with elastic_modulus="
        )
    ]


def about_given_modulus(modulus: float, info: ModelInfo) -> list[str]:
    """Say where Young's modulus was given and is far from that of the model's materials."""
    of_model = info.elastic_modulus
    if of_model is None or of_model / _MODULUS_FACTOR <= modulus <= of_model * _MODULUS_FACTOR:
        return []
    return [
        f"Young's modulus was given as {modulus:.6g} MPa, and that of the model is {of_model:.6g} MPa; Rp0.2, Ag, n "
        "and K rest on it, and the model is for materials of its own modulus: check the value and its unit"
    ]


def in_usual_unit(correction: CurveCorrection) -> CurveCorrection:
    """The correction as laboratories speak of it: compliances in µm/kN."""
    if correction.unit != "mm/N" or correction.value is None:
        return correction
    return replace(correction, value=1e6 * correction.value, unit="µm/kN")
