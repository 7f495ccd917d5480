"""From curves of any lengths to the arrays that a regressor takes."""

from ._characteristic import CharacteristicTransformer
from ._flow_curve import FlowCurveTransformer
from ._gaf import GAFTransformer
from ._resampler import CurveResampler

__all__ = ["CharacteristicTransformer", "CurveResampler", "FlowCurveTransformer", "GAFTransformer"]
