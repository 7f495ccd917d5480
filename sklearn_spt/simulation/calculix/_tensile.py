"""The tensile test, simulated with CalculiX."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .._flow import Material
from .._specimens import TensileRun, TensileSpecimen
from ._attempts import MIN_POINTS, best_attempt, end_rule
from ._deck import displacement_at, tensile_deck
from ._numerics import Numerics
from ._program import find_solver, solver_version
from ._run import SolverRun, run_deck

__all__ = ["run_tensile"]

# A run that stopped after the force has dropped by this part of its maximum is not tried again.
_GOOD_DROP = 0.02


def run_tensile(
    material: Material,
    specimen: TensileSpecimen,
    *,
    elongation: float,
    force_drop: float | None,
    rows: int,
    increment: float,
    solver: str | os.PathLike[str] | None = None,
    timeout: float = 1800,
    keep_files: str | os.PathLike[str] | None = None,
    name: str = "the specimen",
) -> TensileRun:
    """Simulate a tensile test, in several attempts where it needs them.

    Parameters
    ----------
    material : Material
        The specimen's.
    specimen, elongation, force_drop, rows, increment, solver, timeout, keep_files
        As in :func:`simulate_tensile`, and checked by it.
    name : str, default="the specimen"
        What errors call the test.

    Returns
    -------
    TensileRun

    Raises
    ------
    SolverNotFoundError, SimulationError
        As :func:`simulate_tensile`.
    """
    program = find_solver(solver)
    # A broken program shows here, not after several attempts.
    version = solver_version(program)
    model = specimen._model(rows)
    ends = end_rule(None, force_drop)

    def force(printed: np.ndarray) -> np.ndarray:
        return model.force_factor * printed[:, model.nodes.shape[1] - 1]

    def attempt(numerics: Numerics) -> _Attempt:
        extension = elongation * specimen.gauge_length / 2
        deck = tensile_deck(model, material, extension=extension, numerics=numerics)
        run = run_deck(
            deck,
            solver=program,
            node_set="PULLED",
            timeout=timeout,
            stop=None if force_drop is None else lambda t, f: ends(force(f)) is not None,
            keep=None if keep_files is None else Path(keep_files),
            start=0.0,
            moving_set="SECTION",
        )
        return _Attempt(run, deck, numerics, force(run.force), ends)

    numerics = Numerics(first_increment=increment, max_increment=increment, min_increment=1e-5)
    best, attempts, cpu = best_attempt(attempt, numerics, f"the simulation of {name}")
    moved = best.run.displacements
    assert moved is not None
    section = model.nodes[model.section]
    outline = section + np.concatenate([np.zeros((1, *section.shape)), moved[: best.size, :, : section.shape[1]]])
    time = np.concatenate([[0.0], best.run.time[: best.size]])
    return TensileRun(
        engineering_strain=displacement_at(time, elongation),
        force=np.concatenate([[0.0], best.force]),
        area=specimen._section_area(outline),
        record={
            "completed": best.completed,
            "ended_by": best.ended_by,
            "last_words": "" if best.completed else best.run.last_words,
            "attempts": attempts,
            "cpu_s": round(cpu, 2),
            "increment": best.numerics.max_increment,
            "solver": f"CalculiX {version}",
            "deck_sha256": hashlib.sha256(best.deck.encode()).hexdigest(),
        },
    )


class _Attempt:
    """The curve of one run of the solver and how good it is."""

    def __init__(
        self,
        run: SolverRun,
        deck: str,
        numerics: Numerics,
        force: np.ndarray,
        ends: Callable[[np.ndarray], tuple[int, str] | None],
    ) -> None:
        self.run, self.deck, self.numerics = run, deck, numerics
        end = ends(force)
        self.force = force if end is None else force[: end[0] + 1]
        self.size = len(self.force)
        if end is not None:
            self.ended_by = "force drop"
        else:
            self.ended_by = "elongation" if run.completed else "solver"
        self.completed = self.ended_by != "solver"
        self.usable = self.size + 1 >= MIN_POINTS and bool(np.any(self.force > 0))
        past = self.usable and self.force[-1] < (1 - _GOOD_DROP) * self.force.max()
        self.good = self.usable and (self.completed or past)

    @property
    def rank(self) -> Any:
        return (self.good, self.completed, float(self.run.time[self.size - 1]))
