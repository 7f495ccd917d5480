"""The paper's regressor: its setting, its attention, its relatives."""

import numpy as np
import pytest

from sklearn_spt import CurveResampler, GAFTransformer, LSTMRegressor, Seq2SeqRegressor
from sklearn_spt.datasets import make_spt_curves

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

TINY = {"hidden_size": 8, "conv_channels": 2, "max_epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def arrays():
    X, Y = make_spt_curves(20, random_state=0)
    flat = CurveResampler(n_points=12).fit_transform(X)
    return flat, GAFTransformer(scaling="sample").fit_transform(flat), Y


def test_the_papers_setting():
    model = Seq2SeqRegressor.paper()
    assert (model.n_layers, model.hidden_size, model.decoder) == (5, 128, "autoregressive")
    assert model.net_params["optimizer"] == "Adam"
    assert model.dropout > 0
    # What is ours, and not the paper's, is off.
    assert model.input_scaling == "standard"
    assert (model.net_params["module__bidirectional"], model.net_params["module__head"]) == (False, "context")
    assert Seq2SeqRegressor.paper(n_heads=8).n_heads == 8
    assert isinstance(LSTMRegressor.paper(), LSTMRegressor)


def test_the_papers_network_runs(arrays):
    _, images, Y = arrays
    model = Seq2SeqRegressor.paper(max_epochs=1, random_state=0).fit(images, Y)
    assert model.predict(images[:3]).shape == (3, Y.shape[1])
    assert model.state_["encoder.weight_hh_l4"].shape == (512, 128)
    assert model.state_["decoder.weight_hh_l4"].shape == (512, 128)


@pytest.mark.parametrize("cls", [Seq2SeqRegressor, LSTMRegressor])
@pytest.mark.parametrize("decoder", ["parallel", "autoregressive"])
def test_attention_weights(cls, decoder, arrays):
    _, images, Y = arrays
    model = cls(**TINY, n_heads=2, decoder=decoder).fit(images, Y)
    weights = model.attention_weights(images)
    assert weights.shape == (len(Y), 2, Y.shape[1], 12)
    np.testing.assert_allclose(weights.sum(axis=3), 1.0, rtol=1e-6)


def test_lstm_is_the_same_without_the_image(arrays):
    flat, images, Y = arrays
    with_image = LSTMRegressor(**TINY).fit(images, Y).predict(images)
    without = LSTMRegressor(**TINY).fit(flat, Y).predict(flat)
    np.testing.assert_array_equal(with_image, without)
    np.testing.assert_array_equal(without, Seq2SeqRegressor(**TINY).fit(flat, Y).predict(flat))


def test_the_image_is_seen(arrays):
    _, images, Y = arrays
    model = Seq2SeqRegressor(**TINY).fit(images, Y)
    blank = images.copy()
    blank[:, :, 1:] = 0.0
    assert np.abs(model.predict(images) - model.predict(blank)).max() > 0


def test_deep_networks_are_built(arrays):
    flat, _, Y = arrays
    model = Seq2SeqRegressor(**{**TINY, "conv_channels": 0}, n_layers=3, dropout=0.2).fit(flat, Y)
    assert model.predict(flat).shape == Y.shape
