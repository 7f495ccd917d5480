"""Fully connected network, a baseline of the paper."""

from dataclasses import KW_ONLY

from ..networks import ANN
from ..utils.parameters import Count, Positive
from ._docs import fill_docs
from ._network import BaseNetworkRegressor


@fill_docs
class ANNRegressor(BaseNetworkRegressor):
    """Fully connected network, a baseline of the paper: no sequence model.

    The features are those of `Seq2SeqRegressor`, flattened.

    Parameters
    ----------
    hidden_size : int, default=256
        Width of the hidden layers.
    n_layers : int, default=3
        Hidden layers.
    {features}
    {image}
    {dropout}
    {curve_scaling}
    {training}

    Attributes
    ----------
    {attributes}
    {curve_attributes}

    See Also
    --------
    Seq2SeqRegressor : Encoder-decoder with cross-attention.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import ANNRegressor, CurveResampler
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), ANNRegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _: KW_ONLY
    hidden_size: Count = 256
    n_layers: Count = 3
    image_channels: Count = 8
    lr: Positive = 1e-3

    _module_class = ANN
