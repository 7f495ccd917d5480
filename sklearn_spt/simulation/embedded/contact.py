"""Contact of the disc's surface with a rigid tool: a penalty on penetration, and Coulomb friction.

At three Gauss points of each side of the surface, with the distance g from the tool (negative inside) and its normal n
and tangent t:

    pressure       p = -k g                          where g < 0
    friction       T = T0 + s k (t · Δx), cut to |T| <= μ p

T0 is the friction at the start of the increment, Δx the displacement of the point in it relative to the tool, and s
the ratio of the stiffness of sticking to that of the contact. Friction is thus returned to Coulomb's cone as stress is
to the yield surface in plasticity (P. Wriggers, Computational Contact Mechanics, Springer 2006, chapters 5 and 6).
Pressure and friction act per unit of the initial surface.

Derivatives: with the curvature c of the tool, dn = c t (t · dx), dt = -c n (t · dx), dg = n · dx.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from .tools import Tool

_PLACES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
_SHAPE = np.stack([_PLACES * (_PLACES - 1) / 2, 1 - _PLACES**2, _PLACES * (_PLACES + 1) / 2], axis=-1)
_SLOPE = np.stack([_PLACES - 0.5, -2 * _PLACES, _PLACES + 0.5], axis=-1)
# Products of two shape functions at each point, (3, 9).
_PRODUCTS = (_SHAPE[:, :, None] * _SHAPE[:, None, :]).reshape(3, 9)


@dataclass(frozen=True)
class Touch:
    """Contact at all points of a surface in one configuration; where there is none, forces are zero.

    Attributes
    ----------
    normal, tangent : ndarray of shape (2, n_points)
        Directions at the tool.
    curvature : ndarray of shape (n_points,)
        Curvature of the tool, 1/mm.
    inside, sliding : ndarray of bool of shape (n_points,)
        Where the surface is inside the tool, and where it slides on it.
    gap : ndarray of shape (n_points,)
        Distance from the tool, mm.
    pressure, friction : ndarray of shape (n_points,)
        MPa; friction is the force that the disc exerts on the tool along the tangent.
    turned : ndarray of shape (n_points,)
        Displacement along the normal relative to the tool in this increment, times the curvature.
    """

    normal: np.ndarray
    tangent: np.ndarray
    curvature: np.ndarray
    inside: np.ndarray
    sliding: np.ndarray
    gap: np.ndarray
    pressure: np.ndarray
    friction: np.ndarray
    turned: np.ndarray


class Contact:
    """The contact of one surface with one tool.

    Parameters
    ----------
    tool : Tool
        The tool.
    nodes : ndarray of shape (n_nodes, 2)
        Initial positions of the mesh's nodes, mm.
    sides : ndarray of shape (n_sides, 3)
        Nodes of the sides of elements that make the surface: corner, middle, corner.
    stiffness : float
        k, MPa/mm.
    stick_ratio : float
        s.
    friction : float
        μ.
    moving : bool
        Whether the tool moves with the punch.
    """

    def __init__(
        self,
        tool: Tool,
        nodes: np.ndarray,
        sides: np.ndarray,
        *,
        stiffness: float,
        stick_ratio: float,
        friction: float,
        moving: bool,
    ) -> None:
        self.tool, self.stiffness, self.stick, self.mu, self.moving = tool, stiffness, stick_ratio, friction, moving
        place = nodes[sides]
        radius = (_SHAPE @ place[..., 0].T).T
        along = np.einsum("pa,eai->epi", _SLOPE, place)
        self.area = (2 * np.pi * radius * np.hypot(along[..., 0], along[..., 1]) * _WEIGHTS).ravel()
        self.dofs = np.stack([2 * sides, 2 * sides + 1], axis=-1).reshape(len(sides), 6)
        self.n_sides, self.n_points = len(sides), len(_PLACES) * len(sides)
        # Positions of the points from those of the nodes: first all r, then all z.
        point = np.arange(self.n_points).reshape(-1, len(_PLACES))
        rows = np.stack([point, point + self.n_points])[:, :, :, None] + np.zeros((1, 1, 1, 3), int)
        columns = np.stack([2 * sides, 2 * sides + 1])[:, :, None, :] + np.zeros((1, 1, len(_PLACES), 1), int)
        values = np.broadcast_to(_SHAPE, rows.shape)
        shape = (2 * self.n_points, 2 * len(nodes))
        self._L = csr_array((values.ravel(), (rows.ravel(), columns.ravel())), shape=shape)
        self._LT = csr_array(self._L.T)

    def at_points(self, values: np.ndarray) -> np.ndarray:
        """Values (2, n_points, ...) at the points of values at the nodes (n_dofs, ...)."""
        return (self._L @ values).reshape(2, self.n_points, *values.shape[1:])

    def touch(self, position: np.ndarray, moved: np.ndarray, before: np.ndarray, travel: float, motion: float) -> Touch:
        """Pressure and friction.

        Parameters
        ----------
        position, moved : ndarray of shape (n_dofs,)
            Positions of the nodes, and how far they have moved in the increment, mm.
        before : ndarray of shape (n_points,)
            Friction at the start of the increment, MPa.
        travel, motion : float
            How far the punch has moved down in all and in the increment, mm.
        """
        if not self.moving:
            travel = motion = 0.0
        gap, normal, curvature = self.tool.distance(self.at_points(position), travel)
        inside = gap < 0
        tangent = np.stack([-normal[1], normal[0]])
        step = self.at_points(moved)
        step[1] += motion
        pressure = np.where(inside, -self.stiffness * gap, 0.0)
        wanted = before + self.stick * self.stiffness * (step * tangent).sum(axis=0)
        limit = self.mu * pressure
        friction = np.clip(wanted, -limit, limit)
        sliding = inside & (np.abs(wanted) > limit)
        turned = curvature * (step * normal).sum(axis=0)
        return Touch(normal, tangent, curvature, inside, sliding, gap, pressure, friction, turned)

    def traction(self, touch: Touch) -> np.ndarray:
        """Forces (2, n_points), N, of the disc on the tool at the points."""
        return (touch.friction * touch.tangent - touch.pressure * touch.normal) * self.area

    def forces(self, traction: np.ndarray) -> np.ndarray:
        """Forces (n_dofs, ...) at the nodes of forces (2, n_points, ...) at the points."""
        return self._LT @ traction.reshape(2 * self.n_points, *traction.shape[2:])

    def rates(self, touch: Touch) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives of the friction with respect to displacements along the tangent and the normal, (n_points,)."""
        sticking = touch.inside & ~touch.sliding
        along = np.where(sticking, self.stick * self.stiffness * (1 - touch.turned), 0.0)
        # The friction's limit follows the pressure.
        across = np.where(touch.sliding, -np.sign(touch.friction) * self.mu * self.stiffness, 0.0)
        return along, across

    def point_stiffness(self, touch: Touch) -> np.ndarray:
        """Derivative of the forces at the points with respect to their positions, (n_points, 2, 2), N/mm."""
        n, t = touch.normal, touch.tangent
        along, across = self.rates(touch)
        nn, tt = n[:, None] * n[None], t[:, None] * t[None]
        nt, tn = n[:, None] * t[None], t[:, None] * n[None]
        matrix = np.where(touch.inside, self.stiffness, 0.0) * nn + across * tn
        matrix += (along - touch.pressure * touch.curvature) * tt - (touch.friction * touch.curvature) * nt
        return (matrix * self.area).transpose(2, 0, 1)

    def side_stiffness(self, touch: Touch) -> np.ndarray:
        """Stiffness of each side, (n_sides, 6, 6)."""
        each = self.point_stiffness(touch).reshape(self.n_sides, len(_PLACES), 4)
        blocks = (_PRODUCTS.T @ each).reshape(self.n_sides, 3, 3, 2, 2)
        return blocks.transpose(0, 1, 3, 2, 4).reshape(self.n_sides, 6, 6)
