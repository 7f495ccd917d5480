"""Trained on stress-strain curves that never fall, no regressor ever predicts one that does, whatever the record."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone

from sklearn_spt import (
    ANNRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GaussianProcessCurveRegressor,
    GRURegressor,
    LSTMRegressor,
    MeasurementErrors,
    MLPCurveRegressor,
    Seq2SeqRegressor,
    TransformerRegressor,
    perturb_curves,
)
from sklearn_spt.datasets import load_sheet_steel
from sklearn_spt.regressors import _base, _stacking

# Hardly any of the records here is like those of the training.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")

POINTS = 12
MODULUS = 70_000.0
SMALL = {"hidden_size": 8, "conv_channels": 2, "max_epochs": 3, "lr": 0.02, "random_state": 0}
GP = GaussianProcessCurveRegressor(n_tuning=20, random_state=0)
MODELS = {
    "seq2seq": (Seq2SeqRegressor(**SMALL), "curve"),
    "lstm": (LSTMRegressor(**SMALL, input_scaling="standard"), MODULUS),
    "gru": (GRURegressor(**SMALL), "curve"),
    "ann": (ANNRegressor(**SMALL), MODULUS),
    "transformer": (TransformerRegressor(**SMALL, feedforward_size=8, n_layers=1), MODULUS),
    "gp": (GP, "curve"),
    "mlp": (MLPCurveRegressor(n_components=3, hidden_size=3, max_iter=50, random_state=0), MODULUS),
    "stack": (CurveStackingRegressor(GP, Seq2SeqRegressor(**SMALL), cv=2, random_state=0), MODULUS),
}


class Models(dict):
    def __repr__(self):
        return "the models"


class Training(tuple):
    def __repr__(self):
        return "the training curves"


@pytest.fixture(scope="module")
def resampler():
    return CurveResampler(grid=np.linspace(0.02, 1.0, POINTS))


@pytest.fixture(scope="module")
def training():
    sheet = load_sheet_steel(n_curves=60)
    chosen = [i for i, curve in enumerate(sheet.data) if curve.displacement[-1] >= 1.0]
    return Training(([sheet.data[i] for i in chosen], sheet.target[chosen], sheet.strain))


@pytest.fixture(scope="module")
def fitted(training, resampler):
    """Models that were hardly trained, and then made such that what they say of any curve falls somewhere."""
    curves, Y, strain = training
    assert (np.diff(Y, axis=1) >= 0).all()
    X = resampler.fit_transform(curves)
    models = Models()
    for name, (model, modulus) in MODELS.items():
        parts = ("primary__", "secondary__") if name == "stack" else ("",)
        flow = {f"{part}elastic_modulus": modulus for part in parts} | {f"{part}strain": strain for part in parts}
        models[name] = clone(model).set_params(**flow).fit(X, Y)
    for model in (*models.values(), models["stack"].primary_, models["stack"].secondary_):
        if hasattr(model, "target_std_"):
            spread = np.random.default_rng(0).uniform(0, 5, len(model.target_std_))
            model.target_std_ = spread * model.target_std_
    models["stack"].weight_ = 1.0
    models["stack"].limit_ = 100 * models["stack"].limit_
    return models


def falls(stress):
    assert np.isfinite(stress).all()
    # One part in a billion is rounding.
    return (np.diff(stress, axis=1) < -1e-9 * np.abs(stress).max(axis=1, keepdims=True)).any()


def falling(models, X):
    return [name for name, model in models.items() if falls(model.predict(X))]


@given(X=arrays(np.float64, (3, POINTS), elements=st.floats(-1e4, 1e4)))
@settings(deadline=None, max_examples=15)
def test_of_any_numbers(fitted, X):
    assert falling(fitted, X) == []


@given(seed=st.integers(0, 2**32 - 1), size=st.floats(0.0, 0.5))
@settings(deadline=None, max_examples=15)
def test_of_perturbed_records(fitted, training, resampler, seed, size):
    errors = MeasurementErrors(
        noise=(0, size), load_offset=(-size, size), load_gain=(-size, size), compliance=(0, 1e-4 * size)
    )
    assert falling(fitted, resampler.transform(perturb_curves(training[0][:3], errors, random_state=seed))) == []


@given(point=st.integers(0, POINTS - 1), factor=st.floats(-100, 100))
@settings(deadline=None, max_examples=15)
def test_of_records_with_one_load_that_is_wrong(fitted, training, resampler, point, factor):
    X = resampler.transform(training[0][:3])
    X[:, point] *= factor
    assert falling(fitted, X) == []


def test_it_is_not_for_lack_of_falls(fitted, training, resampler, monkeypatch):
    """What the models say by themselves does fall, or the tests above would prove nothing."""
    X = resampler.transform(training[0])
    X = X * np.random.default_rng(0).uniform(0.7, 1.3, X.shape)
    assert falling(fitted, X) == []
    for module in (_base, _stacking):
        monkeypatch.setattr(module, "never_falling", lambda flow: flow)
    assert falling(fitted, X) == list(MODELS)
