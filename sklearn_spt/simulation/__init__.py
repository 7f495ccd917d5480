"""Small punch and tensile tests simulated by finite elements.

The solver is part of the package. The program CalculiX can take its place, to check it, and simulates flat tensile
specimens; on Debian and Ubuntu ``apt-get install calculix-ccx`` installs it.
"""

from ._dataset import pack_dataset, read_dataset, simulate_dataset, unpack_dataset
from ._design import Design, DesignPoint, LawSpace
from ._errors import SimulationError
from ._fields import FieldStage, SPTFields
from ._flow import FlowLaw
from ._mesh import MeshSettings
from ._sensitivities import SPTSensitivities, simulate_sensitivities
from ._specimens import FlatStrip, RoundBar, TensileSpecimen
from ._spt import simulate_fields, simulate_from_curve, simulate_spt
from ._tensile import TensileCurve, simulate_tensile
from .calculix import SolverNotFoundError
from .embedded import Numerics
from .lsdyna import read_lsdyna_curve, write_lsdyna, write_lsdyna_tensile
from .rigs import EN10371, MINIATURE, RIGS, SHEET, Rig, get_rig, rig_name

__all__ = [
    "EN10371",
    "MINIATURE",
    "RIGS",
    "SHEET",
    "Design",
    "DesignPoint",
    "FieldStage",
    "FlatStrip",
    "FlowLaw",
    "LawSpace",
    "MeshSettings",
    "Numerics",
    "Rig",
    "RoundBar",
    "SPTFields",
    "SPTSensitivities",
    "SimulationError",
    "SolverNotFoundError",
    "TensileCurve",
    "TensileSpecimen",
    "get_rig",
    "pack_dataset",
    "read_dataset",
    "read_lsdyna_curve",
    "rig_name",
    "simulate_dataset",
    "simulate_fields",
    "simulate_from_curve",
    "simulate_sensitivities",
    "simulate_spt",
    "simulate_tensile",
    "unpack_dataset",
    "write_lsdyna",
    "write_lsdyna_tensile",
]
