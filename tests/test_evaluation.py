"""One curve and one model: the same numbers, verdicts and marks for everybody who asks."""

import csv
import json
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sklearn_spt import SPTCurve, evaluate, make_report
from sklearn_spt.checks.domain import TrainingDomain, metal_of
from sklearn_spt.cli import main
from sklearn_spt.datasets import load_demo_curve, load_en10371_steel, load_pretrained
from sklearn_spt.exceptions import UntrustedPredictionWarning, about
from sklearn_spt.mechanics._flow_curve import largest_fall
from sklearn_spt.preprocessing import standard_corrections
from sklearn_spt.regressors._judging import judge
from sklearn_spt.utils.warnings import recorded

DISC = load_en10371_steel(n_curves=1).data[0]
FACTS = {"rig": "EN10371", "displacement_kind": "punch", "thickness": 0.5}


def record(**changes):
    return SPTCurve(**({"displacement": DISC.displacement, "load": DISC.load, "name": "A1"} | FACTS | changes))


@pytest.fixture(scope="module")
def model():
    return load_pretrained("en10371")


@pytest.mark.parametrize("changes", [{}, {"thickness": 0.9}, {"rig": "SHEET"}, {"displacement_kind": "deflection"}])
def test_predict_report_and_python_say_the_same(tmp_path, model, changes):
    curve = record(**changes)
    curve.to_csv(tmp_path / "A1.csv")
    command = [str(tmp_path / "A1.csv"), "--model", "en10371"]
    assert main(["predict", *command, "--json", str(tmp_path / "p.json"), "--out", str(tmp_path / "p.csv")]) == 0
    assert main(["report", *command, "--json", str(tmp_path / "r.json"), "--csv", str(tmp_path / "r")]) == 0
    (predicted,) = json.loads((tmp_path / "p.json").read_text())["curves"]
    (reported,) = json.loads((tmp_path / "r.json").read_text())["specimens"]
    (made,) = make_report([curve], model).specimens
    found = evaluate(curve, model)
    for other in (predicted["true_stress"], reported["stress_strain"]["true_stress"], made.stress.tolist()):
        assert other == found.stress.tolist()
    for other in (predicted["properties"], reported["properties"], made.properties.to_dict()):
        assert other == found.properties.to_dict()
    for other in (predicted, reported):
        assert other["verdict"] == made.verdict == found.verdict
        assert [c["name"] for c in other["corrections"]] == [c.name for c in found.corrected.corrections]
        assert len(other["untrusted"]) == len(found.untrusted)
    with (tmp_path / "p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["verdict"] for row in rows} == {found.verdict}
    assert all(bool(row["reasons"]) == bool(found.untrusted) for row in rows)
    with (tmp_path / "r" / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        (summary,) = csv.DictReader(file)
    assert summary["verdict"] == found.verdict
    assert (found.verdict == "no objection") == (not found.untrusted)


def records():
    """A clean record and what can be wrong with one, by name."""
    u = np.arange(0, DISC.displacement[-1], 0.005)
    load = np.interp(u, DISC.displacement, DISC.load)
    loop = np.append(np.linspace(0, 0.02, 9)[1:], np.linspace(0.02, 0, 9)[1:-1])
    k = int(np.argmax(load > 0.04 * load.max()))
    seat = np.linspace(0, u[k] + 0.05, 30)
    spiked, limited = load.copy(), np.minimum(load, 0.6 * load.max())
    spiked[120] *= 2
    cases = {
        "clean": {},
        "toe": {"displacement": np.append(0, u + 0.03), "load": np.append(0, load)},
        "offset": {"load": load - 0.02 * load.max()},
        "unloading": {
            "displacement": np.concatenate([u[: k + 1], u[k] - loop, u[k + 1 :]]),
            "load": np.concatenate([load[: k + 1], load[k] * (1 - loop / 0.021), load[k + 1 :]]),
        },
        "seating": {
            "displacement": np.append(seat, u[k + 1 :] + 0.05),
            "load": np.append(load[k] * (seat / seat[-1]) ** 2, load[k + 1 :]),
        },
        "thick": {"thickness": 0.9},
        "strong": {"load": 4 * load},
        "crosshead": {"displacement_kind": "crosshead"},
        "spike": {"load": spiked},
        "limit": {"load": limited},
        "short": {"displacement": u[:25], "load": load[:25]},
    }
    return {name: record(**({"displacement": u, "load": load, "name": name} | facts)) for name, facts in cases.items()}


@pytest.mark.parametrize("corrections", ["standard", None])
def test_many_records_have_one_result_for_everybody(tmp_path, model, corrections):
    curves = records()
    for name, curve in curves.items():
        curve.to_csv(tmp_path / f"{name}.csv")
    (tmp_path / "broken.csv").write_text("no record\n")
    files = [str(tmp_path / f"{name}.csv") for name in (*curves, "broken")]
    options = ["--model", "en10371", *(["--correct", "none"] if corrections is None else [])]
    out = {name: tmp_path / name for name in ("p.json", "p.csv", "r.json", "r")}
    # A file that cannot be read keeps nobody from the others, and is said.
    assert main(["predict", *files, *options, "--json", str(out["p.json"]), "--out", str(out["p.csv"])]) == 3
    assert main(["report", *files, *options, "--json", str(out["r.json"]), "--csv", str(out["r"])]) == 3
    predicted = {found["name"]: found for found in json.loads(out["p.json"].read_text())["curves"]}
    reported = {found["name"]: found for found in json.loads(out["r.json"].read_text())["specimens"]}
    with out["p.csv"].open(newline="") as file:
        rows = {row["curve"]: row for row in csv.DictReader(file)}
    with (out["r"] / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        summary = {row["specimen"]: row for row in csv.DictReader(file)}
    assert reported.keys() == curves.keys()
    verdicts = {}
    for name, curve in curves.items():
        found = evaluate(curve, model, corrections=corrections)
        verdicts[name] = found.verdict
        report, mark = reported[name], summary[name]
        assert report["verdict"] == mark["verdict"] == found.verdict, name
        assert len(report["untrusted"]) == len(found.untrusted), name
        assert report["record_in_doubt"] == found.record_in_doubt, name
        assert report["characteristic"] == (None if found.quantities is None else found.quantities.to_dict()), name
        assert [c["name"] for c in report["corrections"]] == [c.name for c in found.corrected.corrections]
        if found.stress is None:
            assert name not in predicted or predicted[name]["true_stress"] is None
            continue
        predict = predicted[name]
        assert predict["true_stress"] == report["stress_strain"]["true_stress"] == found.stress.tolist()
        assert predict["properties"] == report["properties"] == found.properties.to_dict()
        assert predict["verdict"] == rows[name]["verdict"] == found.verdict
        assert predict["untrusted"] == report["untrusted"]
        assert bool(rows[name]["reasons"]) == bool(found.untrusted)
    distrusted = {name for name, verdict in verdicts.items() if verdict != "no objection"}
    faults = {"thick", "strong", "crosshead", "spike", "limit", "short"}
    # What was corrected leaves no doubt, what was left in does. An unloading alone does no harm to the prediction.
    assert distrusted == (faults if corrections else faults | {"offset", "seating"})


def test_what_is_not_to_be_trusted_is_said_in_the_same_way_by_predict(model):
    for changes, what in (
        ({"thickness": 0.9}, "thickness"),
        ({"rig": "SHEET"}, "rig"),
        ({"load": 9 * record().load}, "max_load"),
        ({"displacement_kind": "crosshead"}, "displacement_kind"),
        ({"metadata": {"material": "AlMg3"}}, "metal"),
    ):
        curve = record(**changes)
        with recorded() as heard:
            model.predict([curve])
        assert what in map(about, heard), what
        assert all(isinstance(warning, UntrustedPredictionWarning) for warning in heard if about(warning) == what)
        found = evaluate(curve, model)
        assert [about(remark) for remark in found.remarks].count(what) == 1
        assert found.verdict == "not to be trusted"


def test_the_limits_are_those_of_the_design(model):
    """The training discs were drawn from 0.45 to 0.55 mm; the thinnest of them has a few nanometres more."""
    for thickness, inside in ((0.45, True), (0.55, True), (0.449, False), (0.551, False)):
        with recorded() as heard:
            model.predict([record(thickness=thickness)])
        assert ("thickness" not in map(about, heard)) == inside


def test_limits_of_small_samples():
    limits = TrainingDomain(3, {"thickness": (0.4, 0.5)}).limits("thickness")
    np.testing.assert_allclose(limits, (0.39, 0.51), rtol=1e-5)
    assert TrainingDomain(None, {"thickness": (0.5, 0.5)}).limits("thickness")[0] == pytest.approx(0.5, rel=1e-5)
    assert TrainingDomain().limits("thickness") is None


def test_several_curves_are_told_apart(model):
    with recorded() as heard:
        model.predict([record(), record(thickness=0.9), record(thickness=0.3), record(load=1.1 * DISC.load)])
    (said,) = (str(warning) for warning in heard if about(warning) == "thickness")
    assert "2 of 4 curves (curves 1, 2)" in said


def test_a_model_that_is_fitted_anew_forgets_the_domain_of_the_file():
    model = load_pretrained("en10371")
    resampler = model[0].fit([record(), record(thickness=0.9)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resampler.transform([record(thickness=0.9)])


@pytest.mark.parametrize("fall", [0.02, 0.04, 0.15])
@pytest.mark.parametrize("at", [1, 5, 18])
def test_a_curve_that_falls_is_not_trusted(model, fall, at):
    strain = model.model_info_.strain
    stress = 500 + 1e-3 * np.arange(len(strain))
    stress[at + 1 :] *= 1 - fall
    regressor = model[-1]
    with recorded() as heard:
        curves = np.array([500 + 400 * strain**0.3, stress])
        judge(regressor, curves, largest_fall(curves))
    assert ("falls" in map(about, heard)) == (fall > 0.03)


def test_a_yield_strength_that_was_not_trained(model):
    strain, regressor = model.model_info_.strain, model[-1]
    for yields, known in ((300.0, True), (40.0, False), (3000.0, False)):
        stress = np.minimum(207_500 * strain, yields * (1 + strain))
        with recorded() as heard:
            judge(regressor, stress[None], np.zeros(1))
        assert ("proof_stress" not in map(about, heard)) == known


@pytest.mark.parametrize(
    ("material", "metal"),
    [
        ("AlMg3", "aluminium"), ("EN AW-6061", "aluminium"), ("Aluminium 2024", "aluminium"), ("Al", "aluminium"),
        ("Ti-6Al-4V", "titanium"), ("Titan Grade 2", "titanium"), ("CuZn37", "brass"), ("Kupfer", "copper"),
        ("Cu-ETP", None), ("steel", "steel"), ("Al-killed steel", "steel"), ("Stahl S235", "steel"), ("P91", None),
        ("316L", None), ("Alloy 617", None), ("A533B", None), ("T91", None), ("17", None), ("", None),
    ],
)  # fmt: skip
def test_metals_by_their_names(material, metal):
    assert metal_of(record(metadata={"Material": material})) == metal


def test_a_modulus_that_is_not_the_models(model):
    for modulus, known in ((None, True), (200e3, True), (70e3, False), (400e3, False)):
        found = evaluate(record(), model, elastic_modulus=modulus)
        assert ("modulus" not in map(about, found.remarks)) == known
        assert (found.verdict == "no objection") == known


def test_the_standard_corrections_come_once(model):
    measured = evaluate(record(), model)
    assert [c.name for c in measured.corrected.corrections] == ["load_offset", "toe"]
    (corrected,) = standard_corrections(("toe",)).fit_transform([record()])
    again = evaluate(corrected, model)
    assert again.corrected is corrected
    assert again.error is None
    assert evaluate(record(), model, corrections=None).corrected.corrections == ()


def test_eight_threads_lose_no_verdict(model):
    curves = [record(name=str(k), thickness=0.5 if k % 2 else 0.9) for k in range(8)]
    expected = [evaluate(curve, model).untrusted for curve in curves]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda curve: evaluate(curve, model).untrusted, curves * 3))
    assert found == expected * 3


def test_what_is_given_is_checked(model):
    with pytest.raises(TypeError, match="corrections must be"):
        evaluate(record(), model, corrections="toe")
    with pytest.raises(ValueError, match="elastic_modulus must be"):
        evaluate(record(), model, elastic_modulus=-1.0)
    with pytest.raises(TypeError, match="load_model"):
        evaluate(record(), object())
    with pytest.raises((TypeError, ValueError)):
        evaluate([1, 2, 3], model)
    curve, strain, _ = load_demo_curve()
    found = evaluate(np.column_stack([curve.displacement, curve.load]), load_pretrained("sheet"))
    assert "thickness" in found.error
    assert found.verdict == "not evaluated"
    assert len(strain)
