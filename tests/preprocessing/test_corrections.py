"""Corrections of curves: what they recover, what they record, and what they refuse."""

import re
import warnings

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import estimator_checks

from sklearn_spt import CurveResampler, SPTCurve, load_model, save_model
from sklearn_spt.augmentation import MeasurementErrors, perturb_curves
from sklearn_spt.checks.beginning import steepest
from sklearn_spt.datasets import load_en10371_steel, load_sheet_steel
from sklearn_spt.mechanics import characteristic_quantities
from sklearn_spt.preprocessing import (
    ComplianceCorrector,
    CurveCutter,
    CurveSmoother,
    DeflectionConverter,
    LoadOffsetCorrector,
    ToeCorrector,
    UnloadingCorrector,
    standard_corrections,
)
from sklearn_spt.preprocessing._deflection import relation

ALL = [
    LoadOffsetCorrector(),
    ComplianceCorrector(1e-5),
    ToeCorrector(),
    DeflectionConverter(),
    CurveCutter(),
    CurveSmoother(),
    UnloadingCorrector(),
]


def measured(offset=0.0, toe=0.0, name="A1"):
    u = np.linspace(-0.1, 1.0, 551)
    x = np.maximum(u, 0)
    return SPTCurve(u + toe, offset + 1000 * x * (1 - 0.4 * x), thickness=0.5, name=name)


@settings(deadline=None)
@given(st.floats(-50, 50))
def test_the_load_offset_goes_there_and_back(offset):
    (back,) = LoadOffsetCorrector().transform([measured(offset)])
    np.testing.assert_allclose(back.load, measured().load, atol=1e-9)
    assert back.corrections[0].value == pytest.approx(offset, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-0.05, 0.2))
def test_the_toe_goes_there_and_back(toe):
    (back,) = ToeCorrector().transform([measured(toe=toe)])
    np.testing.assert_allclose(back.displacement, measured().displacement, atol=1e-8)


@settings(deadline=None)
@given(st.floats(1e-7, 1e-4))
def test_compliance_goes_there_and_back(compliance):
    (faulty,) = perturb_curves([measured()], MeasurementErrors(compliance=compliance))
    (back,) = ComplianceCorrector(compliance).transform([faulty])
    np.testing.assert_allclose(back.displacement, measured().displacement, atol=1e-12)


def test_the_load_offset_of_a_deflection_that_stands_still_before_contact():
    random = np.random.default_rng(0)
    x = np.append(np.zeros(40), np.linspace(0, 1, 501))
    load = 7 + 1000 * x * (1 - 0.4 * x) + 0.5 * random.normal(size=len(x))
    (done,) = LoadOffsetCorrector().transform([SPTCurve(x + 2e-4 * random.normal(size=len(x)), load)])
    assert done.corrections[0].value == pytest.approx(7, abs=0.3)


def test_a_record_that_begins_at_contact_keeps_its_load():
    u = np.linspace(0, 1, 501)
    curve = SPTCurve(u, 20 + 1000 * u * (1 - 0.4 * u))
    (same,) = LoadOffsetCorrector().transform([curve])
    np.testing.assert_array_equal(same.load, curve.load)
    assert same.corrections[0].value is None
    assert "no level part" in same.corrections[0].note


def test_cutting_is_idempotent_and_a_curve_without_drop_stays():
    curve = SPTCurve([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0, 90, 170, 230, 260, 250, 100])
    for cutter, n in ((CurveCutter(), 6), (CurveCutter("drop"), 6), (CurveCutter("maximum"), 5)):
        once = cutter.transform([curve])
        twice = cutter.transform(once)
        assert len(once[0].load) == len(twice[0].load) == n
        assert twice[0].corrections[-1].value is None


def fractured(width, *, to=0.3, noise=0.0, step=0.0005, approach=0.0):
    """A record whose load falls 0.1 mm behind its maximum at 1.5 mm, over `width` mm, to a part of itself."""
    u = np.arange(-approach, 2.0, step)
    x = np.maximum(u, 0)
    load = 1500 - 1500 * (1 - x / 1.5) ** 2
    load *= 1 - (1 - to) * np.clip((u - 1.6) / width, 0, 1)
    return SPTCurve(u, load + noise * 1500 * np.random.default_rng(0).normal(size=len(u)), name="A1")


@pytest.mark.parametrize("noise", [0.0, 0.005])
@pytest.mark.parametrize("approach", [0.0, 3.0])
def test_the_cut_is_where_a_sudden_fall_begins(noise, approach):
    """A fast machine records points in the fall itself, which the drop of 20 % leaves in."""
    for width in (0.0005, 0.003, 0.01):
        record = fractured(width, noise=noise, approach=approach)
        (cut,), (drop,) = CurveCutter().transform([record]), CurveCutter("drop").transform([record])
        assert cut.displacement[-1] == pytest.approx(1.6, abs=0.0016 if noise else 0.0006)
        assert "from a sudden fall of the load on" in cut.corrections[0].note
        assert drop.displacement[-1] == pytest.approx(1.6 + 0.28 * width, abs=0.0011)


@pytest.mark.parametrize("noise", [0.0, 0.005])
def test_where_no_fall_is_sudden_the_cut_is_uf(noise):
    record = fractured(0.3, noise=noise)
    (cut,) = CurveCutter().transform([record])
    assert "after a drop of 20 %" in cut.corrections[0].note
    uf = characteristic_quantities(record.replace(thickness=0.5)).uf
    assert cut.displacement[-1] == pytest.approx(uf, abs=0.006 if noise else 0.0006)


def test_a_smaller_fall_is_a_fracture_where_the_user_says_so():
    record = fractured(0.002, to=0.9)
    (same,) = CurveCutter().transform([record])
    assert same.corrections[0].value is None
    assert same.corrections[0].note == "the load does not fall by 20 % after the maximum"
    (cut,) = CurveCutter(drop=0.05).transform([record])
    assert cut.displacement[-1] == pytest.approx(1.6, abs=0.0006)


def test_a_fall_between_two_points_or_at_one_displacement_is_sudden():
    for u in ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.5]):
        (cut,) = CurveCutter().transform([SPTCurve(u, [0, 90, 170, 230, 260, 250, 100])])
        assert (cut.displacement[-1], cut.load[-1]) == (0.5, 250)
    assert CurveCutter().transform([SPTCurve(u, [0, 90, 170, 230, 260, 250, 100])])[0].corrections[0].note == (
        "1 point left away from a sudden fall of the load on"
    )


def test_standard_corrections_cut_where_they_are_told():
    record = fractured(0.01)
    for at in ("fracture", "drop", "maximum"):
        (wanted,) = CurveCutter(at).transform([record])
        (found,) = standard_corrections(("cut",), cut_at=at).fit_transform([record])
        assert found.displacement[-1] == wanted.displacement[-1]
    with pytest.raises(ValueError, match="at must be one of 'fracture', 'drop', 'maximum'; got 'end'"):
        standard_corrections(("cut",), cut_at="end").fit_transform([record])


def noisy_steels(noise, step=0.002):
    """Dense records of simulated tests, without and with noise."""
    true = []
    # The same curves when the set has grown.
    for curve in load_en10371_steel(n_curves=39).data[::3]:
        u, f = curve.monotonic()
        grid = np.arange(0, u[-1], step)
        load = PchipInterpolator(u, f)(grid)
        before = np.arange(-25, 0) * step
        true.append(curve.replace(displacement=np.append(before, grid), load=np.append(0 * before, load)))
    return true, perturb_curves(true, MeasurementErrors(noise=noise), random_state=0)


@pytest.fixture(scope="module")
def smoothed():
    true, noisy = noisy_steels(0.005)
    return true, noisy, CurveSmoother().transform(noisy)


def test_smoothing_keeps_fe_and_fm(smoothed):
    """Noise of 0.5 % of Fm shifts Fe itself; smoothing must not shift it further, nor always in one direction."""
    true, noisy, smooth = (characteristic_quantities(curves) for curves in smoothed)
    assert np.abs(smooth.Fe / noisy.Fe - 1).max() < 0.01
    assert abs(np.mean(smooth.Fe / noisy.Fe - 1)) < 0.0025
    assert np.std(smooth.Fe / true.Fe) < 1.1 * np.std(noisy.Fe / true.Fe)
    np.testing.assert_allclose(smooth.Fm, true.Fm, rtol=0.002)


def test_smoothing_keeps_the_initial_slope(smoothed):
    true, noisy, smooth = (characteristic_quantities(curves) for curves in smoothed)
    assert np.std(smooth.slope / true.slope) < np.std(noisy.slope / true.slope)
    assert abs(np.mean(smooth.slope / true.slope - 1)) < 0.03


def test_smoothing_takes_most_of_the_noise_away(smoothed):
    left = [np.std(s.load - t.load) / np.std(n.load - t.load) for t, n, s in zip(*smoothed, strict=True)]
    assert np.median(left) < 0.3
    # Most is left where a metal of little strength yields suddenly.
    assert max(left) < 0.45


def test_smoothing_leaves_a_curve_without_noise():
    true, _ = noisy_steels(0.0)
    wanted, found = characteristic_quantities(true[:4]), characteristic_quantities(CurveSmoother().transform(true[:4]))
    for name in ("Fe", "Fm", "slope"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=2e-3, err_msg=name)


def test_smoothing_where_the_contact_is_does_not_matter():
    """The stretched neighbourhood is found in the record, so that a toe that was not corrected moves with the curve."""
    noisy = noisy_steels(0.005)[1][0]
    moved = noisy.replace(displacement=noisy.displacement + 0.5)
    a, b = CurveSmoother().transform([noisy, moved])
    np.testing.assert_allclose(a.load, b.load, atol=0.05)


def test_smoothing_takes_displacements_that_differ_by_rounding_alone():
    u = np.linspace(0.0, 1.0, 101)
    u = np.sort(np.append(u, np.nextafter(u[50], 2)))
    (smooth,) = CurveSmoother().transform([SPTCurve(u, 1000 * u)])
    np.testing.assert_allclose(smooth.load, 1000 * u, atol=0.5)


@pytest.mark.parametrize("width", [0.0005, 0.003, 0.01])
def test_smoothing_does_not_smear_a_fracture(width):
    record, true = fractured(width, noise=0.005), fractured(width)
    (smooth,) = CurveSmoother().transform([record])
    u, intact = record.displacement, record.displacement <= 1.6 - 0.002
    fallen = u >= 1.6 + width
    np.testing.assert_array_equal(smooth.load[fallen], record.load[fallen])
    assert np.std(smooth.load[intact] - true.load[intact]) < 0.35 * np.std(record.load[intact] - true.load[intact])
    assert np.abs(smooth.load - true.load)[(u > 1.5) & intact].max() < 0.01 * true.load.max()
    assert re.search(r"; \d+ points from a sudden fall of the load on left as measured$", smooth.corrections[0].note)
    # The same as of the record that was cut before.
    (cut,) = CurveSmoother().transform(CurveCutter().transform([record]))
    np.testing.assert_allclose(smooth.load[: len(cut.load)], cut.load)
    assert cut.corrections[-1].value == smooth.corrections[-1].value
    assert cut.corrections[-1].note == "root mean square change"


@pytest.mark.parametrize("step", [0.01, 0.02])
def test_the_toe_of_a_record_of_few_points_is_found_further_up(step):
    coarse = []
    for curve in load_en10371_steel(n_curves=240).data[::3]:
        u = np.arange(-0.03, 1.7, step)
        coarse.append(curve.replace(displacement=u + 0.03, load=np.interp(u, curve.displacement, curve.load, left=0)))
    found = [curve.corrections[-1] for curve in ToeCorrector().transform(coarse)]
    error = np.array([np.nan if toe.value is None else toe.value - 0.03 for toe in found])
    assert np.max(np.abs(error)) < step
    wide = re.compile(r"N \(up to [123][05]% of the maximum: below 10% it was not found\), foot 0.9 µm of rig EN10371$")
    assert any(wide.search(toe.note) for toe in found)
    # A range of one's own is kept to.
    own = [curve.corrections[-1] for curve in ToeCorrector((0.02, 0.1)).transform(coarse)]
    assert any(toe.value is None for toe in own)
    # What no range finds is said of the first.
    load = np.maximum(coarse[0].load, 0.5 * coarse[0].load.max())
    (none,) = ToeCorrector().transform([coarse[0].replace(load=load)])
    assert none.corrections[-1].note.startswith("0 points between ")


@pytest.mark.parametrize("thickness", ["its own", None])
def test_a_toe_is_not_looked_for_beyond_the_knee(thickness):
    """With points a tenth of a millimetre apart the fourth of them lies beyond the yielding."""
    u = np.arange(-0.03, 1.7, 0.1)
    for curve in load_en10371_steel(n_curves=240).data[::3]:
        coarse = curve.replace(displacement=u + 0.03, load=np.interp(u, curve.displacement, curve.load, left=0))
        if thickness is None:
            coarse = coarse.replace(thickness=None)
        assert ToeCorrector().transform([coarse])[0].corrections[-1].value is None


def test_the_foot_of_the_simulated_rig_is_what_its_curves_say():
    true, noisy = noisy_steels(0.005)
    for curves, limit in ((true, 0.0007), (noisy, 0.0015)):
        found = [curve.corrections[0] for curve in ToeCorrector().transform(curves)]
        noted = ["foot 0.9 µm of rig EN10371" in correction.note for correction in found]
        assert np.mean(noted) > 0.8
        assert abs(np.median([correction.value for correction in found if correction.value is not None])) < limit


def test_the_foot_of_other_rigs_is_zero_and_the_record_says_so():
    curve = measured(toe=0.02)
    cases = (
        (ToeCorrector(), curve, "foot 0: rig not given"),
        (ToeCorrector(), curve.replace(rig="own"), "foot 0: none known for rig own"),
        (ToeCorrector(degree=1), curve.replace(rig="EN10371"), "foot 0: none known for this load range and degree"),
    )
    for corrector, one, note in cases:
        assert note in corrector.transform([one])[0].corrections[0].note
    (own,) = ToeCorrector(foot=0.005).transform([curve])
    assert own.corrections[0].value == pytest.approx(0.015)
    assert own.corrections[0].note.endswith("foot 5 µm")


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


def deflection(**changes):
    """A record of the deflection in the rig of EN 10371."""
    facts = {"rig": "EN10371", "thickness": 0.5, "displacement_kind": "deflection", **changes}
    return measured(name="D1").replace(**facts)


def test_a_deflection_becomes_the_displacement_of_the_punch():
    """The thinning that simulations show at 0.1, 0.5 and 1 mm of deflection, thickness 0.5 mm, within its scatter."""
    record = deflection()
    (curve,) = DeflectionConverter().transform([record])
    assert curve.displacement_kind == "punch"
    added = curve.displacement - record.displacement
    np.testing.assert_array_equal(added[record.displacement <= 0], 0)
    for at, wanted in ((0.1, 0.0217), (0.5, 0.033), (1.0, 0.105)):
        assert np.interp(at, record.displacement, added) == pytest.approx(wanted, rel=0.1)
    assert np.all(np.diff(curve.displacement) > 0)
    (correction,) = curve.corrections
    assert (correction.name, correction.unit) == ("deflection", "mm")
    assert correction.value == pytest.approx(added[np.argmax(record.load)])
    assert re.fullmatch(r"thinning at the maximum load, ± \d+ µm by simulations", correction.note)
    # A thicker disc has more to lose.
    (thicker,) = DeflectionConverter().transform([deflection(thickness=0.55)])
    assert np.all(thicker.displacement[record.displacement > 0] > curve.displacement[record.displacement > 0])


def test_simulated_pairs_are_converted_within_the_error_that_is_stated():
    punch, deflection = (load_en10371_steel(n_curves=90, displacement_kind=k).data for k in ("punch", "deflection"))
    at = np.linspace(0.01, 1.5, 20)
    for to, before, wanted in (("punch", deflection, punch), ("deflection", punch, deflection)):
        done = DeflectionConverter(to).transform(before)
        left = [
            np.interp(at, g.displacement, d.displacement - w.displacement, right=np.nan)
            for g, d, w in zip(before, done, wanted, strict=True)
        ]
        thin = [
            np.interp(at, g.displacement, w.displacement - g.displacement, right=np.nan)
            for g, w in zip(before, wanted, strict=True)
        ]
        found = relation("EN10371", before[0].displacement_kind)
        error = np.sqrt(np.nanmean(np.square(left), axis=0))
        np.testing.assert_allclose(error, np.interp(at, found["x"], found["error"]), rtol=0.3)
        # What is left is a part of what was there; how much a disc is stretched hangs on its friction.
        assert np.all(error < 0.4 * np.abs(np.nanmean(thin, axis=0)))


def test_there_and_back_and_beyond_the_simulations():
    record = deflection()
    (punch,) = DeflectionConverter().transform([record])
    (back,) = DeflectionConverter("deflection").transform([punch])
    assert back.displacement_kind == "deflection"
    np.testing.assert_allclose(back.displacement, record.displacement, atol=0.005)
    long = deflection(displacement=2 * record.displacement)
    (done,) = DeflectionConverter().transform([long])
    assert done.corrections[0].note.endswith("; extrapolated from 1.5 mm on")
    growth = np.diff(done.displacement - long.displacement)[long.displacement[1:] > 1.51]
    np.testing.assert_allclose(growth, growth[0])


def test_what_is_no_deflection_is_returned_as_it_is():
    for kind in (None, "punch", "crosshead"):
        curve = deflection(displacement_kind=kind)
        assert DeflectionConverter().transform([curve])[0] is curve
        (done,) = standard_corrections().fit_transform([curve])
        assert [correction.name for correction in done.corrections] == ["load_offset", "toe"]
    for kind in (None, "deflection"):
        curve = deflection(displacement_kind=kind)
        assert DeflectionConverter("deflection").transform([curve])[0] is curve
    (done,) = standard_corrections().fit_transform([deflection()])
    assert [correction.name for correction in done.corrections] == ["load_offset", "toe", "deflection"]
    assert "foot -1.4 µm of rig EN10371 and the deflection" in done.corrections[1].note


@pytest.mark.parametrize(
    ("changes", "to", "why"),
    [
        (
            {"rig": None},
            "punch",
            "the rig is not given, and the thinning is known for EN10371 only; name it, rig='EN10371'",
        ),
        ({"rig": "SHEET"}, "punch", "the thinning is not known for rig SHEET"),
        (
            {"thickness": None},
            "punch",
            "the thickness is not given, and the thinning is known for thicknesses from 0.4",
        ),
        (
            {"thickness": 0.3},
            "punch",
            "the thinning is known for thicknesses from 0.45 to 0.55 mm, and this one has 0.3 mm",
        ),
        ({"displacement_kind": "crosshead"}, "deflection", "the compliance of the load train is in the displacement; "),
    ],
)
def test_a_deflection_that_cannot_be_converted_stays_one_and_says_why(changes, to, why):
    (same,) = DeflectionConverter(to).transform([deflection(**changes)])
    np.testing.assert_array_equal(same.displacement, measured().displacement)
    assert same.corrections[0].value is None
    assert same.corrections[0].note.startswith(why)
    assert same.displacement_kind == changes.get("displacement_kind", "deflection")


def test_a_crosshead_without_its_compliance_counts_as_the_punch():
    crosshead = deflection(displacement_kind="crosshead")
    (punch,) = ComplianceCorrector(1e-6).transform([crosshead])
    (done,) = DeflectionConverter("deflection").transform([punch])
    assert done.displacement_kind == "deflection"
    assert done.displacement[-1] < punch.displacement[-1] - 0.05


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="compliance must be a number >= 0"):
        ComplianceCorrector(-1.0).fit([measured()])
    with pytest.raises(ValueError, match="'A1': no valid curve is left"):
        CurveCutter("maximum").transform(
            [SPTCurve([0, 0.1, 0.2, 0.3, 0.4, 0.5], [0, 90, 170, 160, 150, 140], name="A1")]
        )
    with pytest.raises(ValueError, match=r"900 µm/kN the punch would go back while the load of curve 'A1' ri"):
        ComplianceCorrector(9e-4).transform([measured().replace(load=1.5 * measured().load)])
    with pytest.raises(ValueError, match="load_range"):
        ToeCorrector((0.5, 0.1)).fit([measured()])
    with pytest.raises(ValueError, match="to must be one of 'punch', 'deflection'; got 'lvdt'"):
        DeflectionConverter("lvdt").transform([measured()])
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


def test_a_pipeline_with_corrections_is_saved_and_loaded(tmp_path):
    curves = [measured(5.0, toe) for toe in (0.0, 0.02)]
    every = ("load_offset", "compliance", "toe", "deflection", "cut", "smooth")
    steps = standard_corrections(every, compliance=1e-6, foot=0.002, cut_at="maximum")
    model = Pipeline([*steps.steps, ("grid", CurveResampler(5, ends="hold"))]).fit(curves)
    save_model(tmp_path / "m.spt", model)
    loaded = load_model(tmp_path / "m.spt")
    np.testing.assert_array_equal(loaded.transform(curves), model.transform(curves))
    assert loaded.named_steps["toe"].get_params() == model.named_steps["toe"].get_params()
    # A tuple must come back as one, else the foot of the rig would not be found.
    save_model(tmp_path / "t.spt", ToeCorrector())
    rig = measured(toe=0.02).replace(rig="EN10371")
    assert "of rig EN10371" in load_model(tmp_path / "t.spt").transform([rig])[0].corrections[0].note


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params,
        estimator_checks.check_mixin_order,
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
    ],
)
@pytest.mark.parametrize("corrector", ALL, ids=str)
def test_scikit_learn(corrector, check):
    """The checks that need no data: the others give rows of numbers, which have no displacement and are no curves."""
    check(type(corrector).__name__, clone(corrector))


@pytest.mark.parametrize("corrector", ALL, ids=str)
def test_curves_are_not_changed(corrector):
    curve = measured(5.0, 0.02)
    u, f = curve.displacement.copy(), curve.load.copy()
    (done,) = corrector.fit_transform([curve])
    np.testing.assert_array_equal([curve.displacement, curve.load], [u, f])
    assert curve.corrections == ()
    assert (done.name, done.thickness) == ("A1", 0.5)


@pytest.mark.parametrize("bad", [[], [np.zeros((3, 2))], "curve", [measured().replace(name="A2"), None]], ids=str)
@pytest.mark.parametrize("corrector", ALL, ids=str)
def test_what_is_no_list_of_curves_is_refused(corrector, bad):
    for method in (corrector.fit, corrector.transform):
        with pytest.raises((TypeError, ValueError)):
            method(bad)


class TestComplianceFromReference:
    STEEL = load_en10371_steel(n_curves=1).data[0]

    @pytest.mark.parametrize("compliance", [0.0, 2e-6, 2e-5])
    @pytest.mark.parametrize("toe", [0.0, 0.03])
    def test_it_is_found_beside_a_toe(self, compliance, toe):
        (record,) = perturb_curves([self.STEEL], MeasurementErrors(compliance=compliance, displacement_offset=toe))
        if compliance == 0:
            record = record.replace(displacement=record.displacement + 1e-9 * record.load)
        corrector = ComplianceCorrector.from_reference(record, self.STEEL)
        assert corrector.compliance == pytest.approx(compliance, abs=2e-8)

    def test_a_crosshead_is_compared_with_a_simulated_punch(self):
        (record,) = perturb_curves([self.STEEL], MeasurementErrors(compliance=2e-5))
        corrector = ComplianceCorrector.from_reference(record.replace(displacement_kind="crosshead"), self.STEEL)
        assert corrector.compliance == pytest.approx(2e-5, rel=1e-3)
        with pytest.raises(ValueError, match="curve has the deflection"):
            ComplianceCorrector.from_reference(record.replace(displacement_kind="deflection"), 5e4)
        with pytest.raises(TypeError, match="curve must be an SPTCurve; got list"):
            ComplianceCorrector.from_reference([record], 5e4)

    def test_noise_scatters_it_and_does_not_shift_it(self):
        u = np.linspace(0, 1.0, 1001)
        dense = self.STEEL.replace(displacement=u, load=np.interp(u, *self.STEEL.monotonic()))
        records = perturb_curves([dense] * 8, MeasurementErrors(compliance=2e-5, noise=0.005), random_state=0)
        found = np.array([ComplianceCorrector.from_reference(record, self.STEEL).compliance for record in records])
        # Half a percent of Fm costs a micrometre per kilonewton.
        assert found.std() < 1.5e-6
        assert abs(found.mean() - 2e-5) < 2 * 1.5e-6 / np.sqrt(8)

    @pytest.mark.parametrize(
        ("reference", "settings", "error", "message"),
        [
            (STEEL.replace(displacement_kind="deflection"), {}, ValueError, "reference has the deflection"),
            (STEEL.replace(displacement=1.5 * STEEL.displacement), {}, ValueError, "stiffer than the reference"),
            (-5.0, {}, ValueError, "slope must be positive"),
            (float("nan"), {}, ValueError, "slope must be positive"),
            ("slope", {}, TypeError, "an SPTCurve or a slope"),
            (STEEL, {"load_range": (0.1, 0.101)}, ValueError, "five are needed"),
            (STEEL, {"load_range": (0.3, 0.1)}, ValueError, "ComplianceCorrector: load_range"),
        ],
    )
    def test_what_cannot_be_a_reference_is_refused(self, reference, settings, error, message):
        with pytest.raises(error, match=message):
            ComplianceCorrector.from_reference(self.STEEL, reference, **settings)


def test_compliances_in_another_unit():
    curve = measured()
    for compliance in (50, 0.05):
        with pytest.raises(
            ValueError, match=r"is more than any load train has \(1000 µm/kN\); check its unit, mm/N: 1 µm/kN is"
        ):
            ComplianceCorrector(compliance).transform([curve])
    with pytest.warns(UserWarning, match="0.05 µm/kN .* less than any load train has, .* check its unit"):
        ComplianceCorrector(5e-8).transform([curve])
    with pytest.raises(ValueError, match=r"the load train would take .* up to its maximum load; check it and its unit"):
        ComplianceCorrector(9e-4).transform([curve.replace(load=3 * curve.load)])


@pytest.mark.parametrize("set_of", [load_en10371_steel, load_sheet_steel])
def test_compliances_that_leave_nothing_of_the_specimen(set_of):
    for curve in set_of().data[::400]:
        softest = 1 / steepest(*curve.monotonic(), curve.thickness).slope
        assert ComplianceCorrector(0.6 * softest).transform([curve])[0].corrections[0].value == 0.6 * softest
        with pytest.warns(UserWarning, match="little is left of the specimen's; check it and its unit"):
            ComplianceCorrector(0.9 * softest).transform([curve])
        with pytest.raises(ValueError, match="the punch would go back while the load of curve"):
            ComplianceCorrector(1.1 * softest).transform([curve])
        # A load train as soft as that is no fault where it is in the record.
        (soft,) = perturb_curves([curve], MeasurementErrors(compliance=0.9 * softest))
        (back,) = ComplianceCorrector(0.9 * softest).transform([soft])
        np.testing.assert_allclose(back.displacement, curve.displacement, atol=1e-9)
