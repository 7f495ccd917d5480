"""Pictures of curves, rigs and results. They need matplotlib (``pip install "sklearn-spt[plot]"``)."""

from ._characteristic import CharacteristicDisplay
from ._curves import CurveDisplay
from ._fields import FieldDisplay
from ._parity import ParityDisplay
from ._predictions import PredictionDisplay

__all__ = ["CharacteristicDisplay", "CurveDisplay", "FieldDisplay", "ParityDisplay", "PredictionDisplay"]
