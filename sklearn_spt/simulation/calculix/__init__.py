"""Simulations with the finite-element program CalculiX: decks, runs, and what it writes.

The program is not part of this package; on Debian and Ubuntu ``apt-get install calculix-ccx`` installs it.
"""

from ._attempts import has_load_jump
from ._model import Model, build_model, die_profile, punch_profile
from ._numerics import Numerics, default_mesh, default_numerics
from ._program import SolverNotFoundError, find_solver, solver_version
from ._spt import first_deck, run_spt
from ._tensile import run_tensile

__all__ = [
    "Model",
    "Numerics",
    "SolverNotFoundError",
    "build_model",
    "default_mesh",
    "default_numerics",
    "die_profile",
    "find_solver",
    "first_deck",
    "has_load_jump",
    "punch_profile",
    "run_spt",
    "run_tensile",
    "solver_version",
]
