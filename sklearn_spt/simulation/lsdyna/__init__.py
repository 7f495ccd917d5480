"""Input decks for LS-DYNA, and the force-displacement curve in what it writes."""

from ._read import read_lsdyna_curve
from ._spt import write_lsdyna
from ._tensile import write_lsdyna_tensile

__all__ = ["read_lsdyna_curve", "write_lsdyna", "write_lsdyna_tensile"]
