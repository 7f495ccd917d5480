"""How the embedded solver solves: mesh, contact and increments."""

from dataclasses import dataclass

import numpy as np

from ...utils.validation import check_number
from .._mesh import MeshSettings
from ..rigs import Rig

__all__ = ["Numerics", "default_mesh", "travels"]

# Increments are this part of the punch's diameter, and at most so long (mm): a flat punch draws a sheet over its edge,
# which is small against its diameter. At the start they are half as long.
_INCREMENT = 1 / 500
_LONGEST = 0.0075
_FIRST_INCREMENTS = 80


@dataclass(frozen=True, kw_only=True)
class Numerics:
    """How the embedded solver solves: contact and increments.

    The defaults are chosen for accuracy; the documentation's page on verification shows what each changes.

    Parameters
    ----------
    contact_stiffness : float, default=50.0
        Pressure over penetration, as a multiple of Young's modulus over the radius of the punch's edge.
    stick_ratio : float, default=0.1
        Stiffness of sticking, as a multiple of that of the contact.
    increment : float, default=None
        Travel of the punch from one point of the curve to the next, mm; the first 80 are half as long. None: a
        five-hundredth of the punch's diameter, at most 0.0075 mm.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range.
    """

    contact_stiffness: float = 50.0
    stick_ratio: float = 0.1
    increment: float | None = None

    def __post_init__(self) -> None:
        for name in ("contact_stiffness", "stick_ratio"):
            check_number(self, name, above=0, high=1e6)
        check_number(self, "increment", low=1e-5, high=10, none=True)


def travels(rig: Rig, stroke: float, numerics: Numerics) -> np.ndarray:
    """Travels of the punch at the points of the curve, mm, from the first increment's end to the stroke."""
    step = numerics.increment
    if step is None:
        step = min(_INCREMENT * rig.punch_diameter, _LONGEST)
    start = np.arange(1, _FIRST_INCREMENTS + 1) * (step / 2)
    points = np.concatenate([start, start[-1] + np.arange(1, int(stroke / step) + 1) * step])
    # A last increment shorter than half of the others is made one with the one before.
    return np.append(points[points < stroke - step / 4], stroke)


def default_mesh(rig: Rig) -> MeshSettings:
    """Mesh for a rig, scaled with the punch from the sizes chosen for the rigs of the package."""
    radius = rig.punch_diameter / 2
    if rig.is_ball:
        return MeshSettings(rows=4, edge_size=0.064 * radius, coarse_size=0.24 * radius)
    return MeshSettings(rows=5, edge_size=0.03 * radius, coarse_size=0.15 * radius)
