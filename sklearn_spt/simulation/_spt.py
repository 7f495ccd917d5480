"""The small punch test as a finite-element simulation."""

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from ._fields import SPTFields
from ._flow import FlowLaw, Material, curve_material, curve_record, law_material, law_record
from ._mesh import MeshSettings
from .calculix import Numerics, SPTRun, run_spt
from .rigs import Rig

__all__ = ["simulate_fields", "simulate_from_curve", "simulate_spt"]


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
    return _simulate(material, curve_record(strain, stress), rig, thickness=thickness, **options)


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

    The simulation is that of :func:`simulate_spt`, except that the solver's increments end at the displacements asked
    for. So its loads differ from those of :func:`simulate_spt` by as much as other increments change them.

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
        limit of the load), the stages behind its end are missing.

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
    >>> fields = simulate_fields(steel, "EN10371", thickness=0.5, displacements=[0.5, 1.0])  # doctest: +SKIP
    >>> [stage.displacement for stage in fields.stages]  # doctest: +SKIP
    [0.5, 1.0]
    """
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
    return SPTFields(_curve(run, law_record(law), name), run.test.rig, run.stages)


def _simulate(
    material: Material, record: dict[str, Any], rig: Rig | str, *, name: str | None = None, **options: Any
) -> SPTCurve:
    return _curve(run_spt(material, rig, name=name, **options), record, name)


def _curve(run: SPTRun, record: dict[str, Any], name: str | None) -> SPTCurve:
    return SPTCurve(
        run.displacement,
        run.load,
        thickness=run.test.thickness,
        rig=run.test.rig.name,
        name=name,
        metadata={**record, **run.record},
        displacement_kind="punch",
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
