"""The axisymmetric model of a small punch test: a disc of quadratic elements, and tools of one strip of elements."""

from dataclasses import dataclass

import numpy as np

from .._mesh import MeshSettings, disc_columns
from ..rigs import Rig

# Material is drawn under the punch from outside it; further out than this many punch radii it never meets the punch.
_PUNCH_REACH = 1.35
# Further in than this part of the hole's radius the disc never meets the die.
_DIE_REACH = 0.3
# CalculiX leaves faces that end on the axis (triangles, once the mesh is a wedge) out of contact. So disc and punch
# have a bore of this part of the punch's radius, whose wall on the disc moves along the axis only.
_BORE = 1e-3


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


def build_model(rig: Rig, thickness: float, settings: MeshSettings) -> Model:
    """Mesh the disc and the tools of a rig."""
    punch_radius, edge = rig.punch_diameter / 2, rig.punch_edge_radius
    r = disc_columns(rig, settings)
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
