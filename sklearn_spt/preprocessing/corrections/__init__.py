"""Corrections of measured curves, which record what they did; one a file."""

from ._compliance import ComplianceCorrector
from ._conversion import DeflectionConverter
from ._cut import CUTS, CurveCutter
from ._load_offset import LoadOffsetCorrector
from ._smooth import CurveSmoother
from ._standard import STANDARD, standard_corrections
from ._toe import FEET, ToeCorrector
from ._unloading import UnloadingCorrector

__all__ = [
    "CUTS",
    "FEET",
    "STANDARD",
    "ComplianceCorrector",
    "CurveCutter",
    "CurveSmoother",
    "DeflectionConverter",
    "LoadOffsetCorrector",
    "ToeCorrector",
    "UnloadingCorrector",
    "standard_corrections",
]
