"""The small punch test as a finite-element simulation."""

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from ..mechanics.tensile import refuse_percent
from ._calculix import NodalFields, SimulationError, SolverRun, find_solver, run_deck, solver_version
from ._deck import WEDGES, Material, Numerics, displacement_at, ramp_inverse, spt_deck
from ._mesh import MeshSettings, Model, build_model
from .rigs import Rig, get_rig

__all__ = ["FlowLaw", "simulate_from_curve", "simulate_spt"]

# The table of flow stress that the solver gets: plastic strains up to which a small punch never comes.
_TABLE_STRAIN = np.concatenate([[0.0], np.geomspace(1e-4, 5, 120)])
# Sizes of the increments of one attempt after another.
_ATTEMPTS = (1.0, 0.65, 0.42)
# A run that stopped after this part of the stroke, or after this drop of the load behind its maximum, is not tried
# again: there the disc is about to be cut through, and smaller increments seldom help.
_GOOD_REACH = 0.7
_GOOD_DROP = 0.01
# A point further than this part of the maximum load from the line through its neighbours is taken for a wrong one.
_WRONG_INCREMENT = 0.01
_FIRST_POINTS = 8
_WRONG_UNSURE = 0.08
_MIN_POINTS = 5
# A load has jumped where it leaves the way between level and straight on by this part of the maximum, and by more than
# straight on would have been. Below these parts of the thickness and of the displacement a curve bends and ripples as
# much (yielding). The curves of the bundled sets leave it by 0.011 (SHEET) and 0.014 (EN 10371) where nothing jumps.
_LOAD_JUMP = 0.025
_JUMP_FROM_THICKNESS, _JUMP_FROM_END = 0.7, 0.5


class FlowLaw(Protocol):
    """What a simulation needs of a material: every law of `sklearn_spt.mechanics` is one."""

    @property
    def E(self) -> Any:
        """Young's modulus, MPa."""

    def flow_stress(self, plastic_strain: ArrayLike) -> Any:
        """True stress in MPa at true plastic strains."""


def simulate_spt(
    law: FlowLaw,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    nu: float = 0.3,
    friction: float | None = None,
    stroke: float | None = None,
    load_limit: float | None = None,
    load_drop: float | None = None,
    mesh: MeshSettings | None = None,
    numerics: Numerics | None = None,
    solver: str | os.PathLike[str] | None = None,
    timeout: float = 600,
    keep_files: str | os.PathLike[str] | None = None,
    name: str | None = None,
) -> SPTCurve:
    """Simulate a small punch test with the finite-element program CalculiX.

    The model is axisymmetric, with finite strains, von Mises plasticity with isotropic hardening, and contact with
    Coulomb friction between disc and rigid tools. There is no damage: the curve does not end by fracture.

    Parameters
    ----------
    law : object
        The material: a law of :mod:`sklearn_spt.mechanics`, or any object with a Young's modulus `E` (MPa) and a
        method `flow_stress(plastic_strain)` (MPa). It must not soften.
    rig : Rig or str, default="EN10371"
        The tools, or the name of a rig that comes with the package.
    thickness : float
        Initial thickness of the disc, mm.
    nu : float, default=0.3
        Poisson's ratio.
    friction : float, default=None
        Coulomb's coefficient between disc and tools. None: the rig's.
    stroke : float, default=None
        Travel of the punch, mm. None: the rig's greatest.
    load_limit : float, default=None
        The test ends when the load reaches this, N.
    load_drop : float, default=None
        The test ends when the load has dropped by this part of its maximum, 0 to 1.
    mesh : MeshSettings, default=None
        Sizes of the elements. None: those the bundled data were made with.
    numerics : Numerics, default=None
        Stiffness of the contacts and sizes of the increments. None: those the bundled data were made with.
    solver : path-like, default=None
        The program. None: the environment variable `SKLEARN_SPT_CCX`, else "ccx".
    timeout : float, default=600
        Seconds after which one run of the solver is ended. What it computed until then counts.
    keep_files : path-like, default=None
        Folder that gets the input deck and what the solver wrote. None: they are removed.
    name : str, default=None
        Name of the curve.

    Returns
    -------
    SPTCurve
        Punch displacement (mm) and load (N), beginning with 0, 0. `metadata` records what was simulated: the law and
        its parameters, `E`, `nu`, `friction`, `stroke`, the tools' geometry, mesh and numerics, solver and deck,
        `completed` (False where the solver stopped before the end that was asked for; the curve up to there is good),
        `ended_by`, `attempts`, `wrong_increments` (isolated wrong points that remained after all attempts and were
        left out) and `load_jump` (True where the load jumps near the end of the curve, which a test does not do: the
        solver settled on other states of the contact there, and the points from the first jump on are not to be
        trusted).

    Raises
    ------
    SolverNotFoundError
        If CalculiX is not installed. The message says how to install it.
    SimulationError
        If no attempt gave a usable curve. The message holds the solver's own last words.
    TypeError, ValueError
        If a parameter is not in its range: a thickness or stroke that the rig does not take, a law that softens.

    Notes
    -----
    A run that stops before seven tenths of the stroke, and not behind the maximum load either, or that has an isolated
    wrong increment or a jump of the load near its end, is tried again with smaller increments, up to two times.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import simulate_spt
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> curve = simulate_spt(steel, "EN10371", thickness=0.5, stroke=0.2)  # doctest: +SKIP
    >>> curve.metadata["completed"]  # doctest: +SKIP
    True
    """
    return _simulate(
        law_material(law, nu),
        law_record(law),
        rig,
        thickness=thickness,
        friction=friction,
        stroke=stroke,
        load_limit=load_limit,
        load_drop=load_drop,
        mesh=mesh,
        numerics=numerics,
        solver=solver,
        timeout=timeout,
        keep_files=keep_files,
        name=name,
    )


def simulate_from_curve(
    strain: ArrayLike,
    stress: ArrayLike,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    E: float | None = None,
    nu: float = 0.3,
    **options: Any,
) -> SPTCurve:
    """Simulate the small punch test of a material given by its true stress-strain curve, such as a predicted one.

    Parameters
    ----------
    strain : array-like of shape (n_strains,)
        True total strain, increasing.
    stress : array-like of shape (n_strains,)
        True stress, MPa.
    rig : Rig or str, default="EN10371"
        The tools, or the name of a rig that comes with the package.
    thickness : float
        Initial thickness of the disc, mm.
    E : float, default=None
        Young's modulus, MPa. None: the greatest slope stress/strain of the curve's points, which is right where the
        curve begins on the elastic line.
    nu : float, default=0.3
        Poisson's ratio.
    **options
        Every other option of :func:`simulate_spt`: `friction`, `stroke`, `load_limit`, `load_drop`, `mesh`,
        `numerics`, `solver`, `timeout`, `keep_files`, `name`.

    Returns
    -------
    SPTCurve
        As :func:`simulate_spt` returns it. `metadata["law"]` is "table".

    Raises
    ------
    SolverNotFoundError, SimulationError, TypeError, ValueError
        As :func:`simulate_spt`; also if the curve is no stress-strain curve, or softens by more than 2 %.

    Notes
    -----
    Beyond the last strain the curve goes on as Hollomon's power law through its end, with the exponent of its last
    third: a small punch strains the disc far beyond the uniform strain of a tensile test, and what is assumed there
    shapes the load near its maximum. Drops of up to 2 %, which predicted curves may have, are levelled.
    """
    material = curve_material(strain, stress, E, nu)
    record = {
        "law": "table",
        "law_parameters": {"strain": np.asarray(strain, float).tolist(), "stress": np.asarray(stress, float).tolist()},
    }
    return _simulate(material, record, rig, thickness=thickness, **options)


def calculix_deck(
    law: FlowLaw,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    nu: float = 0.3,
    friction: float | None = None,
    stroke: float | None = None,
    mesh: MeshSettings | None = None,
    numerics: Numerics | None = None,
) -> str:
    """The input deck that :func:`simulate_spt` gives to CalculiX in its first attempt.

    Parameters
    ----------
    law, rig, thickness, nu, friction, stroke, mesh, numerics
        As in :func:`simulate_spt`.

    Returns
    -------
    str
        Text of the deck. Its reaction forces are those of a wedge of 2 degrees: multiply them by 180. The punch moves
        in the second step; the first one only brings the tools to the disc.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation._spt import calculix_deck
    >>> deck = calculix_deck(Swift(E=210_000, K=900, epsilon0=0.005, n=0.2), "EN10371", thickness=0.5, stroke=1.5)
    >>> deck.splitlines()[0]
    '*HEADING'
    """
    material = law_material(law, nu)
    return _Test(material, rig, thickness, friction, stroke, mesh, numerics).deck()


def law_material(law: FlowLaw, nu: float) -> Material:
    """A law as the solver takes it."""
    if not (hasattr(law, "E") and callable(getattr(law, "flow_stress", None))):
        raise TypeError(
            "law must be a law of sklearn_spt.mechanics, or an object with E and flow_stress(plastic_strain); "
            f"got {law!r}"
        )
    E = as_positive("law.E", law.E)
    return _material(law.flow_stress(_TABLE_STRAIN), E, nu, type(law).__name__)


def curve_material(strain: ArrayLike, stress: ArrayLike, E: float | None, nu: float) -> Material:
    """A true stress-strain curve as the solver takes it."""
    plastic_strain, flow = _table_from_curve(strain, stress, E)
    return _material(flow["stress"], flow["E"], nu, "the curve", plastic_strain)


def law_record(law: FlowLaw) -> dict[str, Any]:
    """A law as the metadata of a curve name it."""
    return {"law": type(law).__name__, "law_parameters": _parameters(law)}


class _Test:
    """What is simulated, checked and meshed."""

    def __init__(
        self,
        material: Material,
        rig: Rig | str,
        thickness: float,
        friction: float | None,
        stroke: float | None,
        mesh: MeshSettings | None,
        numerics: Numerics | None,
    ) -> None:
        self.material = material
        self.rig = get_rig(rig)
        self.thickness = as_positive("thickness", thickness)
        self.stroke = self.rig.max_stroke if stroke is None else as_positive("stroke", stroke)
        self.rig.check_specimen(self.thickness, self.stroke)
        self.friction = self.rig.friction if friction is None else as_number("friction", friction)
        if not 0 <= self.friction <= 2:
            raise ValueError(f"friction must lie in 0 to 2; got {friction!r}")
        self.mesh = default_mesh(self.rig) if mesh is None else mesh
        self.numerics = default_numerics(self.rig) if numerics is None else numerics
        self.model = build_model(self.rig, self.thickness, self.mesh)

    def deck(self, numerics: Numerics | None = None, field_times: Sequence[float] = ()) -> str:
        return spt_deck(
            self.model,
            self.material,
            friction=self.friction,
            stroke=self.stroke,
            numerics=self.numerics if numerics is None else numerics,
            field_times=field_times,
        )


def _simulate(material: Material, record: dict[str, Any], rig: Rig | str, **options: Any) -> SPTCurve:
    return run_test(material, record, rig, **options)[0]


def run_test(
    material: Material,
    record: dict[str, Any],
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
    name: str | None = None,
    field_displacements: ArrayLike = (),
) -> tuple[SPTCurve, Rig, Model, tuple[NodalFields, ...]]:
    """Simulate a test; the curve, and the rig, the mesh and the fields at some displacements that it was made with."""
    test = _Test(material, rig, thickness, friction, stroke, mesh, numerics)
    field_times = ramp_inverse(np.asarray(field_displacements, dtype=np.float64) / test.stroke).tolist()
    if load_limit is not None:
        load_limit = as_positive("load_limit", load_limit)
    if load_drop is not None and not 0 < as_number("load_drop", load_drop) < 1:
        raise ValueError(f"load_drop must lie between 0 and 1, a part of the maximum load; got {load_drop!r}")
    timeout = as_positive("timeout", timeout)
    program = find_solver(solver)
    ends = end_rule(load_limit, load_drop)

    def attempt(settings: Numerics) -> _Attempt:
        deck = test.deck(settings, field_times)
        run = run_deck(
            deck,
            solver=program,
            node_set="PUNCH",
            timeout=timeout,
            stop=None if load_limit is None and load_drop is None else lambda t, f: ends(_loads(f)) is not None,
            keep=None if keep_files is None else Path(keep_files),
            field_times=field_times,
        )
        return _Attempt(run, deck, settings, test.thickness, test.stroke, ends)

    best, attempts, cpu = best_attempt(
        attempt,
        test.numerics,
        f"the simulation of {name or 'the curve'} (rig {test.rig.name}, thickness {test.thickness:g} mm, friction "
        f"{test.friction:g})",
    )
    record = {
        **record,
        "E": material.E,
        "nu": material.nu,
        "friction": test.friction,
        "stroke": test.stroke,
        "load_limit": load_limit,
        "load_drop": load_drop,
        "completed": best.completed,
        "ended_by": best.ended_by,
        "last_words": "" if best.completed else best.run.last_words,
        "attempts": attempts,
        "wrong_increments": int(best.wrong.size),
        "load_jump": best.jumps,
        "cpu_s": round(cpu, 2),
        "rig": asdict(test.rig),
        "mesh": asdict(test.mesh),
        "numerics": asdict(best.numerics),
        "solver": f"CalculiX {solver_version(program)}",
        "deck_sha256": hashlib.sha256(best.deck.encode()).hexdigest(),
    }
    displacement, load = best.curve()
    curve = SPTCurve(
        displacement,
        load,
        thickness=test.thickness,
        rig=test.rig.name,
        name=name,
        metadata=record,
        displacement_kind="punch",
    )
    return curve, test.rig, test.model, best.run.fields


class Attempt(Protocol):
    """One run of the solver and how good it is."""

    run: SolverRun
    usable: bool
    good: bool

    @property
    def rank(self) -> Any:
        """What is greater for a better attempt."""


AnyAttempt = TypeVar("AnyAttempt", bound=Attempt)


def best_attempt(
    attempt: Callable[[Numerics], AnyAttempt], numerics: Numerics, what: str
) -> tuple[AnyAttempt, int, float]:
    """Try with smaller and smaller increments until one attempt is good; the best, their number and their CPU time."""
    best: AnyAttempt | None = None
    words = ""
    cpu = 0.0
    attempts = 0
    for factor in _ATTEMPTS:
        attempts += 1
        new = attempt(numerics.refined(factor))
        cpu += new.run.cpu_s
        words = new.run.last_words
        if new.usable and (best is None or new.rank > best.rank):
            best = new
        if best is not None and best.good:
            break
    if best is None:
        raise SimulationError(f"{what} failed {attempts} times. The solver's last words: {words or 'none'}")
    return best, attempts, cpu


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
        self.usable = len(load) - len(self.wrong) + 1 >= _MIN_POINTS and bool(np.any(load > 0))
        self.jumps = self.usable and has_load_jump(*self.curve(), thickness)
        reach = float(displacement[-1]) if displacement.size else 0.0
        past = bool(load.size) and load[-1] < (1 - _GOOD_DROP) * load.max()
        enough = self.completed or reach >= _GOOD_REACH * stroke or past
        self.good = self.usable and not self.wrong.size and not self.jumps and enough
        self.rank = (self.good, self.completed, not self.jumps, reach, -self.wrong.size)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        keep = np.delete(np.arange(len(self.load)), self.wrong)
        return np.concatenate([[0.0], self.displacement[keep]]), np.concatenate([[0.0], self.load[keep]])


def default_mesh(rig: Rig) -> MeshSettings:
    """Mesh for a rig, scaled with the punch from the sizes chosen for the rigs of the package."""
    if rig.is_ball:
        radius = rig.punch_diameter / 2
        return MeshSettings(rows=3, edge_size=0.08 * radius, coarse_size=0.24 * radius, arc_segments=48)
    scale = rig.punch_diameter / 5.5
    return MeshSettings(edge_size=0.12 * scale, coarse_size=0.6 * scale)


def default_numerics(rig: Rig) -> Numerics:
    """Contact and increments for a rig, as chosen for the rigs of the package."""
    if rig.is_ball:
        # A sheet that wraps around a ball slides along it: with greater increments, or stiffer contacts, single loads
        # near the maximum come out wrong or the solver stops before it.
        return Numerics(contact_stiffness=5.0, first_increment=0.0125, greatest_increment=0.0125)
    return Numerics()


def wrong_increments(x: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Indices of isolated points that do not fit the cubic through their two neighbours on each side.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Abscissa over which the load is smooth, increasing.
    load : ndarray of shape (n,)
    """
    if len(load) < _MIN_POINTS or not np.any(load):
        return np.empty(0, dtype=int)
    scale = np.max(np.abs(load))
    n = len(load)
    deviation = np.zeros(n)
    for i in range(1, n - 1):
        around = np.array([j for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < n])
        weights = [math.prod((x[i] - x[k]) / (x[j] - x[k]) for k in around if k != j) for j in around]
        deviation[i] = abs(load[i] - np.dot(weights, load[around])) / scale
    # Neighbours of a wrong point deviate too, by two thirds of what it does.
    peak = (deviation[1:-1] >= deviation[:-2]) & (deviation[1:-1] >= deviation[2:])
    # At yield the curve bends sharply between few points, and next to an end the cubic is an extrapolation.
    limit = np.full(n - 2, _WRONG_INCREMENT)
    limit[: _FIRST_POINTS - 1] = limit[-1] = _WRONG_UNSURE
    return 1 + np.flatnonzero(peak & (deviation[1:-1] > limit))


def has_load_jump(displacement: np.ndarray, load: np.ndarray, thickness: float) -> bool:
    """Whether the load jumps near the end of a simulated curve.

    Parameters
    ----------
    displacement : ndarray of shape (n,)
        Increasing, mm.
    load : ndarray of shape (n,)
        N.
    thickness : float
        mm.
    """
    steps, rises = np.diff(displacement), np.diff(load)
    straight_on = rises[:-1] / steps[:-1] * steps[1:]
    departure = np.maximum(rises[1:] - np.maximum(straight_on, 0), np.minimum(straight_on, 0) - rises[1:])
    late = displacement[2:] > max(_JUMP_FROM_END * displacement[-1], _JUMP_FROM_THICKNESS * thickness)
    return bool(np.any(late & (departure > np.maximum(_LOAD_JUMP * np.max(load), np.abs(straight_on)))))


def _loads(force: np.ndarray) -> np.ndarray:
    return -WEDGES * force[:, 1]


def end_rule(load_limit: float | None, load_drop: float | None) -> Callable[[np.ndarray], tuple[int, str] | None]:
    def ends(load: np.ndarray) -> tuple[int, str] | None:
        """Index of the last point and what ended the test there; None while it goes on."""
        found: list[tuple[int, str]] = []
        if load_limit is not None and np.any(load >= load_limit):
            found.append((int(np.argmax(load >= load_limit)), "load limit"))
        if load_drop is not None and load.size:
            below = load <= (1 - load_drop) * np.maximum.accumulate(load)
            # A single point below is a wrong increment; the second one settles it.
            below = below[:-1] & below[1:]
            if np.any(below & (load[:-1] > 0)):
                found.append((int(np.argmax(below & (load[:-1] > 0))) + 1, "load drop"))
        return min(found, default=None)

    return ends


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
    modulus = float(np.max(s / e)) if E is None else as_positive("E", E)
    plastic = e - level / modulus
    # Points on the elastic line carry no plastic strain; rounding may leave them a hair beside it.
    first = int(np.argmax(plastic > 1e-6)) if np.any(plastic > 1e-6) else e.size
    if first >= e.size - 1:
        raise ValueError(f"the curve has no plastic part: all points lie on the elastic line of E = {modulus:g} MPa")
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


def as_number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number; got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite; got {value!r}")
    return number


def as_positive(name: str, value: Any) -> float:
    number = as_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive; got {value!r}")
    return number
