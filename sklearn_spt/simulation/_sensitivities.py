"""Derivatives of a simulated curve with respect to the material, the friction and the thickness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from . import embedded
from ._flow import FlowLaw, Material, curve_material, curve_record, law_material, law_record
from ._mesh import MeshSettings
from ._spt import curve_of
from .embedded import Numerics
from .rigs import Rig

__all__ = ["SPTSensitivities", "flow_derivatives", "simulate_sensitivities"]

_TEST = ("nu", "friction", "thickness")
# Step of the differences that give the derivatives of a flow curve, relative and for parameters that are zero.
_STEP, _LEAST_STEP = 1e-5, 1e-6


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
    rig, thickness, nu, friction, stroke, load_limit, load_drop, mesh, numerics, name
        As in :func:`simulate_spt`.
    parameters : sequence of str, default=None
        What to differentiate with respect to: names of the law's own parameters (with `E` in its flow stress and in
        the elasticity), "E", "stress" (of a curve: one column for each of its points), "nu", "friction",
        "thickness". None: all of them.
    E : float, default=None
        Young's modulus of a material given by its curve, MPa, as in :func:`simulate_from_curve`.

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
    flow_stress: np.ndarray  # (n_table, n_parameters): of the flow stress at the plastic strains of `base`
    E: np.ndarray  # (n_parameters,): of Young's modulus


def flow_derivatives(
    material: FlowLaw | tuple[ArrayLike, ArrayLike], parameters: Sequence[str] | None, E: float | None, nu: float
) -> FlowDerivatives:
    """What the parameters named, or all, change of a material: nothing where they are those of the test alone."""
    flow = _curve_flow(material, E, nu) if isinstance(material, tuple) else _law_flow(material, nu)
    wanted = [*flow.values, *_TEST] if parameters is None else list(parameters)
    unknown = [parameter for parameter in wanted if parameter not in flow.values and parameter not in _TEST]
    if unknown:
        raise ValueError(f"there is no parameter {unknown[0]!r}; choose from {', '.join([*flow.values, *_TEST])}")
    base = flow.material({})
    columns: list[str] = []
    tables, moduli = [], []
    for parameter in wanted:
        value = np.atleast_1d(flow.values.get(parameter, 0.0))
        for i in range(value.size):
            columns.append(parameter if value.size == 1 else f"{parameter}[{i}]")
            table, modulus = (
                (np.zeros_like(base.flow_stress), 0.0) if parameter in _TEST else _derivative(flow, base, parameter, i)
            )
            tables.append(table)
            moduli.append(modulus)
    return FlowDerivatives(base, flow.record, tuple(columns), np.stack(tables, axis=1), np.array(moduli))


@dataclass(frozen=True)
class _Flow:
    """A material as a function of its parameters."""

    values: dict[str, Any]  # each a number, or an array of them
    material: Callable[[dict[str, Any]], Material]  # with some values changed
    record: dict[str, Any]


def _law_flow(law: FlowLaw, nu: float) -> _Flow:
    material = law_material(law, nu)
    if not is_dataclass(law):
        # Of any other object only the elasticity can be changed.
        return _Flow({"E": material.E}, lambda changes: replace(material, **changes), law_record(law))
    values = {field.name: float(np.asarray(getattr(law, field.name))) for field in fields(law)}
    return _Flow(values, lambda changes: law_material(replace(law, **changes), nu), law_record(law))  # type: ignore[type-var]


def _curve_flow(curve: tuple[ArrayLike, ArrayLike], E: float | None, nu: float) -> _Flow:
    strain, stress = (np.asarray(values, dtype=np.float64) for values in curve)
    modulus = curve_material(strain, stress, E, nu).E

    def material(changes: dict[str, Any]) -> Material:
        return curve_material(strain, changes.get("stress", stress), changes.get("E", modulus), nu)

    return _Flow({"stress": stress, "E": modulus}, material, curve_record(strain, stress))


def _derivative(flow: _Flow, base: Material, parameter: str, index: int) -> tuple[np.ndarray, float]:
    """Derivatives of the flow stress at the table's plastic strains, and of the modulus, by central differences."""
    value = np.atleast_1d(np.array(flow.values[parameter], dtype=np.float64))
    step = max(_STEP * abs(value[index]), _LEAST_STEP)
    sides = []
    for sign in (1, -1):
        changed = value.copy()
        changed[index] += sign * step
        try:
            sides.append((sign, flow.material({parameter: changed if value.size > 1 else float(changed[0])})))
        except ValueError:
            # At the end of the parameter's range (n = 0) the other side is enough.
            continue
    if not sides:
        raise ValueError(f"the flow curve has no derivative with respect to {parameter}; leave it out of parameters")
    if len(sides) == 1:
        sides.append((0, base))
    (plus, upper), (minus, lower) = sides
    width = (plus - minus) * step
    tables = [np.interp(base.plastic_strain, side.plastic_strain, side.flow_stress) for side in (upper, lower)]
    return (tables[0] - tables[1]) / width, (upper.E - lower.E) / width
