"""Transformer encoder-decoder, a baseline of the paper."""

from dataclasses import KW_ONLY

from ..networks import Transformer
from ..utils.parameters import Count, Positive
from ._docs import fill_docs
from ._network import BaseNetworkRegressor


@fill_docs
class TransformerRegressor(BaseNetworkRegressor):
    """Transformer encoder-decoder, a baseline of the paper.

    The features are those of `Seq2SeqRegressor`, embedded and given sinusoidal positions [1]_; the decoder reads one
    learned query per strain.

    Parameters
    ----------
    hidden_size : int, default=64
        Size of the embedding.
    n_layers : int, default=2
        Layers of the encoder, and of the decoder.
    {heads}
    feedforward_size : int, default=128
        Width of the inner networks of the layers.
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
    Seq2SeqRegressor : LSTM encoder-decoder with cross-attention.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, section 3.5.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, TransformerRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(
    ...     CurveResampler(n_points=20),
    ...     TransformerRegressor(hidden_size=8, feedforward_size=8, max_epochs=2, random_state=0),
    ... )
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _: KW_ONLY
    hidden_size: Count = 64
    n_layers: Count = 2
    n_heads: Count = 4
    feedforward_size: Count = 128
    image_channels: Count = 8
    lr: Positive = 1e-3

    _module_class = Transformer
