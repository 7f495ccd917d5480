"""Recurrent layers whose dropout is a module, which can draw from a generator of its own; that of torch's cannot."""

from typing import Any

import torch
from torch import Tensor, nn


class _DropsBetweenLayers:
    """Puts a `Dropout` between the layers of the class that it is derived from."""

    def __init__(self, n_inputs: int, hidden_size: int, n_layers: int, dropout: float) -> None:
        super().__init__(n_inputs, hidden_size, n_layers, batch_first=True)  # type: ignore[call-arg]
        self.dropout_between = nn.Dropout(dropout)

    def forward(self: Any, X: Tensor, state: Any = None) -> Any:
        """Return outputs and last state, as torch's layers do."""
        if self.num_layers == 1 or not self.training or not self.dropout_between.p:
            return super().forward(X, state)  # type: ignore[misc]
        run: Any = torch.lstm if isinstance(self, nn.LSTM) else torch.gru
        n_states = 2 if isinstance(self, nn.LSTM) else 1
        if state is None:
            state = n_states * (X.new_zeros(self.num_layers, len(X), self.hidden_size),)
        elif n_states == 1:
            state = (state,)
        last = []
        for layer, weights in enumerate(self.all_weights):
            first = tuple(part[layer : layer + 1].contiguous() for part in state)
            # Has biases, one layer, no dropout, in training, one direction, batch first.
            X, *new = run(X, first if n_states == 2 else first[0], weights, True, 1, 0.0, True, False, True)
            last.append(new)
            if layer < self.num_layers - 1:
                X = self.dropout_between(X)
        joined = tuple(torch.cat(parts) for parts in zip(*last, strict=True))
        return X, joined if n_states == 2 else joined[0]


class LSTM(_DropsBetweenLayers, nn.LSTM):  # type: ignore[misc]
    """`torch.nn.LSTM`, batch first."""


class GRU(_DropsBetweenLayers, nn.GRU):  # type: ignore[misc]
    """`torch.nn.GRU`, batch first."""
