"""The deformed disc of a simulated small punch test, with its plastic strain and stress."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..curves import SPTCurve
from ._calculix import NodalFields
from ._deck import displacement_at
from ._mesh import Model
from ._spt import FlowLaw, law_material, law_record, run_test
from .rigs import Rig

__all__ = ["FieldStage", "SPTFields", "simulate_fields"]


@dataclass(frozen=True, eq=False)
class FieldStage:
    """The deformed disc at one displacement of the punch.

    Values are those at the nodes: the solver extrapolates them from the integration points of each element and takes
    the mean of the elements that meet at a node. Plastic strains that come out below zero by that are set to zero.

    Parameters
    ----------
    displacement : float
        Displacement of the punch, mm.
    load : float
        Load on the punch, N.
    nodes : ndarray of shape (n_nodes, 2)
        Positions of the disc's nodes, mm: distance from the axis, and height over the disc's initial upper face.
    elements : ndarray of shape (n_elements, 8)
        Nodes of each element: four corners counterclockwise, then the middles of the four sides between them.
    plastic_strain : ndarray of shape (n_nodes,)
        Equivalent plastic strain (true strain, von Mises).
    von_mises : ndarray of shape (n_nodes,)
        Equivalent stress of von Mises, MPa.
    """

    displacement: float
    load: float
    nodes: np.ndarray
    elements: np.ndarray
    plastic_strain: np.ndarray
    von_mises: np.ndarray


@dataclass(frozen=True, eq=False)
class SPTFields:
    """A simulated small punch test with the deformed disc at some displacements.

    Parameters
    ----------
    curve : SPTCurve
        Load-displacement curve of the whole test. `curve.thickness` is the disc's initial thickness (mm).
    rig : Rig
        The tools.
    stages : tuple of FieldStage
        The disc, in the order of the displacements.
    """

    curve: SPTCurve
    rig: Rig
    stages: tuple[FieldStage, ...]


def simulate_fields(
    law: FlowLaw,
    rig: Rig | str = "EN10371",
    *,
    thickness: float,
    displacements: ArrayLike,
    nu: float = 0.3,
    stroke: float | None = None,
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
    **options
        Every other option of :func:`simulate_spt`: `friction`, `load_limit`, `load_drop`, `mesh`, `numerics`,
        `solver`, `timeout`, `keep_files`, `name`.

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
    material = law_material(law, nu)
    curve, used, model, fields = run_test(
        material,
        law_record(law),
        rig,
        thickness=thickness,
        stroke=float(wanted[-1]) if stroke is None else stroke,
        field_displacements=wanted,
        **options,
    )
    stages = [_stage(block, curve, model) for block in fields]
    end = curve.displacement[-1] * (1 + 1e-6)
    return SPTFields(curve, used, tuple(stage for stage in stages if stage.displacement <= end))


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


def _stage(block: NodalFields, curve: SPTCurve, model: Model) -> FieldStage:
    n_nodes = int(model.disc.max()) + 1  # the disc's nodes come first
    displacement = float(displacement_at(np.array(block.time), curve.metadata["stroke"]))
    s = block.values["STRESS"][:n_nodes]
    normal, shear = s[:, :3], s[:, 3:]
    deviator = normal - normal.mean(axis=1, keepdims=True)
    return FieldStage(
        displacement=round(displacement, 6),
        load=float(np.interp(displacement, curve.displacement, curve.load)),
        nodes=model.nodes[:n_nodes] + block.values["DISP"][:n_nodes, :2],
        elements=model.disc.copy(),
        plastic_strain=np.maximum(block.values["PE"][:n_nodes, 0], 0.0),
        von_mises=np.sqrt(1.5 * (deviator**2).sum(axis=1) + 3 * (shear**2).sum(axis=1)),
    )
