"""The network of the paper: LSTM encoder, LSTM decoder, multi-head cross-attention."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ._features import CurveFeatures
from ._recurrent import LSTM, at_last


class Seq2Seq(nn.Module):
    """LSTM encoder-decoder with multi-head cross-attention (arXiv 2506.17680, equations 4 to 6).

    Parameters
    ----------
    n_points, n_channels, image, conv_channels, image_channels, masked
        See `CurveFeatures`. No output attends to a missing point.
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
    bidirectional : bool, default=True
        Whether a second encoder reads the curve from its end.
    head : {"context+state", "context"}, default="context+state"
        What maps to the target: two layers that read the output of the attention and that of the decoder; or, as in
        the paper, one layer that reads the former alone.
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
        image_channels: int = 8,
        bidirectional: bool = True,
        head: str = "context+state",
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.n_outputs = n_outputs
        self.decoder_kind = decoder
        self.head_kind = head
        self.features = CurveFeatures(n_points, n_channels, image, conv_channels, image_channels, masked)
        self.encoder = LSTM(self.features.n_features, hidden_size, n_layers, dropout)
        self.backward_encoder = (
            LSTM(self.features.n_features, hidden_size, n_layers, dropout) if bidirectional else None
        )
        self.join = nn.Linear(2 * hidden_size, hidden_size) if bidirectional else None
        self.decoder = LSTM(hidden_size, hidden_size, n_layers, dropout)
        if decoder == "parallel":
            self.queries = nn.Parameter(torch.empty(n_outputs, hidden_size))
            nn.init.normal_(self.queries, std=hidden_size**-0.5)
        self.attention = nn.MultiheadAttention(hidden_size, n_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head: nn.Module = nn.Linear(hidden_size, 1)
        if head == "context+state":
            self.head = nn.Sequential(nn.Linear(2 * hidden_size, hidden_size), nn.GELU(), nn.Linear(hidden_size, 1))

    def forward(self, X: Tensor) -> Tensor:
        """Return the target sequence, `(n, n_outputs)`."""
        encoded, decoded = self._encode_decode(X)
        context = _attend(self.attention, decoded, encoded, self.features.recorded(X))
        seen = context if self.head_kind == "context" else torch.cat([context, decoded], dim=2)
        return self.head(self.dropout(seen)).squeeze(2)

    def attention_weights(self, X: Tensor) -> Tensor:
        """Return the weights of every head, `(n, n_heads, n_outputs, n_points)`."""
        encoded, decoded = self._encode_decode(X)
        _, weights = self.attention(decoded, encoded, encoded, self._missing(X), average_attn_weights=False)
        return weights

    def _missing(self, X: Tensor) -> Tensor | None:
        recorded = self.features.recorded(X)
        return None if recorded is None else recorded == 0

    def _encode(self, X: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        features, recorded = self.features(X), self.features.recorded(X)
        encoded, state = self.encoder(features, recorded=recorded)
        if self.backward_encoder is None or self.join is None:
            return encoded, state
        backward = None if recorded is None else recorded.flip(1)
        back, back_state = self.backward_encoder(features.flip(1), recorded=backward)
        state = (state[0] + back_state[0], state[1] + back_state[1])
        return self.join(torch.cat([encoded, back.flip(1)], dim=2)), state

    def _encode_decode(self, X: Tensor) -> tuple[Tensor, Tensor]:
        encoded, state = self._encode(X)
        if self.decoder_kind == "parallel":
            decoded, _ = self.decoder(self.queries.expand(len(X), -1, -1).contiguous(), state)
            return encoded, decoded
        recorded = self.features.recorded(X)
        step = encoded[:, -1:] if recorded is None else at_last(encoded, recorded)[:, None]
        steps = []
        for _ in range(self.n_outputs):
            step, state = self.decoder(step, state)
            steps.append(step)
        return encoded, torch.cat(steps, dim=1)


def _attend(attention: nn.MultiheadAttention, to: Tensor, of: Tensor, recorded: Tensor | None) -> Tensor:
    """What `attention` gives for `to`, (n, n_outputs, size), of `of`, (n, n_points, size).

    Torch's own call checks a mask with a library of symbols, whose import takes a second, and has more overhead.
    """
    size, heads = attention.embed_dim, (attention.num_heads, attention.head_dim)
    query = functional.linear(to, attention.in_proj_weight[:size], attention.in_proj_bias[:size])
    key, value = functional.linear(of, attention.in_proj_weight[size:], attention.in_proj_bias[size:]).chunk(2, dim=2)
    query, key, value = (part.unflatten(2, heads).transpose(1, 2) for part in (query, key, value))
    there = None if recorded is None else recorded[:, None, None] > 0
    seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=there)
    return attention.out_proj(seen.transpose(1, 2).flatten(2))
