"""Pictures of curves, rigs and results. They need matplotlib (``pip install "sklearn-spt[plot]"``)."""

from ._attention import AttentionDisplay
from ._characteristic import CharacteristicDisplay
from ._curves import CurveDisplay
from ._errors import CurveErrorDisplay
from ._fields import FieldDisplay
from ._gaf import GAFDisplay
from ._history import TrainingHistoryDisplay
from ._parity import ParityDisplay
from ._predictions import PredictionDisplay

__all__ = [
    "AttentionDisplay",
    "CharacteristicDisplay",
    "CurveDisplay",
    "CurveErrorDisplay",
    "FieldDisplay",
    "GAFDisplay",
    "ParityDisplay",
    "PredictionDisplay",
    "TrainingHistoryDisplay",
]
