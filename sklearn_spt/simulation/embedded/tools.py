"""Rigid tools as signed distances.

Each tool tells, of points of the disc's surface, how far they are from it (negative inside), the normal that points out
of it, and the curvature: the derivative of the normal along the surface is curvature times the displacement along it,
which makes it that of the line of equal distance through the point. These are exact, inside a tool as well as outside,
so that tools are round and smooth whatever the mesh.
"""

from typing import Protocol

import numpy as np

from ..rigs import Rig

# Sharp corners of a chamfer get a radius of this part of its width. A fifth of it changes the load by up to 0.1 % of
# its maximum (root mean square) and 0.3 % at worst; the documentation's page on verification has the table.
_CORNER = 0.1


class Tool(Protocol):
    """A rigid tool; `travel` is how far it has moved down, mm."""

    def distance(self, points: np.ndarray, travel: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distances (n,), normals (2, n) and curvatures (n,), 1/mm, at points (2, n)."""


class Ball:
    """A ball whose lowest point touches z = 0 before it moves."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def distance(self, points: np.ndarray, travel: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distances, normals and curvatures at points."""
        away = points - np.array([[0.0], [self.radius - travel]])
        length = np.sqrt((away * away).sum(axis=0))
        return length - self.radius, away / length, 1 / length


class RoundedPolyline:
    """A convex profile with rounded corners: what lies within `radius` of a polyline, or on its left."""

    def __init__(self, corners: np.ndarray, radius: float) -> None:
        self.radius = radius
        self._start = corners[:-1, :, None]
        self._side = corners[1:, :, None] - self._start
        square = (self._side**2).sum(axis=1, keepdims=True)
        self._along = self._side / square
        self._out = (np.stack([self._side[:, 1], -self._side[:, 0]], axis=1) / np.sqrt(square))[:, :, 0]

    def distance(self, points: np.ndarray, travel: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distances, normals and curvatures at points."""
        start = self._start.copy()
        start[:, 1] -= travel
        vector = points - start
        along = (self._along * vector).sum(axis=1)  # (n_sides, n_points), parts of a side
        part = np.minimum(np.maximum(along, 0.0), 1.0)
        vector -= part[:, None] * self._side
        square = (vector * vector).sum(axis=1)
        nearest, point = square.argmin(axis=0), np.arange(points.shape[1])
        away, out = vector[nearest, :, point].T, self._out[nearest].T
        # Inside a convex profile no corner is nearest.
        corner = (part != along)[nearest, point]
        length = np.where(corner, np.sqrt(square[nearest, point]), 1.0)
        normal = np.where(corner, away / length, out)
        return (normal * away).sum(axis=0) - self.radius, normal, np.where(corner, 1 / length, 0.0)


def punch_of(rig: Rig) -> Tool:
    """The punch of a rig, which touches z = 0."""
    radius, edge = rig.punch_diameter / 2, rig.punch_edge_radius
    if rig.is_ball:
        return Ball(radius)
    flat, far = radius - edge, 10 * radius
    return RoundedPolyline(np.array([[-far, edge], [flat, edge], [flat, edge + far]]), edge)


def die_of(rig: Rig, face: float) -> Tool | None:
    """The die of a rig, whose face lies at z = `face`; None where it has none."""
    if rig.hole_diameter is None:
        return None
    hole, size, far = rig.hole_diameter / 2, rig.hole_edge_size, 10 * rig.disc_diameter
    if rig.hole_edge == "fillet":
        corners = [[hole + size + far, -size], [hole + size, -size], [hole + size, -size - far]]
        return RoundedPolyline(np.array(corners) + np.array([0.0, face]), size)
    # The chamfer's two obtuse corners, set back by the radius: its tangents there are at 45 degrees.
    radius = _CORNER * size
    back = radius * np.tan(np.pi / 8)
    corners = [
        [hole + size + far, -radius],
        [hole + size + back, -radius],
        [hole + radius, -size - back],
        [hole + radius, -size - far],
    ]
    return RoundedPolyline(np.array(corners) + np.array([0.0, face]), radius)
