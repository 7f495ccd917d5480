"""Specimens of the tensile test and their meshes."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..utils.validation import check_number
from ._mesh import graded

__all__ = ["FlatStrip", "RoundBar", "TensileRun", "TensileSpecimen"]

# The neck gets elements of this part of a row's height in the direction of pulling, where they are drawn out to several
# times their length; it lies within this part of the section's half width from the middle.
_NECK_SIZE = 0.5
_NECK_REACH = 0.6
_NECK_GROWTH = 0.3
_COARSE = 0.5


@dataclass(frozen=True)
class TensileRun:
    """What a simulated tensile test gave, beginning with the unloaded specimen.

    Parameters
    ----------
    engineering_strain : ndarray of shape (n_points,)
        Elongation of the gauge over its initial length (1, not %).
    force : ndarray of shape (n_points,)
        N.
    area : ndarray of shape (n_points,)
        Area of the section in the middle of the gauge, mm².
    record : dict
        How the run ended and how it was solved, for the metadata of a curve.
    """

    engineering_strain: np.ndarray
    force: np.ndarray
    area: np.ndarray
    record: dict[str, Any]


@dataclass(frozen=True)
class SpecimenModel:
    """Nodes and elements of the modelled part of a tensile specimen; indices count from 0.

    The last coordinate is the one of pulling, from the middle of the gauge (0) to its mark.
    """

    nodes: np.ndarray  # (n_nodes, 2): r, z; or (n_nodes, 3)
    elements: np.ndarray  # (n_elements, 8) or (n_elements, 20), in the solver's order
    element_type: str
    planes: tuple[tuple[int, np.ndarray], ...]  # number of the coordinate, and the nodes that keep it at 0
    pulled: np.ndarray  # nodes at the gauge mark
    section: np.ndarray  # nodes on the outline of the section in the middle, in increasing number
    force_factor: float  # force on the specimen over the force that the solver prints


@dataclass(frozen=True, kw_only=True)
class TensileSpecimen(ABC):
    """Base class of the tensile specimens: a prismatic bar that is modelled between its gauge marks.

    Parameters
    ----------
    gauge_length : float
        Distance between the gauge marks before the test, mm.
    taper : float, default=0.001
        The section is narrower in the middle of the gauge than at the marks by this part of its diameter or width, as
        machined specimens are, so that it necks there. Without (0) a bar necks late, and anywhere.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range, or the gauge is shorter than the section is wide.
    """

    gauge_length: float
    taper: float = 0.001

    def __post_init__(self) -> None:
        check_number(self, "gauge_length", above=0, high=1e4)
        check_number(self, "taper", low=0, high=0.05)

    def _check_slender(self, name: str) -> None:
        width = getattr(self, name)
        if self.gauge_length < width:
            raise ValueError(
                f"{type(self).__name__}: gauge_length ({self.gauge_length:g} mm) must not be shorter than the {name} "
                f"({width:g} mm); a neck would not fit between the marks"
            )

    @property
    @abstractmethod
    def area(self) -> float:
        """Area of the section in the middle before the test, mm²."""

    @abstractmethod
    def _model(self, rows: int) -> SpecimenModel:
        """Mesh of the part that symmetry leaves, with `rows` elements over the radius or half the width."""

    @abstractmethod
    def _section_area(self, outline: np.ndarray) -> np.ndarray:
        """Area of the section whose outline has these positions (..., n_nodes, 2 or 3), mm²."""


@dataclass(frozen=True, kw_only=True)
class RoundBar(TensileSpecimen):
    """Round tensile specimen, modelled as axisymmetric.

    Parameters
    ----------
    diameter : float, default=6.0
        Diameter in the middle of the gauge, mm.
    gauge_length : float, default=30.0
        Distance between the gauge marks before the test, mm.
    taper : float, default=0.001
        The bar is thinner in the middle of the gauge than at the marks by this part of its diameter, as machined
        specimens are, so that it necks there. Without (0) a bar necks late, and anywhere.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range, or the gauge is shorter than the diameter.

    Examples
    --------
    >>> from sklearn_spt.simulation import RoundBar
    >>> round(RoundBar(diameter=5, gauge_length=25).area, 2)
    19.63
    """

    diameter: float = 6.0
    gauge_length: float = 30.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "diameter", above=0, high=1e3)
        self._check_slender("diameter")

    @property
    def area(self) -> float:
        """Area of the section in the middle before the test, mm²."""
        return math.pi * self.diameter**2 / 4

    def lattice(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Radii and heights between which the elements of half a meridian plane of one half of the gauge lie.

        Parameters
        ----------
        rows : int
            Elements over the radius.

        Returns
        -------
        radii : ndarray of shape (rows + 1,)
            From the axis outwards, mm, of a bar without taper.
        heights : ndarray
            From the middle of the gauge to its mark, mm.
        """
        radius, half = self.diameter / 2, self.gauge_length / 2
        return np.linspace(0, radius, rows + 1), _axial(half, radius, rows)

    def widening(self, height: np.ndarray) -> np.ndarray:
        """Radius of the bar over its radius in the middle.

        Parameters
        ----------
        height : ndarray
            Distances from the middle, mm.

        Returns
        -------
        ndarray
        """
        return _widening(self.taper, 2 * height / self.gauge_length)

    def _model(self, rows: int) -> SpecimenModel:
        """Mesh of half a meridian plane of one half of the gauge."""
        columns, heights = self.lattice(rows)
        r, z = _lattice(columns), _lattice(heights)
        nodes, elements = _mesh((r, z), _Q8)
        axis, middle, mark = (nodes[:, 0] == 0), (nodes[:, 1] == 0), (nodes[:, 1] == z[-1])
        section = np.flatnonzero(middle & (nodes[:, 0] == r[-1]))
        nodes[:, 0] *= self.widening(nodes[:, 1])
        return SpecimenModel(
            nodes=nodes,
            elements=elements,
            element_type="CAX8R",
            planes=((1, np.flatnonzero(axis)), (2, np.flatnonzero(middle))),
            pulled=np.flatnonzero(mark),
            section=section,
            # The solver takes an axisymmetric element as a wedge of 2 degrees.
            force_factor=180.0,
        )

    def _section_area(self, outline: np.ndarray) -> np.ndarray:
        return np.pi * outline[..., 0, 0] ** 2


@dataclass(frozen=True, kw_only=True)
class FlatStrip(TensileSpecimen):
    """Flat tensile specimen of rectangular section, modelled in three dimensions.

    Parameters
    ----------
    width : float, default=12.5
        Width in the middle of the gauge, mm.
    thickness : float, default=2.0
        Thickness, mm; at most the width.
    gauge_length : float, default=50.0
        Distance between the gauge marks before the test, mm.
    taper : float, default=0.001
        The strip is narrower in the middle of the gauge than at the marks by this part of its width, as machined
        specimens are, so that it necks there. Without (0) a strip necks late, and anywhere.

    Raises
    ------
    TypeError, ValueError
        If a value is not a number in its range, the strip is thicker than wide, or the gauge shorter than the width.

    Examples
    --------
    >>> from sklearn_spt.simulation import FlatStrip
    >>> FlatStrip(width=10, thickness=1.5, gauge_length=40).area
    15.0
    """

    width: float = 12.5
    thickness: float = 2.0
    gauge_length: float = 50.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "width", above=0, high=1e3)
        check_number(self, "thickness", above=0, high=1e3)
        if self.thickness > self.width:
            raise ValueError(
                f"FlatStrip: thickness ({self.thickness:g} mm) must not be greater than width ({self.width:g} mm); "
                "call the shorter side the thickness"
            )
        self._check_slender("width")

    @property
    def area(self) -> float:
        """Area of the section in the middle before the test, mm²."""
        return self.width * self.thickness

    def _model(self, rows: int) -> SpecimenModel:
        """Mesh of an eighth of the gauge; half the thickness gets elements about as high as they are wide."""
        half = self.gauge_length / 2
        layers = max(1, round(rows * self.thickness / self.width))
        x, y = _lattice(np.linspace(0, 1, rows + 1)), _lattice(np.linspace(0, 1, layers + 1))
        z = _lattice(_axial(half, self.width / 2, rows))
        nodes, elements = _mesh((x, y, z), _H20)
        middle, mark = (nodes[:, 2] == 0), (nodes[:, 2] == z[-1])
        section = np.flatnonzero(middle & ((nodes[:, 0] == 1) | (nodes[:, 1] == 1)))
        planes = tuple((k + 1, np.flatnonzero(nodes[:, k] == 0)) for k in range(3))
        nodes[:, 0] *= self.width / 2 * _widening(self.taper, nodes[:, 2] / half)
        nodes[:, 1] *= self.thickness / 2
        return SpecimenModel(
            nodes=nodes,
            elements=elements,
            element_type="C3D20R",
            planes=planes,
            pulled=np.flatnonzero(mark),
            section=section,
            force_factor=4.0,
        )

    def _section_area(self, outline: np.ndarray) -> np.ndarray:
        # Seen from the middle the outline of a quarter goes round once, so its nodes lie in the order of their angle.
        first = outline.reshape(-1, *outline.shape[-2:])[0]
        order = np.argsort(np.arctan2(first[:, 1], first[:, 0]))
        x, y = outline[..., order, 0], outline[..., order, 1]
        # Each side of an element is a parabola through three nodes; Simpson's rule is exact for x·dy - y·dx along it,
        # and the two straight sides along the planes of symmetry add nothing.
        a, b, c = slice(0, -2, 2), slice(1, -1, 2), slice(2, None, 2)
        cross = 4 * (x[..., a] * y[..., b] - y[..., a] * x[..., b] + x[..., b] * y[..., c] - y[..., b] * x[..., c])
        cross -= x[..., a] * y[..., c] - y[..., a] * x[..., c]
        return 4 * np.sum(cross, axis=-1) / 6


def _widening(taper: float, position: np.ndarray) -> np.ndarray:
    """Width over the width in the middle, at positions from the middle (0) to the mark (1)."""
    return 1 + taper * np.sin(np.pi / 2 * position) ** 2


def _axial(half: float, radius: float, rows: int) -> np.ndarray:
    fine = min(_NECK_SIZE * radius / rows, half / 4)
    return graded(half, [(0, _NECK_REACH * radius, fine)], max(_COARSE * radius, fine), _NECK_GROWTH)


def _lattice(x: np.ndarray) -> np.ndarray:
    """The points and the middles between them."""
    result = np.empty(2 * len(x) - 1)
    result[::2], result[1::2] = x, (x[1:] + x[:-1]) / 2
    return result


# Nodes of an element on the lattice of points and middles, in the solver's order: corners, then the middles of sides.
_Q8 = np.array([(0, 0), (2, 0), (2, 2), (0, 2), (1, 0), (2, 1), (1, 2), (0, 1)])
_H20 = np.array(
    [(*xy, 0) for xy in _Q8[:4]]
    + [(*xy, 2) for xy in _Q8[:4]]
    + [(*xy, 0) for xy in _Q8[4:]]
    + [(*xy, 2) for xy in _Q8[4:]]
    + [(*xy, 1) for xy in _Q8[:4]]
)


def _mesh(axes: tuple[np.ndarray, ...], pattern: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and elements of quadratic serendipity elements on a lattice of points and middles."""
    shape = tuple(len(axis) for axis in axes)
    index = np.indices(shape)
    # Middles of sides lie between two points: at most one of their indices is odd.
    used = (index % 2).sum(axis=0) <= 1
    numbers = np.full(shape, -1)
    numbers[used] = np.arange(np.count_nonzero(used))
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)[used]
    corners = np.stack([i[tuple(slice(0, -1, 2) for _ in shape)].ravel() for i in index], axis=-1)
    where = corners[:, None, :] + pattern
    return nodes, numbers[tuple(np.moveaxis(where, -1, 0))]
