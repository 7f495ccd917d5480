"""What a report says, where the numbers come from, and that all of its forms say the same."""

import csv
import json
import math
import re
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline, make_pipeline

import sklearn_spt
from sklearn_spt import CurveResampler, SPTCurve, __version__, load_model, read_curves, save_model
from sklearn_spt.checks.domain import about_modulus
from sklearn_spt.curves import CurveCorrection
from sklearn_spt.datasets import lab_example_path, load_lab_example, load_pretrained
from sklearn_spt.exceptions import DoubtfulRecordWarning, UntrustedPredictionWarning, about
from sklearn_spt.mechanics import (
    Correlation,
    characteristic_quantities,
    engineering_curve,
    published_correlations,
    tensile_properties,
)
from sklearn_spt.preprocessing import CurveCutter, CurveSmoother, standard_corrections
from sklearn_spt.reporting import make_report
from sklearn_spt.reporting._page import render

MODULUS = 207_500.0
TOE = 0.022  # mm, about that of the example's curves
NOON = datetime(2024, 3, 12, 12, 0, tzinfo=UTC)

# The example's curves are not corrected here, and the tests predict with them directly as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*unlike the training curves:UserWarning")


class Shift(TransformerMixin, BaseEstimator):
    """A correction: what it takes from the displacement."""

    def __init__(self, by=TOE):
        self.by = by

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return [
            c.replace(
                displacement=c.displacement - self.by,
                corrections=(*c.corrections, CurveCorrection("toe", self.by, "mm", "by hand")),
            )
            for c in X
        ]

    def __sklearn_is_fitted__(self):
        return True


class Remark(Shift):
    """A step that has something to say."""

    def transform(self, X):
        warnings.warn("the disc was scratched", self.by, stacklevel=2)
        return X


def make_curve(**facts):
    u = np.linspace(0, 1.5, 200)
    load = np.minimum(4000 * u, 300 + 900 * u)
    return SPTCurve(u, load, **{"thickness": 0.5, "name": "K1"} | facts)


def value(cell):
    return float(cell) if cell else None


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("lab") / "specimens.csv"
    path.write_text("name,material\n" + "".join(f"{n},steel {n[0]}\n" for n in ("A1", "A2", "A3", "B1", "B2", "B3")))
    return path


@pytest.fixture(scope="module")
def report(model_file, table):
    return make_report(
        lab_example_path(),
        model_file,
        corrections=Shift(),
        reading={"metadata": table},
        laboratory="L & Co",
        job="7",
        created=NOON,
    )


@pytest.mark.filterwarnings("ignore:.*the displacement of the crosshead:UserWarning")
@pytest.mark.filterwarnings("ignore:.*the predicted curve falls:UserWarning")
def test_every_number_is_that_of_the_functions(report, model_file):
    model = load_model(model_file)
    curves = load_lab_example().data
    assert [s.name for s in report.specimens] == [c.name for c in curves]
    assert report.complete
    assert report.unread == ()
    for specimen, curve in zip(report.specimens, curves, strict=True):
        (corrected,) = Shift().transform([curve])
        stress = model.predict([corrected])[0]
        np.testing.assert_array_equal(specimen.stress, stress)
        assert specimen.properties.to_dict() == tensile_properties(specimen.strain, stress, E=MODULUS).to_dict()
        assert specimen.quantities.to_dict() == characteristic_quantities(corrected).to_dict()
        assert (specimen.elastic_modulus, specimen.elastic_modulus_origin) == (MODULUS, "model file")


@pytest.mark.filterwarnings("ignore:correlation .*from memory:UserWarning")
def test_correlations_stand_beside_the_prediction(report):
    known = published_correlations()
    for specimen in report.specimens:
        # Of those for one displacement or place of Fi, the ones that hold for the record.
        held = [
            rule
            for rule in known.values()
            if rule.mismatch(specimen.quantities.displacement_kind, specimen.quantities.ui) is None
        ]
        assert [found.correlation for found in specimen.correlations] == held
        assert 4 <= len(held) < len(known)
        for found in specimen.correlations:
            assert found.value == found.correlation.estimate(specimen.quantities)
            predicted = getattr(specimen.properties, found.correlation.property)
            assert found.predicted == (None if math.isnan(predicted) else predicted)
            assert found.difference == (None if math.isnan(predicted) else found.predicted - found.value)


def test_own_correlations(model_file):
    own = Correlation(name="own", property="uniform_elongation", predictor="um/h0", slope=0.05, intercept=-0.02)
    (specimen,) = make_report([make_curve()], model_file, correlations=[own]).specimens
    (found,) = specimen.correlations
    assert found.value is None
    assert found.difference is None
    assert found.missing == specimen.quantities.missing["um"]
    with pytest.raises(TypeError, match="correlations must hold Correlation"):
        make_report([make_curve()], model_file, correlations=["Rp0.2 0.346"])


def test_what_needs_a_thickness_says_so(model_file):
    own = Correlation(name="own", property="tensile_strength", predictor="Fm/(h0*um)", slope=0.3)
    curve = load_lab_example().data[0].replace(thickness=None)
    (specimen,) = make_report([curve], model_file, correlations=[own]).specimens
    assert "no 'thickness'" in specimen.error
    assert specimen.properties is None
    assert specimen.correlations[0].missing == "it needs the thickness h0, which the curve does not have"


def test_summary_by_group(report):
    assert report.group_by == "material"
    summary = report.summary()
    assert list(summary) == ["steel A", "steel B"]
    values = [s.quantities.Fe for s in report.specimens[:3]]
    assert summary["steel A"]["Fe"] == {
        "n": 3,
        "mean": np.mean(values),
        "std": np.std(values, ddof=1),
        "min": min(values),
        "max": max(values),
        "n_all": 3,
        "mean_all": np.mean(values),
        "std_all": np.std(values, ddof=1),
    }
    values = [s.properties.proof_stress for s in report.specimens[3:]]
    assert summary["steel B"]["proof_stress"]["mean_all"] == np.mean(values)
    assert summary["steel B"]["thickness"]["mean"] == pytest.approx((0.498 + 0.497 + 0.5) / 3)


def test_summary_without_groups_and_with_half_of_them(model_file):
    curves = load_lab_example().data[:2]
    report = make_report(curves, model_file)
    assert report.group_by is None
    assert list(report.summary()) == ["all specimens"]
    assert report.summary()["all specimens"]["Fe"]["n"] == 2
    curves[1] = curves[1].replace(metadata={"Heat": 17})
    report = make_report(curves, model_file, group="heat")
    assert [s.group for s in report.specimens] == [None, "17"]
    assert report.summary()["17"]["Fe"]["std"] is None
    assert report.summary()["without a group"]["Fe"]["n"] == 1
    with pytest.raises(ValueError, match="no curve has 'melt' in its metadata; there is 'Heat'"):
        make_report(curves, model_file, group="melt")


def test_a_bad_file_and_a_bad_specimen_do_not_stop_the_others(tmp_path, model_file):
    for curve in load_lab_example().data[:2]:
        curve.to_csv(tmp_path / f"{curve.name}.csv")
    (tmp_path / "B0.csv").write_text("this;is\nno;test\n")
    short = SPTCurve([0, 0.1, 0.2, 0.3, 0.4], [0, 90, 170, 230, 260], thickness=0.5, name="short")
    short.to_csv(tmp_path / "C.csv")
    report = make_report(tmp_path, model_file)
    assert not report.complete
    assert [file.path for file in report.unread] == [str(tmp_path / "B0.csv")]
    assert report.unread[0].error.startswith("no two columns of numbers")
    *good, short = report.specimens
    assert [s.error for s in good] == [None, None]
    assert "ends at 0.4 mm" in short.error
    assert short.stress is None
    assert "ends at 0.4 mm" in short.quantities.missing["Fe"]
    assert "not evaluated" in str(report)
    assert f"not read: {tmp_path / 'B0.csv'}: no two" in str(report)
    # Its numbers stay out of the mean.
    assert report.summary()["all specimens"]["proof_stress"]["n_all"] == 2


def test_no_file_can_be_read(tmp_path, model_file):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("nothing here\n")
    with pytest.raises(ValueError, match=r"no file could be read: .*a.csv: no two columns.*; and 1 more"):
        make_report([tmp_path], model_file)


def test_table_of_specimens_may_lie_in_the_folder(tmp_path, model_file):
    curve = load_lab_example().data[0]
    curve.to_csv(tmp_path / "A1.csv")
    table = tmp_path / "specimens.csv"
    table.write_text("name,thickness (mm),material\nA1,0.5,steel\nA9,0.5,steel\n")
    report = make_report(tmp_path, model_file, reading={"metadata": table})
    assert report.complete
    assert report.specimens[0].measured.thickness == 0.5
    assert report.warnings == ("the table of specimens has lines for which there is no curve: A9",)
    # One without a line is refused by itself.
    curve.replace(name="A2").to_csv(tmp_path / "A2.csv")
    report = make_report(tmp_path, model_file, reading={"metadata": table})
    assert [s.name for s in report.specimens] == ["A1"]
    assert "no line for the specimen 'A2'" in report.unread[0].error


def test_columns_of_the_table_with_almost_a_known_name(tmp_path, model_file):
    load_lab_example().data[0].to_csv(tmp_path / "A1.csv")
    table = tmp_path / "specimens.csv"
    table.write_text("name,thicknes (mm),matrial,heat,Material\nA1,0.5,x,17,steel\n")
    report = make_report(tmp_path / "A1.csv", model_file, reading={"metadata": table})
    assert [re.findall(r"'[^']*'", warning) for warning in report.warnings] == [
        ["'thicknes (mm)'", "'thickness'"],
        ["'matrial'", "'material'"],
    ]
    assert report.group_by == "material"


def test_corrections_of_the_caller_and_of_the_pipeline(model_file):
    curve = load_lab_example().data[0].replace(displacement_kind="punch")
    expected = curve.displacement - TOE
    model = load_model(model_file)
    inside = Pipeline([("none", "passthrough"), ("toe", Shift()), *model.steps])
    inside.model_info_ = model.model_info_
    for report in (
        make_report([curve], model_file, corrections=Shift()),
        make_report([curve], inside),
        make_report([curve], inside, corrections=Shift(0.0)),
    ):
        (specimen,) = report.specimens
        assert specimen.measured is curve
        np.testing.assert_allclose(specimen.corrected.displacement, expected)
        np.testing.assert_allclose(specimen.stress, model.predict([specimen.corrected])[0])
        document = specimen.to_dict()
        toe = {"name": "toe", "value": TOE, "unit": "mm", "note": "by hand"}
        assert document["corrections"][-1] == toe
        assert document["measured"]["displacement"] == curve.displacement.tolist()
        assert document["corrected"]["displacement"] == specimen.corrected.displacement.tolist()


def torn(name="torn"):
    """A record that goes on until the disc tears."""
    u = np.linspace(0, 2.2, 1101)
    load = 250 * np.tanh(u / 0.06) + 1250 * np.sin(np.pi / 2 * np.minimum(u, 2) / 1.7) ** 1.5
    load += np.random.default_rng(0).normal(size=len(u))
    return SPTCurve(u, np.where(u > 2.0, 0.4 * load, load), thickness=0.5, name=name)


def test_quantities_are_read_off_before_the_cut_and_the_smoothing(model_file, tmp_path):
    curve = torn()
    known = characteristic_quantities(Shift().transform([curve])[0])
    assert {"Fm", "um", "uf", "ESP"}.isdisjoint(known.missing)
    trim = [CurveCutter("maximum"), CurveSmoother()]
    model = load_model(model_file)
    inside = Pipeline([("corrections", make_pipeline(Shift(), *trim)), *model.steps])
    inside.model_info_ = model.model_info_
    for report in (
        make_report([curve], model_file, corrections=make_pipeline(Shift(), make_pipeline(*trim))),
        make_report([curve], model_file, corrections=make_pipeline(*trim, Shift())),
        make_report([curve], inside),
    ):
        (specimen,) = report.specimens
        assert specimen.error is None
        assert specimen.quantities.to_dict() == known.to_dict()
        # The model is given the curve that was cut.
        assert specimen.corrected.displacement[-1] == pytest.approx(known.um, abs=0.03)
        assert [c.name for c in specimen.quantities_curve.corrections] == ["toe"]
        document = specimen.to_dict()
        assert document["quantities_record"]["load"] == specimen.quantities_curve.load.tolist()
        assert document["corrected"]["load"] == specimen.corrected.load.tolist()
    report.to_csv(tmp_path)
    header, *rows = read_csv(tmp_path / "torn_load_displacement.csv")
    assert header[4:] == ["quantities_displacement_mm", "quantities_load_N"]
    assert [float(row[5]) for row in rows] == document["quantities_record"]["load"]
    page = render(report.to_dict(), report.specimens)
    assert "Read off before the curve was cut and smoothed." in page
    assert "construction of the characteristic quantities before it was cut and smoothed" in page
    assert "still rises" not in page
    (whole,) = make_report([curve], model_file, corrections=None).specimens
    assert whole.to_dict()["quantities_record"] is None
    assert whole.quantities_curve is whole.corrected is curve


def test_specimens_not_to_be_trusted_are_left_out_of_the_scatter(tmp_path):
    curves = load_lab_example().data[:3]
    curves[1] = curves[1].replace(thickness=0.7)
    corrections = standard_corrections(("load_offset", "compliance", "toe"), compliance=2e-5)
    report = make_report(curves, "en10371", corrections=corrections)
    first, second, third = report.specimens
    assert (first.untrusted, third.untrusted) == ((), ())
    assert any("lies outside the training range" in reason for reason in second.untrusted)
    assert set(second.untrusted) <= set(second.warnings)
    found = report.summary()["all specimens"]
    stress = [s.properties.proof_stress for s in report.specimens]
    assert (found["proof_stress"]["n"], found["proof_stress"]["n_all"]) == (2, 3)
    assert found["proof_stress"]["mean"] == pytest.approx(np.mean([stress[0], stress[2]]))
    assert found["proof_stress"]["std_all"] == pytest.approx(np.std(stress, ddof=1))
    # What was measured counts.
    assert found["Fm"]["n"] == 3
    assert found["Fm"]["mean"] == found["Fm"]["mean_all"]
    lines = str(report).splitlines()
    assert re.search(r"\d warnings?, not to be trusted$", lines[2])
    assert lines[-1] == "mean and std leave the predicted values of A2 out"
    report.to_csv(tmp_path)
    header, *rows = read_csv(tmp_path / "summary.csv")
    assert [row[header.index("untrusted")] for row in rows] == ["", "; ".join(second.untrusted), ""]
    marked = [row[2] for row in read_csv(tmp_path / "A2.csv") if row[:2] == ["warning", "not to be trusted"]]
    assert marked == list(second.untrusted)
    assert report.to_dict()["specimens"][1]["untrusted"] == list(second.untrusted)


def test_what_makes_a_specimen_untrusted():
    curve = load_lab_example().data[0].replace(displacement_kind="punch")
    with pytest.warns(UntrustedPredictionWarning) as caught:
        load_pretrained("en10371").predict([curve.replace(load=40 * curve.load)])
    assert {"max_load", "unlike"} <= {about(entry.message) for entry in caught}
    resampler = CurveResampler(n_points=5).fit([curve.replace(displacement_kind="punch")])
    with pytest.warns(UntrustedPredictionWarning, match="the deflection of the specimen"):
        resampler.transform([curve.replace(displacement_kind="deflection")])
    # A user's own step says so in the same way.
    for category, trusted, usable in (
        (UserWarning, True, True),
        (UntrustedPredictionWarning, False, True),
        (DoubtfulRecordWarning, False, False),
    ):
        (specimen,) = make_report([curve], "en10371", corrections=Remark(category)).specimens
        assert "the disc was scratched" in specimen.warnings
        assert ("the disc was scratched" not in specimen.untrusted) == trusted
        assert specimen.record_in_doubt == specimen.to_dict()["record_in_doubt"] == (not usable)


def test_modulus_of_another_temperature(model_file):
    for at, given, warned in ((600.0, None, True), (600.0, 150e3, False), (23.0, None, False), (None, None, False)):
        (specimen,) = make_report([make_curve(temperature=at)], model_file, elastic_modulus=given).specimens
        found = [text for text in specimen.warnings if text.startswith("tested at 600 °C, and Young's modulus is")]
        assert bool(found) == warned
    info = load_model(model_file).model_info_
    hot = replace(info, training=info.training | {"temperature": [500.0, 700.0]})
    assert about_modulus(make_curve(temperature=600.0), hot.domain, MODULUS) == []


def test_rig_of_all_specimens(model_file):
    report = make_report(lab_example_path() / "A3.dat", model_file, rig="EN10371")
    (specimen,) = report.specimens
    assert specimen.measured.rig == specimen.to_dict()["rig"] == "EN10371"
    assert specimen.measured.source.origin["rig"] == "rig="
    (specimen,) = make_report([make_curve(rig="SHEET")], model_file, rig="EN10371").specimens
    assert (specimen.measured.rig, specimen.tools.name) == ("EN10371", "EN10371")


def test_warnings_stand_with_their_specimen(model_file):
    good = load_lab_example().data[0]
    thick = good.replace(thickness=0.7, rig="own rig", name="thick")
    early = good.replace(displacement=0.5 * good.displacement, name="early")
    first, second, third = make_report([good, thick, early], model_file).specimens
    assert not any("outside the training range" in warning for warning in first.warnings)
    assert any("its thickness, 0.7 mm, lies outside the training range" in warning for warning in second.warnings)
    assert any("recorded on the rig 'own rig'" in warning for warning in second.warnings)
    assert any("does not cover the displacement grid" in text for text in (*third.warnings, third.error))


def test_displacement_of_the_crosshead(model_file):
    class Compliance(Shift):
        def transform(self, X):
            return [c.replace(corrections=[CurveCorrection("compliance", self.by, "mm/N")]) for c in X]

    curve = load_lab_example().data[0]
    assert curve.displacement_kind == "crosshead"
    for kind, by, warned in (("crosshead", None, True), ("crosshead", 2e-5, False), ("punch", None, False)):
        given = curve.replace(displacement_kind=kind)
        (specimen,) = make_report([given], "en10371", corrections=Compliance(by)).specimens
        assert any("of the crosshead" in warning for warning in specimen.untrusted) == warned


def test_what_nothing_says_is_said(model_file):
    curve = load_lab_example().data[0].replace(displacement_kind=None)
    assert curve.rig is None
    for facts, unknown in (({}, 2), ({"rig": "EN10371"}, 1), ({"displacement_kind": "punch"}, 1)):
        (specimen,) = make_report([curve], "en10371", corrections=standard_corrections(), **facts).specimens
        said = [warning for warning in specimen.warnings if warning.startswith("nothing says")]
        assert len(said) == unknown
        assert specimen.untrusted == ()
    # Who takes a compliance out knows what the displacement is.
    steps = standard_corrections(("compliance", "toe"), compliance=2e-5)
    (specimen,) = make_report([curve], "en10371", corrections=steps, rig="EN10371").specimens
    assert specimen.warnings == ()
    # Nor is it said where it is not known of the training curves either.
    for kind, unknown in (("punch", 1), (None, 0)):
        model = load_model(model_file)
        model[0].displacement_kind_ = kind
        (specimen,) = make_report([make_curve(rig="EN10371")], model).specimens
        assert sum(about(remark) == "displacement_kind_unknown" for remark in specimen.remarks) == unknown
    with pytest.raises(ValueError, match="displacement_kind must be one of"):
        make_report([curve], "en10371", displacement_kind="Weg")


def test_a_toe_that_was_looked_for_in_vain(model_file):
    curve = load_lab_example().data[0].replace(displacement_kind="punch", rig="EN10371")
    coarse = curve.replace(displacement=curve.displacement[::32], load=curve.load[::32])
    for given, steps, warned in ((curve, ("toe",), False), (coarse, ("toe",), True), (coarse, ("load_offset",), False)):
        (specimen,) = make_report([given], "en10371", corrections=standard_corrections(steps)).specimens
        said = [warning for warning in specimen.warnings if warning.startswith("the toe was not corrected: ")]
        assert len(said) == warned


def test_tools(model_file):
    stated, other, unknown = (
        make_report([make_curve(rig=rig)], model_file).specimens[0].to_dict() for rig in ("SHEET", None, "own")
    )
    assert (stated["tools"]["name"], stated["tools"]["punch_diameter"]) == ("SHEET", 5.5)
    assert (other["rig"], other["tools"]["name"]) == (None, "EN10371")
    assert unknown["tools"] is None


def test_two_specimens_of_one_name(model_file, tmp_path):
    curves = [make_curve(name=name) for name in ("A", "A", "a", "summary", "../A", None)]
    report = make_report(curves, model_file)
    assert report.specimens[1].warnings[0].startswith("it is number 2 of this name in the report; rename")
    report.to_csv(tmp_path)
    stems = {path.name for path in tmp_path.glob("*_load_displacement.csv")}
    expected = {"A", "A_2", "a_3", "summary_2", "_A", "specimen_6"}
    assert stems == {f"{name}_load_displacement.csv" for name in expected}


def test_modulus_given_and_of_the_curve(model_file):
    (specimen,) = make_report([make_curve()], model_file, elastic_modulus=200_000).specimens
    assert (specimen.elastic_modulus, specimen.elastic_modulus_origin) == (200_000.0, "given")
    for bad in (0, -1, math.nan):
        with pytest.raises(ValueError, match="elastic_modulus must be a number > 0"):
            make_report([make_curve()], model_file, elastic_modulus=bad)


@pytest.mark.parametrize(("modulus", "warned"), [(150e3, False), (300e3, False), (70e3, True), (330e3, True)])
def test_given_modulus_unlike_the_models(model_file, modulus, warned):
    (specimen,) = make_report([make_curve()], model_file, elastic_modulus=modulus).specimens
    said = f"Young's modulus was given as {modulus:.6g} MPa, and that of the model is 207500 MPa"
    assert any(text.startswith(said) for text in specimen.untrusted) == warned


def test_modulus_in_another_unit(model_file):
    for modulus in (210, 2.1e8, 2.1e11):
        (specimen,) = make_report([make_curve()], model_file, elastic_modulus=modulus).specimens
        assert "Young's modulus in MPa" in specimen.error
        assert specimen.properties is None


# Files


@pytest.fixture(scope="module")
def files(report, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    report.to_json(folder / "report.json")
    report.to_csv(folder / "tables")
    return folder


def test_json(report, files):
    text = (files / "report.json").read_text(encoding="utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert document == json.loads(json.dumps(report.to_dict()))
    assert document["schema_version"] == 1
    assert document["created"] == "2024-03-12T12:00:00+00:00"
    assert document["laboratory"] == "L & Co"
    model = document["model"]
    assert model["name"] == "steel"
    assert len(model["sha256"]) == 64
    assert model["rig"] == "EN10371"
    assert model["errors"] == [{"error": "MAE, MPa", "mean": 12.5, "max": 40.0}]
    specimen = document["specimens"][2]
    assert specimen["source"]["columns"] == {"displacement": "Ch 1 Displacement", "load": "Ch 1 Force"}
    assert specimen["source"]["origin"]["thickness"] == "line 5"
    assert (specimen["thickness"], specimen["temperature"], specimen["group"]) == (0.504, 23.0, "steel A")


def test_engineering_curve_ends_at_the_maximum_force(report):
    for specimen in report.specimens:
        curve = specimen.to_dict()["stress_strain"]
        end = specimen.properties.necking_strain
        kept = [value for value in curve["engineering_stress"] if value is not None]
        _, stress = engineering_curve(specimen.strain, specimen.stress)
        assert kept == stress[specimen.strain <= (math.inf if math.isnan(end) else end)].tolist()


def test_json_folder(report, tmp_path):
    report.to_json(tmp_path / "one")
    whole = report.to_dict()
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [f"{s.name}.json" for s in report.specimens]
    document = json.loads((tmp_path / "one" / "B2.json").read_text(encoding="utf-8"))
    assert document["specimens"] == json.loads(json.dumps([whole["specimens"][4]]))
    assert document["model"] == json.loads(json.dumps(whole["model"]))
    assert document.keys() == whole.keys()


def test_csv_says_what_json_says(report, files):
    document = json.loads((files / "report.json").read_text(encoding="utf-8"))
    tables = files / "tables"
    header, *rows = read_csv(tables / "summary.csv")
    assert len(rows) == 6
    for row, specimen in zip(rows, document["specimens"], strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["specimen"] == specimen["name"]
        assert cells["model_sha256"] == document["model"]["sha256"]
        assert cells["model_version"] == f"sklearn_spt {cells['sklearn_spt']}" == f"sklearn_spt {__version__}"
        assert float(cells["thickness_mm"]) == specimen["thickness"]
        for column, part, key in (
            ("Fe_N", "characteristic", "Fe"),
            ("um_mm", "characteristic", "um"),
            ("proof_stress_MPa", "properties", "proof_stress"),
            ("uniform_elongation", "properties", "uniform_elongation"),
            ("lower_yield_strength_MPa", "properties", "lower_yield_strength"),
        ):
            assert value(cells[column]) == specimen[part][key]

        single = {(r[0], r[1]): r for r in read_csv(tables / f"{specimen['name']}.csv")}
        assert single["specimen", "name"][2] == specimen["name"]
        assert value(single["properties", "tensile_strength"][2]) == specimen["properties"]["tensile_strength"]
        assert float(single["characteristic", "Fm"][2]) == specimen["characteristic"]["Fm"]
        assert float(single["tools", "hole_diameter"][2]) == specimen["tools"]["hole_diameter"] == 4.0
        assert single["characteristic", "uf"][4] == specimen["characteristic"]["missing"]["uf"]
        assert single["model", "sha256"][2] == document["model"]["sha256"]
        assert single["source", "units load"][2] == specimen["source"]["units"]["load"]
        for found in specimen["correlations"]:
            assert value(single["correlation", f"{found['name']}: {found['property']}"][2]) == found["value"]
            assert value(single["correlation", f"{found['name']}: difference"][2]) == found["difference"]

        header_of_curve, *points = read_csv(tables / f"{specimen['name']}_stress_strain.csv")
        assert header_of_curve[:2] == ["true_strain", "true_stress_MPa"]
        curve = specimen["stress_strain"]
        assert [float(p[1]) for p in points] == curve["true_stress"]
        assert [value(p[3]) for p in points] == curve["engineering_stress"]
        _, *points = read_csv(tables / f"{specimen['name']}_load_displacement.csv")
        assert [float(p[0]) for p in points] == specimen["measured"]["displacement"]
        assert [float(p[3]) for p in points] == specimen["corrected"]["load"]

    _, *rows = read_csv(tables / "groups.csv")
    found = {(r[0], r[1]): r for r in rows}
    statistics = document["summary"]["steel B"]["proof_stress"]
    assert [value(v) for v in found["steel B", "proof_stress"][3:]] == list(statistics.values())


def test_measured_records_come_back_from_the_tables(report, files):
    (curve,) = read_curves(
        files / "tables" / "A1_load_displacement.csv",
        columns={"displacement": "measured_displacement_mm", "load": "measured_load_N"},
    )
    np.testing.assert_array_equal(curve.load, report.specimens[0].measured.load)


def test_records_of_different_lengths(model_file, tmp_path):
    class Cut(Shift):
        def transform(self, X):
            return [c.replace(displacement=c.displacement[10:], load=c.load[10:]) for c in X]

    make_report([make_curve()], model_file, corrections=Cut()).to_csv(tmp_path)
    _, *rows = read_csv(tmp_path / "K1_load_displacement.csv")
    assert len(rows) == 200
    assert rows[189][2] != ""
    assert rows[190][2:] == ["", ""]


@pytest.mark.parametrize("item", [np.float64(1.5), np.arange(2), math.nan, None, {"a": (1, 2)}, NOON, b"x", {3}])
def test_metadata_may_hold_anything(model_file, tmp_path, item):
    report = make_report([make_curve(metadata={"what": item, 7: "seven"})], model_file)
    report.to_json(tmp_path / "r.json")
    report.to_csv(tmp_path / "t")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["specimens"][0]["metadata"]["7"] == "seven"


def test_names_that_are_no_text(model_file, tmp_path):
    """Linux allows any bytes in the names of files; Python has those that are no UTF-8 as lone surrogates."""
    report = make_report([make_curve(name="K\udce9")], model_file, laboratory="\udce9")
    report.to_html(tmp_path / "r.html")
    report.to_csv(tmp_path / "t")
    report.to_json(tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["specimens"][0]["name"] == "K\udce9"


def test_files_replace_and_folders_must_exist(report, tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    report.to_json(path)
    assert json.loads(path.read_text(encoding="utf-8"))["schema_version"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]
    for write in (report.to_html, report.to_json, report.to_csv):
        with pytest.raises(FileNotFoundError):
            write(tmp_path / "none" / "r.json")


# What is refused


@pytest.mark.parametrize(
    ("corrections", "got"), [([Shift()], "list"), (Shift, "the class Shift"), ("toe", "'toe'"), ((), "tuple")]
)
def test_corrections_that_are_none(model_file, corrections, got):
    with pytest.raises(TypeError, match=rf"corrections must be one transformer .*; got {got}\. .*Pipeline"):
        make_report([make_curve()], model_file, corrections=corrections)


def test_a_correction_that_makes_no_curves(model_file):
    (specimen,) = make_report([make_curve()], model_file, corrections=CurveResampler(n_points=8)).specimens
    assert specimen.error == "the correction CurveResampler made no list of one SPTCurve of the curve"


def test_models(model_file, tmp_path):
    with pytest.raises(ValueError, match=r"no pretrained model 'seet'; there is .*'sheet'"):
        make_report([make_curve()], "seet")
    for path in (tmp_path / "m.spt", "m.spt", "models/m"):
        with pytest.raises(FileNotFoundError, match="there is no model file"):
            make_report([make_curve()], path)
    with pytest.raises(TypeError, match="Save it with save_model"):
        make_report([make_curve()], Shift())
    report = make_report([make_curve()], load_model(model_file))
    assert (report.model["name"], report.model["file"]) == ("CurveResampler > Seq2SeqRegressor", None)
    assert report.model["version"] == f"sklearn_spt {sklearn_spt.__version__}"
    model = load_model(model_file)
    model.model_info_ = replace(model.model_info_, metadata={"version": "3"})
    assert make_report([make_curve()], model).model["version"] == "3"


def test_model_without_strain(tmp_path):
    path = tmp_path / "resampler.spt"
    save_model(path, CurveResampler(n_points=5).fit([make_curve()]))
    with pytest.raises(ValueError, match="does not say at which strains"):
        make_report([make_curve()], path)
    save_model(path, CurveResampler(n_points=5).fit([make_curve()]), strain=[0.1, 0.2])
    with pytest.raises(TypeError, match="CurveResampler predicts nothing"):
        make_report([make_curve()], path)


def test_curves(model_file, tmp_path):
    for curves in ([], ()):
        with pytest.raises(ValueError, match="curves"):
            make_report(curves, model_file)
    with pytest.raises(TypeError, match="reading= is for files"):
        make_report([make_curve()], model_file, reading={"thickness": 0.5})
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        make_report(tmp_path / "none", model_file)
    # An option that is not valid is no fault of a file.
    with pytest.raises(TypeError, match="unexpected keyword"):
        make_report(lab_example_path(), model_file, reading={"thicknes": 0.5})
    with pytest.raises(ValueError, match="decimal must be one of"):
        make_report(lab_example_path(), model_file, reading={"decimal": ";"})


def test_the_guide_lists_every_key(report):
    guide = (Path(__file__).parents[2] / "docs" / "user_guide" / "report.rst").read_text(encoding="utf-8")
    guide = guide.partition("The CSV files\n")[0]
    tables = [re.findall(r"^(\w+)  ", part, re.M) for part in re.split(r"^key .*$", guide, flags=re.M)[1:3]]
    document = report.to_dict()
    assert tables[0] == list(document)
    assert tables[1] == list(document["specimens"][0])
    for key in document["model"]:
        assert key in guide


def test_errors_stated_beside_the_model(tmp_path, model_file):
    """As the models that come with the package have them."""
    rows = [{"condition": "as simulated", "worst (%)": 7.5, "unread": None}]
    compared = [{"read by": "network", **rows[0]}, {"read by": "correlations", **rows[0]}]
    path = tmp_path / "m.spt"
    model = load_model(model_file)
    save_model(path, model, strain=model.model_info_.strain)
    for text, expected in (
        (json.dumps({"conditions": rows}), rows),
        (json.dumps({"conditions": compared}), rows),
        (json.dumps({"errors": {"MAE": {"mean": 1.0}}}), [{"error": "MAE", "mean": 1.0}]),
        (json.dumps({"seed": 0}), None),
        ("[]", None),
        ("{", None),
    ):
        path.with_suffix(".json").write_text(text)
        report = make_report([make_curve()], path)
        assert report.model["errors"] == expected
    assert "The model states none" in render(report.to_dict(), report.specimens)
