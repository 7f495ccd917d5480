"""Small perceptrons between principal components."""

import copy
import warnings

import joblib
import numpy as np
import pytest
import torch

from sklearn_spt import CurveResampler, MLPCurveRegressor
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.metrics import curve_mean_relative_error
from sklearn_spt.regressors import _mlp as perceptron
from sklearn_spt.regressors._scores import scores

QUICK = {"n_components": (4, 5), "n_target_components": 2, "hidden_size": 5, "max_iter": 60, "random_state": 0}


@pytest.fixture(scope="module")
def data():
    X, Y, strain = make_spt_curves(140, return_strain=True, random_state=0)
    curves = CurveResampler(n_points=16, descriptors=("thickness",)).fit_transform(X)
    return curves[:120], Y[:120], curves[120:], Y[120:], strain


@pytest.fixture(scope="module")
def quick(data):
    return MLPCurveRegressor(**QUICK).fit(*data[:2])


def test_few_curves_are_enough(data):
    X, Y, X_new, Y_new, strain = data
    model = MLPCurveRegressor(hidden_size=6, max_iter=300, random_state=0).fit(X, Y)
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.002
    flow = MLPCurveRegressor(hidden_size=6, max_iter=300, elastic_modulus="curve", strain=strain, random_state=0).fit(
        X, Y
    )
    assert np.median(curve_mean_relative_error(Y_new, flow.predict(X_new))) < 0.004


def test_prediction_is_the_formula_of_the_notes(data, quick):
    _, _, X_new, _, _ = data
    z = scores(quick._scale(X_new), quick.components_)
    found = np.zeros((len(z), 2, 2))
    for i, of_curve in enumerate(z):
        for k in range(4):
            first = np.tanh(quick.input_weights_[k].T @ of_curve + quick.input_biases_[k])
            second = np.tanh(quick.hidden_weights_[k].T @ first + quick.hidden_biases_[k])
            linear = quick.linear_weights_[k] @ of_curve + quick.output_biases_[k]
            found[i, k // 2, k % 2] = quick.output_weights_[k] @ second + linear
    # The first set does not use the last but one score, which is a load's; the last one is the thickness.
    assert not quick.input_weights_[:2, -2].any()
    assert not quick.linear_weights_[:2, -2].any()
    assert quick.input_weights_[2:, -2].any()
    scaled = found.mean(axis=1) @ quick.target_components_
    by_hand = np.exp(scaled * quick.target_std_ + quick.target_mean_)
    np.testing.assert_allclose(quick.predict(X_new), by_hand, rtol=1e-9)


def test_derivatives_are_those_of_autograd(monkeypatch):
    monkeypatch.setattr("sklearn_spt.regressors._mlp.BATCH", 7)
    random = np.random.default_rng(0)
    inputs, target = random.standard_normal((20, 3)), random.standard_normal(20)
    vector = random.standard_normal(3 * 4 + 4 + 16 + 4 + 4 + 3 + 1)
    square, slope = perceptron._curvature(perceptron._split(vector, 3, 4), inputs, target)

    def outputs(v):
        parts = torch.split(v, [12, 4, 16, 4, 4, 3, 1])
        first = torch.tanh(torch.from_numpy(inputs) @ parts[0].reshape(3, 4) + parts[1])
        second = torch.tanh(first @ parts[2].reshape(4, 4) + parts[3])
        return second @ parts[4] + torch.from_numpy(inputs) @ parts[5] + parts[6]

    jacobian = torch.autograd.functional.jacobian(outputs, torch.from_numpy(vector)).numpy()
    lacking = target - outputs(torch.from_numpy(vector)).numpy()
    np.testing.assert_allclose(square, jacobian.T @ jacobian, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(slope, jacobian.T @ lacking, rtol=1e-9, atol=1e-9)
    assert perceptron._errors(perceptron._split(vector, 3, 4), inputs, target) == pytest.approx(lacking @ lacking)


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_the_noise_is_found(noise):
    random = np.random.default_rng(0)
    z = random.uniform(-1.7, 1.7, (1500, 2))
    true = np.sin(z[:, 0]) * np.cos(z[:, 1]) + z[:, 1]
    true /= true.std()
    target = true + noise * random.standard_normal(len(z))
    found = perceptron._train(z, target, 8, 1000, 1e-3, np.random.SeedSequence(0))
    # Twenty times as many curves as weights: a few percent.
    assert 1 / np.sqrt(found.precision) == pytest.approx(noise, rel=0.06)
    left = np.std(perceptron._outputs(found.weights, z)[0] - true)
    assert left < 0.2 * noise
    assert 5 < found.n_effective < 90
    assert len(found.history) < 1000  # the tolerance ended it


@pytest.mark.parametrize("n_curves", [40, 120])
def test_more_weights_than_curves_do_not_learn_the_noise_by_heart(data, n_curves):
    X, Y, X_new, Y_new, _ = data
    random = np.random.default_rng(0)
    X, X_new = (x.copy() for x in (X[:n_curves], X_new))
    for x in (X, X_new):
        x[:, :, 0] *= 1 + 0.01 * random.standard_normal(x.shape[:2])
    model = MLPCurveRegressor(n_components=3, n_target_components=2, random_state=0).fit(X, Y[:n_curves])
    assert (model.n_effective_ < n_curves / 2).all()
    assert np.median(curve_mean_relative_error(Y_new, model.predict(X_new))) < 0.01


@pytest.mark.parametrize("n_curves", [30, 400])
def test_evidence_is_that_of_the_whole_formula(n_curves):
    random = np.random.default_rng(0)
    inputs, target = random.standard_normal((n_curves, 2)), random.standard_normal(n_curves)
    found = perceptron.Perceptron(inputs, target, 3, 1.0, 0).train(50, 0.0)
    square, _ = perceptron._curvature(found.weights, inputs, target)
    precision, penalty = found.precision, found.penalty
    curvature = precision * square + penalty * np.diag(found.penalised)
    found._update(square)
    n_effective = len(square) - penalty * np.trace(np.linalg.inv(curvature) @ np.diag(found.penalised))
    assert found.n_effective == pytest.approx(n_effective, rel=1e-6)
    determinant = np.linalg.slogdet(curvature)[1] - np.sum(np.log(found.penalised))
    twice = n_curves * np.log(precision) + len(square) * np.log(penalty) - determinant
    twice -= precision * found.error + penalty * found.size
    assert found.evidence == pytest.approx(twice / 2)
    assert found.penalty == pytest.approx(n_effective / found.size)
    assert found.precision == pytest.approx((n_curves - n_effective) / found.error)


def test_a_ensemble_is_the_mean_of_its_sets(data):
    X, Y, X_new, _, _ = data
    both = MLPCurveRegressor(**QUICK | {"target_scaling": "standard"}).fit(X, Y)
    sets = []
    for part in (slice(0, 2), slice(2, 4)):
        one = copy.copy(both)
        for name in ("input_weights_", "input_biases_", "hidden_weights_", "hidden_biases_", "output_weights_"):
            setattr(one, name, getattr(both, name)[part])
        one.linear_weights_, one.output_biases_ = both.linear_weights_[part], both.output_biases_[part]
        sets.append(one.predict(X_new))
    np.testing.assert_allclose(both.predict(X_new), np.mean(sets, axis=0), rtol=1e-9)
    assert np.abs(sets[0] - sets[1]).max() > 1e-6


def test_seed_and_jobs(data, quick):
    X, Y, X_new, _, _ = data
    expected = quick.predict(X_new)
    np.testing.assert_array_equal(MLPCurveRegressor(**QUICK).fit(X, Y).predict(X_new), expected)
    with joblib.parallel_backend("threading"):
        parallel = MLPCurveRegressor(**QUICK, n_jobs=2).fit(X, Y)
    np.testing.assert_allclose(parallel.predict(X_new), expected, rtol=1e-6)
    other = MLPCurveRegressor(**QUICK | {"random_state": 1}).fit(X, Y).predict(X_new)
    assert np.abs(other / expected - 1).max() > 1e-9


def test_each_set_draws_curves_of_its_own(data, monkeypatch):
    X, Y, _, _, _ = data
    seen = []
    train = perceptron._train

    def spy(inputs, target, *others):
        seen.append((inputs, target))
        return train(inputs, target, *others)

    monkeypatch.setattr("sklearn_spt.regressors._mlp._train", spy)
    MLPCurveRegressor(**QUICK | {"n_components": (4, 4)}, max_samples=50).fit(X, Y)
    assert {len(inputs) for inputs, _ in seen} == {50}
    np.testing.assert_array_equal(seen[0][0], seen[1][0])
    assert (seen[0][0][:, :4] != seen[2][0][:, :4]).any()
    # Each drawn curve has its own target.
    everything = MLPCurveRegressor(**QUICK, max_samples=120)
    seen.clear()
    everything.fit(X, Y)
    z = scores(everything._scale(X), everything.components_)
    np.testing.assert_allclose(seen[2][0], z)
    scaled = (np.log(Y) - everything.target_mean_) / everything.target_std_
    direction = everything.target_components_[1]
    np.testing.assert_allclose(seen[3][1], scaled @ direction / (direction @ direction), atol=1e-9)


def test_curves_unlike_the_training_are_told(data, quick):
    X_new = data[2].copy()
    X_new[2, :, 0] *= 10
    with pytest.warns(UntrustedPredictionWarning, match=r"1 of 20 curves is unlike .*curve 2"):
        quick.predict(X_new)


def test_an_image_is_left_out(data, quick):
    X, Y, X_new, _, _ = data
    with_image = [np.concatenate([x, np.ones((len(x), 16, 16))], axis=2) for x in (X, X_new)]
    model = MLPCurveRegressor(**QUICK).fit(with_image[0], Y)
    np.testing.assert_array_equal(model.predict(with_image[1]), quick.predict(X_new))


def test_curves_and_targets_that_are_all_the_same(data):
    X, Y, X_new, _, _ = data
    with pytest.raises(ValueError, match="all curves of X are the same"):
        MLPCurveRegressor(**QUICK).fit(np.repeat(X[:1, :, 0], 9, axis=0), Y[:9])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MLPCurveRegressor(**QUICK).fit(X, np.repeat(Y[:1], len(X), axis=0))
        np.testing.assert_allclose(model.predict(X_new), np.repeat(Y[:1], len(X_new), axis=0))
        # The same curve many times.
        twice = MLPCurveRegressor(**QUICK).fit(np.repeat(X[:30], 4, axis=0), np.repeat(Y[:30], 4, axis=0))
        assert np.median(curve_mean_relative_error(Y[:30], twice.predict(X[:30]))) < 0.01


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"n_components": 0}, ValueError),
        ({"n_components": ()}, ValueError),
        ({"n_components": (3, 2.5)}, TypeError),
        ({"n_target_components": 0}, ValueError),
        ({"hidden_size": 0}, ValueError),
        ({"hidden_size": 2.5}, TypeError),
        ({"max_samples": 1}, ValueError),
        ({"max_iter": 0}, ValueError),
        ({"tol": -1}, ValueError),
        ({"tol": "small"}, TypeError),
        ({"elastic_modulus": "mean"}, ValueError),
    ],
)
def test_bad_parameters_are_named(data, parameters, error):
    (name,) = parameters
    with pytest.raises(error, match=f"MLPCurveRegressor: {name} must"):
        MLPCurveRegressor(**parameters).fit(*data[:2])
