"""What a model of the experiment is built for."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Setting:
    """Data set and seed of one measurement; a model is a function from it to an unfitted estimator.

    The estimator takes a list of SPTCurve with thickness, and the true stresses, MPa, at `strain`.
    """

    data: str  # "sheet" or "en10371"
    strain: np.ndarray
    low: float  # mm, first displacement of the grid
    high: float  # mm, last one; every curve reaches it
    elastic_modulus: float | str  # MPa, or "curve"
    seed: int
    quick: bool = False  # a network trains a few epochs only
    n_jobs: int = 1

    @property
    def grid(self) -> np.ndarray:
        return np.linspace(self.low, self.high, 64)

    def resampler_parameters(self) -> dict[str, Any]:
        """Parameters of the `CurveResampler` that every model begins with."""
        return {"grid": self.grid, "ends": "error", "descriptors": ("thickness",)}
