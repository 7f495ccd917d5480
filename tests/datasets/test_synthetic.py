import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from sklearn_spt.datasets import make_spt_curves


@settings(max_examples=25, deadline=None)
@given(
    n_samples=st.integers(1, 20),
    n_points=st.integers(5, 60),
    n_strains=st.integers(1, 40),
    noise=st.floats(0, 0.1),
    ragged=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_shapes(n_samples, n_points, n_strains, noise, ragged, seed):
    X, Y, strain = make_spt_curves(
        n_samples,
        n_points=n_points,
        n_strains=n_strains,
        noise=noise,
        ragged=ragged,
        return_strain=True,
        random_state=seed,
    )
    assert len(X) == n_samples
    assert Y.shape == (n_samples, n_strains)
    assert strain.shape == (n_strains,)
    assert np.all(Y > 0)
    assert np.all(np.diff(Y, axis=1) > 0)
    for curve in X:
        assert 5 <= len(curve.load) <= n_points
        assert (curve.displacement[-1] < 2.0) == ragged
        assert ragged or len(curve.load) == n_points


def test_reproducible():
    X1, Y1 = make_spt_curves(5, noise=0.01, random_state=3)
    X2, Y2 = make_spt_curves(5, noise=0.01, random_state=3)
    np.testing.assert_array_equal(Y1, Y2)
    for a, b in zip(X1, X2, strict=True):
        np.testing.assert_array_equal(a.load, b.load)
        assert a.thickness == b.thickness
    assert not np.allclose(Y1, make_spt_curves(5, random_state=4)[1])


def test_options_leave_the_materials_alone():
    plain, Y = make_spt_curves(5, random_state=0)
    changed, Y_changed = make_spt_curves(5, noise=0.01, ragged=True, random_state=0)
    np.testing.assert_array_equal(Y, Y_changed)
    assert [c.thickness for c in plain] == [c.thickness for c in changed]


def test_noise_is_a_fraction_of_the_load():
    clean, _ = make_spt_curves(50, n_points=200, random_state=0)
    noisy, _ = make_spt_curves(50, n_points=200, noise=0.01, random_state=0)
    ratio = np.array([b.load[1:] / a.load[1:] - 1 for a, b in zip(clean, noisy, strict=True)])
    assert np.std(ratio) == pytest.approx(0.01, rel=0.03)


def test_global_random_state_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_spt_curves(3, random_state=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_target_can_be_recovered_from_curve_and_thickness():
    X, Y = make_spt_curves(200, random_state=0)
    u = X[0].displacement[1:]
    # log(F / (pi h u)) = log K + n log(0.01 + 0.05 u/h): two points of the curve give both parameters.
    features = []
    for curve in X:
        reduced = np.log(curve.load[1:] / (np.pi * curve.thickness * u))
        n, log_K = np.polyfit(np.log(0.01 + 0.05 * u / curve.thickness), reduced, 1)
        features.append([log_K, n])
    model = LinearRegression().fit(features[:100], np.log(Y[:100]))
    np.testing.assert_allclose(np.exp(model.predict(features[100:])), Y[100:], rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_samples": 0}, ValueError, "n_samples == 0, must be >= 1"),
        ({"n_samples": 2.5}, TypeError, "n_samples must be an instance of int"),
        ({"n_points": 4}, ValueError, "n_points == 4, must be >= 5"),
        ({"n_strains": 0}, ValueError, "n_strains == 0"),
        ({"noise": -0.1}, ValueError, "noise == -0.1"),
        ({"noise": float("nan")}, ValueError, "noise"),
        ({"noise": "much"}, TypeError, "noise must be an instance of float"),
        ({"random_state": "seed"}, ValueError, "seed"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        make_spt_curves(**arguments)
