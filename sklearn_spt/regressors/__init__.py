"""Regressors from curves to curves: scikit-learn estimators, each around one network."""

from ._ann import ANNRegressor
from ._correlation import CorrelationRegressor
from ._gru import GRURegressor
from ._lstm import LSTMRegressor
from ._seq2seq import Seq2SeqRegressor
from ._transformer import TransformerRegressor

__all__ = [
    "ANNRegressor",
    "CorrelationRegressor",
    "GRURegressor",
    "LSTMRegressor",
    "Seq2SeqRegressor",
    "TransformerRegressor",
]
