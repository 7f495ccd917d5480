"""Regressors from curves to curves: scikit-learn estimators."""

from ._ann import ANNRegressor
from ._correlation import CorrelationRegressor
from ._emulator import SPTEmulator
from ._gaussian_process import GaussianProcessCurveRegressor
from ._gru import GRURegressor
from ._lstm import LSTMRegressor
from ._mlp import MLPCurveRegressor
from ._seq2seq import Seq2SeqRegressor
from ._stacking import CurveStackingRegressor
from ._transformer import TransformerRegressor

__all__ = [
    "ANNRegressor",
    "CorrelationRegressor",
    "CurveStackingRegressor",
    "GRURegressor",
    "GaussianProcessCurveRegressor",
    "LSTMRegressor",
    "MLPCurveRegressor",
    "SPTEmulator",
    "Seq2SeqRegressor",
    "TransformerRegressor",
]
