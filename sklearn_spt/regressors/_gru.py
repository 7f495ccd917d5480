"""GRU encoder-decoder, a baseline of the paper."""

from dataclasses import KW_ONLY

from ..networks import GRUSeq2Seq
from ..utils.parameters import Count, Positive
from ._docs import fill_docs
from ._network import BaseNetworkRegressor, Decoder


@fill_docs
class GRURegressor(BaseNetworkRegressor):
    """GRU encoder-decoder without attention, a baseline of the paper.

    The features are those of `Seq2SeqRegressor`; a fully connected layer maps the decoder's outputs to the stress.

    Parameters
    ----------
    hidden_size : int, default=64
        Size of the states of encoder and decoder.
    n_layers : int, default=1
        GRU layers of the encoder, and of the decoder.
    {decoder}
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
    >>> from sklearn_spt import CurveResampler, GRURegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), GRURegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _: KW_ONLY
    hidden_size: Count = 64
    n_layers: Count = 1
    decoder: Decoder = "parallel"
    image_channels: Count = 8
    lr: Positive = 4e-3

    _module_class = GRUSeq2Seq
