"""The regressor that all networks share."""

import inspect
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import torch
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNetRegressor
from skorch.callbacks import Callback, EarlyStopping, GradientNormClipping, LRScheduler
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from ..networks import build, threads
from ..utils.parameters import Count, NotNegative, NotNegativeCount, ParameterError, Positive, Share, Switch
from ..utils.state import Anything, Array, Choice, Flag, Number, Record, StateError
from ..utils.validation import draw_seed
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
Decoder = Annotated[str, Choice(options=("parallel", "autoregressive"))]
# What skorch is told by parameters of the regressors, all that belongs to these parts included; of optimizer and
# criterion only what is named.
OWNED = {
    "batch_size", "callbacks", "device", "iterator_train", "iterator_valid", "lr", "max_epochs", "module",
    "train_split", "verbose",
}  # fmt: skip
OWNED_NAMES = {"criterion", "optimizer", "optimizer__fused", "optimizer__lr", "optimizer__weight_decay"}
# Curves whose states are held at once while predicting.
PREDICTION_BATCH = 256
# A network of a file may not have more numbers than this, however small the file.
_MAX_NUMBERS = 2**28


class BaseNetworkRegressor(CallbackSupportMixin, BaseCurveRegressor):
    """A network from curves to curves, trained through skorch, that keeps nothing but arrays and scalars.

    A subclass names its torch module, which is built with those of its hyper-parameters that it takes.
    """

    _: KW_ONLY
    hidden_size: Count
    n_layers: Count
    conv_channels: NotNegativeCount = 16
    dropout: Annotated[float, Number(low=0, below=1)] = 0.0
    n_components: Count = 5
    trend_degree: NotNegativeCount = 0
    whiten: Switch = False
    loss: Annotated[str, Choice(options=tuple(LOSSES))] = "smooth_l1"
    optimizer: Annotated[str, Choice(options=tuple(OPTIMIZERS))] = "adamw"
    lr: Positive
    weight_decay: NotNegative = 0.01
    lr_schedule: Annotated[str, Choice(options=("constant", "onecycle", "cosine"))] = "onecycle"
    max_epochs: Count = 400
    batch_size: Count = 32
    gradient_clip: Annotated[float | None, Number(above=0, none=True)] = 1.0
    early_stopping: Switch = False
    validation_fraction: Share = 0.1
    patience: Count = 50
    device: str = "cpu"
    n_threads: Count = 1
    verbose: NotNegativeCount = 0
    callbacks: Annotated[Sequence[Any] | None, Anything(kind=(list, tuple), none=True)] = None
    net_params: Annotated[dict[str, Any] | None, Anything(kind=dict, none=True)] = None

    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}
    _module_class: ClassVar[type[torch.nn.Module]]
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
        with threads(self.n_threads):
            self._fit(X, y, groups)
        return self

    def _fit(self, X: Any, y: Any, groups: Any) -> None:
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

        taken = inspect.signature(self._module_class).parameters
        self.module_params_ = {
            "n_points": n_points,
            "n_channels": curve.shape[2] * (1 + self.whiten_),
            "image": self.image_ and self._takes_image,
            "n_outputs": self.n_outputs_,
            **{name: _plain(value) for name, value in self.get_params().items() if name in taken},
        }
        validation = None if valid is None else Dataset(inputs[valid], targets[valid])
        self._train(inputs[train], targets[train], validation, seed)

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
        n_heads = getattr(self, "n_heads", 1)
        if self.hidden_size % n_heads:
            raise ValueError(
                f"{type(self).__name__}: n_heads must divide hidden_size; got {n_heads} and {self.hidden_size}"
            )
        odd = [each for each in self.callbacks or () if not _is_callback(each)]
        if odd:
            raise ParameterError(
                f"{type(self).__name__}: callbacks must be skorch callbacks, or pairs of a name and one; got {odd[0]!r}"
            )
        given = self.net_params or {}
        owned = sorted(name for name in given if str(name).split("__")[0] in OWNED or name in OWNED_NAMES)
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

        network = build(self._module_class, seed, self.device, **self.module_params_)
        net = NeuralNetRegressor(
            **{
                "module": network,
                "criterion": LOSSES[self.loss],
                "optimizer": OPTIMIZERS[self.optimizer],
                "optimizer__weight_decay": self.weight_decay,
                # One pass over the weights per step, not a dozen.
                "optimizer__fused": True,
                "lr": self.lr,
                "max_epochs": self.max_epochs,
                "batch_size": self.batch_size,
                "iterator_train": Batches,
                "iterator_train__shuffle": torch.Generator().manual_seed(seed),
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
        with threads(self.n_threads), torch.inference_mode():
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


def _is_callback(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        value = value[1]
    return isinstance(value, Callback) or (isinstance(value, type) and issubclass(value, Callback))


def _plain(value: Any) -> Any:
    """Make numpy's numbers Python's own, which torch asks for."""
    return value.item() if isinstance(value, np.generic) else value
