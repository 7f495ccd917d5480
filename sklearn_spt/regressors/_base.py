"""The regressor that all networks share."""

import warnings
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from skorch import NeuralNetRegressor
from skorch.callbacks import EarlyStopping, GradientNormClipping, LRScheduler
from skorch.dataset import Dataset
from skorch.helper import predefined_split

from .._validation import check_finite, check_number, check_option
from .._warnings import name_curves
from ..curves import SPTCurve
from ..mechanics._flow_curve import check_hooke, check_strain, from_flow_curve, to_flow_curve
from . import _scaling
from ._training import Batches, EpochBar, EpochTasks, StopOnDivergence
from ._trend import SCORE_MARGIN, fit_components, fit_trend, predict_trend, scores, whiten

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
# How far, in units of the training range, a curve may lie outside it before `predict` warns.
FAR = SCORE_MARGIN
# Parameters of skorch that the regressors set from their own.
OWNED = (
    "batch_size", "callbacks", "criterion", "device", "iterator_train", "iterator_valid", "lr", "max_epochs", "module",
    "optimizer", "train_split", "verbose",
)  # fmt: skip
# Curves whose states are held at once while predicting.
PREDICTION_BATCH = 256


class BaseCurveRegressor(CallbackSupportMixin, RegressorMixin, BaseEstimator):
    """A network from curves to curves, trained through skorch, that keeps nothing but arrays and scalars.

    A subclass names its torch module and lists, in `_module_parameters`, those of its hyper-parameters that the module
    takes.
    """

    _module_class: ClassVar[type[torch.nn.Module]]
    _module_parameters: ClassVar[tuple[str, ...]]
    # Whether the network has a branch for the image; without one, the image is left out of the input.
    _takes_image: ClassVar[bool] = True

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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

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
        X, y = self._validate(X, y, fitting=True)
        self.y_ndim_ = y.ndim
        y = y.reshape(len(y), -1).astype(np.float64)
        if hasattr(self, "flow_"):
            del self.flow_
        if self.elastic_modulus is not None:
            strain = check_strain(type(self).__name__, self.strain, y.shape[1])
            check_hooke(type(self).__name__, y, strain, self.elastic_modulus)
            y = to_flow_curve(y, strain, self.elastic_modulus)
            self.flow_: dict[str, Any] = {"strain": strain, "elastic_modulus": self.elastic_modulus}
        self.n_outputs_ = y.shape[1]
        self.n_channels_ = 1 if X.ndim == 2 else X.shape[2]
        self.image_ = self._find_image(X)
        curve, image = self._split_channels(X)

        self.input_scaling_ = self._choose_scaling("input_scaling", curve[:, :, 0], "X")
        self.target_scaling_ = self._choose_scaling("target_scaling", y, "y")
        # What validates the training has no part in any statistics.
        seed = self._draw_seed()
        train, valid = np.arange(len(y)), None
        if self.early_stopping:
            train, valid = self._split_validation(len(y), groups, seed)
        self.input_linear_, self.input_mean_, self.input_std_ = _scaling.learn_input_scaling(
            curve[train], self.input_scaling_
        )
        self.target_mean_, self.target_std_ = _scaling.learn_target_scaling(y[train], self.target_scaling_)
        scaled = self._scale(curve)
        self.components_ = fit_components(scaled[train], self.n_components)
        self.whiten_ = bool(self.whiten)
        score = scores(scaled, self.components_)
        self.score_range_ = np.stack([score[train].min(axis=0), score[train].max(axis=0)])
        residual = _scaling.scale_target(y, self.target_scaling_, self.target_mean_, self.target_std_)
        self.trend_degree_, self.trend_ = fit_trend(score[train], residual[train], self.trend_degree)
        residual -= predict_trend(score, self.n_outputs_, self.trend_degree_, self.trend_)
        self.residual_mean_, self.residual_std_ = _scaling.learn_target_scaling(residual[train], "standard")
        inputs = torch.from_numpy(self._join(scaled, image, np.float32))
        targets = torch.from_numpy(((residual - self.residual_mean_) / self.residual_std_).astype(np.float32))

        self.module_params_ = {
            "n_points": X.shape[1],
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
        means little.

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
        if hasattr(self, "flow_"):
            y = from_flow_curve(y, **self.flow_)
        self._warn_of(np.concatenate(far))
        return y.reshape(-1) if self.y_ndim_ == 1 else y

    def flow_strain(self, X: Any) -> np.ndarray:
        """True strains of the network's own targets with `elastic_modulus`: from yielding to the last strain.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training.

        Returns
        -------
        strain : ndarray of shape (n_curves, n_flow_points)
            Total strains, evenly spaced in their logarithms, see `FlowCurveTransformer`.

        Raises
        ------
        ValueError
            If the regressor was fitted without `elastic_modulus`.
        """
        check_is_fitted(self)
        if not hasattr(self, "flow_"):
            raise ValueError(f"{type(self).__name__}: there is a flow curve with elastic_modulus only")
        grid, modulus = self.flow_["strain"], self.flow_["elastic_modulus"]
        columns = to_flow_curve(self.predict(X), grid, modulus)
        if isinstance(modulus, str):
            modulus, columns = columns[:, 0], columns[:, 1:]
        # A curve that does not yield has no flow curve; its strains still rise.
        start = np.minimum(columns[:, 0] / modulus, 0.999 * grid[-1])
        return np.geomspace(start, grid[-1], columns.shape[1], axis=1)

    def _distance(self, score: np.ndarray) -> np.ndarray:
        """How far each curve lies outside the training range, in units of that range."""
        low, high = self.score_range_
        span = np.where(high > low, high - low, 1.0)
        return (np.maximum(low - score, score - high) / span).max(axis=1, initial=0.0)

    def _warn_of(self, distance: np.ndarray) -> None:
        far = np.flatnonzero(distance > FAR)
        if not far.size:
            return
        are, them = ("is", "it") if far.size == 1 else ("are", "them")
        which = f"the curve is unlike the training curves (by {distance.max():.1f}"
        if len(distance) > 1:
            which = (
                f"{far.size} of {len(distance)} curves {are} unlike the training curves ({name_curves(far)}; at worst "
                f"by {distance.max():.1f}"
            )
        warnings.warn(
            f"{type(self).__name__}: {which} times the training range beyond it); what is "
            f"predicted for {them} means little. Check units, thickness, and the start of the record (toe, compliance)",
            UserWarning,
            stacklevel=3,
        )

    def _check_parameters(self) -> None:
        check_number(self, "hidden_size", int, low=1)
        check_number(self, "n_layers", int, low=1)
        check_number(self, "dropout", low=0, high=1, open_high=True)
        check_number(self, "conv_channels", int, low=0)
        check_option(self, "input_scaling", ("auto", "log", "standard"))
        check_option(self, "target_scaling", ("auto", "log", "standard"))
        if isinstance(self.elastic_modulus, str):
            check_option(self, "elastic_modulus", ("curve",))
        else:
            check_number(self, "elastic_modulus", low=0, open_low=True, none=True)
        check_number(self, "n_components", int, low=1)
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

    def _validate(self, X: Any, y: Any = None, fitting: bool = False) -> Any:
        """Validate the input; report what is not finite by the curve that holds it."""
        if isinstance(X, SPTCurve) or (isinstance(X, list | tuple) and any(isinstance(x, SPTCurve) for x in X)):
            raise TypeError(
                f"{type(self).__name__} takes curves on one grid of displacements; put a CurveResampler before it: "
                "Pipeline([('resample', CurveResampler()), ('regressor', ...)])"
            )
        if fitting and y is not None:
            self._check_targets(y)
        settings: dict[str, Any] = {"allow_nd": True, "dtype": (np.float64, np.float32), "ensure_all_finite": False}
        if fitting:
            X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, **settings)
        else:
            X = validate_data(self, X, reset=False, **settings)
        if X.ndim > 3:
            raise ValueError(
                f"{type(self).__name__}: X must be (n_curves, n_points) or (n_curves, n_points, n_channels); "
                f"got shape {X.shape}"
            )
        check_finite(self, X)
        n_channels = 1 if X.ndim == 2 else X.shape[2]
        if X.ndim == 3 and n_channels == X.shape[1] > 1:
            raise ValueError(
                f"{type(self).__name__}: X has as many channels as points ({n_channels}), which is an image without "
                "its curve; use GAFTransformer(output='append')"
            )
        if X.ndim == 3 and n_channels == 2 and len(X) > 1 and X.shape[1] > 2:
            first = X[:, :, 0]
            if np.all(np.diff(first[0]) > 0) and np.allclose(first, first[0], rtol=1e-9, atol=0):
                raise ValueError(
                    f"{type(self).__name__}: channel 0 of X increases and is the same for all curves, like a "
                    "displacement; it must be the load. Put a CurveResampler before, which takes (n_curves, n_points, "
                    "2) arrays of displacement and load"
                )
        if not fitting and n_channels != self.n_channels_:
            raise ValueError(
                f"X has {n_channels} channels, but {type(self).__name__} was fitted with {self.n_channels_}; use the "
                "transformers and descriptors of the training"
            )
        return (X, y) if fitting else X

    def _check_targets(self, y: Any) -> None:
        """Name the curve whose target is at fault, which scikit-learn's own checks do not."""
        if isinstance(y, list | tuple):
            lengths = [np.size(row) for row in y]
            odd = [index for index, length in enumerate(lengths) if length != lengths[0]]
            if odd:
                raise ValueError(
                    f"y[{odd[0]}] has {lengths[odd[0]]} stresses and y[0] has {lengths[0]}; give all targets on one "
                    "grid of strains"
                )
        values = np.asarray(y)
        if values.dtype.kind != "f" or values.ndim not in (1, 2) or np.isfinite(values).all():
            return
        bad = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
        kind = "NaN" if np.isnan(values[bad[0]]).any() else "infinity"
        raise ValueError(
            f"Input y contains {kind} in the target of curve {bad[0]} ({bad.size} such targets); leave these curves out"
        )

    def _find_image(self, X: np.ndarray) -> bool:
        return X.ndim == 3 and X.shape[2] > X.shape[1]

    def _split_channels(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Split into the channels of the curve and, where there is one, the image."""
        if X.ndim == 2:
            return X[:, :, None], None
        if not self.image_:
            return X, None
        n = X.shape[2] - X.shape[1]
        return X[:, :, :n], X[:, :, n:] if self._takes_image else None

    def _choose_scaling(self, name: str, values: np.ndarray, what: str) -> str:
        scaling = getattr(self, name)
        if name == "input_scaling":
            # The logarithm of the input is bent near zero, so that only signed data speak against it.
            return (
                ("log" if values.mean() > 0 and (values < 0).mean() < 0.1 else "standard")
                if scaling == "auto"
                else scaling
            )
        if scaling == "auto":
            return "log" if (values > 0).all() else "standard"
        if scaling == "log" and not (values > 0).all():
            curve = int(np.flatnonzero(~(values > 0).all(axis=1))[0])
            raise ValueError(
                f"{type(self).__name__}: target_scaling='log' needs positive targets, but {what}[{curve}] has values "
                f"down to {values[curve].min():g}; use target_scaling='standard'"
            )
        return scaling

    def _scale(self, curve: np.ndarray) -> np.ndarray:
        return _scaling.scale_input(curve, self.input_linear_, self.input_mean_, self.input_std_)

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
            warnings.warn(
                f"the training ended after {self.n_epochs_} of {self.max_epochs} epochs: it was interrupted, or a "
                "callback stopped it. The estimator keeps the weights it had then",
                UserWarning,
                stacklevel=3,
            )
        if context is not None:
            context.call_on_fit_task_end(estimator=self)

    def _draw_seed(self) -> int:
        if self.random_state is None:
            # Fresh entropy: scikit-learn's default would draw from, and so change, numpy's global state.
            return int(np.random.default_rng().integers(2**31))
        return int(check_random_state(self.random_state).randint(2**31 - 1))

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
