"""Meshes of eight-node elements on a grid of columns and rows."""

from dataclasses import dataclass

import numpy as np

from .._mesh import MeshSettings, disc_columns
from ..rigs import Rig

# Material is drawn under the punch from outside it; further out than this many punch radii it never meets the punch.
_PUNCH_REACH = 1.35
# Further in than this part of the hole's radius the disc never meets the die.
_DIE_REACH = 0.3


@dataclass(frozen=True)
class Grid:
    """Elements between columns r and rows z, numbered column by column, which keeps the stiffness in a narrow band.

    Attributes
    ----------
    nodes : ndarray of shape (n_nodes, 2)
        Positions r, z, mm.
    elements : ndarray of shape (n_elements, 8)
        Four corners counterclockwise, then the middles of the sides between them.
    top, bottom : ndarray of shape (n_columns, 3)
        Nodes of the sides at the last and at the first row: inner corner, middle, outer corner.
    """

    nodes: np.ndarray
    elements: np.ndarray
    top: np.ndarray
    bottom: np.ndarray

    @classmethod
    def between(cls, r: np.ndarray, z: np.ndarray) -> "Grid":
        """The grid with corners at radii `r` (n_columns + 1,) and heights `z` (n_rows + 1,), both increasing."""
        columns, rows = len(r) - 1, len(z) - 1
        heights = np.empty(2 * rows + 1)
        heights[::2], heights[1::2] = z, (z[1:] + z[:-1]) / 2
        radii = np.empty(2 * columns + 1)
        radii[::2], radii[1::2] = r, (r[1:] + r[:-1]) / 2
        # Lines of corners carry nodes at all heights, the lines between them only at those of the rows.
        lines = [heights if i % 2 == 0 else z for i in range(len(radii))]
        nodes = np.array([(radius, height) for radius, line in zip(radii, lines, strict=True) for height in line])
        first = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
        inner, between, outer = first[0:-2:2], first[1:-1:2], first[2::2]
        k = np.arange(rows)
        a, b, d = inner[:columns, None], between[:, None], outer[:columns, None]
        corners = [a + 2 * k, d + 2 * k, d + 2 * k + 2, a + 2 * k + 2]
        middles = [b + k, d + 2 * k + 1, b + k + 1, a + 2 * k + 1]
        elements = np.stack(corners + middles, axis=-1)
        return cls(
            nodes,
            elements.reshape(-1, 8),
            top=elements[:, -1][:, [3, 6, 2]],
            bottom=elements[:, 0][:, [0, 4, 1]],
        )


@dataclass(frozen=True)
class Disc:
    """A disc between its faces z = 0, where the punch is, and z = -thickness.

    Attributes
    ----------
    grid : Grid
        Its mesh.
    fixed : ndarray of int
        Degrees of freedom that do not move: the axis keeps its r, what the clamp holds keeps both.
    top, bottom : ndarray of shape (n_sides, 3)
        Sides that may meet the punch and the die.
    centre : int
        The node on the axis at the lower face.
    """

    grid: Grid
    fixed: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    centre: int


def disc_of(rig: Rig, thickness: float, settings: MeshSettings) -> Disc:
    """Mesh the disc of a rig."""
    outer, radius, held = rig.disc_diameter / 2, rig.punch_diameter / 2, rig.held_diameter / 2
    r = disc_columns(rig, settings)
    grid = Grid.between(r, np.linspace(-thickness, 0, settings.rows + 1))
    nodes = grid.nodes
    axis = np.flatnonzero(nodes[:, 0] < 1e-12)
    # The middle of a side is held where its inner corner is.
    upper = grid.top[nodes[grid.top[:, 0], 0] >= held - 1e-9].ravel()
    clamped = np.union1d(np.flatnonzero(nodes[:, 0] > outer - 1e-9), upper)
    fixed = np.unique(np.concatenate([2 * axis, 2 * clamped, 2 * clamped + 1]))
    middle = nodes[grid.top[:, 1], 0]
    top = grid.top[middle <= min(_PUNCH_REACH * radius, held)]
    bottom = grid.bottom[:0]
    if rig.hole_diameter is not None:
        bottom = grid.bottom[nodes[grid.bottom[:, 1], 0] >= _DIE_REACH * rig.hole_diameter / 2]
    return Disc(grid, fixed, top, bottom, centre=int(np.lexsort((nodes[:, 1], nodes[:, 0]))[0]))
