import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from sklearn_spt import CorrelationRegressor, SPTCurve, load_model, save_model
from sklearn_spt.datasets import load_reference_curves
from sklearn_spt.mechanics import Correlation, characteristic_quantities

CURVES = [curve for curve in load_reference_curves().data if curve.name != "cut"]
CUT = load_reference_curves().data[-1]
FOUND = characteristic_quantities(CURVES)
X_YIELD, X_TENSILE = FOUND.Fe / FOUND.h0**2, FOUND.Fm / (FOUND.h0 * FOUND.um)
Y = np.stack([0.35 * X_YIELD + 12, 0.28 * X_TENSILE - 30], axis=1)
RULES = ["Fe/h0^2", "Fm/(h0*um)"]


def test_coefficients_are_recovered():
    model = CorrelationRegressor(RULES).fit(CURVES, Y)
    np.testing.assert_allclose(model.coef_, [0.35, 0.28])
    np.testing.assert_allclose(model.intercept_, [12, -30])
    np.testing.assert_allclose(model.predict(CURVES), Y)
    np.testing.assert_allclose(model.residual_std_, 0, atol=1e-9)
    assert model.score(CURVES, Y) == pytest.approx(1)
    one = CorrelationRegressor("Fm/(h0*um)").fit(CURVES, Y[:, 1])
    np.testing.assert_allclose(one.predict(CURVES), Y[:, 1])


def test_through_the_origin():
    model = CorrelationRegressor(RULES, fit_intercept=False).fit(CURVES, Y)
    expected = [x @ y / (x @ x) for x, y in ((X_YIELD, Y[:, 0]), (X_TENSILE, Y[:, 1]))]
    np.testing.assert_allclose(model.coef_, expected)
    np.testing.assert_array_equal(model.intercept_, 0)
    left = Y - model.predict(CURVES)
    np.testing.assert_allclose(model.residual_std_, np.sqrt((left**2).sum(axis=0) / (len(Y) - 1)))


def test_published_coefficients_are_left_alone():
    own = Correlation(name="own", property="tensile_strength", predictor="Fm/(h0*um)", slope=0.3, intercept=5)
    model = CorrelationRegressor(["Rp0.2 0.346", own]).fit(CURVES, Y)
    np.testing.assert_array_equal(model.coef_, [0.346, 0.3])
    np.testing.assert_array_equal(model.intercept_, [0, 5])
    np.testing.assert_allclose(model.predict(CURVES)[:, 0], 0.346 * X_YIELD)
    assert model.residual_std_[0] == pytest.approx(np.sqrt(np.mean((Y[:, 0] - 0.346 * X_YIELD) ** 2)))
    with pytest.warns(UserWarning, match="'Rm 0.277': the coefficients are from memory"):
        CorrelationRegressor("Rm 0.277").fit(CURVES, Y[:, 1])


def test_curves_without_the_quantity_are_left_out_and_named():
    y = np.append(Y[:, 1], 1e6)
    with pytest.warns(UserWarning, match=r"Fm/\(h0\*um\) could not be determined for 1 of 12 .* left out of the fit"):
        model = CorrelationRegressor("Fm/(h0*um)").fit([*CURVES, CUT], y)
    np.testing.assert_allclose(model.coef_, [0.28])
    assert model.n_curves_used_.tolist() == [len(CURVES)]
    with pytest.warns(UserWarning, match="NaN is predicted: curve 0 'cut' .the load still rises at the curve's end"):
        assert np.isnan(model.predict([CUT])).all()
    bare = SPTCurve(CUT.displacement, CUT.load, name="bare")
    with pytest.warns(UserWarning, match="curve 0 'bare' .it has no thickness"):
        model.predict([bare])
    # The other target of the curve is predicted.
    both = CorrelationRegressor(RULES).fit(CURVES, Y)
    with pytest.warns(UserWarning, match="could not be determined for 1 of 1"):
        assert np.isfinite(both.predict([CUT])).tolist() == [[True, False]]


def test_works_with_scikit_learn():
    scores = cross_val_score(CorrelationRegressor(RULES), CURVES, Y, cv=3)
    np.testing.assert_allclose(scores, 1)
    model = CorrelationRegressor(Correlation(name="own", property="proof_stress", predictor="Fe/h0^2", slope=0.4))
    assert clone(model).correlations == model.correlations


def test_joblib(tmp_path):
    model = CorrelationRegressor(RULES).fit(CURVES, Y)
    joblib.dump(model, tmp_path / "model.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").predict(CURVES), model.predict(CURVES))


def test_model_file(tmp_path):
    model = CorrelationRegressor([RULES[0], "Rp0.2 0.346"]).fit(CURVES, Y)
    save_model(tmp_path / "model.spt", model)
    np.testing.assert_array_equal(load_model(tmp_path / "model.spt").predict(CURVES), model.predict(CURVES))
    own = Correlation(name="own", property="proof_stress", predictor="Fe/h0^2", slope=0.4)
    with pytest.raises(TypeError, match="cannot save the parameter 'correlations'"):
        save_model(tmp_path / "own.spt", CorrelationRegressor(own).fit(CURVES, Y[:, 0]))


@pytest.mark.parametrize(
    ("rules", "y", "error", "message"),
    [
        (RULES, Y[:, 0], ValueError, "correlations has 2 entries for 1 target "),
        ("Fe", Y[:, 0], ValueError, r"neither a predictor \(Fe/h0\^2.*nor a published correlation \(Rp0.2 0.346"),
        (0.346, Y[:, 0], TypeError, "must be a name or a Correlation"),
        ("Fe/h0^2", Y[:-1, 0], ValueError, "inconsistent numbers of samples"),
        ("Fe/h0^2", None, ValueError, "call Correlation.estimate"),
        ("Fe/h0^2", np.full(len(Y), np.nan), ValueError, "NaN"),
    ],
)
def test_bad_input(rules, y, error, message):
    with pytest.raises(error, match=message):
        CorrelationRegressor(rules).fit(CURVES, y)


def test_too_few_curves():
    with pytest.raises(ValueError, match="for 1 sample, and at least 2 are needed"):
        CorrelationRegressor().fit(CURVES[:1], [400])


def test_targets_that_are_not_known_are_named():
    curves = load_reference_curves().data[:3]
    with pytest.raises(
        ValueError, match=r"CorrelationRegressor: Input y contains NaN, for curve 1 .*; leave these curves"
    ):
        CorrelationRegressor().fit(curves, [390.0, np.nan, 470.0])
    with pytest.raises(ValueError, match=r"y must hold one value per curve; got the number 390.0"):
        CorrelationRegressor().fit(curves, 390.0)


def test_lists_of_one_item():
    curves = load_reference_curves().data[:3]
    with pytest.raises(TypeError, match=r"curve 0 of X must be an SPTCurve or an array .*; got list"):
        CorrelationRegressor().fit([[curve] for curve in curves], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"has 1 entry for 2 targets .*; give one for each, or a single one for all"):
        CorrelationRegressor(["Fe/h0^2"]).fit(curves, np.ones((3, 2)))
