import functools
import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, mean_absolute_percentage_error, r2_score, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, cross_validate

from sklearn_spt import metrics

PER_CURVE = [
    metrics.curve_mean_absolute_error,
    metrics.curve_root_mean_squared_error,
    metrics.curve_mean_relative_error,
    metrics.curve_r2_score,
]
AGGREGATES = [
    metrics.worst_curve_mean_absolute_error,
    metrics.worst_curve_mean_relative_error,
    metrics.mean_curve_r2_score,
    metrics.worst_curve_r2_score,
]

shapes = st.tuples(st.integers(1, 8), st.integers(2, 12))


def stresses(shape):
    return hnp.arrays(np.float64, shape, elements=st.floats(1, 3000).map(lambda value: round(value, 3)))


@settings(max_examples=60, deadline=None)
@given(shapes.flatmap(lambda shape: st.tuples(stresses(shape), stresses(shape))))
def test_agree_with_scikit_learn_on_the_transposed(pair):
    true, predicted = pair
    # scikit-learn's "outputs" are our curves when rows and columns are exchanged.
    theirs = {
        metrics.curve_mean_absolute_error: mean_absolute_error,
        metrics.curve_root_mean_squared_error: root_mean_squared_error,
        metrics.curve_mean_relative_error: mean_absolute_percentage_error,
    }
    for ours, reference in theirs.items():
        expected = reference(true.T, predicted.T, multioutput="raw_values")
        np.testing.assert_allclose(ours(true, predicted), expected, rtol=1e-12)
    varying = np.ptp(true, axis=1) > 1e-3
    if varying.any():
        expected = r2_score(true[varying].T, predicted[varying].T, multioutput="raw_values")
        np.testing.assert_allclose(metrics.curve_r2_score(true, predicted)[varying], expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(shapes.flatmap(lambda shape: st.tuples(stresses(shape), stresses(shape))), st.randoms())
def test_order_of_curves_and_strains_does_not_matter(pair, random):
    true, predicted = pair
    rows, columns = list(range(true.shape[0])), list(range(true.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    for metric in PER_CURVE:
        expected = metric(true, predicted)[rows]
        shuffled = metric(true[np.ix_(rows, columns)], predicted[np.ix_(rows, columns)])
        np.testing.assert_allclose(shuffled, expected, rtol=1e-7, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(shapes.flatmap(lambda shape: st.tuples(stresses(shape), stresses(shape))))
def test_orders_of_the_errors(pair):
    true, predicted = pair
    mae = metrics.curve_mean_absolute_error(true, predicted)
    assert np.all(mae <= metrics.curve_root_mean_squared_error(true, predicted) * (1 + 1e-12))
    assert metrics.worst_curve_mean_absolute_error(true, predicted) >= mean_absolute_error(true, predicted) * (
        1 - 1e-12
    )
    assert np.all(metrics.curve_r2_score(true, predicted) <= 1)
    for metric in PER_CURVE[:3]:
        np.testing.assert_array_equal(metric(true, true), 0)
    np.testing.assert_array_equal(metrics.curve_r2_score(true, true), 1)


def test_aggregates():
    true = np.array([[200.0, 300, 400], [300, 400, 500], [250, 320, 390]])
    predicted = true + np.array([[0, 3, 0], [0, 0, 0], [0, 0, -60]])
    assert metrics.worst_curve_mean_absolute_error(true, predicted) == 20
    assert metrics.worst_curve_mean_relative_error(true, predicted) == pytest.approx(60 / 390 / 3)
    r2 = metrics.curve_r2_score(true, predicted)
    assert metrics.worst_curve_r2_score(true, predicted) == r2[2]
    assert metrics.mean_curve_r2_score(true, predicted) == pytest.approx(r2.mean())


def test_constant_curve():
    # 0.1 has no exact mean in binary: a sum of squares that is not quite 0 would make R² huge and negative.
    true = np.full((3, 7), 0.1)
    predicted = true + np.array([[0.0], [1e-3], [1e3]])
    np.testing.assert_array_equal(metrics.curve_r2_score(true, predicted), [1, 0, 0])
    assert metrics.curve_r2_score([[300, 300.5]], [[300, 300.5]]) == 1


def test_points_without_stress_have_no_relative_error():
    relative = metrics.curve_mean_relative_error([[0, 100, 200], [0, 0, 0]], [[5, 101, 200], [1, 1, 1]])
    assert relative[0] == pytest.approx(0.005)
    assert np.isnan(relative[1])


def test_one_dimension_is_one_strain_per_curve():
    true, predicted = np.array([100.0, 200.0, 300.0]), np.array([101.0, 200.0, 306.0])
    np.testing.assert_array_equal(metrics.curve_mean_absolute_error(true, predicted), [1, 0, 6])
    np.testing.assert_allclose(metrics.curve_mean_relative_error(true, predicted), [0.01, 0, 0.02])
    with pytest.warns(UndefinedMetricWarning, match="at least two strains"):
        assert np.all(np.isnan(metrics.curve_r2_score(true, predicted)))


def test_frames_and_integers_are_accepted():
    pandas = pytest.importorskip("pandas")
    true = pandas.DataFrame([[200, 300], [400, 500]], index=["a", "b"])
    np.testing.assert_array_equal(metrics.curve_mean_absolute_error(true, true.to_numpy() + 2), [2, 2])


@pytest.mark.parametrize("metric", [*PER_CURVE, *AGGREGATES, metrics.curve_error_table])
@pytest.mark.parametrize(
    ("true", "predicted", "error", "message"),
    [
        (np.ones((3, 5)), np.ones((3, 4)), ValueError, r"must have one shape; got \(3, 5\) and \(3, 4\)"),
        (np.ones((3, 5)), np.ones((5, 3)), ValueError, r"must have one shape"),
        (np.ones(3), np.ones((3, 1)), ValueError, r"must have one shape; got \(3,\) and \(3, 1\)"),
        (np.ones((2, 3, 4)), np.ones((2, 3, 4)), ValueError, r"y_true must have the shape \(n_curves, n_strains\)"),
        (np.ones((0, 5)), np.ones((0, 5)), ValueError, r"at least one of each; got \(0, 5\)"),
        (np.ones((1, 2)), [[1, np.nan]], ValueError, r"y_pred is nan in curve 0 at point 1"),
        ([1, np.inf], np.ones(2), ValueError, r"y_true is inf in curve 1 at point 0"),
        ([[1, 2], [3]], np.ones((2, 2)), TypeError, r"y_true must be an array of numbers"),
        ([["a", "b"]], np.ones((1, 2)), TypeError, r"y_true must be an array of numbers"),
    ],
)
def test_bad_input(metric, true, predicted, error, message):
    with pytest.raises(error, match=message):
        metric(true, predicted)


def test_table():
    rng = np.random.default_rng(0)
    true = rng.uniform(200, 900, (40, 10))
    predicted = true + rng.normal(0, 5, true.shape)
    table = metrics.curve_error_table(true, predicted)
    assert list(table) == ["MAE, MPa", "RMSE, MPa", "relative error", "R²"]
    for key, metric in zip(table, PER_CURVE, strict=True):
        values = metric(true, predicted)
        expected = [values.max(), values.min(), values.mean(), np.median(values), np.percentile(values, 95)]
        assert list(table[key]) == ["max", "min", "mean", "median", "95th percentile"]
        assert list(table[key].values()) == pytest.approx(expected)
    json.dumps(table, allow_nan=False)
    several = metrics.curve_error_table(true, {"a": predicted, "b": true})
    assert several["a"] == table
    assert several["b"]["MAE, MPa"]["max"] == 0


def test_table_as_frame():
    pytest.importorskip("pandas")
    true = np.array([[200.0, 300, 400], [300, 400, 500]])
    table = metrics.curve_error_table(true, true + 2)
    frame = metrics.curve_error_table(true, true + 2, as_frame=True)
    assert frame.to_dict(orient="index") == table
    frame = metrics.curve_error_table(true, {"a": true + 2, "b": true}, as_frame=True)
    assert list(frame.index) == ["a", "b"]
    assert frame.loc["a", ("MAE, MPa", "max")] == 2
    assert frame["R²"].loc["b", "min"] == 1


def test_table_names_the_model_at_fault():
    true = np.ones((2, 3))
    with pytest.raises(ValueError, match="ann: y_true and y_pred must have one shape"):
        metrics.curve_error_table(true, {"seq2seq": true, "ann": true[:1]})
    with pytest.raises(ValueError, match="empty mapping"):
        metrics.curve_error_table(true, {})


def test_table_as_frame_without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="as_frame=True needs pandas"):
        metrics.curve_error_table(np.ones((2, 3)), np.ones((2, 3)), as_frame=True)


@functools.cache
def problem():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    return X, 500 + X @ rng.normal(0, 50, (4, 6)) + rng.normal(0, 1, (60, 6))


SCORERS = {
    "neg_worst_curve_mean_absolute_error_scorer": lambda true, predicted: (
        -metrics.worst_curve_mean_absolute_error(true, predicted)
    ),
    "neg_worst_curve_mean_relative_error_scorer": lambda true, predicted: (
        -metrics.worst_curve_mean_relative_error(true, predicted)
    ),
    "mean_curve_r2_scorer": metrics.mean_curve_r2_score,
    "worst_curve_r2_scorer": metrics.worst_curve_r2_score,
}


@pytest.mark.parametrize("name", SCORERS)
def test_scorers_rank_models_as_their_metric_does(name):
    X, Y = problem()
    scorer = getattr(metrics, name)
    good, bad = Ridge(alpha=1e-3).fit(X, Y), Ridge(alpha=1e3).fit(X, Y)
    assert scorer(good, X, Y) == SCORERS[name](Y, good.predict(X))
    assert scorer(good, X, Y) > scorer(bad, X, Y)


def test_scorers_work_in_a_search_with_two_processes():
    X, Y = problem()
    search = GridSearchCV(
        Ridge(),
        {"alpha": [1e3, 1e-3]},
        scoring=metrics.neg_worst_curve_mean_absolute_error_scorer,
        cv=3,
        n_jobs=2,
    ).fit(X, Y)
    assert search.best_params_ == {"alpha": 1e-3}
    assert -10 < search.best_score_ < 0
    scores = cross_validate(Ridge(), X, Y, cv=3, scoring={name: getattr(metrics, name) for name in SCORERS})
    assert all(np.all(np.isfinite(scores[f"test_{name}"])) for name in SCORERS)
