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
from ._rig import RigDisplay

__all__ = [
    "AttentionDisplay",
    "CharacteristicDisplay",
    "CurveDisplay",
    "CurveErrorDisplay",
    "FieldDisplay",
    "GAFDisplay",
    "ParityDisplay",
    "PredictionDisplay",
    "RigDisplay",
    "TrainingHistoryDisplay",
]
