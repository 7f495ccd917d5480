"""What skorch needs beside the network: batches, the progress bar, the bridge to scikit-learn's callbacks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback
from tqdm.auto import tqdm


class Batches:
    """Batches cut from tensors in one piece, where a DataLoader would collect them sample by sample.

    `shuffle` is the generator of their order, or None.
    """

    def __init__(self, dataset: Any, batch_size: int, shuffle: torch.Generator | None = None) -> None:
        self.dataset = dataset
        self.batch_size = batch_size if batch_size > 0 else len(dataset)
        self.shuffle = shuffle

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        n = len(self.dataset)
        order = torch.arange(n) if self.shuffle is None else torch.randperm(n, generator=self.shuffle)
        for part in order.split(self.batch_size):
            yield self.dataset.X[part], self.dataset.y[part]


class StopOnDivergence(Callback):
    """End the training with an error when its loss is no number any more."""

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        loss = net.history[-1]["train_loss"]
        if not np.isfinite(loss):
            raise RuntimeError(
                f"the training diverged: its loss is {loss} in epoch {net.history[-1]['epoch']}. "
                "Lower lr, or set gradient_clip"
            )


class EpochBar(Callback):
    """Progress bar over the epochs, with the losses."""

    def __init__(self, description: str) -> None:
        self.description = description

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        self.bar_ = tqdm(total=net.max_epochs, desc=self.description, unit="epoch")

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
