"""The regressor of the paper without the image, a baseline of the paper."""

from ._docs import fill_docs
from ._seq2seq import BaseSeq2SeqRegressor


@fill_docs
class LSTMRegressor(BaseSeq2SeqRegressor):
    """`Seq2SeqRegressor` without the image, the "1D LSTM" baseline of the paper.

    An image in the input is left out.

    Parameters
    ----------
    hidden_size : int, default=64
        Size of the states of encoder and decoder.
    n_layers : int, default=1
        LSTM layers of the encoder, and of the decoder.
    {heads}
    {decoder}
    {features}
    {dropout}
    {curve_scaling}
    {training}

    Attributes
    ----------
    {attributes}
    {curve_attributes}

    See Also
    --------
    Seq2SeqRegressor : The same with the image, where the input has one.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_spt import CurveResampler, LSTMRegressor
    >>> from sklearn_spt.datasets import make_spt_curves
    >>> X, Y = make_spt_curves(40, random_state=0)
    >>> model = make_pipeline(CurveResampler(n_points=20), LSTMRegressor(hidden_size=8, max_epochs=2, random_state=0))
    >>> model.fit(X, Y).predict(X).shape == Y.shape
    True
    """

    _takes_image = False
