"""Gaussian processes between principal components."""

import copy
import warnings

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

from sklearn_spt import CurveResampler, GaussianProcessCurveRegressor
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.metrics import curve_mean_relative_error
from sklearn_spt.regressors._gaussian_process import _correlation
from sklearn_spt.regressors._scores import scores


@pytest.fixture(scope="module")
def data():
    X, Y, strain = make_spt_curves(120, return_strain=True, random_state=0)
    curves = CurveResampler(n_points=16, descriptors=("thickness",)).fit_transform(X)
    return curves[:100], Y[:100], curves[100:], Y[100:], strain


def test_few_curves_are_enough(data):
    X, Y, X_new, Y_new, strain = data
    model = GaussianProcessCurveRegressor(random_state=0).fit(X, Y)
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.002
    flow = GaussianProcessCurveRegressor(elastic_modulus="curve", strain=strain, random_state=0).fit(X, Y)
    assert np.median(curve_mean_relative_error(Y_new, flow.predict(X_new))) < 0.004


def test_the_processes_are_scikit_learn_s(data):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(n_target_components=2, random_state=0).fit(X, Y)
    z, z_new = model.scores_, scores(model._scale(X_new), model.components_)
    log = (np.log(Y) - model.target_mean_) / model.target_std_
    found = np.zeros((len(X_new), 2))
    for j in range(2):
        kernel = ConstantKernel(model.variance_[j]) * Matern(model.length_scale_[j], nu=2.5)
        process = GaussianProcessRegressor(kernel + WhiteKernel(model.noise_[j]), optimizer=None)
        direction = model.target_components_[j]
        found[:, j] = process.fit(z, log @ direction / (direction @ direction)).predict(z_new)
    by_hand = np.exp(found @ model.target_components_ * model.target_std_ + model.target_mean_)
    np.testing.assert_allclose(model.predict(X_new), by_hand, rtol=1e-6)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.5, np.inf])
def test_correlations_are_scikit_learn_s(nu):
    rng = np.random.default_rng(0)
    one, other, length_scale = rng.normal(size=(9, 4)), rng.normal(size=(7, 4)), np.array([0.3, 1.0, 1e4, np.inf])
    other[0] = one[0]
    kernel = RBF(length_scale) if np.isinf(nu) else Matern(length_scale, nu=nu)
    np.testing.assert_allclose(_correlation(one, other, length_scale, nu), kernel(one, other), rtol=1e-13)


@pytest.mark.parametrize("nu", [0.5, 1.5, np.inf])
def test_other_kernels(data, nu):
    X, Y, X_new, Y_new, _ = data
    model = GaussianProcessCurveRegressor(nu=nu, random_state=0).fit(X, Y)
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.03


def test_many_curves_are_drawn_from_and_predicted_in_parts(data, monkeypatch):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(max_inducing_points=40, n_tuning=30, random_state=0).fit(X, Y)
    assert model.scores_.shape == (40, len(model.components_))
    assert model.alpha_.shape[0] == 40
    # With next to no noise the weights are large, and the sum of the terms is what their order makes it.
    expected = model.predict(X_new)
    monkeypatch.setattr("sklearn_spt.regressors._components.BATCH", 7)
    np.testing.assert_allclose(model.predict(X_new), expected, rtol=1e-5)


def perturbed_copies(X, Y, n):
    random = np.random.default_rng(0)
    X, Y = (np.concatenate([values] * n) for values in (X, Y))
    X[:, :, 0] *= 1 + 0.01 * random.standard_normal(X.shape[:2])
    return X, Y


@pytest.mark.parametrize("nu", [0.5, 2.5])
def test_drawn_curves_are_the_inducing_points_of_a_projected_process(data, monkeypatch, nu):
    X, Y = perturbed_copies(*data[:2], 3)
    X_new = data[2]
    monkeypatch.setattr("sklearn_spt.regressors._gaussian_process.BATCH", 64)
    # Covariances of smooth kernels at so many points can hardly be inverted; this is as little as they need here.
    monkeypatch.setattr("sklearn_spt.regressors._gaussian_process.JITTER", 1e-12)
    model = GaussianProcessCurveRegressor(
        nu=nu, n_target_components=2, target_scaling="standard", max_inducing_points=50, n_tuning=100, random_state=0
    ).fit(X, Y)
    z, z_new = (scores(model._scale(curves), model.components_) for curves in (X, X_new))
    drawn = model.scores_
    found = np.zeros((len(z_new), 2))
    for j in range(2):
        kernel = ConstantKernel(model.variance_[j]) * Matern(model.length_scale_[j], nu=nu)
        direction = model.target_components_[j]
        target = (Y - model.target_mean_) / model.target_std_ @ direction / (direction @ direction)
        # The formula of the docstring as the least squares that it solves, which rounding spoils less.
        values, vectors = np.linalg.eigh(kernel(drawn))
        prior = np.sqrt(model.noise_[j] * np.maximum(values, 0))[:, None] * vectors.T
        rows, right = np.vstack([kernel(z, drawn), prior]), np.append(target, np.zeros(len(drawn)))
        found[:, j] = kernel(z_new, drawn) @ np.linalg.lstsq(rows, right)[0]
    by_hand = found @ model.target_components_ * model.target_std_ + model.target_mean_
    np.testing.assert_allclose(model.predict(X_new), by_hand, rtol=1e-4)


def test_all_perturbed_copies_are_learned_from(data):
    X, Y = perturbed_copies(*data[:2], 10)
    X_new, Y_new = perturbed_copies(*data[2:4], 10)
    few = np.random.default_rng(0).permutation(len(X))[:40]
    errors = []
    for curves, stresses in ((X, Y), (X[few], Y[few])):
        model = GaussianProcessCurveRegressor(max_inducing_points=40, n_tuning=100, random_state=0).fit(
            curves, stresses
        )
        with warnings.catch_warnings():
            # Forty curves do not reach as far as all.
            warnings.simplefilter("ignore", UntrustedPredictionWarning)
            errors.append(np.mean(curve_mean_relative_error(Y_new, model.predict(X_new))))
    assert errors[0] < 0.9 * errors[1]


def test_ensemble(data):
    X, Y, X_new, Y_new, _ = data
    # Stresses are then linear in the scores of the targets.
    model = GaussianProcessCurveRegressor(n_components=(3, 5, 2), target_scaling="standard", random_state=0).fit(X, Y)
    n = len(model.target_components_)
    assert model.alpha_.shape == (len(X), 3 * n)
    # Five components and the thickness, which is the last.
    np.testing.assert_array_equal(
        np.isfinite(model.length_scale_[::n]),
        [[True] * 3 + [False] * 2 + [True], [True] * 6, [True] * 2 + [False] * 3 + [True]],
    )
    members = []
    for j, number in enumerate(model.n_components):
        member = copy.deepcopy(model).set_params(n_components=number)
        own = slice(j * n, (j + 1) * n)
        for name in ("variance_", "noise_", "length_scale_"):
            setattr(member, name, getattr(model, name)[own])
        member.alpha_ = model.alpha_[:, own]
        members.append(member.predict(X_new))
    np.testing.assert_allclose(model.predict(X_new), np.mean(members, axis=0), rtol=1e-10)
    together, spread = model.predict(X_new, return_std=True)
    np.testing.assert_allclose(together, np.mean(members, axis=0), rtol=1e-10)
    np.testing.assert_allclose(spread, np.std(members, axis=0), rtol=1e-6, atol=1e-9)
    errors = [np.median(curve_mean_relative_error(Y_new, predicted)) for predicted in members]
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < np.mean(errors)
    # The first draws what a single one draws; weights are large, and roundings not the same everywhere.
    alone = model.set_params(n_components=3).fit(X, Y).predict(X_new)
    np.testing.assert_allclose(alone, members[0], rtol=1e-3)
    with pytest.raises(ValueError, match="return_std needs an ensemble"):
        model.predict(X_new, return_std=True)


def test_the_spread_of_an_ensemble_is_that_of_flow_curves(data):
    X, Y, X_new, _, strain = data
    modulus = 2 * (Y[:, 0] / strain[0]).max()
    Y = np.minimum(Y, modulus * strain)
    model = GaussianProcessCurveRegressor(
        n_components=(3, 5), n_tuning=30, elastic_modulus=modulus, strain=strain, random_state=0
    ).fit(X, Y)
    stress, spread = model.predict(X_new, return_std=True)
    np.testing.assert_array_equal(stress, model.predict(X_new))
    assert spread.shape == stress.shape
    assert (spread[:, -1] > 0).all()
    at, spread_at = model.predict(X_new, strain=strain[3:5], return_std=True)
    np.testing.assert_allclose(at, stress[:, 3:5], rtol=1e-9)
    np.testing.assert_allclose(spread_at, spread[:, 3:5], rtol=1e-6, atol=1e-9)
    single = GaussianProcessCurveRegressor(n_components=(3, 5), n_tuning=30, random_state=0).fit(X, Y[:, -1])
    assert [part.shape for part in single.predict(X_new, return_std=True)] == [(len(X_new),)] * 2


def test_numbers_of_an_ensemble_in_any_sequence(data):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(n_components=(2, 4), n_tuning=30, random_state=0).fit(X, Y)
    expected = model.predict(X_new)
    for numbers in ([2, 4], np.array([2, 4]), np.array([2, 4], dtype=np.uint64), (np.uint64(2), np.int64(4))):
        np.testing.assert_array_equal(model.set_params(n_components=numbers).fit(X, Y).predict(X_new), expected)
    # There are fewer directions than that in these curves.
    many = model.set_params(n_components=(40, 2**70)).fit(X, Y)
    assert np.isfinite(many.length_scale_).all()
    assert many.length_scale_.shape == (2 * len(many.target_components_), len(many.components_))
    assert np.isfinite(many.predict(X_new)).all()


def test_each_set_of_an_ensemble_draws_curves_of_its_own(data):
    X, Y, X_new, Y_new, _ = data
    model = GaussianProcessCurveRegressor(n_components=(4, 4), max_inducing_points=40, n_tuning=30, random_state=0).fit(
        X, Y
    )
    used = model.alpha_ != 0
    n = len(model.target_components_)
    np.testing.assert_array_equal(used.sum(axis=0), np.full(2 * n, 40))
    assert (used[:, :n] == used[:, :1]).all()
    assert (used[:, 0] != used[:, n]).any()
    assert model.scores_.shape == (np.sum(used[:, 0] | used[:, n]), len(model.components_))
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.01


def test_curves_unlike_the_training_are_told(data):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(random_state=0).fit(X, Y)
    strange = X_new.copy()
    strange[3, :, 0] *= 5
    with pytest.warns(UntrustedPredictionWarning, match="curve 3"):
        predicted = model.predict(strange)
    assert np.isfinite(predicted).all()


def test_an_image_is_left_out(data):
    X, Y, X_new, _, _ = data
    with_image = [np.concatenate([curves, np.ones((len(curves), 16, 16))], axis=2) for curves in (X, X_new)]
    model = GaussianProcessCurveRegressor(random_state=0).fit(with_image[0], Y)
    plain = GaussianProcessCurveRegressor(random_state=0).fit(X, Y)
    np.testing.assert_array_equal(model.predict(with_image[1]), plain.predict(X_new))


def test_curves_that_are_the_same_twice_can_be_inverted(data):
    X, Y, X_new, Y_new, _ = data
    model = GaussianProcessCurveRegressor(random_state=0).fit(np.concatenate([X, X]), np.concatenate([Y, Y]))
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.002


def test_curves_and_targets_that_are_all_the_same(data):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(n_components=(2, 3), random_state=0)
    constant = np.full((len(X), 3), [200.0, 300.0, 400.0])
    np.testing.assert_allclose(model.fit(X, constant).predict(X_new), constant[: len(X_new)], rtol=1e-12)
    with pytest.raises(ValueError, match="all curves of X are the same"):
        model.fit(np.repeat(X[:1, :, 0], len(X), axis=0), Y)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"n_components": 0}, ValueError),
        ({"n_components": "7"}, TypeError),
        ({"n_components": ()}, ValueError),
        ({"n_components": (5, 0)}, ValueError),
        ({"n_components": (5, 7.0)}, TypeError),
        ({"n_components": [[5, 7]]}, TypeError),
        ({"n_components": (5, (7, 10))}, TypeError),
        ({"n_components": np.array([[5, 7]])}, TypeError),
        ({"n_components": range(5, 8)}, TypeError),
        ({"n_components": (True, 2)}, TypeError),
        ({"n_target_components": 0}, ValueError),
        ({"nu": 2.0}, ValueError),
        ({"nu": "rbf"}, TypeError),
        ({"n_tuning": 1}, ValueError),
        ({"max_inducing_points": 3.5}, TypeError),
        ({"input_scaling": "none"}, ValueError),
    ],
)
def test_bad_parameters_are_named(data, parameters, error):
    (name,) = parameters
    with pytest.raises(error, match=f"GaussianProcessCurveRegressor: {name} must be"):
        GaussianProcessCurveRegressor(**parameters).fit(*data[:2])


def test_seed(data):
    X, Y, X_new, _, _ = data
    model = GaussianProcessCurveRegressor(n_tuning=50, random_state=3)
    np.testing.assert_array_equal(model.fit(X, Y).predict(X_new), model.fit(X, Y).predict(X_new))
