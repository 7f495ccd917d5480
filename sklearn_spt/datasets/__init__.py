"""Data sets and models that come with the package, and synthetic curves."""

from ._demo import load_demo_curve
from ._discs import load_en10371_discs, load_en10371_steel
from ._lab import lab_example_path, load_lab_example
from ._models import load_pretrained, pretrained_model_path
from ._reference import load_reference_curves
from ._sheets import load_sheet_steel
from ._synthetic import make_spt_curves

__all__ = [
    "lab_example_path",
    "load_demo_curve",
    "load_en10371_discs",
    "load_en10371_steel",
    "load_lab_example",
    "load_pretrained",
    "load_reference_curves",
    "load_sheet_steel",
    "make_spt_curves",
    "pretrained_model_path",
]
