"""The model, the corrections and the modulus that are given."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from ..curves import SPTCurve
from ..exceptions import Message, Parameter
from ..persistence import ModelInfo, load_model
from ..preprocessing import standard_corrections
from ..utils.docs import shared_docs
from ..utils.parameters import check_parameter
from ..utils.state import Number

# What the docstrings say of what is checked here.
described = shared_docs(
    model="""
model : str, path-like or fitted model
    Name of a model that comes with the package, see `pretrained_model_path`; a file of `save_model`; or what
    `load_model` returns.""",
    corrections="""
corrections : transformer, "standard" or None, default="standard"
    What corrects the curve first: a transformer that takes and returns a list of SPTCurve, such as a Pipeline of
    several; None for none. By default `standard_corrections`, unless the curve was corrected before or the first
    steps of the model's pipeline correct it, which count as corrections too. The characteristic quantities are read
    off the curve before it is cut (`CurveCutter`) and smoothed (`CurveSmoother`).""",
    elastic_modulus="""
elastic_modulus : float, default=None
    Young's modulus, MPa, that Rp0.2, Ag, n and K rest on. By default that of the model file, else, of a model that
    was trained with ``elastic_modulus="curve"``, the slope of the predicted curve at its start.""",
)


def find_model(model: Any) -> tuple[Any, Path | None]:
    """The fitted model, with its `ModelInfo`, and its file if a name or a path was given."""
    path = None
    if isinstance(model, str | os.PathLike):
        from ..datasets._models import find_model as find_file

        path = find_file(model)
        model = load_model(path)
    info = getattr(model, "model_info_", None)
    if not isinstance(info, ModelInfo):
        raise TypeError(
            "model must be the name of a model that comes with the package, a model file, or what load_model returns, "
            f"which says what the model is for; got {type(model).__name__}. Save it with save_model"
        )
    if info.strain is None:
        raise ValueError(
            "the model does not say at which strains it gives stresses; save it again with save_model(..., strain=...)"
        )
    if not hasattr(model, "predict"):
        raise TypeError(f"{type(model).__name__} predicts nothing; give a model that ends in a regressor")
    return model, path


def check_modulus(elastic_modulus: float | None) -> None:
    """Refuse what is not a Young's modulus, MPa."""
    check_parameter("", "elastic_modulus", elastic_modulus, Number(above=0, unit="MPa", none=True))


def check_alpha(alpha: float | None, model: Any) -> None:
    """Refuse a band that the model cannot give."""
    if hasattr(model, "predict_interval"):
        model._check_alpha(alpha)
    elif alpha is not None:
        raise ValueError(
            Message(
                "the model was not calibrated for a band: leave out ",
                Parameter("alpha"),
                ", or put a ConformalCurveRegressor around the model, calibrate it on curves that the model has not "
                "seen, and save it",
            )
        )


def check_corrections(corrections: Any, model: Any) -> Callable[[SPTCurve], list[Any]]:
    """What gives the steps of the corrections of a curve, one by one."""
    if corrections is None:
        return lambda curve: []
    if isinstance(corrections, str) and corrections == "standard":
        # A second time would be an error; a user who corrected a curve, or made a model that does, chose how.
        standard = [] if _corrects(pipeline_of(model)) else list(flatten(standard_corrections()))
        return lambda curve: [] if curve.corrections else standard
    if isinstance(corrections, type) or not hasattr(corrections, "fit_transform"):
        what = type(corrections).__name__ if not isinstance(corrections, type | str) else repr(corrections)
        if isinstance(corrections, type):
            what = f"the class {corrections.__name__}"
        raise TypeError(
            "corrections must be one transformer of curves, such as standard_corrections() or "
            f"ToeCorrector(); got {what}. Several make a Pipeline: make_pipeline(LoadOffsetCorrector(), ToeCorrector())"
        )
    steps = list(flatten(corrections))
    return lambda curve: steps


def pipeline_of(model: Any) -> Any:
    """The model itself, or the one that a band stands around."""
    return getattr(model, "estimator_", model)


def _corrects(model: Any) -> bool:
    """Whether a pipeline begins with steps that change the curves before they are put on a grid or read off."""
    steps = [step for _, part in getattr(model, "steps", [])[:-1] for step in flatten(part)]
    return bool(steps) and not getattr(type(steps[0]), "_takes_curves", False)


def flatten(transformer: Any) -> Iterable[Any]:
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            yield from flatten(step)
    elif transformer not in (None, "passthrough"):
        yield transformer
