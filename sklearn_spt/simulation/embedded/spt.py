"""The small punch test with the embedded solver."""

import time
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike

from .._errors import SimulationError
from .._fields import FieldStage, faces_apart
from .._flow import Material
from .._mesh import MeshSettings
from .._punch_test import PunchTest, SPTRun, punch_test
from ..rigs import Rig
from .contact import Contact
from .element import POINTS
from .increments import Model
from .material import FlowTable
from .mesh import Disc, disc_of
from .numerics import Numerics, default_mesh, travels
from .sensitivity import Parameters, Sensitivity
from .tools import die_of, punch_of

__all__ = ["VERSION", "build", "run_spt"]

#: Changes with whatever changes a result by more than rounding.
VERSION = "2"

_MIN_POINTS = 5


def build(
    material: Material,
    test: PunchTest,
    mesh: MeshSettings,
    numerics: Numerics,
    parameters: Parameters | None = None,
) -> tuple[Model, Disc]:
    """Mesh and contacts of a test before it begins."""
    disc = disc_of(test.rig, test.thickness, mesh)
    stiffness = numerics.contact_stiffness * material.E / test.rig.punch_edge_radius
    options = {"stiffness": stiffness, "stick_ratio": numerics.stick_ratio, "friction": test.friction}
    contacts = [Contact(punch_of(test.rig), disc.grid.nodes, disc.top, moving=True, **options)]
    die = die_of(test.rig, -test.thickness)
    if die is not None:
        contacts.append(Contact(die, disc.grid.nodes, disc.bottom, moving=False, **options))
    table = FlowTable(material.E, material.nu, material.plastic_strain, material.flow_stress)
    sensitivity = None if parameters is None else Sensitivity(parameters, test.thickness)
    return Model(disc.grid, table, fixed=disc.fixed, contacts=contacts, sensitivity=sensitivity), disc


def run_spt(
    material: Material,
    rig: Rig | str,
    *,
    thickness: float,
    friction: float | None = None,
    stroke: float | None = None,
    load_limit: float | None = None,
    load_drop: float | None = None,
    mesh: MeshSettings | None = None,
    numerics: Numerics | None = None,
    field_displacements: ArrayLike = (),
    name: str | None = None,
    parameters: Parameters | None = None,
) -> SPTRun:
    """Simulate a small punch test.

    Parameters
    ----------
    material : Material
        The disc's.
    rig, thickness, friction, stroke, load_limit, load_drop, mesh, numerics
        As in :func:`simulate_spt`.
    field_displacements : array-like of shape (n_stages,), default=()
        Displacements of the punch, mm, increasing, at which the disc is kept. They become points of the curve.
    name : str, default=None
        What errors call the specimen.
    parameters : Parameters, default=None
        What to differentiate the loads with respect to.

    Returns
    -------
    SPTRun

    Raises
    ------
    SimulationError, TypeError, ValueError
        As :func:`simulate_spt`.
    """
    test = punch_test(rig, thickness, friction, stroke, load_limit, load_drop)
    mesh = default_mesh(test.rig) if mesh is None else mesh
    numerics = Numerics() if numerics is None else numerics
    started = time.process_time()
    model, disc = build(material, test, mesh, numerics, parameters)
    wanted = np.asarray(field_displacements, dtype=np.float64)
    at = _with(travels(test.rig, test.stroke, numerics), wanted)
    points, stages = [(0.0, 0.0, 0.0, 0.0)], []
    gradient = [] if parameters is None else [np.zeros(parameters.size)]
    ended_by, top = "solver", 0.0
    for load in _loads(model, at):
        deflection = -float(model.displacement[2 * disc.centre + 1])
        points.append((model.travel, load, deflection, float(model.state.strain.max())))
        if model.sensitivity is not None:
            gradient.append(model.sensitivity.load)
        if model.travel in wanted:
            stages.append(stage_of(model, test.thickness, load))
        top = max(top, load)
        end = _end(test, model.travel, load, top)
        if end is not None:
            ended_by = end
            break
    if len(points) < _MIN_POINTS:
        what = (
            f"the simulation of {name or 'the curve'} (rig {test.rig.name}, thickness {test.thickness:g} mm, friction "
            f"{test.friction:g})"
        )
        if ended_by == "solver":
            raise SimulationError(f"{what} found no equilibrium beyond a displacement of {points[-1][0]:.4g} mm")
        raise SimulationError(
            f"{what} came to its end ({ended_by}) at a displacement of {points[-1][0]:.4g} mm, with {len(points)} "
            f"points where a curve needs {_MIN_POINTS}; let it end later, or give smaller increments (numerics)"
        )
    displacement, load, deflection, strain = np.array(points).T
    record = {
        "E": material.E,
        "nu": material.nu,
        "friction": test.friction,
        "stroke": test.stroke,
        "load_limit": test.load_limit,
        "load_drop": test.load_drop,
        "completed": ended_by != "solver",
        "ended_by": ended_by,
        "largest_strain": round(float(strain[-1]), 4),
        "halvings": model.halvings,
        "cpu_s": round(time.process_time() - started, 2),
        "rig": asdict(test.rig),
        "mesh": asdict(mesh),
        "numerics": asdict(numerics),
        "solver": f"embedded {VERSION}",
    }
    return SPTRun(
        test=test,
        displacement=displacement,
        load=load,
        record=record,
        stages=tuple(stages),
        deflection=deflection,
        largest_strain=strain,
        gradient=np.array(gradient) if gradient else None,
    )


def _with(points: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Points of the curve and those wanted; a point that is nearly a wanted one, by rounding, gives way to it."""
    if not wanted.size:
        return points
    apart = np.abs(points[:, None] - wanted).min(axis=1)
    return np.union1d(points[apart > 0.01 * points[0]], wanted)


def _loads(model: Model, points: np.ndarray) -> Iterator[float]:
    """Loads at travels of the punch, until there is no equilibrium."""
    for travel in points:
        if not model.advance(float(travel)):
            return
        yield model.tool_force()


def _end(test: PunchTest, travel: float, load: float, top: float) -> str | None:
    """What ends the test at a load, if anything does; `top` is the maximum load so far."""
    if test.load_limit is not None and load >= test.load_limit:
        return "load limit"
    if test.load_drop is not None and load <= (1 - test.load_drop) * top:
        return "load drop"
    return "stroke" if travel >= test.stroke else None


def stage_of(model: Model, thickness: float, load: float) -> FieldStage:
    """The disc in its present state."""
    grid = model.grid
    nodes = grid.nodes + model.displacement.reshape(-1, 2)
    return FieldStage(
        displacement=round(model.travel, 6),
        load=load,
        nodes=nodes,
        elements=grid.elements.copy(),
        plastic_strain=np.maximum(_at_nodes(model, model.state.strain), 0.0),
        von_mises=_at_nodes(model, model.von_mises()),
        thickness=faces_apart(grid.nodes, nodes, thickness),
    )


# A bilinear field through the four Gauss points, at the eight nodes: what is linear in the local coordinates is kept.
_CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (0, -1), (1, 0), (0, 1), (-1, 0)])
_EXTRAPOLATION = np.stack([(1 + 3 * a * _CORNERS[:, 0]) * (1 + 3 * b * _CORNERS[:, 1]) / 4 for a, b in POINTS], axis=-1)


def _at_nodes(model: Model, values: np.ndarray) -> np.ndarray:
    """Values at the Gauss points, extrapolated to the nodes and averaged there."""
    each = values.reshape(-1, len(POINTS)) @ _EXTRAPOLATION.T
    elements = model.grid.elements.ravel()
    n_nodes = len(model.grid.nodes)
    return np.bincount(elements, each.ravel(), n_nodes) / np.bincount(elements, minlength=n_nodes)
