"""What skorch needs beside the network: batches, schedule, early stopping, checkpoints, and the bridges to the outside.

All that is drawn in an epoch comes from a generator that the seed and the number of the epoch make. So a training that
goes on from a checkpoint takes the same way as one that was never interrupted, in any thread.
"""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback
from tqdm.auto import tqdm

from ..utils.files import atomic_path

# Parts of a one-cycle schedule: warming up, the rates it begins and ends with, and the momentum at the ends and at the
# highest rate (Smith and Topin, Super-convergence, 2019; the numbers are those of torch's OneCycleLR).
_WARM_UP, _FIRST, _LAST = 0.3, 1 / 25, 1 / 25e4
_MOMENTA = (0.95, 0.85)
# Epochs between two checkpoints take at least so many seconds.
_SECONDS = 30.0


class Curves(torch.utils.data.Dataset[Any]):
    """The training curves: indices, from which each epoch's batches are made.

    Parameters
    ----------
    inputs : ndarray of shape (n, n_points, n_features)
        What the network reads of each curve, in single precision.
    targets : ndarray of shape (n, n_outputs)
    seed : int
    redraw : callable, default=None
        Gives the inputs of the curves with the given indices with new errors of measurement, drawn with the given
        generator. Without, `inputs` are the same in every epoch.
    """

    def __init__(
        self,
        inputs: np.ndarray,
        targets: np.ndarray,
        seed: int,
        redraw: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    ) -> None:
        self.inputs = torch.from_numpy(inputs)
        self.targets = torch.from_numpy(targets)
        self.seed = seed
        self.redraw = redraw
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.targets)

    def batches(self, batch_size: int, training: bool) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Batches of this epoch; shuffled, and with errors drawn anew, in training."""
        random = np.random.default_rng((self.seed, self.epoch))
        order = random.permutation(len(self)) if training else np.arange(len(self))
        for start in range(0, len(self), batch_size):
            part = order[start : start + batch_size]
            if training and self.redraw is not None:
                yield torch.from_numpy(self.redraw(part, random)), self.targets[part]
            else:
                yield self.inputs[part], self.targets[part]


class Batches:
    """Batches cut from arrays in one piece, where a DataLoader would collect them sample by sample."""

    def __init__(self, dataset: Curves, batch_size: int, training: bool = False) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.training = training

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return self.dataset.batches(self.batch_size, self.training)


class Epochs(Callback):
    """Tell curves and dropout which epoch it is, and end the training when its loss is no number any more."""

    def __init__(self, curves: Curves) -> None:
        self.curves = curves

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        self.curves.epoch = len(net.history) - 1
        seed = int(np.random.default_rng((self.curves.seed, self.curves.epoch, 1)).integers(2**63))
        for module in net.module_.modules():
            # Dropout, see `networks.build`.
            if isinstance(getattr(module, "generator", None), torch.Generator):
                module.generator.manual_seed(seed)

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        loss = net.history[-1]["train_loss"]
        if not np.isfinite(loss):
            raise RuntimeError(
                f"the training diverged: its loss is {loss} in epoch {net.history[-1]['epoch']}. Lower lr"
            )


class OneCycle(Callback):
    """Warm up to the learning rate, and anneal it to nearly zero; momentum goes the other way.

    A function of the step alone, so that there is no state to restore.
    """

    def __init__(self, lr: float, n_steps: int) -> None:
        self.lr = lr
        self.n_steps = n_steps

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.step_ = sum(epoch.get("train_batch_count", 0) for epoch in net.history)

    def on_batch_begin(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        if not training:
            return
        lr, momentum = one_cycle(self.step_ / max(self.n_steps - 1, 1))
        for group in net.optimizer_.param_groups:
            group["lr"] = self.lr * lr
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
        self.step_ += 1


def one_cycle(part: float) -> tuple[float, float]:
    """Learning rate, as a part of the highest, and momentum after a part of the training."""

    def between(start: float, end: float, at: float) -> float:
        return end + (start - end) / 2 * (1 + math.cos(math.pi * at))

    ends, highest = _MOMENTA
    if part < _WARM_UP:
        at = part / _WARM_UP
        return between(_FIRST, 1.0, at), between(ends, highest, at)
    at = min((part - _WARM_UP) / (1 - _WARM_UP), 1.0)
    return between(1.0, _LAST, at), between(highest, ends, at)


class EarlyStopping(Callback):
    """Keep the weights of the best validation loss, and say when it has not improved for some epochs."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.best_ = math.inf
        self.misses_ = 0
        self.weights_: dict[str, torch.Tensor] = {}

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        loss = net.history[-1]["valid_loss"]
        if loss < self.best_:
            self.best_, self.misses_ = float(loss), 0
            self.weights_ = {name: value.clone() for name, value in net.module_.state_dict().items()}
            return
        self.misses_ += 1

    @property
    def at_end(self) -> bool:
        """Whether the training is at its end."""
        return self.misses_ >= self.patience

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        if self.weights_:
            net.module_.load_state_dict(self.weights_)


class End(Callback):
    """End the training where early stopping says so; after what else happens at the end of an epoch."""

    def __init__(self, early_stopping: EarlyStopping) -> None:
        self.early_stopping = early_stopping

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        if self.early_stopping.at_end:
            # As skorch is told to stop.
            raise KeyboardInterrupt


class EpochBar(Callback):
    """Progress bar over the epochs, with the losses."""

    def __init__(self, description: str) -> None:
        self.description = description

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        done = len(net.history)
        self.bar_ = tqdm(total=done + net.max_epochs, initial=done, desc=self.description, unit="epoch")

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        losses = {key: f"{net.history[-1][key]:.3g}" for key in ("train_loss", "valid_loss") if key in net.history[-1]}
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        self.bar_.close()


class EpochTasks(Callback):
    """Report every epoch as a subtask to scikit-learn's callbacks."""

    def __init__(self, estimator: Any, context: Any) -> None:
        self.estimator = estimator
        self.context = context

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        self.task_ = self.context.subcontext(task_name="epoch")
        self.task_.call_on_fit_task_begin(estimator=self.estimator)

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        self.task_.call_on_fit_task_end(estimator=self.estimator)


class Checkpoint(Callback):
    """Write where the training stands to a file, from time to time, and go on from there.

    Parameters
    ----------
    path : Path
    training : str
        What stands for the data and the parameters: a checkpoint of another training is refused.
    n_epochs : int
        Epochs of the whole training.
    early_stopping : EarlyStopping or None
    """

    def __init__(self, path: Path, training: str, n_epochs: int, early_stopping: EarlyStopping | None) -> None:
        self.path = path
        self.training = training
        self.n_epochs = n_epochs
        self.early_stopping = early_stopping

    def restore(self, net: Any) -> None:
        """Go on from the file, if there is one.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or that of another training.
        """
        if not self.path.exists():
            return
        try:
            state = torch.load(self.path, weights_only=True, map_location=net.device)
            same = state["training"] == self.training
        # A damaged file may fail in any way.
        except Exception as error:
            raise ValueError(
                f"checkpoint: {self.path} cannot be read ({error}); give another path, or remove it"
            ) from error
        if not same:
            raise ValueError(
                f"checkpoint: {self.path} is of a training with other data or parameters; give another path, or remove "
                "it"
            )
        net.module_.load_state_dict(state["module"])
        net.optimizer_.load_state_dict(state["optimizer"])
        for epoch in state["history"]:
            net.history.new_epoch()
            for key, value in epoch.items():
                net.history.record(key, value)
        if self.early_stopping is not None:
            self.early_stopping.__dict__.update(state["early_stopping"])

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.written_ = time.monotonic()

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        early = self.early_stopping
        goes_on = len(net.history) < self.n_epochs and not (early is not None and early.at_end)
        if goes_on and time.monotonic() - self.written_ < _SECONDS:
            return
        state = {
            "training": self.training,
            "module": net.module_.state_dict(),
            "optimizer": net.optimizer_.state_dict(),
            "history": [plain_epoch(epoch, ("train_batch_count", "valid_batch_count")) for epoch in net.history],
            "early_stopping": {} if early is None else {k: v for k, v in vars(early).items() if k.endswith("_")},
        }
        with atomic_path(self.path) as temporary, temporary.open("wb") as file:
            torch.save(state, file)
        self.written_ = time.monotonic()


def plain_epoch(epoch: dict[str, Any], others: tuple[str, ...] = ()) -> dict[str, Any]:
    """The numbers of an epoch in skorch's history: its own, not those of its batches, but for `others`."""
    return {
        key: value if isinstance(value, int) else float(value)
        for key, value in epoch.items()
        if isinstance(value, int | float) and ("batch" not in key or key in others)
    }
