import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from sklearn_spt import CurveResampler, CurveStackingRegressor, MeasurementErrors, perturb_curves
from sklearn_spt.datasets import load_demo_curve, load_en10371_steel, load_pretrained, make_spt_curves
from sklearn_spt.inspection import AttentionDisplay
from sklearn_spt.regressors import Seq2SeqRegressor

CURVE, _, _ = load_demo_curve()
STRAIN = np.linspace(0.01, 0.2, 7)
GRID = np.linspace(0.1, 2, 5)
WEIGHTS = np.random.default_rng(0).dirichlet(np.ones(5), size=(3, 7))
OPTIONS = {"strain": STRAIN, "displacement": GRID, "curve": CURVE}


def test_mean_of_the_heads_with_the_curve_above():
    display = AttentionDisplay.from_weights(WEIGHTS, **OPTIONS)
    np.testing.assert_allclose(np.reshape(display.mesh_.get_array(), (7, 5)), WEIGHTS.mean(axis=0))
    np.testing.assert_array_equal(display.line_.get_ydata(), CURVE.load / 1000)
    assert display.ax_.get_xlabel() == "displacement, mm"
    assert display.ax_.get_ylabel() == "true strain"
    assert display.curve_ax_.get_ylabel() == "load, kN"
    assert display.colorbar_.ax.get_ylabel() == "weight"
    assert [text.get_text() for text in display.curve_ax_.texts] == ["mean of 3 heads"]
    assert display.curve_ax_.get_xlim() == display.ax_.get_xlim() == (0, 2)
    display.figure_.draw_without_rendering()
    above, below = display.curve_ax_.get_position(), display.ax_.get_position()
    assert above.y0 > below.y1
    np.testing.assert_allclose([above.x0, above.x1], [below.x0, below.x1])


def test_one_head_on_given_axes():
    _, ax = plt.subplots()
    display = AttentionDisplay.from_weights(WEIGHTS, **OPTIONS, head=-1, ax=ax, vmax=0.5)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.mesh_.get_clim() == (0, 0.5)
    assert display.title == "head 2"
    np.testing.assert_array_equal(display.weights, WEIGHTS[2])
    assert display.plot(cmap="cividis") is display
    assert display.mesh_.get_cmap().name == "cividis"


def test_from_estimator():
    model = load_pretrained("sheet")
    display = AttentionDisplay.from_estimator(model, [CURVE.replace(load=CURVE.load / 2), CURVE], index=1, head=1)
    network = model[-1]
    expected = network.attention_weights(model[:-1].transform([CURVE]))[0, 1]
    np.testing.assert_allclose(display.weights, expected)
    np.testing.assert_array_equal(display.displacement, model.model_info_.displacement)
    # It predicts flow curves: from the yield point on.
    np.testing.assert_array_equal(display.strain, network.flow_strain(model[:-1].transform([CURVE]))[0])
    stress = model.predict([CURVE])[0]
    assert 70_000 * display.strain[0] == pytest.approx(
        np.interp(display.strain[0], model.model_info_.strain, stress), 0.03
    )
    # The last plastic strain is the last strain of the training.
    assert display.strain[-1] == pytest.approx(model.model_info_.strain[-1] + stress[-1] / 70_000, 1e-3)
    assert display.curve is CURVE


def test_a_model_that_predicts_the_modulus_too():
    model, curves = load_pretrained("en10371"), load_en10371_steel(n_curves=3).data
    display = AttentionDisplay.from_estimator(model, curves, index=1)
    weights = model[-1].attention_weights(model[:-1].transform([curves[1]]))[0]
    assert len(display.strain) == weights.shape[1] - 1
    np.testing.assert_allclose(display.weights, weights.mean(axis=0)[1:])
    assert np.all(np.diff(display.strain) > 0)
    with pytest.raises(ValueError, match="elastic_modulus only"):
        Seq2SeqRegressor(max_epochs=1).fit(np.ones((4, 5)) + np.eye(4, 5), np.ones((4, 3))).flow_strain(np.ones((1, 5)))


def test_from_estimator_that_was_just_fitted():
    X, Y, strain = make_spt_curves(10, n_points=10, n_strains=8, return_strain=True, random_state=0)
    model = make_pipeline(CurveResampler(n_points=10), Seq2SeqRegressor(hidden_size=8, n_heads=2, max_epochs=1))
    model.fit(X, Y)
    assert AttentionDisplay.from_estimator(model, X, strain=strain).weights.shape == (8, 10)
    with pytest.raises(ValueError, match="give strain="):
        AttentionDisplay.from_estimator(model, X)
    with pytest.raises(TypeError, match="got Seq2SeqRegressor alone: use from_weights"):
        AttentionDisplay.from_estimator(model[-1], X, strain=strain)
    relative = make_pipeline(CurveResampler(n_points=10), model[-1])
    relative.fit(CurveResampler(n_points=12).fit_transform(X), Y)
    with pytest.raises(TypeError, match="no fitted CurveResampler with displacements in mm"):
        AttentionDisplay.from_estimator(relative, X, strain=strain)


def test_where_a_record_has_ended_there_is_nothing_to_see():
    X, Y, strain = make_spt_curves(20, n_points=40, n_strains=8, return_strain=True, random_state=0)
    short = perturb_curves(X, MeasurementErrors(cut=(0.0, 0.4)), random_state=0)
    resampler = CurveResampler(grid=np.linspace(0.1, 1.8, 18), ends="mask")
    model = make_pipeline(resampler, Seq2SeqRegressor(hidden_size=8, n_heads=2, max_epochs=1)).fit(short, Y)
    end = 1.45
    cut = X[0].replace(displacement=X[0].displacement[X[0].displacement < end], load=X[0].load[X[0].displacement < end])
    display = AttentionDisplay.from_estimator(model, [cut], strain=strain)
    assert display.displacement[-1] <= cut.displacement[-1] < display.displacement[-1] + 0.1
    np.testing.assert_allclose(display.weights.sum(axis=1), 1)


def test_the_network_in_a_stack():
    X, Y, strain = make_spt_curves(20, n_points=10, n_strains=8, return_strain=True, random_state=0)
    network = Seq2SeqRegressor(hidden_size=8, n_heads=2, max_epochs=1, random_state=0)
    model = make_pipeline(CurveResampler(n_points=10), CurveStackingRegressor(Ridge(), network, cv=0.2)).fit(X, Y)
    alone = make_pipeline(model[0], model[-1].secondary_)
    np.testing.assert_array_equal(
        AttentionDisplay.from_estimator(model, X, strain=strain).weights,
        AttentionDisplay.from_estimator(alone, X, strain=strain).weights,
    )
    without = make_pipeline(CurveResampler(n_points=10), CurveStackingRegressor(Ridge(), Ridge(), cv=0.2)).fit(X, Y)
    with pytest.raises(TypeError, match="got CurveStackingRegressor"):
        AttentionDisplay.from_estimator(without, X, strain=strain)


def test_estimator_or_curves_that_will_not_do():
    model = load_pretrained("sheet")
    with pytest.raises(TypeError, match="last step has attention_weights, such as Seq2SeqRegressor; got Ridge"):
        AttentionDisplay.from_estimator(make_pipeline(CurveResampler(), Ridge()), [CURVE])
    with pytest.raises(IndexError, match="index is 3, but there are only 1: 0 to 0"):
        AttentionDisplay.from_estimator(model, [CURVE], index=3)
    with pytest.raises(ValueError, match="curve 0 of X must have the two columns displacement"):
        AttentionDisplay.from_estimator(model, [[1, 2]])
    with pytest.raises(TypeError, match="X is a single SPTCurve; give a list of curves"):
        AttentionDisplay.from_estimator(model, CURVE)


@pytest.mark.parametrize(
    ("weights", "options", "error", "message"),
    [
        (WEIGHTS[0], {}, ValueError, r"weights must have the shape \(n_heads, n_strains, n_points\)"),
        (WEIGHTS, {"strain": GRID}, ValueError, "the curves have 7 columns, but strain has the shape"),
        (WEIGHTS, {"displacement": GRID[::-1]}, ValueError, "displacement must hold 5 increasing numbers"),
        (WEIGHTS, {"displacement": STRAIN}, ValueError, r"got shape \(7,\)"),
        (WEIGHTS, {"curve": [CURVE]}, TypeError, "curve must be one SPTCurve; got list"),
        (WEIGHTS, {"head": 3}, IndexError, "head is 3, but there are only 3: 0 to 2"),
    ],
)
def test_bad_input(weights, options, error, message):
    with pytest.raises(error, match=message):
        AttentionDisplay.from_weights(weights, **{**OPTIONS, **options})


def test_without_matplotlib(without_matplotlib):
    with pytest.raises(ImportError, match="AttentionDisplay needs matplotlib"):
        AttentionDisplay.from_weights(WEIGHTS, **OPTIONS)
