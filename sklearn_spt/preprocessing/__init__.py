"""From curves of any lengths to the arrays that a regressor takes."""

from ._characteristic import CharacteristicTransformer
from ._flow_curve import FlowCurveTransformer
from ._gaf import GAFTransformer
from ._resampler import CurveResampler
from .corrections import (
    ComplianceCorrector,
    CurveCutter,
    CurveSmoother,
    DeflectionConverter,
    LoadOffsetCorrector,
    ToeCorrector,
    UnloadingCorrector,
    standard_corrections,
)

__all__ = [
    "CharacteristicTransformer",
    "ComplianceCorrector",
    "CurveCutter",
    "CurveResampler",
    "CurveSmoother",
    "DeflectionConverter",
    "FlowCurveTransformer",
    "GAFTransformer",
    "LoadOffsetCorrector",
    "ToeCorrector",
    "UnloadingCorrector",
    "standard_corrections",
]
