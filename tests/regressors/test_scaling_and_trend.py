"""Scaling and trend: what they learn, and that they undo themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_spt import Seq2SeqRegressor
from sklearn_spt.regressors import _scaling, _trend

# The data here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")

POSITIVE = arrays(np.float64, (6, 4), elements=st.floats(1e-3, 1e4))
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("kind", ["log", "standard"])
@given(POSITIVE)
def test_target_scaling_undoes_itself(kind, y):
    statistics = _scaling.learn_target_scaling(y, kind)
    scaled = _scaling.scale_target(y, kind, *statistics)
    # A value far below the mean that is taken off and added again keeps the digits that the mean leaves it.
    rounding = 4 * np.finfo(np.float64).eps * y.max()
    np.testing.assert_allclose(_scaling.unscale_target(scaled, kind, *statistics), y, rtol=1e-9, atol=rounding)


@pytest.mark.parametrize("kind", ["log", "standard"])
def test_scaled_input_has_unit_variance_at_every_point(kind):
    X = RNG.uniform(1, 100, (50, 8, 2))
    scaled = _scaling.scale_input(X, *_scaling.learn_input_scaling(X, kind))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


def test_logarithmic_input_is_a_logarithm_of_loads_and_takes_any_sign():
    X = RNG.uniform(50, 150, (200, 1, 1))
    linear, mean, std = _scaling.learn_input_scaling(X, "log")
    values = np.array([[[100.0]], [[50.0]]])
    high, low = _scaling.scale_input(values, linear, mean, std)[:, 0, 0] * std[0, 0]
    assert high - low == pytest.approx(np.log(2), rel=1e-3)
    around_zero = _scaling.scale_input(np.array([[[-1.0]], [[0.0]], [[1.0]]]), linear, 0.0, 1.0)[:, 0, 0]
    assert around_zero[1] == 0
    assert around_zero[0] == -around_zero[2]


def test_a_point_at_which_all_curves_agree_stays_harmless():
    X = np.full((5, 3, 1), 0.1)
    scaled = _scaling.scale_input(X * (1 + 1e-15), *_scaling.learn_input_scaling(X, "standard"))
    assert np.abs(scaled).max() < 1e-9


class TestTrend:
    @staticmethod
    def curves(n=400):
        latent = RNG.normal(size=(n, 2))
        shapes = RNG.normal(size=(2, 10))
        return (latent * [1.0, 0.01]) @ shapes, latent

    def test_scores_have_unit_variance(self):
        X, _ = self.curves()
        X = (X - X.mean(axis=0))[:, :, None]
        components, _ = _trend.fit_components(X, 6)
        assert len(components) == 2
        np.testing.assert_allclose(_trend.scores(X, components).std(axis=0), 1, rtol=1e-9)

    def test_whitening_makes_what_differs_little_as_large_as_what_differs_much(self):
        X, _ = self.curves()
        X = (X - X.mean(axis=0))[:, :, None]
        whitened = _trend.whiten(X, _trend.fit_components(X, 6)[0])
        singular = np.linalg.svd(whitened[:, :, 0], compute_uv=False)
        np.testing.assert_allclose(singular[:2] / singular[0], 1, rtol=1e-9)
        assert whitened.std() == pytest.approx(1, rel=1e-9)

    @pytest.mark.parametrize("degree", [1, 2, 3])
    def test_a_polynomial_of_its_degree_is_found(self, degree):
        X, latent = self.curves()
        X = (X - X.mean(axis=0))[:, :, None]
        y = np.stack([latent[:, 0] ** degree - latent[:, 1], 1 + latent[:, 1] ** degree], axis=1)
        score = _trend.scores(X, _trend.fit_components(X, 6)[0])
        chosen, trend = _trend.fit_trend(score, y, 3)
        assert chosen == degree
        np.testing.assert_allclose(_trend.predict_trend(score, 2, degree, trend), y, atol=1e-4)

    def test_it_is_held_at_the_edge_of_the_training_range(self):
        score = RNG.uniform(-1, 1, (100, 2))
        y = score[:, :1] ** 4 - 3 * score[:, 1:] ** 3
        _, trend = _trend.fit_trend(score, y, 4)
        far = _trend.predict_trend(np.array([[50.0, -80.0], [1e6, 1e6]]), 1, 4, trend)
        margin = 0.1 * np.ptp(y)
        assert far.max() <= y.max() + margin + 1e-12
        assert far.min() >= y.min() - margin - 1e-12

    @pytest.mark.parametrize(
        ("n_curves", "highest", "degree"), [(10, 3, 0), (13, 3, 0), (14, 3, 1), (56, 3, 2), (168, 3, 3), (168, 1, 1)]
    )
    def test_degree_is_limited_by_the_number_of_curves(self, n_curves, highest, degree):
        # Six components have 7, 28 and 84 terms up to degrees 1, 2 and 3.
        score = RNG.normal(size=(n_curves, 6))
        chosen, trend = _trend.fit_trend(score, np.exp(score.sum(axis=1, keepdims=True)), highest)
        assert chosen <= degree
        assert (degree == 0) == (trend == {})

    def test_noise_gets_no_high_degree(self):
        score = RNG.normal(size=(200, 4))
        chosen, _ = _trend.fit_trend(score, score[:, :1] + RNG.normal(size=(200, 1)), 4)
        assert chosen == 1

    def test_the_network_learns_what_the_trend_leaves(self):
        X, latent = self.curves(300)
        X = X + 5
        y = np.exp(0.3 * latent[:, :1] + 0.1 * np.sin(3 * latent[:, 1:]))
        settings = {"hidden_size": 16, "max_epochs": 30, "random_state": 0, "trend_degree": 3}
        settings["input_scaling"] = "standard"
        model = Seq2SeqRegressor(**settings).fit(X[:250], y[:250])
        assert model.trend_degree_ == 3
        trend_alone = Seq2SeqRegressor(**settings).fit(X[:250], y[:250])
        trend_alone.residual_std_ = trend_alone.residual_std_ * 0
        errors = [np.abs(m.predict(X[250:]) - y[250:]).mean() for m in (model, trend_alone)]
        assert errors[0] < 0.8 * errors[1]

    def test_a_descriptor_is_a_coordinate_of_its_own(self):
        X, latent = self.curves()
        X = X - X.mean(axis=0)
        # One that goes with the curves, as the thickness does, and one that all curves share.
        thickness = np.tile((X[:, :1] + latent[:, 1:]), 10)
        scaled = np.stack([X, thickness - thickness.mean(), np.zeros_like(X)], axis=2)
        components, _ = _trend.fit_components(scaled, 6)
        score = _trend.scores(scaled, components)
        assert components.shape == (3, 30)
        alone = _trend.scores(X[:, :, None], _trend.fit_components(X[:, :, None], 6)[0])
        np.testing.assert_allclose(np.abs(score[:, :2]), np.abs(alone), rtol=1e-6)
        np.testing.assert_allclose(score[:, 2], scaled[:, 0, 1] / scaled[:, 0, 1].std())
