"""Two regressors as one."""

import warnings
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_spt import (
    AugmentedRegressor,
    CurveResampler,
    CurveStackingRegressor,
    GaussianProcessCurveRegressor,
    MeasurementErrors,
    Seq2SeqRegressor,
    perturb_curves,
)
from sklearn_spt.datasets import make_spt_curves
from sklearn_spt.exceptions import UntrustedPredictionWarning
from sklearn_spt.metrics import curve_mean_absolute_error
from sklearn_spt.regressors._stacking import _weighted_median

ERRORS = MeasurementErrors(noise=0.01)
NETWORK = Seq2SeqRegressor(hidden_size=8, conv_channels=2, max_epochs=3, random_state=0)


class Told(RegressorMixin, BaseEstimator):
    """Predicts what the columns of X say: the truth in the first half, plus a part of the second half."""

    def __init__(self, part=0.0, scale=1.0):
        self.part = part
        self.scale = scale

    def fit(self, X, y):
        self.n_outputs_ = y.shape[1]
        return self

    def predict(self, X):
        m = X.shape[1] // 2
        return self.scale * (X[:, :m] + self.part * X[:, m:])


@pytest.fixture(scope="module")
def data():
    return make_spt_curves(60, random_state=0)


@pytest.fixture
def told():
    rng = np.random.default_rng(0)
    truth, error = rng.uniform(300, 400, (80, 5)), rng.normal(0, 10, (80, 5))
    return np.hstack([truth, error]), truth


def test_the_weight_is_what_the_error_asks_for(told):
    X, y = told
    # The primary is wrong by the error, the secondary by minus a half of it: two thirds of their difference are right.
    stack = CurveStackingRegressor(Told(1.0), Told(-0.5), cv=2, bound=100.0).fit(X, y)
    assert stack.weight_ == pytest.approx(2 / 3)
    np.testing.assert_allclose(stack.predict(X), y, rtol=1e-10)
    # A secondary that is wrong in the same way, and more so, is not believed.
    assert CurveStackingRegressor(Told(1.0), Told(2.0), cv=2).fit(X, y).weight_ == 0
    # Nor is more than all of what it says.
    assert CurveStackingRegressor(Told(1.0), Told(0.5), cv=2).fit(X, y).weight_ == 1
    # Nothing to say.
    assert CurveStackingRegressor(Told(1.0), Told(1.0), cv=2).fit(X, y).weight_ == 0


def test_a_secondary_that_runs_away_is_cut(told):
    X, y = told
    stack = CurveStackingRegressor(Told(1.0), Told(-0.5), cv=2, bound=3.0).fit(X, y)
    difference = np.abs(Told(1.0).predict(X) - Told(-0.5).predict(X)) / np.abs(Told(1.0).predict(X))
    np.testing.assert_allclose(stack.limit_, 3 * np.median(difference, axis=0))
    primary = Told(1.0).predict(X)

    class Away(Told):
        """Differs from the primary by so many limits."""

        def predict(self, X):
            return primary * (1 + self.part * stack.limit_)

    # Cut from one limit on, half believed at three, and not at all from four on.
    for limits, counted in ((0.5, 0.5), (-1.0, -1.0), (1.5, 1.0), (-3.0, -0.5), (4.0, 0.0), (-1000.0, 0.0)):
        stack.secondary_ = Away(limits)
        np.testing.assert_allclose(
            stack.predict(X), primary * (1 + stack.weight_ * counted * stack.limit_), rtol=1e-12, atol=0
        )


class Runaway(Told):
    """Three times too high for some curves."""

    def predict(self, X):
        return super().predict(X) * np.where(X[:, :1] > 380, 3.0, 1.0)


def test_what_runs_away_has_no_part_in_the_weight(told):
    X, y = told
    stack = CurveStackingRegressor(Told(1.0), Runaway(-0.5), cv=2, bound=3.0).fit(X, y)
    primary = Told(1.0).predict(X)
    counted = stack._believe(Runaway(-0.5).predict(X) / primary - 1)
    lacking = y / primary - 1
    assert 5 < np.sum(X[:, 0] > 380) < 25
    assert not counted[X[:, 0] > 380].any()
    grid = np.linspace(0, 1, 201)
    best = grid[np.argmin([np.abs(lacking - weight * counted).sum() for weight in grid])]
    assert stack.weight_ == pytest.approx(best, abs=0.005)
    assert stack.weight_ == pytest.approx(2 / 3, abs=0.01)


@given(
    arrays(float, st.integers(1, 12), elements=st.floats(-5, 5)),
    st.integers(0, 2**32 - 1),
)
def test_the_weighted_median_minimises_the_weighted_distance(values, seed):
    weights = np.random.default_rng(seed).uniform(0.1, 1, len(values))
    best = _weighted_median(values, weights)
    distances = [np.sum(weights * np.abs(values - at)) for at in values]
    assert np.sum(weights * np.abs(values - best)) <= min(distances) + 1e-9


def test_curves_in_a_pipeline_and_pipelines_in_the_stack(data):
    X, Y = data
    resampler = CurveResampler(n_points=16)
    processes = GaussianProcessCurveRegressor(n_tuning=40, random_state=0)
    stack = CurveStackingRegressor(processes, NETWORK, cv=3, random_state=0)
    outside = make_pipeline(resampler, stack).fit(X[:50], Y[:50])
    assert curve_mean_absolute_error(Y[50:], outside.predict(X[50:])).mean() < 10
    inside = CurveStackingRegressor(
        make_pipeline(resampler, processes), make_pipeline(resampler, NETWORK), cv=3, random_state=0
    ).fit(X[:50], Y[:50])
    np.testing.assert_allclose(inside.predict(X[50:]), outside.predict(X[50:]), rtol=1e-9)
    assert 0 < inside.weight_ < 1


def test_a_single_split_and_a_search(data):
    X, Y = data
    loads = CurveResampler(n_points=16).fit_transform(X)
    split = ShuffleSplit(1, test_size=0.25, random_state=0)
    stack = CurveStackingRegressor(Ridge(), GaussianProcessCurveRegressor(n_tuning=30, random_state=0), cv=split)
    search = GridSearchCV(stack, {"primary__alpha": [0.1, 1e4], "bound": [1.0, 3.0]}, cv=2, error_score="raise")
    search.fit(loads, Y)
    assert search.best_estimator_.primary_.alpha == search.best_params_["primary__alpha"]


def test_jobs_change_nothing(data):
    X, Y = data
    loads = CurveResampler(n_points=16).fit_transform(X)
    predicted = [
        CurveStackingRegressor(Ridge(), Ridge(100.0), cv=3, n_jobs=n_jobs, random_state=0).fit(loads, Y).predict(loads)
        for n_jobs in (1, 2)
    ]
    np.testing.assert_array_equal(*predicted)


class Recorder(Ridge):
    """Keeps which rows it has seen, in a list that its copies share."""

    seen: ClassVar[list] = []

    def fit(self, X, y, groups=None):
        self.seen.append((np.asarray(X)[:, 0].tolist(), None if groups is None else np.asarray(groups).tolist()))
        return super().fit(X, y)


@pytest.fixture
def recorded():
    Recorder.seen.clear()
    return Recorder.seen


def test_groups_stay_on_one_side_and_are_passed_on(recorded):
    X, y = np.arange(24.0).reshape(12, 2), np.arange(12.0)
    groups = np.repeat([4, 7, 9], 4)
    stack = CurveStackingRegressor(make_pipeline(Recorder()), Ridge(), cv=3, random_state=0).fit(X, y, groups=groups)
    assert stack.weight_ >= 0
    *folds, last = recorded
    assert len(folds) == 3
    for rows, passed in folds:
        assert len(rows) == 8
        assert passed == groups[[int(row) // 2 for row in rows]].tolist()
        assert len(set(passed)) == 2
    assert last[1] == groups.tolist()


def test_a_share_that_is_left_out_keeps_groups_together(recorded):
    X, y = np.arange(24.0).reshape(12, 2), np.arange(12.0)
    groups = np.repeat([4, 7, 9], 4)
    CurveStackingRegressor(Recorder(), Ridge(), cv=0.3, random_state=0).fit(X, y, groups=groups)
    first, last = recorded
    assert len(first[0]) == 8
    assert len(set(first[1])) == 2
    assert len(last[0]) == 12
    recorded.clear()
    CurveStackingRegressor(Recorder(), Ridge(), cv=0.25, random_state=0).fit(X, y)
    assert [len(rows) for rows, _ in recorded] == [9, 12]


def test_copies_of_a_curve_are_one_group(recorded, data):
    X, Y = data
    pipeline = Pipeline([("resample", CurveResampler(n_points=8)), ("ridge", Recorder())])
    model = AugmentedRegressor(pipeline, ERRORS, n_copies=2)
    model.fit(X, Y)
    assert recorded[0][1] == list(range(60)) * 3
    model.fit(X, Y, groups=np.arange(60) // 2)
    assert recorded[1][1] == (np.arange(60) // 2).tolist() * 3
    with pytest.raises(ValueError, match="60 curves and 5 groups"):
        model.fit(X, Y, groups=range(5))
    # One whose fit takes none is fitted as ever.
    AugmentedRegressor(make_pipeline(CurveResampler(n_points=8), Ridge()), ERRORS).fit(X, Y)


def test_under_augmentation(data):
    X, Y = data
    processes = GaussianProcessCurveRegressor(random_state=0)
    network = clone(NETWORK).set_params(max_epochs=30)

    def error(regressor):
        model = AugmentedRegressor(
            make_pipeline(CurveResampler(n_points=16), regressor), ERRORS, n_copies=2, random_state=0
        )
        predicted = model.fit(X[:50], Y[:50]).predict(perturb_curves(X[50:], ERRORS, random_state=1))
        return curve_mean_absolute_error(Y[50:], predicted).mean()

    assert error(CurveStackingRegressor(processes, network, cv=2, random_state=0)) < 0.9 * error(processes)


def test_the_primary_alone_warns(data):
    X, Y = data
    loads = CurveResampler(n_points=16).fit_transform(X)
    processes = GaussianProcessCurveRegressor(n_tuning=30, random_state=0)
    strange = np.vstack([loads[:3], 6 * loads[3:4]])
    stack = CurveStackingRegressor(processes, NETWORK, cv=2, random_state=0).fit(loads, Y)
    with pytest.warns(UntrustedPredictionWarning, match="GaussianProcessCurveRegressor: 1 of 4") as caught:
        stack.predict(strange)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CurveStackingRegressor(Ridge(), NETWORK, cv=2, random_state=0).fit(loads, Y).predict(strange)


@pytest.mark.parametrize(
    ("parameters", "error", "match"),
    [
        ({"primary": None}, TypeError, "primary must be a regressor, with fit and predict; got None"),
        ({"secondary": Ridge}, TypeError, "secondary must be a regressor"),
        ({"bound": 0}, ValueError, "bound must be a number > 0"),
        ({"bound": "3"}, TypeError, "bound must be a number"),
        ({"cv": 1.5}, ValueError, "cv must be .*a number > 0 and < 1"),
        ({"cv": 1}, ValueError, "cv must be an integer >= 2"),
        ({"cv": "all"}, ValueError, "cv"),
    ],
)
def test_bad_parameters_are_named(data, parameters, error, match):
    stack = CurveStackingRegressor(**{"primary": Ridge(), "secondary": Ridge(), **parameters})
    with pytest.raises(error, match=match):
        stack.fit(np.ones((6, 2)), np.ones((6, 3)))


def test_curves_and_targets_must_agree(data):
    X, Y = data
    with pytest.raises(ValueError, match="60 curves and 59 targets"):
        CurveStackingRegressor(Ridge(), Ridge()).fit(X, Y[:59])
