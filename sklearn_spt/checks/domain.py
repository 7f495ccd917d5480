"""Is the model for this curve: its training domain, and what the model takes for granted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..curves import SPTCurve
from ..exceptions import DoubtfulRecordWarning, Message, Owner, Parameter, UntrustedPredictionWarning, about
from ..utils.warnings import name_curves, warn

# Room temperature as tensile tests have it, °C: ISO 6892-1, from memory, not checked.
ROOM = (10.0, 35.0)
# A maximum load outside the training range by more than this factor is in another unit, not of another material.
_UNIT_FACTOR = 20.0
# Young's moduli that differ by more than this factor are not those of one kind of metal.
_MODULUS_FACTOR = 1.5
# Of n values drawn evenly from an interval, the extremes lie on average the n-th part of the interval within its ends,
# and in 19 of 20 cases less than three times as far. With few values that would be a guess: at most a tenth then.
_ENDS, _MOST = 3.0, 0.1
# Young's moduli of metals, MPa, rounded; parts of words that name them, and what their designations begin with. Read in
# "Young's Modulus For Common Engineering Materials" of www.engineersedge.com: magnesium 45, aluminium 69, brass 102 to
# 125, copper 117 GPa; in the appendix of "Multimedia Engineering Mechanics", www.ecoursesbook.com: steel 193 to 200,
# Ti-6Al-4V 114 GPa. Zirconium and tungsten are from memory, not checked; so is that steels reach 207 GPa and more.
_METALS = {
    "steel": (207_000.0, ("steel", "stahl", "acier", "acciaio", "acero"), ()),
    "magnesium": (45_000.0, ("magnesium",), ("Mg",)),
    "aluminium": (70_000.0, ("alumin",), ("Al", "EN AW", "EN-AW", "AA")),
    "zirconium": (95_000.0, ("zircon", "zirkon", "zircaloy"), ("Zr",)),
    "brass": (105_000.0, ("brass", "messing", "laiton"), ("CuZn",)),
    "titanium": (110_000.0, ("titan",), ("Ti",)),
    "copper": (120_000.0, ("copper", "kupfer", "cuivre"), ("Cu",)),
    "tungsten": (400_000.0, ("tungsten", "wolfram"), ("W",)),
}
_MATERIAL_KEYS = ("material", "werkstoff", "alloy")
_Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class TrainingDomain:
    """What the training set of a model covers.

    Parameters
    ----------
    n_curves : int or None
        Number of training curves.
    ranges : mapping of str to tuple of float
        Lowest and highest "thickness" (mm), "max_load" (N), "temperature" (°C), "stress" and "proof_stress" (MPa) of
        the training curves, as far as known.
    rig : str or None
        Rig of the training curves.
    elastic_modulus : float or None
        Young's modulus of the training materials, MPa.
    strain : ndarray or None
        True strains of the training targets.
    """

    n_curves: int | None = None
    ranges: Mapping[str, _Range] = field(default_factory=dict)
    rig: str | None = None
    elastic_modulus: float | None = None
    strain: np.ndarray | None = None

    def limits(self, name: str) -> _Range | None:
        """The limits that a quantity was drawn within, which lie beyond the extremes of the sample."""
        if name not in self.ranges:
            return None
        low, high = self.ranges[name]
        beyond = min(_ENDS / max((self.n_curves or 1) - 1, 1), _MOST) * (high - low)
        slack = beyond + 1e-6 * max(abs(low), abs(high))
        return low - slack, high + slack

    def findings(self, curve: SPTCurve, uncut: SPTCurve | None = None) -> list[Warning]:
        """Say where a curve lies outside; `uncut` is it before it was cut and smoothed."""
        found: list[Warning] = []
        if curve.rig is not None and self.rig is not None and curve.rig != self.rig:
            said = (
                f"recorded on the rig {curve.rig!r}, and the model is for {self.rig!r}; the prediction is meaningless"
            )
            found.append(UntrustedPredictionWarning(Message(said, about="rig")))
        loads = [float(curve.load.max())] + ([] if uncut is None else [float(uncut.load.max())])
        for name, value, unit in (
            ("thickness", curve.thickness, "mm"),
            ("max_load", _farthest(loads, self.limits("max_load")), "N"),
            ("temperature", curve.temperature, "°C"),
        ):
            limits = self.limits(name)
            if value is not None and limits is not None and not limits[0] <= value <= limits[1]:
                found.append(self._outside(name, value, unit))
        return found + self._of_metal(curve)

    def _outside(self, name: str, value: float, unit: str) -> Warning:
        low, high = self.ranges[name]
        in_doubt = name == "max_load" and not low / _UNIT_FACTOR <= value <= high * _UNIT_FACTOR
        kind = DoubtfulRecordWarning if in_doubt else UntrustedPredictionWarning
        said = (
            f"its {name.replace('max_', 'maximum ')}, {value:.5g} {unit}, lies outside the training range, "
            f"{low:.5g} to {high:.5g} {unit}; do not trust the stresses"
        )
        return kind(Message(said, ", and check the unit of the load" if in_doubt else "", about=name))

    def about_yield(self, proof_stress: float) -> list[Warning]:
        """Say where the predicted yield strength is outside those the model was trained on."""
        name = "proof_stress" if "proof_stress" in self.ranges else "stress"
        limits = self.limits(name)
        if limits is None or proof_stress != proof_stress or limits[0] <= proof_stress <= limits[1]:
            return []
        low, high = self.ranges[name]
        what = "yield strengths" if name == "proof_stress" else "stresses"
        said = (
            f"the predicted Rp0.2, {proof_stress:.5g} MPa, lies outside the {what} of the training, {low:.5g} to "
            f"{high:.5g} MPa; do not trust the stresses"
        )
        return [UntrustedPredictionWarning(Message(said, about="proof_stress"))]

    def _of_metal(self, curve: SPTCurve) -> list[Warning]:
        """Say that a curve is of a metal whose Young's modulus is not the model's."""
        metal = metal_of(curve)
        if metal is None or self.elastic_modulus is None:
            return []
        modulus = _METALS[metal][0]
        # The paper's simulations of sheet steel have 70 GPa, so that the word says nothing against a model.
        if metal == "steel" or _alike(modulus, self.elastic_modulus):
            return []
        said = (
            f"the material is {metal}, with a Young's modulus of about {modulus / 1e3:g} GPa, and the model was "
            f"trained on materials of {self.elastic_modulus / 1e3:g} GPa; do not trust the stresses"
        )
        return [UntrustedPredictionWarning(Message(said, about="metal"))]


def metal_of(curve: SPTCurve) -> str | None:
    """The metal that the metadata name, if they name one."""
    for key, value in curve.metadata.items():
        if str(key).strip().lower() not in _MATERIAL_KEYS:
            continue
        text = str(value)
        for metal, (_, words, marks) in _METALS.items():
            # A chemical symbol is one only where another, a number or nothing follows.
            if any(word in text.casefold() for word in words) or any(
                re.match(rf"{mark}(?=[A-Z\d]|[\s-]*\d|\s*$)", text.strip()) for mark in marks
            ):
                return metal
    return None


def check_domain(estimator: Any, curves: Sequence[SPTCurve]) -> None:
    """Warn of curves outside the domain that the estimator was loaded with, if it was loaded with one."""
    domain: TrainingDomain | None = getattr(estimator, "training_domain_", None)
    if domain is None:
        return
    found: dict[tuple[Any, type[Warning]], list[tuple[int, Warning]]] = {}
    for index, curve in enumerate(curves):
        for finding in domain.findings(curve):
            found.setdefault((about(finding), type(finding)), []).append((index, finding))
    for (_, kind), of in found.items():
        which = ""
        if len(curves) > 1:
            which = name_curves([index for index, _ in of])
            which = f"{len(of)} of {len(curves)} curves ({which}), such as the first: " if len(of) > 1 else f"{which}: "
        warn(Message(Owner(type(estimator).__name__), which, of[0][1]), kind, stacklevel=4)


def forget_domain(estimator: Any) -> None:
    """What an estimator was loaded with does not hold after it has been fitted again."""
    estimator.__dict__.pop("training_domain_", None)


def _farthest(values: list[float], known: _Range | None) -> float:
    """That of the values which lies farthest outside a range; the first if none does."""
    low, high = known or (values[0], values[0])
    return max(values, key=lambda value: max(low - value, value - high, 0.0))


def _alike(one: float, other: float) -> bool:
    return other / _MODULUS_FACTOR <= one <= other * _MODULUS_FACTOR


def about_rig(curve: SPTCurve, domain: TrainingDomain) -> list[Warning]:
    """Say that nothing tells whether a curve was recorded on the rig of the model."""
    if curve.rig is not None or domain.rig is None:
        return []
    said = (
        f"nothing says the rig that it was recorded on, and the model is for {domain.rig!r} alone: check that it was "
        "this one, and name it with "
    )
    return [UserWarning(Message(said, Parameter("rig"), about="rig_unknown"))]


def about_toe(curve: SPTCurve) -> list[Warning]:
    """Say that no toe could be found."""
    toes = [correction for correction in curve.corrections if correction.name == "toe"]
    if not toes or any(correction.value is not None for correction in toes):
        return []
    said = (
        ". The displacement counts from the zero of the record, and a zero before the contact makes Rp0.2 much too "
        "low: check where the load begins to rise"
    )
    return [UserWarning(Message("the toe was not corrected: ", toes[-1].note, said, about="toe"))]


def about_modulus(curve: SPTCurve, domain: TrainingDomain, modulus: float | None) -> list[Warning]:
    """Say where Young's modulus was not given and is that of another temperature, or is not known."""
    if modulus is None:
        said = "the model names no Young's modulus, which Rp0.2, Ag, n and K need; give it with "
        return [UserWarning(Message(said, Parameter("elastic_modulus"), about="modulus"))]
    at = curve.temperature
    if at is None or ROOM[0] <= at <= ROOM[1]:
        return []
    low, high = domain.ranges.get("temperature", ROOM)
    if low <= at <= high:
        return []
    said = (
        f"tested at {at:g} °C, and Young's modulus is the model's, {modulus:.6g} MPa, not that of the steel at "
        f"{at:g} °C; Rp0.2, Ag, n and K rest on it: give it with "
    )
    return [UserWarning(Message(said, Parameter("elastic_modulus"), about="modulus"))]


def about_given_modulus(modulus: float, domain: TrainingDomain) -> list[Warning]:
    """Say where Young's modulus was given and is far from that of the model's materials."""
    of_model = domain.elastic_modulus
    if of_model is None or _alike(modulus, of_model):
        return []
    said = (
        f"Young's modulus was given as {modulus:.6g} MPa, and that of the model is {of_model:.6g} MPa; Rp0.2, Ag, n "
        "and K rest on it, and the model is for materials of its own modulus: do not trust the stresses, and check the "
        "value and its unit: "
    )
    return [UntrustedPredictionWarning(Message(said, Parameter("elastic_modulus"), about="modulus"))]
