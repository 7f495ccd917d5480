import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sklearn_spt.datasets import load_en10371_discs, load_lab_example, load_pretrained, pretrained_model_path
from sklearn_spt.mechanics import tensile_properties
from sklearn_spt.metrics import curve_mean_relative_error
from sklearn_spt.preprocessing import standard_corrections

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model():
    return load_pretrained("en10371")


def test_raw_records_of_a_laboratory_are_read_within_what_the_report_claims(model):
    lab = load_lab_example()
    curves = standard_corrections(("load_offset", "compliance", "toe"), compliance=2e-5).fit_transform(lab.data)
    predicted = tensile_properties(model.model_info_.strain, model.predict(curves), E=model.model_info_.elastic_modulus)
    true = tensile_properties(lab.strain, lab.target, E=lab.target[:, 0] / lab.strain[0])
    # Three standard deviations of the errors that its card states for raw records.
    for name, limit in (("proof_stress", 0.08), ("tensile_strength", 0.05)):
        ratio = getattr(predicted, name) / getattr(true, name)
        assert np.all(np.abs(ratio - 1) < limit), name


def test_cut_records_are_read_too_and_said_to_be_cut(model):
    data = load_en10371_discs(part="near", n_curves=100)
    unseen = [i for i, curve in enumerate(data.data) if curve.name in model.model_info_.metadata["left_out"]]
    keep = [data.data[i].displacement <= 0.95 for i in unseen]
    cut = [
        data.data[i].replace(displacement=data.data[i].displacement[k], load=data.data[i].load[k])
        for i, k in zip(unseen, keep, strict=True)
    ]
    with pytest.warns(UserWarning, match="Hardly a training curve ended before"):
        predicted = model.predict(cut)
    assert np.median(curve_mean_relative_error(data.target[unseen], predicted)) < 0.03


def test_what_the_model_was_tested_with_it_was_not_trained_on(model):
    stated = json.loads(pretrained_model_path("en10371").with_suffix(".json").read_text(encoding="utf-8"))
    assert model.model_info_.metadata["left_out"] == stated["left_out"]
    assert len(stated["left_out"]) == stated["test_curves"]
    assert stated["train_curves"] + stated["test_curves"] == stated["set_curves"]


def test_an_unknown_model_is_refused_with_the_names_that_there_are():
    with pytest.raises(ValueError, match="no pretrained model 'en1037'; there is 'en10371', 'sheet'"):
        pretrained_model_path("en1037")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sheet", "en10371"])
def test_the_command_that_made_the_model_runs(name):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bundled", name, "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "| all of these, noise of 0.5 % | network |" in done.stdout
