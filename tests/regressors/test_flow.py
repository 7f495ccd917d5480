"""Regressors that predict flow curves and put Hooke's line in front."""

import copy

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_spt import ANNRegressor, load_model, save_model
from sklearn_spt.mechanics import Swift

STRAIN = 0.002 * np.arange(1, 51)
E = 70_000.0
RNG = np.random.default_rng(0)
K = RNG.uniform(300, 3000, 200)
Y = np.array([Swift(E=E, K=k, epsilon0=0.01, n=0.2).true_stress(STRAIN) for k in K])
X = K[:, None] * np.linspace(0.1, 1, 12) ** 0.5
TRAIN, TEST = slice(0, 160), slice(160, None)


def model(**changes):
    settings = {"hidden_size": 16, "n_layers": 2, "conv_channels": 0, "lr": 3e-3, "max_epochs": 300}
    return ANNRegressor(**{**settings, "random_state": 0, **changes})


def worst(fitted):
    return np.abs(fitted.predict(X[TEST]) - Y[TEST]).max()


@pytest.fixture(scope="module")
def trained():
    return model(elastic_modulus=E, strain=STRAIN).fit(X[TRAIN], Y[TRAIN])


@pytest.fixture
def flow(trained):
    return copy.deepcopy(trained)


def test_the_kink_is_followed(flow):
    plain = model().fit(X[TRAIN], Y[TRAIN])
    assert worst(flow) < 0.2 * worst(plain)
    assert flow.n_outputs_ == 40
    assert not hasattr(plain, "flow_")
    flow.set_params(elastic_modulus=None, max_epochs=1)
    assert not hasattr(flow.fit(X[TRAIN], Y[TRAIN]), "flow_")


def test_what_was_fitted_counts_and_not_the_parameters_of_later(flow):
    before = flow.predict(X[TEST])
    np.testing.assert_array_equal(flow.set_params(elastic_modulus=None).predict(X[TEST]), before)


def test_modulus_of_each_curve():
    moduli = RNG.uniform(190_000, 220_000, 200)
    strain = np.append(0.0005, STRAIN)
    stress = np.array(
        [Swift(E=e, K=k, epsilon0=0.05, n=0.2).true_stress(strain) for e, k in zip(moduli, K, strict=True)]
    )
    fitted = model(elastic_modulus="curve", strain=strain).fit(np.column_stack([X, moduli]), stress)
    assert fitted.n_outputs_ == 41
    predicted = fitted.predict(np.column_stack([X, moduli]))
    assert predicted.shape == stress.shape
    np.testing.assert_allclose(predicted[:, 0] / 0.0005, moduli, rtol=0.1)


def test_model_file(tmp_path, flow):
    save_model(tmp_path / "flow.spt", flow)
    np.testing.assert_array_equal(load_model(tmp_path / "flow.spt").predict(X[TEST]), flow.predict(X[TEST]))
    clone(flow).set_params(max_epochs=1).fit(X[TRAIN], Y[TRAIN])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"elastic_modulus": -1}, "ANNRegressor: elastic_modulus must be a number > 0 .*, or None; got -1"),
        ({"elastic_modulus": "steel"}, "elastic_modulus must be .* got .steel."),
        ({"elastic_modulus": 7_000, "strain": STRAIN}, "curve 0 has .* above Hooke's line of elastic_modulus=7000 MPa"),
        ({"elastic_modulus": E, "strain": STRAIN[1:]}, "the curves have 50 columns, but strain has the shape"),
    ],
)
def test_what_is_wrong_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        model(**settings).fit(X, Y)


def test_one_model_answers_at_any_strain(flow):
    on_grid = flow.predict(X[TEST])
    np.testing.assert_allclose(flow.predict(X[TEST], strain=STRAIN[[40, 3, 17]]), on_grid[:, [40, 3, 17]], rtol=1e-12)
    between = flow.predict(X[TEST], strain=[0.0, 1e-5, *(STRAIN[20:25] + 0.001)])
    np.testing.assert_allclose(between[:, :2], np.broadcast_to([0.0, 1e-5 * E], (40, 2)), rtol=1e-12)
    assert ((between[:, 2:] >= on_grid[:, 20:25]) & (between[:, 2:] <= on_grid[:, 21:26])).all()
    for strain in (0.2, [], [-0.1], [0.11], [np.nan]):
        with pytest.raises(ValueError, match=r"strain must be a list of true strains from 0 to 0\.1"):
            flow.predict(X[TEST], strain=strain)
    with pytest.raises(ValueError, match="strain needs a model that was trained with elastic_modulus"):
        model(max_epochs=1).fit(X[TRAIN], Y[TRAIN]).predict(X[TEST], strain=[0.01])
