"""Transformer encoder-decoder, a baseline of the paper."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from ._features import CurveFeatures


def sinusoidal_positions(length: int, size: int) -> Tensor:
    """Positional encoding of Vaswani et al., Attention is all you need (2017), section 3.5: `(length, size)`."""
    if torch.get_default_device().type == "meta":
        # There is nothing to compute.
        return torch.empty(length, size)
    position = torch.arange(length, dtype=torch.float64)[:, None]
    frequency = torch.exp(torch.arange(0, size, 2, dtype=torch.float64) * (-math.log(10000.0) / size))
    encoding = torch.zeros(length, size, dtype=torch.float64)
    encoding[:, 0::2] = torch.sin(position * frequency)
    encoding[:, 1::2] = torch.cos(position * frequency[: size // 2])
    return encoding.to(torch.get_default_dtype())


class Transformer(nn.Module):
    """Transformer encoder over the points of the curve, decoder over learned queries, sinusoidal positions.

    The decoder sees all its queries at once: the target is a whole curve, no step of it is known before the others, so
    there is nothing to mask. Layers normalise first, which trains without a warm-up.

    Parameters are those of `Seq2Seq` that concern it; `feedforward_size` is the width of the layers' inner networks.
    """

    positions: Tensor
    target_positions: Tensor

    def __init__(
        self,
        n_points: int,
        n_channels: int,
        image: bool,
        n_outputs: int,
        hidden_size: int,
        n_layers: int,
        n_heads: int,
        feedforward_size: int,
        dropout: float,
        conv_channels: int,
        image_channels: int,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.features = CurveFeatures(n_points, n_channels, image, conv_channels, image_channels, masked)
        self.embedding = nn.Linear(self.features.n_features, hidden_size)
        self.register_buffer("positions", sinusoidal_positions(n_points, hidden_size))
        self.register_buffer("target_positions", sinusoidal_positions(n_outputs, hidden_size))
        self.queries = nn.Parameter(torch.empty(n_outputs, hidden_size))
        nn.init.normal_(self.queries, std=hidden_size**-0.5)
        settings: dict[str, Any] = {"dropout": dropout, "batch_first": True, "norm_first": True}
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(hidden_size, n_heads, feedforward_size, **settings),
            n_layers,
            norm=nn.LayerNorm(hidden_size),
            enable_nested_tensor=False,
        )
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(hidden_size, n_heads, feedforward_size, **settings),
            n_layers,
            norm=nn.LayerNorm(hidden_size),
        )
        # Torch draws the dropout of attention weights, but not that of modules, from its global generator alone.
        for module in self.modules():
            if isinstance(module, nn.MultiheadAttention):
                module.dropout = 0.0
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return the target sequence, `(n, n_outputs)`."""
        recorded = self.features.recorded(X)
        missing = None if recorded is None else recorded == 0
        encoded = self.encoder(self.embedding(self.features(X)) + self.positions, src_key_padding_mask=missing)
        queries = (self.queries + self.target_positions).expand(len(X), -1, -1)
        return self.head(self.decoder(queries, encoded, memory_key_padding_mask=missing)).squeeze(2)
