"""Axisymmetric meshes of disc and tools."""

from dataclasses import dataclass

import numpy as np

from ..utils.validation import check_number
from .rigs import Rig

# Material is drawn under the punch from outside it; further out than this many punch radii it never meets the punch.
_PUNCH_REACH = 1.35
# Further in than this part of the hole's radius the disc never meets the die.
_DIE_REACH = 0.3


@dataclass(frozen=True, kw_only=True)
class MeshSettings:
    """Sizes of the elements of a small punch model.

    Columns of elements are narrowest where the disc bends about an edge (the punch's, the die's) and grow from there.

    Parameters
    ----------
    rows : int, default=4
        Elements over the thickness.
    edge_size : float, default=0.12
        Width of a column under the punch's edge (under the whole of a ball) and at the edge of the hole, mm.
    coarse_size : float, default=0.6
        Greatest width of a column, mm.
    growth : float, default=0.3
        Growth of the width per mm of distance from an edge, mm/mm.
    arc_segments : int, default=16
        Straight segments that make a quarter of a circle of a tool.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range.
    """

    rows: int = 4
    edge_size: float = 0.12
    coarse_size: float = 0.6
    growth: float = 0.3
    arc_segments: int = 16

    def __post_init__(self) -> None:
        check_number(self, "rows", int, low=1, high=100)
        check_number(self, "arc_segments", int, low=4, high=500)
        for name in ("edge_size", "coarse_size"):
            check_number(self, name, low=1e-4, high=10)
        check_number(self, "growth", low=0.01, high=2)
        if self.edge_size > self.coarse_size:
            raise ValueError(
                f"MeshSettings: edge_size ({self.edge_size:g}) must not be greater than coarse_size "
                f"({self.coarse_size:g})"
            )


@dataclass(frozen=True)
class Model:
    """Nodes and elements of disc and tools; indices count from 0.

    The disc's faces lie at z = 0 (where the punch is) and z = -thickness (where the die is).
    """

    nodes: np.ndarray  # (n_nodes, 2): r, z
    disc: np.ndarray  # (n_disc, 8) nodes of the disc's elements: four corners, then the middles of the four sides
    tools: np.ndarray  # (n_tools, 4)
    axis: np.ndarray  # nodes on the axis
    held: np.ndarray  # nodes that the clamp holds
    punch: np.ndarray  # nodes of the punch
    die: np.ndarray  # nodes of the die
    # Surfaces: pairs (element, face), elements counted over disc and tools, faces 1 to 4 as the solver counts them.
    top: list[tuple[int, int]]
    bottom: list[tuple[int, int]]
    punch_face: list[tuple[int, int]]
    die_face: list[tuple[int, int]]


# CalculiX leaves faces that end on the axis (triangles, once the mesh is a wedge) out of contact. So disc and punch
# have a bore of this part of the punch's radius, whose wall on the disc moves along the axis only.
_BORE = 1e-3


def graded(length: float, zones: list[tuple[float, float, float]], coarse: float, growth: float) -> np.ndarray:
    """Points on [0, length] whose spacing is `size` in each zone (start, end, size) and grows away from it."""
    x = np.linspace(0, length, 20_001)
    size = np.full_like(x, coarse)
    for start, end, fine in zones:
        size = np.minimum(size, fine + growth * np.maximum(np.maximum(start - x, x - end), 0))
    count = np.concatenate([[0], np.cumsum(0.5 * (1 / size[1:] + 1 / size[:-1]) * np.diff(x))])
    return np.interp(np.linspace(0, count[-1], max(round(count[-1]), 1) + 1), count, x)


def build_model(rig: Rig, thickness: float, settings: MeshSettings) -> Model:
    """Mesh the disc and the tools of a rig."""
    disc_radius, punch_radius, edge = rig.disc_diameter / 2, rig.punch_diameter / 2, rig.punch_edge_radius
    flat = punch_radius - edge
    fine = settings.edge_size
    # The disc bends from just inside the edge's start to somewhat outside the punch.
    zones = [(max(flat - 0.1 * edge, 0), punch_radius + 0.2 * edge, fine)]
    if rig.hole_diameter is None:
        zones.append((disc_radius, disc_radius, 2.5 * fine))
    else:
        hole_radius = rig.hole_diameter / 2
        zones.append((hole_radius, hole_radius + rig.hole_edge_size, fine))
    r = graded(disc_radius, zones, settings.coarse_size, settings.growth)
    r[0] = _BORE * punch_radius
    columns, rows = len(r) - 1, settings.rows
    z = np.linspace(-thickness, 0, rows + 1)
    r_middle, z_middle = (r[1:] + r[:-1]) / 2, (z[1:] + z[:-1]) / 2
    nodes = [_points(r, z), _points(r_middle, z), _points(r, z_middle)]
    grid = np.arange((columns + 1) * (rows + 1)).reshape(columns + 1, rows + 1)
    along = grid.size + np.arange(columns * (rows + 1)).reshape(columns, rows + 1)
    across = grid.size + along.size + np.arange((columns + 1) * rows).reshape(columns + 1, rows)
    corners = [grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]]
    sides = [along[:, :-1], across[1:], along[:, 1:], across[:-1]]
    disc = np.stack(corners + sides, axis=-1).reshape(-1, 8)
    element = np.arange(columns * rows).reshape(columns, rows)

    held_radius = rig.held_diameter / 2 - 1e-9
    held = np.concatenate([grid[-1], across[-1], grid[r >= held_radius, -1], along[r[:-1] >= held_radius, -1]])
    reach = r_middle <= min(_PUNCH_REACH * punch_radius, rig.held_diameter / 2)
    top = [(int(e), 3) for e in element[reach, -1]]

    tools: list[np.ndarray] = []
    n_nodes, n_elements = sum(map(len, nodes)), disc.shape[0]

    def add_tool(profile: np.ndarray, depth: float) -> tuple[np.ndarray, list[tuple[int, int]]]:
        # One strip of elements behind the profile; the tool lies to the left of the profile's direction.
        nonlocal n_nodes, n_elements
        count = len(profile)
        nodes.append(np.concatenate([profile, profile + depth * _left_normals(profile)]))
        first = n_nodes + np.arange(count - 1)
        tools.append(np.column_stack([first, first + 1, first + 1 + count, first + count]))
        faces = [(n_elements + k, 1) for k in range(count - 1)]
        indices = np.arange(n_nodes, n_nodes + 2 * count)
        n_nodes += 2 * count
        n_elements += count - 1
        return indices, faces

    punch, punch_face = add_tool(punch_profile(rig, settings.arc_segments), 0.4 * edge)
    die = np.empty(0, dtype=int)
    bottom: list[tuple[int, int]] = []
    die_face: list[tuple[int, int]] = []
    if rig.hole_diameter is not None:
        profile = die_profile(rig, thickness, settings.arc_segments)
        die, die_face = add_tool(profile, rig.hole_edge_size)
        bottom = [(int(e), 1) for e in element[r_middle >= _DIE_REACH * rig.hole_diameter / 2, 0]]
    return Model(
        nodes=np.concatenate(nodes),
        disc=disc,
        tools=np.concatenate(tools),
        axis=np.concatenate([grid[0], across[0]]),
        held=np.unique(held),
        punch=punch,
        die=die,
        top=top,
        bottom=bottom,
        punch_face=punch_face,
        die_face=die_face,
    )


def _points(r: np.ndarray, z: np.ndarray) -> np.ndarray:
    return np.column_stack([np.repeat(r, len(z)), np.tile(z, len(r))])


def _left_normals(profile: np.ndarray) -> np.ndarray:
    tangent = np.diff(profile, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    mean = np.concatenate([normal[:1], normal[1:] + normal[:-1], normal[-1:]])
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def punch_profile(rig: Rig, segments: int) -> np.ndarray:
    """From the axis outwards over the edge and up the shank."""
    edge, radius = rig.punch_edge_radius, rig.punch_diameter / 2
    angle = np.linspace(0, np.pi / 2, segments + 1)
    points = np.column_stack([radius - edge + edge * np.sin(angle), edge - edge * np.cos(angle)])
    if not rig.is_ball:
        points = np.concatenate([[[0, 0], [(radius - edge) / 2, 0]], points])
    points[0, 0] = _BORE * radius
    return np.concatenate([points, [[radius, edge + rig.max_stroke]]])


def die_profile(rig: Rig, thickness: float, segments: int) -> np.ndarray:
    """From the disc's rim inwards, over the edge of the hole and down its wall."""
    assert rig.hole_diameter is not None
    size, hole = rig.hole_edge_size, rig.hole_diameter / 2
    if rig.hole_edge == "fillet":
        angle = np.linspace(0, np.pi / 2, segments + 1)
        edge = np.column_stack([hole + size - size * np.sin(angle), size * np.cos(angle) - size])
    else:
        edge = np.array([[hole + size, 0], [hole, -size]])
    rim = [[1.1 * rig.disc_diameter / 2, 0]]
    wall = [[hole, -size - rig.max_stroke]]
    return np.concatenate([rim, edge, wall]) - [0, thickness]
