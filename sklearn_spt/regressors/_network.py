"""The regressor that all networks share."""

import math
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNetRegressor
from skorch.callbacks import EarlyStopping, GradientNormClipping, LRScheduler
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from ..utils.state import Anything, Array, Flag, Number, Record, StateError
from ..utils.validation import check_number, check_option, draw_seed
from ..utils.warnings import warn
from . import _scaling
from ._base import BaseCurveRegressor
from ._training import Batches, EpochBar, EpochTasks, StopOnDivergence
from ._trend import fit_trend, predict_trend, scores, whiten

try:
    # Experimental since scikit-learn 1.9.
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Stand in where scikit-learn has no callbacks."""
        return method


LOSSES = {"mse": torch.nn.MSELoss, "smooth_l1": torch.nn.SmoothL1Loss, "mae": torch.nn.L1Loss}
OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
# Parameters of skorch that the regressors set from their own.
OWNED = (
    "batch_size", "callbacks", "criterion", "device", "iterator_train", "iterator_valid", "lr", "max_epochs", "module",
    "optimizer", "train_split", "verbose",
)  # fmt: skip
# Curves whose states are held at once while predicting.
PREDICTION_BATCH = 256
# A network of a file may not have more numbers than this, however small the file.
_MAX_NUMBERS = 2**28


class BaseNetworkRegressor(CallbackSupportMixin, BaseCurveRegressor):
    """A network from curves to curves, trained through skorch, that keeps nothing but arrays and scalars.

    A subclass names its torch module and lists, in `_module_parameters`, those of its hyper-parameters that the module
    takes.
    """

    _module_class: ClassVar[type[torch.nn.Module]]
    _module_parameters: ClassVar[tuple[str, ...]]
    _takes_image: ClassVar[bool] = True
    _fitted_state = BaseCurveRegressor._fitted_state | {  # type: ignore[operator]
        "whiten_": Flag(),
        "trend_degree_": Number(kind=int, low=0),
        "trend_": Record(
            fields={
                "coef": Array(shape=("outputs", "terms"), optional=True),
                "intercept": Array(shape=("outputs",), optional=True),
                "score_bounds": Array(shape=(2, "components"), optional=True),
                "target_bounds": Array(shape=(2, "outputs"), optional=True),
            }
        ),
        "residual_mean_": Array(shape=("outputs",)),
        "residual_std_": Array(shape=("outputs",), above=0),
        # The network itself is built of the former and compared with the latter.
        "module_params_": Anything(kind=dict),
        "state_": Anything(kind=dict),
        "history_": Anything(kind=list),
        "n_epochs_": Number(kind=int, low=0),
    }

    def __init__(
        self,
        *,
        hidden_size: int,
        n_layers: int,
        dropout: float,
        conv_channels: int,
        input_scaling: str,
        target_scaling: str,
        elastic_modulus: float | str | None,
        strain: Any,
        n_components: int,
        trend_degree: int,
        whiten: bool,
        loss: str,
        optimizer: str,
        lr: float,
        weight_decay: float,
        lr_schedule: str,
        max_epochs: int,
        batch_size: int,
        gradient_clip: float | None,
        early_stopping: bool,
        validation_fraction: float,
        patience: int,
        device: str,
        random_state: Any,
        verbose: int,
        callbacks: Any,
        net_params: Any,
    ) -> None:
        self.hidden_size = hidden_size
        self.n_layers = n_layers
        self.dropout = dropout
        self.conv_channels = conv_channels
        self.input_scaling = input_scaling
        self.target_scaling = target_scaling
        self.elastic_modulus = elastic_modulus
        self.strain = strain
        self.n_components = n_components
        self.trend_degree = trend_degree
        self.whiten = whiten
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.gradient_clip = gradient_clip
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.net_params = net_params

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "state_")

    @with_callbacks
    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Loads of the curves on one grid of displacements, N; or channels with the load first, then descriptors,
            then, with `GAFTransformer`, the rows of the image.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress of each curve on one grid of true strain, MPa.
        groups : array-like of shape (n_curves,), default=None
            Curves of one group, such as those of one material, stay on one side when early stopping splits off its
            validation curves.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, or the data are not numbers of these shapes.
        RuntimeError
            If the training diverges.
        """
        self._check_parameters()
        n_points, curve, image, y = self._start_fit(X, y)
        # What validates the training has no part in any statistics.
        seed = draw_seed(self.random_state)
        train, valid = np.arange(len(y)), None
        if self.early_stopping:
            train, valid = self._split_validation(len(y), groups, seed)
        scaled, score, _ = self._learn_scalings(curve, y, train, self.n_components)
        self.whiten_ = bool(self.whiten)
        residual = _scaling.scale_target(y, self.target_scaling_, self.target_mean_, self.target_std_)
        self.trend_degree_, self.trend_ = fit_trend(score[train], residual[train], self.trend_degree)
        residual -= predict_trend(score, self.n_outputs_, self.trend_degree_, self.trend_)
        self.residual_mean_, self.residual_std_ = _scaling.learn_target_scaling(residual[train], "standard")
        inputs = torch.from_numpy(self._join(scaled, image, np.float32))
        targets = torch.from_numpy(((residual - self.residual_mean_) / self.residual_std_).astype(np.float32))

        self.module_params_ = {
            "n_points": n_points,
            "n_channels": curve.shape[2] * (1 + self.whiten_),
            "image": self.image_ and self._takes_image,
            "n_outputs": self.n_outputs_,
            **{name: _plain(getattr(self, name)) for name in self._module_parameters},
        }
        validation = None if valid is None else Dataset(inputs[valid], targets[valid])
        self._train(inputs[train], targets[train], validation, seed)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the true stress of curves.

        Runs on the CPU in double precision, so that the prediction for a curve does not depend, but for rounding, on
        the curves beside it. Of a curve that is unlike the training curves a `UserWarning` tells the index: a
        principal component of it lies beyond the training range by more than a quarter of that range. Its prediction
        is unreliable.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa.
        """
        far: list[np.ndarray] = []

        def predict_batch(module: torch.nn.Module, scaled: np.ndarray, inputs: torch.Tensor) -> np.ndarray:
            score = scores(scaled, self.components_)
            far.append(self._distance(score))
            trend = predict_trend(score, self.n_outputs_, self.trend_degree_, self.trend_)
            values = trend + module(inputs).numpy() * self.residual_std_ + self.residual_mean_
            return _scaling.unscale_target(values, self.target_scaling_, self.target_mean_, self.target_std_)

        y = self._run(X, predict_batch)
        self._warn_of(np.concatenate(far))
        return self._finish(y)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number(self, "hidden_size", int, low=1)
        check_number(self, "n_layers", int, low=1)
        check_number(self, "dropout", low=0, high=1, open_high=True)
        check_number(self, "conv_channels", int, low=0)
        check_number(self, "trend_degree", int, low=0)
        check_option(self, "whiten", (True, False))
        check_option(self, "loss", LOSSES)
        check_option(self, "optimizer", OPTIMIZERS)
        check_number(self, "lr", low=0, open_low=True)
        check_number(self, "weight_decay", low=0)
        check_option(self, "lr_schedule", ("constant", "onecycle", "cosine"))
        check_number(self, "max_epochs", int, low=1)
        check_number(self, "batch_size", int, low=1)
        check_number(self, "gradient_clip", low=0, open_low=True, none=True)
        check_option(self, "early_stopping", (True, False))
        check_number(self, "validation_fraction", low=0, high=1, open_low=True, open_high=True)
        check_number(self, "patience", int, low=1)
        check_number(self, "verbose", int, low=0)
        owned = sorted(name for name in self.net_params or {} if name in OWNED or name.startswith("module__"))
        if owned:
            raise ValueError(
                f"{type(self).__name__}: net_params may not set {', '.join(owned)}, which the estimator sets from "
                "parameters of its own; set those"
            )
        try:
            device = torch.device(self.device)
        except (RuntimeError, TypeError):
            raise ValueError(
                f"{type(self).__name__}: device must be a name that torch knows, such as 'cpu' or 'cuda'; "
                f"got {self.device!r}"
            ) from None
        if device.type == "cuda" and not torch.cuda.is_available():
            raise ValueError(f"{type(self).__name__}: device is {self.device!r}, but torch finds no CUDA device here")

    def _check_state(self) -> dict[str, int]:
        """As of all curve regressors; and the weights must be those of the network that the state describes.

        Compared with the network as built on torch's "meta" device, which allocates nothing: a hostile file must not
        make `predict` build a network, or the terms of a polynomial, that fill the memory.
        """
        sizes = super()._check_state()
        name = type(self).__name__
        try:
            shapes = {key: value.shape for key, value in self.state_.items()}
            # Each layer has weights of its own, so that more layers than arrays cannot be; and layers take time even
            # there.
            if self.module_params_["n_layers"] > len(shapes):
                raise ValueError("it has more layers than weights")
            with torch.device("meta"):
                module = self._module_class(**self.module_params_)
            expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
            # Not all is in the state: tables that a network computes for itself grow with its settings too.
            if sum(value.numel() for value in (*module.parameters(), *module.buffers())) > _MAX_NUMBERS:
                raise ValueError("it would be too large")
            finite = all(np.isfinite(value).all() for value in self.state_.values())
        # Values of any type and size reach the constructors of torch's layers here.
        except Exception as error:
            raise StateError(f"the network of its {name} cannot be built ({error})") from error
        degree = self.trend_degree_
        n_terms = math.comb(sizes["components"] + degree, degree) - 1
        if shapes != expected or (degree and np.shape(self.trend_.get("coef", 0)) != (self.n_outputs_, n_terms)):
            raise StateError(f"the weights of its {name} do not fit its network")
        if not finite:
            raise StateError(f"its {name} has numbers that none can have (state_)")
        return sizes

    def _join(self, scaled: np.ndarray, image: np.ndarray | None, dtype: Any) -> np.ndarray:
        """Put the channels of the network's input together."""
        parts = [scaled]
        if self.whiten_:
            parts.append(whiten(scaled, self.components_))
        if image is not None:
            parts.append(image)
        return np.concatenate([part.astype(dtype, copy=False) for part in parts], axis=2)

    def _train(self, inputs: torch.Tensor, targets: torch.Tensor, validation: Dataset | None, seed: int) -> None:
        callbacks: list[Any] = [("divergence", StopOnDivergence())]
        steps = self.max_epochs * -(-len(inputs) // self.batch_size)
        if self.lr_schedule == "onecycle":
            # At least the two steps that a cycle has.
            settings = {"max_lr": self.lr, "total_steps": max(steps, 2) + 1}
            callbacks.append(
                ("schedule", LRScheduler(torch.optim.lr_scheduler.OneCycleLR, step_every="batch", **settings))
            )
        elif self.lr_schedule == "cosine":
            callbacks.append(
                ("schedule", LRScheduler(torch.optim.lr_scheduler.CosineAnnealingLR, step_every="batch", T_max=steps))
            )
        if self.gradient_clip is not None:
            callbacks.append(("clip", GradientNormClipping(self.gradient_clip)))
        early = EarlyStopping(patience=self.patience, load_best=True, sink=lambda message: None)
        if self.early_stopping:
            callbacks.append(("early_stopping", early))
        if self.verbose:
            callbacks.append(("bar", EpochBar(type(self).__name__)))
        context = None
        if hasattr(self, "_init_callback_context"):
            context = self._init_callback_context(max_subtasks=self.max_epochs)
            context.call_on_fit_task_begin(estimator=self)
            callbacks.append(("tasks", EpochTasks(self, context)))
        callbacks += list(self.callbacks or [])

        cuda = torch.device(self.device).type == "cuda"
        with torch.random.fork_rng(devices=[torch.device(self.device)] if cuda else []):
            torch.manual_seed(seed)
            net = NeuralNetRegressor(
                **{
                    "module": self._module_class,
                    **{f"module__{name}": value for name, value in self.module_params_.items()},
                    "criterion": LOSSES[self.loss],
                    "optimizer": OPTIMIZERS[self.optimizer],
                    "optimizer__weight_decay": self.weight_decay,
                    # One pass over the weights per step, not a dozen.
                    "optimizer__fused": True,
                    "lr": self.lr,
                    "max_epochs": self.max_epochs,
                    "batch_size": self.batch_size,
                    "iterator_train": Batches,
                    "iterator_train__shuffle": True,
                    "iterator_valid": Batches,
                    "train_split": None if validation is None else predefined_split(validation),
                    "callbacks": callbacks,
                    "device": self.device,
                    "verbose": 0,
                    **(self.net_params or {}),
                }
            )
            net.fit(inputs, targets)

        self.history_ = [
            {key: value for key, value in epoch.items() if isinstance(value, int | float) and "batch" not in key}
            for epoch in net.history
        ]
        self.n_epochs_ = len(self.history_)
        self.state_ = {name: value.detach().cpu().numpy() for name, value in net.module_.state_dict().items()}
        stopped_early = self.early_stopping and early.misses_ >= self.patience
        if self.n_epochs_ < self.max_epochs and not stopped_early:
            warn(
                f"the training ended after {self.n_epochs_} of {self.max_epochs} epochs: it was interrupted, or a "
                "callback stopped it. The estimator keeps the weights it had then",
                UserWarning,
                stacklevel=3,
            )
        if context is not None:
            context.call_on_fit_task_end(estimator=self)

    def _split_validation(self, n: int, groups: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
        settings = {"n_splits": 1, "test_size": self.validation_fraction, "random_state": seed}
        splitter = ShuffleSplit(**settings) if groups is None else GroupShuffleSplit(**settings)
        return next(splitter.split(np.zeros(n), groups=groups))

    def _run(self, X: Any, function: Any) -> np.ndarray:
        """Apply a function of the network, the scaled curves and the network's input, batch by batch."""
        check_is_fitted(self)
        X = self._validate(X)
        module = self._rebuild()
        results = []
        with torch.inference_mode():
            for start in range(0, len(X), PREDICTION_BATCH):
                curve, image = self._split_channels(X[start : start + PREDICTION_BATCH])
                scaled = self._scale(curve)
                results.append(function(module, scaled, torch.from_numpy(self._join(scaled, image, np.float64))))
        return np.concatenate(results)

    def _rebuild(self) -> torch.nn.Module:
        """Return the network in double precision, built from the fitted state."""
        # On the meta device a module has no weights: nothing is drawn and thrown away, and building takes no time.
        with torch.device("meta"):
            module = self._module_class(**self.module_params_)
        weights = {name: torch.from_numpy(value.astype(np.float64)) for name, value in self.state_.items()}
        module.load_state_dict(weights, assign=True)
        return module.eval()


def _plain(value: Any) -> Any:
    """Make numpy's numbers Python's own, which torch asks for."""
    return value.item() if isinstance(value, np.generic) else value
