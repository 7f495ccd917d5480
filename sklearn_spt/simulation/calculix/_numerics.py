"""How CalculiX is asked to solve."""

from dataclasses import dataclass

from ...utils.validation import check_number
from .._mesh import MeshSettings
from ..rigs import Rig

__all__ = ["Numerics", "default_mesh", "default_numerics"]


@dataclass(frozen=True, kw_only=True)
class Numerics:
    """How a deck asks the solver to solve: contact and increments.

    The contacts are soft enough that points of the mesh which come into contact one by one do not show in the curve,
    and stiff enough that the disc enters the tools by micrometres only. Under a ball (see :func:`simulate_spt`) the
    package takes a contact stiffness of 5 and increments of 0.0125 unless told otherwise.

    Parameters
    ----------
    contact_stiffness : float, default=7.0
        Stiffness of the contact, 1/mm, as a multiple of Young's modulus.
    stick_ratio : float, default=0.1
        Stiffness of sticking, as a multiple of that of the contact.
    first_increment : float, default=0.02
        First increment, as a part of the step.
    max_increment : float, default=0.02
        Maximum increment, as a part of the step.
    min_increment : float, default=1e-5
        Minimum increment, as a part of the step; the solver gives up below it.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range.
    """

    contact_stiffness: float = 7.0
    stick_ratio: float = 0.1
    first_increment: float = 0.02
    max_increment: float = 0.02
    min_increment: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("contact_stiffness", "stick_ratio"):
            check_number(self, name, above=0, high=1e6)
        for name in ("first_increment", "max_increment", "min_increment"):
            check_number(self, name, above=0, high=1)

    def refined(self, factor: float) -> "Numerics":
        """The same with other increments.

        Parameters
        ----------
        factor : float
            What the increments are multiplied by: 0.5 halves them.

        Returns
        -------
        Numerics
        """
        return Numerics(
            contact_stiffness=self.contact_stiffness,
            stick_ratio=self.stick_ratio,
            first_increment=self.first_increment * factor,
            max_increment=self.max_increment * factor,
            min_increment=self.min_increment * factor,
        )


def default_numerics(rig: Rig) -> Numerics:
    """Contact and increments for a rig, as chosen for the rigs of the package."""
    if rig.is_ball:
        # A sheet that wraps around a ball slides along it: with greater increments, or stiffer contacts, single loads
        # near the maximum come out wrong or the solver stops before it.
        return Numerics(contact_stiffness=5.0, first_increment=0.0125, max_increment=0.0125)
    return Numerics()


def default_mesh(rig: Rig) -> MeshSettings:
    """Mesh for a rig, scaled with the punch from the sizes chosen for the rigs of the package."""
    if rig.is_ball:
        radius = rig.punch_diameter / 2
        return MeshSettings(rows=3, edge_size=0.08 * radius, coarse_size=0.24 * radius, arc_segments=48)
    scale = rig.punch_diameter / 5.5
    return MeshSettings(edge_size=0.12 * scale, coarse_size=0.6 * scale)
