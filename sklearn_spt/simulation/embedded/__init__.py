"""Axisymmetric finite elements at large plastic strains, in NumPy and SciPy alone.

One file a subject: `mesh` (nodes and elements of the disc), `element` (deformation, forces and stiffness), `material`
(plasticity), `tools` (distances from the tools), `contact` (pressure and friction), `increments` (equilibrium, step by
step), `sensitivity` (derivatives of the curve). Lengths are in mm, forces in N, stresses in MPa.
"""

from .numerics import Numerics, default_mesh
from .sensitivity import Parameters
from .spt import VERSION, run_spt
from .tensile import run_tensile

__all__ = ["VERSION", "Numerics", "Parameters", "default_mesh", "run_spt", "run_tensile"]
