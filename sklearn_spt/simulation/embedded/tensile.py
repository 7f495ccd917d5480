"""The tensile test of a round bar with the embedded solver."""

import time

import numpy as np

from .._errors import SimulationError
from .._flow import Material
from .._specimens import RoundBar, TensileRun
from .increments import Model
from .material import FlowTable
from .mesh import Grid
from .spt import VERSION

__all__ = ["run_tensile"]

_MIN_POINTS = 5
# Elongation over the step's time t grows as t^1.5: the elastic part gets more increments.
_RAMP_EXPONENT = 1.5


def run_tensile(
    material: Material,
    bar: RoundBar,
    *,
    elongation: float,
    force_drop: float | None,
    rows: int,
    increment: float,
    name: str = "the specimen",
) -> TensileRun:
    """Simulate a tensile test of a round bar: a half meridian plane of one half of the gauge.

    Parameters
    ----------
    material : Material
        The bar's.
    bar, elongation, force_drop, rows, increment
        As in :func:`simulate_tensile`, and checked by it.
    name : str, default="the specimen"
        What errors call the test.

    Returns
    -------
    TensileRun

    Raises
    ------
    SimulationError
        If no equilibrium is found soon after the start.
    """
    started = time.process_time()
    columns, heights = bar.lattice(rows)
    grid = Grid.between(columns, heights)
    nodes = grid.nodes
    axis, middle, mark = nodes[:, 0] == 0, nodes[:, 1] == 0, nodes[:, 1] == heights[-1]
    outer = int(np.flatnonzero(middle & (nodes[:, 0] == columns[-1]))[0])
    nodes[:, 0] *= bar.widening(nodes[:, 1])
    pulled = 2 * np.flatnonzero(mark) + 1
    fixed = np.concatenate([2 * np.flatnonzero(axis), 2 * np.flatnonzero(middle) + 1, pulled])
    table = FlowTable(material.E, material.nu, material.plastic_strain, material.flow_stress)
    model = Model(grid, table, fixed=fixed, driven=pulled)
    steps = round(1 / increment)
    travels = elongation * bar.gauge_length / 2 * (np.arange(1, steps + 1) / steps) ** _RAMP_EXPONENT
    points = [(0.0, 0.0, bar.area)]
    ended_by = "elongation"
    for travel in travels:
        if not model.advance(float(travel)):
            ended_by = "solver"
            break
        radius = nodes[outer, 0] + model.displacement[2 * outer]
        points.append((2 * travel / bar.gauge_length, model.reaction(pulled), np.pi * radius**2))
        if force_drop is not None and points[-1][1] <= (1 - force_drop) * max(point[1] for point in points):
            ended_by = "force drop"
            break
    if len(points) < _MIN_POINTS:
        raise SimulationError(f"the simulation of {name} found no equilibrium beyond a strain of {points[-1][0]:.4g}")
    strain, force, area = np.array(points).T
    return TensileRun(
        engineering_strain=strain,
        force=force,
        area=area,
        record={
            "completed": ended_by != "solver",
            "ended_by": ended_by,
            "cpu_s": round(time.process_time() - started, 2),
            "increment": increment,
            "solver": f"embedded {VERSION}",
        },
    )
