"""Curves that belong together, on their way through meta-estimators and pipelines."""

from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter


def fit_with_groups(estimator: Any, X: Any, y: Any, groups: np.ndarray | None) -> Any:
    """Fit; groups go to the estimator, or to the last step of a pipeline, where its `fit` takes them.

    Where scikit-learn's metadata routing is on, they go to what requests them.
    """
    if get_config()["enable_metadata_routing"]:
        requested = groups is not None and get_routing_for_object(estimator).consumes("fit", {"groups"})
        return estimator.fit(X, y, **({"groups": groups} if requested else {}))
    last, prefix = estimator, ""
    while isinstance(last, Pipeline):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    if groups is None or not has_fit_parameter(last, "groups"):
        return estimator.fit(X, y)
    return estimator.fit(X, y, **{f"{prefix}groups": groups})
