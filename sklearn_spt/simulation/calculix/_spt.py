"""The small punch test, simulated with CalculiX."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ...utils.validation import as_positive
from .._fields import FieldStage, faces_apart
from .._flow import Material
from .._mesh import MeshSettings
from .._punch_test import SPTRun, punch_test
from ..rigs import Rig
from ._attempts import MIN_POINTS, best_attempt, end_rule, has_load_jump, wrong_increments
from ._deck import WEDGES, displacement_at, ramp_inverse, spt_deck
from ._model import Model, build_model
from ._numerics import Numerics, default_mesh, default_numerics
from ._output import NodalFields
from ._program import find_solver, solver_version
from ._run import SolverRun, run_deck

__all__ = ["first_deck", "run_spt"]

# A run that stopped after this part of the stroke, or after this drop of the load behind its maximum, is not tried
# again: there the disc is about to be cut through, and smaller increments seldom help.
_GOOD_REACH = 0.7
_GOOD_DROP = 0.01


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
    solver: str | os.PathLike[str] | None = None,
    timeout: float = 600,
    keep_files: str | os.PathLike[str] | None = None,
    field_displacements: ArrayLike = (),
    name: str | None = None,
) -> SPTRun:
    """Simulate a small punch test, in several attempts where it needs them.

    Parameters
    ----------
    material : Material
        The disc's.
    rig, thickness, friction, stroke, load_limit, load_drop, mesh, numerics, solver, timeout, keep_files
        As in :func:`simulate_spt`.
    field_displacements : array-like of shape (n_stages,), default=()
        Displacements of the punch, mm, increasing, at which the disc is kept.
    name : str, default=None
        What errors call the specimen.

    Returns
    -------
    SPTRun

    Raises
    ------
    SolverNotFoundError, SimulationError, TypeError, ValueError
        As :func:`simulate_spt`.
    """
    test = punch_test(rig, thickness, friction, stroke, load_limit, load_drop)
    mesh = default_mesh(test.rig) if mesh is None else mesh
    model = build_model(test.rig, test.thickness, mesh)
    field_times = ramp_inverse(np.asarray(field_displacements, dtype=np.float64) / test.stroke).tolist()
    timeout = as_positive("timeout", timeout)
    program = find_solver(solver)
    # A broken program shows here, not after several attempts.
    version = solver_version(program)
    ends = end_rule(test.load_limit, test.load_drop)
    endless = test.load_limit is None and test.load_drop is None

    def attempt(settings: Numerics) -> _Attempt:
        deck = spt_deck(
            model,
            material,
            friction=test.friction,
            stroke=test.stroke,
            numerics=settings,
            field_times=field_times,
        )
        run = run_deck(
            deck,
            solver=program,
            node_set="PUNCH",
            timeout=timeout,
            stop=None if endless else lambda t, f: ends(_loads(f)) is not None,
            keep=None if keep_files is None else Path(keep_files),
            field_times=field_times,
        )
        return _Attempt(run, deck, settings, test.thickness, test.stroke, ends)

    best, attempts, cpu = best_attempt(
        attempt,
        default_numerics(test.rig) if numerics is None else numerics,
        f"the simulation of {name or 'the curve'} (rig {test.rig.name}, thickness {test.thickness:g} mm, friction "
        f"{test.friction:g})",
    )
    displacement, load = best.curve()
    stages = (_stage(block, displacement, load, model, test.stroke) for block in best.run.fields)
    end = displacement[-1] * (1 + 1e-6)
    record = {
        "E": material.E,
        "nu": material.nu,
        "friction": test.friction,
        "stroke": test.stroke,
        "load_limit": test.load_limit,
        "load_drop": test.load_drop,
        "completed": best.completed,
        "ended_by": best.ended_by,
        "last_words": "" if best.completed else best.run.last_words,
        "attempts": attempts,
        "wrong_increments": int(best.wrong.size),
        "load_jump": best.jumps,
        "cpu_s": round(cpu, 2),
        "rig": asdict(test.rig),
        "mesh": asdict(mesh),
        "numerics": asdict(best.numerics),
        "solver": f"CalculiX {version}",
        "deck_sha256": hashlib.sha256(best.deck.encode()).hexdigest(),
    }
    return SPTRun(
        test=test,
        displacement=displacement,
        load=load,
        record=record,
        stages=tuple(stage for stage in stages if stage.displacement <= end),
    )


def first_deck(
    material: Material,
    rig: Rig | str,
    *,
    thickness: float,
    friction: float | None = None,
    stroke: float | None = None,
    mesh: MeshSettings | None = None,
    numerics: Numerics | None = None,
) -> str:
    """The input deck that :func:`run_spt` gives to CalculiX in its first attempt.

    Parameters
    ----------
    material, rig, thickness, friction, stroke, mesh, numerics
        As in :func:`run_spt`.

    Returns
    -------
    str
        Text of the deck. Its reaction forces are those of a wedge of 2 degrees: multiply them by 180. The punch moves
        in the second step; the first one only brings the tools to the disc.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation._flow import law_material
    >>> from sklearn_spt.simulation.calculix import first_deck
    >>> steel = law_material(Swift(E=210_000, K=900, epsilon0=0.005, n=0.2), nu=0.3)
    >>> first_deck(steel, "EN10371", thickness=0.5, stroke=1.5).splitlines()[0]
    '*HEADING'
    """
    test = punch_test(rig, thickness, friction, stroke)
    return spt_deck(
        build_model(test.rig, test.thickness, default_mesh(test.rig) if mesh is None else mesh),
        material,
        friction=test.friction,
        stroke=test.stroke,
        numerics=default_numerics(test.rig) if numerics is None else numerics,
    )


class _Attempt:
    """The curve of one run of the solver and how good it is."""

    def __init__(
        self,
        run: SolverRun,
        deck: str,
        numerics: Numerics,
        thickness: float,
        stroke: float,
        ends: Callable[[np.ndarray], tuple[int, str] | None],
    ) -> None:
        self.run, self.deck, self.numerics = run, deck, numerics
        # The solver prints seven digits of the time: the tiny increments before it gives up may look like none.
        new = np.diff(run.time, prepend=-1.0) > 0
        load = _loads(run.force[new])
        displacement = displacement_at(run.time[new], stroke)
        end = ends(load)
        if end is not None:
            last, self.ended_by = end
            load, displacement = load[: last + 1], displacement[: last + 1]
        else:
            self.ended_by = "stroke" if run.completed else "solver"
        self.completed = self.ended_by != "solver"
        self.displacement, self.load = displacement, load
        self.wrong = wrong_increments(ramp_inverse(displacement / stroke), load)
        self.usable = len(load) - len(self.wrong) + 1 >= MIN_POINTS and bool(np.any(load > 0))
        self.jumps = self.usable and has_load_jump(*self.curve(), thickness)
        reach = float(displacement[-1]) if displacement.size else 0.0
        past = bool(load.size) and load[-1] < (1 - _GOOD_DROP) * load.max()
        enough = self.completed or reach >= _GOOD_REACH * stroke or past
        self.good = self.usable and not self.wrong.size and not self.jumps and enough
        self.rank = (self.good, self.completed, not self.jumps, reach, -self.wrong.size)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        keep = np.delete(np.arange(len(self.load)), self.wrong)
        return np.concatenate([[0.0], self.displacement[keep]]), np.concatenate([[0.0], self.load[keep]])


def _loads(force: np.ndarray) -> np.ndarray:
    return -WEDGES * force[:, 1]


def _stage(block: NodalFields, punch: np.ndarray, load: np.ndarray, model: Model, stroke: float) -> FieldStage:
    """The disc, from the nodal results at one time of a test whose curve is load (N) over displacement (mm)."""
    n_nodes = int(model.disc.max()) + 1  # the disc's nodes come first
    displacement = float(displacement_at(np.array(block.time), stroke))
    s = block.values["STRESS"][:n_nodes]
    normal, shear = s[:, :3], s[:, 3:]
    deviator = normal - normal.mean(axis=1, keepdims=True)
    initial = model.nodes[:n_nodes]
    nodes = initial + block.values["DISP"][:n_nodes, :2]
    return FieldStage(
        displacement=round(displacement, 6),
        load=float(np.interp(displacement, punch, load)),
        nodes=nodes,
        elements=model.disc.copy(),
        plastic_strain=np.maximum(block.values["PE"][:n_nodes, 0], 0.0),
        von_mises=np.sqrt(1.5 * (deviator**2).sum(axis=1) + 3 * (shear**2).sum(axis=1)),
        thickness=faces_apart(initial, nodes, -float(initial[:, 1].min())),
    )
