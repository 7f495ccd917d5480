"""All models of the experiment by name, and those that its tables and figures single out."""

from collections.abc import Callable
from typing import Any

from .classical import CLASSICAL
from .classical import SECONDS as OF_CLASSICAL
from .networks import ABLATIONS as OF_NETWORKS
from .networks import NETWORKS
from .setting import Setting

MODELS: dict[str, Callable[[Setting], Any]] = CLASSICAL | NETWORKS
# Rough time of a fit on 4,500 curves on two cores, s: what a first run plans with; later ones know their own times.
SECONDS: dict[str, float] = {
    **dict.fromkeys(CLASSICAL, 100.0),
    **OF_CLASSICAL,
    **dict.fromkeys(NETWORKS, 2000.0),
    "light": 450.0,
    "perceptron": 600.0,
    "stack_perceptron": 1500.0,
    "stack": 4000.0,
    "stack_light": 900.0,
    "stack_robust": 4000.0,
    "default_alone_autoregressive": 6000.0,
    "paper_ann": 600.0,
    "paper_gru": 900.0,
    "paper_transformer": 2900.0,
    "paper": 10500.0,
    "paper_lstm": 10000.0,
}
# Our best model, and the one that stays below 100,000 parameters: one and the same, since a larger network in the stack
# does not make it better.
WINNER = LIGHT = "stack_light"
# The same of other parts, which it is not compared with where the question is which kind of model is the best.
VARIANTS = ("stack", "stack_perceptron", "stack_robust")
# What figures with room for few models show, if there are results: the paper's five first.
FEATURED = (
    "paper",
    "paper_lstm",
    "paper_ann",
    "paper_gru",
    "paper_transformer",
    WINNER,
    "default",
    "perceptron",
    "gp",
    "inverse",
)
# The same for the figures of laboratory conditions.
DISTURBED = (WINNER, "stack_robust", "robust", "gp", "inverse", "polynomial_flow")
# Question, and the models with and without what it asks for.
ABLATIONS: dict[str, tuple[str, str]] = OF_NETWORKS | {
    "thickness as a descriptor, polynomial": ("polynomial_flow", "polynomial_no_thickness"),
    "thickness as a descriptor, Gaussian processes": ("gp", "gp_no_thickness"),
    "three sets of Gaussian processes in the place of one": ("gp_ensemble", "gp"),
    "flow curves as targets, polynomial": ("polynomial_flow", "polynomial"),
}


def describe_model(name: str) -> str:
    """What a model is, in a line."""
    return (MODELS[name].__doc__ or "").strip().partition("\n")[0]
