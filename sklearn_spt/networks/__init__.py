"""The torch modules: from a scaled curve, with or without its image, to a scaled target sequence.

Every module maps a tensor of shape `(n, n_points, n_channels)`, or `(n, n_points, n_channels + n_points)` with the
image, to one of shape `(n, n_outputs)`. With `masked` the last channel tells which points a record has, see
`CurveFeatures`.
"""

from ._ann import ANN
from ._features import CurveFeatures
from ._gru import GRUSeq2Seq
from ._random import build
from ._seq2seq import Seq2Seq
from ._skeleton import skeleton
from ._threads import threads
from ._transformer import Transformer

__all__ = ["ANN", "CurveFeatures", "GRUSeq2Seq", "Seq2Seq", "Transformer", "build", "skeleton", "threads"]
