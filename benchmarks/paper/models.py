"""All models of the experiment by name, and those that its tables and figures single out."""

import importlib
from collections.abc import Callable
from typing import Any

from .setting import Setting

MODELS: dict[str, Callable[[Setting], Any]] = {}
# Expected time of a fit on 4,500 curves, s.
SECONDS: dict[str, float] = {}
DESCRIPTIONS: dict[str, str] = {}
for _name, _table in (("classical", "CLASSICAL"), ("networks", "NETWORKS")):
    try:
        _module = importlib.import_module(f".{_name}", __package__)
    except ModuleNotFoundError as error:
        if error.name != f"{__package__}.{_name}":
            raise
        continue
    MODELS |= getattr(_module, _table)
    SECONDS |= getattr(_module, "SECONDS", {})
    DESCRIPTIONS |= getattr(_module, "DESCRIPTIONS", {})

WINNER, LIGHT = "default", "light"
# What figures with room for few models show, if there are results: the paper's five first.
FEATURED = ("paper", "paper_lstm", "paper_ann", "paper_gru", "paper_transformer", WINNER, LIGHT, "gp", "inverse")
# Question, and the models with and without it.
ABLATIONS: dict[str, tuple[str, str]] = {}


def describe_model(name: str) -> str:
    """What a model is, in a line."""
    return DESCRIPTIONS.get(name) or (MODELS[name].__doc__ or "").strip().partition("\n")[0]
