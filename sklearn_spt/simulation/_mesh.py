"""Sizes of the elements, and points whose spacing grows away from where they are finest."""

from dataclasses import dataclass

import numpy as np

from ..utils.validation import check_number
from .rigs import Rig


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
        Maximum width of a column, mm.
    growth : float, default=0.3
        Growth of the width per mm of distance from an edge, mm/mm.
    arc_segments : int, default=16
        Straight segments that make a quarter of a circle of a tool in CalculiX and LS-DYNA. The embedded solver's tools
        are round.

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


def check_mesh(mesh: object) -> None:
    """Raise TypeError unless `mesh` is MeshSettings or None."""
    if mesh is not None and not isinstance(mesh, MeshSettings):
        raise TypeError(f"mesh must be MeshSettings or None; got {mesh!r}")


def graded(length: float, zones: list[tuple[float, float, float]], coarse: float, growth: float) -> np.ndarray:
    """Points on [0, length] whose spacing is `size` in each zone (start, end, size) and grows away from it."""
    x = np.linspace(0, length, 20_001)
    size = np.full_like(x, coarse)
    for start, end, fine in zones:
        size = np.minimum(size, fine + growth * np.maximum(np.maximum(start - x, x - end), 0))
    count = np.concatenate([[0], np.cumsum(0.5 * (1 / size[1:] + 1 / size[:-1]) * np.diff(x))])
    return np.interp(np.linspace(0, count[-1], max(round(count[-1]), 1) + 1), count, x)


def disc_columns(rig: Rig, settings: MeshSettings) -> np.ndarray:
    """Radii between which the columns of a disc lie, from the axis outwards, mm.

    One of them is where the clamp begins: a clamp half an element further out lowers loads by 0.6 %.
    """
    outer, radius, edge = rig.disc_diameter / 2, rig.punch_diameter / 2, rig.punch_edge_radius
    flat, held = radius - edge, rig.held_diameter / 2
    fine = settings.edge_size
    # The disc bends from just inside the edge's start to somewhat outside the punch.
    zones = [(max(flat - 0.1 * edge, 0), radius + 0.2 * edge, fine)]
    if rig.hole_diameter is None:
        zones.append((outer, outer, 2.5 * fine))
    else:
        hole = rig.hole_diameter / 2
        zones.append((hole, hole + rig.hole_edge_size, fine))
    inside = graded(held, zones, settings.coarse_size, settings.growth)
    if held >= outer:
        return inside
    beyond = [(max(start - held, 0), end - held, size) for start, end, size in zones if end >= held]
    return np.concatenate([inside, held + graded(outer - held, beyond, settings.coarse_size, settings.growth)[1:]])
