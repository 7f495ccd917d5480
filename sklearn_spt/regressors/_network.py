"""The regressor that all networks share."""

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from weakref import WeakKeyDictionary

import numpy as np
import torch
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNetRegressor
from skorch.callbacks import Callback, GradientNormClipping
from skorch.helper import predefined_split

from ..exceptions import Message, Parameter
from ..networks import build, skeleton, threads
from ..utils.parameters import Count, NotNegativeCount, ParameterError, Positive
from ..utils.state import Anything, Array, Choice, Number, StateError
from ..utils.validation import check_any_recorded, check_recorded, draw_seed
from ..utils.warnings import warn
from . import _scaling
from ._base import BaseCurveRegressor
from ._scores import scores
from ._training import (
    Batches,
    Checkpoint,
    Curves,
    EarlyStopping,
    End,
    EpochBar,
    Epochs,
    EpochTasks,
    OneCycle,
    plain_epoch,
)

try:
    # Experimental since scikit-learn 1.9.
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Stand in where scikit-learn has no callbacks."""
        return method


Decoder = Annotated[str, Choice(options=("parallel", "autoregressive"))]
# What skorch is told by parameters of the regressors, all that belongs to these parts included; of others only what is
# named.
OWNED = {"batch_size", "device", "iterator_train", "iterator_valid", "lr", "max_epochs", "train_split", "verbose"}
OWNED_NAMES = {
    "callbacks__bar", "callbacks__checkpoint", "callbacks__early_stopping", "callbacks__end", "callbacks__epochs",
    "callbacks__schedule", "callbacks__tasks", "module", "module__masked", "optimizer__lr",
}  # fmt: skip
# What the name of a class in net_params may stand for.
NAMED: dict[str, tuple[Any, type]] = {
    "criterion": (torch.nn, torch.nn.Module), "optimizer": (torch.optim, torch.optim.Optimizer)
}  # fmt: skip
# Curves whose states are held at once while predicting: those of more do not fit the processor's cache.
PREDICTION_BATCH = 64
# Principal components of the loads by which a curve counts as unlike those of the training.
N_COMPONENTS = 5
# So many of the training records, and so large a part of them, have to have a load at a point, or there is nothing to
# learn of it.
_FEW, _RARE = 5, 0.01
# Share of the curves that early stopping validates on.
VALIDATION = 0.1
# Scaled errors below this weigh by their square, those above by their size.
_BETA = 0.05
_GRADIENT_NORM = 1.0
_WEIGHT_DECAY = 1e-3
# A network of a file may not have more numbers than this, however small the file.
_MAX_NUMBERS = 2**28

# The networks of fitted regressors, which hold plain arrays, beside the weights that they were built from.
_BUILT: WeakKeyDictionary[Any, tuple[dict[str, np.ndarray], torch.nn.Module]] = WeakKeyDictionary()
Redraw = Callable[[np.ndarray, np.random.Generator], Any]


class BaseNetworkRegressor(CallbackSupportMixin, BaseCurveRegressor):
    """A network from curves to curves, trained through skorch, that keeps nothing but arrays and scalars.

    A subclass names its torch module, which is built with those of its hyper-parameters that it takes.
    """

    _: KW_ONLY
    hidden_size: Count
    n_layers: Count
    conv_channels: NotNegativeCount = 16
    dropout: Annotated[float, Number(low=0, below=1)] = 0.0
    input_scaling: Annotated[str, Choice(options=("rich", "standard"))] = "rich"
    lr: Positive
    lr_schedule: Annotated[str, Choice(options=("onecycle", "constant"))] = "onecycle"
    max_epochs: Count = 400
    batch_size: Count = 32
    patience: Annotated[int | None, Number(kind=int, low=1, none=True)] = None
    device: str = "cpu"
    n_threads: Count = 1
    verbose: NotNegativeCount = 0
    net_params: Annotated[dict[str, Any] | None, Anything(kind=dict, none=True)] = None

    # With metadata routing, groups are asked for unless the user says otherwise.
    __metadata_request__fit: ClassVar[dict[str, bool]] = {"groups": True}
    _module_class: ClassVar[type[torch.nn.Module]]
    _takes_image: ClassVar[bool] = True
    _fitted_state = BaseCurveRegressor._fitted_state | {  # type: ignore[operator]
        "views_mean_": Array(shape=("points", "views")),
        "views_std_": Array(shape=("points", "views"), above=0),
        # The network itself is built of the former and compared with the latter.
        "module_params_": Anything(kind=dict),
        "state_": Anything(kind=dict),
        "reached_": Array(shape=("points",), kind="b", none=True, optional=True),
        "history_": Anything(kind=list),
        "n_epochs_": Number(kind=int, low=0),
    }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "state_")

    @property
    def target_scaling(self) -> str:
        """Flow curves are learned in their logarithm, where they have one; other targets as they are."""
        return "standard" if self.elastic_modulus is None else "auto"

    @with_callbacks
    def fit(
        self, X: Any, y: Any, groups: Any = None, *, redraw: Redraw | None = None, checkpoint: str | Path | None = None
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Loads of the curves on one grid of displacements, N; or channels with the load first, then descriptors,
            then, with `GAFTransformer`, the rows of the image. A load is NaN where the record has none
            (``CurveResampler(ends="mask")``): the network then learns to do without, and takes such records in
            `predict`.
        y : array-like of shape (n_curves, n_strains) or (n_curves,)
            True stress of each curve on one grid of true strain, MPa.
        groups : array-like of shape (n_curves,), default=None
            Curves of one group, such as those of one material, stay on one side when early stopping splits off its
            validation curves.
        redraw : callable, default=None
            Gives curves with errors of measurement that are drawn anew, for every batch: called with the indices of
            curves, an ndarray of ints, and a `numpy.random.Generator`, it returns an array like `X` of these. See
            `AugmentedRegressor`, which sets it.
        checkpoint : path-like, default=None
            File in which the training keeps where it stands, every half a minute and at its end. A `fit` with the same
            data and parameters goes on from there, and gives what the uninterrupted one gives. With
            ``random_state=None`` there is no going on.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not what it may be, the data are not numbers of these shapes, or the checkpoint is damaged
            or of another training.
        RuntimeError
            If the training diverges.
        """
        self._check_parameters()
        with threads(self.n_threads):
            self._fit(X, y, groups, redraw, None if checkpoint is None else Path(checkpoint))
        return self

    def _fit(self, X: Any, y: Any, groups: Any, redraw: Redraw | None, checkpoint: Path | None) -> None:
        n_points, curve, image, y = self._start_fit(X, y)
        # What validates the training has no part in any statistics.
        seed = draw_seed(self.random_state)
        train, valid = np.arange(len(y)), None
        if self.patience is not None:
            train, valid = self._split_validation(len(y), groups, seed)
        self._learn_reached(curve, train)
        curve = self._read(curve)
        self._learn_scalings(curve, y, train, N_COMPONENTS)
        self.views_mean_, self.views_std_ = _scaling.moments(self._views(curve[train]))
        inputs = self._inputs(curve, image, np.float32)
        targets = _scaling.scale_target(y, self.target_scaling_, self.target_mean_, self.target_std_)
        targets = targets.astype(np.float32)

        taken = inspect.signature(self._module_class).parameters
        given = self.net_params or {}
        self.module_params_ = {
            "n_points": n_points,
            "n_channels": inputs.shape[2] - (0 if image is None else image.shape[2]),
            "image": image is not None,
            "masked": self.reached_ is not None,
            "n_outputs": self.n_outputs_,
            **{name: _plain(value) for name, value in self.get_params().items() if name in taken},
            **{name.removeprefix("module__"): value for name, value in given.items() if name.startswith("module__")},
        }

        def drawn(part: np.ndarray, random: np.random.Generator) -> np.ndarray:
            assert redraw is not None
            again = np.asarray(redraw(train[part], random), dtype=np.float64)
            self._check_numbers(again, fitting=False)
            curve, image = self._split_channels(again)
            return self._inputs(self._read(curve), image, np.float32)

        curves = Curves(inputs[train], targets[train], seed, None if redraw is None else drawn)
        validation = None if valid is None else Curves(inputs[valid], targets[valid], seed)
        self._train(curves, validation, seed, checkpoint)

    def predict(self, X: Any, *, strain: Any = None) -> np.ndarray:
        """Predict the true stress of curves.

        Runs on the CPU and in double precision, so that the prediction for a curve does not depend on the curves beside
        it. Of a curve that is unlike the training curves a `UserWarning` tells the index: a principal component of it
        lies beyond the training range by more than a quarter of that range. Its prediction is unreliable.

        Parameters
        ----------
        X : array-like of shape (n_curves, n_points) or (n_curves, n_points, n_channels)
            Curves on the grid, and with the channels, of the training. Loads may be NaN if some of the training were.
        strain : array-like of shape (n_strains,), default=None
            True total strains to predict the stress at, in any order, up to the last one of the training; with
            `elastic_modulus` only. By default those of the training.

        Returns
        -------
        y : ndarray of shape (n_curves, n_strains) or (n_curves,)
            True stress, MPa. With `elastic_modulus` it never falls, unless that of training curves did.
        """
        far: list[np.ndarray] = []

        def predict_batch(module: torch.nn.Module, curve: np.ndarray, inputs: torch.Tensor) -> np.ndarray:
            far.append(self._distance(scores(self._scale(curve), self.components_)))
            values = module(inputs).numpy()
            return _scaling.unscale_target(values, self.target_scaling_, self.target_mean_, self.target_std_)

        y = self._run(X, predict_batch)
        self._warn_of(np.concatenate(far))
        return self._finish(y, strain)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        n_heads = getattr(self, "n_heads", 1)
        if self.hidden_size % n_heads:
            raise ValueError(
                f"{type(self).__name__}: n_heads must divide hidden_size; got {n_heads} and {self.hidden_size}"
            )
        odd = (self.net_params or {}).get("callbacks") or []
        odd = [each for each in odd if not _is_callback(each)] if isinstance(odd, list | tuple) else [odd]
        if odd:
            raise ParameterError(
                f"{type(self).__name__}: net_params: callbacks must be a list of skorch callbacks, or of pairs of a "
                f"name and one; got {odd[0]!r}"
            )
        for name in NAMED:
            _of_torch(type(self).__name__, name, (self.net_params or {}).get(name))
        taken = inspect.signature(self._module_class).parameters
        settable = {f"module__{name}" for name, value in taken.items() if value.default is not value.empty}
        settable -= {f"module__{name}" for name in self.get_params()}
        given = map(str, self.net_params or {})
        owned = sorted(
            name
            for name in given
            if name.split("__")[0] in OWNED
            or name in OWNED_NAMES
            or (name.startswith("module__") and name not in settable)
        )
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
        make `predict` build a network that fills the memory.
        """
        sizes = super()._check_state()
        name = type(self).__name__
        try:
            shapes = {key: value.shape for key, value in self.state_.items()}
            # Each layer has weights of its own, so that more layers than arrays cannot be; and layers take time even
            # there.
            if self.module_params_["n_layers"] > len(shapes):
                raise ValueError("it has more layers than weights")
            module = skeleton(self._module_class, **self.module_params_)
            expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
            # Not all is in the state: tables that a network computes for itself grow with its settings too.
            if sum(value.numel() for value in (*module.parameters(), *module.buffers())) > _MAX_NUMBERS:
                raise ValueError("it would be too large")
            finite = all(np.isfinite(value).all() for value in self.state_.values())
            masked = self.module_params_.get("masked", False)
        # Values of any type and size reach the constructors of torch's layers here.
        except Exception as error:
            raise StateError(f"the network of its {name} cannot be built ({error})") from error
        if shapes != expected:
            raise StateError(f"the weights of its {name} do not fit its network")
        if not finite:
            raise StateError(f"its {name} has numbers that none can have (state_)")
        if masked is not (self._reached is not None):
            raise StateError(f"the arrays of its {name} do not fit one another (reached_)")
        return sizes

    def _choose_scaling(self, name: str, values: np.ndarray, what: str) -> str:
        # "rich" has the logarithm where the loads have one.
        if name == "input_scaling":
            values = values[~np.isnan(values)]
            return "log" if values.mean() > 0 and (values < 0).mean() < 0.1 else "standard"
        return super()._choose_scaling(name, values, what)

    @property
    def _reached(self) -> np.ndarray | None:
        # Models of before do not know it, and take complete records only.
        return getattr(self, "reached_", None)

    def _check_numbers(self, X: np.ndarray, fitting: bool) -> None:
        """Loads may be missing, if some of the training were."""
        n_points = X.shape[1]
        load, others, image = X if X.ndim == 2 else X[:, :, 0], None, None
        if X.ndim == 3:
            n = X.shape[2] - n_points if self._find_image(X) else X.shape[2]
            others, image = X[:, :, 1:n], X[:, :, n:] if n < X.shape[2] else None
        missing = check_recorded(self, load, others, image)
        if fitting or not missing.any():
            return
        if self._reached is None:
            short = np.flatnonzero(missing.any(axis=1))
            raise ValueError(
                Message(
                    f"Input X contains NaN in curve {short[0]} ({short.size} such "
                    f"{'curve' if short.size == 1 else 'curves'}): points that the record lacks. None of those that "
                    f"{type(self).__name__} was trained with lacked one; train with such records, too, or let the "
                    "resampler hold their last load with ", Parameter("ends", "hold"),
                )
            )  # fmt: skip
        # Of points that are not those of the training it is said later.
        if n_points == len(self._reached):
            check_any_recorded(self, ~missing & self._reached)

    def _learn_reached(self, curve: np.ndarray, train: np.ndarray) -> None:
        """Learn at which points enough of the training records have a load."""
        missing = np.isnan(curve[:, :, 0])
        self.reached_: np.ndarray | None = None
        if missing.any():
            least = min(max(_FEW, _RARE * len(train)), len(train))
            self.reached_ = (~missing[train]).sum(axis=0) >= least
            check_any_recorded(self, ~missing & self.reached_)

    def _read(self, curve: np.ndarray) -> np.ndarray:
        """The channels of curves, without loads where there was nothing to learn of them."""
        if self._reached is None or self._reached.all():
            return curve
        curve = curve.copy()
        curve[:, ~self._reached, 0] = np.nan
        return curve

    def _scale(self, curve: np.ndarray) -> np.ndarray:
        scaled = super()._scale(curve)
        # Where a load is missing stands the mean of those that are not.
        return scaled if self._reached is None else np.nan_to_num(scaled, copy=False, nan=0.0)

    def _views(self, curve: np.ndarray) -> np.ndarray:
        """The load as it is, and its slope, from point to point: `(n_curves, n_points, 2)`."""
        load = curve[:, :, 0]
        return np.stack([load, np.diff(load, axis=1, prepend=load[:, :1])], axis=2)

    def _inputs(self, curve: np.ndarray, image: np.ndarray | None, dtype: Any) -> np.ndarray:
        """Put the channels of the network's input together."""
        views = (self._views(curve) - self.views_mean_) / self.views_std_
        scaled = self._scale(curve)
        parts = [views[:, :, :1], scaled[:, :, 1:]] if self.input_scaling == "standard" else [scaled, views]
        if self._reached is not None:
            recorded = ~np.isnan(curve[:, :, :1])
            # Nothing is said of what is missing, but that it is.
            parts = [np.where(recorded, np.nan_to_num(part, nan=0.0), 0.0) for part in parts] + [recorded]
            if image is not None:
                image = np.where(recorded & recorded.swapaxes(1, 2), image, 0.0)
        if image is not None:
            parts.append(image)
        return np.concatenate([part.astype(dtype, copy=False) for part in parts], axis=2)

    def _train(self, curves: Curves, validation: Curves | None, seed: int, checkpoint: Path | None) -> None:
        n_steps = self.max_epochs * -(-len(curves) // self.batch_size)
        given = {
            name: _of_torch(type(self).__name__, name, value) if name in NAMED else value
            for name, value in (self.net_params or {}).items()
        }
        callbacks: list[Any] = [("epochs", Epochs(curves)), ("clip", GradientNormClipping(_GRADIENT_NORM))]
        if self.lr_schedule == "onecycle":
            callbacks.append(("schedule", OneCycle(self.lr, n_steps)))
        if self.verbose:
            callbacks.append(("bar", EpochBar(type(self).__name__)))
        context = None
        if hasattr(self, "_init_callback_context"):
            context = self._init_callback_context(max_subtasks=self.max_epochs)
            context.call_on_fit_task_begin(estimator=self)
            callbacks.append(("tasks", EpochTasks(self, context)))
        callbacks += list(given.pop("callbacks", None) or [])
        early = None if self.patience is None else EarlyStopping(self.patience)
        if early is not None:
            callbacks.append(("early_stopping", early))
        keeper = None
        if checkpoint is not None:
            keeper = Checkpoint(checkpoint, self._training(curves, validation), self.max_epochs, early)
            callbacks.append(("checkpoint", keeper))
        if early is not None:
            callbacks.append(("end", End(early)))
        # The settings of a criterion and an optimizer go with them.
        criterion = {"criterion": torch.nn.SmoothL1Loss, "criterion__beta": _BETA}
        # Fused: one pass over the weights per step, not a dozen.
        optimizer = {
            "optimizer": torch.optim.AdamW, "optimizer__weight_decay": _WEIGHT_DECAY, "optimizer__fused": True
        }  # fmt: skip
        net = NeuralNetRegressor(
            **{
                "module": build(self._module_class, seed, self.device, **self.module_params_),
                **({} if "criterion" in given else criterion),
                **({} if "optimizer" in given else optimizer),
                "lr": self.lr,
                "max_epochs": self.max_epochs,
                "batch_size": self.batch_size,
                "iterator_train": Batches,
                "iterator_train__training": True,
                "iterator_valid": Batches,
                "train_split": None if validation is None else predefined_split(validation),
                "callbacks": callbacks,
                "device": self.device,
                "verbose": 0,
                **{name: value for name, value in given.items() if not name.startswith("module__")},
            }
        )
        net.initialize()
        if keeper is not None:
            keeper.restore(net)
        net.max_epochs = self.max_epochs - len(net.history)
        if net.max_epochs and not (early is not None and early.at_end):
            net.partial_fit(curves, None)
        elif early is not None:
            early.on_train_end(net)

        self.history_ = [plain_epoch(epoch) for epoch in net.history]
        self.n_epochs_ = len(self.history_)
        self.state_ = {name: value.detach().cpu().numpy() for name, value in net.module_.state_dict().items()}
        if self.n_epochs_ < self.max_epochs and not (early is not None and early.at_end):
            warn(
                f"the training ended after {self.n_epochs_} of {self.max_epochs} epochs: it was interrupted, or a "
                "callback stopped it. The estimator keeps the weights it had then",
                UserWarning,
                stacklevel=3,
            )
        if context is not None:
            context.call_on_fit_task_end(estimator=self)

    def _training(self, curves: Curves, validation: Curves | None) -> str:
        """What stands for the data and parameters of a training."""
        parameters = self.get_params()
        for name in ("device", "n_threads", "verbose", "strain", "random_state"):
            parameters.pop(name)
        # Callbacks are objects that nothing describes.
        parameters["net_params"] = {k: v for k, v in (self.net_params or {}).items() if k != "callbacks"}
        hashed = hashlib.sha256(repr((sorted(parameters.items()), curves.seed, curves.redraw is None)).encode())
        for part in (curves, *([] if validation is None else [validation])):
            hashed.update(part.inputs.numpy().tobytes())
            hashed.update(part.targets.numpy().tobytes())
        return hashed.hexdigest()

    def _split_validation(self, n: int, groups: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
        settings = {"n_splits": 1, "test_size": VALIDATION, "random_state": seed}
        splitter = ShuffleSplit(**settings) if groups is None else GroupShuffleSplit(**settings)
        return next(splitter.split(np.zeros(n), groups=groups))

    def _run(self, X: Any, function: Any) -> np.ndarray:
        """Apply a function of the network, the curves and the network's input, batch by batch."""
        check_is_fitted(self)
        X = self._validate(X)
        module = self._network()
        results = []
        with threads(self.n_threads), torch.inference_mode():
            for start in range(0, len(X), PREDICTION_BATCH):
                curve, image = self._split_channels(X[start : start + PREDICTION_BATCH])
                curve = self._read(curve)
                results.append(function(module, curve, torch.from_numpy(self._inputs(curve, image, np.float64))))
        return np.concatenate(results)

    def _network(self) -> torch.nn.Module:
        """The network, built from the fitted state once."""
        built = _BUILT.get(self)
        if built is None or built[0] is not self.state_:
            module = skeleton(self._module_class, **self.module_params_)
            weights = {name: torch.from_numpy(value.astype(np.float64)) for name, value in self.state_.items()}
            module.load_state_dict(weights, assign=True)
            built = _BUILT[self] = (self.state_, module.eval())
        return built[1]


def _plain(value: Any) -> Any:
    """Make numpy's numbers Python's own, which torch asks for."""
    return value.item() if isinstance(value, np.generic) else value


def _of_torch(owner: str, name: str, value: Any) -> Any:
    """The class of torch that the name in net_params stands for; what is no name, as it is."""
    if not isinstance(value, str):
        return value
    home, base = NAMED[name]
    found = getattr(home, value, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ParameterError(
            f"{owner}: net_params: {name} must be a class, or the name of one in {home.__name__}; got {value!r}"
        )
    return found


def _is_callback(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        value = value[1]
    return isinstance(value, Callback) or (isinstance(value, type) and issubclass(value, Callback))
