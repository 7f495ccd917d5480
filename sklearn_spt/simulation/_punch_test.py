"""What a small punch test is, whichever program simulates it: checked, and with the rig's values filled in."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..utils.validation import as_number, as_positive
from ._fields import FieldStage
from .rigs import Rig, get_rig

__all__ = ["PunchTest", "SPTRun", "punch_test"]


@dataclass(frozen=True, kw_only=True)
class PunchTest:
    """What is pressed with what, and what ends the test.

    Parameters
    ----------
    rig : Rig
        The tools.
    thickness : float
        Initial thickness of the disc, mm.
    friction : float
        Coulomb's coefficient between disc and tools.
    stroke : float
        Travel of the punch, mm.
    load_limit : float or None
        The test ends when the load reaches this, N.
    load_drop : float or None
        The test ends when the load has dropped by this part of its maximum, 0 to 1.
    """

    rig: Rig
    thickness: float
    friction: float
    stroke: float
    load_limit: float | None = None
    load_drop: float | None = None


@dataclass(frozen=True, kw_only=True)
class SPTRun:
    """What a simulated small punch test gave.

    Parameters
    ----------
    test : PunchTest
        What was simulated.
    displacement : ndarray of shape (n_points,)
        Displacement of the punch, mm, beginning with 0.
    load : ndarray of shape (n_points,)
        Load on the punch, N, beginning with 0.
    record : dict
        What was simulated and how the run ended, for the metadata of a curve.
    stages : tuple of FieldStage
        The disc at the displacements asked for that the test reached.
    deflection : ndarray of shape (n_points,), default=None
        Deflection of the middle of the disc's lower face, mm. None where the solver does not record it.
    largest_strain : ndarray of shape (n_points,), default=None
        Largest equivalent plastic strain in the disc.
    gradient : ndarray of shape (n_points, n_parameters), default=None
        Derivatives of the load, where they were asked for.
    """

    test: PunchTest
    displacement: np.ndarray
    load: np.ndarray
    record: dict[str, Any]
    stages: tuple[FieldStage, ...] = ()
    deflection: np.ndarray | None = None
    largest_strain: np.ndarray | None = None
    gradient: np.ndarray | None = None


def punch_test(
    rig: Rig | str,
    thickness: float,
    friction: float | None = None,
    stroke: float | None = None,
    load_limit: float | None = None,
    load_drop: float | None = None,
) -> PunchTest:
    """The test that parameters of :func:`simulate_spt` describe; raises TypeError or ValueError by their names."""
    tools = get_rig(rig)
    thickness = as_positive("thickness", thickness)
    travel = tools.max_stroke if stroke is None else as_positive("stroke", stroke)
    tools.check_specimen(thickness, travel)
    mu = tools.friction if friction is None else as_number("friction", friction)
    if not 0 <= mu <= 2:
        raise ValueError(f"friction must lie in 0 to 2; got {friction!r}")
    if load_drop is not None and not 0 < as_number("load_drop", load_drop) < 1:
        raise ValueError(f"load_drop must lie between 0 and 1, a part of the maximum load; got {load_drop!r}")
    return PunchTest(
        rig=tools,
        thickness=thickness,
        friction=mu,
        stroke=travel,
        load_limit=None if load_limit is None else as_positive("load_limit", load_limit),
        load_drop=load_drop,
    )
