"""What is to be said of a curve that a model is given."""

from .curves import SPTCurve
from .persistence import ModelInfo


def outside_training(curve: SPTCurve, info: ModelInfo) -> list[str]:
    """Say where a curve lies outside what the model was trained on."""
    findings = []
    if curve.rig is not None and info.rig is not None and curve.rig != info.rig:
        findings.append(
            f"recorded on the rig {curve.rig!r}, and the model is for {info.rig!r}; the stresses mean nothing"
        )
    for name, value, unit in (
        ("thickness", curve.thickness, "mm"),
        ("max_load", float(curve.load.max()), "N"),
        ("temperature", curve.temperature, "°C"),
    ):
        if value is not None and name in info.training:
            low, high = info.training[name]
            slack = 1e-6 * max(abs(low), abs(high))
            if not low - slack <= value <= high + slack:
                findings.append(
                    f"its {name.replace('max_', 'maximum ')}, {value:.5g} {unit}, lies outside the training range, "
                    f"{low:.5g} to {high:.5g} {unit}; do not trust the stresses"
                )
    return findings


def about_displacement(curve: SPTCurve) -> list[str]:
    """Say what is in the displacement beside the punch's."""
    done = {correction.name for correction in curve.corrections if correction.value is not None}
    if curve.displacement_kind != "crosshead" or "compliance" in done:
        return []
    return ["the displacement is that of the crosshead, and the compliance of the load train was not taken out of it"]
