"""What is read off the curves of a regressor, and what it knows of Hooke's line."""

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from ..mechanics import tensile_properties

# The properties that a laboratory reports, by their keys in the table of quantities.
PROPERTIES = ("proof_stress", "tensile_strength", "uniform_elongation")
MIN_STRAINS = 3


def flow_of(model: Any) -> dict[str, Any] | None:
    """Strains and Young's modulus of a fitted regressor, or of the one in it, with `elastic_modulus`; else None."""
    while True:
        if isinstance(model, Pipeline):
            model = model.steps[-1][1]
        elif hasattr(model, "regressor_"):
            model = model.regressor_
        elif hasattr(model, "primary_"):
            members = (flow_of(model.primary_), flow_of(model.secondary_))
            return next((flow for flow in members if flow is not None), None)
        else:
            return getattr(model, "flow_", None)


def moduli_of(flow: dict[str, Any], stress: np.ndarray) -> np.ndarray:
    """Young's modulus of each of the curves (n_curves, n_strains), MPa: the known one, or that of their beginning."""
    if not isinstance(flow["elastic_modulus"], str):
        return np.full(len(stress), float(flow["elastic_modulus"]))
    first = int(flow["strain"][0] == 0)
    return stress[:, first] / flow["strain"][first]


def properties_of(flow: dict[str, Any] | None, stress: np.ndarray) -> dict[str, np.ndarray]:
    """Properties of curves (n_curves, n_strains), NaN where a curve does not have one; empty if none can be read."""
    if flow is None or len(flow["strain"]) < MIN_STRAINS:
        return {}
    values = np.full((len(PROPERTIES), len(stress)), np.nan)
    for i, (row, modulus) in enumerate(zip(stress, moduli_of(flow, stress), strict=True)):
        try:
            found = tensile_properties(flow["strain"], row, E=modulus)
        except ValueError:
            # No curve of a metal, of which nothing can be read off.
            continue
        values[:, i] = [getattr(found, name) for name in PROPERTIES]
    return dict(zip(PROPERTIES, values, strict=True))
