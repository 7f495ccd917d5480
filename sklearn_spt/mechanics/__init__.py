"""Hardening laws, what a tensile test reports, and what is read off a load-displacement curve.

Neither torch nor scikit-learn is imported here.
"""

from ._bounds import tensile_property_bounds
from ._shaped import FreeForm, OlsonCohen
from .characteristic import CharacteristicQuantities, characteristic_quantities
from .correlations import Correlation, published_correlations
from .laws import HardeningLaw, Hollomon, Ludwik, PowerLaw, Swift, SwiftVoce, Voce, sheet_steel_law
from .tensile import TensileProperties, engineering_curve, tensile_properties

__all__ = [
    "CharacteristicQuantities",
    "Correlation",
    "FreeForm",
    "HardeningLaw",
    "Hollomon",
    "Ludwik",
    "OlsonCohen",
    "PowerLaw",
    "Swift",
    "SwiftVoce",
    "TensileProperties",
    "Voce",
    "characteristic_quantities",
    "engineering_curve",
    "published_correlations",
    "sheet_steel_law",
    "tensile_properties",
    "tensile_property_bounds",
]
