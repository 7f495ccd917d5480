"""Hardening laws and what a tensile test reports. Neither torch nor scikit-learn is imported here."""

from .laws import HardeningLaw, Hollomon, Ludwik, PowerLaw, Swift, SwiftVoce, Voce, sheet_steel_law
from .tensile import TensileProperties, tensile_properties

__all__ = [
    "HardeningLaw",
    "Hollomon",
    "Ludwik",
    "PowerLaw",
    "Swift",
    "SwiftVoce",
    "TensileProperties",
    "Voce",
    "sheet_steel_law",
    "tensile_properties",
]
