"""Pictures of curves, rigs and results. They need matplotlib (``pip install "sklearn-spt[plot]"``)."""

from ._characteristic import CharacteristicDisplay

__all__ = ["CharacteristicDisplay"]
