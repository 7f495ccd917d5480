"""Derivatives of a simulated curve with respect to the material, the friction and the thickness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from . import embedded
from ._flow import FlowLaw, Material, as_material, curve_material, curve_record, law_material, law_record
from ._mesh import MeshSettings
from ._spt import check_settings, curve_of
from .embedded import Numerics
from .rigs import Rig

__all__ = ["SPTSensitivities", "flow_derivatives", "simulate_sensitivities"]

_TEST = ("nu", "friction", "thickness")
# Step of the differences that give the derivatives of a flow curve, relative and for parameters that are zero.
_STEP, _MIN_STEP = 1e-5, 1e-6


@dataclass(frozen=True, eq=False)
class SPTSensitivities:
    """A simulated curve and its derivatives.

    Parameters
    ----------
    curve : SPTCurve
        Displacement of the punch (mm) and load (N).
    parameters : tuple of str
        Names of the parameters.
    gradient : ndarray of shape (n_points, n_parameters)
        Derivatives of the load at the points of the curve, N per unit of each parameter.
    """

    curve: SPTCurve
    parameters: tuple[str, ...]
    gradient: np.ndarray


def simulate_sensitivities(
    material: FlowLaw | tuple[ArrayLike, ArrayLike],
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    parameters: Sequence[str] | None = None,
    E: float | None = None,
    nu: float = 0.3,
    friction: float | None = None,
    stroke: float | None = None,
    load_limit: float | None = None,
    load_drop: float | None = None,
    mesh: MeshSettings | None = None,
    numerics: Numerics | None = None,
    name: str | None = None,
) -> SPTSensitivities:
    """Simulate a small punch test, and the derivatives of its loads, with the embedded solver.

    The derivatives are those of the computed curve, by direct differentiation of its increments, and cost less than
    another simulation for a handful of parameters.

    Parameters
    ----------
    material : object or tuple of two arrays
        A law, as in :func:`simulate_spt`; or true strains and true stresses (MPa), as in :func:`simulate_from_curve`.
    rig : Rig or str, default="EN10371"
        The tools, or the name of a rig that comes with the package.
    thickness : float
        Initial thickness of the disc, mm.
    parameters : sequence of str, default=None
        What to differentiate with respect to: names of the law's own parameters (with `E` in its flow stress and in
        the elasticity), "E", "stress" (of a curve: one column for each of its points), "nu", "friction",
        "thickness". None: all of them.
    E : float, default=None
        Young's modulus of a material given by its curve, MPa, as in :func:`simulate_from_curve`.
    nu : float, default=0.3
        Poisson's ratio.
    friction : float, default=None
        Coulomb's coefficient between disc and tools. None: the rig's.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's maximum.
    load_limit : float, default=None
        The test ends when the load reaches this, N.
    load_drop : float, default=None
        The test ends when the load has dropped by this part of its maximum, 0 to 1.
    mesh : MeshSettings, default=None
        Sizes of the elements, as in :func:`simulate_spt`.
    numerics : Numerics, default=None
        Stiffness of the contacts and size of the increments, as in :func:`simulate_spt`.
    name : str, default=None
        Name of the curve.

    Returns
    -------
    SPTSensitivities

    Raises
    ------
    SimulationError, TypeError, ValueError
        As :func:`simulate_spt`; also if a parameter is unknown.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import simulate_sensitivities
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> found = simulate_sensitivities(steel, thickness=0.5, stroke=0.1, parameters=["K", "friction"])
    >>> found.gradient.shape == (len(found.curve.load), 2)
    True
    """
    check_settings(mesh, numerics)
    flow = flow_derivatives(material, parameters, E, nu)
    run = embedded.run_spt(
        flow.base,
        rig,
        thickness=thickness,
        friction=friction,
        stroke=stroke,
        load_limit=load_limit,
        load_drop=load_drop,
        mesh=mesh,
        numerics=numerics,
        name=name,
        parameters=embedded.Parameters(
            flow_stress=flow.flow_stress,
            plastic_strain=flow.plastic_strain,
            E=flow.E,
            **{quantity: (np.array(flow.columns) == quantity).astype(float) for quantity in _TEST},
        ),
    )
    assert run.gradient is not None
    return SPTSensitivities(curve_of(run, flow.record, name), flow.columns, run.gradient)


@dataclass(frozen=True)
class FlowDerivatives:
    """A material and the derivatives of its flow curve with respect to parameters of a test."""

    base: Material
    record: dict[str, Any]  # the material, for the metadata of a curve
    columns: tuple[str, ...]  # name of each parameter; an array's have their index in brackets
    flow_stress: np.ndarray  # (n_table, n_parameters): of the flow stresses of the table
    plastic_strain: np.ndarray  # (n_table, n_parameters): of its plastic strains
    E: np.ndarray  # (n_parameters,): of Young's modulus

    @property
    def at_fixed_strains(self) -> np.ndarray:
        """Derivatives (n_table, n_parameters) of the flow stress at the plastic strains of `base`."""
        slope = np.gradient(self.base.flow_stress, self.base.plastic_strain)
        return self.flow_stress - slope[:, None] * self.plastic_strain


def flow_derivatives(
    material: FlowLaw | tuple[ArrayLike, ArrayLike], parameters: Sequence[str] | None, E: float | None, nu: float
) -> FlowDerivatives:
    """What the parameters named, or all, change of a material: nothing where they are those of the test alone."""
    base = as_material(material, E, nu)
    flow = _curve_flow(material, base) if isinstance(material, tuple) else _law_flow(material, base)
    wanted = _checked_parameters(parameters, [*flow.values, *_TEST])
    columns: list[str] = []
    flows, strains, moduli = [], [], []
    for parameter in wanted:
        value = np.atleast_1d(flow.values.get(parameter, 0.0))
        for i in range(value.size):
            columns.append(parameter if value.size == 1 else f"{parameter}[{i}]")
            none = np.zeros_like(base.flow_stress), np.zeros_like(base.flow_stress), 0.0
            stress, strain, modulus = none if parameter in _TEST else _derivative(flow, base, parameter, i)
            flows.append(stress)
            strains.append(strain)
            moduli.append(modulus)
    return FlowDerivatives(
        base, flow.record, tuple(columns), np.stack(flows, axis=1), np.stack(strains, axis=1), np.array(moduli)
    )


@dataclass(frozen=True)
class _Flow:
    """A material as a function of its parameters."""

    values: dict[str, Any]  # each a number, or an array of them
    material: Callable[[dict[str, Any]], Material]  # with some values changed
    record: dict[str, Any]


def _law_flow(law: FlowLaw, base: Material) -> _Flow:
    if not is_dataclass(law):
        # Of any other object only the elasticity can be changed.
        return _Flow({"E": base.E}, lambda changes: replace(base, **changes), law_record(law))
    values = {field.name: float(np.asarray(getattr(law, field.name))) for field in fields(law)}
    return _Flow(values, lambda changes: law_material(replace(law, **changes), base.nu), law_record(law))


def _curve_flow(curve: tuple[ArrayLike, ArrayLike], base: Material) -> _Flow:
    strain, stress = (np.asarray(values, dtype=np.float64) for values in curve)

    def material(changes: dict[str, Any]) -> Material:
        return curve_material(strain, changes.get("stress", stress), changes.get("E", base.E), base.nu)

    return _Flow({"stress": stress, "E": base.E}, material, curve_record(strain, stress))


def _checked_parameters(parameters: Sequence[str] | None, known: list[str]) -> list[str]:
    if parameters is None:
        return known
    if isinstance(parameters, str):
        raise TypeError(f"parameters must be a sequence of names; got the text {parameters!r}")
    wanted = list(parameters)
    if not wanted:
        raise ValueError("parameters is empty; name at least one, or leave it out for all of them")
    unknown = [parameter for parameter in wanted if parameter not in known]
    if unknown:
        raise ValueError(f"there is no parameter {unknown[0]!r}; choose from {', '.join(known)}")
    return wanted


def _derivative(flow: _Flow, base: Material, parameter: str, index: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Derivatives of the table's flow stresses and plastic strains, and of the modulus, by central differences."""
    value = np.atleast_1d(np.array(flow.values[parameter], dtype=np.float64))
    step = max(_STEP * abs(value[index]), _MIN_STEP)
    sides = []
    for sign in (1, -1):
        changed = value.copy()
        changed[index] += sign * step
        try:
            side = flow.material({parameter: changed if value.size > 1 else float(changed[0])})
        except ValueError:
            # At the end of the parameter's range (n = 0) the other side is enough.
            continue
        # So it is where a point of a curve begins to yield, and its table gets another number of points.
        if len(side.flow_stress) == len(base.flow_stress):
            sides.append((sign, side))
    if not sides:
        raise ValueError(f"the flow curve has no derivative with respect to {parameter}; leave it out of parameters")
    if len(sides) == 1:
        sides.append((0, base))
    (plus, upper), (minus, lower) = sides
    width = (plus - minus) * step
    return (
        (upper.flow_stress - lower.flow_stress) / width,
        (upper.plastic_strain - lower.plastic_strain) / width,
        (upper.E - lower.E) / width,
    )
