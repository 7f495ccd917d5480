"""Pictures of curves, rigs and results. They need matplotlib (``pip install "sklearn-spt[plot]"``)."""

from ._characteristic import CharacteristicDisplay
from ._fields import FieldDisplay

__all__ = ["CharacteristicDisplay", "FieldDisplay"]
