"""The networks of the emulator: trained with torch, evaluated and differentiated with numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np

# Part of the training over which the learning rate rises.
WARM_UP = 0.1
# Size of the first output weights, so that a training begins at the trend.
FIRST_OUTPUT = 0.1

Weights = dict[str, np.ndarray]


def train(
    inputs: np.ndarray,
    components: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    *,
    n_members: int,
    hidden_size: int,
    n_layers: int,
    max_epochs: int,
    batch_size: int,
    lr: float,
    weight_decay: float,
    seed: int,
    after_epoch: Callable[[], object],
) -> tuple[Weights, list[float]]:
    """Train an ensemble of residual networks whose outputs are scores of components.

    Parameters
    ----------
    inputs : ndarray of shape (n_samples, n_inputs)
        Scaled features.
    components : ndarray of shape (n_components, n_outputs)
        What the scores multiply.
    targets : ndarray of shape (n_samples, n_outputs)
        What the sum of the components is to be.
    weights : ndarray of shape (n_samples, n_outputs)
        Weights of the errors; 0 where a target is not known.
    n_members, hidden_size, n_layers, max_epochs, batch_size, lr, weight_decay
        As in `SPTEmulator`.
    seed : int
        Seed of the starts and of the order of the samples.
    after_epoch : callable
        Called at the end of each epoch.

    Returns
    -------
    weights : dict of str to ndarray
        Weights of the members, in double precision.
    losses : list of float
        Mean loss of each epoch; about one without networks.

    Raises
    ------
    RuntimeError
        If the loss is no number any more.
    """
    import torch

    from ..networks import threads

    random = torch.Generator().manual_seed(seed)
    shapes = {
        "input_weights": (n_members, inputs.shape[1], hidden_size),
        "input_biases": (n_members, 1, hidden_size),
        "hidden_weights": (n_members, n_layers - 1, hidden_size, hidden_size),
        "hidden_biases": (n_members, n_layers - 1, 1, hidden_size),
        "output_weights": (n_members, hidden_size, len(components)),
        "output_biases": (n_members, 1, len(components)),
    }
    parts = {}
    for name, shape in shapes.items():
        # Glorot and Bengio's normal weights; biases of zero.
        spread = np.sqrt(2 / (shape[-2] + shape[-1])) if name.endswith("weights") else 0.0
        spread *= FIRST_OUTPUT if name.startswith("output") else 1.0
        parts[name] = (torch.randn(shape, generator=random) * spread).requires_grad_()

    def run(batch: Any) -> Any:
        silu = torch.nn.functional.silu
        hidden = silu(batch @ parts["input_weights"] + parts["input_biases"])
        for layer in range(n_layers - 1):
            hidden = hidden + silu(hidden @ parts["hidden_weights"][:, layer] + parts["hidden_biases"][:, layer])
        return hidden @ parts["output_weights"] + parts["output_biases"]

    # The loss starts near one, whatever the units.
    weights = weights / max(np.sqrt(np.mean((weights * targets) ** 2)), np.finfo(np.float32).tiny)
    x, t, w, c = (torch.as_tensor(values, dtype=torch.float32) for values in (inputs, targets, weights, components))
    steps = max_epochs * -(-len(x) // batch_size)
    optimizer = torch.optim.AdamW(parts.values(), lr=lr, weight_decay=weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
    losses: list[float] = []
    # Two threads on such small matrices take longer than one.
    with threads(1):
        for epoch in range(max_epochs):
            order = torch.stack([torch.randperm(len(x), generator=random) for _ in range(n_members)])
            total = 0.0
            for batch in order.split(batch_size, dim=1):
                loss = ((run(x[batch]) @ c - t[batch]) * w[batch]).square().mean(dim=(1, 2)).sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                total += float(loss.detach()) / n_members * batch.shape[1] / len(x)
            if not np.isfinite(total):
                raise RuntimeError(f"the training diverged in epoch {epoch + 1}; lower lr")
            losses.append(total)
            after_epoch()
    return {name: part.detach().numpy().astype(np.float64) for name, part in parts.items()}, losses


def _rate(progress: float) -> float:
    """Part of the highest learning rate: it rises in a straight line, and falls with a cosine."""
    if progress < WARM_UP:
        return 0.05 + 0.95 * progress / WARM_UP
    return 0.5 * (1 + np.cos(np.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def evaluate(weights: Weights, inputs: np.ndarray) -> np.ndarray:
    """Mean of the members' scores, `(n_samples, n_components)`."""
    hidden = _silu(inputs @ weights["input_weights"] + weights["input_biases"])
    for layer in range(weights["hidden_weights"].shape[1]):
        hidden = hidden + _silu(hidden @ weights["hidden_weights"][:, layer] + weights["hidden_biases"][:, layer])
    return (hidden @ weights["output_weights"] + weights["output_biases"]).mean(axis=0)


def differentiate(weights: Weights, inputs: np.ndarray) -> np.ndarray:
    """Derivatives of `evaluate` by the inputs, `(n_samples, n_inputs, n_components)`, by the chain rule."""
    before = inputs @ weights["input_weights"] + weights["input_biases"]
    hidden = _silu(before)
    # (n_members, n_samples, n_inputs, hidden_size)
    slope = weights["input_weights"][:, None] * _silu_slope(before)[:, :, None]
    for layer in range(weights["hidden_weights"].shape[1]):
        matrix = weights["hidden_weights"][:, layer]
        before = hidden @ matrix + weights["hidden_biases"][:, layer]
        hidden = hidden + _silu(before)
        slope = slope + (slope @ matrix[:, None]) * _silu_slope(before)[:, :, None]
    return (slope @ weights["output_weights"][:, None]).mean(axis=0)


def _silu(x: np.ndarray) -> np.ndarray:
    return x * _sigmoid(x)


def _silu_slope(x: np.ndarray) -> np.ndarray:
    part = _sigmoid(x)
    return part * (1 + x * (1 - part))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # By way of tanh, which does not overflow.
    return 0.5 * (1 + np.tanh(0.5 * x))
