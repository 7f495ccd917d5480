"""Scaling and components: what they learn, and that they undo themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sklearn_spt.regressors import _scaling, _scores

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


@pytest.mark.parametrize("kind", ["log", "standard"])
def test_missing_values_count_in_no_statistic(kind):
    X = RNG.uniform(1, 100, (50, 8, 1))
    X[:30, 5] = X[:, 7] = np.nan
    linear, mean, std = _scaling.learn_input_scaling(X, kind)
    recorded = _scaling.learn_input_scaling(X[30:, 5:6], kind)
    np.testing.assert_allclose([linear[5], mean[5], std[5]], [part[0] for part in recorded])
    assert (mean[7, 0], std[7, 0]) == (0, 1)


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


class TestComponents:
    @staticmethod
    def curves(n=400):
        latent = RNG.normal(size=(n, 2))
        shapes = RNG.normal(size=(2, 10))
        return (latent * [1.0, 0.01]) @ shapes, latent

    def test_scores_have_unit_variance(self):
        X, _ = self.curves()
        X = (X - X.mean(axis=0))[:, :, None]
        components, _ = _scores.fit_components(X, 6)
        assert len(components) == 2
        np.testing.assert_allclose(_scores.scores(X, components).std(axis=0), 1, rtol=1e-9)

    def test_a_descriptor_is_a_coordinate_of_its_own(self):
        X, latent = self.curves()
        X = X - X.mean(axis=0)
        # One that goes with the curves, as the thickness does, and one that all curves share.
        thickness = np.tile((X[:, :1] + latent[:, 1:]), 10)
        scaled = np.stack([X, thickness - thickness.mean(), np.zeros_like(X)], axis=2)
        components, _ = _scores.fit_components(scaled, 6)
        score = _scores.scores(scaled, components)
        assert components.shape == (3, 30)
        alone = _scores.scores(X[:, :, None], _scores.fit_components(X[:, :, None], 6)[0])
        np.testing.assert_allclose(np.abs(score[:, :2]), np.abs(alone), rtol=1e-6)
        np.testing.assert_allclose(score[:, 2], scaled[:, 0, 1] / scaled[:, 0, 1].std())
