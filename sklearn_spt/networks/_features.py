"""The feature matrix of the paper: the curve beside what convolutions make of it and of its image."""

import torch
from torch import Tensor, nn


class CurveFeatures(nn.Module):
    """Concatenate a curve with the features of 1-D and 2-D convolutions (arXiv 2506.17680, equation 3).

    The 1-D branch has one convolution each of the kernels 3, 5 and 7 along the points. The 2-D branch has two 3 x 3
    convolutions on the Gramian angular field, each of which halves the columns and keeps the rows, and a last one over
    all columns that are left: row i of the image becomes one feature vector for point i of the curve.

    Parameters
    ----------
    n_points : int
        Points of a curve.
    n_channels : int
        Channels of the curve: the load and the descriptors.
    image : bool
        Whether the image follows the channels in the input.
    conv_channels : int
        Features per point of each 1-D convolution; 0 leaves the 1-D branch out.
    image_channels : int
        Features per point of the 2-D branch.
    masked : bool, default=False
        Whether records may lack points: the last of the channels is then 1 where there is a point, and 0 where there
        is none.

    Attributes
    ----------
    n_features : int
        Features per point of the result.
    """

    def __init__(
        self,
        n_points: int,
        n_channels: int,
        image: bool,
        conv_channels: int,
        image_channels: int,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.n_channels = n_channels
        self.masked = masked
        kernels = (3, 5, 7) if conv_channels else ()
        self.convolutions = nn.ModuleList(
            nn.Conv1d(n_channels, conv_channels, kernel, padding=kernel // 2) for kernel in kernels
        )
        self.n_features = n_channels + len(kernels) * conv_channels
        self.image_branch: nn.Module | None = None
        if image:
            columns = (n_points + 3) // 4
            self.image_branch = nn.Sequential(
                nn.Conv2d(1, image_channels, 3, stride=(1, 2), padding=1),
                nn.ReLU(),
                nn.Conv2d(image_channels, image_channels, 3, stride=(1, 2), padding=1),
                nn.ReLU(),
                nn.Conv2d(image_channels, image_channels, (1, columns)),
                nn.ReLU(),
            )
            self.n_features += image_channels

    def forward(self, X: Tensor) -> Tensor:
        """Return the features of shape `(n, n_points, n_features)`."""
        curve = X[:, :, : self.n_channels]
        along_points = curve.transpose(1, 2)
        parts = [curve]
        parts += [torch.relu(convolution(along_points)).transpose(1, 2) for convolution in self.convolutions]
        if self.image_branch is not None:
            image = X[:, None, :, self.n_channels :]
            parts.append(self.image_branch(image).squeeze(3).transpose(1, 2))
        return torch.cat(parts, dim=2)

    def recorded(self, X: Tensor) -> Tensor | None:
        """Return 1 where records have a point and 0 where they lack it, `(n, n_points)`; None if they lack none."""
        if not self.masked:
            return None
        recorded = X[:, :, self.n_channels - 1]
        # Without a mask a prediction takes two thirds of the time.
        return None if not self.training and bool(recorded.all()) else recorded
