"""The band of a calibrated model: the same for Python, the commands, tables, JSON, pictures and the page."""

import csv
import json

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from sklearn_spt import (
    ConformalCurveRegressor,
    CurveResampler,
    GaussianProcessCurveRegressor,
    MeasurementErrors,
    evaluate,
    load_model,
    make_report,
    save_model,
)
from sklearn_spt.cli import main
from sklearn_spt.datasets import load_en10371_steel

# Few curves train the model here, which is rough.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn_spt.exceptions.UntrustedPredictionWarning")
ERRORS = MeasurementErrors(noise=(0, 0.002))
KEYS = {"proof_stress", "tensile_strength", "uniform_elongation"}


@pytest.fixture(scope="module")
def steel():
    return load_en10371_steel(n_curves=100)


@pytest.fixture(scope="module")
def files(steel, tmp_path_factory):
    """A model, and the same with a calibration."""
    folder = tmp_path_factory.mktemp("models")
    X, Y = steel.data, steel.target
    pipeline = make_pipeline(
        CurveResampler(grid=np.linspace(0.02, 1.2, 24), descriptors=("thickness",)),
        GaussianProcessCurveRegressor(n_tuning=20, elastic_modulus="curve", strain=steel.strain, random_state=0),
    )
    facts = {"strain": steel.strain, "elastic_modulus": 207_500.0, "training_curves": X, "training_targets": Y}
    save_model(folder / "plain.spt", pipeline.fit(X[:60], Y[:60]), **facts)
    band = ConformalCurveRegressor(FrozenEstimator(load_model(folder / "plain.spt")), errors=ERRORS, random_state=0)
    save_model(folder / "band.spt", band.fit(X[60:98], Y[60:98]))
    return {name: folder / f"{name}.spt" for name in ("plain", "band")}


@pytest.fixture
def curve(steel):
    return steel.data[98].replace(name="A1")


@pytest.fixture
def lab(curve, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    curve.to_csv(tmp_path / "A1.csv")
    return tmp_path


def test_an_evaluation_has_the_band_of_the_model(files, curve):
    model = load_model(files["band"])
    found = evaluate(curve, model)
    lower, upper = model.predict_interval([found.corrected])[0].T
    np.testing.assert_array_equal(found.band.lower, lower)
    np.testing.assert_array_equal(found.band.upper, upper)
    assert ((found.band.lower <= found.stress) & (found.stress <= found.band.upper)).all()
    assert (found.band.confidence, found.band.simultaneous) == (0.9, True)
    assert set(found.band.intervals) == KEYS
    assert found.band.errors["noise"] == (0, 0.002)
    # What the model says of the curve is said once.
    assert len(found.remarks) == len({str(remark) for remark in found.remarks})
    narrower = evaluate(curve, model, alpha=0.5).band
    assert (narrower.upper <= upper).all()
    assert narrower.upper.sum() < upper.sum()


def test_the_model_in_a_band_is_evaluated_as_it_is_alone(files, curve):
    alone, found = (evaluate(curve, files[name]) for name in ("plain", "band"))
    assert alone.band is None
    np.testing.assert_array_equal(found.stress, alone.stress)
    assert (found.verdict, found.properties.to_dict()) == (alone.verdict, alone.properties.to_dict())
    assert [c.name for c in found.corrected.corrections] == [c.name for c in alone.corrected.corrections]


def test_intervals_are_those_of_the_calibrations_modulus(files, curve):
    assert evaluate(curve, files["band"], elastic_modulus=200_000.0).band.intervals == {}


def test_a_band_that_the_model_cannot_give_is_refused(files, curve, lab, capsys):
    with pytest.raises(ValueError, match="the model was not calibrated for a band: leave out alpha="):
        evaluate(curve, files["plain"], alpha=0.1)
    with pytest.raises(ValueError, match=r"alpha=0\.01 needs at least 99"):
        make_report([curve], files["band"], alpha=0.01)
    for command in ("predict", "report"):
        assert main([command, "A1.csv", "--model", str(files["plain"]), "--band", "0.9"]) == 1
        assert "not calibrated for a band: leave out --band" in capsys.readouterr().err
    assert main(["predict", "A1.csv", "--model", str(files["band"]), "--band", "90"]) == 2
    assert "0.9 is a band of 90 %" in capsys.readouterr().err


def test_commands_write_what_python_finds(files, lab, capsys):
    pytest.importorskip("matplotlib")
    command = ["A1.csv", "--model", str(files["band"]), "--band", "0.8"]
    outputs = ["--out", "p.csv", "--json", "p.json", "--plot", "p.png"]
    assert main(["predict", *command, *outputs]) == 0
    assert "interval of 80 %: Rp0.2" in capsys.readouterr().out
    assert main(["report", *command, "--out", "r.html", "--json", "r.json", "--csv", "r"]) == 0
    (predicted,) = json.loads((lab / "p.json").read_text())["curves"]
    (reported,) = json.loads((lab / "r.json").read_text())["specimens"]
    assert predicted["band"] == reported["band"]
    band = predicted["band"]
    assert band["confidence"] == 0.8
    assert set(band["intervals"]) == KEYS
    for file, encoding in (("p.csv", "utf-8"), ("r/A1_stress_strain.csv", "utf-8-sig")):
        with (lab / file).open(encoding=encoding, newline="") as text:
            rows = list(csv.DictReader(text))
        for edge in ("lower", "upper"):
            np.testing.assert_allclose([float(row[f"band_{edge}_MPa"]) for row in rows], band[edge])
    values = (lab / "r" / "A1.csv").read_text(encoding="utf-8-sig")
    assert "band,proof_stress_from," in values
    page = (lab / "r.html").read_text(encoding="utf-8")
    assert "80 % interval" in page
    assert "The band holds the whole true curve of 80 % of such curves" in page
    assert (lab / "p.png").stat().st_size > 0


def test_a_lower_bound_has_no_upper_edge(files, steel, lab):
    pytest.importorskip("matplotlib")
    model = load_model(files["band"]).set_params(side="lower")
    save_model(lab / "lower.spt", model, strain=steel.strain, elastic_modulus=207_500.0)
    command = ["A1.csv", "--model", "lower.spt"]
    assert main(["predict", *command, "--json", "p.json", "--out", "p.csv", "--plot", "p.png"]) == 0
    (predicted,) = json.loads((lab / "p.json").read_text())["curves"]
    assert set(predicted["band"]["upper"]) == {None}
    assert predicted["band"]["intervals"]["proof_stress"][1] is None
    assert main(["report", *command, "--out", "r.html"]) == 0
    assert "from " in (lab / "r.html").read_text(encoding="utf-8")


def test_tables_without_a_band_have_no_columns_for_it(files, lab):
    assert main(["predict", "A1.csv", "--model", str(files["plain"]), "--out", "p.csv"]) == 0
    with (lab / "p.csv").open(newline="") as text:
        assert next(csv.reader(text)) == ["true_strain", "true_stress_MPa", "curve", "verdict", "reasons"]
