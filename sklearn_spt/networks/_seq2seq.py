"""The network of the paper: LSTM encoder, LSTM decoder, multi-head cross-attention."""

import torch
from torch import Tensor, nn

from ._features import CurveFeatures
from ._recurrent import LSTM


class Seq2Seq(nn.Module):
    """LSTM encoder-decoder with multi-head cross-attention (arXiv 2506.17680, equations 4 to 6).

    Parameters
    ----------
    n_points, n_channels, image, conv_channels, image_channels
        See `CurveFeatures`.
    n_outputs : int
        Length of the target sequence.
    hidden_size : int
        Size of the states of encoder and decoder.
    n_layers : int
        LSTM layers of the encoder, and of the decoder.
    n_heads : int
        Heads of the cross-attention; divides `hidden_size`.
    dropout : float
        Dropout between the LSTM layers and on what the head reads.
    decoder : {"parallel", "autoregressive"}
        "autoregressive" feeds the decoder its own last output, step by step, the encoder's last output first (equation
        5). "parallel" feeds it one learned query per step of the target sequence, all in one call of the LSTM.
    head : {"context+state", "context"}
        What the last layer reads: the output of the attention alone, as in the paper, or the decoder's output beside
        it.
    """

    def __init__(
        self,
        n_points: int,
        n_channels: int,
        image: bool,
        n_outputs: int,
        hidden_size: int,
        n_layers: int,
        n_heads: int,
        dropout: float,
        conv_channels: int,
        decoder: str,
        head: str,
        image_channels: int = 8,
    ) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.n_layers = n_layers
        self.decoder_kind = decoder
        self.head_kind = head
        self.features = CurveFeatures(n_points, n_channels, image, conv_channels, image_channels)
        self.encoder = LSTM(self.features.n_features, hidden_size, n_layers, dropout)
        self.decoder = LSTM(hidden_size, hidden_size, n_layers, dropout)
        if decoder == "parallel":
            self.queries = nn.Parameter(torch.randn(n_outputs, hidden_size) * hidden_size**-0.5)
        self.attention = nn.MultiheadAttention(hidden_size, n_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size if head == "context" else 2 * hidden_size, 1)

    def forward(self, X: Tensor) -> Tensor:
        """Return the target sequence, `(n, n_outputs)`."""
        encoded, decoded = self._encode_decode(X)
        context, _ = self.attention(decoded, encoded, encoded, need_weights=False)
        seen = context if self.head_kind == "context" else torch.cat([context, decoded], dim=2)
        return self.head(self.dropout(seen)).squeeze(2)

    def attention_weights(self, X: Tensor) -> Tensor:
        """Return the weights of every head, `(n, n_heads, n_outputs, n_points)`."""
        encoded, decoded = self._encode_decode(X)
        _, weights = self.attention(decoded, encoded, encoded, need_weights=True, average_attn_weights=False)
        return weights

    def _encode_decode(self, X: Tensor) -> tuple[Tensor, Tensor]:
        encoded, state = self.encoder(self.features(X))
        if self.decoder_kind == "parallel":
            decoded, _ = self.decoder(self.queries.expand(len(X), -1, -1).contiguous(), state)
            return encoded, decoded
        step = encoded[:, -1:]
        steps = []
        for _ in range(self.n_outputs):
            step, state = self.decoder(step, state)
            steps.append(step)
        return encoded, torch.cat(steps, dim=1)
