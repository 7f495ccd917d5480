import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_spt.inspection import CurveErrorDisplay
from sklearn_spt.metrics import curve_mean_relative_error, curve_root_mean_squared_error

TRUE = np.array([[200.0], [300], [400], [500]]) * np.linspace(1, 2, 10)
PRED = TRUE + np.array([[8.0], [-2], [4], [6]])


def texts(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_distribution():
    display = CurveErrorDisplay.from_predictions(TRUE, PRED)
    np.testing.assert_allclose(display.errors, [8, 2, 4, 6])
    np.testing.assert_allclose(display.line_.get_xydata(), [[2, 0], [2, 25], [4, 50], [6, 75], [8, 100]])
    assert display.line_.get_drawstyle() == "steps-post"
    np.testing.assert_allclose(display.markers_.get_xydata(), [[4, 50], [8, 95]])
    assert display.ax_.get_xlabel() == "mean absolute error of a curve, MPa"
    assert display.ax_.get_ylabel() == "share of the curves, %"
    assert texts(display) == ["median 4, 95 % at most 8 MPa"]


def test_sorted():
    display = CurveErrorDisplay.from_predictions(TRUE, PRED, kind="sorted", metric="mean_relative_error")
    expected = 100 * np.sort(curve_mean_relative_error(TRUE, PRED))
    np.testing.assert_allclose(display.line_.get_xydata(), np.column_stack([[1, 2, 3, 4], expected]))
    assert display.ax_.get_xlabel() == "rank of the curve, from the best"
    assert display.ax_.get_ylabel() == "mean relative error of a curve, %"
    assert texts(display) == [f"worst is curve 0, {expected[-1]:.3g} %"]


def test_several_models_on_given_axes():
    _, ax = plt.subplots()
    first = CurveErrorDisplay.from_predictions(TRUE, PRED, name="good", ax=ax)
    worse = CurveErrorDisplay.from_predictions(TRUE, PRED + 90, name="bad", ax=ax, line_kw={"linestyle": ":"})
    assert first.ax_ is worse.ax_ is ax
    assert worse.figure_ is ax.figure
    assert worse.line_.get_linestyle() == ":"
    assert [text.partition(":")[0] for text in texts(worse)] == ["good", "bad"]
    assert ax.get_xlim()[1] > 98
    assert worse.plot(kind="sorted") is worse


def test_perfect_predictions():
    for kind in ("ecdf", "sorted"):
        display = CurveErrorDisplay.from_predictions(TRUE, TRUE, kind=kind)
        assert display.ax_.get_xlim()[0] < display.ax_.get_xlim()[1]


def test_from_estimator():
    X = np.arange(12.0).reshape(4, 3) ** 2
    model = make_pipeline(StandardScaler(), Ridge()).fit(X, TRUE)
    display = CurveErrorDisplay.from_estimator(model, X, TRUE, metric="root_mean_squared_error")
    np.testing.assert_allclose(display.errors, curve_root_mean_squared_error(TRUE, model.predict(X)))
    assert display.name == "Ridge"
    assert CurveErrorDisplay.from_estimator(model[-1], X, TRUE, name="mine", kind="sorted").name == "mine"


@pytest.mark.parametrize(
    ("Y_true", "Y_pred", "options", "message"),
    [
        (TRUE, PRED[:2], {}, "must have one shape"),
        (TRUE, PRED * np.nan, {}, "y_pred is nan in curve 0"),
        (0 * TRUE, PRED, {"metric": "mean_relative_error"}, "curve 0 has no relative error"),
        (TRUE, PRED, {"metric": "mse"}, "metric must be one of 'mean_absolute_error'.*; got 'mse'"),
        (TRUE, PRED, {"kind": "bars"}, "kind must be one of 'ecdf', 'sorted'; got 'bars'"),
    ],
)
def test_bad_input(Y_true, Y_pred, options, message):
    with pytest.raises(ValueError, match=message):
        CurveErrorDisplay.from_predictions(Y_true, Y_pred, **options)


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="CurveErrorDisplay needs matplotlib"):
        CurveErrorDisplay.from_predictions(TRUE, PRED)
