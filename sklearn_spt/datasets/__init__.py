"""Bundled sets of simulated small punch tests, and a generator of synthetic curves for tests and documentation."""

from ._bundled import DEMO_CURVE_INDEX, load_demo_curve, load_en10371_steel, load_sheet_steel
from ._discs import load_en10371_discs
from ._lab import LAB_EXAMPLE_INDICES, lab_example_path, load_lab_example
from ._models import load_pretrained, pretrained_model_path
from ._reference import load_reference_curves
from ._synthetic import make_spt_curves

__all__ = [
    "DEMO_CURVE_INDEX",
    "LAB_EXAMPLE_INDICES",
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
