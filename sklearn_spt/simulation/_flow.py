"""The material of a simulation: a law or a measured curve as a table of flow stress over plastic strain."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ..mechanics.tensile import refuse_percent
from ..utils.validation import as_number, as_positive

__all__ = [
    "FlowLaw",
    "Material",
    "as_material",
    "check_modulus",
    "curve_material",
    "curve_record",
    "law_material",
    "law_record",
]

# The table of flow stress that the solver gets: plastic strains up to which a small punch never comes.
_TABLE_STRAIN = np.concatenate([[0.0], np.geomspace(1e-4, 5, 120)])
# What lies outside is given in another unit. Young's modulus, MPa: metals have 10 to 600 GPa and diamond 1,200 GPa, so
# that a metal's value in GPa or Pa lies outside. Yield stress over it: no solid reaches its theoretical strength, about
# a tenth, and soft pure metals have more than 1e-5.
_MODULUS = 650.0, 2e6
_YIELD_RATIO = 1e-6, 0.1


class FlowLaw(Protocol):
    """What a simulation needs of a material: every law of `sklearn_spt.mechanics` is one."""

    @property
    def E(self) -> Any:
        """Young's modulus, MPa."""

    def flow_stress(self, plastic_strain: ArrayLike) -> Any:
        """True stress in MPa at true plastic strains."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """An elastic-plastic material as the solver takes it: constants and a table of flow stress."""

    E: float
    nu: float
    plastic_strain: np.ndarray
    flow_stress: np.ndarray


def law_material(law: FlowLaw, nu: float) -> Material:
    """A law as the solver takes it."""
    if not (hasattr(law, "E") and callable(getattr(law, "flow_stress", None))):
        raise TypeError(
            "law must be a law of sklearn_spt.mechanics, or an object with E and flow_stress(plastic_strain); "
            f"got {law!r}"
        )
    E = check_modulus("law.E", law.E)
    return _material(law.flow_stress(_TABLE_STRAIN), E, nu, type(law).__name__)


def check_modulus(name: str, E: Any) -> float:
    """Young's modulus as a number; raises TypeError or ValueError by its name if it is none of a solid in MPa."""
    modulus = as_positive(name, E)
    low, high = _MODULUS
    if not low <= modulus <= high:
        raise ValueError(
            f"{name} (Young's modulus) must lie in {low:g} to {high:,.0f} MPa; got {modulus:g}. Give it and all "
            "stresses in MPa: steel has 210,000"
        )
    return modulus


def curve_material(strain: ArrayLike, stress: ArrayLike, E: float | None, nu: float) -> Material:
    """A true stress-strain curve as the solver takes it."""
    plastic_strain, flow = _table_from_curve(strain, stress, E)
    return _material(flow["stress"], flow["E"], nu, "the curve", plastic_strain)


def as_material(material: Any, E: float | None, nu: float) -> Material:
    """A law, or a tuple of true strains and true stresses, as a solver takes it."""
    if isinstance(material, tuple):
        if len(material) != 2:
            raise ValueError(f"a material given by its curve is (strains, stresses); got a tuple of {len(material)}")
        return curve_material(*material, E, nu)
    if E is not None:
        raise ValueError("E belongs to a material given by its curve; a law has its own E, leave it out")
    if not hasattr(material, "flow_stress"):
        raise TypeError(
            "material must be a law of sklearn_spt.mechanics, or a tuple of true strains and true stresses; got "
            f"{type(material).__name__}"
        )
    return law_material(material, nu)


def law_record(law: FlowLaw) -> dict[str, Any]:
    """A law as the metadata of a curve name it."""
    return {"law": type(law).__name__, "law_parameters": _parameters(law)}


def curve_record(strain: ArrayLike, stress: ArrayLike) -> dict[str, Any]:
    """A true stress-strain curve as the metadata of a curve hold it."""
    table = {"strain": np.asarray(strain, float).tolist(), "stress": np.asarray(stress, float).tolist()}
    return {"law": "table", "law_parameters": table}


def _material(
    flow_stress: Any, E: float, nu: float, owner: str, plastic_strain: np.ndarray = _TABLE_STRAIN
) -> Material:
    nu = as_number("nu", nu)
    if not 0 <= nu < 0.5:
        raise ValueError(f"nu (Poisson's ratio) must lie in 0 to 0.5, without 0.5; got {nu!r}")
    flow = np.asarray(flow_stress, dtype=np.float64)
    if flow.shape != plastic_strain.shape:
        raise ValueError(
            f"{owner}: flow_stress gave shape {flow.shape} for {plastic_strain.size} plastic strains; a simulation "
            "takes one material at a time"
        )
    if not np.all(np.isfinite(flow)) or flow[0] <= 0:
        raise ValueError(f"{owner}: the flow stress must be finite and positive; it is {flow[0]!r} MPa at yield")
    low, high = _YIELD_RATIO
    if not low <= flow[0] / E <= high:
        raise ValueError(
            f"{owner} yields at {flow[0]:g} MPa, which does not fit Young's modulus, {E:g} MPa; give both in MPa, "
            "such as 300 and 210,000 for a steel"
        )
    falling = np.flatnonzero(np.diff(flow) < -1e-9 * flow.max())
    if falling.size:
        i = falling[0]
        raise ValueError(
            f"{owner} softens: its flow stress falls from {flow[i]:.6g} to {flow[i + 1]:.6g} MPa at plastic strain "
            f"{plastic_strain[i]:.3g}; give one that does not"
        )
    return Material(E=E, nu=nu, plastic_strain=plastic_strain, flow_stress=flow)


def _table_from_curve(strain: ArrayLike, stress: ArrayLike, E: float | None) -> tuple[np.ndarray, dict[str, Any]]:
    try:
        e, s = np.asarray(strain, dtype=np.float64), np.asarray(stress, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"strain and stress must be arrays of numbers ({error})") from None
    if e.ndim != 1 or e.shape != s.shape or e.size < 3:
        raise ValueError(
            f"strain and stress must be 1-D, of one length and have at least 3 points; got {e.shape} and {s.shape}"
        )
    if not (np.all(np.isfinite(e)) and np.all(np.isfinite(s))):
        raise ValueError("strain and stress must be finite everywhere")
    if np.any(np.diff(e) <= 0) or e[0] < 0:
        raise ValueError("strain must be 0 or more and increase from point to point; sort the curve")
    refuse_percent(e)
    if e[0] == 0:
        e, s = e[1:], s[1:]
    if np.any(s <= 0):
        raise ValueError(f"stress must be positive (MPa) at positive strains; got {s.min():g}")
    level = np.maximum.accumulate(s)
    worst = int(np.argmax(level - s))
    if level[worst] - s[worst] > 0.02 * level[worst]:
        raise ValueError(
            f"the curve softens: its stress at strain {e[worst]:.4g} lies {1 - s[worst] / level[worst]:.1%} below an "
            "earlier one; the simulation takes only curves that do not (cut it before it falls)"
        )
    if E is not None:
        modulus = check_modulus("E", E)
    else:
        modulus = check_modulus("the maximum slope of the curve, taken for E", float(np.max(s / e)))
    plastic = e - level / modulus
    # Points on the elastic line carry no plastic strain; rounding may leave them a hair beside it.
    first = int(np.argmax(plastic > 1e-6)) if np.any(plastic > 1e-6) else e.size
    if first >= e.size - 1:
        raise ValueError(
            f"the curve has no plastic part: all points lie on the elastic line of E = {modulus:g} MPa, or above it; "
            "give stress and E in MPa"
        )
    # The onset of yielding lies between two points of the table: on the line through the first two plastic points, and
    # not below the last elastic one, which on a coarse table can lie far under it.
    slope = (level[first + 1] - level[first]) / max(plastic[first + 1] - plastic[first], 1e-12)
    onset = level[first] - slope * plastic[first]
    yield_stress = max(onset, level[first - 1] if first else 0.5 * level[first])
    p = np.concatenate([[0.0], plastic[first:]])
    f = np.concatenate([[yield_stress], level[first:]])
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(p)) > 1e-9])
    p, f = p[rising], f[rising]
    tail = p >= (2 / 3) * p[-1]
    enough = np.count_nonzero(tail) >= 2 and p[-1] > 0
    slope = np.polyfit(np.log(p[tail]), np.log(f[tail]), 1)[0] if enough else 0.0
    beyond = np.geomspace(p[-1], max(5.0, 2 * p[-1]), 60)[1:]
    p = np.concatenate([p, beyond])
    f = np.concatenate([f, f[-1] * (beyond / (p[p < beyond[0]][-1])) ** max(slope, 0.0)])
    return p, {"stress": f, "E": modulus}


def _parameters(law: Any) -> dict[str, Any]:
    if not is_dataclass(law):
        return {"repr": repr(law)}
    return {field.name: float(np.asarray(getattr(law, field.name))) for field in fields(law)}
