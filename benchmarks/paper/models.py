"""All models of the experiment by name, and those that its tables and figures single out."""

import importlib
from collections.abc import Callable
from typing import Any

from . import classical
from .classical import CLASSICAL
from .setting import Setting

try:
    networks: Any = importlib.import_module(".networks", __package__)
except ModuleNotFoundError as error:
    if error.name != f"{__package__}.networks":
        raise
    networks = None

MODELS: dict[str, Callable[[Setting], Any]] = {**CLASSICAL, **getattr(networks, "NETWORKS", {})}
# Expected time of a fit on 4,500 curves, s.
SECONDS: dict[str, float] = {**getattr(classical, "SECONDS", {}), **getattr(networks, "SECONDS", {})}

WINNER, LIGHT = "default", "light"
# What figures with room for few models show, if there are results: the paper's five first.
FEATURED = ("paper", "paper_lstm", "paper_ann", "paper_gru", "paper_transformer", WINNER, LIGHT, "gp", "inverse")
# Question, and the models with and without it.
ABLATIONS: dict[str, tuple[str, str]] = {
    "thickness as a descriptor, polynomial": ("polynomial_flow", "polynomial_no_thickness"),
    "thickness as a descriptor, Gaussian process": ("gp", "gp_no_thickness"),
    "flow curves as targets, polynomial": ("polynomial_flow", "polynomial"),
    "polynomial trend, Gaussian process": ("gp", "gp_no_trend"),
}


def describe_model(name: str) -> str:
    """What a model is, in a line."""
    return (MODELS[name].__doc__ or "").strip().partition("\n")[0]
