"""The tensile test as a finite-element simulation."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..utils.validation import check_number
from ._calculix import SolverRun, find_solver, run_deck, solver_version
from ._deck import Material, Numerics, displacement_at, tensile_deck
from ._specimens import RoundBar, TensileSpecimen
from ._spt import FlowLaw, as_number, as_positive, best_attempt, end_rule, law_material, law_record

__all__ = ["TensileCurve", "simulate_tensile"]

_MIN_POINTS = 5
# A run that stopped after the force has dropped by this part of its maximum is not tried again.
_GOOD_DROP = 0.02
# How much longer than at the maximum force the gauge gets at most, in diameters of a round bar of the same area.
_NECK_LENGTH = 1.5
_MAX_ELONGATION = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class TensileCurve:
    """A simulated tensile test: what an extensometer and a load cell record, and the section that necks.

    All arrays have one value per increment of the simulation and begin with the unloaded specimen.

    Parameters
    ----------
    engineering_strain : ndarray of shape (n_points,)
        Elongation of the gauge over its initial length (1, not %).
    engineering_stress : ndarray of shape (n_points,)
        Force over the initial area, MPa.
    true_strain : ndarray of shape (n_points,)
        Mean true strain of the narrowest section, from its area: ln(A0/A) + (1 - 2ν)σ/E. The second term is the
        elastic change of volume.
    true_stress : ndarray of shape (n_points,)
        Mean true stress of the narrowest section, force over its area, MPa. It is the material's flow stress up to the
        maximum force. In a neck it lies above, because the stress is triaxial there.
    area : ndarray of shape (n_points,)
        Area of the narrowest section, mm².
    specimen : TensileSpecimen
        The specimen.
    metadata : dict
        What was simulated, and how the run ended.
    """

    engineering_strain: np.ndarray
    engineering_stress: np.ndarray
    true_strain: np.ndarray
    true_stress: np.ndarray
    area: np.ndarray
    specimen: TensileSpecimen
    metadata: dict[str, Any]

    @property
    def force(self) -> np.ndarray:
        """Force on the specimen, N, of shape (n_points,)."""
        return self.engineering_stress * self.specimen.area

    @property
    def elongation(self) -> np.ndarray:
        """Elongation of the gauge, mm, of shape (n_points,)."""
        return self.engineering_strain * self.specimen.gauge_length

    @property
    def maximum(self) -> int:
        """Index of the greatest force; the neck forms behind it."""
        return int(np.argmax(self.engineering_stress))

    def __repr__(self) -> str:
        return (
            f"TensileCurve({self.engineering_strain.size} points to {self.engineering_strain[-1]:.4g}, Rm "
            f"{self.engineering_stress.max():.4g} MPa at {self.engineering_strain[self.maximum]:.4g}, "
            f"{type(self.specimen).__name__})"
        )


def simulate_tensile(
    law: FlowLaw,
    specimen: TensileSpecimen | None = None,
    *,
    nu: float = 0.3,
    elongation: float | None = None,
    force_drop: float | None = 0.2,
    rows: int = 5,
    increment: float = 0.01,
    solver: str | os.PathLike[str] | None = None,
    timeout: float = 1800,
    keep_files: str | os.PathLike[str] | None = None,
) -> TensileCurve:
    """Simulate a tensile test with the finite-element program CalculiX, to necking and past it.

    The model is the gauge between its marks, at finite strains, with von Mises plasticity and isotropic hardening; the
    sections at the marks are pulled apart and free to contract. There is no damage: the specimen does not break.

    Parameters
    ----------
    law : object
        The material: a law of :mod:`sklearn_spt.mechanics`, or any object with a Young's modulus `E` (MPa) and a
        method `flow_stress(plastic_strain)` (MPa). It must not soften.
    specimen : TensileSpecimen, default=None
        A :class:`RoundBar` or a :class:`FlatStrip`. None: a round bar of 6 mm with a gauge of 30 mm.
    nu : float, default=0.3
        Poisson's ratio.
    elongation : float, default=None
        Engineering strain of the gauge (1, not %) at which the test ends. None: the strain at maximum force by
        Considère's criterion, and 1.5 diameters of a round bar of the same area more.
    force_drop : float, default=0.2
        The test ends when the force has dropped by this part of its maximum, 0 to 1. None: it goes on to `elongation`.
    rows : int, default=5
        Elements over the radius of a bar, or half the width of a strip; the sizes of all others follow from it.
    increment : float, default=0.01
        Greatest increment, as a part of the step, in which the elongation grows with time to the power 1.5.
    solver : path-like, default=None
        The program. None: the environment variable `SKLEARN_SPT_CCX`, else "ccx".
    timeout : float, default=1800
        Seconds after which one run of the solver is ended. What it computed until then counts.
    keep_files : path-like, default=None
        Folder that gets the input deck and what the solver wrote. None: they are removed.

    Returns
    -------
    TensileCurve
        Engineering stress over the strain of the gauge (MPa), and true stress and strain of the section that necks.
        `metadata` records what was simulated: the law and its parameters, `E`, `nu`, the specimen, `rows`, numerics,
        solver and deck, `completed` (False where the solver stopped before the end that was asked for; the curve up to
        there is good), `ended_by` ("elongation", "force drop" or "solver") and `attempts`.

    Raises
    ------
    SolverNotFoundError
        If CalculiX is not installed. The message says how to install it.
    SimulationError
        If no attempt gave a usable curve. The message holds the solver's own last words.
    TypeError, ValueError
        If a parameter is not in its range, the law softens, or it never necks and `elongation` is not given.

    See Also
    --------
    sklearn_spt.mechanics.engineering_curve : The engineering curve of a law, without a simulation.

    Notes
    -----
    A run that stops before its end and before the force has dropped by 2 % is tried again with smaller increments, up
    to two times. The shape of the curve behind the maximum depends on the mesh and on the specimen's gauge length and
    taper; the true curve of the narrowest section up to the maximum does not.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import FlatStrip, simulate_tensile
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> simulate_tensile(steel, FlatStrip(width=10, thickness=2, gauge_length=40))  # doctest: +SKIP
    TensileCurve(84 points to 0.3, Rm 536.4 MPa at 0.22, FlatStrip)
    """
    test = _TensileTest(law, specimen, nu, elongation, force_drop, rows, increment)
    timeout = as_positive("timeout", timeout)
    return test.run(find_solver(solver), timeout, None if keep_files is None else Path(keep_files))


class _TensileTest:
    """What is simulated, checked and meshed."""

    def __init__(
        self,
        law: FlowLaw,
        specimen: TensileSpecimen | None,
        nu: float,
        elongation: float | None,
        force_drop: float | None,
        rows: int,
        increment: float,
    ) -> None:
        self.material = law_material(law, nu)
        self.record = law_record(law)
        self.specimen = RoundBar() if specimen is None else specimen
        if not isinstance(self.specimen, TensileSpecimen):
            raise TypeError(f"specimen must be a RoundBar or a FlatStrip; got {type(specimen).__name__}")
        self.rows, self.increment = rows, increment
        check_number(self, "rows", int, low=1, high=50)
        check_number(self, "increment", low=0, open_low=True, high=0.1)
        if force_drop is not None and not 0 < as_number("force_drop", force_drop) < 1:
            raise ValueError(f"force_drop must lie between 0 and 1, a part of the maximum force; got {force_drop!r}")
        self.force_drop = force_drop
        self.elongation = check_elongation(elongation, self.material, self.specimen)
        self.model = self.specimen._model(rows)
        self.numerics = Numerics(first_increment=increment, greatest_increment=increment, least_increment=1e-5)

    def deck(self, numerics: Numerics) -> str:
        extension = self.elongation * self.specimen.gauge_length / 2
        return tensile_deck(self.model, self.material, extension=extension, numerics=numerics)

    def run(self, program: str, timeout: float, keep: Path | None) -> TensileCurve:
        ends = end_rule(None, self.force_drop)

        def force(printed: np.ndarray) -> np.ndarray:
            return self.model.force_factor * printed[:, self.model.nodes.shape[1] - 1]

        def attempt(numerics: Numerics) -> _TensileAttempt:
            deck = self.deck(numerics)
            run = run_deck(
                deck,
                solver=program,
                node_set="PULLED",
                timeout=timeout,
                stop=None if self.force_drop is None else lambda t, f: ends(force(f)) is not None,
                keep=keep,
                start=0.0,
                moving_set="SECTION",
            )
            return _TensileAttempt(run, deck, numerics, force(run.force), ends)

        what = f"the simulation of the tensile test ({type(self.specimen).__name__}, {self.record['law']})"
        best, attempts, cpu = best_attempt(attempt, self.numerics, what)
        moved = best.run.displacements
        assert moved is not None
        section = self.model.nodes[self.model.section]
        outline = section + np.concatenate([np.zeros((1, *section.shape)), moved[: best.size, :, : section.shape[1]]])
        area = self.specimen._section_area(outline)
        load = np.concatenate([[0.0], best.force])
        time = np.concatenate([[0.0], best.run.time[: best.size]])
        stress = load / area
        volume = (1 - 2 * self.material.nu) * stress / self.material.E
        return TensileCurve(
            engineering_strain=displacement_at(time, self.elongation),
            engineering_stress=load / self.specimen.area,
            true_strain=np.log(self.specimen.area / area) + volume,
            true_stress=stress,
            area=area,
            specimen=self.specimen,
            metadata={
                **self.record,
                "E": self.material.E,
                "nu": self.material.nu,
                "specimen": {"type": type(self.specimen).__name__, **asdict(self.specimen)},
                "elongation": self.elongation,
                "force_drop": self.force_drop,
                "rows": self.rows,
                "completed": best.completed,
                "ended_by": best.ended_by,
                "last_words": "" if best.completed else best.run.last_words,
                "attempts": attempts,
                "cpu_s": round(cpu, 2),
                "increment": best.numerics.greatest_increment,
                "solver": f"CalculiX {solver_version(program)}",
                "deck_sha256": hashlib.sha256(best.deck.encode()).hexdigest(),
            },
        )


class _TensileAttempt:
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
        self.usable = self.size + 1 >= _MIN_POINTS and bool(np.any(self.force > 0))
        past = self.usable and self.force[-1] < (1 - _GOOD_DROP) * self.force.max()
        self.good = self.usable and (self.completed or past)

    @property
    def rank(self) -> Any:
        return (self.good, self.completed, float(self.run.time[self.size - 1]))


def check_elongation(elongation: float | None, material: Material, specimen: TensileSpecimen) -> float:
    """The engineering strain of the gauge at which a test ends, checked; None gives the default."""
    if elongation is None:
        return default_elongation(material, specimen)
    strain = as_positive("elongation", elongation)
    if strain > _MAX_ELONGATION:
        raise ValueError(
            f"elongation must be at most {_MAX_ELONGATION}; got {elongation!r} (it is a strain: 0.2 for a gauge that "
            "gets 20 % longer)"
        )
    return strain


def default_elongation(material: Material, specimen: TensileSpecimen) -> float:
    """Engineering strain of the gauge with room for a neck behind the maximum force of Considère's criterion."""
    strain = material.plastic_strain + material.flow_stress / material.E
    force = material.flow_stress * np.exp(-strain)
    uniform = float(np.expm1(strain[np.argmax(force)]))
    if uniform > _MAX_ELONGATION:
        raise ValueError(
            f"the material hardens so much that it does not neck up to an engineering strain of {_MAX_ELONGATION}; say "
            "with elongation where the test ends"
        )
    diameter = 2 * np.sqrt(specimen.area / np.pi)
    return float(uniform + _NECK_LENGTH * diameter / specimen.gauge_length)
