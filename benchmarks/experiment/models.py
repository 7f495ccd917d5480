"""The models of the experiment by name: estimators from records with thickness to true stresses, unfitted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    ANNRegressor,
    AugmentedRegressor,
    CorrelationRegressor,
    CurveStackingRegressor,
    GAFTransformer,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    MLPCurveRegressor,
    Seq2SeqRegressor,
    TransformerRegressor,
)
from sklearn_spt.regressors._network import BaseNetworkRegressor

from ..bundled import CORRELATIONS
from .protocols import TRAINING, Loaded, errors

# Perturbed copies of each curve, for what does not draw errors anew.
N_COPIES = 16
# The training of what does not say when it ends: it ends when the validation error has not fallen for so many epochs.
LONG, PATIENCE = 2000, 50
# So far apart are the sets of Gaussian processes and perceptrons: principal components that they see, and those of
# the targets. Sheets have three parameters, discs the shape of their law and the friction beside them.
SHEETS = {"gaussian processes": (6, 7, 8), "perceptrons": (5, 6, 7), "targets": 5}
DISCS = {"gaussian processes": (12, 16, 20), "perceptrons": (12, 16), "targets": 9}


@dataclass(frozen=True)
class Order:
    """What a model is built for."""

    loaded: Loaded
    laboratory: bool
    seed: int
    epochs: int | None = None  # of a network, in the place of its own

    @property
    def flow(self) -> dict[str, Any]:
        """Flow curves behind Hooke's line as targets."""
        return {"elastic_modulus": self.loaded.modulus, "strain": self.loaded.strain}

    @property
    def sizes(self) -> dict[str, Any]:
        return SHEETS if self.loaded.name == "sheets" else DISCS


def network(order: Order, regressor: BaseNetworkRegressor, image: str | None = None) -> Any:
    """A network behind the resampler, and behind the image with a scaling for it; errors are drawn anew."""
    regressor.set_params(random_state=order.seed)
    if order.epochs is not None and regressor.max_epochs > 1:
        regressor.set_params(max_epochs=order.epochs)
    steps = [] if image is None else [GAFTransformer(scaling=image)]
    pipeline = make_pipeline(order.loaded.resampler(), *steps, regressor)
    if not order.laboratory:
        return pipeline
    return AugmentedRegressor(pipeline, errors(TRAINING), random_state=order.seed)


def with_copies(order: Order, regressor: Any) -> Any:
    """What is no network, or is more than one, behind the resampler; errors are those of copies."""
    pipeline = make_pipeline(order.loaded.resampler(), regressor)
    if not order.laboratory:
        return pipeline
    return AugmentedRegressor(pipeline, errors(TRAINING), n_copies=N_COPIES, random_state=order.seed)


def gaussian_processes(order: Order) -> GaussianProcessCurveRegressor:
    return GaussianProcessCurveRegressor(
        n_components=order.sizes["gaussian processes"],
        n_target_components=order.sizes["targets"],
        max_inducing_points=1000 if order.laboratory else 5000,
        random_state=order.seed,
        **order.flow,
    )


def perceptrons(order: Order) -> MLPCurveRegressor:
    return MLPCurveRegressor(
        n_components=order.sizes["perceptrons"],
        n_target_components=order.sizes["targets"],
        random_state=order.seed,
        **order.flow,
    )


def stack(order: Order) -> CurveStackingRegressor:
    """The Gaussian processes, and what the network says differently, with as many steps as it takes alone."""
    secondary = Seq2SeqRegressor(random_state=order.seed, **order.flow)
    epochs = secondary.max_epochs if order.epochs is None else order.epochs
    secondary.set_params(max_epochs=max(1, round(epochs / (1 + N_COPIES))) if order.laboratory else epochs)
    return CurveStackingRegressor(gaussian_processes(order), secondary, cv=0.2, random_state=order.seed)


class Correlations(BaseEstimator):
    """Rp0.2, Rm and Ag as lines over what is read of the record, fitted to the same training curves without errors."""

    def fit(self, X: Any, y: dict[str, np.ndarray]) -> Self:
        """`y` are the properties of each curve, NaN where a metal has none."""
        self.fitted_ = {}
        for name, predictor in CORRELATIONS.items():
            known = np.flatnonzero(np.isfinite(y[name]))
            self.fitted_[name] = CorrelationRegressor(predictor).fit([X[i] for i in known], y[name][known])
        return self

    def predict(self, X: Any) -> dict[str, np.ndarray]:
        return {name: each.predict(X) for name, each in self.fitted_.items()}


def of_the_paper(cls: type[BaseNetworkRegressor]) -> BaseNetworkRegressor:
    """The paper's network, or a baseline with what the paper says of it, trained until its error stops falling.

    The paper describes the baselines by what they lack. What it says of its network is taken for them as well.
    """
    paper = Seq2SeqRegressor.paper(max_epochs=LONG, patience=PATIENCE)
    known = cls().get_params()
    parameters = {name: value for name, value in paper.get_params().items() if name in known}
    if not issubclass(cls, Seq2SeqRegressor | LSTMRegressor):
        given = parameters["net_params"]
        parameters["net_params"] = {k: v for k, v in given.items() if not k.startswith("module__")}
    return cls(**parameters)


def ours(cls: type[BaseNetworkRegressor], image: str | None = None, **changes: Any) -> Callable[[Order], Any]:
    return lambda order: network(order, cls(**changes, **order.flow), image)


def the_papers(cls: type[BaseNetworkRegressor], image: str | None = "sample") -> Callable[[Order], Any]:
    return lambda order: network(order, of_the_paper(cls), image)


MODELS: dict[str, tuple[str, Callable[[Order], Any]]] = {
    "network": ("ours: Seq2SeqRegressor as it is", ours(Seq2SeqRegressor)),
    "untrained": ("ours with a learning rate of 1e-12", ours(Seq2SeqRegressor, lr=1e-12, max_epochs=1)),
    "with-image": ("ours with the Gramian angular field", ours(Seq2SeqRegressor, "global")),
    "one-direction": (
        "ours without the encoder that reads from the end",
        ours(Seq2SeqRegressor, net_params={"module__bidirectional": False}),
    ),
    "gru": ("GRU encoder and decoder, without attention", ours(GRURegressor)),
    "transformer": ("encoder and decoder of a transformer", ours(TransformerRegressor)),
    "ann": ("fully connected layers", ours(ANNRegressor)),
    "perceptrons": ("MLPCurveRegressor: small perceptrons", lambda o: with_copies(o, perceptrons(o))),
    "gaussian-processes": ("mean of three sets of them", lambda o: with_copies(o, gaussian_processes(o))),
    "stack": ("Gaussian processes, and our network on them", lambda o: with_copies(o, stack(o))),
    "correlations": ("lines over Fe, Fm and um", lambda o: Correlations()),
    "paper-network": ("the paper's, as written", the_papers(Seq2SeqRegressor)),
    "paper-lstm": ("the paper's 1D LSTM", the_papers(LSTMRegressor, image=None)),
    "paper-gru": ("the paper's GRU", the_papers(GRURegressor)),
    "paper-transformer": ("the paper's Transformer", the_papers(TransformerRegressor)),
    "paper-ann": ("the paper's ANN", the_papers(ANNRegressor)),
}
