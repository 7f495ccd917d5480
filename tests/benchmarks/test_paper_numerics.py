"""Sheets simulated anew with other increments."""

import numpy as np
import pytest

from benchmarks.paper import numerics
from benchmarks.paper.sets import load_set


@pytest.fixture(scope="module")
def sheets():
    return load_set("sheet", quick=True)


@pytest.mark.ccx
def test_a_sheet_simulated_anew_is_that_of_the_set(sheets):
    index = int(np.argmax(sheets.facts["K"]))
    curve = numerics.simulated(sheets, index, 1.0)
    known = sheets.curves[index]
    assert curve.metadata["attempts"] == sheets.facts["attempts"][index] == 1
    np.testing.assert_allclose(curve.displacement, known.displacement, atol=2e-3)
    np.testing.assert_allclose(np.interp(known.displacement, curve.displacement, curve.load), known.load, rtol=2e-3)


def test_changes_of_load_and_prediction_are_measured(monkeypatch, sheets):
    left_out = []

    def stand_in(loaded, index, factor):
        curve = loaded.curves[index]
        if not left_out:
            left_out.append(index)
        attempts = 2 if index == left_out[0] and factor < 1 else 1
        return curve.replace(
            load=curve.load * (1.0 if factor == 1 else 1.01), metadata={**curve.metadata, "attempts": attempts}
        )

    monkeypatch.setattr(numerics, "simulated", stand_in)
    known, same, changed = numerics.rows(6, ["polynomial"], quick=True)
    assert [row["increments"] for row in (known, same, changed)] == ["as in the set", "1 × these", "0.65 × these"]
    # The curve that needed a second attempt has other increments than those that are asked about.
    assert known["curves"] == 5
    assert same == {**known, "increments": "1 × these"}
    assert known["load, mean change in %"] == known["mean change, MPa"] == 0
    assert changed["load, mean change in %"] == pytest.approx(1.0)
    assert 1 < changed["mean change, MPa"] < 50
    assert changed["mean MAE, MPa"] <= changed["worst MAE, MPa"]


def test_the_table_says_what_was_measured(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks._record.RESULTS", tmp_path)
    monkeypatch.setattr(numerics, "rows", lambda n_jobs: iter([{"model": "gp", "s": n_jobs}]))
    assert numerics.main(["--n-jobs", "2"]) == 0
    assert '"s": 2' in (tmp_path / "paper_numerics.json").read_text(encoding="utf-8")
