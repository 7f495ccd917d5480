"""Curves whose displacement is another than that of the training curves are warned of."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from sklearn_spt import CorrelationRegressor, CurveResampler, load_model, save_model
from sklearn_spt.curves import CurveCorrection
from sklearn_spt.datasets import load_en10371_steel, load_pretrained
from sklearn_spt.exceptions import about
from sklearn_spt.preprocessing import CharacteristicTransformer, ComplianceCorrector, DeflectionConverter
from sklearn_spt.utils.warnings import recorded

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
CURVES = [c.replace(displacement=c.displacement[:300], load=c.load[:300]) for c in load_en10371_steel(n_curves=6).data]
Y = np.arange(6.0)


def of_kind(kind):
    return [curve.replace(displacement_kind=kind) for curve in CURVES]


def estimators():
    return [CurveResampler(5, ends="cut"), CharacteristicTransformer(("Fe", "um")), CorrelationRegressor("Fe/h0^2")]


def read_result(name):
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def use(estimator, curves):
    return estimator.predict(curves) if hasattr(estimator, "predict") else estimator.transform(curves)


@pytest.mark.parametrize("estimator", estimators(), ids=lambda e: type(e).__name__)
def test_the_kind_is_learned_and_the_other_one_warned_of(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.fit([*of_kind("punch")[:3], *of_kind("crosshead")[3:]], Y)
        assert estimator.displacement_kind_ == "punch"
        for kind in (None, "punch"):
            use(estimator, of_kind(kind))
    name = type(estimator).__name__
    message = (
        rf"{name}: 2 of 6 curves \(curves 1, 2\) have the deflection of the specimen, and the training curves had "
    )
    mixed = [*CURVES[:1], *of_kind("deflection")[1:3], *CURVES[3:]]
    with pytest.warns(UserWarning, match=rf"{message}the displacement of the punch; .* DeflectionConverter, "):
        use(estimator, mixed)
    with pytest.warns(UserWarning, match=f"{name}: the curve has the deflection of the specimen, and the training"):
        use(estimator, mixed[1:2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.fit(of_kind("deflection"), Y)
        use(estimator, of_kind("deflection"))
    with pytest.warns(UserWarning, match="1 of 6 curves .curve 0. has the displacement of the punch, and the training"):
        use(estimator, [*of_kind("punch")[:1], *of_kind("deflection")[1:]])


@pytest.mark.parametrize("estimator", estimators(), ids=lambda e: type(e).__name__)
def test_the_crosshead_counts_as_the_punch_without_its_compliance_alone(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.fit(of_kind("punch"), Y)
        taken_out = CurveCorrection("compliance", 2e-5, "mm/N")
        use(estimator, [curve.replace(corrections=[taken_out]) for curve in of_kind("crosshead")])
        estimator.fit(of_kind("crosshead"), Y)
        assert estimator.displacement_kind_ == "crosshead"
        use(estimator, of_kind("crosshead"))
    with pytest.warns(
        UserWarning, match="the displacement of the punch, and the training curves had the displacement of"
    ):
        use(estimator, of_kind("punch"))
    estimator.fit(of_kind("punch"), Y)
    message = r"of the crosshead, with the compliance of the load train in it, .* unreliable: take it out with "
    with pytest.warns(UserWarning, match=message):
        use(estimator, of_kind("crosshead"))
    # Nothing was corrected.
    with pytest.warns(UserWarning, match=message):
        use(estimator, ComplianceCorrector(0.0).transform(of_kind("crosshead")))
    # Each wrong kind has its own words.
    with pytest.warns(UserWarning, match="and the training curves had the displacement of the punch") as heard:
        use(estimator, [*of_kind("crosshead")[:2], *of_kind("deflection")[2:3], *of_kind("punch")[3:]])
    assert ["curves (curve 2) has" in str(w.message) for w in heard] == [True, False]
    assert "curves (curves 0, 1) have the displacement of the crosshead" in str(heard[1].message)


@pytest.mark.parametrize("estimator", estimators(), ids=lambda e: type(e).__name__)
def test_training_curves_of_both_kinds_are_warned_of(estimator):
    with pytest.warns(UserWarning, match="some of the training curves have the displacement of the punch and some the"):
        estimator.fit([*of_kind("punch")[:3], *of_kind("deflection")[3:]], Y)
    assert estimator.displacement_kind_ is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator.fit(of_kind(None), Y)
        assert estimator.displacement_kind_ is None
        use(estimator, of_kind("deflection"))
    if not isinstance(estimator, CorrelationRegressor):  # which needs a thickness
        estimator.fit(np.array([curve.load[:40] for curve in CURVES]), Y)
        assert estimator.displacement_kind_ is None


@pytest.mark.parametrize("estimator", estimators(), ids=lambda e: type(e).__name__)
def test_the_kind_is_kept_in_model_files(estimator, tmp_path):
    save_model(tmp_path / "m.spt", estimator.fit(of_kind("punch"), Y))
    loaded = load_model(tmp_path / "m.spt")
    assert loaded.displacement_kind_ == "punch"
    # Files of before do not have it.
    del estimator.displacement_kind_
    save_model(tmp_path / "old.spt", estimator)
    old = load_model(tmp_path / "old.spt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(use(old, of_kind("deflection")), use(loaded, of_kind("punch")))


def test_the_models_of_the_package_want_the_displacement_of_the_punch():
    model = load_pretrained("en10371")
    (punch,) = CURVES[:1]
    (deflection,) = DeflectionConverter("deflection").transform([punch])
    with recorded() as heard:
        wrong = model.predict([deflection])
    assert "displacement_kind" in map(about, heard)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        right = model.predict([punch])
        back = model.predict(DeflectionConverter().transform([deflection]))
    assert np.abs(back / right - 1).mean() < 0.2 * np.abs(wrong / right - 1).mean()
    assert load_pretrained("sheet").named_steps[next(iter(load_pretrained("sheet").named_steps))].displacement_kind_
