import warnings

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    ANNRegressor,
    AugmentedRegressor,
    CurveResampler,
    MeasurementErrors,
    SPTCurve,
    load_model,
    perturb_curves,
    save_model,
)
from sklearn_spt.datasets import make_spt_curves

U = np.linspace(0, 1.0, 51)
CURVE = SPTCurve(U, 1000 * np.sqrt(U), thickness=0.5, name="a", rig="EN10371", temperature=20.0)


def perturbed(**sizes):
    (curve,) = perturb_curves([CURVE], MeasurementErrors(**sizes), random_state=0)
    return curve


def test_no_error_changes_nothing():
    curve = perturbed()
    np.testing.assert_array_equal(curve.load, CURVE.load)
    np.testing.assert_array_equal(curve.displacement, CURVE.displacement)
    assert curve == CURVE or (curve.name, curve.rig, curve.temperature) == ("a", "EN10371", 20.0)


def test_each_error_is_what_it_says():
    np.testing.assert_allclose(perturbed(load_gain=0.01).load, 1.01 * CURVE.load)
    np.testing.assert_allclose(perturbed(load_offset=0.01).load, CURVE.load + 10)
    np.testing.assert_allclose(perturbed(compliance=1e-5).displacement, U + 1e-5 * CURVE.load)
    assert perturbed(thickness_gain=-0.02).thickness == pytest.approx(0.49)
    noisy = perturbed(noise=0.01).load - CURVE.load
    assert 7 < noisy.std() < 13


def test_a_cut_record_ends_early_and_is_else_the_same():
    cut = perturbed(cut=0.405)
    assert cut.displacement[-1] == pytest.approx(0.595)
    assert cut.load[-1] == pytest.approx((CURVE.load[29] + 3 * CURVE.load[30]) / 4)
    np.testing.assert_array_equal(cut.displacement[:-1], U[:30])
    np.testing.assert_array_equal(cut.load[:-1], CURVE.load[:30])


def test_models_are_trained_on_cut_copies_without_a_warning_for_each():
    X, Y = make_spt_curves(40, random_state=0)
    grid = np.linspace(0.05, 0.9 * X[0].displacement[-1], 20)
    errors = MeasurementErrors(cut=(0.2, 0.4))
    model = AugmentedRegressor(make_pipeline(CurveResampler(grid=grid), Ridge()), errors, random_state=0)
    model.fit(X, Y)
    (short,) = perturb_curves(X[:1], MeasurementErrors(cut=0.3))
    with pytest.warns(UserWarning, match="held"):
        predicted = model.predict([short])
    error = abs(predicted - Y[:1]).mean()
    plain = make_pipeline(CurveResampler(grid=grid), Ridge()).fit(X, Y)
    with pytest.warns(UserWarning, match="held"):
        assert error < 0.5 * abs(plain.predict([short]) - Y[:1]).mean()


def test_a_toe_delays_the_contact_and_a_late_zero_hides_it():
    toe = perturbed(displacement_offset=0.02)
    assert toe.displacement[0] == 0
    assert toe.load[0] == 0
    np.testing.assert_allclose(np.interp(0.52, toe.displacement, toe.load), CURVE.load[25])
    late = perturbed(displacement_offset=-0.03)
    assert late.displacement[0] == 0
    assert late.load[0] == pytest.approx((CURVE.load[1] + CURVE.load[2]) / 2)
    np.testing.assert_allclose(np.interp(0.49, late.displacement, late.load), np.interp(0.52, U, CURVE.load), rtol=1e-9)


def test_ranges_are_drawn_curve_by_curve_and_from_the_seed():
    errors = MeasurementErrors(load_gain=(-0.1, 0.2))
    draw = [curve.load[-1] for curve in perturb_curves([CURVE] * 200, errors, random_state=1)]
    assert 900 <= min(draw) < 915
    assert 1185 < max(draw) <= 1200
    again = [curve.load[-1] for curve in perturb_curves([CURVE] * 200, errors, random_state=1)]
    assert draw == again


def test_the_global_random_state_is_left_alone():
    np.random.seed(0)  # noqa: NPY002
    perturb_curves([CURVE], MeasurementErrors(noise=0.1))
    value = np.random.rand()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert np.random.rand() == value  # noqa: NPY002


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ({"noise": -0.1}, ValueError, "noise must be not negative"),
        ({"load_gain": -1}, ValueError, "load_gain must be above -1"),
        ({"compliance": (2, 1)}, ValueError, r"compliance must be a number or a range \(low, high\) with low <= high"),
        ({"compliance": (1, 2, 3)}, TypeError, "compliance must be a number or a range"),
        ({"cut": 1.0}, ValueError, "cut must be in 0 to 1"),
        ({"cut": (-0.1, 0.2)}, ValueError, "cut must be in 0 to 1"),
        ({"spacing": 0}, ValueError, "spacing must be positive"),
        ({"noise": "much"}, TypeError, "noise must be a number or a range"),
        ({"noise": True}, TypeError, "noise must be a number or a range"),
        ({"displacement_offset": np.nan}, ValueError, "displacement_offset must be .* finite"),
    ],
)
def test_sizes_that_are_none_are_named(sizes, error, message):
    with pytest.raises(error, match=message):
        perturb_curves([CURVE], MeasurementErrors(**sizes))


def test_a_curve_without_thickness_is_named():
    with pytest.raises(ValueError, match="curve 1 'b' has no thickness to be wrong by thickness_gain"):
        perturb_curves([CURVE, CURVE.replace(thickness=None, name="b")], MeasurementErrors(thickness_gain=0.01))


@pytest.fixture(scope="module")
def data():
    return make_spt_curves(60, random_state=0)


def pipeline():
    return make_pipeline(CurveResampler(n_points=12), Ridge())


def test_without_copies_it_is_the_regressor(data):
    X, Y = data
    model = AugmentedRegressor(pipeline(), n_copies=0).fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), pipeline().fit(X, Y).predict(X))


def test_copies_have_the_errors_and_the_same_targets(data):
    X, Y = data

    class Spy(Ridge):
        def fit(self, X, y):
            Spy.seen = X, y
            return super().fit(X, y)

    errors = MeasurementErrors(load_gain=0.1)
    AugmentedRegressor(make_pipeline(CurveResampler(n_points=12), Spy()), errors, n_copies=2, random_state=0).fit(X, Y)
    seen, targets = Spy.seen
    assert seen.shape == (180, 12)
    np.testing.assert_allclose(seen[60:120], 1.1 * seen[:60])
    np.testing.assert_array_equal(targets, np.concatenate([Y, Y, Y]))


def test_it_errs_less_on_perturbed_curves():
    X, Y = make_spt_curves(300, random_state=1)
    of_test = MeasurementErrors(noise=0.01, displacement_offset=(0, 0.02))
    measured = perturb_curves(X[200:], of_test, random_state=2)

    def error(model):
        return np.abs(model.fit(X[:200], Y[:200]).predict(measured) - Y[200:]).mean()

    errors = MeasurementErrors(noise=(0, 0.02), displacement_offset=(0, 0.02))
    trained = AugmentedRegressor(pipeline(), errors, n_copies=6, random_state=0)
    assert error(trained) < 0.8 * error(make_pipeline(CurveResampler(n_points=12), Ridge(1e-8)))


# A model of one epoch may predict curves that fall.
@pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")
@pytest.mark.parametrize("n_copies", [None, 1])
def test_the_trained_model_is_what_a_file_keeps(data, tmp_path, n_copies):
    X, Y = data
    model = AugmentedRegressor(
        make_pipeline(CurveResampler(n_points=12), ANNRegressor(hidden_size=4, max_epochs=1, random_state=0)),
        n_copies=n_copies,
        random_state=0,
    ).fit(X, Y)
    with pytest.raises(TypeError, match="Save what it has trained, its regressor_"):
        save_model(tmp_path / "m.spt", model)
    save_model(tmp_path / "m.spt", model.regressor_)
    np.testing.assert_array_equal(load_model(tmp_path / "m.spt").predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_copies": -1}, ValueError, "n_copies must be an integer >= 0, or None; got -1"),
        ({"errors": MeasurementErrors(noise=(1, 0))}, ValueError, "noise must be a number or a range"),
        ({"errors": {"noise": 0.01}}, TypeError, "AugmentedRegressor: errors must be MeasurementErrors"),
    ],
)
def test_parameters_are_checked(data, settings, error, message):
    with pytest.raises(error, match=message):
        AugmentedRegressor(pipeline(), **settings).fit(*data)


def test_the_sizes_are_parameters_that_a_search_can_set(data):
    X, Y = data
    model = AugmentedRegressor(pipeline(), MeasurementErrors(), n_copies=1, random_state=0)
    found = GridSearchCV(model, {"errors__noise": [0.0, 0.3]}, cv=2).fit(X, Y)
    assert found.best_params_ == {"errors__noise": 0.0}


def test_a_record_has_its_own_spacing():
    u = perturbed(spacing=0.005).displacement
    np.testing.assert_allclose(np.diff(u), 0.005)
    np.testing.assert_allclose(perturbed(spacing=0.005).load, np.interp(u, U, CURVE.load))


def test_rows_of_loads_have_no_displacement_to_be_wrong(data):
    X, Y = data
    rows = CurveResampler(n_points=12).fit_transform(X)
    with pytest.raises(TypeError, match="compliance need curves; X is a 2-D array of loads"):
        AugmentedRegressor(Ridge(), MeasurementErrors(compliance=1e-6)).fit(rows, Y)


def test_targets_of_other_number_are_named(data):
    X, Y = data
    with pytest.raises(ValueError, match="60 curves and 59 targets"):
        AugmentedRegressor(pipeline()).fit(X, Y[:-1])


def test_what_a_regressor_warns_of_is_heard():
    class Outspoken(Ridge):
        def fit(self, X, y):
            warnings.warn("the training ended early", UserWarning, stacklevel=2)
            return super().fit(X, y)

    X, Y = make_spt_curves(12, random_state=0)
    with pytest.warns(UserWarning, match="the training ended early"):
        AugmentedRegressor(make_pipeline(CurveResampler(n_points=8), Outspoken()), random_state=0).fit(X, Y)
