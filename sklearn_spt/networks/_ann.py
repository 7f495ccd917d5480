"""Fully connected network, a baseline of the paper."""

from torch import Tensor, nn

from ._features import CurveFeatures


class ANN(nn.Module):
    """Fully connected layers on the flattened feature matrix: no sequence model.

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
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.features = CurveFeatures(n_points, n_channels, image, conv_channels, image_channels, masked)
        layers: list[nn.Module] = [nn.Flatten()]
        width = n_points * self.features.n_features
        for _ in range(n_layers):
            layers += [nn.Linear(width, hidden_size), nn.ReLU(), nn.Dropout(dropout)]
            width = hidden_size
        self.layers = nn.Sequential(*layers, nn.Linear(width, n_outputs))

    def forward(self, X: Tensor) -> Tensor:
        """Return the target sequence, `(n, n_outputs)`."""
        return self.layers(self.features(X))
