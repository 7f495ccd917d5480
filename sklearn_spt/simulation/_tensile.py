"""The tensile test as a finite-element simulation."""

import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..utils.parameters import check_parameter
from ..utils.state import Number
from ..utils.validation import as_number, as_positive
from . import calculix, embedded
from ._flow import FlowLaw, Material, law_material, law_record
from ._specimens import RoundBar, TensileSpecimen
from ._spt import refuse_calculix_options

__all__ = ["TensileCurve", "simulate_tensile"]

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
        """Index of the maximum force; the neck forms after it."""
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
    timeout: float | None = None,
    keep_files: str | os.PathLike[str] | None = None,
) -> TensileCurve:
    """Simulate a tensile test by finite elements, to necking and past it.

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
        Maximum increment, as a part of the step, in which the elongation grows with time to the power 1.5.
    solver : path-like, default=None
        "embedded": the solver of this package, for round bars. "calculix": the program that the environment variable
        `SKLEARN_SPT_CCX` names, else "ccx". Anything else: CalculiX by the path of its program. None: the embedded
        solver for a round bar, CalculiX for a flat strip, whose model has three dimensions.
    timeout : float, default=None
        Seconds after which one run of CalculiX is ended; what it computed until then counts. None: 1800.
    keep_files : path-like, default=None
        Folder that gets CalculiX's input deck and what it wrote. None: they are removed.

    Returns
    -------
    TensileCurve
        Engineering stress over the strain of the gauge (MPa), and true stress and strain of the section that necks.
        `metadata` records what was simulated: the law and its parameters, `E`, `nu`, the specimen, `rows`, increment
        and solver, `completed` (False where the solver stopped before the end that was asked for; the curve up to there
        is good) and `ended_by` ("elongation", "force drop" or "solver").

    Raises
    ------
    SolverNotFoundError
        If CalculiX is needed and not installed. The message says how to install it.
    SimulationError
        If the simulation gives no usable curve.
    TypeError, ValueError
        If a parameter is not in its range, the law softens, or it never necks and `elongation` is not given.

    See Also
    --------
    sklearn_spt.mechanics.engineering_curve : The engineering curve of a law, without a simulation.

    Notes
    -----
    The shape of the curve behind the maximum depends on the mesh and on the specimen's gauge length and
    taper; the true curve of the narrowest section up to the maximum does not.

    Examples
    --------
    >>> from sklearn_spt.mechanics import Swift
    >>> from sklearn_spt.simulation import RoundBar, simulate_tensile
    >>> steel = Swift(E=210_000, K=900, epsilon0=0.005, n=0.2)
    >>> simulate_tensile(steel, RoundBar(diameter=5, gauge_length=25), rows=3, increment=0.02)
    TensileCurve(37 points to 0.313, Rm 535.9 MPa at 0.2033, RoundBar)
    """
    material, record = law_material(law, nu), law_record(law)
    bar = RoundBar() if specimen is None else specimen
    if not isinstance(bar, TensileSpecimen):
        raise TypeError(f"specimen must be a RoundBar or a FlatStrip; got {type(specimen).__name__}")
    check_rows(rows)
    if not 0 < as_number("increment", increment) <= 0.1:
        raise ValueError(f"increment must lie in 0 to 0.1, without 0; got {increment!r}")
    if force_drop is not None and not 0 < as_number("force_drop", force_drop) < 1:
        raise ValueError(f"force_drop must lie between 0 and 1, a part of the maximum force; got {force_drop!r}")
    strain = check_elongation(elongation, material, bar)
    options: dict[str, Any] = {
        "elongation": strain,
        "force_drop": force_drop,
        "rows": rows,
        "increment": increment,
        "name": f"the tensile test ({type(bar).__name__}, {record['law']})",
    }
    if solver is None:
        solver = "embedded" if isinstance(bar, RoundBar) else "calculix"
    if solver == "embedded":
        if not isinstance(bar, RoundBar):
            raise ValueError(
                f'the embedded solver takes a RoundBar only; give solver="calculix" for a {type(bar).__name__}'
            )
        refuse_calculix_options(timeout=timeout, keep_files=keep_files)
        run = embedded.run_tensile(material, bar, **options)
    else:
        run = calculix.run_tensile(
            material,
            bar,
            solver=None if solver == "calculix" else solver,
            timeout=1800 if timeout is None else as_positive("timeout", timeout),
            keep_files=keep_files,
            **options,
        )
    stress = run.force / run.area
    volume = (1 - 2 * material.nu) * stress / material.E
    return TensileCurve(
        engineering_strain=run.engineering_strain,
        engineering_stress=run.force / bar.area,
        true_strain=np.log(bar.area / run.area) + volume,
        true_stress=stress,
        area=run.area,
        specimen=bar,
        metadata={
            **record,
            "E": material.E,
            "nu": material.nu,
            "specimen": {"type": type(bar).__name__, **asdict(bar)},
            "elongation": strain,
            "force_drop": force_drop,
            "rows": rows,
            **run.record,
        },
    )


def check_rows(rows: int) -> None:
    """Raise ParameterError unless `rows` is a number of elements."""
    check_parameter("", "rows", rows, Number(kind=int, low=1, high=50))


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
