"""Bands that hold whole curves with a stated probability."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
import sklearn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    ConformalCurveRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GaussianProcessCurveRegressor,
    MeasurementErrors,
    perturb_curves,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.mechanics import tensile_properties

# Low enough for Hooke's line to be seen on the curves' few strains.
E = 20_000.0
# The curves here are few: parts of them lie outside the range of the others.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")


@pytest.fixture(scope="module")
def data():
    X, Y, strain = make_spt_curves(200, noise=0.02, n_strains=20, return_strain=True, random_state=0)
    return X, np.minimum(Y, E * strain), strain


@pytest.fixture(scope="module")
def unseen():
    X, Y, strain = make_spt_curves(400, noise=0.02, n_strains=20, return_strain=True, random_state=1)
    return X, np.minimum(Y, E * strain)


def ridge():
    return make_pipeline(CurveResampler(n_points=12), Ridge())


def processes(strain, **parameters):
    settings = {"n_tuning": 30, "elastic_modulus": E, "strain": strain, "random_state": 0, **parameters}
    return make_pipeline(
        CurveResampler(n_points=12, descriptors=("thickness",)), GaussianProcessCurveRegressor(**settings)
    )


@pytest.fixture(scope="module")
def fitted(data):
    X, Y, strain = data
    return {
        method: ConformalCurveRegressor(processes(strain), method=method, cv=3, random_state=0).fit(X, Y)
        for method in ("split", "cv+")
    }


def held(band, Y):
    """Which true curves lie in their bands, but for rounding."""
    return ((band[..., 0] <= Y + 1e-9) & (band[..., 1] + 1e-9 >= Y)).all(axis=1)


class Told(RegressorMixin, BaseEstimator):
    """Predicts what the first half of the columns says, and tells the second half as its spread."""

    def fit(self, X, y):
        self.n_outputs_ = y.shape[1]
        return self

    def predict(self, X, return_std=False):
        stress, spread = np.hsplit(np.asarray(X), 2)
        return (stress, spread) if return_std else stress


def told(n, seed, strains=8):
    """Curves that are off by a normal error, whose size is told; predictions, sizes and truth."""
    rng = np.random.default_rng(seed)
    stress, spread = 500 + 100 * rng.uniform(size=(n, strains)), rng.uniform(1, 20, (n, 1)) * np.ones(strains)
    truth = stress + spread * rng.normal(size=(n, strains))
    return np.hstack([stress, spread]), truth


class TestCoverage:
    """Over many calibrations the coverage is the stated one; each has 79 curves, so that the rank is exact."""

    @pytest.mark.parametrize("options", [{}, {"side": "lower"}, {"scale": "spread"}, {"alpha": 0.2}])
    def test_of_whole_curves(self, options):
        n_splits, n_test, count = 60, 50, 0
        for seed in range(n_splits):
            X, y = told(88 + n_test, seed)
            model = ConformalCurveRegressor(FrozenEstimator(Told()), random_state=seed, **options)
            band = model.fit(X[:88], y[:88]).predict_interval(X[88:])
            count += held(band, y[88:]).sum()
            assert len(model.residuals_) == 79
        stated = 1 - model.alpha
        # Curves of one split share their calibration: the variance is that of a beta-binomial.
        deviation = np.sqrt(stated * (1 - stated) / n_splits * (1 / n_test + 1 / 80))
        assert abs(count / (n_splits * n_test) - stated) < 3 * deviation

    def test_of_the_stress_at_a_strain(self):
        inside = []
        for seed in range(60):
            X, y = told(138, seed)
            model = ConformalCurveRegressor(FrozenEstimator(Told()), simultaneous=False, random_state=seed)
            band = model.fit(X[:88], y[:88]).predict_interval(X[88:])
            inside.append(np.mean((band[..., 0] <= y[88:]) & (y[88:] <= band[..., 1])))
        assert np.mean(inside) == pytest.approx(0.9, abs=0.012)

    @pytest.mark.parametrize("method", ["split", "cv+"])
    def test_of_a_trained_regressor(self, fitted, unseen, method):
        X, Y = unseen
        covered = held(fitted[method].predict_interval(X), Y).sum()
        least = 0.9 if method == "split" else 0.8
        # The limits of both draws, of the calibration and of the test.
        n = len(fitted[method].folds_)
        low = least - 3 * np.sqrt(0.09 * (1 / n + 1 / len(Y)))
        assert covered / len(Y) > low

    def test_of_groups(self):
        # Curves of a group are off in the same direction. The curves of a new group lie in their bands all at once.
        rng = np.random.default_rng(0)
        together, alone = [], []
        for _ in range(60):
            groups = np.repeat(np.arange(120), 3)
            off = np.repeat(rng.normal(size=(120, 1)), 3, axis=0) + 0.5 * rng.normal(size=(360, 4))
            X = np.full((360, 8), 500.0)
            y = 500 + 10 * off
            train, new = groups < 88, groups >= 88
            model = ConformalCurveRegressor(FrozenEstimator(Told()), random_state=0)
            band = model.fit(X[train], y[train], groups=groups[train]).predict_interval(X[new])
            assert len(model.folds_) == 79
            inside = held(band, y[new])
            together.append(inside.reshape(-1, 3).all(axis=1).mean())
            alone.append(inside.mean())
        assert np.mean(together) == pytest.approx(0.9, abs=0.02)
        assert np.mean(alone) > np.mean(together)

    def test_of_properties(self, fitted, data, unseen):
        X, Y = unseen
        true = tensile_properties(data[2], Y, E=E)
        for method in ("split", "cv+"):
            for name, ends in fitted[method].predict_property_interval(X).items():
                value = getattr(true, name)
                stated = ~np.isnan(ends).any(axis=1)
                wrong = stated & ~((ends[:, 0] <= value) & (value <= ends[:, 1]))
                n = len(fitted[method].folds_)
                assert wrong.mean() < 0.1 + 3 * np.sqrt(0.09 * (1 / n + 1 / len(Y))), name
                assert stated.any()

    def test_of_curves_with_errors_of_measurement(self, data, unseen):
        X, Y, strain = data
        errors = MeasurementErrors(load_gain=(-0.05, 0.05), noise=0.01)
        measured = perturb_curves(unseen[0], errors, random_state=3)
        clean = ConformalCurveRegressor(processes(strain), random_state=0).fit(X, Y)
        robust = ConformalCurveRegressor(processes(strain), errors=errors, random_state=0).fit(X, Y)
        assert robust.errors_["load_gain"] == (-0.05, 0.05)
        covered = [held(model.predict_interval(measured), unseen[1]).mean() for model in (clean, robust)]
        assert covered[0] < 0.7
        assert covered[1] > 0.8
        # The regressor is the same: the errors are those of the calibration alone.
        np.testing.assert_array_equal(clean.predict(measured), robust.predict(measured))


class TestEdges:
    @given(alpha=st.floats(0.05, 0.9), seed=st.integers(0, 100))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @pytest.mark.parametrize("method", ["split", "cv+"])
    def test_of_flow_curves(self, fitted, unseen, data, method, alpha, seed):
        model, strain = fitted[method], data[2]
        X = unseen[0][seed : seed + 3]
        band = model.predict_interval(X, alpha=alpha)
        prediction = model.predict(X)
        assert (band[..., 0] <= prediction + 1e-9).all()
        assert (prediction <= band[..., 1] + 1e-9).all()
        assert (np.diff(band, axis=1) >= -1e-9).all()
        assert (band >= 0).all()
        # On Hooke's line or below.
        assert (band <= E * strain[:, None] * (1 + 1e-9)).all()
        # The larger the confidence, the wider.
        wider = model.predict_interval(X, alpha=0.8 * alpha)
        assert (wider[..., 0] <= band[..., 0] + 1e-9).all()
        assert (wider[..., 1] >= band[..., 1] - 1e-9).all()

    @pytest.mark.parametrize("method", ["split", "cv+"])
    def test_whole_curves_take_more_than_single_stresses_and_one_side_less_than_two(self, fitted, unseen, method):
        X = unseen[0][:20]
        whole, pointwise, lower = (clone_of(fitted[method], **options).predict_interval(X) for options in OPTIONS)
        assert (whole[..., 0] <= pointwise[..., 0] + 1e-9).all()
        assert (whole[..., 1] >= pointwise[..., 1] - 1e-9).all()
        assert (whole[..., 0] <= lower[..., 0] + 1e-9).all()
        assert np.isinf(lower[..., 1]).all()

    def test_of_targets_that_fall_or_are_negative_are_what_they_are(self):
        X, y = told(60, 0)
        y -= 550
        model = ConformalCurveRegressor(FrozenEstimator(Told()), random_state=0).fit(X, y)
        band = model.predict_interval(X)
        assert (band < 0).any()
        assert (np.diff(band, axis=1) < 0).any()

    def test_of_a_prediction_that_falls(self):
        # No given curve falls; the band is around the nearest one that does not.
        rng = np.random.default_rng(0)
        y = np.sort(rng.uniform(100, 500, (60, 6)), axis=1)
        X = np.hstack([y + rng.normal(0, 30, y.shape), y])
        model = ConformalCurveRegressor(FrozenEstimator(Told()), random_state=0).fit(X, y)
        assert (np.diff(model.predict(X)) < 0).any()
        band = model.predict_interval(X)
        assert (np.diff(band, axis=1) >= 0).all()
        assert (band[..., 0] <= band[..., 1]).all()

    def test_of_a_modulus_that_each_curve_has_of_its_own(self, data, unseen):
        X, _, strain = data
        rng = np.random.default_rng(0)
        moduli = rng.uniform(5_000, 8_000, (len(X), 1))
        _, Y = make_spt_curves(len(X), n_strains=20, random_state=0)
        Y = np.minimum(Y, moduli * strain)
        model = ConformalCurveRegressor(processes(strain, elastic_modulus="curve"), random_state=0).fit(X, Y)
        band = model.predict_interval(unseen[0][:50])
        slope = np.diff(band, axis=1, prepend=0.0) / np.diff(strain, prepend=0.0)[:, None]
        steepest = model.steepest_ * band[:, :1, 1] / strain[0]
        assert (slope[:, :, 1] <= steepest * (1 + 1e-9)).all()


OPTIONS = ({"simultaneous": True}, {"simultaneous": False}, {"side": "lower"})


def clone_of(model, **options):
    """The same calibration, asked otherwise."""
    return pickle.loads(pickle.dumps(model)).set_params(**options)


class TestParts:
    def test_the_regressor_sees_neither_modulation_nor_calibration(self, data):
        Y = data[1]
        model = ConformalCurveRegressor(Counter(), calibration_size=0.3, modulation_size=0.2, random_state=0)
        model.fit(np.arange(200.0)[:, None], Y)
        assert model.estimator_.n_seen_ == 100
        assert len(model.residuals_) == 60
        assert model.fold_estimators_ == []
        folds = clone(model).set_params(method="cv+", cv=4).fit(np.arange(200.0)[:, None], Y)
        assert [each.n_seen_ for each in folds.fold_estimators_] == [120] * 4
        assert folds.estimator_.n_seen_ == 200
        assert len(folds.residuals_) == 160
        assert np.bincount(folds.folds_).tolist() == [40] * 4

    def test_groups_stay_together_and_are_passed_on(self, data):
        _, Y, _ = data
        groups = np.repeat(np.arange(50), 4)
        model = ConformalCurveRegressor(Counter(), alpha=0.2, random_state=0)
        model.fit(np.arange(200.0)[:, None], Y, groups=groups)
        seen = model.estimator_.groups_seen_
        assert len(seen) == 4 * len(set(seen))
        assert len(model.folds_) == 12
        assert np.bincount(model.groups_).tolist() == [4] * 12

    def test_a_frozen_regressor_is_calibrated_on_all_curves(self, data, unseen):
        X, Y, strain = data
        model = processes(strain).fit(X, Y)
        band = ConformalCurveRegressor(FrozenEstimator(model), random_state=0).fit(unseen[0][:100], unseen[1][:100])
        assert band.estimator_ is model
        assert len(band.residuals_) == 90
        np.testing.assert_array_equal(band.predict(X), model.predict(X))

    def test_the_seed_decides_everything(self, data):
        X, Y, _ = data
        errors = MeasurementErrors(noise=0.01)
        bands = [
            ConformalCurveRegressor(ridge(), errors=errors, random_state=seed).fit(X, Y).predict_interval(X[:3])
            for seed in (1, 1, 2)
        ]
        np.testing.assert_array_equal(bands[0], bands[1])
        assert (bands[0] != bands[2]).any()

    def test_jobs_change_nothing(self, data):
        X, Y, _ = data
        bands = [
            ConformalCurveRegressor(ridge(), method="cv+", cv=3, n_jobs=n, random_state=0).fit(X, Y).predict_interval(X)
            for n in (1, 2)
        ]
        np.testing.assert_array_equal(*bands)


class Counter(Ridge):
    """Counts what it has seen."""

    def fit(self, X, y, groups=None):
        self.n_seen_, self.groups_seen_ = len(X), groups
        return super().fit(X, y)


class TestAsAnEstimator:
    def test_in_a_search_and_around_one(self, data):
        X, Y, _ = data
        search = GridSearchCV(
            ConformalCurveRegressor(ridge(), random_state=0), {"estimator__ridge__alpha": [1e-3, 1e12]}, cv=2
        ).fit(X, Y)
        assert search.best_params_ == {"estimator__ridge__alpha": 1e-3}
        assert search.best_estimator_.predict_interval(X).shape == (*Y.shape, 2)
        around = ConformalCurveRegressor(GridSearchCV(ridge(), {"ridge__alpha": [1e-3, 1e12]}, cv=2), random_state=0)
        assert around.fit(X, Y).estimator_.best_params_ == {"ridge__alpha": 1e-3}
        assert cross_val_predict(around, X, Y, cv=2).shape == Y.shape

    def test_with_joblib(self, fitted, unseen, tmp_path):
        joblib.dump(fitted["cv+"], tmp_path / "band.joblib")
        loaded = joblib.load(tmp_path / "band.joblib")
        X = unseen[0][:5]
        np.testing.assert_array_equal(loaded.predict_interval(X), fitted["cv+"].predict_interval(X))

    def test_around_what_is_trained_with_errors_and_a_stack(self, data, unseen):
        X, Y, strain = data
        errors = MeasurementErrors(noise=(0, 0.01), cut=(0, 0.1))
        resampler = CurveResampler(grid=np.linspace(0.1, 1.9, 12), ends="hold")
        gp = GaussianProcessCurveRegressor(n_tuning=20, elastic_modulus=E, strain=strain, random_state=0)
        stack = CurveStackingRegressor(gp, Ridge(), cv=2, random_state=0)
        regressor = AugmentedRegressor(make_pipeline(resampler, stack), errors, n_copies=1, random_state=0)
        model = ConformalCurveRegressor(regressor, errors=errors, random_state=0).fit(X, Y)
        assert held(model.predict_interval(unseen[0]), unseen[1]).mean() > 0.75
        assert set(model.predict_property_interval(unseen[0])) == {
            "proof_stress",
            "tensile_strength",
            "uniform_elongation",
        }

    def test_one_stress_per_curve(self, data):
        X, Y, _ = data
        model = ConformalCurveRegressor(ridge(), random_state=0).fit(X, Y[:, -1])
        assert model.predict(X).shape == (200,)
        assert model.predict_interval(X).shape == (200, 2)
        table = CurveResampler(n_points=12).fit_transform(X)
        assert (
            ConformalCurveRegressor(Ridge(), random_state=0).fit(table, Y).predict_interval(table).shape[:2] == Y.shape
        )

    def test_channels_of_descriptors(self, data, unseen):
        X, Y, strain = data
        pipeline = processes(strain)
        loads = pipeline[0].fit_transform(X)
        assert loads.ndim == 3
        model = ConformalCurveRegressor(pipeline[-1], random_state=0).fit(loads, Y)
        found = model.predict_interval(pipeline[0].transform(unseen[0][:3]))
        around = ConformalCurveRegressor(pipeline, random_state=0).fit(X, Y)
        np.testing.assert_allclose(found, around.predict_interval(unseen[0][:3]), rtol=1e-9)

    def test_frames_as_default_output_change_nothing(self, data):
        pytest.importorskip("pandas")
        X, Y, strain = data
        with sklearn.config_context(transform_output="pandas"):
            model = ConformalCurveRegressor(processes(strain), random_state=0).fit(X, Y)
            assert isinstance(model.predict_interval(X[:2]), np.ndarray)

    def test_folds_say_nothing_that_the_regressor_does_not(self, fitted, unseen):
        (strange,) = perturb_curves(unseen[0][:1], MeasurementErrors(load_gain=30.0))
        for method in ("split", "cv+"):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                fitted[method].predict_interval([strange])
            assert [each.category for each in caught] == [UntrustedPredictionWarning]


@pytest.mark.parametrize(
    ("parameters", "error", "match"),
    [
        ({"estimator": None}, TypeError, "estimator must be a regressor, with fit and predict; got None"),
        ({"estimator": Ridge}, TypeError, "estimator must be a regressor"),
        ({"alpha": 0}, ValueError, "alpha must be a number > 0 and < 1"),
        ({"alpha": "10 %"}, TypeError, "alpha must be a number"),
        ({"method": "jackknife"}, ValueError, "method must be one of 'split', 'cv[+]'"),
        ({"side": "upper"}, ValueError, "side must be one of"),
        ({"calibration_size": 1.0}, ValueError, "calibration_size must be"),
        ({"cv": 1}, ValueError, "cv must be an integer >= 2"),
        ({"errors": 0.01}, TypeError, "errors must be MeasurementErrors"),
        ({"errors": MeasurementErrors(cut=0.2)}, TypeError, "cut need curves"),
        ({"scale": "spread"}, TypeError, "scale='spread' needs an estimator whose predict takes return_std"),
        ({"estimator": FrozenEstimator(Ridge()), "method": "cv+"}, ValueError, "use method='split'"),
    ],
)
def test_bad_parameters_are_named(parameters, error, match):
    model = ConformalCurveRegressor(**{"estimator": Ridge(), **parameters})
    with pytest.raises(error, match=match):
        model.fit(np.ones((60, 2)), np.ones((60, 3)))


def test_a_calibration_that_is_too_small_is_refused_with_the_number_it_needs(data):
    X, Y, _ = data
    with pytest.raises(ValueError, match=r"alpha=0\.1 needs at least 9 curves, or groups.* n_samples=30 .* 8 for it"):
        ConformalCurveRegressor(ridge()).fit(X[:30], Y[:30])
    with pytest.raises(ValueError, match=r"n_samples=9 .* 8 for it, 1 for the modulation.* Give more curves, a larger"):
        ConformalCurveRegressor(ridge(), method="cv+").fit(X[:9], Y[:9])
    with pytest.raises(ValueError, match="n_samples=20 "):
        ConformalCurveRegressor(ridge()).fit(X, Y, groups=np.arange(200) % 20)
    model = ConformalCurveRegressor(ridge(), random_state=0).fit(X[:40], Y[:40])
    with pytest.raises(ValueError, match=r"alpha=0\.05 needs at least 19 .*; it was calibrated on 10\. Calibrate it"):
        model.predict_interval(X, alpha=0.05)
    with pytest.raises(ValueError, match="alpha must be"):
        model.predict_interval(X, alpha=2)


def test_bad_targets_and_curves_are_named(data):
    X, Y, _ = data
    bad = Y.copy()
    bad[7, 3] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity in the target of curve 7"):
        ConformalCurveRegressor(ridge()).fit(X, bad)
    with pytest.raises(ValueError, match="200 curves and 199 targets"):
        ConformalCurveRegressor(ridge()).fit(X, Y[:199])
    with pytest.raises(ValueError, match="200 curves and 5 groups"):
        ConformalCurveRegressor(ridge()).fit(X, Y, groups=range(5))
    with pytest.raises(ValueError, match="predicts 20 stresses per curve, and y has 5"):
        ConformalCurveRegressor(FrozenEstimator(ridge().fit(X, Y))).fit(X, Y[:, :5])
    with pytest.raises(ValueError, match="strains and Young's modulus are known"):
        ConformalCurveRegressor(ridge(), random_state=0).fit(X, Y).predict_property_interval(X)


def test_a_binomial_limit_would_find_a_band_that_is_too_narrow():
    # What the tests of coverage rest on: with ranks of 70 and not 72 of 79 scores they would fail.
    assert binom.cdf(round(3000 * 0.9) - 50, 3000, 0.9) < 0.01
