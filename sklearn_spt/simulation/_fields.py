"""The deformed disc of a simulated small punch test, with its plastic strain and stress."""

from dataclasses import dataclass

import numpy as np

from ..curves import SPTCurve
from .rigs import Rig

__all__ = ["FieldStage", "SPTFields"]


@dataclass(frozen=True, eq=False)
class FieldStage:
    """The deformed disc at one displacement of the punch.

    Values are those at the nodes: the solver extrapolates them from the integration points of each element and takes
    the mean of the elements that meet at a node. Plastic strains that come out below zero by that are set to zero.

    Parameters
    ----------
    displacement : float
        Displacement of the punch, mm.
    load : float
        Load on the punch, N.
    nodes : ndarray of shape (n_nodes, 2)
        Positions of the disc's nodes, mm: distance from the axis, and height over the disc's initial upper face.
    elements : ndarray of shape (n_elements, 8)
        Nodes of each element: four corners counterclockwise, then the middles of the four sides between them.
    plastic_strain : ndarray of shape (n_nodes,)
        Equivalent plastic strain (true strain, von Mises).
    von_mises : ndarray of shape (n_nodes,)
        Equivalent stress of von Mises, MPa.
    thickness : ndarray of shape (n_lines, 2)
        Thickness of the disc along its radius, mm: the initial distance from the axis of the nodes on both faces, and
        the distance between these two nodes.
    """

    displacement: float
    load: float
    nodes: np.ndarray
    elements: np.ndarray
    plastic_strain: np.ndarray
    von_mises: np.ndarray
    thickness: np.ndarray


def faces_apart(initial: np.ndarray, present: np.ndarray, thickness: float) -> np.ndarray:
    """Initial radius and present distance (n_lines, 2) of the nodes that faced each other at z = 0 and -thickness."""
    lines = []
    for face in (0.0, -thickness):
        nodes = np.flatnonzero(np.abs(initial[:, 1] - face) < 1e-9 * thickness)
        lines.append(nodes[np.argsort(initial[nodes, 0])])
    top, bottom = lines
    return np.column_stack([initial[top, 0], np.linalg.norm(present[top] - present[bottom], axis=1)])


@dataclass(frozen=True, eq=False)
class SPTFields:
    """A simulated small punch test with the deformed disc at some displacements.

    Parameters
    ----------
    curve : SPTCurve
        Load-displacement curve of the whole test. `curve.thickness` is the disc's initial thickness (mm).
    rig : Rig
        The tools.
    stages : tuple of FieldStage
        The disc, in the order of the displacements.
    """

    curve: SPTCurve
    rig: Rig
    stages: tuple[FieldStage, ...]
