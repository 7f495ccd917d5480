"""GRU encoder-decoder without attention, a baseline of the paper."""

import torch
from torch import Tensor, nn

from ._features import CurveFeatures
from ._recurrent import GRU, at_last


class GRUSeq2Seq(nn.Module):
    """GRU encoder-decoder whose decoder's output goes straight to the head.

    Parameters are those of `Seq2Seq` that concern it.
    """

    def __init__(
        self,
        n_points: int,
        n_channels: int,
        image: bool,
        n_outputs: int,
        hidden_size: int,
        n_layers: int,
        dropout: float,
        conv_channels: int,
        image_channels: int,
        decoder: str,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.decoder_kind = decoder
        self.features = CurveFeatures(n_points, n_channels, image, conv_channels, image_channels, masked)
        self.encoder = GRU(self.features.n_features, hidden_size, n_layers, dropout)
        self.decoder = GRU(hidden_size, hidden_size, n_layers, dropout)
        if decoder == "parallel":
            self.queries = nn.Parameter(torch.empty(n_outputs, hidden_size))
            nn.init.normal_(self.queries, std=hidden_size**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return the target sequence, `(n, n_outputs)`."""
        recorded = self.features.recorded(X)
        encoded, state = self.encoder(self.features(X), recorded=recorded)
        if self.decoder_kind == "parallel":
            decoded, _ = self.decoder(self.queries.expand(len(X), -1, -1).contiguous(), state)
        else:
            step = encoded[:, -1:] if recorded is None else at_last(encoded, recorded)[:, None]
            steps = []
            for _ in range(self.n_outputs):
                step, state = self.decoder(step, state)
                steps.append(step)
            decoded = torch.cat(steps, dim=1)
        return self.head(self.dropout(decoded)).squeeze(2)
