"""Corrections of curves: what they recover, what they record, and what they refuse."""

import warnings

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklearn_spt import CurveResampler, SPTCurve
from sklearn_spt.augmentation import disturb_curves
from sklearn_spt.datasets import load_en10371_steel
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import (
    ComplianceCorrector,
    CurveCutter,
    CurveSmoother,
    LoadOffsetCorrector,
    ToeCorrector,
    standard_corrections,
)

ALL = [LoadOffsetCorrector(), ComplianceCorrector(1e-5), ToeCorrector(), CurveCutter(), CurveSmoother()]


def measured(offset=0.0, toe=0.0, name="A1"):
    u = np.linspace(-0.1, 1.0, 551)
    x = np.maximum(u, 0)
    return SPTCurve(u + toe, offset + 1000 * x * (1 - 0.4 * x), thickness=0.5, name=name)


@given(st.floats(-50, 50))
def test_the_load_offset_goes_there_and_back(offset):
    (back,) = LoadOffsetCorrector().transform([measured(offset)])
    np.testing.assert_allclose(back.load, measured().load, atol=1e-9)
    assert back.corrections[0].value == pytest.approx(offset, abs=1e-9)


@given(st.floats(-0.05, 0.2))
def test_the_toe_goes_there_and_back(toe):
    (back,) = ToeCorrector().transform([measured(toe=toe)])
    np.testing.assert_allclose(back.displacement, measured().displacement, atol=1e-8)


@given(st.floats(1e-7, 1e-4))
def test_compliance_goes_there_and_back(compliance):
    (faulty,) = disturb_curves([measured()], compliance=compliance)
    (back,) = ComplianceCorrector(compliance).transform([faulty])
    np.testing.assert_allclose(back.displacement, measured().displacement, atol=1e-12)


def test_a_record_that_begins_at_contact_keeps_its_load():
    u = np.linspace(0, 1, 501)
    curve = SPTCurve(u, 20 + 1000 * u * (1 - 0.4 * u))
    (same,) = LoadOffsetCorrector().transform([curve])
    np.testing.assert_array_equal(same.load, curve.load)
    assert same.corrections[0].value is None
    assert "no level part" in same.corrections[0].note


def test_cutting_is_idempotent_and_a_curve_without_drop_stays():
    curve = SPTCurve([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0, 90, 170, 230, 260, 250, 100])
    for cutter, n in ((CurveCutter(), 6), (CurveCutter("maximum"), 5)):
        once = cutter.transform([curve])
        twice = cutter.transform(once)
        assert len(once[0].load) == len(twice[0].load) == n
        assert twice[0].corrections[-1].value is None


@pytest.mark.xfail(strict=True, reason="the spline smooths the steep beginning too much: Fe up to 1.9 % off")
def test_smoothing_keeps_fe_and_fm():
    """Fe within 1 % and Fm within 0.5 % of the noise-free curve, where the noise is 0.5 % of Fm."""
    true = []
    for curve in load_en10371_steel().data[::40]:
        u, f = curve.monotonic()
        grid = np.arange(0, u[-1], 0.004)
        true.append(curve.replace(displacement=grid, load=np.interp(grid, u, f)))
    noisy = disturb_curves(true, noise=0.005, random_state=0)
    smooth = CurveSmoother().transform(noisy)
    wanted, found = characteristic_quantities(true), characteristic_quantities(smooth)
    np.testing.assert_allclose(found.Fe, wanted.Fe, rtol=0.01)
    np.testing.assert_allclose(found.Fm, wanted.Fm, rtol=0.005)
    for a, b, c in zip(true, noisy, smooth, strict=True):
        assert np.std(c.load - a.load) < 0.6 * np.std(b.load - a.load)


@pytest.mark.parametrize("corrector", ALL[:3], ids=str)
def test_twice_is_refused_by_name(corrector):
    once = corrector.transform([measured(5.0, 0.02)])
    with pytest.raises(ValueError, match=r"curve 'A1' was corrected for \w+ before"):
        corrector.transform(once)


def test_the_wrong_order_warns_and_the_right_one_does_not():
    toe = ToeCorrector().transform([measured(toe=0.02)])
    with pytest.warns(UserWarning, match="'A1': compliance comes after toe"):
        ComplianceCorrector(1e-6).transform(toe)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        steps = ("smooth", "toe", "cut", "compliance", "load_offset")
        (curve,) = standard_corrections(steps, compliance=1e-6).fit_transform([measured(5.0, 0.02)])
    assert [c.name for c in curve.corrections] == ["load_offset", "compliance", "toe", "cut", "smooth"]


def test_a_deflection_has_no_compliance():
    curve = measured().replace(displacement_kind="deflection")
    (same,) = ComplianceCorrector(1e-5).transform([curve])
    assert same.corrections[0].value is None


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="compliance must be a number >= 0"):
        ComplianceCorrector(-1.0).fit([measured()])
    with pytest.raises(ValueError, match="'A1': no valid curve is left"):
        ComplianceCorrector(1.0).transform([measured()])
    with pytest.raises(ValueError, match="load_range"):
        ToeCorrector((0.5, 0.1)).fit([measured()])
    with pytest.raises(ValueError, match="different ones of"):
        standard_corrections(("toes",))
    with pytest.raises(ValueError, match="need each other"):
        standard_corrections(("compliance",))


@pytest.mark.parametrize("corrector", ALL, ids=str)
def test_arrays_clone_and_joblib(corrector, tmp_path):
    array = np.column_stack([measured(5.0).displacement, measured(5.0).load])
    before = array.copy()
    joblib.dump(clone(corrector).fit([array]), tmp_path / "c.joblib")
    (a,), (b,) = corrector.transform([array]), joblib.load(tmp_path / "c.joblib").transform([array])
    np.testing.assert_array_equal(a.load, b.load)
    np.testing.assert_array_equal(array, before)


def test_in_a_grid_search_before_the_resampler():
    curves = [measured(offset, toe) for offset in (0.0, 5.0) for toe in (0.0, 0.01, 0.02)]
    model = Pipeline([("toe", ToeCorrector()), ("grid", CurveResampler(5, ends="hold")), ("ridge", Ridge())])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        search = GridSearchCV(model, {"toe__degree": [1, 2]}, cv=2).fit(curves, np.arange(6.0))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
