import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklearn_spt import ConformalCurveRegressor, CurveResampler, MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_pretrained, load_sheet_steel, make_spt_curves
from sklearn_spt.inspection import PredictionDisplay

STRAIN = np.linspace(0.002, 0.2, 40)
TRUE = np.array([[400], [500], [600], [700], [800]]) * STRAIN**0.2
OFFSETS = np.array([[30], [2], [50], [-40], [10]])


def texts(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_best_median_and_worst():
    display = PredictionDisplay.from_predictions(TRUE, TRUE + OFFSETS, strain=STRAIN)
    assert display.curves == {"best": 1, "median": 0, "worst": 2}
    assert texts(display) == [
        "best (curve 1): MAE 2 MPa",
        "median (curve 0): MAE 30 MPa",
        "worst (curve 2): MAE 50 MPa",
        "true",
        "predicted",
    ]
    assert display.ax_.get_xlabel() == "true strain"
    assert display.ax_.get_ylabel() == "true stress, MPa"
    for lines, Y in ((display.true_lines_, TRUE), (display.predicted_lines_, TRUE + OFFSETS)):
        assert len(lines) == 3
        for line, index in zip(lines, (1, 0, 2), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), np.column_stack([STRAIN, Y[index]]))
    assert {line.get_linestyle() for line in display.true_lines_} == {"-"}
    assert {line.get_linestyle() for line in display.predicted_lines_} == {"--"}
    assert len({line.get_marker() for line in display.predicted_lines_}) == 3


@pytest.mark.parametrize(("n", "names"), [(1, ["curve"]), (2, ["best", "worst"]), (3, ["best", "median", "worst"])])
def test_few_curves(n, names):
    display = PredictionDisplay.from_predictions(TRUE[:n], (TRUE + OFFSETS)[:n], strain=STRAIN)
    assert list(display.curves) == names
    assert len(display.true_lines_) == n


def test_chosen_curves_on_given_axes():
    _, ax = plt.subplots()
    display = PredictionDisplay.from_predictions(TRUE, TRUE + OFFSETS, strain=STRAIN, curves=[4, -2], ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert texts(display)[:2] == ["curve 4: MAE 10 MPa", "curve 3: MAE 40 MPa"]
    assert display.plot() is display


def test_bands():
    predicted = TRUE + OFFSETS
    band = np.stack([0.9 * predicted, np.full(predicted.shape, np.inf)], axis=-1)
    display = PredictionDisplay.from_predictions(TRUE, predicted, strain=STRAIN, curves=[0], band=band)
    lower, upper = display.band_lines_
    np.testing.assert_array_equal(lower.get_ydata(), band[0, :, 0])
    # There is no upper edge.
    assert np.isnan(upper.get_ydata()).all()
    assert "edges of the band" in texts(display)
    with pytest.raises(ValueError, match="band must have the shape"):
        PredictionDisplay.from_predictions(TRUE, predicted, strain=STRAIN, band=band[:2])


def test_the_band_of_an_estimator_that_has_one():
    X, Y, strain = make_spt_curves(60, return_strain=True, random_state=0)
    model = ConformalCurveRegressor(make_pipeline(CurveResampler(n_points=10), Ridge()), random_state=0).fit(X, Y)
    display = PredictionDisplay.from_estimator(model, X, Y, strain=strain)
    np.testing.assert_array_equal(display.band, model.predict_interval(X))
    assert len(display.band_lines_) == 6
    assert PredictionDisplay.from_estimator(model.estimator_, X, Y, strain=strain).band_lines_ == []


def test_from_estimator_knows_the_strain_of_a_model_file():
    sheet, model = load_sheet_steel(), load_pretrained("sheet")
    X, Y = perturb_curves(sheet.data[:5], MeasurementErrors(spacing=0.01)), sheet.target[:5]
    display = PredictionDisplay.from_estimator(model, X, Y)
    np.testing.assert_array_equal(display.Y_pred, model.predict(X))
    np.testing.assert_allclose(display.strain, sheet.strain, rtol=1e-6)
    with pytest.raises(ValueError, match="the curves have 100 columns, but strain has the shape"):
        PredictionDisplay.from_estimator(model, X, Y, strain=STRAIN)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((TRUE, TRUE[:2]), {}, ValueError, "must have one shape"),
        ((TRUE, np.where(TRUE > 500, np.nan, TRUE)), {}, ValueError, "y_pred is nan in curve 3"),
        ((TRUE[:, 0], TRUE[:, 0]), {}, ValueError, r"Y_true must have the shape \(n_curves, n_strains\)"),
        ((TRUE, TRUE), {"strain": None}, ValueError, "give strain=, the true strain of the columns of Y"),
        ((TRUE, TRUE), {"strain": STRAIN[::-1]}, ValueError, "strictly increasing"),
        ((TRUE, TRUE), {"curves": [7]}, IndexError, "an index in curves is 7, but there are only 5: 0 to 4"),
        ((TRUE, TRUE), {"curves": [1.5]}, TypeError, "an index in curves must be an integer; got 1.5"),
        ((TRUE, TRUE), {"curves": []}, ValueError, "curves must be a list of indices"),
    ],
)
def test_bad_input(arguments, options, error, message):
    with pytest.raises(error, match=message):
        PredictionDisplay.from_predictions(*arguments, **{"strain": STRAIN, **options})


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="PredictionDisplay needs matplotlib"):
        PredictionDisplay.from_predictions(TRUE, TRUE, strain=STRAIN)
