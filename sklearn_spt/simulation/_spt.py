"""The small punch test as a finite-element simulation."""

import dataclasses
import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from . import calculix, embedded
from ._fields import SPTFields
from ._flow import FlowLaw, Material, curve_material, curve_record, law_material, law_record
from ._mesh import MeshSettings, check_mesh
from ._punch_test import SPTRun
from .embedded import Numerics
from .rigs import Rig

__all__ = [
    "check_kind",
    "check_settings",
    "curve_of",
    "refuse_calculix_options",
    "run_spt",
    "simulate_fields",
    "simulate_from_curve",
    "simulate_spt",
    "solver_name",
]

_KINDS = ("punch", "deflection")
# What functions with a signature of their own hand on.
_OPTIONS = (
    "friction",
    "load_limit",
    "load_drop",
    "mesh",
    "numerics",
    "solver",
    "timeout",
    "keep_files",
)


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
    displacement_kind: str = "punch",
    mesh: MeshSettings | None = None,
    numerics: Numerics | calculix.Numerics | None = None,
    solver: str | os.PathLike[str] = "embedded",
    timeout: float | None = None,
    keep_files: str | os.PathLike[str] | None = None,
    name: str | None = None,
) -> SPTCurve:
    """Simulate a small punch test by finite elements.

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
        Travel of the punch, mm. None: the rig's maximum.
    load_limit : float, default=None
        The test ends when the load reaches this, N.
    load_drop : float, default=None
        The test ends when the load has dropped by this part of its maximum, 0 to 1.
    displacement_kind : {"punch", "deflection"}, default="punch"
        What the curve's displacement is: that of the punch (v), or the deflection of the middle of the disc's lower
        face (u). CalculiX gives the first only.
    mesh : MeshSettings, default=None
        Sizes of the elements. None: those the bundled data were made with.
    numerics : Numerics, default=None
        Stiffness of the contacts and size of the increments. None: those the bundled data were made with. For CalculiX
        a `sklearn_spt.simulation.calculix.Numerics`.
    solver : path-like, default="embedded"
        "embedded": the solver of this package. "calculix": the program that the environment variable
        `SKLEARN_SPT_CCX` names, else "ccx". Anything else: CalculiX by the path of its program.
    timeout : float, default=None
        Seconds after which one run of CalculiX is ended; what it computed until then counts. None: 600.
    keep_files : path-like, default=None
        Folder that gets CalculiX's input deck and what it wrote. None: they are removed.
    name : str, default=None
        Name of the curve.

    Returns
    -------
    SPTCurve
        Displacement (mm) and load (N), beginning with 0, 0. `metadata` records what was simulated: the law and its
        parameters, `E`, `nu`, `friction`, `stroke`, the tools' geometry, mesh, numerics and solver; `completed` (False
        where the solver stopped before the end that was asked for; the curve up to there is good), `ended_by`
        ("stroke", "load limit", "load drop" or "solver") and `largest_strain`, the largest plastic strain in the disc
        at the end. For CalculiX also `attempts`, `wrong_increments` (isolated wrong points that were left out) and
        `load_jump` (True where the load jumps near the end of the curve; the points from there on are unreliable).

    Raises
    ------
    SolverNotFoundError
        If CalculiX is asked for and not installed. The message says how to install it.
    SimulationError
        If the simulation gives no usable curve.
    TypeError, ValueError
        If a parameter is not in its range: a thickness or stroke that the rig does not take, a law that softens.

    Notes
    -----
    The embedded solver takes one to two seconds a curve. CalculiX takes 10 to 40; it is there to check the other one.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import simulate_spt
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> curve = simulate_spt(steel, "EN10371", thickness=0.5, stroke=0.1)
    >>> curve
    SPTCurve(41 points, 0 to 0.1 mm, max. load 279.4 N, thickness 0.5 mm, rig EN10371)
    >>> curve.metadata["ended_by"]
    'stroke'
    """
    check_kind(displacement_kind, solver)
    run = run_spt(
        law_material(law, nu),
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
    return curve_of(run, law_record(law), name, displacement_kind)


def run_spt(
    material: Material,
    rig: Rig | str,
    *,
    solver: str | os.PathLike[str] = "embedded",
    timeout: float | None = None,
    keep_files: str | os.PathLike[str] | None = None,
    **options: Any,
) -> SPTRun:
    """Simulate a test with the solver asked for; the options are those of both."""
    check_settings(options.get("mesh"), options.get("numerics"), solver)
    if solver == "embedded":
        refuse_calculix_options(timeout=timeout, keep_files=keep_files)
        return embedded.run_spt(material, rig, **options)
    program = None if solver == "calculix" else solver
    timeout = 600 if timeout is None else timeout
    return calculix.run_spt(material, rig, solver=program, timeout=timeout, keep_files=keep_files, **options)


def check_settings(mesh: Any, numerics: Any, solver: str | os.PathLike[str] = "embedded") -> None:
    """Raise TypeError unless mesh and numerics are None or what the solver takes."""
    check_mesh(mesh)
    wanted = Numerics if solver == "embedded" else calculix.Numerics
    where = "sklearn_spt.simulation" + ("" if solver == "embedded" else ".calculix")
    if numerics is not None and not isinstance(numerics, wanted):
        raise TypeError(f"numerics must be a {where}.Numerics for this solver; got {numerics!r}")


def refuse_calculix_options(**options: Any) -> None:
    """Raise ValueError if one of these options, which are for CalculiX only, is given."""
    for key, value in options.items():
        if value is not None:
            raise ValueError(f'{key} is for CalculiX only; leave it out, or give solver="calculix"')


def solver_name(solver: str | os.PathLike[str]) -> str:
    """Name and version of a solver, as curves record it."""
    if solver == "embedded":
        return f"embedded {embedded.VERSION}"
    return f"CalculiX {calculix.solver_version(calculix.find_solver(None if solver == 'calculix' else solver))}"


def simulate_from_curve(
    strain: ArrayLike,
    stress: ArrayLike,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    E: float | None = None,
    nu: float = 0.3,
    displacement_kind: str = "punch",
    name: str | None = None,
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
        Young's modulus, MPa. None: the maximum slope stress/strain of the curve's points, which is right where the
        curve begins on the elastic line.
    nu : float, default=0.3
        Poisson's ratio.
    displacement_kind : {"punch", "deflection"}, default="punch"
        As in :func:`simulate_spt`.
    name : str, default=None
        Name of the curve.
    **options
        Every other option of :func:`simulate_spt`: `friction`, `stroke`, `load_limit`, `load_drop`, `mesh`,
        `numerics`, `solver`, `timeout`, `keep_files`.

    Returns
    -------
    SPTCurve
        As :func:`simulate_spt` returns it. `metadata["law"]` is "table". `metadata["extrapolated_from"]` is the
        displacement (mm) from which on the largest strain in the disc lies beyond the curve's last one, so that what
        is assumed beyond it takes part in the load; None where the disc never comes so far. CalculiX does not tell.

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
    _check_options("simulate_from_curve", options, (*_OPTIONS, "stroke"))
    check_kind(displacement_kind, options.get("solver", "embedded"))
    material = curve_material(strain, stress, E, nu)
    run = run_spt(material, rig, thickness=thickness, name=name, **options)
    curve = curve_of(run, curve_record(strain, stress), name, displacement_kind)
    if run.largest_strain is None:
        return curve
    end = float(np.asarray(strain)[-1]) - float(np.asarray(stress)[-1]) / material.E
    beyond = np.flatnonzero(run.largest_strain > end)
    first = float(curve.displacement[beyond[0]]) if beyond.size else None
    return dataclasses.replace(curve, metadata={**curve.metadata, "extrapolated_from": first})


def simulate_fields(
    law: FlowLaw,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    displacements: ArrayLike,
    nu: float = 0.3,
    stroke: float | None = None,
    name: str | None = None,
    **options: Any,
) -> SPTFields:
    """Simulate a small punch test and keep the deformed disc at some displacements of the punch.

    The simulation is that of :func:`simulate_spt`, except that increments end at the displacements asked for as well:
    loads differ by as much as other increments change them.

    Parameters
    ----------
    law : object
        The material, as in :func:`simulate_spt`.
    rig : Rig or str, default="EN10371"
        The tools, or the name of a rig that comes with the package.
    thickness : float
        Initial thickness of the disc, mm.
    displacements : array-like of shape (n_stages,)
        Displacements of the punch at which the disc is kept, mm, increasing.
    nu : float, default=0.3
        Poisson's ratio.
    stroke : float, default=None
        Travel of the punch, mm. None: the last of `displacements`.
    name : str, default=None
        Name of the curve.
    **options
        Every other option of :func:`simulate_spt`: `friction`, `load_limit`, `load_drop`, `mesh`, `numerics`,
        `solver`, `timeout`, `keep_files`.

    Returns
    -------
    SPTFields
        The curve and the stages. Where the test ended early (`curve.metadata["completed"]` is False, or it reached a
        limit of the load), the stages after its end are missing.

    Raises
    ------
    SolverNotFoundError, SimulationError
        As :func:`simulate_spt`.
    TypeError, ValueError
        If `displacements` are not numbers that increase from above zero up to `stroke`; also as :func:`simulate_spt`.

    See Also
    --------
    sklearn_spt.inspection.FieldDisplay : Draws a stage with the tools.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import simulate_fields
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> fields = simulate_fields(steel, "EN10371", thickness=0.5, displacements=[0.05, 0.1])
    >>> [stage.displacement for stage in fields.stages]
    [0.05, 0.1]
    """
    _check_options("simulate_fields", options, _OPTIONS)
    wanted = _checked_displacements(displacements, stroke)
    run = run_spt(
        law_material(law, nu),
        rig,
        thickness=thickness,
        stroke=float(wanted[-1]) if stroke is None else stroke,
        field_displacements=wanted,
        name=name,
        **options,
    )
    return SPTFields(curve_of(run, law_record(law), name), run.test.rig, run.stages)


def _check_options(function: str, options: dict[str, Any], known: tuple[str, ...]) -> None:
    """Raise TypeError, as a call does, for an option that the function does not have."""
    for key in options:
        if key not in known:
            raise TypeError(f"{function} has no option {key!r}; its options are {', '.join(known)}")


def check_kind(displacement_kind: str, solver: str | os.PathLike[str] = "embedded") -> None:
    """Raise ValueError if there is no such kind of displacement, or the solver does not give it."""
    if displacement_kind not in _KINDS:
        raise ValueError(f"displacement_kind must be 'punch' or 'deflection'; got {displacement_kind!r}")
    if displacement_kind == "deflection" and solver != "embedded":
        raise ValueError("CalculiX gives the displacement of the punch only; leave solver out for the deflection")


def curve_of(run: SPTRun, record: dict[str, Any], name: str | None, displacement_kind: str = "punch") -> SPTCurve:
    """The curve of a run."""
    displacement = run.displacement if displacement_kind == "punch" else run.deflection
    assert displacement is not None
    return SPTCurve(
        displacement,
        run.load,
        thickness=run.test.thickness,
        rig=run.test.rig.name,
        name=name,
        metadata={**record, **run.record},
        displacement_kind=displacement_kind,
    )


def _checked_displacements(displacements: ArrayLike, stroke: float | None) -> np.ndarray:
    try:
        wanted = np.atleast_1d(np.asarray(displacements, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise TypeError(f"displacements must be numbers, in mm ({error})") from None
    if wanted.ndim != 1 or not wanted.size:
        raise ValueError(f"displacements must be 1-D and have at least one value; got shape {wanted.shape}")
    if not np.all(np.isfinite(wanted)) or wanted[0] <= 0 or np.any(np.diff(wanted) <= 0):
        raise ValueError(f"displacements must be positive, finite and increasing, in mm; got {wanted.tolist()}")
    if stroke is not None and wanted[-1] > stroke:
        raise ValueError(
            f"the last of displacements, {wanted[-1]:g} mm, lies beyond the stroke of {stroke:g} mm; give a longer "
            "stroke or leave it out"
        )
    return wanted
